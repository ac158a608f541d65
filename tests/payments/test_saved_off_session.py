"""An authorization was lost and the buyer had agreed to a second try: with the test cards that decide how it goes."""

import datetime as dt
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import stripe as stripe_sdk
from django.core import mail

from common.clock import now as clock_now
from identity.models import User
from orders.contracts.order import Buyer
from orders.models import Fulfilment, Order, SellerOrder
from orders.selectors.orders import current_payment
from orders.services import accept_part, charge_off_session, confirm_checkout, expire_orders, settle_order
from payments.enums import MethodKind
from payments.models import Payment, SavedMethod
from payments.services import saved
from tests.orders.books import everything_agrees
from tests.orders.fixtures import RunOutbox, no_broker, no_throttle, run_outbox, stripe
from tests.orders.shop import check_out, new_product, new_user
from tests.orders.wire import Wire

__all__ = ["no_broker", "no_throttle", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

EIGHT_DAYS_SECONDS = 8 * 24 * 3600
SET_UP_ONCE = "pm_card_authenticationRequiredOnSetup"  # 4000 0025 0000 3155
ALWAYS_ASKS = "pm_card_authenticationRequired"  # 4000 0027 6000 3184
FAILS_LATER = "pm_card_chargeCustomerFail"  # 4000 0000 0000 0341


@pytest.fixture
def api(stripe: Wire) -> stripe_sdk.StripeClient:
    return stripe_sdk.StripeClient("sk_test_sandbox", base_addresses={"api": stripe.url})


@pytest.fixture
def a_week_later(stripe: Wire) -> Iterator[None]:
    """Time enough for the bank to let the money go; the processor's clock is put back afterwards."""
    yield
    stripe._control("POST", "/clock", {"advance_seconds": -EIGHT_DAYS_SECONDS})


def answer_bank(stripe: Wire, intent: object) -> None:
    """The buyer agrees in the bank's window."""
    action = intent.next_action.redirect_to_url.url  # type: ignore[attr-defined]
    named = dict(parse_qsl(urlsplit(action).query))
    key = "payment_intent" if "payment_intent" in named else "setup_intent"
    answer = requests.post(
        f"{stripe.url}/js/3ds/complete",
        json={key: named[key], "token": named["token"], "outcome": "succeed"},
        timeout=15,
    )
    assert answer.status_code == 200, answer.text


def keep(stripe: Wire, api: stripe_sdk.StripeClient, user: User, card: str) -> SavedMethod:
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url="http://shop.test/", now=clock_now())
    setup_id = str(opened.setup.processor_setup_id)
    setup = api.v1.setup_intents.confirm(setup_id, {"payment_method": card, "return_url": "http://shop.test/"})
    if setup.status == "requires_action":
        answer_bank(stripe, setup)
    method = saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())
    assert method is not None
    return method


def lost_authorization(stripe: Wire, api: stripe_sdk.StripeClient, card: str) -> tuple[Order, SavedMethod]:
    """A chair for 60.00 and 5.00 postage, paid with the saved card; the money is let go before the artisan accepts."""
    user = new_user()
    method = keep(stripe, api, user, "pm_card_visa")
    chair = new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0)
    buyer = Buyer(user_id=user.pk, guest_scope="")
    order = check_out([(chair, 1)], buyer=buyer, email=user.email)
    payment = confirm(order, method_reference=method.public_id)
    api.v1.payment_intents.confirm(str(payment.processor_payment_id), {"return_url": "http://shop.test/"})
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert order.status == "authorized"
    other = keep(stripe, api, user, card)
    Payment.objects.filter(id=payment.id).update(saved_method=other)
    stripe._control("POST", "/clock", {"advance_seconds": EIGHT_DAYS_SECONDS})
    stripe.idle()
    settle_order(order_id=order.id, source="sweeper", now=clock_now())
    order.refresh_from_db()
    return order, other


def confirm(order: Order, method_reference: str = "") -> Payment:
    buyer = Buyer(user_id=order.buyer_id, guest_scope="")
    settled = confirm_checkout(
        public_id=order.public_id, buyer=buyer, quote_hash=order.quote_hash, now=clock_now(),
        method_reference=method_reference,
    )  # fmt: skip
    assert settled.payment is not None
    return settled.payment


