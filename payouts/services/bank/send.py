"""Call: send payouts to artisans' banks at the processor, outside any transaction, and find out about lost answers."""

import datetime as dt

import structlog
from django.db import transaction

from common.money import Money
from payments import services as payments
from payments.contracts import (
    OutcomeUnknown,
    PaymentDeclined,
    PayoutFound,
    PayoutRequest,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import ProcessorPayoutStatus, RequestKind
from payments.models import ProcessorRequest
from payments.processors import processor_named
from payments.processors.base import Processor
from payments.services.outgoing import LEASE
from payouts.enums import BankPayoutStatus, PayoutStatus
from payouts.models import BankPayout, Payout
from payouts.services.bank.amount import minor_left
from payouts.services.bank.later import tell_staff_of_long_wait
from payouts.services.bank.locking import lock_payout
from payouts.services.bank.pauses import LONG_WAIT, LOST_ANSWERS_PER_TURN
from payouts.services.bank.reasons import BankRefusal, refusal_of, refusal_seen_in
from payouts.services.bank.record import (
    BankPayoutContradiction,
    record_found,
    record_refused,
    record_superseded,
    record_unresolved,
)
from payouts.services.bank.request import MustWait, request_bank_payout
from payouts.services.send import look_up, looked_up_first

log = structlog.get_logger(__name__)

_ENDED = (ProcessorPayoutStatus.FAILED, ProcessorPayoutStatus.CANCELED)


def send_to_bank(*, payout_id: int, now: dt.datetime) -> PayoutStatus:
    """Sends a payout that has been transferred on to the artisan's bank; returns its status then. Not in a transaction.

    Where the money is not available yet, payouts are paused, or some of it is being brought back, it stays as it is
    and `look_after_bank_payouts` takes it up again. Of two at once, one sends it.
    """
    payout = Payout.objects.get(id=payout_id)
    if payout.status == PayoutStatus.TRANSFERRED:
        if not _is_available(payout):
            _wait(payout_id, now)
        elif (request := _request_first(payout_id, now)) is not None:
            carry_out(request, now)
    return PayoutStatus(Payout.objects.only("status").get(id=payout_id).status)


def send_bank_payout(*, bank_payout_reference: str, now: dt.datetime) -> BankPayoutStatus:
    """Sends an attempt that was asked for just now; returns its status then. Not in a transaction.

    One that was sent before, or whose lease is half over, is left to `resolve_bank_payouts`.
    """
    request = ProcessorRequest.objects.filter(
        kind=RequestKind.CREATE_PAYOUT, subject=bank_payout_reference, finished_at__isnull=True, tries=0
    ).first()
    if request is not None and now - request.created_at <= LEASE / 2:
        carry_out(request, now)
    return BankPayoutStatus(BankPayout.objects.get(public_id=bank_payout_reference).status)


def resolve_bank_payouts(*, now: dt.datetime, limit: int = 50) -> int:
    """Takes up requests that were never sent or got no answer: looked up first, and only what is not there is sent.

    Each is claimed right before its call. Returns how many came to an outcome. Not in a transaction.
    """
    resolved = lost = 0
    for _ in range(limit):
        claimed = payments.claim_due(kinds=[RequestKind.CREATE_PAYOUT], now=now, limit=1)
        if not claimed or lost >= LOST_ANSWERS_PER_TURN:
            break
        is_open = carry_out(claimed[0], now) in (BankPayoutStatus.REQUESTED, BankPayoutStatus.UNKNOWN)
        resolved, lost = resolved + (not is_open), lost + is_open
    return resolved


def carry_out(request: ProcessorRequest, now: dt.datetime) -> BankPayoutStatus:
    """Takes one attempt to its outcome, which is recorded; returns the status it has then. Not in a transaction."""
    processor, asked = processor_named(request.processor), _as_asked(request)

    @look_up
    def find() -> PayoutFound | None:
        return processor.find_payout(asked.reference, processor_account_id=asked.processor_account_id)

    try:
        found, request = looked_up_first(request, find=find, now=now)
        if found is None:
            earlier = _earlier_attempt(processor, asked)
            if earlier is not None:
                record_superseded(request=request, found=earlier, now=now)
                return BankPayoutStatus(BankPayout.objects.only("status").get(public_id=asked.reference).status)
            found = payments.perform(
                request, send=lambda key: processor.create_payout(asked, idempotency_key=key), find=find, now=now
            )
        record_found(found=found, now=now)
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        record_unresolved(request=request, lost=lost, now=now)
    except (ProcessorRefused, PaymentDeclined) as refusal:
        code = _word_for(processor, asked, refusal)
        record_refused(request=request, refusal=refusal, code=code, now=now)
    except BankPayoutContradiction as contradiction:
        # A person has to look at it; until then it counts as on its way and is asked after with growing pauses.
        record_unresolved(request=request, lost=ProcessorError(processor_code=contradiction.code), now=now)
    return BankPayoutStatus(BankPayout.objects.only("status").get(public_id=asked.reference).status)


def _request_first(payout_id: int, now: dt.datetime) -> ProcessorRequest | None:
    try:
        with transaction.atomic():
            payout, transfer = lock_payout(payout_id)
            if payout.status != PayoutStatus.TRANSFERRED:
                return None
            return request_bank_payout(payout, transfer, now=now)
    except MustWait as wait:
        log.info("bank_payout_waits", payout=payout.public_id, why=wait.detail)
        _wait(payout_id, now)
        return None


def _wait(payout_id: int, now: dt.datetime) -> None:
    """Says that it was looked at now, so that the next pause is longer than this one was."""
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(id=payout_id)
        if payout.status != PayoutStatus.TRANSFERRED:
            return
        payout.updated_at = now
        payout.save(update_fields=["updated_at"])
        if now - (payout.transferred_at or payout.created_at) > LONG_WAIT:
            tell_staff_of_long_wait(payout)


def _is_available(payout: Payout) -> bool:
    """Whether the artisan's balance at the processor covers it. Without an answer: not as far as we know."""
    minor = minor_left(payout)
    if not minor:
        return True
    processor = processor_named(payout.processor)
    try:
        balance = processor.retrieve_account_balance(payout.destination_account_id)
    except ProcessorRefused:
        # The request itself gets the same refusal, and that is put down with its reason.
        return True
    except (OutcomeUnknown, ProcessorUnavailable):
        return False
    return balance.available.get(payout.currency, 0) >= minor


def _earlier_attempt(processor: Processor, asked: PayoutRequest) -> PayoutFound | None:
    """A refused attempt that reached the processor after all: with another one the money would be sent twice.

    Raises what a look-up raises.
    """
    refused = BankPayout.objects.filter(
        payout__bank_payouts__public_id=asked.reference, processor_payout_id__isnull=True
    ).exclude(public_id=asked.reference)
    for earlier in refused.order_by("attempt"):
        found = processor.find_payout(earlier.public_id, processor_account_id=asked.processor_account_id)
        if found is not None and found.status not in _ENDED:
            return found
    return None


def _word_for(processor: Processor, asked: PayoutRequest, refusal: ProcessorError) -> BankRefusal:
    """Our word for a refusal. Where its code says nothing, the account is asked what stands in the way."""
    word = refusal_of(refusal.processor_code)
    if word is not BankRefusal.REFUSED:
        return word
    try:
        return refusal_seen_in(processor.retrieve_account(asked.processor_account_id))
    except ProcessorError:
        return word


def _as_asked(request: ProcessorRequest) -> PayoutRequest:
    """From the stored body alone, so that a key never carries another body."""
    body = request.body
    return PayoutRequest(
        reference=body["bank_payout"],
        processor_account_id=body["account"],
        amount=Money(body["amount_minor"], body["currency"]),
        statement=body["statement"],
        trace_id=body["trace_id"],
    )
