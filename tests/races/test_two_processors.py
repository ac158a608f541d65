"""One order, several ways to pay, everybody at the same moment: one sale, and nobody pays twice."""

from functools import partial
from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from orders.contracts.order import Buyer
from orders.models import Fulfilment, Order
from orders.services import (
    accept_part,
    capture_order,
    decide_overdue,
    decline_part,
    open_hosted_checkout,
    resolve_requests,
    settle_open_payments,
    settle_order,
    settle_payment,
)
from payments.contracts import HostedFound, PaymentFound
from payments.enums import PaymentChannel
from payments.models import Capture, Payment, ProcessorRequest
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.orders.wire import Wire
from tests.races.at_once import at_once, kinds

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker", "no_throttle"),
]


def _open(order: Order, channel: PaymentChannel) -> PaymentFound:
    found = confirm(order, channel=channel).found
    assert found is not None
    return found


def _approved(stripe: Wire, order: Order) -> PaymentFound:
    found = _open(order, PaymentChannel.PAYPAL)
    address = f"{stripe.url}/paypal/checkout/{found.processor_payment_id}"
    requests.post(address, json={"action": "approve"}, timeout=10).raise_for_status()
    return found


def _news(found: PaymentFound) -> Any:
    return settle_payment(
        processor=found.processor, processor_payment_id=found.processor_payment_id, payment_reference=None,
        source="webhook", now=clock_now(),
    )  # fmt: skip


def _everything_agrees(stripe: Wire) -> None:
    assert [str(finding) for finding in local_findings()] == []
    paypal = {currency: sums["total"] for currency, sums in stripe.summary()["paypal"]["balances"].items()}
    for name, theirs in (("stripe", stripe.platform_balance()), ("paypal", paypal)):
        assert [str(one) for one in clearing_findings(processor=name, their_balances=theirs)] == []


def test_webhook_and_browser_both_completing_a_paypal_payment_take_it_once(stripe: Wire) -> None:
    order = check_out([(new_product(price=4000), 1)])
    found = _approved(stripe, order)
    browser = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    sweeper = partial(settle_open_payments, now=clock_now())
    results = at_once([browser, partial(_news, found), browser, sweeper, partial(_news, found), browser])
    assert set(kinds(results)) <= {"Settled", "int", "ProcessorUnavailable"}, results
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert order.status == "paid"
    assert len(stripe.summary()["paypal"]["captures"]) == 1
    assert ProcessorRequest.objects.filter(kind="capture_payment").count() == 1
    _everything_agrees(stripe)


def test_card_and_paypal_paid_at_the_same_moment_are_one_sale_and_one_refund(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    product = new_product(price=4000, stock=3)
    order = check_out([(product, 1)])
    card = _open(order, PaymentChannel.ELEMENTS)
    wallet = _approved(stripe, order)
    stripe.pay(card.client_secret)
    results = at_once([partial(_news, card), partial(_news, wallet)] * 3)
    assert set(kinds(results)) <= {"Settled", "ProcessorUnavailable"}, results
    for found in (card, wallet):
        _news(found)
    run_outbox()
    order.refresh_from_db()
    product.refresh_from_db()
    assert (order.status, product.stock_on_hand, product.stock_reserved) == ("paid", 2, 0)
    taken = Capture.objects.count()
    # Where the card came first nothing was taken at PayPal; where PayPal did, the card's money went back.
    assert taken in (1, 2)
    given_back = sum(capture.refunded_minor for capture in Capture.objects.all())
    assert given_back == (taken - 1) * 4500
    _everything_agrees(stripe)


def test_hosted_page_and_card_paid_at_the_same_moment_are_one_sale(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = check_out([(new_product(price=4000, stock=3), 1)])
    page: HostedFound = open_hosted_checkout(
        public_id=order.public_id, buyer=Buyer(user_id=None, guest_scope=order.guest_scope),
        quote_hash=order.quote_hash, now=clock_now(),
    )  # fmt: skip
    card = _open(order, PaymentChannel.ELEMENTS)
    form = {"payment_method": "pm_card_visa", "name": "Ada", "email": "ada@example.org"}
    at_once([
        partial(stripe.pay, card.client_secret),
        partial(requests.post, f"{page.url}/pay", json=form, timeout=10),
    ])  # fmt: skip
    stripe.idle()
    sweeper = partial(settle_open_payments, now=clock_now())
    browser = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    at_once([sweeper, browser, partial(_news, card), browser])
    later = clock_now().replace(year=clock_now().year + 1)
    settle_open_payments(now=later)
    run_outbox()
    order.refresh_from_db()
    assert order.status == "paid"
    charges = stripe.charges(order.public_id)
    assert sum(charge["amount"] - charge["amount_refunded"] for charge in charges) == 4500
    _everything_agrees(stripe)


@pytest.mark.parametrize("way", [*list(PaymentChannel)[:1], PaymentChannel.PAYPAL])
def test_artisan_sweeper_and_second_tab_decide_a_part_once(
    stripe: Wire, run_outbox: RunOutbox, way: PaymentChannel
) -> None:
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    vase = new_product(price=3000, is_made_to_order=True, lead_time_days=9, stock=0)
    order = check_out([(bowl, 1), (vase, 1)])
    if way == PaymentChannel.PAYPAL:
        _approved(stripe, order)
    else:
        stripe.pay(_open(order, way).client_secret)
    order = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    parts = {part.artisan_id: part.public_id for part in order.seller_orders.all()}
    assert order.accept_by is not None
    accepts = partial(accept_part, seller_order_id=parts[bowl.artisan_id], artisan_id=bowl.artisan_id, now=clock_now())
    declines = partial(
        decline_part, seller_order_id=parts[vase.artisan_id], artisan_id=vase.artisan_id, reason="No.",
        now=clock_now(),
    )  # fmt: skip
    at_once([accepts, declines, accepts, declines, partial(decide_overdue, now=order.accept_by)])
    captures = partial(capture_order, order_id=order.id, source="task", now=clock_now())
    at_once([captures, captures, captures])
    run_outbox()
    resolve_requests(now=clock_now())
    order.refresh_from_db()
    statuses = sorted(Fulfilment.objects.values_list("status", flat=True))
    if order.status == "paid":
        assert (order.captured_minor, statuses) == (4500, ["declined", "to_ship"])
    else:
        # The sweeper came first: nobody had answered in time.
        assert (order.status, set(statuses)) == ("canceled", {"declined"})
    assert Payment.objects.get().status == ("succeeded" if order.status == "paid" else "canceled")
    _everything_agrees(stripe)
