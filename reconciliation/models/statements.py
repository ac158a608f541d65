"""The two sides that are compared: lines of statements, and what the books post to clearing accounts."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.money import Money
from payments.contracts import MovementKind
from reconciliation.enums import Source

_KINDS = [(kind.value, kind.value) for kind in MovementKind]


class StatementLine(models.Model):
    """One movement as a processor or our bank tells it. However often it is fetched, it is here once."""

    source = models.CharField(max_length=12, choices=Source.choices)
    external_id = models.CharField(max_length=255, db_comment="txn_..., a PayPal transaction, or an entry of the bank")
    kind = models.CharField(max_length=20, choices=_KINDS)
    gross_minor = models.BigIntegerField(db_comment="Signed minor units: what came in is positive")
    fee_minor = models.BigIntegerField(db_comment="Taken off it; negative where a fee was given back")
    net_minor = models.BigIntegerField(db_comment="What the balance changed by")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    occurred_at = models.DateTimeField()
    available_on = models.DateTimeField(null=True)
    subject_key = models.CharField(max_length=255, db_comment="What it is about there: ch_, re_, du_, tr_, po_ ...")
    related_id = models.CharField(max_length=255, blank=True, default="", db_comment="Another object it names")
    payout_id = models.CharField(max_length=255, blank=True, default="", db_comment="The payout it was paid out with")
    raw_type = models.CharField(max_length=60, blank=True, default="", db_comment="The source's own word for its kind")
    description = models.CharField(max_length=255, blank=True, default="")
    origin = models.CharField(max_length=100, db_comment="api, or the name of the file that it was read from")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Movements as processors and our bank tell them: append-only, each once"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="statement_line_once"),
            models.CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")), name="statement_line_adds_up"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "occurred_at"], name="statement_line_time"),
            models.Index(fields=["source", "subject_key"], name="statement_line_subject"),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.external_id

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)


class BookedMovement(models.Model):
    """One posting to a clearing account, with what it is about at the processor.

    Read off the books by one statement (`index_books`) and never anything but a copy of theirs: it saves finding out
    for each run anew which charge, refund or payout an entry is about.
    """

    processor = models.CharField(max_length=12)
    subject_key = models.CharField(max_length=255, db_comment="As in statement lines; entry:<source> where unknown")
    entry_id = models.BigIntegerField(unique=True, db_comment="The journal entry; it has one posting to clearing")
    source_reference = models.CharField(max_length=160, db_comment="Of the journal entry")
    entry_kind = models.CharField(max_length=40)
    gross_minor = models.BigIntegerField(db_comment="Signed minor units on the clearing account, without fees")
    fee_minor = models.BigIntegerField(db_comment="Credited to the clearing account as a fee, positive")
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Postings to clearing accounts by what they are about at the processor: append-only"
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")), name="booked_movement_adds_up"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["processor", "effective_at"], name="booked_movement_time"),
            models.Index(fields=["processor", "subject_key"], name="booked_movement_subject"),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.source_reference
