"""Paying on the processor's own page: our prices, our total, the same settlement."""

import datetime as dt
from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from orders.contracts.order import AlreadyPaid, Buyer, QuoteMismatch
from orders.models import Order, SellerOrder
from orders.services import (
    cancel_checkout,
    decline_part,
    expire_orders,
    open_hosted_checkout,
    resolve_requests,
    settle_open_payments,
    settle_order,
    settle_payment,
)
from payments import services as payments
from payments.contracts import HostedFound, OutcomeUnknown, ProcessorRefused, ProcessorUnavailable
from payments.models import Payment, ProcessorPrice, ProcessorRequest
from payments.processors.stripe.hosted import StripeHostedPage
from tests.orders.books import charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, three_artisans
from tests.orders.wire import Wire
from tests.payments.fake_processor import Died

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

MINUTE = dt.timedelta(minutes=1)


def _page(order: Order, *, quote_hash: str = "") -> HostedFound:
    return open_hosted_checkout(
        public_id=order.public_id,
        buyer=Buyer(user_id=order.buyer_id, guest_scope=order.guest_scope),
        quote_hash=quote_hash or order.quote_hash,
        now=clock_now(),
    )


def _pay(stripe: Wire, page: HostedFound, card: str = "pm_card_visa") -> requests.Response:
    """The buyer fills in the page and sends it."""
    answer = requests.post(
        f"{page.url}/pay", json={"payment_method": card, "name": "Ada Byron", "email": "ada@example.org"}, timeout=10
    )
    stripe.idle()
    return answer


def test_the_page_asks_for_our_total_and_its_payment_is_the_sale(stripe: Wire) -> None:
    order = check_out(three_artisans())
    page = _page(order)
    assert (page.status, page.total) == ("open", order.total)
    payment = Payment.objects.get()
    assert (payment.channel, payment.status, payment.hosted_session_id) == (
        "hosted", "requires_payment_method", page.processor_session_id
    )  # fmt: skip
    # Three goods and two postages, each registered once, in test mode.
    assert ProcessorPrice.objects.filter(livemode=False, processor_price_id__startswith="price_").count() == 5
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "awaiting_payment"
    assert _pay(stripe, page).ok
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_asking_again_gives_the_same_page_and_the_same_prices(stripe: Wire) -> None:
    goods = three_artisans()
    order = check_out(goods)
    assert _page(order).processor_session_id == _page(order).processor_session_id
    assert Payment.objects.count() == 1
    _page(check_out(goods))
    assert ProcessorPrice.objects.count() == 5
    assert ProcessorRequest.objects.filter(kind="create_price").count() == 5


