"""Card purchases in a real browser, from the shelf to the confirmation, and what is in the books afterwards."""

import re

import pytest
from playwright.sync_api import expect

from catalog.demo.people import BUYER_EMAIL, DEMO_PASSWORD
from orders.models import Order
from payments.models import Payment, PaymentAttempt
from tests.browser.books import assert_nothing_charged, assert_paid_once, charges_of, wait_until_paid
from tests.browser.shopper import ASKS_FOR_3DS, DECLINED, Shopper, fits
from tests.support.live import LiveStack

both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)


@both_sizes
def test_guest_pays_three_artisans_with_one_card(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.put_in_cart()
    shopper.picture("cart")
    shopper.give_details()
    shopper.picture("checkout-details")
    shopper.go_to_payment()
    shopper.picture("checkout-payment")
    shopper.pay()
    order_id = shopper.sees_paid_order()
    shopper.picture("confirmation")
    order = assert_paid_once(live_stack, order_id)
    assert order.seller_orders.count() == 3
    assert order.buyer is None
    attempt = PaymentAttempt.objects.get(payment__order_reference=order_id)
    assert (attempt.cvc_check, attempt.address_postal_code_check) == ("pass", "pass")
    expect(shopper.page.get_by_role("link", name=re.compile("^Cart"))).not_to_contain_text("3")


def test_a_name_of_one_long_word_fits_the_narrowest_phone_from_cart_to_order(shopper: Shopper) -> None:
    page = shopper.page
    page.set_viewport_size({"width": 320, "height": 640})
    shopper.put_in_cart()
    fits(page)
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerksbeamter"
    shopper.give_details(f"{name[:21]}.muehlenbrandt@donaudampfschifffahrtsgesellschaft.example", name)
    fits(page)
    shopper.go_to_payment()
    fits(page)
    shopper.pay()
    shopper.sees_paid_order()
    expect(page.get_by_text(name)).to_be_visible()
    fits(page)
    shopper.open("/orders/")
    fits(page)


@both_sizes
def test_registered_buyer_pays_to_a_saved_address(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.log_in(BUYER_EMAIL, DEMO_PASSWORD)
    shopper.put_in_cart("fig-and-cedar-candle")
    shopper.open("/checkout/")
    shopper.picture("checkout-registered")
    shopper.go_to_payment()
    shopper.pay()
    order = assert_paid_once(live_stack, shopper.sees_paid_order())
    assert order.buyer is not None
    assert order.buyer.email == BUYER_EMAIL
    assert order.shipping_address["line1"] == "Schönhauser Allee 61"
    shopper.open("/orders/")
    expect(shopper.page.get_by_text("paid").first).to_be_visible()
    shopper.picture("history")


def test_3d_secure_confirmed(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    shopper.pay(ASKS_FOR_3DS)
    shopper.answer_bank("Complete authentication")
    order_id = shopper.sees_paid_order()
    assert_paid_once(live_stack, order_id)
    attempt = PaymentAttempt.objects.get(payment__order_reference=order_id, outcome="succeeded")
    assert attempt.three_d_secure == "authenticated"


def test_3d_secure_failed_then_another_card(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    shopper.pay(ASKS_FOR_3DS)
    shopper.answer_bank("Fail authentication")
    alert = shopper.page.get_by_role("alert").first
    expect(alert).to_be_visible()
    expect(alert).to_contain_text(re.compile("No money was taken", re.IGNORECASE))
    assert_nothing_charged(live_stack, shopper.order_id())
    shopper.pay()
    assert_paid_once(live_stack, shopper.sees_paid_order())


@both_sizes
def test_declined_then_another_card(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    shopper.pay(DECLINED)
    expect(shopper.page.get_by_text("The payment was not accepted")).to_be_visible()
    shopper.picture("declined")
    order_id = shopper.order_id()
    assert_nothing_charged(live_stack, order_id)
    shopper.pay()
    assert shopper.sees_paid_order() == order_id
    assert_paid_once(live_stack, order_id)
    assert Payment.objects.filter(order_reference=order_id).count() == 1


def test_double_click_on_pay_charges_once(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    shopper.enter_card("4242 4242 4242 4242")
    shopper.pay_button.dblclick()
    assert_paid_once(live_stack, shopper.sees_paid_order())


def test_tab_closed_after_paying_the_webhook_alone_completes_the_order(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    shopper.asks_processor_no_more()
    order_id = shopper.order_id()
    with shopper.page.expect_response(re.compile(r"/v1/payment_intents/[^/]+/confirm")):
        shopper.pay()
    # Cut off before it closes: a closing page may let one more of its requests through.
    shopper.page.context.set_offline(True)
    shopper.page.close()
    assert wait_until_paid(order_id) == "webhook"
    assert_paid_once(live_stack, order_id)


def test_refresh_while_the_payment_is_processed(shopper: Shopper, live_stack: LiveStack) -> None:
    live_stack.sandbox.webhook_mode("hold")
    shopper.start_checkout("fig-and-cedar-candle")
    order_id = shopper.order_id()
    shopper.asks_processor_no_more()
    with shopper.page.expect_response(re.compile(r"/v1/payment_intents/[^/]+/confirm")):
        shopper.pay()
    shopper.page.unroute_all()
    shopper.page.reload()
    assert shopper.sees_paid_order() == order_id
    live_stack.sandbox.webhook_mode("deliver")
    live_stack.sandbox.release_webhooks()
    assert_paid_once(live_stack, order_id)


def test_back_button_and_second_visit_do_not_pay_twice(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    checkout_url = shopper.page.url
    shopper.pay()
    order_id = shopper.sees_paid_order()
    shopper.page.goto(checkout_url)
    shopper.page.wait_for_timeout(1000)
    assert shopper.pay_button.count() == 0
    assert len(charges_of(live_stack, order_id)) == 1


def test_changed_cart_makes_a_new_quote_and_never_a_different_charge(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.start_checkout("fig-and-cedar-candle")
    first = shopper.order_id()
    shopper.start_checkout("letter-set")
    second = shopper.order_id()
    assert first != second
    shopper.pay()
    order = assert_paid_once(live_stack, shopper.sees_paid_order())
    assert order.public_id == second
    assert order.goods_minor == 3200 + 2600
    assert Order.objects.get(public_id=first).status == "canceled"
    assert_nothing_charged(live_stack, first)


def test_purchase_by_keyboard_alone(shopper: Shopper, live_stack: LiveStack) -> None:
    shopper.open("/products/fig-and-cedar-candle/")
    shopper.tab_to("Add to cart")
    shopper.page.keyboard.press("Enter")
    shopper.page.wait_for_url("**/cart/**")
    shopper.open("/checkout/")
    expect(shopper.page.get_by_label("E-mail")).to_be_visible()
    for label, text in (
        ("E-mail", "keys@example.org"),
        ("Full name", "Kim Tasten"),
        ("Street and number", "Weg 3"),
        ("Postal code", "20095"),
        ("Town or city", "Hamburg"),
        ("Country", "Germany"),
    ):
        shopper.tab_to(label)
        shopper.page.keyboard.type(text)
    shopper.tab_to("Continue to payment")
    shopper.page.keyboard.press("Enter")
    expect(shopper.card.get_by_label("Card number")).to_be_visible()
    for label, text in (
        ("Card number", "4242424242424242"),
        ("Expiration date (MM / YY)", "1234"),
        ("Security code", "123"),
    ):
        shopper.tab_to(label)
        shopper.page.keyboard.type(text)
    shopper.tab_to("Pay ")
    shopper.page.keyboard.press("Enter")
    assert_paid_once(live_stack, shopper.sees_paid_order())