@pytest.mark.usefixtures("a_week_later")
def test_a_card_that_was_set_up_is_authorized_again_without_the_buyer(
    stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    order, method = lost_authorization(stripe, api, SET_UP_ONCE)
    assert (order.status, order.payment_reference) == ("awaiting_payment", "")
    assert "orders.tasks.charge_off_session" in run_outbox()
    order.refresh_from_db()
    again = Payment.objects.get(channel="off_session")
    assert (order.status, order.payment_reference, again.status) == ("authorized", again.public_id, "authorized")
    assert (again.authorized_minor, again.saved_method) == (6500, method)
    part = SellerOrder.objects.get(order=order)
    accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=clock_now())
    run_outbox()
    order.refresh_from_db()
    assert order.status == "paid"
    assert [charge["amount_captured"] for charge in stripe.charges(order.public_id) if charge["captured"]] == [6500]
    assert not [letter for letter in mail.outbox if "confirm your payment" in letter.subject]
    everything_agrees(stripe)


@pytest.mark.usefixtures("a_week_later")
def test_a_bank_that_asks_brings_the_buyer_back_to_the_same_payment(
    stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    order, method = lost_authorization(stripe, api, ALWAYS_ASKS)
    run_outbox()
    order.refresh_from_db()
    tried = Payment.objects.get(channel="off_session")
    assert (order.status, tried.status) == ("awaiting_payment", "requires_payment_method")
    assert tried.failure_code == "authentication_required"
    assert order.expires_at > clock_now() + dt.timedelta(days=2)
    [letter] = [letter for letter in mail.outbox if "confirm your payment" in letter.subject]
    assert "65.00" in letter.subject
    assert "Your bank wants you to confirm it yourself. Nothing was charged." in letter.body
    assert f"order%3D{order.public_id}" in letter.body
    charge_off_session(order_id=order.id, method_id=method.id, now=clock_now())
    assert len(stripe.intents(order.public_id)) == 2
    confirm(order)
    back = confirm(order, method_reference=method.public_id)
    assert back == tried
    intent = api.v1.payment_intents.confirm(
        str(back.processor_payment_id), {"return_url": "http://shop.test/", "off_session": False}
    )
    answer_bank(stripe, intent)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert (order.status, order.payment_reference) == ("authorized", tried.public_id)
    assert [fulfilment.status for fulfilment in Fulfilment.objects.all()] == ["to_accept"]


@pytest.mark.usefixtures("a_week_later")
def test_a_declined_second_try_ends_without_a_charge_if_the_buyer_does_not_come_back(
    stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    order, _ = lost_authorization(stripe, api, FAILS_LATER)
    run_outbox()
    [letter] = [letter for letter in mail.outbox if "confirm your payment" in letter.subject]
    assert "Your bank did not accept it. Nothing was charged." in letter.body
    assert expire_orders(now=clock_now() + dt.timedelta(days=4)) == 1
    run_outbox()
    order.refresh_from_db()
    assert (order.status, current_payment(order).status) == ("expired", "canceled")  # type: ignore[union-attr]
    assert [fulfilment.status for fulfilment in Fulfilment.objects.all()] == ["canceled"]
    assert [charge for charge in stripe.charges(order.public_id) if charge["captured"]] == []
    everything_agrees(stripe)


@pytest.mark.usefixtures("a_week_later")
def test_a_card_that_was_removed_meanwhile_is_not_charged_again(
    stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    user = new_user()
    method = keep(stripe, api, user, "pm_card_visa")
    chair = new_product(price=6000, is_made_to_order=True, lead_time_days=20, stock=0)
    order = check_out([(chair, 1)], buyer=Buyer(user_id=user.pk, guest_scope=""))
    payment = confirm(order, method_reference=method.public_id)
    api.v1.payment_intents.confirm(str(payment.processor_payment_id), {"return_url": "http://shop.test/"})
    settle_order(order_id=order.id, source="browser", now=clock_now())
    saved.remove_method(user_id=user.pk, public_id=method.public_id, now=clock_now())
    stripe._control("POST", "/clock", {"advance_seconds": EIGHT_DAYS_SECONDS})
    stripe.idle()
    settle_order(order_id=order.id, source="sweeper", now=clock_now())
    ran = run_outbox()
    order.refresh_from_db()
    assert order.status == "expired"
    assert "orders.tasks.charge_off_session" not in ran
    assert "orders.tasks.send_not_charged" in ran
    assert not Payment.objects.filter(channel="off_session").exists()
