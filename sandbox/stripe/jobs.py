"""What happens by itself when its time has come."""

from collections.abc import Callable

from sandbox.stripe import charges, checkout_sessions, disputes, payment_intents, payouts, refunds, requirements, topups
from sandbox.stripe.work import Work

_JOBS: dict[str, Callable[[Work, str], object]] = {
    "settle_charge": charges.settle_later,
    "expire_session": checkout_sessions.run_out,
    "expire_authorization": payment_intents.expire_authorization,
    "open_dispute": disputes.open_,
    "refund_succeeds": refunds.succeed,
    "refund_fails": refunds.fail,
    "dispute_due": disputes.fall_due,
    "inquiry_lapses": disputes.lapse,
    "fund_refund": refunds.fund,
    "payout_sent": payouts.send,
    "payout_paid": payouts.arrive,
    "topup_arrives": topups.arrive,
    "check_account": requirements.check,
    "requirements_due": requirements.fall_due,
}


def run(work: Work, kind: str, subject: str) -> None:
    _JOBS[kind](work, subject)
