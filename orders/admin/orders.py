"""Orders in Django admin: what was sold, who earns what, what became of the payment, and paying it back."""

from decimal import Decimal
from typing import ClassVar

from django.contrib import admin
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from orders.admin.recalls import recall_page
from orders.admin.refunds import entries_of, refund_page
from orders.admin.review import review
from orders.models import Order, OrderEvent, OrderLine, SellerOrder
from orders.selectors.recalls import recalls_of
from orders.selectors.refunds import refunds_of
from payments.models import Payment


class SellerOrderInline(ReadOnlyInline):
    model = SellerOrder
    verbose_name_plural = "artisans' parts"
    fields = ("artisan", "goods", "shipping", "commission", "share", "lines_sold")
    readonly_fields = ("goods", "shipping", "commission", "share", "lines_sold")

    @admin.display(description="goods")
    def goods(self, part: SellerOrder) -> str:
        return money(part.goods_minor, part.currency)

    @admin.display(description="shipping")
    def shipping(self, part: SellerOrder) -> str:
        return money(part.shipping_minor, part.currency)

    @admin.display(description="commission")
    def commission(self, part: SellerOrder) -> str:
        return money(part.commission_minor, part.currency)

    @admin.display(description="artisan earns")
    def share(self, part: SellerOrder) -> str:
        return money(part.share_minor, part.currency)

    @admin.display(description="lines")
    def lines_sold(self, part: SellerOrder) -> SafeString:
        rows = (
            (line.quantity, line.title, money(line.line_total_minor, line.currency), _percent(line.commission_bps))
            for line in OrderLine.objects.filter(seller_order=part).order_by("position")
        )
        return format_html_join("", "{} × {}: {} (commission {} %)<br>", rows)


class EventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "source", "trace_id")
    ordering = ("id",)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "email", "status", "shown_total", "created_at", "paid_at")
    list_filter = ("status", "review", "currency", "created_at")
    search_fields = ("public_id", "email", "seller_orders__public_id", "seller_orders__artisan__name")
    date_hierarchy = "created_at"
    inlines: ClassVar = [SellerOrderInline, EventInline]
    fields = (
        "public_id", "status", "review", "accept_by", "email", "buyer", "shown_goods", "shown_shipping", "shown_total",
        "payments", "refunds", "recalls", "shipping_address", "expires_at", "paid_at", "created_at", "updated_at",
        "quote_hash", "quote",
    )  # fmt: skip
    readonly_fields = ("shown_goods", "shown_shipping", "shown_total", "payments", "refunds", "recalls")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(refund_page)
        decision = self.admin_site.admin_view(review)
        asking = self.admin_site.admin_view(recall_page)
        return [
            path("<int:object_id>/refund/", page, name="orders_order_refund"),
            path("<int:object_id>/review/", decision, name="orders_order_review"),
            path("<int:object_id>/ask-back/<str:public_id>/", asking, name="orders_order_recall"),
            *super().get_urls(),
        ]

    @admin.display(description="goods")
    def shown_goods(self, order: Order) -> str:
        return money(order.goods_minor, order.currency)

    @admin.display(description="shipping")
    def shown_shipping(self, order: Order) -> str:
        return money(order.shipping_minor, order.currency)

    @admin.display(description="total", ordering="total_minor")
    def shown_total(self, order: Order) -> str:
        return money(order.total_minor, order.currency)

    @admin.display(description="payments")
    def payments(self, order: Order) -> SafeString:
        rows = (
            (
                reverse("admin:payments_payment_change", args=[payment.pk]),
                payment.public_id,
                payment.get_status_display(),
                money(payment.amount_minor, payment.currency),
            )
            for payment in Payment.objects.filter(order_reference=order.public_id).order_by("id")
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>: {}, {}', rows)

    @admin.display(description="refunds")
    def refunds(self, order: Order) -> SafeString:
        rows = (
            (
                view.amount.format(),
                view.status.label + (", given up" if view.is_withdrawn else ""),
                view.reason.label,
                format_html_join(", ", '<a href="{}">{}</a>', entries_of(view)),
            )
            for view in refunds_of(order)
        )
        return format_html_join(mark_safe("<br>"), "{}: {} ({}) {}", rows)

    @admin.display(description="refunds asked back")
    def recalls(self, order: Order) -> SafeString:
        """Of its own refunds, and the request that this order answers, if it does."""
        known = recalls_of(order) + ([order.recall] if order.recall is not None else [])
        rows = (
            (
                reverse("admin:orders_recall_change", args=[recall.pk]),
                recall.public_id,
                recall.amount.format(),
                recall.get_status_display(),
            )
            for recall in known
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>: {}, {}', rows)


def _percent(bps: int) -> str:
    return f"{Decimal(bps) / 100:f}".rstrip("0").rstrip(".") if bps % 100 else str(bps // 100)
