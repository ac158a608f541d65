"""Refunds: https://docs.stripe.com/refunds (the processing fee of the charge is not given back)"""

from sandbox.store import Document
from sandbox.stripe import balance, cards, charges, currencies, disputes, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

# How long the slow test cards take.
_PENDING_SECONDS = 5
_FAILING_SECONDS = 5
_FUNDING_SECONDS = 3600
FAILURE_REASONS = (
    "charge_for_pending_refund_disputed", "declined", "expired_or_canceled_card", "insufficient_funds",
    "lost_or_stolen_card", "merchant_request", "unknown",
)  # fmt: skip


def create(work: Work) -> Document:
    params = work.params
    for name in ("refund_application_fee", "reverse_transfer", "origin", "instructions_email", "customer", "currency"):
        if params.get(name):
            raise ApiError(400, f"The sandbox does not simulate the parameter {name}.", param=name)
    charge = _charge(work)
    refund = make(work, charge, params.get("amount"))
    return views.public(work, refund)


def make(work: Work, charge: Document, amount: int | None) -> Document:
    """Refunds `amount` minor units of the charge, or what is left of it. Raises ApiError."""
    if not charge["captured"]:
        raise ApiError(400, f"Charge {charge['id']} has not been captured, so it cannot be refunded.", stored=True)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(
            400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", stored=True
        )
    if charge["disputed"] and not _can_be_refunded(work, charge):
        raise ApiError(
            400,
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            stored=True,
        )
    amount = left if amount is None else amount
    currencies.check_positive(amount, param="amount")
    currencies.check_last_digit(amount, charge["currency"], param="amount")
    if amount > left:
        currency = charge["currency"]
        raise ApiError(
            400,
            f"Refund amount ({currencies.shown(amount, currency)}) is greater than unrefunded amount on charge "
            f"({currencies.shown(left, currency)})",
            param="amount",
            stored=True,
        )
    return _refund(work, charge, amount)


def _charge(work: Work) -> Document:
    params = work.params
    if ("charge" in params) == ("payment_intent" in params):
        raise ApiError(
            400,
            "One of the following params should be provided for this request: payment_intent or charge."
            if "charge" not in params
            else "You may only specify one of these parameters: charge, payment_intent.",
            param="" if "charge" in params else "payment_intent",
        )
    if "charge" in params:
        charge = work.get("charge", params["charge"], param="charge")
        if charge["status"] != "succeeded":
            raise ApiError(400, f"Charge {charge['id']} has not succeeded, so it cannot be refunded.", stored=True)
        return charge
    intent = work.get("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            400,
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state" if intent["status"] != "canceled" else "",
            param="payment_intent",
            stored=True,
        )
    return work.get("charge", intent["latest_charge"], param="charge")


def _can_be_refunded(work: Work, charge: Document) -> bool:
    return all(dispute["is_charge_refundable"] for dispute in work.store.related("dispute", "charge", charge["id"]))


def _refund(work: Work, charge: Document, amount: int) -> Document:
    params, card = work.params, cards.CARDS[charge["_"]["number"]]
    charges.settle(work, charge)
    refund = _document(work, charge, amount)
    refund |= {
        "metadata": metadata.merged({}, params.get("metadata")),
        "reason": params.get("reason"),
        "status": "pending" if card.refund == "pending" else "succeeded",
    }
    if work.option("refunds_wait_for_funds", 0) and balance.available(work, "", refund["currency"]) < amount:
        refund |= {"status": "pending", "pending_reason": "insufficient_funds"}
        work.schedule("fund_refund", refund["id"], in_seconds=_FUNDING_SECONDS)
    else:
        _book(work, refund, charge)
        if refund["status"] == "pending":
            refund["pending_reason"] = "processing"
            work.schedule("refund_succeeds", refund["id"], in_seconds=_PENDING_SECONDS)
        elif card.refund == "fails":
            work.schedule("refund_fails", refund["id"], in_seconds=_FAILING_SECONDS)
    work.insert(refund)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    work.save(charge)
    work.emit("refund.created", refund)
    work.emit("charge.refunded", charge, before=before)
    disputes.after_refund(work, charge)
    return refund


def of_expired(work: Work, charge: Document) -> None:
    """The refund that Stripe makes by itself of an authorization nobody captured: no money moves with it."""
    work.insert(_document(work, charge, charge["amount"]) | {"reason": "expired_uncaptured_charge"})


def _document(work: Work, charge: Document, amount: int) -> Document:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "destination_details": _destination(charge),
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        "_": {},
    }


def _destination(charge: Document) -> Document:
    kind = charge["payment_method_details"]["type"]
    return (
        {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"}
        if kind == "card"
        else {"type": kind}
    )


def _book(work: Work, refund: Document, charge: Document) -> None:
    transaction = balance.move(
        work,
        kind="refund",
        amount=-refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        available_on=work.now,
        description="REFUND FOR CHARGE" + (f" ({charge['description']})" if charge["description"] else ""),
    )
    refund["balance_transaction"] = transaction["id"]


def fund(work: Work, refund_id: str) -> None:
    """The job behind a refund that waits for money: looks again now and then."""
    refund = work.get("refund", refund_id)
    if refund["status"] != "pending" or refund["balance_transaction"] is not None:
        return
    if balance.available(work, "", refund["currency"]) < refund["amount"]:
        work.schedule("fund_refund", refund_id, in_seconds=_FUNDING_SECONDS)
        return
    _book(work, refund, work.get("charge", refund["charge"]))
    work.save(refund)
    succeed(work, refund_id)


def succeed(work: Work, refund_id: str) -> None:
    """The job behind the card whose refunds take a while."""
    refund = work.get("refund", refund_id)
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        refund.pop("pending_reason", None)
        if refund["balance_transaction"] is None:
            _book(work, refund, work.get("charge", refund["charge"]))
        work.save(refund)
        _updated(work, refund, before={"status": "pending"})


def fail(work: Work, refund_id: str, *, reason: str = "expired_or_canceled_card") -> None:
    """The job behind the card whose refunds fail: the money comes back to the balance."""
    refund = work.get("refund", refund_id)
    if refund["status"] not in ("pending", "succeeded") or refund["reason"] == "expired_uncaptured_charge":
        return
    before = {"status": refund["status"]}
    refund |= {"status": "failed", "failure_reason": reason}
    refund.pop("pending_reason", None)
    if refund["balance_transaction"] is not None:
        transaction = balance.move(
            work,
            kind="refund_failure",
            amount=refund["amount"],
            currency=refund["currency"],
            source=refund_id,
            available_on=work.now,
            description="REFUND FAILURE",
        )
        refund["failure_balance_transaction"] = transaction["id"]
    work.save(refund)
    charge = work.get("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    work.save(charge)
    _updated(work, refund, before=before)
    work.emit("refund.failed", refund)


def _updated(work: Work, refund: Document, *, before: Document) -> None:
    work.emit("refund.updated", refund, before=before)
    work.emit("charge.refund.updated", refund, before=before)


def retrieve(work: Work, refund_id: str) -> Document:
    return views.public(work, work.get("refund", refund_id))


def update(work: Work, refund_id: str) -> Document:
    refund = work.get("refund", refund_id)
    before = {"metadata": refund["metadata"]}
    refund["metadata"] = metadata.merged(refund["metadata"], work.params.get("metadata"))
    work.save(refund)
    _updated(work, refund, before=before)
    return views.public(work, refund)


def list_(work: Work) -> Document:
    return lists.page(work, "refund", url="/v1/refunds")
