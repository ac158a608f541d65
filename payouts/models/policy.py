"""How each artisan is paid, and the switch that stops all payouts."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import Artisan
from common.append_only import APPEND_ONLY
from payouts.enums import PayoutSchedule, PolicyEventKind

MOST_HOLD_DAYS = 90
MOST_RESERVE_BPS = 5_000
MOST_RESERVE_DAYS = 180


class PayoutPolicy(models.Model):
    """When an artisan's share is released, how often it is paid, and what of it is kept back for a time."""

    artisan = models.OneToOneField(Artisan, on_delete=models.PROTECT, related_name="payout_policy")
    hold_days = models.PositiveSmallIntegerField(db_comment="Days from delivery until a share is released")
    schedule = models.CharField(max_length=8, choices=PayoutSchedule.choices, default=PayoutSchedule.DAILY)
    weekday = models.PositiveSmallIntegerField(default=0, db_comment="Of weekly payouts: 0 is Monday")
    month_day = models.PositiveSmallIntegerField(
        default=1, db_comment="Of monthly payouts: 1 to 31, the last day where the month is shorter"
    )
    minimum_minor = models.BigIntegerField(default=0, db_comment="Less is carried over; minor units, shop's currency")
    reserve_bps = models.PositiveSmallIntegerField(default=0, db_comment="Kept back of released shares, basis points")
    reserve_days = models.PositiveSmallIntegerField(default=0, db_comment="For how long")
    next_payout_date = models.DateField(null=True, db_comment="When a scheduled run pays next; NULL: when asked for")
    paused_at = models.DateTimeField(null=True, db_comment="Not paid since then, until staff lift it")
    paused_reason = models.CharField(max_length=300, blank=True, default="", db_comment="Words for the artisan")
    paused_by = models.CharField(max_length=80, blank=True, default="", db_comment="Actor: staff:<id> or system")
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "How each artisan is paid: hold, schedule, minimum, reserve, pause"
        verbose_name_plural = "payout policies"
        default_permissions = ("view", "change")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(schedule__in=PayoutSchedule.values), name="payout_policy_schedule"),
            models.CheckConstraint(
                name="payout_policy_within_bounds",
                condition=Q(hold_days__lte=MOST_HOLD_DAYS, weekday__lte=6, month_day__gte=1, month_day__lte=31)
                & Q(minimum_minor__gte=0, reserve_bps__lte=MOST_RESERVE_BPS, reserve_days__lte=MOST_RESERVE_DAYS),
            ),
            models.CheckConstraint(
                name="payout_policy_reserve_has_time",
                condition=Q(reserve_bps=0, reserve_days=0) | Q(reserve_bps__gt=0, reserve_days__gt=0),
            ),
            models.CheckConstraint(
                name="payout_policy_manual_has_no_date",
                condition=Q(schedule="manual", next_payout_date__isnull=True)
                | (~Q(schedule="manual") & Q(next_payout_date__isnull=False)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["next_payout_date"], name="payout_policy_due")]
        triggers: ClassVar = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"payouts to {self.artisan}"


class PayoutSwitch(models.Model):
    """The one row that stops every payout while it says so."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    paused_at = models.DateTimeField(null=True, db_comment="Nobody is paid since then, until staff lift it")
    paused_reason = models.CharField(max_length=300, blank=True, default="")
    paused_by = models.CharField(max_length=80, blank=True, default="", db_comment="Actor: staff:<id>")
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "The switch that pauses all payouts; one row"
        verbose_name_plural = "payout switch"
        default_permissions = ("view",)
        permissions = [("pause_payouts", "Can pause and resume payouts, of one artisan or all")]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="payout_switch_is_one")]

    def __str__(self) -> str:
        return "paused" if self.paused_at else "on"


class PolicyEvent(models.Model):
    """One change of how an artisan is paid, or of the switch: who, what, from what to what, and why."""

    artisan = models.ForeignKey(
        Artisan, null=True, on_delete=models.PROTECT, related_name="policy_events", db_comment="NULL: everybody"
    )
    event = models.CharField(max_length=8, choices=PolicyEventKind.choices)
    field = models.CharField(max_length=40, blank=True, default="", db_comment="The column that was changed")
    old_value = models.CharField(max_length=40, blank=True, default="")
    new_value = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_comment="Words for the artisan, of a pause")
    actor = models.CharField(max_length=80, db_comment="staff:<id>, user:<id> or system")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payout policies and of the switch"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(event__in=PolicyEventKind.values), name="policy_event_known")
        ]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.event} {self.field}".strip()
