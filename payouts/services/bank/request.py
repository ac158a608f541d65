"""Persist: a payout to a bank is written down, with what is asked of the processor, before anything is sent."""

import datetime as dt

from common import audit, context
from common.errors import DomainError, ErrorKind
from common.ids import new_public_id
from common.money import Money
from payments import services as payments
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.enums import BankPayoutStatus, PayoutEdge
from payouts.models import BankPayout, Payout, PayoutPolicy, Transfer
from payouts.services.bank.amount import has_reversals_under_way, minor_for_bank
from payouts.services.bank.locking import next_attempt
from payouts.services.history import move_payout
from payouts.services.pauses import lock_pauses

_STATEMENT = "ARTISANS HUB"  # what the artisan reads on the bank's statement: at most 22 plain characters


class MustWait(DomainError):
    """The payout cannot be sent to the bank right now, and later it can."""

    code = "bank_payout_must_wait"
    kind = ErrorKind.CONFLICT
    title = "This payout has to wait"


def request_bank_payout(
    payout: Payout, transfer: Transfer, *, now: dt.datetime, why: str = ""
) -> ProcessorRequest | None:
    """The request of a new attempt, or None where nothing is left of the payout, which is over then.

    In the caller's transaction, which holds the locks of `lock_payout`; the caller has seen that no attempt is alive.
    `why` stays in the payout's history.
    Raises MustWait while payouts are paused, and while some of it is being brought back: how much goes to the bank is
    not known then.
    """
    if is_paused(payout):
        raise MustWait("payouts are paused")
    if has_reversals_under_way(transfer):
        raise MustWait("some of it is being brought back at this moment")
    amount = Money(minor_for_bank(payout, transfer), payout.currency)
    if not amount:
        _bring_back(payout, now)
        return None
    bank_payout = BankPayout.objects.create(
        public_id=new_public_id("bpo"), payout=payout, attempt=next_attempt(payout),
        processor_account_id=payout.destination_account_id, amount_minor=amount.amount_minor,
        currency=payout.currency, status=BankPayoutStatus.REQUESTED, created_at=now, updated_at=now,
    )  # fmt: skip
    request = _prepare(bank_payout, payout, now)
    move_payout(payout, PayoutEdge.BANK_REQUESTED, now=now, note=why, failure_code="")
    audit.record(
        event_type="bank_payout.requested", outcome="requested", subject=bank_payout.public_id, amount=amount,
        artisan=payout.artisan.public_id, processor=payout.processor, processor_id=payout.destination_account_id,
        idempotency_key=request.idempotency_key, command="bank_payout",
    )  # fmt: skip
    return request


def is_paused(payout: Payout) -> bool:
    """Whether nobody is paid at the moment, or not this artisan. After a pause has been made, nothing is requested."""
    policy = PayoutPolicy.objects.select_for_update(no_key=True).filter(artisan_id=payout.artisan_id).first()
    return lock_pauses() or (policy is not None and policy.paused_at is not None)


def _prepare(bank_payout: BankPayout, payout: Payout, now: dt.datetime) -> ProcessorRequest:
    return payments.prepare(
        kind=RequestKind.CREATE_PAYOUT,
        processor=payout.processor,
        subject=bank_payout.public_id,
        body={
            "bank_payout": bank_payout.public_id,
            "account": bank_payout.processor_account_id,
            "amount_minor": bank_payout.amount_minor,
            "currency": bank_payout.currency,
            "statement": _STATEMENT,
            "trace_id": context.current().trace_id,
        },
        now=now,
    )


def _bring_back(payout: Payout, now: dt.datetime) -> None:
    move_payout(payout, PayoutEdge.BROUGHT_BACK, now=now, failure_code="")
    audit.record(
        event_type="payout.brought_back", outcome="succeeded", subject=payout.public_id, amount=payout.amount,
        artisan=payout.artisan.public_id, processor=payout.processor, processor_id=payout.destination_account_id,
        command="bank_payout",
    )  # fmt: skip
