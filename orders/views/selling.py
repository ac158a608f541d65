"""Artisans' pages of their orders: accept or decline, send, pay back. Each action is one call of a use case."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.models import Artisan
from common.clock import now
from common.errors import DomainError
from identity.enums import country_name
from orders.contracts.dispute import MAX_FILES_BYTES
from orders.contracts.order import PartNotFound
from orders.contracts.refund import NotRefundable, RefundPlan
from orders.enums import FulfilmentStatus, OrderStatus
from orders.models import SellerOrder
from orders.selectors.disputes import disputes_of_part
from orders.selectors.orders import too_little_left
from orders.selectors.recalls import recalls_of_part
from orders.selectors.refunds import refundable, refunds_of_part
from orders.selectors.selling import artisan_of, part_sold_by, parts_sold_by
from orders.services import (
    accept_part,
    attach_as_artisan,
    confirm_delivery,
    decline_part,
    preview_refund_of_part,
    request_refund_of_part,
    ship_part,
)
from orders.views.selling_forms import DeclineForm, EvidenceForm, PayBackForm, ShipForm
from payments.enums import EvidenceKind, RefundReason
from payouts.selectors import earnings_of_order


@never_cache
@login_required
@require_GET
def sold(request: HttpRequest) -> HttpResponse:
    artisan = _artisan_or_404(request)
    page = Paginator(parts_sold_by(artisan), 25).get_page(request.GET.get("page"))
    return render(request, "orders/selling/list.html", {"page": page, "artisan": artisan})


@never_cache
@login_required
@require_GET
def part_page(request: HttpRequest, public_id: str) -> HttpResponse:
    return _shown(request, _part_or_404(request, public_id))


@login_required
@require_POST
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    part = _part_or_404(request, public_id)
    return _done(
        request,
        part,
        lambda: accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=now()),
        "Accepted. You are told when the payment has gone through.",
    )


@login_required
@require_POST
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    part = _part_or_404(request, public_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _shown(request, part, decline_form=form)
    return _done(
        request,
        part,
        lambda: decline_part(
            seller_order_id=part.public_id, artisan_id=part.artisan_id, reason=form.cleaned_data["reason"], now=now()
        ),
        "Declined. The buyer is not charged for it.",
    )


@login_required
@require_POST
def ship(request: HttpRequest, public_id: str) -> HttpResponse:
    part = _part_or_404(request, public_id)
    form = ShipForm(request.POST)
    if not form.is_valid():
        return _shown(request, part, ship_form=form)
    return _done(
        request,
        part,
        lambda: ship_part(
            seller_order_id=part.public_id,
            artisan_id=part.artisan_id,
            carrier=form.cleaned_data["carrier"],
            tracking_number=form.cleaned_data["tracking_number"],
            now=now(),
        ),
        "Marked as sent. The buyer gets an e-mail.",
    )


@login_required
@require_POST
def delivered(request: HttpRequest, public_id: str) -> HttpResponse:
    part = _part_or_404(request, public_id)
    return _done(
        request,
        part,
        lambda: confirm_delivery(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=now()),
        "Marked as delivered.",
    )


@login_required
@require_POST
def evidence(request: HttpRequest, public_id: str) -> HttpResponse:
    """A proof that the goods arrived, for the answer to a dispute."""
    part = _part_or_404(request, public_id)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, part, evidence_form=form)
    upload = form.cleaned_data["file"]
    return _done(
        request,
        part,
        lambda: attach_as_artisan(
            dispute_reference=form.cleaned_data["dispute"],
            artisan_id=part.artisan_id,
            kind=EvidenceKind.PROOF_OF_DELIVERY,
            name=upload.name,
            # One byte more than is taken tells that it is too large.
            content=upload.read(MAX_FILES_BYTES + 1),
            now=now(),
        ),
        "Thank you. It goes to the bank with our answer.",
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def pay_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in, look at what it comes to, confirm."""
    part = _part_or_404(request, public_id)
    try:
        figures = refundable(part.order)
        own = next(one for one in figures.parts if one.reference == part.public_id)
    except (NotRefundable, StopIteration) as error:
        raise Http404 from error
    form = PayBackForm(own, figures.currency, data=request.POST if request.method == "POST" else None)
    plan: RefundPlan | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "confirm" in request.POST:
                return _paid_back(request, part, form)
            if "preview" in request.POST:
                plan = preview_refund_of_part(
                    seller_order_id=part.public_id, artisan_id=part.artisan_id, wish=form.wish()
                )
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
    share = plan.shares.get(part.public_id) if plan is not None else None
    return render(
        request,
        "orders/selling/pay_back.html",
        {"part": part, "form": form, "plan": plan, "share": share, "left": own.left_minor > 0},
    )


def _paid_back(request: HttpRequest, part: SellerOrder, form: PayBackForm) -> HttpResponse:
    refund = request_refund_of_part(
        seller_order_id=part.public_id,
        artisan_id=part.artisan_id,
        wish=form.wish(),
        reason=RefundReason(form.cleaned_data["reason"]),
        note=form.cleaned_data["note"],
        initiator=f"artisan:{part.artisan.public_id}",
        reference=form.cleaned_data["reference"],
        expected=form.expected,
        now=now(),
    )
    messages.success(request, f"{refund.amount} are being paid back to the buyer.")
    return redirect("orders:sold-part", public_id=part.public_id)


def _done(request: HttpRequest, part: SellerOrder, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, words)
    return redirect("orders:sold-part", public_id=part.public_id)


def _shown(request: HttpRequest, part: SellerOrder, **forms: Any) -> HttpResponse:
    status = FulfilmentStatus(part.fulfilment.status)
    order = part.order
    earning = next(
        (
            one
            for one in earnings_of_order(order_reference=order.public_id)
            if one.seller_order_reference == part.public_id
        ),
        None,
    )
    context = {
        "part": part,
        "order": order,
        "fulfilment": part.fulfilment,
        "asks": status == FulfilmentStatus.TO_ACCEPT and order.status == OrderStatus.AUTHORIZED,
        "may_decline": status in (FulfilmentStatus.TO_ACCEPT, FulfilmentStatus.ACCEPTED)
        and order.status == OrderStatus.AUTHORIZED,
        "to_ship": status == FulfilmentStatus.TO_SHIP,
        "sent": status == FulfilmentStatus.SHIPPED,
        # Where somebody lives is nobody's business before there is something to send.
        "shows_address": order.status == OrderStatus.PAID
        and status != FulfilmentStatus.DECLINED
        and not order.is_recall,
        "country": country_name(order.shipping_address["country"]),
        "too_little": too_little_left(order) if status == FulfilmentStatus.CANCELED else None,
        "earning": earning,
        "refunds": refunds_of_part(part),
        "disputes": disputes_of_part(part),
        "recalls": recalls_of_part(part),
        "evidence_form": EvidenceForm(),
        "decline_form": DeclineForm(),
        "ship_form": ShipForm(),
        **forms,
    }
    return render(request, "orders/selling/part.html", context, status=400 if forms else 200)


def _artisan_or_404(request: HttpRequest) -> Artisan:
    artisan = artisan_of(request.user)
    if artisan is None:
        raise Http404
    return artisan


def _part_or_404(request: HttpRequest, public_id: str) -> SellerOrder:
    try:
        return part_sold_by(artisan=_artisan_or_404(request), public_id=public_id)
    except PartNotFound as error:
        raise Http404 from error
