"""What was taken from artisans' shares for refunds and disputes, and what they owe where a share had left before."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import RepaymentStatus
from payouts.models.payable import Payable


class ShareDebit(models.Model):
    """What one refund or dispute took from one artisan's part of an order, and from where.

    One row for each (part, reference): asked for again, the same places are returned and nothing is taken twice.
    """

    seller_order_reference = models.CharField(max_length=MAX_LENGTH, db_comment="Public id of the part of the order")
    reference = models.CharField(max_length=MAX_LENGTH, db_comment="ref_... or dsp_...: why it was taken")
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="share_debits")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the four places together")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    held_minor = models.BigIntegerField(db_comment="Taken from what was on hold")
    payable_minor = models.BigIntegerField(db_comment="Taken from what was released")
    reserved_minor = models.BigIntegerField(default=0, db_comment="Taken from reserves of the part")
    receivable_minor = models.BigIntegerField(db_comment="Had left already: owed by the artisan since")
    credited_minor = models.BigIntegerField(default=0, db_comment="Given back so far; the credits together")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What refunds and disputes took from artisans' shares"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller_order_reference", "reference"], name="share_debited_once"),
            models.CheckConstraint(
                name="share_debit_adds_up",
                condition=Q(amount_minor__gt=0)
                & Q(held_minor__gte=0)
                & Q(payable_minor__gte=0)
                & Q(reserved_minor__gte=0)
                & Q(receivable_minor__gte=0)
                & Q(amount_minor=F("held_minor") + F("payable_minor") + F("reserved_minor") + F("receivable_minor")),
            ),
            models.CheckConstraint(
                name="share_credited_within_debit",
                condition=Q(credited_minor__gte=0) & Q(credited_minor__lte=F("amount_minor")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="share_debit_reference"),
            models.Index(fields=["artisan", "currency"], name="share_debit_of_artisan"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="as_taken", exclude=["credited_minor", "updated_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.reference} of {self.seller_order_reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class ShareCredit(models.Model):
    """What of a debit was given back, and to where."""

    debit = models.ForeignKey(ShareDebit, on_delete=models.PROTECT, related_name="credits")
    reference = models.CharField(max_length=MAX_LENGTH, db_comment="What gave it back; the debit's own if nothing else")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the four places together")
    held_minor = models.BigIntegerField(db_comment="Given back on hold")
    payable_minor = models.BigIntegerField(db_comment="Given back to what is released")
    reserved_minor = models.BigIntegerField(default=0, db_comment="Put back into reserves of the part")
    receivable_minor = models.BigIntegerField(db_comment="Taken off what the artisan owed")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What was given back of debits: refunds not made, disputes won or borne by the platform"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debit", "reference"], name="share_credited_once"),
            models.CheckConstraint(
                name="share_credit_adds_up",
                condition=Q(amount_minor__gt=0)
                & Q(held_minor__gte=0)
                & Q(payable_minor__gte=0)
                & Q(reserved_minor__gte=0)
                & Q(receivable_minor__gte=0)
                & Q(amount_minor=F("held_minor") + F("payable_minor") + F("reserved_minor") + F("receivable_minor")),
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reference} of {self.debit_id}"


# Of a debt, in a query.
STILL_OWED = F("amount_minor") - F("recovered_minor") - F("forgiven_minor")


class SellerDebt(models.Model):
    """What an artisan owes us: the part of a debit whose money had been transferred, or was being transferred.

    Recovered by transfer reversals, by keeping what else is due to the artisan, and by what they pay to our bank
    account; forgiven by a credit. What is left open equals the artisan's `seller_receivable` account.
    """

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="deb_...")
    debit = models.OneToOneField(ShareDebit, on_delete=models.PROTECT, related_name="debt")
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="debts")
    order_reference = models.CharField(max_length=MAX_LENGTH, db_index=True, db_comment="Public id of the order")
    seller_order_reference = models.CharField(
        max_length=MAX_LENGTH, db_index=True, db_comment="Public id of the artisan's part of the order"
    )
    reference = models.CharField(max_length=MAX_LENGTH, db_index=True, db_comment="ref_... or dsp_...: why it is owed")
    amount_minor = models.BigIntegerField(db_comment="Minor units, as it arose")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    recovered_minor = models.BigIntegerField(default=0, db_comment="Got back; the recoveries together")
    forgiven_minor = models.BigIntegerField(
        default=0, db_comment="No longer owed: the refund or dispute was undone, or it was written off"
    )
    collects = models.BooleanField(
        db_comment="Whether transfers are reversed for it; not while a dispute is undecided. It is netted either way"
    )
    reminded_at = models.DateTimeField(null=True, db_comment="When the artisan was asked by letter to settle it")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What artisans owe us, because a share was refunded or disputed after it had left"
        default_permissions = ("view",)
        permissions = [("write_off_debt", "Can write off what artisans owe us")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="seller_debt_positive"),
            models.CheckConstraint(
                name="seller_debt_not_overpaid",
                condition=Q(recovered_minor__gte=0)
                & Q(forgiven_minor__gte=0)
                & Q(amount_minor__gte=F("recovered_minor") + F("forgiven_minor")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["artisan", "currency", "id"],
                name="seller_debt_open",
                condition=Q(amount_minor__gt=F("recovered_minor") + F("forgiven_minor")),
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_it_arose",
                exclude=["recovered_minor", "forgiven_minor", "collects", "reminded_at", "updated_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def open_minor(self) -> int:
        """What is still owed, minor units."""
        return self.amount_minor - self.recovered_minor - self.forgiven_minor


class DebtRepayment(models.Model):
    """What an artisan paid to our bank account for what they owe us: one line of the bank's statement.

    It goes to their debts, oldest first (its `DebtRecovery` rows). Recorded by mistake it is undone: the row stays, and
    recoveries below zero make the debts what they were.
    """

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="rpy_...")
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="repayments")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the recoveries together")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    bank_reference = models.CharField(
        max_length=140, db_comment="The line of our bank's statement: the bank's own number of it, or its reference"
    )
    received_on = models.DateField(db_comment="Booking date of the bank's line")
    status = models.CharField(max_length=10, choices=RepaymentStatus.choices, default=RepaymentStatus.RECORDED)
    actor = models.CharField(max_length=80, db_comment="Who recorded it: staff:<id>, task:<name> or system")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True, default="")
    undone_reason = models.CharField(max_length=300, blank=True, default="", db_comment="Words of staff")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What artisans paid to our bank account for what they owe us"
        default_permissions = ("view",)
        permissions = [("record_repayment", "Can record, and undo, what artisans paid to our bank account")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="debt_repayment_positive"),
            models.CheckConstraint(
                name="debt_repayment_undone_by_somebody",
                condition=Q(status="recorded", undone_at__isnull=True, undone_by="", undone_reason="")
                | Q(status="undone", undone_at__isnull=False) & ~Q(undone_by="") & ~Q(undone_reason=""),
            ),
            models.UniqueConstraint(
                fields=["bank_reference"], name="bank_line_repays_once", condition=Q(status="recorded")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["artisan", "currency"], name="debt_repayment_of_artisan")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_recorded", exclude=["status", "undone_at", "undone_by", "undone_reason", "updated_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class DebtRecovery(models.Model):
    """One amount by which a debt became smaller: kept from a payable, brought back by a transfer reversal, or paid to
    our bank account. Only of the last is there one below zero: the repayment was undone.
    """

    debt = models.ForeignKey(SellerDebt, on_delete=models.PROTECT, related_name="recoveries")
    number = models.PositiveSmallIntegerField(db_comment="1, 2, 3 within the debt")
    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, null=True, related_name="recoveries")
    reversal = models.OneToOneField(
        "payouts.TransferReversal", on_delete=models.PROTECT, null=True, related_name="recovery"
    )
    repayment = models.ForeignKey(DebtRepayment, on_delete=models.PROTECT, null=True, related_name="recoveries")
    amount_minor = models.BigIntegerField(db_comment="Minor units; below zero: a repayment was undone")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "How artisans' debts were recovered"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debt", "number"], name="debt_recovery_number"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(amount_minor__lt=0, repayment__isnull=False),
                name="debt_recovery_positive",
            ),
            models.CheckConstraint(
                name="debt_recovery_has_one_source",
                condition=Q(payable__isnull=False, reversal__isnull=True, repayment__isnull=True)
                | Q(payable__isnull=True, reversal__isnull=False, repayment__isnull=True)
                | Q(payable__isnull=True, reversal__isnull=True, repayment__isnull=False),
            ),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.debt_id}:{self.number}"


class DebtWriteOff(models.Model):
    """What of a debt will not be asked for any more, or is owed again because the artisan got it a second time."""

    debt = models.ForeignKey(SellerDebt, on_delete=models.PROTECT, related_name="write_offs")
    number = models.PositiveSmallIntegerField(db_comment="1, 2, 3 within the debt")
    amount_minor = models.BigIntegerField(db_comment="Minor units; below zero: owed again")
    reason = models.CharField(max_length=300, db_comment="Words of staff, for our own records")
    actor = models.CharField(max_length=80, db_comment="staff:<id>, task:<name> or system")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Debts of artisans that were written off"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debt", "number"], name="debt_write_off_number"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="debt_write_off_moves_something"),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.debt_id}:{self.number}"
