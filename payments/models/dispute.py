"""Payments that the buyer's bank or PayPal took back, and what we answered."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.money import Money
from payments.enums import (
    ANSWERABLE_STATUSES,
    INQUIRY_STATUSES,
    DisputeReason,
    DisputeStatus,
    EvidenceKind,
    Liability,
)
from payments.models.payment import Capture


class Dispute(models.Model):
    """One dispute or inquiry about one capture."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="dsp_...")
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="disputes")
    processor = models.CharField(max_length=12)
    processor_dispute_id = models.CharField(max_length=255, unique=True, db_comment="dp_... or PP-D-...")
    status = models.CharField(max_length=30, choices=DisputeStatus.choices)
    reason = models.CharField(max_length=30, choices=DisputeReason.choices)
    processor_reason = models.CharField(max_length=80, blank=True, default="", db_comment="As the processor calls it")
    liability = models.CharField(max_length=10, choices=Liability.choices, db_comment="Who bears it if it is lost")
    amount_minor = models.BigIntegerField()
    withdrawn_minor = models.BigIntegerField(default=0, db_comment="What the processor took for it, without fees")
    reinstated_minor = models.BigIntegerField(default=0, db_comment="What the processor gave back")
    fee_minor = models.BigIntegerField(default=0, db_comment="What it charged for it and did not return")
    lost_minor = models.BigIntegerField(
        default=0, db_comment="What of it is booked as gone; withdrawn - reinstated - lost is undecided"
    )
    currency = models.CharField(max_length=3)
    evidence_due_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True, db_comment="When our answer was sent; it can be sent once")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Disputes and inquiries about captured payments"
        default_permissions = ("view",)
        permissions = [("answer_dispute", "Can answer and accept disputes")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="dispute_amount_positive"),
            models.CheckConstraint(
                condition=Q(withdrawn_minor__gte=0, reinstated_minor__gte=0, fee_minor__gte=0),
                name="dispute_figures_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(lost_minor__gte=0, lost_minor__lte=F("withdrawn_minor") - F("reinstated_minor")),
                name="dispute_lost_within_withdrawn",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["evidence_due_at"], name="dispute_due", condition=Q(closed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def undecided_minor(self) -> int:
        """What the processor has taken, has not given back, and nobody has lost yet. Minor units."""
        return self.withdrawn_minor - self.reinstated_minor - self.lost_minor

    @property
    def is_over(self) -> bool:
        return self.closed_at is not None

    @property
    def is_inquiry(self) -> bool:
        return self.status in INQUIRY_STATUSES

    @property
    def can_be_answered(self) -> bool:
        """Whether the processor waits for our answer and none was sent."""
        return self.status in ANSWERABLE_STATUSES and self.submitted_at is None


class DisputeEvent(models.Model):
    """One edge of the state graph that a dispute took."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=30, blank=True)
    to_status = models.CharField(max_length=30)
    source = models.CharField(max_length=20)
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of disputes, written with each transition"
        triggers: ClassVar = APPEND_ONLY


class DisputeEvidence(models.Model):
    """One piece of our answer: a text or a file. Can be changed until it is submitted."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=30, choices=EvidenceKind.choices)
    text = models.TextField(blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")
    content = models.BinaryField(null=True, db_comment="A file of at most 5 MB; NULL for a text")
    given_by = models.CharField(
        max_length=32, blank=True, default="", db_comment="The artisan (art_...) whose file it is; empty for our own"
    )
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Texts and files with which disputes are answered"
        default_permissions = ("view", "change")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dispute", "kind"], name="dispute_evidence_once_per_kind")
        ]
