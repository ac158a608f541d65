"""A small shop in which everything that can be booked has been booked, over real HTTP to the sandbox."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import requests
from django.db import transaction

from catalog.models import Artisan
from common import audit
from common.clock import now as clock_now
from common.money import Money
from ledger import chart, journals
from ledger.contracts import Line
from ledger.enums import AccountType
from ledger.services import post_entry
from orders.models import Order
from orders.services import cancel_checkout, send_refund, settle_order, settle_refund
from payments.contracts import OutcomeUnknown
from payments.models import Refund
from payouts import services as payouts
from payouts.contracts import PartAmount
from payouts.models import Payable, TransferReversal
from tests.ledger.books import account, post
from tests.orders.disputed import decided, news, opened
from tests.orders.shop import check_out, confirm, new_product, three_artisans
from tests.orders.wire import Wire
from tests.payouts.hub import keeps_back
from tests.support.sandbox import SandboxControl

BOUNCES = "4000000000005126"  # the refund of this card's charge succeeds and fails afterwards
BOUNCES_WITHIN = dt.timedelta(seconds=10)
CASH = account("test_cash")
DEBT = account("test_debt", account_type=AccountType.LIABILITY, bounded=True)


@dataclass(frozen=True, slots=True)
class Shop:
    """Orders by what became of them, of different amounts."""

    sold: Order
    waits: Order
    refunded: Order
    bounced: Order
    refund_lost: Order


def sale(stripe: Wire) -> Order:
    """An order of three artisans, paid."""
    return _settled(_paid(stripe, check_out(three_artisans())))


def late(stripe: Wire, price: int, *, card: str = "") -> Order:
    """Paid after it was canceled: the refund is written down and waits."""
    order = check_out([(new_product(price=price), 1)])
    secret = _secret(order)
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(secret, card) if card else stripe.pay(secret)
    return _settled(order)


def refund_of(order: Order) -> Refund:
    return Refund.objects.get(capture__payment__order_reference=order.public_id)


def give_back(order: Order) -> Order:
    """Sends the refund that waits. Raises OutcomeUnknown."""
    send_refund(refund_id=refund_of(order).id, source="test", now=clock_now())
    order.refresh_from_db()
    return order


def lose_refund(stripe: Wire, order: Order) -> Order:
    """Sends it, and the answer is lost after it was carried out."""
    stripe.fault("answer_lost", "^/v1/refunds$")
    try:
        give_back(order)
    except OutcomeUnknown:
        return order
    raise AssertionError("the answer came")


def released(stripe: Wire, order: Order, *, count: int) -> list[Payable]:
    """Releases that many of the order's payables; their artisans can be paid."""
    chosen = list(Payable.objects.filter(order_reference=order.public_id).order_by("id")[:count])
    for payable in chosen:
        connect(stripe, payable.artisan)
    payouts.release_now(payable_ids=[payable.pk for payable in chosen], now=clock_now())
    return chosen


def connect(stripe: Wire, artisan: Artisan) -> None:
    connected = payouts.connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=clock_now())
    requests.post(
        f"{stripe.url}/_sandbox/accounts/{connected.processor_account_id}/onboarding", timeout=10
    ).raise_for_status()
    connected = payouts.connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=clock_now())
    assert connected.transfers_enabled


def transfer(stripe: Wire, *, lost: bool = False) -> None:
    """Sends what is released; `lost`: it is carried out, and the answer does not come."""
    if lost:
        stripe.fault("answer_lost", "^/v1/transfers$")
    ran = payouts.run_payouts(now=clock_now())
    assert (ran.succeeded, ran.unresolved) == (int(not lost), int(lost))


def owed(payable: Payable, amount_minor: int, *, reference: str) -> TransferReversal:
    """Its artisan's share was transferred, and that much of it is taken back: a transfer reversal is asked for."""
    amount = Money(amount_minor, payable.currency)
    with transaction.atomic():
        [places] = payouts.debit_parts(
            parts=[PartAmount(payable.seller_order_reference, amount)], reference=reference, collects=True,
            now=clock_now(),
        )  # fmt: skip
        _book(f"test:debit:{reference}", journals.refund_requested, places, amount)
    return TransferReversal.objects.get(debt__reference=reference)


