"""Paying with PayPal in the checkout: kept with the payment, paid with again in one press, and one charge at most."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.test import Client

from common.clock import now as clock_now
from common.models import AuditRecord, OutboxMessage
from identity.models import User
from orders.contracts.order import Buyer, PaymentRunning
from orders.models import Order
from orders.selectors.orders import access_key
from orders.services import confirm_checkout, settle_open_payments, settle_order
from orders.services.claim import claim_orders
from orders.services.settle import Settled
from payments import services as payments
from payments.contracts import OutcomeUnknown, PaymentDeclined, PaymentInTheWay
from payments.enums import MethodKind, PaymentChannel
from payments.models import Capture, Payment, ProcessorRequest, SavedMethod
from payments.processors import keeper_of, paypal_client
from payments.services import saved
from reconciliation.selectors import clearing_findings
from tests.orders.books import everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import ADDRESS, check_out, new_product, new_user
from tests.orders.wire import Wire
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

ORDERS = "^/v2/checkout/orders$"


def order_of(user: User | None, **product: Any) -> Order:
    if user is None:
        return check_out([(new_product(price=4000, **product), 1)])
    return check_out([(new_product(price=4000, **product), 1)], buyer=Buyer(user.pk, ""), email=user.email)


def confirm(order: Order, *, method: str = "", keep: bool = False, at: dt.datetime | None = None) -> Settled:
    return confirm_checkout(
        public_id=order.public_id, buyer=Buyer(order.buyer_id, order.guest_scope), quote_hash=order.quote_hash,
        now=at or clock_now(), channel=PaymentChannel.PAYPAL, method_reference=method, saves_method=keep,
    )  # fmt: skip


def approve(stripe: Wire, settled: Settled, **choice: object) -> None:
    assert settled.payment is not None
    answer = requests.post(
        f"{stripe.url}/paypal/checkout/{settled.payment.processor_payment_id}",
        json={"action": "approve", "save": True, **choice}, timeout=15,
    )  # fmt: skip
    answer.raise_for_status()


def keep_with_a_payment(stripe: Wire, user: User, funding: str = "balance") -> SavedMethod:
    order = order_of(user)
    approve(stripe, confirm(order, keep=True), funding=funding)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    return SavedMethod.objects.get(customer__user=user)


def books_agree(stripe: Wire) -> None:
    """With Stripe's balance and with PayPal's."""
    everything_agrees(stripe)
    theirs = payments.processor_balance(processor="paypal").total
    assert [str(finding) for finding in clearing_findings(processor="paypal", their_balances=theirs)] == []


def at_paypal(payment: Payment) -> Any:
    client = paypal_client()
    return client.sdk("t", client.orders.get_order, {"id": payment.processor_payment_id})


def test_the_account_is_kept_with_the_payment_and_pays_the_next_order_in_one_press(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    assert (method.kind, method.is_default, "may charge" in method.consent_text) == ("paypal", True, True)
    order = order_of(user)
    settled = confirm(order, method=method.public_id)
    assert (settled.order.status, settled.order.paid_at is not None) == ("paid", True)
    payment = Payment.objects.get(order_reference=order.public_id)
    assert (payment.status, payment.saved_method, payment.channel) == ("succeeded", method, "paypal")
    books_agree(stripe)


def test_an_account_that_the_buyer_did_not_tick_is_not_kept(stripe: Wire) -> None:
    user = new_user()
    order = order_of(user)
    approve(stripe, confirm(order))
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert not SavedMethod.objects.exists()


def test_made_to_order_goods_are_reserved_on_the_kept_account(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user, is_made_to_order=True, lead_time_days=20, stock=0)
    assert confirm(order, method=method.public_id).order.status == "authorized"
    assert not Capture.objects.filter(payment__order_reference=order.public_id).exists()


def test_a_guest_keeps_the_account_by_registering_afterwards(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    order = check_out([(new_product(price=4000), 1)], email=user.email)
    approve(stripe, confirm(order, keep=True))
    settle_order(order_id=order.id, source="browser", now=clock_now())
    assert not SavedMethod.objects.exists()
    page = Client().get(f"/orders/{order.public_id}/?key={access_key(order)}").content.decode()
    assert "the PayPal account you asked us to save is kept" in page
    assert claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now()) == 1
    run_outbox()
    method = SavedMethod.objects.get(customer__user=user)
    assert confirm(order_of(user), method=method.public_id).order.status == "paid"


def guest_keeps(stripe: Wire, email: str) -> tuple[Order, dict[str, Any]]:
    """A guest's order whose PayPal account is to be kept, and the word that is left about it."""
    order = check_out([(new_product(price=4000), 1)], email=email)
    approve(stripe, confirm(order, keep=True))
    begun = clock_now()
    settle_order(order_id=order.id, source="browser", now=begun)
    word = OutboxMessage.objects.get(task="payments.tasks.forget_unclaimed_method")
    assert word.available_at == begun + dt.timedelta(days=30)
    return order, word.kwargs


