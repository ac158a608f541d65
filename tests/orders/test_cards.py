"""The processor's test cards, one by one: what the buyer is told, and what staff see of the bank's checks."""

import datetime as dt
from typing import Any

import pytest

from common.clock import now as clock_now
from orders.models import Order
from orders.services import expire_orders, settle_order
from orders.services.settle import Settled
from payments import processors
from payments.contracts import ChargeRequest, OutcomeUnknown, PaymentFound, ProcessorUnavailable
from payments.enums import PaymentChannel
from payments.models import PaymentAttempt, ProcessorRequest
from payments.processors.paypal.processor import PayPalProcessor
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.orders.wire import VISA, Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _paid_with(stripe: Wire, card: str) -> tuple[Settled, str]:
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret, card)
    return settle_order(order_id=order.id, source="browser", now=clock_now()), found.client_secret


@pytest.mark.parametrize(
    ("card", "code", "words"),
    [
        ("4000000000000002", "generic_decline", "declined this card"),
        ("4000000000009995", "insufficient_funds", "enough funds"),
        ("4000000000009987", "lost_card", "declined this card"),
        ("4000000000009979", "stolen_card", "declined this card"),
        ("4000000000000069", "expired_card", "expired"),
        ("4000000000000127", "incorrect_cvc", "security code"),
        ("4000000000000119", "processing_error", "card network"),
        ("4100000000000019", "fraudulent", "declined this card"),
    ],
)
def test_a_card_that_is_declined_and_then_another(stripe: Wire, card: str, code: str, words: str) -> None:
    settled, secret = _paid_with(stripe, card)
    payment = settled.payment
    assert payment is not None
    assert (settled.order.status, payment.status) == ("awaiting_payment", "requires_payment_method")
    assert code in (payment.decline_code, payment.failure_code)
    assert words in payment.failure_message
    assert balances() == {}
    stripe.pay(secret, VISA)
    settle_order(order_id=settled.order.id, source="browser", now=clock_now())
    charged_once(stripe, settled.order)
    everything_agrees(stripe)


@pytest.mark.parametrize(
    ("card", "checks"),
    [
        ("4242424242424242", ("pass", "pass", "pass")),
        ("4000000000000101", ("pass", "pass", "fail")),
        ("4000000000000036", ("pass", "fail", "pass")),
        ("4000000000000028", ("fail", "pass", "pass")),
        ("4000000000000010", ("fail", "fail", "pass")),
    ],
)
def test_address_and_security_code_checks_are_kept_for_staff(
    stripe: Wire, card: str, checks: tuple[str, str, str]
) -> None:
    """With no billing address given there is nothing for the address checks to say."""
    settled, _ = _paid_with(stripe, card)
    attempt = PaymentAttempt.objects.get()
    assert settled.order.status == "paid"
    assert attempt.cvc_check == checks[2]
    assert attempt.address_line1_check in (checks[0], "")
    assert attempt.address_postal_code_check in (checks[1], "")


@pytest.mark.parametrize("card", ["4000002760003184", "4000000000003220", "4000002500003155"])
def test_a_card_that_asks_for_3d_secure_waits_for_the_bank(stripe: Wire, card: str) -> None:
    settled, _ = _paid_with(stripe, card)
    assert settled.payment is not None
    assert (settled.order.status, settled.payment.status) == ("awaiting_payment", "requires_action")
    assert settled.found is not None
    assert settled.found.client_secret
    assert balances() == {}
    assert stripe.charges(settled.order.public_id) == []


def test_an_abandoned_3d_secure_holds_no_goods_after_the_offer_has_ended(stripe: Wire, run_outbox: RunOutbox) -> None:
    product = new_product(stock=1)
    order = check_out([(product, 1)])
    secret = confirm(order).found.client_secret  # type: ignore[union-attr]
    stripe.pay(secret, card="4000002760003184")
    settle_order(order_id=order.id, source="browser", now=clock_now())
    assert expire_orders(now=order.expires_at) == 1
    run_outbox()
    product.refresh_from_db()
    order.refresh_from_db()
    [intent] = stripe.intents(order.public_id)
    assert (order.status, intent["status"]) == ("expired", "canceled")
    assert (product.stock_on_hand, product.stock_reserved) == (1, 0)


def test_a_retry_under_the_same_key_sends_the_body_that_was_written_down_to_paypal_too(
    stripe: Wire, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, ChargeRequest]] = []
    create = PayPalProcessor.create_payment

    def watched(paypal: PayPalProcessor, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound:
        sent.append((idempotency_key, request))
        return create(paypal, request, idempotency_key=idempotency_key)

    monkeypatch.setattr(PayPalProcessor, "create_payment", watched)
    settings.PAYPAL_API_BASE = stripe.url
    for kept in (processors.processor_named, processors.paypal_client):
        kept.cache_clear()
    order = check_out([(new_product(), 1)])
    stripe.fault("answer_lost", "^/v2/checkout/orders$", times=2)
    with pytest.raises((OutcomeUnknown, ProcessorUnavailable)):
        confirm(order, channel=PaymentChannel.PAYPAL)
    settings.SITE_URL = "https://elsewhere.example"
    found = confirm(
        Order.objects.get(id=order.id), channel=PaymentChannel.PAYPAL, now=clock_now() + dt.timedelta(minutes=2)
    ).found
    assert found is not None
    [request] = ProcessorRequest.objects.filter(kind="create_payment")
    assert (request.attempt, request.state) == (1, "succeeded")
    [there] = stripe.summary()["paypal"]["orders"]
    assert there["id"] == found.processor_payment_id
    assert len(sent) >= 2
    assert {key for key, _ in sent} == {request.idempotency_key}
    assert all(body == sent[0][1] for _, body in sent), "what is sent under a key is what was written down with it"


def test_a_retry_under_the_same_key_sends_the_body_that_was_written_down(stripe: Wire, settings: Any) -> None:
    """Settings, addresses and the order's page may have changed meanwhile; the body of the key has not."""
    order = check_out([(new_product(), 1)])
    stripe.fault("error_500", "^/v1/payment_intents$", stored=False)
    with pytest.raises(OutcomeUnknown):
        confirm(order)
    settings.SITE_URL = "https://elsewhere.example"
    settings.COMMISSION_BPS = 2000
    Order.objects.filter(id=order.id).update(guest_scope="another-browser")
    found = confirm(Order.objects.get(id=order.id), now=clock_now() + dt.timedelta(minutes=2)).found
    assert found is not None
    [request] = ProcessorRequest.objects.filter(kind="create_payment")
    assert (request.attempt, request.state) == (1, "succeeded")
    assert len(stripe.intents(order.public_id)) == 1
