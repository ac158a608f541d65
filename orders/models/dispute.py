"""Disputes split over what was sold."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from orders.models.order import Order, SellerOrder


class DisputeAllocation(models.Model):
    """Which part of an order some disputed money belongs to, and what of the artisan's share is kept back for it.

    What a dispute withdrew and no row names was paid back before: it is ours to bear. A row without a part is a late
    payment, which was owed to the buyer and became the buyer's by the dispute.
    """

    dispute_reference = models.CharField(max_length=32, db_index=True, db_comment="dsp_...; no foreign key")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="dispute_allocations")
    seller_order = models.ForeignKey(
        SellerOrder, null=True, on_delete=models.PROTECT, related_name="dispute_allocations"
    )
    number = models.PositiveSmallIntegerField(db_comment="1, 2, 3 within the dispute: which keeping back it belongs to")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(db_comment="Of the disputed amount")
    commission_minor = models.BigIntegerField(db_comment="Our commission in it")
    share_minor = models.BigIntegerField(db_comment="The artisan's share in it, kept back")
    returned_minor = models.BigIntegerField(default=0, db_comment="What of the amount the processor gave back")
    returned_commission_minor = models.BigIntegerField(default=0, db_comment="What of the commission stays ours")
    returned_share_minor = models.BigIntegerField(default=0, db_comment="What of the share the artisan has back")
    lost_at = models.DateTimeField(null=True, db_comment="When the rest was booked as lost; NULL while undecided")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Disputed money split over the parts of an order"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dispute_reference", "seller_order", "number"],
                name="dispute_allocation_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    commission_minor__gte=0,
                    share_minor__gte=0,
                    amount_minor__gte=F("commission_minor") + F("share_minor"),
                ),
                name="dispute_allocation_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    returned_minor__gte=0,
                    returned_minor__lte=F("amount_minor"),
                    returned_commission_minor__gte=0,
                    returned_commission_minor__lte=F("commission_minor"),
                    returned_share_minor__gte=0,
                    returned_share_minor__lte=F("share_minor"),
                ),
                name="dispute_allocation_returned_within",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_allocated",
                fields=[
                    "dispute_reference", "order", "seller_order", "number", "currency", "amount_minor",
                    "commission_minor", "share_minor", "created_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reference} of {self.seller_order_id}"

    @property
    def reference(self) -> str:
        """Under which the artisan's share was taken: the dispute's own, and a numbered one for what came after."""
        return self.dispute_reference if self.number == 1 else f"{self.dispute_reference}:{self.number}"

    @property
    def left_minor(self) -> int:
        """What of the amount was not given back."""
        return self.amount_minor - self.returned_minor

    @property
    def share_left_minor(self) -> int:
        return self.share_minor - self.returned_share_minor

    @property
    def commission_left_minor(self) -> int:
        return self.commission_minor - self.returned_commission_minor
