"""What artisans do about their parts of orders."""

from typing import ClassVar

from django.db import models

from common.append_only import APPEND_ONLY
from orders.enums import FulfilmentStatus
from orders.models.order import SellerOrder


class Fulfilment(models.Model):
    """What became of one artisan's part: accepted, shipped, declined. Written when the order is authorized or paid."""

    seller_order = models.OneToOneField(SellerOrder, on_delete=models.PROTECT, related_name="fulfilment")
    status = models.CharField(max_length=12, choices=FulfilmentStatus.choices)
    carrier = models.CharField(max_length=60, blank=True, default="")
    tracking_number = models.CharField(max_length=80, blank=True, default="")
    decline_reason = models.CharField(max_length=300, blank=True, default="", db_comment="Words for the buyer")
    accepted_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What artisans did about their parts of orders"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.seller_order} {self.status}"


class FulfilmentEvent(models.Model):
    """One edge of the state graph that an artisan's part took."""

    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    source = models.CharField(max_length=20)
    actor = models.CharField(max_length=80, blank=True, default="")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of artisans' parts, written with each transition"
        triggers: ClassVar = APPEND_ONLY
