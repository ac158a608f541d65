"""Payouts from an account's balance to its bank: handed over, paid or sent back by the clock.

A connected account's payout ends as the test number of its bank account says (`bank_accounts`). Money that came back
is on the balance again, and no payout goes to that bank account until the details are changed.
https://docs.stripe.com/payouts and https://docs.stripe.com/api/payouts/failures
"""

from sandbox.store import Document
from sandbox.stripe import balance, bank_accounts, currencies, lists, metadata, requirements, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

ARRIVES_AFTER_SECONDS = 2 * 24 * 3600
_OPEN = ("pending", "in_transit")

# https://docs.stripe.com/api/payouts/failures
MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on either the type or number of payouts allowed.",
    "bank_ownership_changed": "The destination bank account is no longer valid because its branch has changed owner.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "declined": "The bank has declined this transfer.",
    "incorrect_account_holder_address": "The bank account holder address on file is incorrect.",
    "incorrect_account_holder_name": "The bank account holder name on file is incorrect.",
    "incorrect_account_holder_tax_id": "The bank account holder tax ID on file is incorrect.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located.",
    "unsupported_card": "The bank no longer supports payouts to this card.",
}


def create(work: Work) -> Document:
    params = work.params
    currency, amount = currencies.check_currency(params["currency"]), params["amount"]
    currencies.check_positive(amount, param="amount")
    if len(params.get("statement_descriptor", "")) > 22:
        raise ApiError(400, "The statement descriptor must be at most 22 characters.", param="statement_descriptor")
    bank = _destination(work, currency) if work.account else None
    if balance.available(work, work.account, currency) < amount:
        raise ApiError(
            400,
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low.",
            code="balance_insufficient",
            stored=True,
        )
    payout_id = new_id("po")
    lasts = int(work.option("payout_arrives_after_seconds", ARRIVES_AFTER_SECONDS))
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
        "arrival_date": work.now + lasts,
        "automatic": False,
        "balance_transaction": transaction["id"],
        "created": work.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": bank["id"] if bank is not None else new_id("ba"),
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
        "_": {"outcome": bank["_"]["outcome"] if bank is not None else ""},
    }
    work.insert(payout)
    work.schedule("payout_sent", payout_id, in_seconds=lasts / 2)
    work.schedule("payout_paid", payout_id, in_seconds=lasts)
    work.emit("payout.created", payout)
    return views.public(work, payout)


def _destination(work: Work, currency: str) -> Document:
    """The bank account of a connected account. Raises ApiError."""
    account = requirements.account(work, work.account)
    bank, wanted = bank_accounts.default(work, account, currency), work.params.get("destination")
    if wanted:
        bank = next((one for one in bank_accounts.of(work, account) if one["id"] == wanted), None)
    if bank is None:
        raise ApiError(
            400,
            f"Sorry, you don't have any external accounts in that currency ({currency}).",
            param="destination" if wanted else "currency",
            stored=True,
        )
    if bank["status"] == "errored":
        raise ApiError(
            400,
            "The bank account provided cannot be used for payouts. A different bank account must be used.",
            code="bank_account_unusable",
            param="destination",
            stored=True,
        )
    if not account["payouts_enabled"]:
        raise ApiError(
            400,
            "Payouts have been disabled on this account. Check its requirements for what needs to be provided.",
            code="payouts_not_allowed",
            stored=True,
        )
    return bank


def send(work: Work, payout_id: str) -> None:
    """Handed to the bank: from now on it cannot be canceled."""
    payout = work.get("payout", payout_id)
    if payout["status"] == "pending":
        payout["status"] = "in_transit"
        work.save(payout)
        work.emit("payout.updated", payout, before={"status": "pending"})


def arrive(work: Work, payout_id: str) -> None:
    """The job behind the arrival at the bank, which takes the money or sends it back."""
    payout = work.get("payout", payout_id)
    if payout["status"] not in _OPEN or payout["arrival_date"] > work.now:
        return  # canceled, or put off: another job comes later
    if payout["_"].get("outcome"):
        fail(work, payout_id, code=payout["_"]["outcome"])
    else:
        pay(work, payout_id)


def pay(work: Work, payout_id: str) -> None:
    payout = work.get("payout", payout_id)
    if payout["status"] in _OPEN:
        before = payout["status"]
        payout["status"] = "paid"
        work.save(payout)
        work.emit("payout.paid", payout, before={"status": before})


def fail(work: Work, payout_id: str, *, code: str) -> None:
    """The bank sends it back, before or (within some days) after it was paid. Raises ApiError."""
    payout = work.get("payout", payout_id)
    if payout["status"] not in (*_OPEN, "paid"):
        raise ApiError(400, f"Payout {payout_id} is {payout['status']}; it cannot fail.")
    _return(work, payout, kind="payout_failure", status="failed", code=code)
    bank_accounts.break_(work, payout["destination"])
    if work.account:
        requirements.refresh(work, requirements.account(work, work.account))


def cancel(work: Work, payout_id: str) -> Document:
    payout = work.get("payout", payout_id, param="payout")
    if payout["status"] != "pending":
        raise ApiError(
            400, f"Payouts can only be canceled while they are pending; {payout_id} is {payout['status']}.", stored=True
        )
    payout["metadata"] = metadata.merged(payout["metadata"], work.params.get("metadata"))
    _return(work, payout, kind="payout_cancel", status="canceled", code="")
    return views.public(work, payout)


def _return(work: Work, payout: Document, *, kind: str, status: str, code: str) -> None:
    """The money is on the balance again."""
    before = {name: payout[name] for name in ("failure_balance_transaction", "status")}
    transaction = balance.move(
        work, kind=kind, amount=payout["amount"], currency=payout["currency"], source=payout["id"],
        available_on=work.now, reporting_category="payout_reversal",
        description=f"REFUND FOR {'FAILED' if status == 'failed' else 'CANCELED'} PAYOUT",
    )  # fmt: skip
    payout |= {"failure_balance_transaction": transaction["id"], "status": status}
    if code:
        before |= {"failure_code": None, "failure_message": None}
        payout |= {"failure_code": code, "failure_message": MESSAGES.get(code, "The bank sent the payout back.")}
    work.save(payout)
    work.emit(f"payout.{status}", payout, before=before)


def put_off(work: Work, payout_id: str, *, seconds: int) -> None:
    """It arrives that much later than it says. Raises ApiError."""
    payout = work.get("payout", payout_id)
    if payout["status"] not in _OPEN:
        raise ApiError(400, f"Payout {payout_id} is {payout['status']} already.")
    before = payout["arrival_date"]
    payout["arrival_date"] = max(before, work.now) + seconds
    work.save(payout)
    work.schedule("payout_paid", payout_id, in_seconds=payout["arrival_date"] - work.now)
    work.emit("payout.updated", payout, before={"arrival_date": before})


def update(work: Work, payout_id: str) -> Document:
    payout = work.get("payout", payout_id, param="payout")
    before = payout["metadata"]
    payout["metadata"] = metadata.merged(before, work.params.get("metadata"))
    work.save(payout)
    work.emit("payout.updated", payout, before={"metadata": before})
    return views.public(work, payout)


def retrieve(work: Work, payout_id: str) -> Document:
    return views.public(work, work.get("payout", payout_id))


def list_(work: Work) -> Document:
    where = lists.between("arrival_date", work.params.get("arrival_date"))
    return lists.page(work, "payout", url="/v1/payouts", where=where)
