"""What is on the account, and every movement: https://developer.paypal.com/docs/api/transaction-search/v1/"""

import datetime as dt
from typing import Any

from sandbox.paypal import balance, funding
from sandbox.paypal.currencies import money
from sandbox.paypal.errors import ApiError, invalid
from sandbox.paypal.work import MERCHANT_ID, Work, time_text
from sandbox.store import Document

# One search may ask for 31 days at most.
_LONGEST_SECONDS = 31 * 24 * 3600
# More than so many are not listed at all, in however many pages.
MOST_RESULTS = 10_000


def balances(work: Work) -> Document:
    until = _moment(work, "as_of_time") if "as_of_time" in work.query else work.now
    wanted = work.query.get("currency_code", "ALL")
    return {
        "balances": [
            {
                "currency": currency,
                "primary": currency == "EUR",
                "total_balance": money(totals.total, currency),
                "available_balance": money(totals.available, currency),
                "withheld_balance": money(totals.withheld, currency),
            }
            for currency, totals in balance.totals(work, until=until).items()
            if wanted in ("ALL", currency)
        ],
        "account_id": MERCHANT_ID,
        "as_of_time": time_text(until),
        "last_refresh_time": work.time(),
    }


def transactions(work: Work) -> Document:
    """Movements between `start_date` and `end_date`, oldest first."""
    start, end = _moment(work, "start_date"), _moment(work, "end_date")
    if end < start or end - start > _LONGEST_SECONDS:
        raise invalid([_wrong("end_date", work.query["end_date"])])
    size, page = _number(work, "page_size", 100, 500), _number(work, "page", 1, 2**31)
    rows = work.store.sql.execute(
        "SELECT * FROM paypal_money WHERE created BETWEEN ? AND ? ORDER BY created, rowid", (start, end)
    ).fetchall()
    wanted = work.query.get("transaction_id")
    if wanted:
        rows = [row for row in rows if wanted in (row["id"], row["reference"])]
    if "transaction_currency" in work.query:
        rows = [row for row in rows if row["currency"] == work.query["transaction_currency"]]
    if len(rows) > int(work.option("paypal_most_results", MOST_RESULTS)):
        raise ApiError("RESULTSET_TOO_LARGE")
    fields = work.query.get("fields", "transaction_info").split(",")
    document: Document = {
        "account_number": MERCHANT_ID,
        "start_date": time_text(start),
        "end_date": time_text(end),
        "last_refreshed_datetime": work.time(),
        "page": page,
        "total_items": len(rows),
        "total_pages": max(1, -(-len(rows) // size)),
        "links": [work.link("self", "/v1/reporting/transactions")],
    }
    listed = rows[(page - 1) * size : page * size]
    if listed:
        document["transaction_details"] = [_detail(work, row, fields) for row in listed]
    return document


def _detail(work: Work, row: Any, fields: list[str]) -> Document:
    info: Document = {
        "paypal_account_id": funding.BUYER_ID,
        "transaction_id": row["id"],
        "transaction_event_code": row["code"],
        "transaction_initiation_date": time_text(row["created"]),
        "transaction_updated_date": time_text(row["created"]),
        "transaction_amount": money(row["amount"], row["currency"]),
        "transaction_status": "S",
    }
    if row["fee"]:
        info["fee_amount"] = money(-row["fee"], row["currency"])
    if row["reference"]:
        info |= {"paypal_reference_id": row["reference"], "paypal_reference_id_type": "TXN"}
    found = work.store.find(row["subject"])
    about = found[0] if found is not None else {}
    info |= {
        name: about[field]
        for field, name in (("invoice_id", "invoice_id"), ("custom_id", "custom_field"))
        if field in about
    }
    detail: Document = {"transaction_info": info}
    if "all" in fields or "payer_info" in fields:
        detail["payer_info"] = {
            "account_id": funding.BUYER_ID,
            "email_address": funding.BUYER_EMAIL,
            "payer_name": funding.BUYER_NAME,
            "country_code": funding.BUYER_COUNTRY,
        }
    return detail


def _moment(work: Work, name: str) -> int:
    """Unix seconds of a moment in the query. Raises ApiError."""
    text = work.query.get(name, "")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid([_wrong(name, text)]) from error
    if moment.tzinfo is None:
        raise invalid([_wrong(name, text)])
    return int(moment.timestamp())


def _number(work: Work, name: str, default: int, largest: int) -> int:
    text = work.query.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise invalid([_wrong(name, text)])
    return int(text)


def _wrong(name: str, value: str) -> dict[str, str]:
    return {"field": name, "value": value, "location": "query", "issue": "INVALID_PARAMETER_SYNTAX"}
