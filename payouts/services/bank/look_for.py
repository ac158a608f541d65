"""Attempts that the processor refused, and that nobody sends again: one may have got there after all, without news."""

import datetime as dt

import structlog

from common.one_by_one import one_by_one
from payments.contracts import OutcomeUnknown, ProcessorError, ProcessorUnavailable
from payments.processors import processor_named
from payouts.enums import BankPayoutStatus, PayoutStatus
from payouts.models import BankPayout
from payouts.services.bank.pauses import LOOK_FOR_REFUSED_EVERY, LOOK_FOR_REFUSED_FOR, LOST_ANSWERS_PER_TURN
from payouts.services.bank.reasons import BankRefusal
from payouts.services.bank.record import BankPayoutContradiction, UnknownBankPayout, record_found
from payouts.services.turns import in_turns

log = structlog.get_logger(__name__)


def look_for_refused_bank_payouts(*, now: dt.datetime, limit: int = 50) -> int:
    """By the schedule: looks for each at the processor, once a day for thirty days; what is there is adopted.

    Returns how many were looked for. Not in a transaction. A processor that does not answer ends the turn, and one
    that can't be looked for keeps none of the others from their turn. One that was retried is not among them: each
    later attempt begins with the same look.
    """

    def step() -> int:
        turn = _Turn(now)
        one_by_one(_due(now, limit), turn.look_for)
        return turn.looked

    return in_turns(step, chunk=limit)


def _due(now: dt.datetime, limit: int) -> list[BankPayout]:
    """Those not looked for since a day, the longest first. One that gave way to another was never sent."""
    return list(
        BankPayout.objects.filter(
            status=BankPayoutStatus.FAILED,
            processor_payout_id__isnull=True,
            payout__status=PayoutStatus.BANK_FAILED,
            created_at__gt=now - LOOK_FOR_REFUSED_FOR,
            updated_at__lte=now - LOOK_FOR_REFUSED_EVERY,
        )
        .exclude(failure_code=BankRefusal.SUPERSEDED)
        .select_related("payout")
        .order_by("updated_at", "id")[:limit]
    )


class _Turn:
    """One set of them, which a processor that does not answer ends."""

    def __init__(self, now: dt.datetime) -> None:
        self._now, self._lost = now, 0
        self.looked = 0

    def look_for(self, attempt: BankPayout) -> None:
        if self._lost >= LOST_ANSWERS_PER_TURN:
            return
        processor = processor_named(attempt.payout.processor)
        try:
            found = processor.find_payout(attempt.public_id, processor_account_id=attempt.processor_account_id)
            if found is not None:
                record_found(found=found, now=self._now)
        except (OutcomeUnknown, ProcessorUnavailable):
            self._lost += 1
            return
        except (ProcessorError, BankPayoutContradiction, UnknownBankPayout) as error:
            # An account that is gone has none of our payouts; of a contradiction staff have been told.
            log.warning("refused_bank_payout_not_found", bank_payout=attempt.public_id, code=error.code)
        BankPayout.objects.filter(id=attempt.pk, status=BankPayoutStatus.FAILED).update(updated_at=self._now)
        self.looked += 1
