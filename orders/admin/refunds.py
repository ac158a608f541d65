"""Paying an order back in Django admin: fill in, look at who pays what, confirm; send again or give up what failed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from common.clock import now
from common.errors import DomainError
from common.money import Money
from ledger.selectors import entry_by_source
from orders.admin.refund_form import RefundForm
from orders.contracts.refund import NotRefundable, Refundable, RefundPlan
from orders.models import Order
from orders.selectors.recalls import is_final, recallable, recalls_of_refunds
from orders.selectors.refunds import RefundView, refundable, refunds_of
from orders.services import preview_refund, request_refund, resend_refund, settle_otherwise, withdraw_refund
from payments.enums import RefundReason
from payments.models import Refund

_ACTIONS = ("preview", "confirm", "change", "resend", "withdraw", "otherwise")


def refund_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """One address for all of it, with the permission `orders.refund_order`."""
    if not request.user.has_perm("orders.refund_order"):
        raise PermissionDenied
    order = Order.objects.filter(id=object_id).first()
    if order is None:
        raise Http404
    action = next((name for name in _ACTIONS if name in request.POST), "")
    if action in ("resend", "withdraw", "otherwise"):
        return _act(request, order, action)
    try:
        figures = refundable(order)
    except NotRefundable:
        # A payment that came late has refunds all the same, and one that failed is sent again here.
        return _shown(request, order, None, None, None)
    form = RefundForm(figures, data=request.POST if action else None)
    plan = None
    if action in ("preview", "confirm") and form.is_valid():
        try:
            if action == "confirm":
                return _confirmed(request, order, form)
            plan = preview_refund(order_id=order.id, wish=form.wish())
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
    return _shown(request, order, figures, form, plan)


def _confirmed(request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
    refund = request_refund(
        order_id=order.id,
        wish=form.wish(),
        reason=RefundReason(form.cleaned_data["reason"]),
        note=form.cleaned_data["note"],
        initiator=f"staff:{request.user.pk}",
        reference=form.cleaned_data["reference"],
        expected=form.expected,
        now=now(),
    )
    messages.success(request, f"{refund.amount} are being paid back ({refund.public_id}).")
    return HttpResponseRedirect(_order_address(order))


def _act(request: HttpRequest, order: Order, action: str) -> HttpResponse:
    refund = Refund.objects.filter(
        public_id=request.POST[action], capture__payment__order_reference=order.public_id
    ).first()
    if refund is None:
        raise Http404
    try:
        if action == "resend":
            resend_refund(refund_id=refund.id, source="staff", now=now())
            messages.success(request, f"{refund.public_id} is sent once more.")
        elif action == "otherwise":
            settle_otherwise(
                refund_id=refund.id, reference=request.POST.get("paid_by", ""), source="staff", now=now()
            )  # fmt: skip
            messages.success(request, f"{refund.public_id} was paid back in another way.")
        else:
            withdraw_refund(refund_id=refund.id, now=now())
            messages.success(request, f"{refund.public_id} was given up; everybody has back what was taken for it.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(reverse("admin:orders_order_refund", args=[order.id]))


def _shown(
    request: HttpRequest,
    order: Order,
    figures: Refundable | None,
    form: RefundForm | None,
    plan: RefundPlan | None,
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Pay back {order.public_id}",
        "opts": Order._meta,
        "order": order,
        "figures": figures,
        "captured": Money(figures.captured_minor, figures.currency) if figures is not None else None,
        "form": form,
        "plan": plan,
        "rows": _rows(figures, plan) if figures is not None and plan is not None else [],
        "restocks": _restocks(figures, plan) if figures is not None and plan is not None else [],
        "sent": [(name, value) for name, value in request.POST.items() if form and name in form.fields and value],
        "refunds": _refunds(order),
    }
    return TemplateResponse(request, "admin/orders/order/refund.html", context)


def _refunds(order: Order) -> list[dict[str, Any]]:
    """Each with its journal, what was asked back of it, and what can be."""
    refunds = {
        refund.public_id: refund for refund in Refund.objects.filter(capture__payment__order_reference=order.public_id)
    }
    asked = recalls_of_refunds(list(refunds))
    return [
        {
            "view": view,
            "entries": entries_of(view),
            "recalls": asked.get(view.reference, []),
            "can_be_asked_back": is_final(refunds[view.reference]) and bool(recallable(refunds[view.reference]).left),
        }
        for view in refunds_of(order)
    ]


def _rows(figures: Refundable, plan: RefundPlan) -> list[dict[str, Any]]:
    """The plan in words: what for, and who pays how much of it."""
    parts = {part.reference: part for part in figures.parts}
    titles = {line.line_id: line.title for part in figures.parts for line in part.lines}
    return [
        {
            "what": titles[allocation.line_id] if allocation.line_id is not None else allocation.part.label,
            "pieces": allocation.quantity,
            "artisan": parts[allocation.reference].artisan_name if allocation.reference else "",
            "allocation": allocation,
        }
        for allocation in plan.allocations
    ]


def _restocks(figures: Refundable, plan: RefundPlan) -> list[tuple[str, int]]:
    titles = {line.line_id: line.title for part in figures.parts for line in part.lines}
    return [(titles[line_id], pieces) for line_id, pieces in plan.restocks]


def entries_of(view: RefundView) -> list[tuple[str, str]]:
    """Address and name of each journal entry that the refund has, in the order in which they can come."""
    names = [f"refund_requested:{view.reference}"]
    for attempt in range(1, view.attempt + 1):
        names += [f"refund_{word}:{view.reference}:{attempt}" for word in ("sent", "bounced")]
        # The first attempt at a late payment has no number.
        number = f":{attempt}" if attempt > 1 else ""
        names += [f"{word}:{view.reference}{number}" for word in ("late_refund", "late_refund_bounced")]
    names += [f"late_refund_otherwise:{view.reference}", f"refund_withdrawn:{view.reference}"]
    found = ((name, entry_by_source(name)) for name in names)
    return [
        (reverse("admin:ledger_journalentry_change", args=[entry.id]), name)
        for name, entry in found
        if entry is not None
    ]


def _order_address(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.id])