def test_an_account_that_no_guest_came_back_for_is_forgotten_at_paypal(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    order, word = guest_keeps(stripe, user.email)
    assert keeper_of("paypal").retrieve_method(word["processor_method_id"]) is not None
    for _ in range(2):
        saved.forget_unclaimed_method(**word, now=clock_now())
    assert keeper_of("paypal").retrieve_method(word["processor_method_id"]) is None
    assert ProcessorRequest.objects.filter(kind="detach_method").count() == 1
    assert AuditRecord.objects.get(event_type="method.forgotten").processor_id == word["processor_method_id"]
    page = Client().get(f"/orders/{order.public_id}/?key={access_key(order)}").content.decode()
    assert "you asked us to save" not in page
    assert claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now()) == 1
    run_outbox()
    assert not SavedMethod.objects.exists()


def test_an_answer_lost_while_forgetting_is_looked_up(stripe: Wire) -> None:
    _, word = guest_keeps(stripe, "ada@example.org")
    stripe.fault("answer_lost", "^/v3/vault/payment-tokens/", method="DELETE")
    with pytest.raises(OutcomeUnknown):
        saved.forget_unclaimed_method(**word, now=clock_now())
    saved.resolve_saved_requests(now=clock_now() + dt.timedelta(hours=1))
    assert keeper_of("paypal").retrieve_method(word["processor_method_id"]) is None
    assert ProcessorRequest.objects.get(kind="detach_method").state == "succeeded"


def test_an_account_that_a_guest_came_back_for_is_not_forgotten(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    order, word = guest_keeps(stripe, user.email)
    claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now())
    run_outbox()
    saved.forget_unclaimed_method(**word, now=clock_now())
    method = SavedMethod.objects.get(customer__user=user)
    assert confirm(order_of(user), method=method.public_id).order.status == "paid"


@pytest.mark.django_db(transaction=True)
def test_an_account_claimed_and_forgotten_at_once_is_either_kept_or_gone(stripe: Wire) -> None:
    user = new_user()
    order, word = guest_keeps(stripe, user.email)
    claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now())
    results = at_once([
        lambda: saved.keep_guest_method(payment_id=word["payment_id"], user_id=user.pk, now=clock_now()),
        lambda: saved.forget_unclaimed_method(**word, now=clock_now()),
    ])  # fmt: skip
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, PaymentInTheWay)]
    is_there = keeper_of("paypal").retrieve_method(word["processor_method_id"]) is not None
    assert SavedMethod.objects.filter(customer__user=user).exists() == is_there


def test_a_decline_is_told_in_words_and_leaves_the_order_open_for_another_way(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    approve_with_a_card_that_is_declined(stripe, user)
    order = order_of(user)
    with pytest.raises(PaymentDeclined) as told:
        confirm(order, method=method.public_id)
    assert "declined" in str(told.value.detail)
    order.refresh_from_db()
    assert order.status == "awaiting_payment"
    assert Payment.objects.get(order_reference=order.public_id).status == "failed"
    # PayPal's own window, with another card there.
    approve(stripe, confirm(order))
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert Capture.objects.filter(payment__order_reference=order.public_id).count() == 1
    books_agree(stripe)


def approve_with_a_card_that_is_declined(stripe: Wire, user: User) -> None:
    """The kept account is agreed to once more, this time with a card that its bank declines."""
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.PAYPAL, page_url="http://x.test/", now=clock_now())
    address = f"{stripe.url}/paypal/agreements/{opened.setup.processor_setup_id}"
    requests.post(address, json={"action": "approve", "funding": "declined"}, timeout=15).raise_for_status()
    assert saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())


