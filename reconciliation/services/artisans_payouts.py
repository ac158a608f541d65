"""Artisans' payouts whose promised day is over: the processor is asked, since the news of them may have been lost.

They leave the artisan's own balance at the processor, so no statement of ours shows them, and the books are not
concerned. What an artisan reads about them has to be true all the same.
"""

import datetime as dt
from dataclasses import dataclass, field

import structlog

from payments.contracts import ProcessorError
from payouts.enums import BankPayoutStatus
from payouts.models import BankPayout
from payouts.services import bank

log = structlog.get_logger(__name__)

# Banks need a day or two after the processor's date, and weekends do not count.
_DAYS_LATE = 3
# A processor that does not answer is left alone for the rest of a run.
_LOST_ANSWERS = 3


@dataclass(slots=True)
class Asked:
    """`told`: of which there was news. `late`: still under way, days after the date that was promised."""

    told: list[BankPayout] = field(default_factory=list)
    late: list[BankPayout] = field(default_factory=list)


def ask_after_artisans_payouts(*, now: dt.datetime) -> Asked:
    """Each is settled as by the webhook that should have come. Not in a transaction."""
    asked, lost = Asked(), 0
    due = BankPayout.objects.filter(status=BankPayoutStatus.PENDING, arrival_date__lt=now.date()).order_by("id")
    for payout in due.iterator():
        known = payout
        if lost < _LOST_ANSWERS:
            try:
                known = bank.settle_bank_payout(
                    processor_payout_id=str(payout.processor_payout_id),
                    processor_account_id=payout.processor_account_id,
                    now=now,
                )
            except (bank.BankPayoutContradiction, bank.UnknownBankPayout) as error:
                # A person has to look at it; once it is late it is in the queue.
                log.error("bank_payout_not_found", bank_payout=payout.public_id, code=error.code)
            except ProcessorError:
                lost += 1
        if known.status != BankPayoutStatus.PENDING:
            asked.told.append(known)
        elif known.arrival_date is not None and now.date() > known.arrival_date + dt.timedelta(days=_DAYS_LATE):
            asked.late.append(known)
    return asked
