"""Refunds split over what was sold."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from orders.enums import Bearer, RefundPart
from orders.models.order import Order, OrderLine, SellerOrder


class RefundAllocation(models.Model):
    """What one refund gives back for one line, one artisan's shipping, or as goodwill, and who bears it.

    The parts of a refund add up to it. They count against what was sold until the refund is withdrawn.
    """

    refund_reference = models.CharField(max_length=32, db_index=True, db_comment="ref_...; no foreign key")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_allocations")
    seller_order = models.ForeignKey(
        SellerOrder, null=True, on_delete=models.PROTECT, related_name="refund_allocations"
    )
    line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="refund_allocations")
    part = models.CharField(max_length=10, choices=RefundPart.choices)
    bearer = models.CharField(max_length=10, choices=Bearer.choices)
    quantity = models.PositiveIntegerField(null=True, db_comment="Pieces that are given back; NULL for an amount")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField(db_comment="What we give back of our commission")
    share_minor = models.BigIntegerField(db_comment="What the artisan gives back")
    platform_minor = models.BigIntegerField(db_comment="What we bear beyond our commission")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, db_comment="The refund was not made after all")

    class Meta:
        db_table_comment = "Refunds split over what was sold"
        default_permissions = ("view",)
        permissions = [("refund_order", "Can pay orders back")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_minor=F("commission_minor") + F("share_minor") + F("platform_minor")),
                name="refund_allocation_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, commission_minor__gte=0, share_minor__gte=0, platform_minor__gte=0),
                name="refund_allocation_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(part="goods", line__isnull=False, seller_order__isnull=False)
                | Q(part="shipping", line__isnull=True, seller_order__isnull=False)
                | Q(part="goodwill", line__isnull=True),
                name="refund_allocation_names_what_it_is_for",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_allocated",
                fields=[
                    "refund_reference", "order", "seller_order", "line", "part", "bearer", "quantity", "currency",
                    "amount_minor", "commission_minor", "share_minor", "platform_minor", "created_at",
                ],
            ),
        ]  # fmt: skip
