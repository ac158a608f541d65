"""Our own money on its way from a processor to our bank account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from reconciliation.enums import PayoutStatus, Source
from reconciliation.models.statements import StatementLine


class PlatformPayout(models.Model):
    """One payout of a processor to our bank account."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="ppo_...")
    processor = models.CharField(max_length=12, choices=Source.choices)
    processor_payout_id = models.CharField(max_length=255, unique=True, db_comment="po_... or a PayPal transaction")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=PayoutStatus.choices, default=PayoutStatus.SENT)
    sent_at = models.DateTimeField(db_comment="When it left the processor's balance")
    arrival_date = models.DateField(null=True, db_comment="When the processor first promised it at the bank")
    failure_code = models.CharField(max_length=80, blank=True, default="")
    bank_line = models.OneToOneField(StatementLine, on_delete=models.PROTECT, null=True, related_name="platform_payout")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Payouts of our own money from processors to our bank account"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="platform_payout_positive"),
            models.CheckConstraint(
                condition=Q(status="arrived", bank_line__isnull=False) | ~Q(status="arrived"),
                name="platform_payout_arrival_is_on_a_statement",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PlatformPayoutEvent(models.Model):
    """One edge of the state graph that a payout took."""

    payout = models.ForeignKey(PlatformPayout, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=20)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payouts to our bank account"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return self.event
