"""What could not be sent to a bank yet is asked for again by itself, after pauses that grow."""

import datetime as dt

from common import outbox
from payouts.models import BankPayout, Payout
from payouts.services.bank.pauses import LONG_WAIT, pause_of


def ask_again_later(bank_payout: BankPayout, payout: Payout, now: dt.datetime) -> None:
    """Nobody is bothered unless it takes long. In the caller's transaction."""
    since = payout.transferred_at or payout.created_at
    outbox.enqueue(
        task="payouts.tasks.ask_bank_again",
        kwargs={"payout_id": payout.pk, "after_attempt": bank_payout.attempt},
        available_at=now + pause_of(waited=now - since),
    )
    if now - since > LONG_WAIT:
        tell_staff_of_long_wait(payout)


def tell_staff_of_long_wait(payout: Payout) -> None:
    """Once for each payout. In the caller's transaction."""
    outbox.enqueue(
        task="payouts.tasks.announce_long_wait",
        kwargs={"payout_id": payout.pk},
        key=f"bank-waits:{payout.public_id}",
    )
