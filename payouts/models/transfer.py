"""The transfers that send what artisans are owed, and the reversals that bring some of it back."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import ReversalEdge, ReversalStatus, TransferEdge, TransferStatus
from payouts.models.debt import SellerDebt
from payouts.models.payout import Payout


class Transfer(models.Model):
    """The one transfer of a payout. A refused one is over: what it was for is in a later payout, with a new reference.

    That there is one reference per payout for ever is what lets a look-up find it, whichever request made it.
    """

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="trf_...; in the processor's metadata")
    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, related_name="transfer")
    processor = models.CharField(max_length=12)
    destination_account_id = models.CharField(max_length=255, db_comment="acct_...")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the payout's amount")
    reversed_minor = models.BigIntegerField(default=0, db_comment="Came back since, minor units")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    attempt = models.PositiveSmallIntegerField(
        default=1, db_comment="How often it was booked as requested: again where it was found after a refusal"
    )
    status = models.CharField(max_length=12, choices=TransferStatus.choices, default=TransferStatus.REQUESTED)
    processor_transfer_id = models.CharField(max_length=255, null=True, unique=True, db_comment="tr_...")
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="Of the last refusal")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Transfers from the platform's balance to artisans' connected accounts"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(
                name="transfer_reversed_within_amount",
                condition=Q(reversed_minor__gte=0) & Q(reversed_minor__lte=F("amount_minor")),
            ),
            models.CheckConstraint(condition=Q(status__in=TransferStatus.values), name="transfer_status_known"),
            models.CheckConstraint(
                name="transfer_succeeded_has_id",
                condition=~Q(status="succeeded") | Q(processor_transfer_id__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="transfer_open", condition=Q(status__in=["requested", "unknown"]))
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_asked",
                fields=["public_id", "payout", "processor", "destination_account_id", "amount_minor", "currency",
                        "created_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class TransferEvent(models.Model):
    """One edge of the state graph that a transfer took."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=TransferEdge.choices)
    from_status = models.CharField(max_length=12, choices=TransferStatus.choices)
    to_status = models.CharField(max_length=12, choices=TransferStatus.choices)
    attempt = models.PositiveSmallIntegerField()
    actor = models.CharField(max_length=80, db_comment="task:<name>, staff:<id>, stripe or system")
    note = models.CharField(max_length=120, blank=True, default="", db_comment="The processor's code of a refusal")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of transfers, written with each transition"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"


class TransferReversal(models.Model):
    """Part of a transfer brought back from the connected account: for a debt, or by somebody at the processor."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="trr_...; in the processor's metadata")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="reversals")
    debt = models.ForeignKey(
        SellerDebt,
        on_delete=models.PROTECT,
        null=True,
        related_name="reversals",
        db_comment="What it was asked for; NULL for one that we did not ask for",
    )
    amount_minor = models.BigIntegerField(db_comment="Minor units")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    status = models.CharField(max_length=12, choices=ReversalStatus.choices, default=ReversalStatus.REQUESTED)
    processor_reversal_id = models.CharField(
        max_length=255, null=True, unique=True, db_comment="The processor's id of it"
    )
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="Why it was refused")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Amounts of transfers brought back from artisans' connected accounts"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_reversal_positive"),
            models.CheckConstraint(
                condition=Q(status__in=ReversalStatus.values), name="transfer_reversal_status_known"
            ),
            models.CheckConstraint(
                name="transfer_reversal_succeeded_has_id",
                condition=~Q(status="succeeded") | Q(processor_reversal_id__isnull=False),
            ),
            models.CheckConstraint(
                name="transfer_reversal_unasked_is_done", condition=Q(debt__isnull=False) | Q(status="succeeded")
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_asked", fields=["public_id", "transfer", "debt", "amount_minor", "currency", "created_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class TransferReversalEvent(models.Model):
    """One edge of the state graph that a reversal took."""

    reversal = models.ForeignKey(TransferReversal, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=ReversalEdge.choices)
    from_status = models.CharField(max_length=12, choices=ReversalStatus.choices)
    to_status = models.CharField(max_length=12, choices=ReversalStatus.choices)
    actor = models.CharField(max_length=80, db_comment="task:<name>, staff:<id>, stripe or system")
    note = models.CharField(max_length=120, blank=True, default="", db_comment="The processor's code of a refusal")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of transfer reversals, written with each transition"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"
