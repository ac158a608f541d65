"""The balance: every movement is one row, and a balance is never anything but their sum."""

from dataclasses import dataclass

from sandbox.paypal.ids import transaction_id
from sandbox.paypal.work import Work

# Transaction codes: https://developer.paypal.com/docs/transaction-search/transaction-event-codes/
PAYMENT = "T0006"
VAULTED_PAYMENT = "T0003"
REFUND = "T1107"
REFUND_RETURNED = "T1115"
REVERSAL = "T1106"
CHARGEBACK = "T1201"
HOLD = "T1110"
HOLD_RELEASED = "T1111"
CHARGEBACK_FEE = "T0106"
DISPUTE_FEE = "T0118"

_HOLDS = (HOLD, HOLD_RELEASED)


@dataclass(frozen=True)
class Totals:
    """Minor units. `available` is what is left when `withheld` (held for open disputes) is taken off `total`."""

    total: int
    withheld: int

    @property
    def available(self) -> int:
        return self.total - self.withheld


def move(
    work: Work,
    *,
    code: str,
    amount: int,
    currency: str,
    subject: str,
    fee: int = 0,
    movement_id: str = "",
    reference: str = "",
) -> str:
    """Books `amount` (signed minor units) and takes `fee` off; `subject` is the object that it is about. Its id."""
    made = movement_id or transaction_id()
    work.store.sql.execute(
        "INSERT INTO paypal_money (id, created, code, currency, amount, fee, subject, reference) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (made, work.now, code, currency, amount, fee, subject, reference),
    )
    return made


def change_fee(work: Work, movement_id: str, *, fee: int) -> bool:
    """The report shows another fee than the capture does. False when there is no such movement."""
    done = work.store.sql.execute("UPDATE paypal_money SET fee = ? WHERE id = ?", (fee, movement_id))
    return done.rowcount > 0


def duplicate(work: Work, movement_id: str) -> str:
    """The same movement once more, under another id that refers to the first. Empty when there is no such movement."""
    row = work.store.sql.execute("SELECT * FROM paypal_money WHERE id = ?", (movement_id,)).fetchone()
    if row is None:
        return ""
    return move(
        work, code=row["code"], amount=row["amount"], fee=row["fee"], currency=row["currency"],
        subject=row["subject"], reference=row["reference"] or movement_id,
    )  # fmt: skip


def totals(work: Work, *, until: int | None = None) -> dict[str, Totals]:
    """Per currency, of all movements up to and including `until` (Unix seconds)."""
    marks = ", ".join("?" for _ in _HOLDS)
    rows = work.store.sql.execute(
        f"SELECT currency, SUM(CASE WHEN code IN ({marks}) THEN 0 ELSE amount - fee END) AS total, "  # noqa: S608
        f"-SUM(CASE WHEN code IN ({marks}) THEN amount ELSE 0 END) AS withheld "
        "FROM paypal_money WHERE created <= ? GROUP BY currency ORDER BY currency",
        (*_HOLDS, *_HOLDS, work.now if until is None else until),
    )
    return {row["currency"]: Totals(row["total"], row["withheld"]) for row in rows}
