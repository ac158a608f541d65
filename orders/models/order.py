"""An order: what was quoted, frozen; who sells which part of it; what became of it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models import Artisan, Product
from common.append_only import APPEND_ONLY
from common.money import Money
from orders.enums import OrderStatus, ReviewStatus
from payments.enums import CaptureMethod


class Order(models.Model):
    """One checkout of one buyer with several artisans. The quote in it is exactly what may be captured."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="ord_...; unguessable")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="orders")
    guest_scope = models.CharField(
        max_length=50, blank=True, default="", db_comment="Hash of the guest's session token; lets that browser see it"
    )
    email = models.EmailField()
    status = models.CharField(max_length=20, choices=OrderStatus.choices, default=OrderStatus.AWAITING_PAYMENT)
    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField(db_comment="Sum of the lines")
    shipping_minor = models.BigIntegerField(db_comment="Sum of the artisans' shipping")
    platform_minor = models.BigIntegerField(
        default=0, db_comment="Of an order that pays a refund back: what of it is ours alone, because we bore it"
    )
    total_minor = models.BigIntegerField(
        db_comment="goods_minor + shipping_minor + platform_minor: the only amount that is charged"
    )
    recall = models.ForeignKey(
        "orders.Recall", null=True, on_delete=models.PROTECT, related_name="orders",
        db_comment="The request that it answers, if it pays a refund back; nothing is sent then",
    )  # fmt: skip
    cart_reference = models.CharField(
        max_length=32, db_comment="Public id of the cart it was made from, or of the request (rcl_...)"
    )
    cart_hash = models.CharField(max_length=64)
    quote = models.JSONField(db_comment="The frozen quote as it was shown to the buyer")
    quote_hash = models.CharField(max_length=64, db_comment="SHA-256 of quote; travels in the payment's metadata")
    shipping_address = models.JSONField(db_comment="name, line1, line2, city, region, postal_code, country, phone")
    capture_method = models.CharField(
        max_length=10,
        choices=CaptureMethod.choices,
        default=CaptureMethod.AUTOMATIC,
        db_comment="manual: made to order or under review, so authorized first",
    )
    review = models.CharField(max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.NONE)
    payment_reference = models.CharField(
        max_length=32, blank=True, default="", db_comment="pay_... of the payment that authorized it or paid for it"
    )
    accept_by = models.DateTimeField(null=True, db_comment="Parts that are not accepted until then are declined")
    captured_minor = models.BigIntegerField(
        null=True, db_comment="What is to be captured of total_minor: the accepted parts; NULL until that is decided"
    )
    expires_at = models.DateTimeField(db_comment="Until then stock is reserved and the quote can be paid")
    paid_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Orders with their frozen quotes"
        permissions = [("review_order", "Can approve large orders and call them off")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(total_minor=F("goods_minor") + F("shipping_minor") + F("platform_minor")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(goods_minor__gt=0, shipping_minor__gte=0, platform_minor=0)
                | Q(
                    recall__isnull=False,
                    total_minor__gt=0,
                    goods_minor__gte=0,
                    shipping_minor__gte=0,
                    platform_minor__gte=0,
                ),
                name="order_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(captured_minor__isnull=True)
                | Q(captured_minor__gt=0, captured_minor__lte=F("total_minor")),
                name="order_captured_within_total",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], name="order_expiring", condition=Q(status="awaiting_payment")),
            models.Index(
                fields=["cart_reference"],
                name="order_open_of_cart",
                condition=Q(status__in=["awaiting_payment", "processing"]),
            ),
            models.Index(fields=["accept_by"], name="order_to_accept", condition=Q(status="authorized")),
            models.Index(fields=["guest_scope"], name="order_guest", condition=~Q(guest_scope="")),
            models.Index(fields=["buyer", "-created_at"], name="order_history"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="frozen_quote",
                fields=[
                    "public_id", "email", "currency", "goods_minor", "shipping_minor", "platform_minor", "total_minor",
                    "recall", "cart_hash", "quote", "quote_hash", "shipping_address", "capture_method", "created_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def waits_for_review(self) -> bool:
        """Whether somebody of staff has to say that it may be charged."""
        return self.review == ReviewStatus.PENDING and self.status == OrderStatus.AUTHORIZED

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def is_recall(self) -> bool:
        """Whether it pays a refund back: then nothing is sent, accepted or held in stock for it."""
        return self.recall_id is not None


class SellerOrder(models.Model):
    """One artisan's part of an order, with the split that was frozen at the sale."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="sor_...")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="seller_orders")
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField(db_comment="Goes to the artisan, without commission")
    commission_minor = models.BigIntegerField(db_comment="Sum of the lines' commission")
    share_minor = models.BigIntegerField(db_comment="What the artisan earns: goods - commission + shipping")

    class Meta:
        db_table_comment = "The parts of an order by artisan, never changed"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "artisan"], name="seller_order_once_per_artisan"),
            models.CheckConstraint(
                condition=Q(share_minor=F("goods_minor") - F("commission_minor") + F("shipping_minor")),
                name="seller_order_share_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(goods_minor__gte=0, shipping_minor__gte=0, commission_minor__gte=0, share_minor__gte=0)
                & (Q(goods_minor__gt=0) | Q(shipping_minor__gt=0)),
                name="seller_order_amounts_positive",
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.public_id

    @property
    def share(self) -> Money:
        return Money(self.share_minor, self.currency)


class OrderLine(models.Model):
    """One product in an order, at the price and the commission rate of its sale."""

    seller_order = models.ForeignKey(SellerOrder, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200, db_comment="As it was called when it was sold")
    quantity = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    unit_price_minor = models.BigIntegerField()
    line_total_minor = models.BigIntegerField()
    commission_bps = models.PositiveIntegerField(db_comment="The platform's rate at the sale, in basis points")
    commission_minor = models.BigIntegerField(db_comment="Half a minor unit is rounded to even")
    is_made_to_order = models.BooleanField()

    class Meta:
        db_table_comment = "Order lines, never changed"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(line_total_minor=F("unit_price_minor") * F("quantity")), name="order_line_total_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price_minor__gt=0, commission_bps__lte=10_000), name="order_line_sane"
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"


class OrderEvent(models.Model):
    """One edge of the state graph that an order took."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20)
    source = models.CharField(max_length=20, db_comment="Who brought it: api, browser, webhook, sweeper, staff")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of orders, written with each transition"
        triggers: ClassVar = APPEND_ONLY
