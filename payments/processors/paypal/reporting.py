"""PayPal's transactions, by its search or from the CSV file of its Settlement Report.

https://developer.paypal.com/docs/api/transaction-search/v1/
https://developer.paypal.com/reports/reference/t-codes
https://developer.paypal.com/docs/reports/sftp-reports/settlement-report/
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from common.money import Money
from payments.contracts import MovementFound, MovementKind, MovementUnreadable, PlatformPayoutFound, ProcessorRefused
from payments.processors import statements
from payments.processors.paypal.amounts import UnmappedPayPalValue, money_in
from payments.processors.paypal.client import Document, PayPalClient
from payments.processors.paypal.mapping import time_in
from payments.processors.paypal.related import order_of_capture

_PER_PAGE = 500
# One search covers 31 days at most.
_SPAN = dt.timedelta(days=31)
_SECOND = dt.timedelta(seconds=1)
# PayPal lists ten thousand transactions for one search, in however many pages, and refuses what is more.
_TOO_LARGE = "RESULTSET_TOO_LARGE"
# By code where the code matters, and else by the group, its first three characters.
_BY_CODE = {
    "T0013": MovementKind.OTHER,
    "T1101": MovementKind.PAYOUT_REVERSAL,
    "T1104": MovementKind.TOP_UP_REVERSAL,
    "T1105": MovementKind.HOLD,
    "T1106": MovementKind.DISPUTE,
    "T1107": MovementKind.REFUND,
    "T1108": MovementKind.FEE,
    "T1109": MovementKind.FEE,
    "T1110": MovementKind.HOLD,
    "T1111": MovementKind.HOLD,
    "T1115": MovementKind.REFUND_FAILURE,
    "T1201": MovementKind.DISPUTE,
    "T1202": MovementKind.DISPUTE_REVERSAL,
    # The fees of disputes belong to the dispute and not to us alone.
    "T0106": MovementKind.DISPUTE,
    "T0118": MovementKind.DISPUTE,
}
_BY_GROUP = {
    "T00": MovementKind.CHARGE,
    "T01": MovementKind.FEE,
    "T02": MovementKind.CONVERSION,
    "T03": MovementKind.TOP_UP,
    "T04": MovementKind.PAYOUT,
    "T12": MovementKind.DISPUTE,
    # Authorizations, and holds of all sorts: the balance as a whole is what it was.
    "T13": MovementKind.HOLD,
    "T15": MovementKind.HOLD,
    "T21": MovementKind.HOLD,
}
_DISPUTES = "/v1/customer/disputes"
_DISPUTE_FEES = frozenset({"T0106", "T0118"})
_ABOUT_A_PAYMENT = frozenset({MovementKind.DISPUTE, MovementKind.DISPUTE_REVERSAL})
# Pending and denied transactions have moved nothing; a reversed one (V) stays, and its reversal is another one.
_MOVED = frozenset({"S", "V", ""})
_FILE_COLUMNS = (
    "Transaction ID", "PayPal Reference ID", "Transaction Event Code", "Transaction Completion Date",
    "Transaction Debit or Credit", "Gross Transaction Amount", "Gross Transaction Currency", "Fee Debit or Credit",
    "Fee Amount",
)  # fmt: skip
_TRANSACTION = "TXN"
_FILE_TIME = "%Y/%m/%d %H:%M:%S %z"
_SIGN = {"CR": 1, "DR": -1}


class PayPalReports:
    """`Reports` of our PayPal account."""

    # PayPal: "It takes a maximum of three hours for executed transactions to appear". One more for clocks and queues.
    complete_after = dt.timedelta(hours=4)

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def list_movements(self, since: dt.datetime, until: dt.datetime) -> Iterator[MovementFound]:
        start = since
        while start < until:
            end = min(start + _SPAN - _SECOND, until)
            yield from self._search(start, end, until)
            # Both ends of a search are included, and PayPal's times have no fractions.
            start = end + _SECOND

    def _search(self, start: dt.datetime, end: dt.datetime, until: dt.datetime) -> Iterator[MovementFound]:
        """In halves where there is too much for one search; what was read of it before may come twice."""
        try:
            yield from self._window(start, end, until)
        except ProcessorRefused as refused:
            if refused.processor_code != _TOO_LARGE or end - start < 2 * _SECOND:
                raise
            middle = start + ((end - start) / 2 // _SECOND) * _SECOND
            yield from self._search(start, middle, until)
            yield from self._search(middle + _SECOND, end, until)

    def _window(self, start: dt.datetime, end: dt.datetime, until: dt.datetime) -> Iterator[MovementFound]:
        page, pages = 1, 1
        while page <= pages:
            document = self._client.sdk("list_movements", self._client.reports.search_transactions, {
                "start_date": start.isoformat(timespec="seconds"), "end_date": end.isoformat(timespec="seconds"),
                "fields": "transaction_info", "balance_affecting_records_only": "Y", "page_size": _PER_PAGE,
                "page": page,
            })  # fmt: skip
            for entry in document.get("transaction_details") or []:
                found = _found(entry.get("transaction_info") or {})
                if found is not None and found.occurred_at < until:
                    yield found
            page, pages = page + 1, int(document.get("total_pages") or 1)

    def read_statement(self, lines: Iterable[str]) -> Iterator[MovementFound]:
        """The Settlement Report: lines CH name the columns, lines SB are transactions, the others are its frame."""
        names: list[str] = []
        for number, row in enumerate(statements.cells(lines), start=1):
            if row and row[0].removeprefix("\ufeff") == "CH":
                names = [name.strip() for name in row]
                missing = [name for name in _FILE_COLUMNS if name not in names]
                if missing:
                    raise MovementUnreadable(f"the file has no column {', '.join(missing)}")
            elif row and row[0] == "SB":
                if len(row) != len(names):
                    raise MovementUnreadable(f"line {number} has another number of columns than the headings")
                yield _read(dict(zip(names, row, strict=True)))
        if not names:
            raise MovementUnreadable("the file has no line CH with the names of its columns")

    def retrieve_platform_payout(self, processor_payout_id: str) -> PlatformPayoutFound | None:
        """PayPal tells of a withdrawal when it is made, and of its return by another transaction."""
        return None

    def news_about(self, *, kind: MovementKind, external_id: str, subject_id: str, related_id: str) -> str:
        """PayPal names the payment and not the dispute: that one is found among the disputes of the payment."""
        if kind == MovementKind.CHARGE:
            return order_of_capture(self._client, external_id)
        if kind not in _ABOUT_A_PAYMENT:
            return subject_id
        told = self._client.rest("news_about", "GET", f"{_DISPUTES}?disputed_transaction_id={quote(related_id)}")
        items = told.get("items") or [{}]
        return str(items[0].get("dispute_id") or "")


def _found(told: Document) -> MovementFound | None:
    """None for what has moved nothing."""
    if str(told.get("transaction_status") or "") not in _MOVED:
        return None
    try:
        amount = money_in(told.get("transaction_amount"))
        fee = -money_in(told["fee_amount"]) if told.get("fee_amount") else Money.zero(amount.currency)
        made_at = time_in(told.get("transaction_initiation_date"))
    except UnmappedPayPalValue as error:
        raise MovementUnreadable(f"transaction {told.get('transaction_id')}: {error}") from error
    return _movement(
        external_id=str(told.get("transaction_id") or ""),
        code=str(told.get("transaction_event_code") or ""),
        amount=amount,
        fee=fee,
        occurred_at=made_at,
        reference=str(told.get("paypal_reference_id") or ""),
        is_of_transaction=told.get("paypal_reference_id_type") == _TRANSACTION,
        description=str(told.get("transaction_subject") or told.get("custom_field") or "")[:255],
    )


def _read(row: Mapping[str, str]) -> MovementFound:
    currency = statements.currency_in(row["Gross Transaction Currency"])
    return _movement(
        external_id=row["Transaction ID"].strip(),
        code=row["Transaction Event Code"].strip(),
        amount=_signed(row["Gross Transaction Amount"], row["Transaction Debit or Credit"], currency),
        fee=-_signed(row["Fee Amount"], row["Fee Debit or Credit"], currency),
        occurred_at=statements.moment(
            statements.text_in(row, "Transaction Initiation Date") or row["Transaction Completion Date"],
            form=_FILE_TIME,
        ),
        reference=row["PayPal Reference ID"].strip(),
        is_of_transaction=row.get("PayPal Reference ID Type", "").strip() == _TRANSACTION,
        description=statements.text_in(row, "Custom Field"),
    )


def _signed(amount: str, side: str, currency: str) -> Money:
    """An amount in minor units with CR or DR beside it; empty for none."""
    if not amount.strip():
        return Money.zero(currency)
    try:
        return statements.minor(amount, currency) * _SIGN[side.strip()]
    except KeyError as error:
        raise MovementUnreadable(f"{side!r} is neither CR nor DR") from error


def _movement(
    *,
    external_id: str,
    code: str,
    amount: Money,
    fee: Money,
    occurred_at: dt.datetime,
    reference: str,
    is_of_transaction: bool,
    description: str,
) -> MovementFound:
    if not external_id:
        raise MovementUnreadable(f"a transaction of {amount} without an id")
    kind = _BY_CODE.get(code) or _BY_GROUP.get(code[:3], MovementKind.OTHER)
    if kind == MovementKind.CHARGE and amount.amount_minor < 0:
        # Somebody paid with our account.
        kind = MovementKind.OTHER
    if kind == MovementKind.FEE or code in _DISPUTE_FEES:
        amount, fee = Money.zero(amount.currency), fee - amount
    named = {MovementKind.REFUND_FAILURE, MovementKind.PAYOUT_REVERSAL, *_ABOUT_A_PAYMENT}
    if kind == MovementKind.CHARGE and is_of_transaction:
        # A payment that belongs to another payment (others refer to an order or an agreement).
        named.add(kind)
    subject = reference if kind in named and reference else external_id
    return MovementFound(
        external_id=external_id, kind=kind, gross=amount, fee=fee, occurred_at=occurred_at, available_on=occurred_at,
        subject_id=f"{subject}:dispute" if kind in _ABOUT_A_PAYMENT else subject, related_id=reference, raw_type=code,
        description=description,
    )  # fmt: skip
