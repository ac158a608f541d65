"""A statement as CSV: for spreadsheets and bookkeeping programs."""

import csv
import datetime as dt
import io

from common.money import Money
from orders.api.seller_serializers import CATEGORY_WORDS
from orders.contracts.statement import Statement

# Spreadsheets take what begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADER = ("date", "kind", "text", "amount", "balance", "currency", "order", "reference")


def as_csv(statement: Statement) -> str:
    """Opening balance, each movement with the balance after it, closing balance. Amounts in major units, with a dot.

    Text that a spreadsheet would take for a formula gets an apostrophe before it. Amounts are figures of ours and keep
    their minus.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEADER)
    balance = statement.opening.balance
    rows.writerow(_end("Opening balance", statement.start, balance))
    for entry in statement.entries:
        balance = balance + entry.amount
        rows.writerow([
            f"{entry.at:%Y-%m-%d}",
            CATEGORY_WORDS[entry.category],
            safe(entry.text),
            _figure(entry.amount),
            _figure(balance),
            balance.currency,
            safe(entry.part_reference),
            safe(entry.payout_reference or entry.reference),
        ])  # fmt: skip
    rows.writerow(_end("Closing balance", statement.last_moment, balance))
    return out.getvalue()


def _end(words: str, at: dt.datetime, balance: Money) -> list[str]:
    return [f"{at:%Y-%m-%d}", words, "", "", _figure(balance), balance.currency, "", ""]


def safe(text: str) -> str:
    """The text, harmless in a cell."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _figure(amount: Money) -> str:
    return f"{amount.major:f}"
