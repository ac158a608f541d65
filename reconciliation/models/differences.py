"""What did not match, and how two of staff book it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from reconciliation.enums import Difference, ExceptionStatus, ProposalStatus, Source
from reconciliation.models.runs import ReconciliationRun


class ReconciliationException(models.Model):
    """One difference: what is at the processor (or bank) and what is here, about one subject in one currency."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="rex_...")
    source = models.CharField(max_length=12, choices=Source.choices, db_comment="Whose statement differs from ours")
    subject_key = models.CharField(max_length=255, db_comment="What it is about there")
    difference = models.CharField(max_length=14, choices=Difference.choices)
    currency = models.CharField(max_length=3)
    movement_kind = models.CharField(max_length=20, blank=True, default="")
    ours_gross_minor = models.BigIntegerField(default=0)
    ours_fee_minor = models.BigIntegerField(default=0)
    theirs_gross_minor = models.BigIntegerField(default=0)
    theirs_fee_minor = models.BigIntegerField(default=0)
    effect_minor = models.BigIntegerField(db_comment="Theirs less ours, net: what our clearing account lacks")
    detail = models.CharField(max_length=300, blank=True, default="", db_comment="In words, for people")
    suggestion = models.CharField(max_length=40, blank=True, default="", db_comment="The journal that seems right")
    status = models.CharField(max_length=10, choices=ExceptionStatus.choices, default=ExceptionStatus.OPEN)
    occurred_at = models.DateTimeField(db_comment="When it happened there, or was booked here")
    found_in = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT, related_name="found")
    seen_in = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT, related_name="seen")
    version = models.PositiveIntegerField(default=1, db_comment="Grows when its figures change; proposals are for one")
    found_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Differences between the books and what processors and our bank say"
        verbose_name = "exception"
        default_permissions = ("view",)
        permissions = [
            ("propose_journal", "Can propose how a difference is booked, and dismiss one"),
            ("approve_journal", "Can approve what another has proposed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "subject_key", "currency"],
                condition=Q(status__in=["open", "dismissed"]),
                name="exception_open_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    effect_minor=F("theirs_gross_minor")
                    - F("theirs_fee_minor")
                    - F("ours_gross_minor")
                    + F("ours_fee_minor")
                ),
                name="exception_effect_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True) | ~Q(status="open") & Q(closed_at__isnull=False),
                name="exception_closed_once_over",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["found_at"], name="exception_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return self.public_id

    @property
    def effect(self) -> Money:
        return Money(self.effect_minor, self.currency)

    @property
    def journal_reference(self) -> str:
        """The source reference under which it is booked."""
        return f"reconciliation:{self.public_id}"


class ExceptionEvent(models.Model):
    """One edge of the state graph that an exception took."""

    exception = models.ForeignKey(ReconciliationException, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=20)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    actor = models.CharField(max_length=80, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of exceptions"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.event


class JournalProposal(models.Model):
    """How one of staff wants a difference booked. Another one approves it, or it is not booked."""

    exception = models.ForeignKey(ReconciliationException, on_delete=models.PROTECT, related_name="proposals")
    version = models.PositiveIntegerField(db_comment="Of the exception that was looked at")
    journal = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField(db_comment="The effect on the clearing account")
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=300, db_comment="Why")
    status = models.CharField(max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.WAITING)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision_note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Journals proposed by one of staff for another to approve"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approver__isnull=False) & ~Q(approver=F("proposer")),
                name="proposal_has_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="proposal_says_why"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="proposal_moves_something"),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
                name="proposal_decided_once",
            ),
            models.UniqueConstraint(
                fields=["exception"], condition=Q(status="waiting"), name="proposal_one_waiting_per_exception"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journal} for {self.exception_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