def forgive(payable: Payable, amount_minor: int, *, reference: str) -> None:
    """That much of what was taken is given back."""
    amount = Money(amount_minor, payable.currency)
    with transaction.atomic():
        [places] = payouts.credit_parts(
            parts=[PartAmount(payable.seller_order_reference, amount)], reference=reference, now=clock_now()
        )
        _book(f"test:credit:{reference}", journals.refund_withdrawn, places, amount)


def _book(source: str, journal: Callable[..., Sequence[Line]], places: journals.SellerPlaces, amount: Money) -> None:
    """As a refund would, against an account of these tests': no refund is behind it."""
    nothing = Money.zero(amount.currency)
    lines = journal(refunded=amount, sellers=[places], commission=nothing, goodwill=nothing)
    ours = chart.refunds_in_transit(amount.currency)
    post_entry(
        kind="test", source_reference=source, effective_at=clock_now(),
        lines=[Line(CASH, line.amount) if line.account == ours else line for line in lines],
    )  # fmt: skip


def bring_back(stripe: Wire, reversal: TransferReversal, *, lost: bool = False) -> None:
    """Sends the reversal; `lost`: it is carried out, and the answer does not come."""
    if lost:
        stripe.fault("answer_lost", "^/v1/transfers/.*/reversals$")
    status = payouts.send_reversal(reversal_reference=reversal.public_id, now=clock_now())
    assert status == ("unknown" if lost else "succeeded")


def disputed(stripe: Wire) -> None:
    """Three sales of which 10.00 each are disputed: one waits for an answer, one was won, one was lost."""
    for end in (None, True, False):
        order = _settled(_paid(stripe, check_out([(new_product(price=4000), 1)])))
        dispute = opened(stripe, order, reason="product_not_received", amount=1000)
        news(dispute)
        if end is not None:
            decided(stripe, dispute, won=end)
            news(dispute)


def healthy(stripe: Wire) -> Shop:
    """One payable is transferred, one's transfer got no answer, one is released, the others are held.

    Of the one that is transferred some came back, and for some more nobody knows.
    """
    sold = sale(stripe)
    [payable] = released(stripe, sold, count=1)
    transfer(stripe)
    bring_back(stripe, owed(payable, 600, reference="ref_test_1"))
    bring_back(stripe, owed(payable, 300, reference="ref_test_2"), lost=True)
    forgive(payable, 100, reference="ref_test_1")
    again = sale(stripe)
    released(stripe, again, count=1)
    transfer(stripe, lost=True)
    chosen = list(Payable.objects.filter(order_reference=again.public_id, status="held").order_by("id")[:1])
    keeps_back(chosen[0].artisan, now=clock_now())
    payouts.release_now(payable_ids=[payable.pk for payable in chosen], now=clock_now())
    bounced = give_back(late(stripe, 3100, card=BOUNCES))
    SandboxControl(stripe.url).advance_clock(BOUNCES_WITHIN.total_seconds())
    stripe.idle()
    theirs = refund_of(bounced).processor_refund_id
    assert theirs
    settle_refund(processor="stripe", processor_refund_id=theirs, source="webhook", now=clock_now())
    waits = check_out(three_artisans())
    _secret(waits)
    shop = Shop(
        sold=sold,
        waits=waits,
        refunded=give_back(late(stripe, 3300)),
        bounced=bounced,
        refund_lost=lose_refund(stripe, late(stripe, 3500)),
    )
    disputed(stripe)
    post((CASH, 100), (DEBT, -100), source="test:1")
    post((CASH, 50), (DEBT, -50), source="test:2")
    post((DEBT, 30), (CASH, -30), source="test:3")
    audit.seal()
    for order, status in ((bounced, "refund_failed"), (shop.refunded, "refunded"), (shop.refund_lost, "refunding")):
        order.refresh_from_db()
        assert order.status == status
    assert sorted(Payable.objects.values_list("status", flat=True)) == [
        *["held"] * 7, "released", "transferred", "transferring",
    ]  # fmt: skip
    return shop


def _secret(order: Order) -> str:
    found = confirm(order).found
    assert found is not None
    return found.client_secret


def _paid(stripe: Wire, order: Order) -> Order:
    stripe.pay(_secret(order))
    return order


def _settled(order: Order) -> Order:
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    return order
