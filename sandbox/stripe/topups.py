"""Top-ups: money that the platform sends to its own balance from its bank, so that transfers have something to go from.

https://docs.stripe.com/connect/top-ups
"""

from sandbox.store import Document
from sandbox.stripe import balance, currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

ARRIVES_AFTER_SECONDS = 24 * 3600
# https://docs.stripe.com/connect/testing#testing-top-ups
_FAILS = {
    "btok_us_verified_noAccount": "no_account",
    "btok_us_verified_accountClosed": "account_closed",
    "btok_us_verified_insufficientFunds": "insufficient_funds",
    "btok_us_verified_debitNotAuthorized": "debit_not_authorized",
    "btok_us_verified_invalidCurrency": "invalid_currency",
}


def create(work: Work) -> Document:
    topup = begin(work)
    work.schedule("topup_arrives", topup["id"], in_seconds=ARRIVES_AFTER_SECONDS)
    return views.public(work, topup)


def begin(work: Work) -> Document:
    """On its way. Raises ApiError."""
    params = work.params
    currency, amount = currencies.check_currency(params["currency"]), params["amount"]
    currencies.check_positive(amount, param="amount")
    topup: Document = {
        "id": new_id("tu"),
        "object": "topup",
        "amount": amount,
        "balance_transaction": None,
        "created": work.now,
        "currency": currency,
        "description": params.get("description"),
        "expected_availability_date": work.now + ARRIVES_AFTER_SECONDS,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": metadata.merged({}, params.get("metadata")),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": params.get("transfer_group"),
        "_": {"fails": _FAILS.get(params.get("source", ""), "")},
    }
    work.insert(topup)
    work.emit("topup.created", topup)
    return topup


def arrive(work: Work, topup_id: str) -> None:
    """The job behind the money's arrival; at once available."""
    topup = work.get("topup", topup_id)
    if topup["status"] != "pending":
        return
    code = topup["_"]["fails"]
    if code:
        topup |= {"status": "failed", "failure_code": code, "failure_message": "The bank refused the debit."}
    else:
        transaction = balance.move(
            work, kind="topup", amount=topup["amount"], currency=topup["currency"], source=topup["id"],
            available_on=work.now, reporting_category="topup", description=topup["description"],
        )  # fmt: skip
        topup |= {"status": "succeeded", "balance_transaction": transaction["id"]}
    work.save(topup)
    work.emit(f"topup.{topup['status']}", topup, before={"status": "pending"})


def cancel(work: Work, topup_id: str) -> Document:
    topup = work.get("topup", topup_id, param="topup")
    if topup["status"] != "pending":
        raise ApiError(400, f"Topup {topup_id} is {topup['status']}; only a pending one can be canceled.", stored=True)
    topup["status"] = "canceled"
    work.save(topup)
    work.emit("topup.canceled", topup, before={"status": "pending"})
    return views.public(work, topup)


def update(work: Work, topup_id: str) -> Document:
    topup = work.get("topup", topup_id, param="topup")
    if "description" in work.params:
        topup["description"] = work.params["description"]
    topup["metadata"] = metadata.merged(topup["metadata"], work.params.get("metadata"))
    work.save(topup)
    return views.public(work, topup)


def retrieve(work: Work, topup_id: str) -> Document:
    return views.public(work, work.get("topup", topup_id, param="topup"))


def list_(work: Work) -> Document:
    return lists.page(work, "topup", url="/v1/topups", where=lists.between("amount", work.params.get("amount")))
