"""Payouts from an account's balance to its bank, paid by the clock."""

from sandbox.store import Document
from sandbox.stripe import balance, currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

_DAYS_TO_ARRIVE = 2


def create(work: Work) -> Document:
    params = work.params
    currency, amount = currencies.check_currency(params["currency"]), params["amount"]
    currencies.check_positive(amount, param="amount")
    if balance.available(work, work.account, currency) < amount:
        raise ApiError(
            400,
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low.",
            code="balance_insufficient",
            stored=True,
        )
    payout_id, arrival = new_id("po"), work.now + _DAYS_TO_ARRIVE * 24 * 3600
    transaction = balance.move(
        work, kind="payout", amount=-amount, currency=currency, source=payout_id, available_on=work.now,
        description=params.get("description", "STRIPE PAYOUT"),
    )  # fmt: skip
    payout: Document = {
        "id": payout_id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": False,
        "balance_transaction": transaction["id"],
        "created": work.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": new_id("ba"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": metadata.merged({}, params.get("metadata")),
        "method": params.get("method", "standard"),
        "original_payout": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "type": "bank_account",
        "_": {},
    }
    work.insert(payout)
    work.schedule("payout_paid", payout_id, in_seconds=arrival - work.now)
    work.emit("payout.created", payout)
    return views.public(work, payout)


def pay(work: Work, payout_id: str) -> None:
    """The job behind the arrival at the bank."""
    payout = work.get("payout", payout_id)
    if payout["status"] == "pending":
        payout["status"] = "paid"
        work.save(payout)
        work.emit("payout.paid", payout, before={"status": "pending"})


def retrieve(work: Work, payout_id: str) -> Document:
    return views.public(work, work.get("payout", payout_id))


def list_(work: Work) -> Document:
    return lists.page(work, "payout", url="/v1/payouts")
