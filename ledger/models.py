"""Accounts, entries and postings. Rows are written by `ledger.services` alone and never changed; PostgreSQL sees to it.

The views that take entries, and the triggers that make postings of them, are plain SQL in migrations 0002 and 0005.
"""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Exact, GreaterThanOrEqual

from common.append_only import APPEND_ONLY
from ledger.enums import AccountType

NO_TRUNCATE = APPEND_ONLY[1]
MARK_EVERY = 16
CODE_PATTERN = r"^[a-z][a-z0-9_]*(:[A-Za-z0-9_.-]+)*:[A-Z]{3}$"


class Account(models.Model):
    """One account of the books, in one currency. Its balance is in its newest posting (of each slot, if it is hot)."""

    code = models.CharField(max_length=120, unique=True, db_comment="seller_payable:art_x:EUR; ends in the currency")
    type = models.CharField(max_length=10, choices=[(t.value, t.value) for t in AccountType])
    name = models.CharField(max_length=120, db_comment="For people")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    owner_reference = models.CharField(
        max_length=64, blank=True, default="", db_index=True, db_comment="Opaque: public id of the seller; empty = ours"
    )
    is_hot = models.BooleanField(default=False, db_comment="Posted to by many at once: 16 slots, no bound, no row lock")
    balance_sign = models.SmallIntegerField(
        default=0, db_comment="1: balance must not fall below 0; -1: must not rise above 0; 0: free (debit positive)"
    )
    opened_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Chart of accounts; only name and balance_sign may change, nothing is ever deleted"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(type__in=[t.value for t in AccountType]), name="account_type_known"),
            models.CheckConstraint(condition=Q(code__regex=CODE_PATTERN), name="account_code_form"),
            models.CheckConstraint(
                condition=Q(code__endswith=Concat(Value(":"), F("currency"))), name="account_code_ends_in_currency"
            ),
            models.CheckConstraint(
                condition=Q(balance_sign=0)
                | Q(balance_sign=1, is_hot=False, type__in=["asset", "expense"])
                | Q(balance_sign=-1, is_hot=False, type__in=["liability", "revenue"]),
                name="account_bound_on_normal_side",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            NO_TRUNCATE,
            pgtrigger.ReadOnly(
                name="identity_fixed",
                fields=["id", "code", "type", "currency", "owner_reference", "is_hot", "opened_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.code


class JournalEntry(models.Model):
    """One business event in the books. A mistake is put right by an entry that reverses it, never by a change."""

    kind = models.CharField(max_length=40, db_comment="sale, release, transfer_requested, ...")
    source_reference = models.CharField(max_length=160, db_comment="Names the business fact, which is booked once")
    description = models.CharField(max_length=200, blank=True, default="")
    trace_id = models.CharField(max_length=64, blank=True, default="", db_comment="Trace id of the work that posted it")
    effective_at = models.DateTimeField(db_comment="When it happened in the world; may lie before posted_at")
    posted_at = models.DateTimeField(db_comment="When it entered the books, by the database's clock")
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversals",
        db_constraint=False,
        db_index=False,
        db_comment="The entry this one undoes; at most one entry undoes another",
    )
    line_count = models.SmallIntegerField(db_comment="How many postings it has; later ones are refused")

    class Meta:
        db_table_comment = "Journal entries: append-only, each sums to zero per currency"
        verbose_name_plural = "journal entries"
        constraints: ClassVar = [
            # as constraints rather than unique=True: that would add a second index for LIKE
            models.UniqueConstraint(fields=["source_reference"], name="entry_source_once"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once"
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.kind} {self.source_reference}"


class Posting(models.Model):
    """One amount on one account, with the running balance after it.

    The newest posting of an account (of each of its slots) *is* its balance, and the newest one at or before a time its
    balance then: reading either takes a look-up or two in an index, however many postings there are. A slot's postings
    form a gapless chain by `sequence`, whose uniqueness makes a lost update impossible.
    References are made by the trigger that inserts rather than checked by foreign keys: the rows they point to can't be
    deleted, and a foreign key would lock the hot accounts' rows.
    """

    pk = models.CompositePrimaryKey("entry_id", "line")
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    line = models.SmallIntegerField(db_comment="1, 2, 3 ... within the entry")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    amount_minor = models.BigIntegerField(db_comment="Minor units, debit positive, credit negative")
    currency = models.CharField(max_length=3, db_comment="ISO 4217, the account's")
    slot = models.SmallIntegerField(db_comment="0; on hot accounts 0 to 15")
    sequence = models.BigIntegerField(db_comment="1, 2, 3 ... within account and slot")
    balance_minor = models.BigIntegerField(db_comment="Running balance of account and slot after this posting")
    balance_sign = models.SmallIntegerField(db_comment="The account's bound when it was posted")
    posted_at = models.DateTimeField(
        db_comment="The entry's; later only where the clock went back behind the posting before"
    )

    class Meta:
        db_table_comment = "Postings: append-only; the newest one of an account and slot holds its balance"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "slot", "sequence"], name="posting_chain"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_not_zero"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(F("balance_sign") * F("balance_minor"), 0),
                name="posting_keeps_account_bound",
            ),
        ]
        indexes: ClassVar = [
            # Every sixteenth posting is a mark in time: enough to find any moment, at a sixteenth of the cost. Of the
            # slots of hot accounts, sixteen of which make a balance, every posting.
            models.Index(
                fields=["account", "slot", "posted_at", "sequence"],
                include=["balance_minor"],
                name="posting_time_mark",
                condition=Q(Exact(F("sequence") % MARK_EVERY, 0)) | Q(slot__gt=0),
            )
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.line}"
