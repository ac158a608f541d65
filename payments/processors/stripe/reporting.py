"""Stripe's balance transactions, by its API or from the CSV files of its reports.

https://docs.stripe.com/api/balance_transactions and https://docs.stripe.com/reports/reporting-categories
"""

import datetime as dt
import math
from collections.abc import Iterable, Iterator

import stripe

from common.money import Money
from payments.contracts import (
    MovementFound,
    MovementKind,
    MovementUnreadable,
    PlatformPayoutFound,
    PlatformPayoutState,
    ProcessorRefused,
)
from payments.processors import statements
from payments.processors.stripe.client import errors_are_ours
from payments.processors.stripe.mapping import mapped, moment

_PER_PAGE = 100
# The category and not the type: it tells the adjustments of disputes, refunds and fees apart.
_KIND = {
    "charge": MovementKind.CHARGE,
    "charge_failure": MovementKind.CHARGE,
    # Less was captured than authorized: Stripe shows the whole amount and takes the rest back.
    "partial_capture_reversal": MovementKind.CHARGE,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILURE,
    "transfer": MovementKind.TRANSFER,
    "transfer_reversal": MovementKind.TRANSFER_REVERSAL,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_REVERSAL,
    "fee": MovementKind.FEE,
    "network_cost": MovementKind.FEE,
    "tax": MovementKind.FEE,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT_REVERSAL,
    "topup": MovementKind.TOP_UP,
    "topup_reversal": MovementKind.TOP_UP_REVERSAL,
    "other_adjustment": MovementKind.ADJUSTMENT,
    "currency_conversion": MovementKind.CONVERSION,
}
_PAYOUT_STATE = {
    "pending": PlatformPayoutState.ON_ITS_WAY,
    "in_transit": PlatformPayoutState.ON_ITS_WAY,
    "paid": PlatformPayoutState.PAID,
    "failed": PlatformPayoutState.FAILED,
    "canceled": PlatformPayoutState.FAILED,
}
_COLUMNS = ("balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category")
_TIME = "%Y-%m-%d %H:%M:%S"


class StripeReports:
    """`Reports` of the platform's own account."""

    # A charge that is captured asynchronously has its balance transaction within the hour, most within seconds:
    # https://docs.stripe.com/payments/payment-intents/asynchronous-capture
    complete_after = dt.timedelta(hours=1)

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def list_movements(self, since: dt.datetime, until: dt.datetime) -> Iterator[MovementFound]:
        """Newest first, page by page; a page is asked for when the one before was read."""
        after: str | None = None
        while True:
            params: stripe.params.BalanceTransactionListParams = {
                # Stripe's times are whole seconds: one in the midst of which `until` lies is in it.
                "created": {"gte": int(since.timestamp()), "lt": math.ceil(until.timestamp())},
                "limit": _PER_PAGE,
            }
            if after is not None:
                params["starting_after"] = after
            with errors_are_ours("list_movements"):
                page = self._client.v1.balance_transactions.list(params)
            for transaction in page.data:
                yield _found(transaction)
            if not page.has_more:
                return
            after = page.data[-1].id

    def read_statement(self, lines: Iterable[str]) -> Iterator[MovementFound]:
        """The itemized reports of balance changes, of payout reconciliation and of payouts, by their column names."""
        for row in statements.rows(lines, needs=_COLUMNS):
            currency = statements.currency_in(row["currency"])
            made_at = statements.text_in(row, "created_utc") or statements.text_in(row, "effective_at_utc")
            available = statements.text_in(row, "available_on_utc")
            external_id, category = row["balance_transaction_id"].strip(), row["reporting_category"].strip()
            gross, fee = statements.major(row["gross"], currency), statements.major(row["fee"], currency)
            if not external_id:
                raise MovementUnreadable(f"a movement of {gross} without an id")
            if statements.major(row["net"], currency) != gross - fee:
                raise MovementUnreadable(f"{external_id}: {row['net']!r} is not {gross} less {fee}")
            yield _movement(
                external_id=external_id,
                category=category,
                amount=gross,
                fee=fee,
                occurred_at=statements.moment(made_at, form=_TIME),
                available_on=statements.moment(available, form=_TIME) if available else None,
                source=statements.text_in(row, "source_id") or statements.text_in(row, "payout_id"),
                raw_type=category,
                payout_id=statements.text_in(row, "automatic_payout_id"),
                description=statements.text_in(row, "description"),
            )

    def retrieve_platform_payout(self, processor_payout_id: str) -> PlatformPayoutFound | None:
        try:
            with errors_are_ours("retrieve_platform_payout"):
                payout = self._client.v1.payouts.retrieve(processor_payout_id)
        except ProcessorRefused as refused:
            if refused.processor_code != "resource_missing":
                raise
            return None
        return PlatformPayoutFound(
            processor_payout_id=payout.id,
            amount=Money(payout.amount, payout.currency.upper()),
            state=mapped(_PAYOUT_STATE, payout.status, "payout status"),
            arrival_date=moment(payout.arrival_date).date(),
            failure_code=str(payout.failure_code or ""),
        )

    def news_about(self, *, kind: MovementKind, external_id: str, subject_id: str, related_id: str) -> str:
        if kind not in (MovementKind.CHARGE, MovementKind.TRANSFER_REVERSAL):
            return subject_id
        try:
            with errors_are_ours("news_about"):
                told = self._client.v1.balance_transactions.retrieve(external_id, {"expand": ["source"]})
        except ProcessorRefused as refused:
            if refused.processor_code != "resource_missing":
                raise
            return ""
        source = told.source
        if isinstance(source, stripe.Charge):
            intent = source.payment_intent
            return (intent if isinstance(intent, str) else intent.id) if intent else ""
        if isinstance(source, stripe.TransferReversal):
            return source.transfer if isinstance(source.transfer, str) else source.transfer.id
        return ""


def _found(transaction: stripe.BalanceTransaction) -> MovementFound:
    source, currency = transaction.source, transaction.currency.upper()
    return _movement(
        external_id=transaction.id,
        category=transaction.reporting_category,
        amount=Money(transaction.amount, currency),
        fee=Money(transaction.fee, currency),
        occurred_at=moment(transaction.created),
        available_on=moment(transaction.available_on),
        source=(source if isinstance(source, str) else str(source.id)) if source else "",
        raw_type=transaction.reporting_category,
        payout_id="",
        description=str(transaction.description or "")[:255],
    )


def _movement(
    *,
    external_id: str,
    category: str,
    amount: Money,
    fee: Money,
    occurred_at: dt.datetime,
    available_on: dt.datetime | None,
    source: str,
    raw_type: str,
    payout_id: str,
    description: str,
) -> MovementFound:
    kind = _KIND.get(category, MovementKind.OTHER)
    if kind == MovementKind.FEE:
        # Stripe shows what it charges by itself as an amount, and no fee on it.
        amount, fee = Money.zero(amount.currency), fee - amount
    return MovementFound(
        external_id=external_id, kind=kind, gross=amount, fee=fee, occurred_at=occurred_at, available_on=available_on,
        subject_id=source or external_id, payout_id=payout_id, raw_type=raw_type, description=description,
    )  # fmt: skip
