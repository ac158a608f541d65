"""Sales that are disputed, on the sandbox, and what became of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import requests

from catalog.models import Product
from common.clock import now as clock_now
from common.models import OutboxMessage
from orders.models import Order, SellerOrder
from orders.services import settle_dispute, settle_order
from payments.models import Capture, Dispute
from payouts import services as payouts
from payouts.models import Payable
from tests.orders.books import balances
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import Wire

STRIPE_FEE = 2000


def sold(stripe: Wire, items: Sequence[tuple[Product, int]]) -> Order:
    order = check_out(items)
    stripe.pay(confirm(order).found.client_secret)  # type: ignore[union-attr]
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def three_shares(currency: str = "EUR") -> list[tuple[Product, int]]:
    """Goods 40.00, 25.50 and 30.00 with postage 5.00, 4.50 and none: shares of 41.00, 27.45 and 27.00."""
    return [
        (new_product(new_artisan(currency=currency, shipping=(postage, 0)), price=price), 1)
        for price, postage in ((4000, 500), (2550, 450), (3000, 0))
    ]


def opened(stripe: Wire, order: Order, **how: Any) -> str:
    """Opens a dispute at the processor; nobody is told yet. `how`: reason, amount, inquiry."""
    charge = Capture.objects.get(payment__order_reference=order.public_id).processor_charge_id
    return str(_post(stripe, f"/charges/{charge}/dispute", how)["id"])


def decided(stripe: Wire, dispute_id: str, *, won: bool) -> None:
    _post(stripe, f"/disputes/{dispute_id}/decide", {"won": won})


def escalated(stripe: Wire, dispute_id: str) -> None:
    _post(stripe, f"/disputes/{dispute_id}/escalate", {})


def news(dispute_id: str, *, at: dt.datetime | None = None) -> Dispute:
    return settle_dispute(processor="stripe", processor_dispute_id=dispute_id, source="webhook", now=at or clock_now())


def books_without_sale(order: Order) -> dict[str, int]:
    """Balances but for the processor's fees of charges."""
    found = balances()
    found.pop(f"processor_fees:{order.currency}", None)
    return found


def sellers(order: Order) -> list[str]:
    return [part.artisan.public_id for part in SellerOrder.objects.filter(order=order).order_by("id")]


def transferred(order: Order) -> None:
    """The hold is over and every share of the order is sent to its artisan's account, and no further.

    What has gone on to the bank cannot be brought back; tests/payouts/bank/test_brought_back.py is about that.
    """
    for part in SellerOrder.objects.filter(order=order).select_related("artisan"):
        payouts.connect_demo_artisan(artisan_id=part.artisan_id, country="IE", now=clock_now())
    payouts.release_now(
        payable_ids=list(Payable.objects.filter(order_reference=order.public_id).values_list("id", flat=True)),
        now=clock_now(),
    )
    payouts.run_payouts(now=clock_now())
    stays_in_accounts()


def stays_in_accounts() -> None:
    """What has been transferred is not sent on to banks: from there it could not be brought back."""
    OutboxMessage.objects.filter(task="payouts.tasks.send_to_bank").update(status=OutboxMessage.Status.DONE)


def _post(stripe: Wire, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{stripe.url}/_sandbox{path}", json=body, timeout=15)
    assert answer.ok, answer.text
    document: dict[str, Any] = answer.json()
    return document