def test_an_order_opened_in_paypals_window_and_left_gives_way_to_the_kept_account(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    left = confirm(order)
    assert confirm(order, method=method.public_id).order.status == "paid"
    # Approved in the forgotten window all the same: nobody takes it.
    approve(stripe, left)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    settle_open_payments(now=clock_now() + dt.timedelta(hours=1))
    both = Payment.objects.filter(order_reference=order.public_id).order_by("id")
    assert [payment.status for payment in both] == ["canceled", "succeeded"]
    assert at_paypal(both[0])["status"] == "APPROVED"
    books_agree(stripe)


def test_ticking_the_box_after_the_window_was_closed_makes_an_order_that_keeps(stripe: Wire) -> None:
    user = new_user()
    order = order_of(user)
    confirm(order)
    ticked = confirm(order, keep=True)
    assert confirm(order, keep=True).payment == ticked.payment
    approve(stripe, ticked)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert SavedMethod.objects.filter(customer__user=user).count() == 1


def test_an_approved_payment_does_not_give_way(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    approve(stripe, confirm(order))
    stripe.fault("answer_lost", "/capture$")
    with pytest.raises(OutcomeUnknown):
        settle_order(order_id=order.id, source="browser", now=clock_now())
    with pytest.raises(PaymentInTheWay):
        confirm(order, method=method.public_id)
    settle_open_payments(now=clock_now() + dt.timedelta(minutes=5))
    order.refresh_from_db()
    assert order.status == "paid"
    assert Capture.objects.filter(payment__order_reference=order.public_id).count() == 1


def test_nothing_is_taken_from_the_account_while_the_bank_has_the_card(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    card = confirm_checkout(
        public_id=order.public_id, buyer=Buyer(user.pk, ""), quote_hash=order.quote_hash, now=clock_now()
    ).payment
    assert card is not None
    Payment.objects.filter(id=card.id).update(status="processing")
    with pytest.raises(PaymentRunning):
        confirm(order, method=method.public_id)
    assert Payment.objects.filter(order_reference=order.public_id).count() == 1


@pytest.mark.parametrize(
    ("fault", "more"), [("answer_lost", {}), ("error_500", {"carried_out": True, "stored": False})]
)
def test_an_answer_lost_after_the_account_was_charged_is_looked_up_and_not_charged_twice(
    stripe: Wire, fault: str, more: dict[str, Any]
) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    stripe.fault(fault, ORDERS, times=2, **more)
    with pytest.raises(OutcomeUnknown):
        confirm(order, method=method.public_id)
    # The page is loaded again and asks.
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert Capture.objects.filter(payment__order_reference=order.public_id).count() == 1
    books_agree(stripe)


def test_an_account_charged_with_a_lost_answer_is_found_behind_the_card_form_that_was_opened_after_it(
    stripe: Wire,
) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    stripe.fault("answer_lost", ORDERS, times=2)
    with pytest.raises(OutcomeUnknown):
        confirm(order, method=method.public_id)
    card = confirm_checkout(
        public_id=order.public_id, buyer=Buyer(user.pk, ""), quote_hash=order.quote_hash, now=clock_now()
    ).payment
    assert card is not None
    assert card.channel == PaymentChannel.ELEMENTS
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert Capture.objects.get(payment__order_reference=order.public_id).payment.channel == PaymentChannel.PAYPAL


@pytest.mark.django_db(transaction=True)
def test_one_press_ten_times_at_once_is_one_charge(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    order = order_of(user)
    at_once([lambda: confirm(order, method=method.public_id)] * 10)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert order.status == "paid"
    assert Payment.objects.filter(order_reference=order.public_id).count() == 1
    assert ProcessorRequest.objects.filter(kind="create_payment", subject=order.payment_reference).count() == 1
    books_agree(stripe)


def test_paypal_and_stripe_are_told_where_the_goods_go(stripe: Wire) -> None:
    user = new_user()
    method = keep_with_a_payment(stripe, user)
    for kept in ("", method.public_id):
        order = order_of(user)
        settled = confirm(order, method=kept)
        assert settled.payment is not None
        [unit] = at_paypal(settled.payment)["purchase_units"]
        assert unit["shipping"]["name"]["full_name"] == ADDRESS["name"]
        assert unit["shipping"]["address"]["address_line_1"] == ADDRESS["line1"]
        assert unit["shipping"]["address"]["country_code"] == ADDRESS["country"]
    card = confirm_checkout(
        public_id=order_of(user).public_id, buyer=Buyer(user.pk, ""),
        quote_hash=Order.objects.latest("id").quote_hash, now=clock_now(),
    ).payment  # fmt: skip
    assert card is not None
    [intent] = stripe.intents(card.order_reference)
    assert (intent["shipping"]["name"], intent["shipping"]["address"]["line1"]) == (ADDRESS["name"], ADDRESS["line1"])
