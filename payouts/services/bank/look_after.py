"""What is on its way to a bank is asked after until it is over; what waits is taken up again."""

import datetime as dt
from typing import TypeVar

import structlog
from django.db import transaction
from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Greatest, Least

from common import outbox
from common.one_by_one import one_by_one
from payments.contracts import OutcomeUnknown, ProcessorError, ProcessorUnavailable
from payments.processors import processor_named
from payouts.enums import BankPayoutStatus, PayoutStatus
from payouts.models import BankPayout, Payout
from payouts.services.bank.pauses import LATE_AFTER, LONGEST, LOST_ANSWERS_PER_TURN, SHORTEST
from payouts.services.bank.record import BankPayoutContradiction, UnknownBankPayout, record_found
from payouts.services.bank.send import resolve_bank_payouts, send_to_bank

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=Model)


def look_after_bank_payouts(*, now: dt.datetime, limit: int = 50) -> int:
    """One turn of the schedule; returns how many were asked after. Not in a transaction.

    First the requests without an answer, then what banks have under way, then what was transferred and waits to be
    sent on. Each is looked at after pauses that double, from five minutes to six hours. One that can't be worked on
    keeps none of the others from their turn.
    """
    turn = _Turn(now, asked=resolve_bank_payouts(now=now, limit=limit))
    pending = BankPayout.objects.filter(status=BankPayoutStatus.PENDING).select_related("payout")
    waiting = Payout.objects.filter(status=PayoutStatus.TRANSFERRED)
    rows: list[BankPayout | Payout] = [
        *_due(pending, since="created_at", now=now)[:limit],
        *_due(waiting, since="transferred_at", now=now)[:limit],
    ]
    one_by_one(rows, turn.look_at)
    return turn.asked


def ask_after_bank_payout(*, bank_payout_id: int, now: dt.datetime) -> BankPayoutStatus:
    """Once more, some days after it was reported paid: banks send money back, and the news of that may have been lost.

    Not in a transaction. Raises the errors of `payments.contracts`.
    """
    bank_payout = BankPayout.objects.select_related("payout").get(id=bank_payout_id)
    if bank_payout.status == BankPayoutStatus.PAID:
        bank_payout = _look_up(bank_payout, now)
    return BankPayoutStatus(bank_payout.status)


def _due(rows: "QuerySet[Row]", *, since: str, now: dt.datetime) -> "QuerySet[Row]":
    """Those whose pause is over: as long as from `since` to the last look, within the shortest and the longest."""
    pause = Least(Greatest(F("updated_at") - F(since), Value(SHORTEST)), Value(LONGEST))
    # The first condition is for the index.
    return rows.filter(updated_at__lte=now - SHORTEST).filter(updated_at__lte=Value(now) - pause).order_by("updated_at")


class _Turn:
    """One turn of the schedule, which a processor that does not answer ends for what banks have under way."""

    def __init__(self, now: dt.datetime, *, asked: int) -> None:
        self._now, self._lost = now, 0
        self.asked = asked

    def look_at(self, row: BankPayout | Payout) -> None:
        if isinstance(row, Payout):
            send_to_bank(payout_id=row.pk, now=self._now)
            self.asked += 1
        elif self._lost < LOST_ANSWERS_PER_TURN:
            self._ask_after(row)

    def _ask_after(self, bank_payout: BankPayout) -> None:
        try:
            found = _look_up(bank_payout, self._now)
        except (OutcomeUnknown, ProcessorUnavailable):
            self._lost += 1
        except (ProcessorError, BankPayoutContradiction, UnknownBankPayout) as error:
            log.error("bank_payout_not_found", bank_payout=bank_payout.public_id, code=error.code)
            _touch(bank_payout, self._now)
        else:
            self.asked += 1
            _tell_if_late(found, self._now)


def _look_up(bank_payout: BankPayout, now: dt.datetime) -> BankPayout:
    found = processor_named(bank_payout.payout.processor).retrieve_payout(
        str(bank_payout.processor_payout_id), processor_account_id=bank_payout.processor_account_id
    )
    return record_found(found=found, now=now)


def _touch(bank_payout: BankPayout, now: dt.datetime) -> None:
    """It was looked at now, to no avail: the next pause is longer."""
    BankPayout.objects.filter(id=bank_payout.pk, status=BankPayoutStatus.PENDING).update(updated_at=now)


def _tell_if_late(bank_payout: BankPayout, now: dt.datetime) -> None:
    """Staff are told once of one that is still under way days after it should have arrived."""
    arrival = bank_payout.arrival_date
    if bank_payout.status != BankPayoutStatus.PENDING or arrival is None or now.date() <= arrival + LATE_AFTER:
        return
    with transaction.atomic():
        outbox.enqueue(
            task="payouts.tasks.announce_late_bank_payout",
            kwargs={"bank_payout_id": bank_payout.pk},
            key=f"bank-late:{bank_payout.public_id}",
        )
