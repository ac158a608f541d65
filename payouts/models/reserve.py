"""What is kept back of artisans' released shares for a time."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import ReserveReason, ReserveStatus
from payouts.models.debt import ShareDebit
from payouts.models.payable import Payable


class Reserve(models.Model):
    """What is kept back of one released payable. Given back when its time is over, or before, where it is needed."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="rsv_...")
    payable = models.OneToOneField(
        Payable, on_delete=models.PROTECT, related_name="reserve", db_comment="Of which it was kept back"
    )
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="reserves")
    amount_minor = models.BigIntegerField(db_comment="Minor units, as it was kept back")
    released_minor = models.BigIntegerField(default=0, db_comment="Due again so far; the releases together")
    debited_minor = models.BigIntegerField(
        default=0, db_comment="Taken for refunds and disputes, less what was put back; the debits together"
    )
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    status = models.CharField(max_length=8, choices=ReserveStatus.choices, default=ReserveStatus.HELD)
    release_at = models.DateTimeField(db_comment="When its time is over")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Reserves: what is kept back of artisans' released shares for a time"
        default_permissions = ("view",)
        permissions = [("end_reserve", "Can end reserves before their time")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=ReserveStatus.values), name="reserve_status_known"),
            models.CheckConstraint(
                name="reserve_used_within_amount",
                condition=Q(amount_minor__gt=0)
                & Q(released_minor__gte=0)
                & Q(debited_minor__gte=0)
                & Q(amount_minor__gte=F("released_minor") + F("debited_minor")),
            ),
            models.CheckConstraint(
                name="reserve_ended_when_nothing_is_left",
                condition=Q(status="released", amount_minor=F("released_minor") + F("debited_minor"))
                | Q(status="held", amount_minor__gt=F("released_minor") + F("debited_minor")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["release_at"], name="reserve_due", condition=Q(status="held")),
            models.Index(fields=["artisan", "currency", "status"], name="reserve_of_artisan"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="as_withheld", exclude=["released_minor", "debited_minor", "status", "updated_at"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        """What is still kept back."""
        return Money(self.amount_minor - self.released_minor - self.debited_minor, self.currency)


class ReserveRelease(models.Model):
    """One amount of a reserve that became due again, as a supplementary payable."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="rsr_...; origin of the payable")
    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="releases")
    payable = models.OneToOneField(
        Payable, on_delete=models.PROTECT, related_name="reserve_release", db_comment="The supplementary one it became"
    )
    amount_minor = models.BigIntegerField(db_comment="Minor units")
    reason = models.CharField(max_length=12, choices=ReserveReason.choices)
    reference = models.CharField(
        max_length=MAX_LENGTH,
        blank=True,
        default="",
        db_comment="deb_...: what needed it before its time",
    )
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What of reserves became due again, and why"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reserve_release_positive"),
            models.CheckConstraint(condition=Q(reason__in=ReserveReason.values), name="reserve_release_reason_known"),
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.public_id


class ReserveDebit(models.Model):
    """What a refund or a dispute took of a reserve, or put back."""

    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="debits")
    debit = models.ForeignKey(ShareDebit, on_delete=models.PROTECT, related_name="reserve_debits")
    amount_minor = models.BigIntegerField(db_comment="Minor units; below zero: put back")
    reference = models.CharField(max_length=MAX_LENGTH, db_comment="ref_ or dsp_...: what took it or put it back")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What refunds and disputes took of reserves"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="reserve_debit_moves_something")
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount_minor}"
