"""PayPal has the money and keeps the buyer's account only later: its news name the account, and the order it came with.

https://developer.paypal.com/docs/checkout/save-payment-methods/during-purchase/js-sdk/paypal/
"""

import datetime as dt
import uuid
from typing import Any

import pytest

from common.clock import now as clock_now
from orders.models import Order
from orders.services import keep_late_method, settle_open_payments, settle_order
from orders.services.claim import claim_orders
from payments.contracts import UnknownMethod
from payments.models import Payment, SavedMethod
from payments.processors import keeper_of, paypal_client
from payments.processors.paypal.events import describe
from payments.services import saved
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, new_product, new_user
from tests.orders.test_saved_paypal_checkout import approve, at_paypal, confirm, order_of
from tests.orders.wire import Wire
from tests.races.at_once import at_once
from webhooks.contracts import Claim, ClaimedEvent, Outcome
from webhooks.enums import EventEdge
from webhooks.services.dispatch import dispatch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

CREATED, DELETED = "VAULT.PAYMENT-TOKEN.CREATED", "VAULT.PAYMENT-TOKEN.DELETED"
PAST_IT_ALL_SECONDS = 60


def news(kind: str = CREATED) -> dict[str, Any]:
    """The one event of that kind, as PayPal tells it."""
    path = f"/v1/notifications/webhooks-events?event_type={kind}&page_size=10"
    [document] = paypal_client().rest("t", "GET", path)["events"]
    return dict(document)


def hear(document: dict[str, Any]) -> Outcome:
    """As the inbox hands it to a worker."""
    event = describe(document, livemode=False)
    claimed = ClaimedEvent(
        1, event.external_id, event.event_type, event.reference, "", "t", event.processor_payment_id
    )  # fmt: skip
    claim = Claim(uuid.uuid4(), "paypal", event.concern, event.subject_id, (claimed,))
    return dispatch(claim=claim, now=clock_now())


def paid(stripe: Wire, order: Order) -> Payment:
    """Paid with an account that PayPal says it will keep, and has not kept yet."""
    approve(stripe, confirm(order, keep=True), funding="vault_later")
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    payment = Payment.objects.get(order_reference=order.public_id)
    assert at_paypal(payment)["payment_source"]["paypal"]["attributes"]["vault"]["status"] == "APPROVED"
    assert (payment.saved_method, payment.kept_method_id) == (None, "")
    return payment


def silent(stripe: Wire) -> None:
    """The order itself never says under which id the account was kept; only the event does."""
    stripe._control("POST", "/settings", {"paypal_vault_is_told": 0})


def test_an_account_kept_after_the_payment_is_the_buyers_once_paypal_says_so(stripe: Wire) -> None:
    user = new_user()
    silent(stripe)
    payment = paid(stripe, order_of(user))
    assert not SavedMethod.objects.exists()
    stripe.advance(PAST_IT_ALL_SECONDS)
    assert [hear(news()).edge for _ in range(2)] == [EventEdge.SETTLED] * 2
    [method] = SavedMethod.objects.all()
    payment.refresh_from_db()
    assert (method.customer.user_id, method.kind, method.is_default) == (user.pk, "paypal", True)
    assert (method.consent_text, method.consented_at) == (payment.consent_text, payment.consented_at)
    assert (payment.saved_method, payment.kept_method_id) == (method, method.processor_method_id)
    assert confirm(order_of(user), method=method.public_id).order.status == "paid"


def test_news_of_the_account_before_the_answer_to_the_capture_settle_both(stripe: Wire) -> None:
    user = new_user()
    order = order_of(user)
    approve(stripe, confirm(order, keep=True), funding="vault_later")
    stripe.fault("answer_lost", "/capture$")
    with pytest.raises(Exception, match="know yet"):
        settle_order(order_id=order.id, source="browser", now=clock_now())
    stripe.advance(PAST_IT_ALL_SECONDS)
    assert hear(news()).edge == EventEdge.SETTLED
    order.refresh_from_db()
    assert (order.status, SavedMethod.objects.get().customer.user_id) == ("paid", user.pk)
    assert SavedMethod.objects.count() == 1


def test_lost_news_are_made_up_for_by_asking_after_the_order(stripe: Wire) -> None:
    user = new_user()
    payment = paid(stripe, order_of(user))
    later = clock_now() + dt.timedelta(minutes=2)
    settle_open_payments(now=later)
    payment.refresh_from_db()
    assert payment.next_look_up_at is not None and not SavedMethod.objects.exists()
    stripe.advance(PAST_IT_ALL_SECONDS)
    for hours in (2, 4):
        settle_open_payments(now=later + dt.timedelta(hours=hours))
    payment.refresh_from_db()
    assert payment.saved_method == SavedMethod.objects.get()
    assert payment.next_look_up_at is None


