"""What each artisan is owed per order, the transfers that send it, and the accounts that receive it."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import PayableEdge, PayableStatus, TransferEdge, TransferStatus


class ConnectedAccount(models.Model):
    """An artisan's own account at the processor, which receives the transfers."""

    artisan = models.OneToOneField(Artisan, on_delete=models.PROTECT, related_name="connected_account")
    processor = models.CharField(max_length=12, default="stripe", db_comment="stripe")
    processor_account_id = models.CharField(max_length=255, unique=True, db_comment="acct_...")
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2; where the artisan is paid")
    transfers_enabled = models.BooleanField(db_comment="Whether the processor accepts transfers to it")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_comment="When the processor was last asked about it")

    class Meta:
        db_table_comment = "Artisans' accounts at the processor (Stripe Connect)"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="connected_account_country_is_a_code")
        ]

    def __str__(self) -> str:
        return self.processor_account_id


class Payable(models.Model):
    """What an artisan is owed for their part of one order. Held first, then released, then transferred whole."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="pbl_...")
    order_reference = models.CharField(
        max_length=MAX_LENGTH, db_index=True, db_comment="Public id of the order; no foreign key"
    )
    seller_order_reference = models.CharField(
        max_length=MAX_LENGTH, unique=True, db_comment="Public id of the artisan's part of the order"
    )
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="payables")
    amount_minor = models.BigIntegerField(db_comment="Minor units: goods less commission, plus shipping")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    processor = models.CharField(max_length=12, db_comment="Where the buyer paid, and where it is transferred from")
    source_charge_id = models.CharField(max_length=255, db_comment="ch_...: the charge whose funds it waits for")
    status = models.CharField(max_length=12, choices=PayableStatus.choices, default=PayableStatus.HELD)
    hold_until = models.DateTimeField(db_comment="Released by the schedule after this")
    next_transfer_at = models.DateTimeField(
        null=True, db_comment="A transfer is not requested before this; set only while released"
    )
    refusals = models.PositiveSmallIntegerField(
        default=0, db_comment="Transfers refused so far; the pause grows with it"
    )
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="Why the last one was refused")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, db_comment="When its hold ended")
    transferred_at = models.DateTimeField(null=True, db_comment="When we learned that the transfer was carried out")

    class Meta:
        db_table_comment = "What artisans are owed, one row per artisan's part of a paid order"
        default_permissions = ("view",)
        permissions = [("release_payable", "Can release payables before their hold period is over")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payable_amount_positive"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payable_currency_is_a_code"),
            models.CheckConstraint(condition=Q(status__in=PayableStatus.values), name="payable_status_known"),
            models.CheckConstraint(
                name="payable_due_while_released",
                condition=Q(status="released", next_transfer_at__isnull=False)
                | (~Q(status="released") & Q(next_transfer_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payable_transferred_has_time",
                condition=Q(status="transferred", transferred_at__isnull=False)
                | (~Q(status="transferred") & Q(transferred_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["hold_until"], name="payable_hold_over", condition=Q(status="held")),
            models.Index(fields=["next_transfer_at"], name="payable_due", condition=Q(status="released")),
            models.Index(fields=["artisan", "currency", "status"], name="payable_of_artisan"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_accrued",
                fields=["public_id", "order_reference", "seller_order_reference", "artisan", "amount_minor", "currency",
                        "processor", "source_charge_id", "created_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PayableEvent(models.Model):
    """One edge of the state graph that a payable took."""

    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=PayableEdge.choices)
    from_status = models.CharField(max_length=12, choices=PayableStatus.choices)
    to_status = models.CharField(max_length=12, choices=PayableStatus.choices)
    actor = models.CharField(max_length=80, db_comment="task:<name>, staff:<id> or system")
    note = models.CharField(max_length=120, blank=True, default="", db_comment="The processor's code of a refusal")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payables, written with each transition"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"


class Transfer(models.Model):
    """The one transfer of a payable. A refused one is requested again under the same reference, as a new attempt.

    That there is one reference per payable for ever is what lets a look-up find it, whichever attempt made it.
    """

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="trf_...; in the processor's metadata")
    payable = models.OneToOneField(Payable, on_delete=models.PROTECT, related_name="transfer")
    processor = models.CharField(max_length=12)
    destination_account_id = models.CharField(max_length=255, db_comment="acct_... of the attempt")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the payable's")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    attempt = models.PositiveSmallIntegerField(default=1, db_comment="The processor request that was booked last")
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
            models.CheckConstraint(condition=Q(status__in=TransferStatus.values), name="transfer_status_known"),
            models.CheckConstraint(
                name="transfer_succeeded_has_id",
                condition=~Q(status="succeeded") | Q(processor_transfer_id__isnull=False),
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

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
