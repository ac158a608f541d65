"""Before the processor stops an account for want of something, the artisan is reminded: once at each time set."""

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from common import outbox
from payments.contracts import ProcessorError
from payouts.enums import AccountState
from payouts.models import ConnectedAccount
from payouts.services.accounts import settle_account
from payouts.services.guidance import asked_of

log = structlog.get_logger(__name__)

# Closed for good, or not ours any more: nothing that could be told there would help.
_TOO_LATE = (AccountState.REJECTED, AccountState.DEAUTHORIZED)


def remind_of_deadlines(*, now: dt.datetime, limit: int = 200) -> int:
    """By the schedule: asks for a letter to each artisan whose deadline is so near; returns how many.

    Each of `settings.ACCOUNT_REMINDER_DAYS` is one letter for one deadline, however often and late this runs: late, it
    writes the one that is due then and none of those before it. Whoever had the letter about the account's state
    after that moment has been reminded by it.
    """
    told = 0
    with transaction.atomic():
        due = (
            ConnectedAccount.objects.select_for_update(skip_locked=True)
            .filter(_unreminded(now), deadline_at__gt=now)
            .exclude(state__in=_TOO_LATE)
            .order_by("deadline_at", "id")[:limit]
        )
        for account in due:
            told += _remind(account, now)
    return told


def still_due(*, account_id: int, days: int, now: dt.datetime) -> ConnectedAccount | None:
    """The account, if the letter that was asked for `days` before its deadline has still to be written.

    Not in a transaction: the processor is asked first, because what the artisan told it a minute ago needs no
    reminder. Where it does not answer, what is known has to do. None where everything is told, the deadline is over or
    another, or a later letter is asked for.
    """
    known = ConnectedAccount.objects.get(id=account_id)
    try:
        settle_account(processor_account_id=known.processor_account_id, source="sweeper", now=now)
    except ProcessorError as error:
        log.warning("reminder_without_look_up", account=known.processor_account_id, error=error.code)
    account = ConnectedAccount.objects.select_related("artisan__owner").get(id=account_id)
    is_wanted = account.reminded_deadline_at == account.deadline_at and account.reminded_days == days
    is_ahead = account.deadline_at is not None and account.deadline_at > now
    is_open = account.state not in _TOO_LATE and bool(asked_of(account))
    return account if is_wanted and is_ahead and is_open else None


def _unreminded(now: dt.datetime) -> Q:
    """Accounts with a moment to remind of that has come, and of which neither it nor a later one was reminded of."""
    found = Q()
    for days in settings.ACCOUNT_REMINDER_DAYS:
        is_new = Q(reminded_deadline_at__isnull=True) | ~Q(reminded_deadline_at=F("deadline_at"))
        found |= Q(deadline_at__lte=now + dt.timedelta(days=days)) & (is_new | Q(reminded_days__gt=days))
    return found


def _remind(account: ConnectedAccount, now: dt.datetime) -> bool:
    """Whether a letter was asked for; that this moment has had its turn is written down in any case."""
    deadline = account.deadline_at
    if deadline is None:
        raise AssertionError("an account without a deadline was to be reminded")
    days = min(one for one in settings.ACCOUNT_REMINDER_DAYS if deadline <= now + dt.timedelta(days=one))
    account.reminded_deadline_at, account.reminded_days = deadline, days
    account.save(update_fields=["reminded_deadline_at", "reminded_days"])
    was_told = account.state_since is not None and account.state_since > deadline - dt.timedelta(days=days)
    if was_told or not asked_of(account):
        return False
    outbox.enqueue(
        task="payouts.tasks.send_deadline_letter",
        kwargs={"account_id": account.pk, "days": days},
        key=f"deadline-letter:{account.processor_account_id}:{deadline.isoformat()}:{days}",
    )
    return True