def test_an_account_that_paypal_never_keeps_is_not_asked_after_for_ever(stripe: Wire) -> None:
    payment = paid(stripe, order_of(new_user()))
    settle_open_payments(now=clock_now() + dt.timedelta(days=3, minutes=1))
    payment.refresh_from_db()
    assert (payment.next_look_up_at, payment.status) == (None, "succeeded")


@pytest.mark.parametrize("registers", ["before the news", "after the news"])
def test_a_guest_who_registers_has_the_account_that_was_kept_late(
    stripe: Wire, run_outbox: RunOutbox, registers: str
) -> None:
    silent(stripe)
    user = new_user()
    order = check_out([(new_product(price=4000), 1)], email=user.email)
    paid(stripe, order)
    if registers == "before the news":
        claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now())
        run_outbox()
        assert not SavedMethod.objects.exists()
    stripe.advance(PAST_IT_ALL_SECONDS)
    assert hear(news()).edge == EventEdge.SETTLED
    if registers == "after the news":
        assert not SavedMethod.objects.exists()
        claim_orders(user_id=user.pk, guest_scope=order.guest_scope, now=clock_now())
        run_outbox()
    method = SavedMethod.objects.get()
    assert (method.customer.user_id, Payment.objects.get().saved_method) == (user.pk, method)
    assert method.consent_text == saved.CONSENT


def test_an_account_no_guest_came_back_for_is_forgotten_although_it_was_kept_late(stripe: Wire) -> None:
    payment = paid(stripe, order_of(None))
    stripe.advance(PAST_IT_ALL_SECONDS)
    hear(news())
    payment.refresh_from_db()
    token = payment.kept_method_id
    saved.forget_unclaimed_method(payment_id=payment.id, processor_method_id=token, now=clock_now())
    assert keeper_of("paypal").retrieve_method(token) is None
    # The same news once more bring nothing back.
    assert hear(news()).edge == EventEdge.NOT_FOR_US
    assert not SavedMethod.objects.exists()


def test_an_account_that_is_gone_again_before_its_news_come_is_not_kept(stripe: Wire) -> None:
    silent(stripe)
    paid(stripe, order_of(new_user()))
    stripe.advance(PAST_IT_ALL_SECONDS)
    created = news()
    keeper_of("paypal").detach_method(created["resource"]["id"], idempotency_key="k")
    assert hear(news(DELETED)).edge == EventEdge.NOT_FOR_US
    assert hear(created).edge == EventEdge.SETTLED
    assert not SavedMethod.objects.exists()


def test_an_account_removed_at_paypal_after_its_late_news_is_not_offered_any_more(stripe: Wire) -> None:
    paid(stripe, order_of(new_user()))
    stripe.advance(PAST_IT_ALL_SECONDS)
    created = news()
    hear(created)
    method = SavedMethod.objects.get()
    keeper_of("paypal").detach_method(method.processor_method_id, idempotency_key="k")
    assert hear(news(DELETED)).edge == EventEdge.SETTLED
    assert hear(created).edge == EventEdge.SETTLED
    method.refresh_from_db()
    assert method.status == "detached"


def test_news_of_an_account_of_somebody_elses_order_or_of_none_keep_nothing(stripe: Wire) -> None:
    paid(stripe, order_of(new_user()))
    stripe.advance(PAST_IT_ALL_SECONDS)
    created = news()
    created["resource"]["metadata"]["order_id"] = "5O190127TN364715T"
    assert hear(created).edge == EventEdge.NOT_FOR_US
    del created["resource"]["metadata"]
    assert hear(created).edge == EventEdge.NOT_FOR_US
    assert not SavedMethod.objects.exists()


def test_news_of_an_account_whose_buyer_did_not_agree_keep_nothing(stripe: Wire) -> None:
    payment = paid(stripe, order_of(new_user()))
    stripe.advance(PAST_IT_ALL_SECONDS)
    Payment.objects.filter(id=payment.id).update(saves_method=False)
    with pytest.raises(UnknownMethod):
        keep_late_method(
            processor="paypal", processor_method_id=news()["resource"]["id"],
            processor_payment_id=str(payment.processor_payment_id), source="webhook", now=clock_now(),
        )  # fmt: skip
    assert not SavedMethod.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_late_news_and_the_sweeper_at_once_are_one_account(stripe: Wire) -> None:
    payment = paid(stripe, order_of(new_user()))
    stripe.advance(PAST_IT_ALL_SECONDS)
    created = news()
    works = [lambda: hear(created)] * 4
    results = at_once([*works, lambda: settle_open_payments(now=clock_now() + dt.timedelta(hours=1))])
    assert not [result for result in results if isinstance(result, Exception)], results
    [method] = SavedMethod.objects.all()
    assert (Payment.objects.get(id=payment.id).saved_method, method.events.filter(event="kept").count()) == (method, 1)
