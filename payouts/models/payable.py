"""What each artisan is owed per order."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import PayableEdge, PayableStatus


class Payable(models.Model):
    """What an artisan is owed for their part of one order. Held first, then released, then what is left transferred.

    A part has one that was accrued with the sale (no origin) and may get supplementary ones: money that is the
    artisan's again after the first had left.
    """

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="pbl_...")
    order_reference = models.CharField(
        max_length=MAX_LENGTH, db_index=True, db_comment="Public id of the order; no foreign key"
    )
    seller_order_reference = models.CharField(
        max_length=MAX_LENGTH, db_comment="Public id of the artisan's part of the order"
    )
    origin_reference = models.CharField(
        max_length=MAX_LENGTH,
        blank=True,
        default="",
        db_comment="What made a supplementary one: ref_, dsp_ or trr_...; empty for the one of the sale",
    )
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="payables")
    amount_minor = models.BigIntegerField(db_comment="Minor units: goods less commission, plus shipping")
    debited_minor = models.BigIntegerField(
        default=0, db_comment="Taken away for refunds, disputes, debts and reserves; the rest is transferred"
    )
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    processor = models.CharField(max_length=12, db_comment="Where the buyer paid")
    source_charge_id = models.CharField(
        max_length=255, db_comment="The charge that it came from; empty for a supplementary one"
    )
    status = models.CharField(max_length=12, choices=PayableStatus.choices, default=PayableStatus.HELD)
    hold_until = models.DateTimeField(
        null=True, db_comment="Released by the schedule after this; NULL: not before the part is sent"
    )
    next_transfer_at = models.DateTimeField(
        null=True, db_comment="It is in no payout before this; set only while released"
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
        db_table_comment = "What artisans are owed, a row per artisan's part of a paid order, and supplementary ones"
        default_permissions = ("view",)
        permissions = [("release_payable", "Can release payables before their hold period is over")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["seller_order_reference", "origin_reference"], name="payable_once_per_part_and_origin"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payable_amount_positive"),
            models.CheckConstraint(
                name="payable_debited_within_amount",
                condition=Q(debited_minor__gte=0) & Q(debited_minor__lte=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="payable_canceled_when_nothing_is_left",
                condition=Q(status="canceled", debited_minor=F("amount_minor"))
                | (~Q(status="canceled") & Q(debited_minor__lt=F("amount_minor"))),
            ),
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
            models.Index(
                fields=["artisan", "next_transfer_at"], name="payable_to_be_paid", condition=Q(status="released")
            ),
            models.Index(fields=["artisan", "currency", "status"], name="payable_of_artisan"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_accrued",
                fields=["public_id", "order_reference", "seller_order_reference", "origin_reference", "artisan",
                        "amount_minor", "currency", "processor", "source_charge_id", "created_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        """As it was accrued."""
        return Money(self.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        """What is, or was, there to be transferred."""
        return Money(self.amount_minor - self.debited_minor, self.currency)


class PayableEvent(models.Model):
    """One edge of the state graph that a payable took. What it is owed changed by the amounts of these alone."""

    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=PayableEdge.choices)
    from_status = models.CharField(max_length=12, choices=PayableStatus.choices)
    to_status = models.CharField(max_length=12, choices=PayableStatus.choices)
    amount_minor = models.BigIntegerField(
        default=0, db_comment="By how much what is left of it changed: below zero taken, above zero given back"
    )
    reference = models.CharField(
        max_length=MAX_LENGTH,
        blank=True,
        default="",
        db_comment="ref_, dsp_ or deb_...: what took it or gave it back; pyt_...: the payout that it is in",
    )
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