def test_the_webhook_alone_completes_the_order(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    _pay(stripe, _page(order))
    [intent] = stripe.intents(order.public_id)
    settled = settle_payment(
        processor="stripe", processor_payment_id=intent["id"], payment_reference=intent["metadata"]["payment"],
        source="webhook", now=clock_now(),
    )  # fmt: skip
    assert settled.order.status == "paid"


def test_without_any_news_the_sweeper_finds_the_payment(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    _pay(stripe, _page(order))
    settle_open_payments(now=clock_now() + 2 * MINUTE)
    order.refresh_from_db()
    assert order.status == "paid"


def test_hosted_page_and_card_both_paying_one_order(stripe: Wire, run_outbox: RunOutbox) -> None:
    """The way that was not taken is closed: nobody can pay there any more."""
    order = check_out([(new_product(), 1)])
    page = _page(order)
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    run_outbox()
    assert dict(Payment.objects.values_list("channel", "status")) == {"elements": "succeeded", "hosted": "canceled"}
    assert not _pay(stripe, page).ok
    assert len(stripe.charges(order.public_id)) == 1
    with pytest.raises(AlreadyPaid):
        _page(order)
    everything_agrees(stripe)


@pytest.mark.parametrize("leaves", [True, False])
def test_the_page_of_an_order_that_has_ended_is_closed(stripe: Wire, run_outbox: RunOutbox, leaves: bool) -> None:
    order = check_out([(new_product(), 1)])
    page = _page(order)
    if leaves:
        cancel_checkout(order_id=order.id, now=clock_now())
    else:
        expire_orders(now=order.expires_at)
    run_outbox()
    assert not _pay(stripe, page).ok
    assert Payment.objects.get().status == "canceled"
    assert stripe.charges(order.public_id) == []


def test_a_declined_card_on_the_page_can_be_followed_by_a_good_one(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    page = _page(order)
    assert not _pay(stripe, page, "pm_card_visa_chargeDeclined").ok
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "awaiting_payment"
    assert _pay(stripe, page).ok
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"


@pytest.mark.parametrize("path", ["^/v1/prices$", "^/v1/checkout/sessions$"])
def test_a_lost_answer_makes_neither_two_pages_nor_two_prices(stripe: Wire, path: str) -> None:
    order = check_out([(new_product(), 1)])
    stripe.fault("answer_lost", path)
    with pytest.raises(OutcomeUnknown):
        _page(order)
    page = _page(order)
    _pay(stripe, page)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert len(stripe.intents(order.public_id)) == 1
    assert ProcessorPrice.objects.exclude(processor_price_id=None).count() == 2
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    everything_agrees(stripe)


def test_a_page_with_another_total_than_ours_is_closed_and_not_shown(stripe: Wire) -> None:
    """A price that somebody has registered by hand under our reference, or that we got wrong."""
    order = check_out([(new_product(price=2000), 1)])
    other = check_out([(new_product(price=3000), 1)])
    _page(other)
    wrong = ProcessorPrice.objects.get(amount_minor=3000)
    ProcessorPrice.objects.filter(id=wrong.id).delete()
    ProcessorPrice.objects.create(
        public_id="prc_wrong", processor="stripe", livemode=False, created_at=clock_now(), currency="EUR",
        subject=order.seller_orders.get().lines.get().product.public_id, amount_minor=2000,
        name=order.seller_orders.get().lines.get().title, processor_price_id=wrong.processor_price_id,
    )  # fmt: skip
    with pytest.raises(ProcessorRefused):
        _page(order)
    assert Payment.objects.get(order_reference=order.public_id).status == "failed"
    assert (
        ProcessorRequest.objects.get(
            kind="create_hosted", subject=Payment.objects.get(order_reference=order.public_id).public_id
        ).error_code
        == "hosted_total_differs"
    )


def test_another_offer_than_the_one_that_was_made_has_no_page(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    with pytest.raises(QuoteMismatch):
        _page(order, quote_hash="b" * 64)
    assert not Payment.objects.exists()


def test_prices_of_live_mode_are_other_prices(stripe: Wire, settings: object) -> None:
    goods = [(new_product(), 1)]
    _page(check_out(goods))
    ProcessorPrice.objects.update(livemode=True)
    _page(check_out(goods))
    assert sorted(ProcessorPrice.objects.values_list("livemode", flat=True)) == [False, False, True, True]


def test_what_is_reserved_on_the_page_and_then_declined_by_all_is_let_go(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=10, stock=0)
    order = check_out([(bowl, 1)])
    assert _pay(stripe, _page(order)).ok
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "authorized"
    part = SellerOrder.objects.get(order=order)
    decline_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, reason="No clay.", now=clock_now())
    run_outbox()
    order.refresh_from_db()
    [intent] = stripe.intents(order.public_id)
    assert (order.status, Payment.objects.get().status, intent["status"]) == ("canceled", "canceled", "canceled")
    assert ProcessorRequest.objects.get(kind="cancel_payment").state == "succeeded"
    everything_agrees(stripe)


def test_a_page_is_not_made_again_while_its_payment_is_voided(
    stripe: Wire, run_outbox: RunOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one tab the buyer leaves, in another one the page is opened again: its first answer was lost."""
    order = check_out([(new_product(), 1)])
    stripe.fault("reset", "/checkout/sessions$", method="POST")
    with pytest.raises(OutcomeUnknown):
        _page(order)
    open_hosted = payments.open_hosted

    def leave_meanwhile(**asked: Any) -> HostedFound:
        cancel_checkout(order_id=order.id, now=clock_now())
        run_outbox()
        return open_hosted(**asked)

    monkeypatch.setattr(payments, "open_hosted", leave_meanwhile)
    with pytest.raises(ProcessorUnavailable):
        _page(order)
    assert stripe.summary()["checkout_sessions"] == []
    payment = Payment.objects.get()
    assert (payment.status, payment.hosted_session_id) == ("canceled", None)
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()


def _no_request_is_open() -> None:
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    assert not ProcessorRequest.objects.filter(next_try_at__isnull=False).exists()


@pytest.mark.parametrize("fault", ["answer_lost", "reset"])
@pytest.mark.parametrize("path", ["^/v1/prices$", "^/v1/checkout/sessions$"])
def test_a_lost_answer_is_found_although_the_buyer_does_not_come_back(stripe: Wire, path: str, fault: str) -> None:
    order = check_out([(new_product(), 1)])
    stripe.fault(fault, path, method="POST")
    with pytest.raises(OutcomeUnknown):
        _page(order)
    assert resolve_requests(now=clock_now() + MINUTE) == 1
    _no_request_is_open()
    assert ProcessorPrice.objects.filter(processor_price_id=None).count() == 0
    page = _page(order)
    assert [session["id"] for session in stripe.summary()["checkout_sessions"]] == [page.processor_session_id]


@pytest.mark.parametrize("fault", ["answer_lost", "reset"])
def test_a_page_whose_answer_was_lost_is_closed_when_its_order_ends(stripe: Wire, fault: str) -> None:
    """The queue has given the void up."""
    order = check_out([(new_product(), 1)])
    stripe.fault(fault, "^/v1/checkout/sessions$", method="POST")
    with pytest.raises(OutcomeUnknown):
        _page(order)
    assert expire_orders(now=order.expires_at) == 1
    assert resolve_requests(now=order.expires_at + MINUTE) == 1
    assert [session["status"] for session in stripe.summary()["checkout_sessions"]] == (
        ["expired"] if fault == "answer_lost" else []
    )
    assert Payment.objects.get().status == "canceled"
    _no_request_is_open()


def test_a_page_whose_worker_died_is_closed_when_its_order_ends(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    order = check_out([(new_product(), 1)])
    with monkeypatch.context() as patch:
        patch.setattr("payments.services.hosted._create_or_find", _die)
        with pytest.raises(Died):
            _page(order)
    assert expire_orders(now=order.expires_at) == 1
    assert resolve_requests(now=order.expires_at + MINUTE) == 1
    assert (Payment.objects.get().status, stripe.summary()["checkout_sessions"]) == ("canceled", [])
    _no_request_is_open()


def _die(*_: object) -> None:
    raise Died


def test_what_was_paid_on_a_page_whose_answer_was_lost_leaves_no_open_request(stripe: Wire) -> None:
    order = check_out([(new_product(), 1)])
    stripe.fault("answer_lost", "^/v1/checkout/sessions$", method="POST")
    with pytest.raises(OutcomeUnknown):
        _page(order)
    [session] = stripe.summary()["checkout_sessions"]
    requests.post(
        f"{session['url']}/pay", json={"payment_method": "pm_card_visa", "name": "Ada", "email": "ada@example.org"},
        timeout=10,
    ).raise_for_status()  # fmt: skip
    stripe.idle()
    assert settle_open_payments(now=clock_now() + 2 * MINUTE) == 1
    charged_once(stripe, order)
    _no_request_is_open()
    everything_agrees(stripe)


def test_a_price_that_was_refused_once_is_asked_for_anew(stripe: Wire) -> None:
    """The processor keeps a refusal under its key: the product could not be bought on its page any more."""
    order = check_out([(new_product(), 1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StripeHostedPage, "create_price", _refused)
        with pytest.raises(ProcessorRefused):
            _page(order)
    assert _page(order).status == "open"
    assert list(
        ProcessorRequest.objects.filter(kind="create_price").order_by("id").values_list("attempt", "state")[:2]
    ) == [(1, "failed"), (2, "succeeded")]
    _no_request_is_open()


def _refused(*_: object, **__: object) -> None:
    raise ProcessorRefused(processor_code="rate_plan")
