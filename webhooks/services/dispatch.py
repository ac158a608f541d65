"""What is done about an event: one use case per concern, and one place that maps its refusals to the inbox's words.

An event only says where to look. The use case asks the processor what is true now, so order, delay and repetition of
events do not matter.
"""

import datetime as dt
from collections.abc import Callable

from common.errors import DomainError
from common.ids import is_public_id
from orders import services as orders_services
from payments.contracts import ProcessorRefused, UnknownDispute, UnknownMethod, UnknownPayment, UnknownRefund
from payments.processors.events import EventConcern
from payments.services import saved
from payouts import services as payouts_services
from payouts.contracts import UnknownTransfer
from payouts.services import bank
from payouts.services.accounts import UnknownAccount
from reconciliation import services as reconciliation
from webhooks.contracts import Claim, Outcome
from webhooks.enums import EventEdge

Handler = Callable[[Claim, dt.datetime], Outcome]

# What happens on a seller's own account and is ours to follow.
_OF_SELLERS = (EventConcern.SELLER_ACCOUNT, EventConcern.SELLER_PAYOUT)
_NOT_OURS = Outcome(EventEdge.NOT_FOR_US, "not made by this shop")


def dispatch(*, claim: Claim, now: dt.datetime) -> Outcome:
    """Does what the claim's concern asks for. Defects (any other exception) are the caller's to record."""
    concern = EventConcern(claim.concern)
    if claim.events[0].connected_account_id and concern not in _OF_SELLERS:
        return Outcome(EventEdge.NOT_FOR_US, "belongs to a seller's own account")
    try:
        return _HANDLERS[concern](claim, now)
    except ProcessorRefused as error:
        # The same look-up would be refused again: a person has to see it.
        return Outcome(EventEdge.GAVE_UP, f"{error.code} {error.processor_code}: {error.detail}")
    except DomainError as error:
        return Outcome(EventEdge.ATTEMPT_FAILED, f"{error.code}: {error.detail}")


def _payment(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "a charge without a payment")
    reference = claim.reference if is_public_id(claim.reference, "pay") else None
    try:
        orders_services.settle_payment(
            processor=claim.source,
            processor_payment_id=claim.subject_id,
            payment_reference=reference,
            source="webhook",
            now=now,
        )
    except UnknownPayment:
        return _unknown(reference)
    return Outcome(EventEdge.SETTLED)


def _refund(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no refund; the refund's own events do")
    try:
        orders_services.settle_refund(
            processor=claim.source, processor_refund_id=claim.subject_id, source="webhook", now=now
        )
    except (UnknownRefund, UnknownPayment):
        return _unknown(claim.reference if is_public_id(claim.reference, "ref") else None)
    return Outcome(EventEdge.SETTLED)


def _transfer(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no transfer")
    reference = claim.reference if is_public_id(claim.reference, "trf") else None
    try:
        payouts_services.settle_transfer(processor_transfer_id=claim.subject_id, transfer_reference=reference, now=now)
    except UnknownTransfer:
        return _unknown(reference)
    return Outcome(EventEdge.SETTLED)


def _seller_payout(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no payout")
    reference = claim.reference if is_public_id(claim.reference, "bpo") else None
    try:
        bank.settle_bank_payout(
            processor_payout_id=claim.subject_id,
            processor_account_id=claim.events[0].connected_account_id,
            bank_payout_reference=reference,
            now=now,
        )
    except bank.UnknownBankPayout:
        # Somebody made it at the processor, or an automatic schedule there did.
        return _unknown(reference)
    return Outcome(EventEdge.SETTLED)


def _dispute(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no dispute")
    try:
        orders_services.settle_dispute(
            processor=claim.source, processor_dispute_id=claim.subject_id, source="webhook", now=now
        )
    except UnknownPayment:
        return _NOT_OURS
    except UnknownDispute as error:
        return Outcome(EventEdge.OBJECT_UNKNOWN, error.detail)
    return Outcome(EventEdge.SETTLED)


def _method(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no way to pay")
    try:
        saved.settle_method(processor=claim.source, processor_method_id=claim.subject_id, source="webhook", now=now)
    except UnknownMethod:
        return _late_method(claim, now)
    return Outcome(EventEdge.SETTLED)


def _late_method(claim: Claim, now: dt.datetime) -> Outcome:
    """Kept after the payment that it came with. What came with a setup is recorded with that, as is all of Stripe's."""
    try:
        if not claim.processor_payment_id:
            raise UnknownMethod()
        orders_services.keep_late_method(
            processor=claim.source, processor_method_id=claim.subject_id,
            processor_payment_id=claim.processor_payment_id, source="webhook", now=now,
        )  # fmt: skip
    except UnknownMethod:
        return Outcome(EventEdge.NOT_FOR_US, "nobody has agreed to keep this here")
    return Outcome(EventEdge.SETTLED)


def _setup(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no setup")
    try:
        saved.settle_setup(processor=claim.source, processor_setup_id=claim.subject_id, now=now)
    except UnknownMethod:
        return _unknown(claim.reference if is_public_id(claim.reference, "set") else None)
    return Outcome(EventEdge.SETTLED)


def _seller_account(claim: Claim, now: dt.datetime) -> Outcome:
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no account")
    try:
        account = payouts_services.settle_account(processor_account_id=claim.subject_id, source="webhook", now=now)
    except UnknownAccount as error:
        if not error.may_come:
            return _NOT_OURS
        return Outcome(EventEdge.OBJECT_UNKNOWN, f"{claim.subject_id} is not known yet")
    if account is None:
        return Outcome(EventEdge.NOT_FOR_US, "an account in whose place the artisan has another")
    return Outcome(EventEdge.SETTLED)


def _platform_payout(claim: Claim, now: dt.datetime) -> Outcome:
    """Our own money on its way from the processor to our bank account."""
    if not claim.subject_id:
        return Outcome(EventEdge.NOT_FOR_US, "names no payout")
    is_there = reconciliation.settle_platform_payout(
        processor=claim.source, processor_payout_id=claim.subject_id, now=now
    )
    return Outcome(EventEdge.SETTLED) if is_there else _NOT_OURS


def _unknown(reference: str | None) -> Outcome:
    """Named as ours: our own record may still be on its way. Otherwise somebody else uses the same account."""
    return Outcome(EventEdge.OBJECT_UNKNOWN, f"{reference} is not known yet") if reference else _NOT_OURS


def _not_acted_on(reason: str) -> Handler:
    def ignore(claim: Claim, now: dt.datetime) -> Outcome:
        return Outcome(EventEdge.NOT_FOR_US, reason)

    return ignore


_HANDLERS: dict[EventConcern, Handler] = {
    EventConcern.PAYMENT: _payment,
    EventConcern.REFUND: _refund,
    EventConcern.TRANSFER: _transfer,
    EventConcern.DISPUTE: _dispute,
    EventConcern.METHOD: _method,
    EventConcern.SETUP: _setup,
    EventConcern.SELLER_ACCOUNT: _seller_account,
    EventConcern.PLATFORM_PAYOUT: _platform_payout,
    EventConcern.SELLER_PAYOUT: _seller_payout,
    EventConcern.OTHER: _not_acted_on("nothing here depends on events of this type"),
}
