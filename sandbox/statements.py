"""The processors' statement files, as their own programs write them.

Stripe: the itemized report of balance changes (amounts in major units, times in UTC). PayPal: the Settlement Report
(amounts in minor units with CR or DR beside them, and lines that frame the transactions).
"""

import csv
import datetime as dt
import io
from decimal import Decimal

from sandbox.paypal.work import MERCHANT_ID
from sandbox.store import Store
from sandbox.stripe import currencies

_STRIPE = (
    "balance_transaction_id", "created_utc", "available_on_utc", "currency", "gross", "fee", "net",
    "reporting_category", "source_id", "description",
)  # fmt: skip
_PAYPAL = (
    "CH", "Transaction ID", "Invoice ID", "PayPal Reference ID", "PayPal Reference ID Type", "Transaction Event Code",
    "Transaction Initiation Date", "Transaction Completion Date", "Transaction Debit or Credit",
    "Gross Transaction Amount", "Gross Transaction Currency", "Fee Debit or Credit", "Fee Amount", "Fee Currency",
    "Custom Field",
)  # fmt: skip
# Holds are not in it: they settle nothing.
_HOLDS = ("T1110", "T1111")


def stripe_report(store: Store) -> str:
    written = io.StringIO()
    file = csv.writer(written)
    file.writerow(_STRIPE)
    for one in store.select("balance_transaction", account="", newest_first=False):
        places = currencies.exponent(one["currency"])
        figures = [f"{Decimal(one[name]).scaleb(-places):.{places}f}" for name in ("amount", "fee", "net")]
        times = [f"{_moment(one[name]):%Y-%m-%d %H:%M:%S}" for name in ("created", "available_on")]
        file.writerow(
            [one["id"], *times, one["currency"], *figures, one["reporting_category"], one["source"] or "",
             one["description"] or ""]
        )  # fmt: skip
    return written.getvalue()


def paypal_settlement(store: Store) -> str:
    written = io.StringIO()
    file = csv.writer(written)
    rows = list(store.sql.execute("SELECT * FROM paypal_money ORDER BY created, rowid"))
    file.writerow(["RH", "2026/01/01 00:00:00 +0000", "A", MERCHANT_ID, "011"])
    file.writerow(["FH", "01"])
    file.writerow(["SH", "2026/01/01 00:00:00 +0000", "2026/01/02 00:00:00 +0000", MERCHANT_ID])
    file.writerow(_PAYPAL)
    settled = [row for row in rows if row["code"] not in _HOLDS]
    for row in settled:
        at = f"{_moment(row['created']):%Y/%m/%d %H:%M:%S} +0000"
        fee = row["fee"]
        file.writerow(
            ["SB", row["id"], "", row["reference"], "TXN" if row["reference"] else "", row["code"], at, at,
             "CR" if row["amount"] >= 0 else "DR", abs(row["amount"]), row["currency"],
             "" if not fee else "DR" if fee > 0 else "CR", abs(fee) if fee else "", row["currency"] if fee else "", ""]
        )  # fmt: skip
    file.writerow(["SC", str(len(settled))])
    file.writerow(["RC", str(len(settled))])
    return written.getvalue()


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
