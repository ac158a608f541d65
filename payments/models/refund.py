"""Money given back."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from common.append_only import APPEND_ONLY
from common.money import Money
from payments.enums import LATE_PAYMENT_REASONS, RefundReason, RefundStatus
from payments.models.payment import Capture


class Refund(models.Model):
    """One refund of one capture."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="ref_...; the reference in processor metadata")
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=30, choices=RefundReason.choices)
    status = models.CharField(max_length=12, choices=RefundStatus.choices, default=RefundStatus.REQUESTED)
    attempt = models.PositiveSmallIntegerField(
        default=1,
        db_comment="From 1; the next each time that a failed one is sent again, made by hand there or paid otherwise",
    )
    initiator = models.CharField(
        max_length=80, blank=True, default="", db_comment="staff:<id>, artisan:<id>, processor or system"
    )
    note = models.CharField(max_length=300, blank=True, default="", db_comment="Words for the buyer")
    processor_refund_id = models.CharField(
        max_length=255, null=True, unique=True, db_comment="re_... of the present attempt"
    )
    failure_code = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(
        null=True, db_comment="When it was given up: from then on it does not count against the capture"
    )

    class Meta:
        db_table_comment = "Refunds to buyers"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(status="failed"), name="refund_withdrawn_only_if_failed"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_late(self) -> bool:
        """Whether it gives back a payment that never became a sale."""
        return self.reason in LATE_PAYMENT_REASONS

    @property
    def can_be_resent(self) -> bool:
        """Whether it has failed; that of a sale only once, after which it is given up and another one made.

        A late payment is nobody's but the buyer's, so it is sent until it arrives.
        """
        return self.status == RefundStatus.FAILED and self.withdrawn_at is None and (self.attempt == 1 or self.is_late)

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether staff can give it up: it has failed, and the money was that of a sale."""
        return self.status == RefundStatus.FAILED and self.withdrawn_at is None and not self.is_late

    @property
    def can_be_paid_otherwise(self) -> bool:
        """Whether staff can say that the buyer was paid in another way: it has failed, and the money came late."""
        return self.status == RefundStatus.FAILED and self.withdrawn_at is None and self.is_late

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class RefundEvent(models.Model):
    """One edge of the state graph that a refund took."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=12)
    to_status = models.CharField(max_length=12)
    source = models.CharField(max_length=20)
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of refunds, written with each transition"
        triggers: ClassVar = APPEND_ONLY
