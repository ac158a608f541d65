"""A delivery address that PayPal can make nothing of is told as such, and not as a payment that was declined."""

from typing import Any

import pytest
from django.test import Client

from common.clock import now as clock_now
from orders.contracts.order import Buyer, ShippingAddress
from orders.models import Order
from orders.selectors.cart import get_cart
from orders.services import confirm_checkout, settle_order, start_checkout
from payments.contracts import AddressRefused
from payments.enums import PaymentChannel
from payments.models import Capture, Payment, ProcessorRequest
from tests.orders.shop import ADDRESS, confirm, fill_cart, new_product, new_user, owner_of
from tests.orders.test_saved_paypal_checkout import approve, books_agree, keep_with_a_payment
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]
PAYPAL = PaymentChannel.PAYPAL


def send_to(buyer: Buyer, **address: str) -> Order:
    """The checkout's first step, for what is in the buyer's cart."""
    cart = get_cart(owner=owner_of(buyer))
    return start_checkout(
        buyer=buyer, cart=cart, expected_cart_hash=cart.hash, email="ada@example.org",
        shipping_address=ShippingAddress(**ADDRESS | address), now=clock_now(),
    )  # fmt: skip


@pytest.fixture
def buyer(stripe: Wire) -> Buyer:
    buyer = Buyer(new_user().pk, "")
    fill_cart(buyer, [(new_product(price=4000), 1)])
    return buyer


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"postal_code": "00000"}, "PayPal can't find the delivery address"),
        ({"country": "DE", "postal_code": ""}, "PayPal asks for a postcode"),
    ],
)
def test_an_address_paypal_refuses_is_told_and_another_one_is_paid(
    stripe: Wire, buyer: Buyer, address: dict[str, str], words: str
) -> None:
    order = send_to(buyer, **address)
    with pytest.raises(AddressRefused, match=words):
        confirm(order, channel=PAYPAL)
    assert Payment.objects.get().status == "failed"
    assert ProcessorRequest.objects.get(kind="create_payment").state == "failed"
    changed = send_to(buyer, country="DE", postal_code="10115")
    order.refresh_from_db()
    assert (order.status, changed.status) == ("canceled", "awaiting_payment")
    approve(stripe, confirm(changed, channel=PAYPAL))
    assert settle_order(order_id=changed.id, source="browser", now=clock_now()).order.status == "paid"
    books_agree(stripe)


def test_the_same_order_can_be_paid_by_card_though_paypal_refuses_its_address(stripe: Wire, buyer: Buyer) -> None:
    order = send_to(buyer, postal_code="00000")
    with pytest.raises(AddressRefused):
        confirm(order, channel=PAYPAL)
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"


def test_an_address_refused_only_when_the_money_is_taken_leaves_the_order_open(stripe: Wire, buyer: Buyer) -> None:
    order = send_to(buyer, postal_code="00001")
    approve(stripe, confirm(order, channel=PAYPAL))
    settled = settle_order(order_id=order.id, source="browser", now=clock_now())
    assert settled.payment is not None
    assert (settled.order.status, settled.payment.status) == ("awaiting_payment", "requires_payment_method")
    assert settled.payment.failure_code == "shipping_address_invalid"
    assert settled.payment.failure_message.startswith("PayPal can't find the delivery address")
    assert not Capture.objects.exists()
    assert send_to(buyer).status == "awaiting_payment"


def test_a_kept_account_is_not_charged_for_an_address_that_paypal_refuses(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    buyer = Buyer(user.pk, "")
    fill_cart(buyer, [(new_product(price=4000), 1)])
    order = send_to(buyer, postal_code="00000")
    with pytest.raises(AddressRefused):
        confirm_checkout(
            public_id=order.public_id, buyer=buyer, quote_hash=order.quote_hash, channel=PAYPAL,
            method_reference=method.public_id, now=clock_now(),
        )  # fmt: skip
    assert Capture.objects.count() == 1


def test_the_api_names_the_address_and_not_the_payment(stripe: Wire, buyer: Buyer) -> None:
    order = send_to(buyer, postal_code="00000")
    client = Client()
    assert order.buyer is not None
    client.force_login(order.buyer)
    body: dict[str, Any] = {"quote_hash": order.quote_hash, "channel": "paypal"}
    answer = client.post(
        f"/api/v1/checkouts/{order.public_id}/confirm", body, content_type="application/json",
        headers={"Idempotency-Key": "an-address-of-mine"},
    )  # fmt: skip
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "address_refused")
    assert problem["title"] == "The delivery address is not accepted"
    assert "pay by card" in problem["detail"]
