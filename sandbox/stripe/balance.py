"""The balance: every movement is a balance transaction, and a balance is never anything but their sum."""

from typing import Any

from sandbox.store import Document, field_is
from sandbox.stripe import currencies, lists, views
from sandbox.stripe.work import Work

# Stripe's European accounts get card money three days after the payment.
DEFAULT_DELAY_SECONDS = 3 * 24 * 3600

_REPORTING_CATEGORY = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "adjustment": "dispute",
}


def available_at(work: Work) -> int:
    """When money that comes in now can be used."""
    return work.now + int(work.option("available_after_seconds", DEFAULT_DELAY_SECONDS))


def move(
    work: Work,
    *,
    kind: str,
    amount: int,
    currency: str,
    source: str | None,
    available_on: int,
    fee: int = 0,
    fee_description: str = "Stripe processing fees",
    description: str | None = None,
    reporting_category: str = "",
    account: str | None = None,
) -> Document:
    """Books `amount` (signed minor units; the fee comes off it) on the account's balance."""
    account = work.account if account is None else account
    fee_details: list[dict[str, Any]] = []
    if fee:
        fee_details.append(
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": fee_description,
                "type": "stripe_fee",
            }
        )
    transaction: Document = {
        "id": work.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": work.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fee_details,
        "net": amount - fee,
        "reporting_category": reporting_category or _REPORTING_CATEGORY[kind],
        "source": source,
        "status": "pending",
        "type": kind,
    }
    work.insert(transaction, account=account)
    released = available_on <= work.now
    work.store.sql.execute(
        "INSERT INTO money (id, account, currency, net, available_on, released) VALUES (?, ?, ?, ?, ?, ?)",
        (transaction["id"], account, currency, amount - fee, available_on, int(released)),
    )
    return transaction


def book_charge(work: Work, charge: Document, *, instantly_available: bool) -> Document:
    """The balance transaction of a captured card charge, with the processing fee."""
    currency, amount = charge["currency"], charge["amount_captured"]
    return move(
        work,
        kind="charge",
        amount=amount,
        currency=currency,
        source=charge["id"],
        available_on=work.now if instantly_available else available_at(work),
        fee=currencies.fee_minor(amount, currency),
        description=charge["description"],
    )


def change_fee(work: Work, transaction: Document, *, fee: int) -> None:
    """The fee on the statement is another one than was told before; the balance follows."""
    transaction |= {"fee": fee, "net": transaction["amount"] - fee}
    for detail in transaction["fee_details"][:1]:
        detail["amount"] = fee
    work.save(transaction)
    work.store.sql.execute("UPDATE money SET net = ? WHERE id = ?", (transaction["net"], transaction["id"]))


def duplicate(work: Work, transaction: Document) -> Document:
    """The same movement once more."""
    return move(
        work, kind=transaction["type"], amount=transaction["amount"], currency=transaction["currency"],
        source=transaction["source"], available_on=transaction["available_on"], fee=transaction["fee"],
        description=transaction["description"], reporting_category=transaction["reporting_category"],
    )  # fmt: skip


def totals(work: Work, account: str) -> dict[str, dict[str, int]]:
    """{currency: {"available": minor units, "pending": minor units}}"""
    rows = work.store.sql.execute(
        "SELECT currency, SUM(net * (available_on <= ?)) AS available, SUM(net * (available_on > ?)) AS pending "
        "FROM money WHERE account = ? GROUP BY currency ORDER BY currency",
        (work.now, work.now, account),
    )
    return {row["currency"]: {"available": row["available"], "pending": row["pending"]} for row in rows}


def available(work: Work, account: str, currency: str) -> int:
    row = work.store.sql.execute(
        "SELECT COALESCE(SUM(net), 0) AS net FROM money WHERE account = ? AND currency = ? AND available_on <= ?",
        (account, currency, work.now),
    ).fetchone()
    return int(row["net"])


def total(work: Work, account: str, currency: str) -> int:
    row = work.store.sql.execute(
        "SELECT COALESCE(SUM(net), 0) AS net FROM money WHERE account = ? AND currency = ?", (account, currency)
    ).fetchone()
    return int(row["net"])


def retrieve(work: Work) -> Document:
    sums = totals(work, work.account) or {"eur": {"available": 0, "pending": 0}}

    def part(name: str) -> list[dict[str, Any]]:
        return [
            {"amount": sum_[name], "currency": currency, "source_types": {"card": sum_[name]}}
            for currency, sum_ in sums.items()
        ]

    return {
        "object": "balance",
        "available": part("available"),
        "livemode": False,
        "pending": part("pending"),
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    }


def retrieve_transaction(work: Work, transaction_id: str) -> Document:
    return views.public(work, work.get("balance_transaction", transaction_id))


def list_transactions(work: Work) -> Document:
    """`payout` names an automatic payout, and gives what was paid out with it."""
    payout = work.params.get("payout")
    where = [("json_extract(document, '$._.payout') = ?", payout)] if payout else []
    return lists.page(work, "balance_transaction", url="/v1/balance_transactions", where=where)


def paid_out_with(work: Work, payout: Document) -> None:
    """Everything of the payout's currency that was available and not paid out yet, and the payout's own movement."""
    rows = work.store.select(
        "balance_transaction", account=work.account, where=[(field_is("currency"), payout["currency"])],
        newest_first=False,
    )  # fmt: skip
    for transaction in rows:
        if transaction["available_on"] <= work.now and "_" not in transaction:
            transaction["_"] = {"payout": payout["id"]}
            work.save(transaction)


def release(work: Work) -> None:
    """Says `balance.available` once per account whose pending money has become available."""
    accounts = work.store.sql.execute(
        "SELECT DISTINCT account FROM money WHERE released = 0 AND available_on <= ?", (work.now,)
    ).fetchall()
    for row in accounts:
        work.store.sql.execute(
            "UPDATE money SET released = 1 WHERE released = 0 AND account = ? AND available_on <= ?",
            (row["account"], work.now),
        )
        of_account = Work(store=work.store, now=work.now, api_version=work.api_version, account=row["account"])
        of_account.emit("balance.available", retrieve(of_account))
