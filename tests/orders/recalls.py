"""Refunds issued in error and asked back, through the public use cases."""

import datetime as dt
from typing import Any

from common.clock import now as clock_now
from common.money import Money
from orders.contracts.order import Buyer
from orders.models import Order, Recall
from orders.selectors.orders import access_key_of
from orders.services import agree_to_recall, consent_words, request_recall, settle_order
from payments.models import Refund
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask
from tests.orders.shop import confirm, new_guest
from tests.orders.wire import Wire


def refunded(order: Order, run_outbox: RunOutbox, wish: Any = None) -> Refund:
    """A refund of the order that was sent, and that the buyer has."""
    refund = ask(order, wish)
    run_outbox()
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    return refund


def asked_back(refund: Refund, amount_minor: int | None = None, **more: Any) -> Recall:
    """By staff; the whole refund unless an amount is given."""
    amount = Money(refund.amount_minor if amount_minor is None else amount_minor, refund.currency)
    values: dict[str, Any] = {
        "reason": "We paid you back for the wrong order.", "initiator": "staff:1", "now": clock_now(), **more
    }  # fmt: skip
    return request_recall(refund_id=refund.id, amount=amount, **values)


def agreed(recall: Recall, *, buyer: Buyer | None = None, now: dt.datetime | None = None) -> Order:
    """By whoever has the letter's link, as a guest in a browser of their own unless a buyer is given."""
    return agree_to_recall(
        public_id=recall.public_id,
        buyer=buyer or new_guest(),
        words=consent_words(recall),
        access_key=access_key_of(recall.public_id),
        now=now or clock_now(),
    )


def pay(stripe: Wire, order: Order, *, now: dt.datetime | None = None) -> None:
    """At the processor; nobody has told the shop yet."""
    found = confirm(order, now=now).found
    assert found is not None
    assert stripe.pay(found.client_secret).status_code == 200


def paid_back(stripe: Wire, recall: Recall) -> Order:
    """Agreed to, paid and settled."""
    order = agreed(recall)
    pay(stripe, order)
    settled = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    recall.refresh_from_db()
    assert (settled.status, recall.status) == ("paid", "paid")
    return settled
