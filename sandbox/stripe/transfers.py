"""Transfers to connected accounts and their reversals: https://docs.stripe.com/connect/separate-charges-and-transfers"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import balance, charges, currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work


def create(work: Work) -> Document:
    params = work.params
    currency = currencies.check_currency(params["currency"])
    if "amount" not in params:
        raise ApiError(400, "Missing required param: amount.", code="parameter_missing", param="amount")
    amount: int = params["amount"]
    currencies.check_positive(amount, param="amount")
    destination = _destination(work, params["destination"])
    source = _source(work, amount, currency) if "source_transaction" in params else None
    if source is None and balance.available(work, "", currency) < amount:
        raise ApiError(
            400,
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
            "balance by creating Charges using the 4000000000000077 test card. See: "
            "https://stripe.com/docs/testing#available-balance",
            code="balance_insufficient",
            stored=True,
        )
    transfer = _transfer(work, destination, source, currency)
    work.emit("transfer.created", transfer)
    return views.public(work, transfer)


def _destination(work: Work, account_id: str) -> Document:
    account = work.get("account", account_id, param="destination")
    if account["_"].get("deauthorized"):
        raise missing_object("destination", account_id, param="destination")
    if account["capabilities"].get("transfers") != "active":
        raise ApiError(
            400,
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param="destination",
            stored=True,
        )
    return account


def _source(work: Work, amount: int, currency: str) -> Document:
    """The charge whose money the transfer is bound to; the transfer's own becomes available with it."""
    charge = work.get("charge", work.params["source_transaction"], param="source_transaction")
    if charge["currency"] != currency:
        raise ApiError(
            400,
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({currency})",
            param="currency",
        )
    if not charge["captured"]:
        raise ApiError(400, "The source_transaction has not been captured.", param="source_transaction", stored=True)
    earlier = work.store.related("transfer", "source_transaction", charge["id"])
    used = sum(transfer["amount"] - transfer["amount_reversed"] for transfer in earlier)
    if used + amount > charge["amount_captured"]:
        raise ApiError(
            400,
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{currencies.shown(charge['amount_captured'], currency)}. (There is already a transferred amount of "
            f"{currencies.shown(used, currency)}.)",
            param="amount",
            stored=True,
        )
    charges.settle(work, charge)
    return charge


def _transfer(work: Work, destination: Document, source: Document | None, currency: str) -> Document:
    params = work.params
    amount: int = params["amount"]
    transfer_id, payment_id = new_id("tr"), new_id("py")
    available_on = work.now
    if source is not None:
        available_on = max(work.now, work.referred(source["balance_transaction"])["available_on"])
    group = params.get("transfer_group")
    if source is not None:
        if source["transfer_group"] is None:
            # A charge and the transfers made of it form a group, by itself if need be.
            source["transfer_group"] = group or f"group_{source['payment_intent']}"
            work.save(source)
        group = group or source["transfer_group"]
    taken = balance.move(
        work,
        kind="transfer",
        amount=-amount,
        currency=currency,
        source=transfer_id,
        available_on=available_on,
        description=params.get("description"),
    )
    given = balance.move(
        work,
        kind="payment",
        amount=amount,
        currency=currency,
        source=payment_id,
        available_on=available_on,
        account=destination["id"],
    )
    transfer: Document = {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": taken["id"],
        "created": work.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": destination["id"],
        "destination_payment": payment_id,
        "livemode": False,
        "metadata": metadata.merged({}, params.get("metadata")),
        "reversals": {},
        "reversed": False,
        "source_transaction": source["id"] if source else None,
        "source_type": "card",
        "transfer_group": group,
        "_": {},
    }
    work.insert(_payment(work, transfer, given), account=destination["id"])
    return work.insert(transfer)


def _payment(work: Work, transfer: Document, transaction: Document) -> Document:
    """What the transfer is on the connected account's side: a charge without a card."""
    amount = transfer["amount"]
    return {
        "id": transfer["destination_payment"],
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": transaction["id"],
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": work.now,
        "currency": transfer["currency"],
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
        "_": {},
    }


def retrieve(work: Work, transfer_id: str) -> Document:
    return views.public(work, work.get("transfer", transfer_id))


def update(work: Work, transfer_id: str) -> Document:
    transfer = work.get("transfer", transfer_id)
    before: dict[str, Any] = {"metadata": transfer["metadata"]}
    transfer["metadata"] = metadata.merged(transfer["metadata"], work.params.get("metadata"))
    if "description" in work.params:
        transfer["description"] = work.params["description"]
    work.save(transfer)
    work.emit("transfer.updated", transfer, before=before)
    return views.public(work, transfer)


def list_(work: Work) -> Document:
    return lists.page(work, "transfer", url="/v1/transfers")


# ---------------------------------------------------------------------- reversals
def reverse(work: Work, transfer_id: str) -> Document:
    transfer, params = work.get("transfer", transfer_id), work.params
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise ApiError(400, f"Transfer {transfer_id} is already fully reversed.", stored=True)
    amount: int = params.get("amount", left)
    currencies.check_positive(amount, param="amount")
    if amount > left:
        raise ApiError(
            400,
            f"Transfer reversal amount ({currencies.shown(amount, transfer['currency'])}) is greater than unreversed "
            f"amount on transfer ({currencies.shown(left, transfer['currency'])})",
            param="amount",
            stored=True,
        )
    if balance.total(work, transfer["destination"], transfer["currency"]) < amount:
        raise ApiError(
            400,
            "You have insufficient available funds in the connected account to reverse this transfer.",
            code="balance_insufficient",
            stored=True,
        )
    reversal = _reversal(work, transfer, amount)
    before = {"amount_reversed": transfer["amount_reversed"], "reversed": transfer["reversed"]}
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    work.save(transfer)
    work.emit("transfer.reversed", transfer, before=before)
    return views.public(work, reversal)


def _reversal(work: Work, transfer: Document, amount: int) -> Document:
    reversal_id, refund_id = new_id("trr"), new_id("pyr")
    available_on = max(work.now, work.referred(transfer["balance_transaction"])["available_on"])
    returned = balance.move(
        work,
        kind="transfer_refund",
        amount=amount,
        currency=transfer["currency"],
        source=reversal_id,
        available_on=available_on,
    )
    taken = balance.move(
        work,
        kind="payment_refund",
        amount=-amount,
        currency=transfer["currency"],
        source=refund_id,
        available_on=available_on,
        account=transfer["destination"],
    )
    payment = work.referred(transfer["destination_payment"])
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    work.save(payment)
    refund: Document = {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": taken["id"],
        "charge": payment["id"],
        "created": work.now,
        "currency": transfer["currency"],
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "status": "succeeded",
        "_": {},
    }
    work.insert(refund, account=transfer["destination"])
    return work.insert(
        {
            "id": reversal_id,
            "object": "transfer_reversal",
            "amount": amount,
            "balance_transaction": returned["id"],
            "created": work.now,
            "currency": transfer["currency"],
            "destination_payment_refund": refund_id,
            "metadata": metadata.merged({}, work.params.get("metadata")),
            "source_refund": None,
            "transfer": transfer["id"],
        }
    )


def retrieve_reversal(work: Work, transfer_id: str, reversal_id: str) -> Document:
    work.get("transfer", transfer_id)
    return views.public(work, work.get("transfer_reversal", reversal_id))


def list_reversals(work: Work, transfer_id: str) -> Document:
    work.get("transfer", transfer_id)
    return lists.page(
        work,
        "transfer_reversal",
        url=f"/v1/transfers/{transfer_id}/reversals",
        where=[("json_extract(document, '$.transfer') = ?", transfer_id)],
    )
