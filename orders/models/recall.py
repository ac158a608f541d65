"""A refund issued in error, asked back: what the buyer is asked to pay again, and what they answered."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.money import Money
from orders.enums import RecallStatus
from orders.models.order import Order
from orders.models.refund import RefundAllocation


class Recall(models.Model):
    """One request to a buyer to pay a refund back. Nothing is charged for it before they have agreed.

    Each consent makes an order of its own, which is paid like every other one; at most one of them becomes the sale.
    """

    public_id = models.CharField(max_length=32, unique=True, db_comment="rcl_...; unguessable")
    refund_reference = models.CharField(max_length=32, db_index=True, db_comment="ref_... issued in error; no key")
    sale = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="recalls", db_comment="The order that was paid back"
    )
    status = models.CharField(max_length=10, choices=RecallStatus.choices, default=RecallStatus.ASKED)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(db_comment="What is asked for; the rows of RecallAllocation add up to it")
    reason = models.CharField(max_length=500, db_comment="Why the refund was wrong, in words for the buyer")
    initiator = models.CharField(max_length=80, db_comment="staff:<id>")
    decline_note = models.CharField(max_length=300, blank=True, default="", db_comment="The buyer's words, if any")
    return_reference = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_comment="ref_... under which the money goes back if the refund bounced",
    )
    expires_at = models.DateTimeField(db_comment="Until then the buyer can agree")
    reminded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "refund asked back"
        verbose_name_plural = "refunds asked back"
        db_table_comment = "Requests to buyers to pay refunds back that were issued in error"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="recall_amount_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], name="recall_open", condition=Q(status="asked")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_asked",
                fields=[
                    "public_id", "refund_reference", "sale", "currency", "amount_minor", "reason", "initiator",
                    "created_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        return self.status == RecallStatus.ASKED


class RecallAllocation(models.Model):
    """What of one row of the refund is asked back, and to whom it goes once it is paid."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="allocations")
    refund_allocation = models.ForeignKey(RefundAllocation, on_delete=models.PROTECT, related_name="recalled")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField(db_comment="What we get back of our commission")
    share_minor = models.BigIntegerField(db_comment="What the artisan gets back")
    platform_minor = models.BigIntegerField(db_comment="What we get back of what we bore beyond our commission")

    class Meta:
        db_table_comment = "Requests to pay back, split like the refunds they ask for, never changed"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recall", "refund_allocation"], name="recall_allocation_once"),
            models.CheckConstraint(
                condition=Q(amount_minor=F("commission_minor") + F("share_minor") + F("platform_minor")),
                name="recall_allocation_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, commission_minor__gte=0, share_minor__gte=0, platform_minor__gte=0),
                name="recall_allocation_amounts_positive",
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.recall_id}: {Money(self.amount_minor, self.currency)}"


class RecallConsent(models.Model):
    """The buyer has agreed to pay: which words, when, from where. The order that it made charges for nothing else."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="consents")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="consent")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=500, db_comment="The words that were agreed to")
    ip = models.GenericIPAddressField(null=True, db_comment="Where from, as far as it is known")
    agreed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Consents of buyers to pay a refund back"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.agreed_at:%Y-%m-%d %H:%M}"


class RecallEvent(models.Model):
    """One edge of the state graph that a request took."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    source = models.CharField(max_length=20)
    actor = models.CharField(max_length=80, blank=True, default="")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of requests to pay back, written with each transition"
        triggers: ClassVar = APPEND_ONLY
