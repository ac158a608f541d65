"""A guest who ticked "save this card" and registered afterwards; and who gets nothing."""

import pytest
import stripe as stripe_sdk
from django.test import Client

from common.clock import now as clock_now
from orders.contracts.order import Buyer
from orders.models import Order
from orders.services import confirm_checkout, settle_order
from orders.services.claim import claim_orders
from payments.models import Payment, SavedMethod
from tests.orders.fixtures import RunOutbox, no_broker, no_throttle, run_outbox, stripe
from tests.orders.shop import check_out, new_product, new_user
from tests.orders.wire import Wire

__all__ = ["no_broker", "no_throttle", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]


def guest_order(stripe: Wire, *, email: str, saves_method: bool) -> Order:
    order = check_out([(new_product(), 1)], email=email)
    settled = confirm_checkout(
        public_id=order.public_id, buyer=Buyer(user_id=None, guest_scope=order.guest_scope),
        quote_hash=order.quote_hash, now=clock_now(), saves_method=saves_method,
    )  # fmt: skip
    assert settled.found is not None
    stripe.pay(settled.found.client_secret)
    return order


@pytest.mark.parametrize("settled_first", [True, False])
def test_the_card_is_kept_once_the_guest_has_an_account(
    stripe: Wire, run_outbox: RunOutbox, settled_first: bool
) -> None:
    user = new_user()
    order = guest_order(stripe, email=user.email.upper(), saves_method=True)
    if settled_first:
        settle_order(order_id=order.id, source="browser", now=clock_now())
    assert not SavedMethod.objects.exists()
    assert claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now()) == 1
    run_outbox()
    if not settled_first:
        settle_order(order_id=order.id, source="webhook", now=clock_now())
        run_outbox()
    [method] = SavedMethod.objects.filter(customer__user=user)
    assert (method.last4, method.is_default, Payment.objects.get().saved_method) == ("4242", True, method)
    api = stripe_sdk.StripeClient("sk_test_sandbox", base_addresses={"api": stripe.url})
    assert api.v1.payment_methods.retrieve(method.processor_method_id).customer == (
        method.customer.processor_customer_id
    )
    order.refresh_from_db()
    assert order.buyer == user
    assert claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now()) == 0


def test_a_card_that_the_guest_did_not_agree_to_keep_is_not_kept(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    order = guest_order(stripe, email=user.email, saves_method=False)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    assert claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now()) == 1
    run_outbox()
    assert not SavedMethod.objects.exists()


def test_an_order_of_another_address_or_browser_is_not_claimed(stripe: Wire) -> None:
    user = new_user()
    mine = guest_order(stripe, email=user.email, saves_method=True)
    shared = guest_order(stripe, email="somebody.else@example.org", saves_method=True)
    assert claim_orders(user_id=user.pk, guest_scope=shared.guest_scope, now=clock_now()) == 0
    assert claim_orders(user_id=user.pk, guest_scope="", now=clock_now()) == 0
    assert Order.objects.filter(id__in=[mine.id, shared.id], buyer__isnull=True).count() == 2


def test_the_confirmation_offers_an_account_to_guests_only(stripe: Wire) -> None:
    from orders.selectors.orders import access_key

    order = guest_order(stripe, email="ada@example.org", saves_method=True)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    address = f"/orders/{order.public_id}/?key={access_key(order)}"
    assert "the card you asked us to save is kept" in Client().get(address).content.decode()
    known = Client()
    known.force_login(new_user())
    assert "Create an account with" not in known.get(address).content.decode()
