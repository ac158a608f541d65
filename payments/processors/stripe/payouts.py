"""Payouts from a connected account's Stripe balance to its bank, sent when we say so: its schedule is manual."""

import stripe
import structlog

from common.money import Money
from payments.contracts import AccountBalance, PayoutFound, PayoutRequest
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payments.processors.stripe import mapping
from payments.processors.stripe.client import errors_are_ours

log = structlog.get_logger(__name__)

# https://docs.stripe.com/api/payouts/object#payout_object-status
STATUS = {
    "pending": ProcessorPayoutStatus.PENDING,
    "in_transit": ProcessorPayoutStatus.IN_TRANSIT,
    "paid": ProcessorPayoutStatus.PAID,
    "failed": ProcessorPayoutStatus.FAILED,
    "canceled": ProcessorPayoutStatus.CANCELED,
}
# https://docs.stripe.com/api/payouts/failures, and codes that Stripe's dashboards explain besides; for the SDK they are
# plain text. Money has come back whatever the code: one that Stripe adds later is OTHER, and said in the log.
FAILURE = {
    "account_closed": PayoutFailure.ACCOUNT_CLOSED,
    "account_frozen": PayoutFailure.ACCOUNT_FROZEN,
    "bank_account_restricted": PayoutFailure.ACCOUNT_RESTRICTED,
    "bank_ownership_changed": PayoutFailure.OWNER_CHANGED,
    "could_not_process": PayoutFailure.NOT_PROCESSED,
    "debit_not_authorized": PayoutFailure.DEBIT_REFUSED,
    "declined": PayoutFailure.DECLINED,
    "incorrect_account_holder_address": PayoutFailure.HOLDER_ADDRESS_WRONG,
    "incorrect_account_holder_name": PayoutFailure.HOLDER_NAME_WRONG,
    "incorrect_account_holder_tax_id": PayoutFailure.HOLDER_TAX_ID_WRONG,
    "exceeds_amount_limit": PayoutFailure.DECLINED,
    "exceeds_count_limit": PayoutFailure.DECLINED,
    "incorrect_account_holder_details": PayoutFailure.HOLDER_NAME_WRONG,
    "incorrect_account_type": PayoutFailure.ACCOUNT_RESTRICTED,
    "insufficient_funds": PayoutFailure.INSUFFICIENT_FUNDS,
    "invalid_account_number": PayoutFailure.NUMBER_INVALID,
    "invalid_account_number_length": PayoutFailure.NUMBER_INVALID,
    "invalid_currency": PayoutFailure.CURRENCY_REFUSED,
    "issuer_unavailable": PayoutFailure.NOT_PROCESSED,
    "no_account": PayoutFailure.ACCOUNT_NOT_FOUND,
    "unsupported_card": PayoutFailure.CARD_UNSUPPORTED,
}


class PaysToBanks:
    """The part of the Stripe processor that acts on a connected account."""

    _client: stripe.StripeClient

    def create_payout(self, request: PayoutRequest, *, idempotency_key: str) -> PayoutFound:
        with errors_are_ours("create_payout"):
            payout = self._client.v1.payouts.create(
                {
                    "amount": request.amount.amount_minor,
                    "currency": request.amount.currency.lower(),
                    "statement_descriptor": request.statement,
                    "metadata": {"payout": request.reference, "trace_id": request.trace_id},
                },
                {"idempotency_key": idempotency_key, "stripe_account": request.processor_account_id},
            )
        return payout_found(payout, request.processor_account_id)

    def retrieve_payout(self, processor_payout_id: str, *, processor_account_id: str) -> PayoutFound:
        with errors_are_ours("retrieve_payout"):
            payout = self._client.v1.payouts.retrieve(
                processor_payout_id, None, {"stripe_account": processor_account_id}
            )
        return payout_found(payout, processor_account_id)

    def find_payout(self, reference: str, *, processor_account_id: str) -> PayoutFound | None:
        with errors_are_ours("find_payout"):
            page = self._client.v1.payouts.list({"limit": 100}, {"stripe_account": processor_account_id})
            for payout in page.auto_paging_iter():
                if mapping.reference_in(payout.metadata, "payout") == reference:
                    return payout_found(payout, processor_account_id)
        return None

    def retrieve_account_balance(self, processor_account_id: str) -> AccountBalance:
        with errors_are_ours("retrieve_account_balance"):
            balance = self._client.v1.balance.retrieve(None, {"stripe_account": processor_account_id})
        available, pending = sums(balance)
        return AccountBalance(available=available, pending=pending)


def payout_found(payout: stripe.Payout, processor_account_id: str) -> PayoutFound:
    """A payout does not say whose it is: it is the account's that it was asked for with."""
    return PayoutFound(
        processor_payout_id=payout.id,
        payout_reference=mapping.reference_in(payout.metadata, "payout"),
        processor_account_id=processor_account_id,
        amount=Money(payout.amount, payout.currency.upper()),
        status=mapping.mapped(STATUS, payout.status, "payout status"),
        arrival_date=mapping.moment(payout.arrival_date).date() if payout.arrival_date else None,
        failure_code=_failure(payout.failure_code),
        failure_message=payout.failure_message or "",
    )


def sums(balance: stripe.Balance) -> tuple[dict[str, int], dict[str, int]]:
    """What is available and what is pending, in minor units per currency."""
    available = {part.currency.upper(): part.amount for part in balance.available}
    return available, {part.currency.upper(): part.amount for part in balance.pending}


def _failure(code: str | None) -> PayoutFailure:
    if not code:
        return PayoutFailure.NONE
    if code not in FAILURE:
        log.error("stripe_value_unmapped", what="payout failure", value=code)
    return FAILURE.get(code, PayoutFailure.OTHER)
