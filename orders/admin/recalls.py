"""Refunds issued in error in Django admin: ask the buyer to pay one back, see how it stands, withdraw it."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from common.clock import now
from common.errors import DomainError
from common.ids import is_public_id, new_public_id
from common.money import Money, exponent
from orders.contracts.recall import NotRecallable, Recallable
from orders.models import Order, Recall, RecallAllocation, RecallConsent, RecallEvent
from orders.selectors.recalls import recallable
from orders.services import request_recall, withdraw_recall
from payments.models import Refund


class RecallForm(forms.Form):
    """How much is asked back, in major units with the currency's digits, and why, for the buyer to read."""

    reason = forms.CharField(
        max_length=500, label="Why the refund was a mistake; the buyer reads this",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    reference = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, figures: Recallable, *args: Any, **kwargs: Any) -> None:
        left = figures.left
        kwargs.setdefault("initial", {"reference": new_public_id("rcl"), "amount": left.major})
        super().__init__(*args, **kwargs)
        self._currency = figures.currency
        self.fields["amount"] = forms.DecimalField(
            label=f"Amount in {figures.currency}", min_value=Decimal(0), max_digits=12,
            decimal_places=exponent(figures.currency),
        )  # fmt: skip

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"])
        if not is_public_id(reference, "rcl"):
            raise forms.ValidationError("Please open this page again.")
        return reference

    @property
    def amount(self) -> Money:
        value: Decimal = self.cleaned_data["amount"]
        return Money(int(value.scaleb(exponent(self._currency))), self._currency)


def recall_page(request: HttpRequest, object_id: int, public_id: str) -> HttpResponse:
    """Asks for one refund of the order (ref_...), with the permission `orders.refund_order`."""
    if not request.user.has_perm("orders.refund_order"):
        raise PermissionDenied
    order = Order.objects.filter(id=object_id).first()
    refund = Refund.objects.select_related("capture__payment").filter(public_id=public_id).first()
    if order is None or refund is None or refund.capture.payment.order_reference != order.public_id:
        raise Http404
    try:
        figures = recallable(refund)
    except NotRecallable as refusal:
        messages.error(request, refusal.detail)
        return HttpResponseRedirect(reverse("admin:orders_order_refund", args=[order.id]))
    form = RecallForm(figures, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            recall = request_recall(
                refund_id=refund.id,
                amount=form.amount,
                reason=form.cleaned_data["reason"],
                initiator=f"staff:{request.user.pk}",
                reference=form.cleaned_data["reference"],
                now=now(),
            )
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(
                request, f"The buyer ({order.email}) is asked to pay {recall.amount} back: {recall.public_id}."
            )
            return HttpResponseRedirect(reverse("admin:orders_recall_change", args=[recall.id]))
    context = {
        **admin.site.each_context(request),
        "title": f"Ask for {refund.public_id} back",
        "opts": Order._meta,
        "order": order,
        "refund": refund,
        "left": figures.left,
        "form": form,
    }
    return TemplateResponse(request, "admin/orders/order/ask_back.html", context)


def withdraw_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """The button on a request's page; POST only."""
    if not request.user.has_perm("orders.refund_order"):
        raise PermissionDenied
    if request.method != "POST" or not Recall.objects.filter(id=object_id).exists():
        raise Http404
    try:
        recall = withdraw_recall(recall_id=object_id, now=now())
        messages.success(request, f"{recall.public_id} is withdrawn; the buyer is told.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(reverse("admin:orders_recall_change", args=[object_id]))


class AllocationInline(ReadOnlyInline):
    model = RecallAllocation
    verbose_name_plural = "to whom it goes once it is paid"
    fields = ("what", "artisan", "amount", "share", "commission", "ours")
    readonly_fields = fields

    @admin.display(description="for")
    def what(self, row: RecallAllocation) -> str:
        was = row.refund_allocation
        return was.line.title if was.line is not None else was.get_part_display()

    @admin.display(description="artisan")
    def artisan(self, row: RecallAllocation) -> str:
        part = row.refund_allocation.seller_order
        return part.artisan.name if part is not None else ""

    @admin.display(description="amount")
    def amount(self, row: RecallAllocation) -> str:
        return money(row.amount_minor, row.currency)

    @admin.display(description="to the artisan")
    def share(self, row: RecallAllocation) -> str:
        return money(row.share_minor, row.currency)

    @admin.display(description="to our commission")
    def commission(self, row: RecallAllocation) -> str:
        return money(row.commission_minor, row.currency)

    @admin.display(description="to us")
    def ours(self, row: RecallAllocation) -> str:
        return money(row.platform_minor, row.currency)


class ConsentInline(ReadOnlyInline):
    model = RecallConsent
    fields = ("agreed_at", "user", "ip", "text", "order")


class RecallEventInline(ReadOnlyInline):
    model = RecallEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "source", "actor", "trace_id")
    ordering = ("id",)
    verbose_name_plural = "history"


@admin.register(Recall)
class RecallAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "status", "shown_amount", "refund_reference", "sale", "created_at", "expires_at")
    list_filter = ("status", "currency", "created_at")
    list_select_related = ("sale",)
    search_fields = ("public_id", "refund_reference", "sale__public_id", "sale__email")
    inlines: ClassVar = [AllocationInline, ConsentInline, RecallEventInline]
    fields = (
        "public_id", "status", "shown_amount", "refund", "shown_sale", "reason", "initiator", "decline_note", "paid_by",
        "created_at", "expires_at", "reminded_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("shown_amount", "refund", "shown_sale", "paid_by")
    change_form_template = "admin/orders/recall/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(withdraw_page)
        return [path("<int:object_id>/withdraw/", page, name="orders_recall_withdraw"), *super().get_urls()]

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, recall: Recall) -> str:
        return money(recall.amount_minor, recall.currency)

    @admin.display(description="refund")
    def refund(self, recall: Recall) -> SafeString:
        page = reverse("admin:orders_order_refund", args=[recall.sale_id])
        return format_html('<a href="{}">{}</a>', page, recall.refund_reference)

    @admin.display(description="order that was refunded")
    def shown_sale(self, recall: Recall) -> SafeString:
        page = reverse("admin:orders_order_change", args=[recall.sale_id])
        return format_html('<a href="{}">{}</a>', page, recall.sale.public_id)

    @admin.display(description="orders that answer it")
    def paid_by(self, recall: Recall) -> SafeString:
        rows = (
            (reverse("admin:orders_order_change", args=[order.pk]), order.public_id, order.get_status_display())
            for order in recall.orders.order_by("id")
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>: {}', rows)
