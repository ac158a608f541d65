"""Runs, the payouts that they make, and the processor's payouts to artisans' banks."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH
from common.money import Money
from payouts.enums import BankPayoutEdge, BankPayoutStatus, PayoutEdge, PayoutStatus, RunEdge, RunKind, RunStatus
from payouts.models.payable import Payable


class PayoutRun(models.Model):
    """One turn of paying everybody who is due. Stopped anywhere, it goes on where it was."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="run_...")
    kind = models.CharField(max_length=12, choices=RunKind.choices)
    for_date = models.DateField(
        db_comment="The day whose schedules it serves; of a scheduled and of a closing one there is one a day"
    )
    artisan = models.ForeignKey(
        Artisan, null=True, on_delete=models.PROTECT, related_name="payout_runs", db_comment="NULL: everybody"
    )
    status = models.CharField(max_length=8, choices=RunStatus.choices, default=RunStatus.RUNNING)
    composed_up_to = models.BigIntegerField(
        default=0, db_comment="Artisans up to this id have had their turn; 0 again when it is resumed"
    )
    payout_count = models.PositiveIntegerField(default=0, db_comment="Payouts composed so far")
    item_count = models.PositiveIntegerField(default=0, db_comment="Payables in them")
    stopped_for = models.CharField(
        max_length=12, choices=RunEdge.choices, blank=True, default="", db_comment="Why it is partial"
    )
    short_of = ArrayField(
        models.CharField(max_length=3), default=list, db_default=[],
        db_comment="Currencies of which our balance was too low: none of them is sent before it is resumed",
    )  # fmt: skip
    started_by = models.CharField(max_length=80, db_comment="task:<name>, staff:<id> or artisan:<id>")
    note = models.CharField(max_length=200, blank=True, default="", db_comment="Why it is partial, in words")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Payout runs: everybody who is due is paid once in each"
        default_permissions = ("view",)
        permissions = [("start_payout_run", "Can start and resume payout runs")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["for_date"], condition=Q(kind="scheduled"), name="payout_run_scheduled_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["for_date"], condition=Q(kind="closing"), name="payout_run_closing_once_a_day"
            ),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="payout_run_status_known"),
            models.CheckConstraint(
                name="payout_run_done_has_time",
                condition=Q(status="done", finished_at__isnull=False)
                | (~Q(status="done") & Q(finished_at__isnull=True)),
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.public_id


class Payout(models.Model):
    """What one artisan gets in one currency from one run: its items, one transfer, then one payout to the bank."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="pyt_...")
    run = models.ForeignKey(PayoutRun, on_delete=models.PROTECT, related_name="payouts")
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="payouts")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the items together")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    processor = models.CharField(max_length=12, db_comment="stripe")
    destination_account_id = models.CharField(max_length=255, db_comment="acct_...")
    status = models.CharField(max_length=12, choices=PayoutStatus.choices, default=PayoutStatus.REQUESTED)
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="Of the last refusal or failure")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    transferred_at = models.DateTimeField(null=True, db_comment="When we learned of it")
    paid_at = models.DateTimeField(null=True, db_comment="When the processor reported it paid to the bank")

    class Meta:
        db_table_comment = "Payouts: what an artisan gets in one currency from one run"
        default_permissions = ("view",)
        permissions = [("retry_payout", "Can send a failed payout to the bank again")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "artisan", "currency"], condition=~Q(status="refused"), name="payout_once_per_run"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=PayoutStatus.values), name="payout_status_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["artisan", "-id"], name="payout_of_artisan"),
            models.Index(
                fields=["updated_at"], name="payout_open", condition=Q(status__in=["transferred", "on_its_way"])
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_composed",
                fields=["public_id", "run", "artisan", "amount_minor", "currency", "processor",
                        "destination_account_id", "created_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PayoutItem(models.Model):
    """One payable in a payout, with what was left of it."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="items")
    payable = models.ForeignKey(Payable, on_delete=models.PROTECT, related_name="payout_items")
    amount_minor = models.BigIntegerField(db_comment="Minor units; what was left of the payable")
    brought_back_minor = models.BigIntegerField(
        default=0, db_comment="Came back since by reversals of the transfer; the items together: all that came back"
    )

    class Meta:
        db_table_comment = "What each payout is made of"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payout", "payable"], name="payout_item_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_item_positive"),
            models.CheckConstraint(
                name="payout_item_brought_back_within_amount",
                condition=Q(brought_back_minor__gte=0) & Q(brought_back_minor__lte=F("amount_minor")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="as_composed", exclude=["brought_back_minor"]),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.payable_id}"


class PayoutEvent(models.Model):
    """One edge of the state graph that a payout took."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=PayoutEdge.choices)
    from_status = models.CharField(max_length=12, choices=PayoutStatus.choices)
    to_status = models.CharField(max_length=12, choices=PayoutStatus.choices)
    actor = models.CharField(max_length=80, db_comment="task:<name>, staff:<id>, stripe or system")
    note = models.CharField(max_length=120, blank=True, default="", db_comment="The processor's code of a refusal")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payouts, written with each transition"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"


class BankPayout(models.Model):
    """One attempt to send a payout from the artisan's account at the processor to the artisan's bank."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="bpo_...; in the processor's metadata")
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="bank_payouts")
    attempt = models.PositiveSmallIntegerField(db_comment="1, 2, 3 within the payout")
    processor_account_id = models.CharField(max_length=255, db_comment="acct_...: from whose balance it is paid")
    amount_minor = models.BigIntegerField(db_comment="Minor units; the transfer less what was brought back by then")
    currency = models.CharField(max_length=3, db_comment="ISO 4217")
    status = models.CharField(max_length=12, choices=BankPayoutStatus.choices, default=BankPayoutStatus.REQUESTED)
    processor_payout_id = models.CharField(max_length=255, null=True, unique=True, db_comment="po_...")
    arrival_date = models.DateField(null=True, db_comment="When the processor expects it at the bank")
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="In our words")
    failure_message = models.CharField(max_length=300, blank=True, default="", db_comment="The processor's words")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Payouts from artisans' accounts at the processor to their banks, a row per attempt"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payout", "attempt"], name="bank_payout_attempt"),
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(status__in=["requested", "unknown", "pending", "paid"]),
                name="bank_payout_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="bank_payout_positive"),
            models.CheckConstraint(condition=Q(status__in=BankPayoutStatus.values), name="bank_payout_status_known"),
            models.CheckConstraint(
                name="bank_payout_accepted_has_id",
                condition=~Q(status__in=["pending", "paid"]) | Q(processor_payout_id__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["updated_at"],
                name="bank_payout_open",
                condition=Q(status__in=["requested", "unknown", "pending"]),
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_asked",
                fields=["public_id", "payout", "attempt", "processor_account_id", "amount_minor", "currency",
                        "created_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class BankPayoutEvent(models.Model):
    """One edge of the state graph that a payout to a bank took."""

    bank_payout = models.ForeignKey(BankPayout, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=24, choices=BankPayoutEdge.choices)
    from_status = models.CharField(max_length=12, choices=BankPayoutStatus.choices)
    to_status = models.CharField(max_length=12, choices=BankPayoutStatus.choices)
    actor = models.CharField(max_length=80, db_comment="task:<name>, staff:<id>, stripe or system")
    note = models.CharField(max_length=120, blank=True, default="", db_comment="The processor's code of a failure")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payouts to banks, written with each transition"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"
