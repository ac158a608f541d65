"""How requests to pay a refund back end, and what becomes of money that comes all the same: nothing is kept unasked."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.core import mail

from common.clock import now as clock_now
from orders.contracts.order import Buyer, OrderCanceled, PaymentRunning
from orders.contracts.recall import RecallNotFound, RecallOver
from orders.models import Order, Recall
from orders.selectors.orders import access_key, access_key_of
from orders.selectors.recalls import get_recall
from orders.services import (
    charge_off_session,
    decline_recall,
    expire_orders,
    look_after_recalls,
    open_hosted_checkout,
    resend_refund,
    settle_open_payments,
    settle_order,
    settle_refund,
    withdraw_recall,
)
from orders.services.recalls.give_back import return_payment
from payments import processors
from payments.enums import PaymentChannel
from payments.models import Payment, Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import decided, news, opened
from tests.orders.fixtures import RunOutbox
from tests.orders.recalls import agreed, asked_back, paid_back, pay, refunded
from tests.orders.refunds import paid
from tests.orders.shop import confirm, new_artisan, new_guest, new_product, new_user, three_artisans
from tests.orders.test_refunds import REFUND_FAILS_LATER
from tests.orders.wire import TIMEOUT_SECONDS, Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
OWN = ("commission", "goodwill", "seller", "late_payments", "refunds_in_transit")


@pytest.fixture
def refund(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    """€170.94 of three artisans, all of it paid back; its letters are forgotten."""
    made = refunded(paid(stripe, three_artisans()), run_outbox)
    mail.outbox.clear()
    return made


def declined(recall: Recall, note: str = "") -> Recall:
    return decline_recall(
        public_id=recall.public_id, buyer=new_guest(), access_key=access_key_of(recall.public_id), note=note,
        now=clock_now(),
    )  # fmt: skip


def settled(order: Order) -> str:
    return settle_order(order_id=order.id, source="webhook", now=clock_now()).order.status


def subjects() -> list[str]:
    return [str(letter.subject) for letter in mail.outbox]


# ---- no ------------------------------------------------------------------------------------------------------------


def test_who_declines_is_charged_nothing_and_need_not_say_why(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund)
    order = agreed(recall)
    confirm(order)
    assert declined(recall, " I never saw the money. ").status == "declined"
    assert declined(recall).decline_note == "I never saw the money.", "again is no error, and changes nothing"
    with pytest.raises(RecallOver):
        agreed(recall)
    run_outbox()
    order.refresh_from_db()
    assert order.status == "canceled"
    assert Payment.objects.get(order_reference=order.public_id).status == "canceled"
    assert balances(*OWN) == {}
    everything_agrees(stripe)
    assert asked_back(refund).status == "asked", "the whole of it can be asked for anew"


def test_staff_withdraw_and_the_buyer_is_told(stripe: Wire, run_outbox: RunOutbox, refund: Refund) -> None:
    recall = asked_back(refund)
    run_outbox()
    withdraw_recall(recall_id=recall.id, now=clock_now())
    assert withdraw_recall(recall_id=recall.id, now=clock_now()).status == "withdrawn"
    run_outbox()
    assert subjects() == ["We refunded you €170.94 by mistake", "You need not pay €170.94 back"]
    assert all(letter.to == ["ada@example.org"] for letter in mail.outbox)


def test_money_that_comes_after_the_end_goes_back_by_itself(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund)
    order = agreed(recall)
    secret = confirm(order).found
    assert secret is not None
    withdraw_recall(recall_id=recall.id, now=clock_now())
    assert stripe.pay(secret.client_secret).status_code == 200, "before anything was told to the processor"
    assert settled(order) == "refunding"
    assert balances(*OWN) == {"late_payments:EUR": -17094}
    everything_agrees(stripe)
    run_outbox()
    order.refresh_from_db()
    assert order.status == "refunded"
    assert balances(*OWN) == {}
    assert "We have refunded €170.94" in subjects()
    assert "when we were not asking for it any more" in mail.outbox[-1].body
    everything_agrees(stripe)


@pytest.mark.parametrize("end", ["decline", "withdraw", "expire"])
def test_who_has_just_paid_is_not_told_otherwise(stripe: Wire, refund: Refund, end: str) -> None:
    recall = asked_back(refund)
    pay(stripe, agreed(recall))
    if end == "decline":
        with pytest.raises(RecallOver):
            declined(recall)
    elif end == "withdraw":
        with pytest.raises(RecallOver):
            withdraw_recall(recall_id=recall.id, now=clock_now())
    else:
        assert look_after_recalls(now=clock_now() + dt.timedelta(days=15)) == 0
    recall.refresh_from_db()
    assert recall.status == "paid"
    everything_agrees(stripe)


def test_while_the_bank_is_at_work_nobody_ends_it(stripe: Wire, refund: Refund) -> None:
    recall = asked_back(refund)
    order = agreed(recall)
    confirm(order)
    Order.objects.filter(id=order.id).update(status="processing")
    Payment.objects.filter(order_reference=order.public_id).update(status="processing")
    stripe.fault("answer_lost", "^/v1/payment_intents", method="GET", times=9)
    with pytest.raises(PaymentRunning):
        declined(recall)
    with pytest.raises(PaymentRunning):
        agreed(recall)
    assert look_after_recalls(now=clock_now() + dt.timedelta(days=15)) == 0


# ---- time ------------------------------------------------------------------------------------------------------------


def test_who_does_not_answer_is_reminded_once_and_then_left_alone(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    now = clock_now()
    recall = asked_back(refund, now=now)
    for days in (1, 10, 11.01, 12, 13.9):
        assert look_after_recalls(now=now + dt.timedelta(days=days)) == 0
        run_outbox()
    assert subjects() == ["We refunded you €170.94 by mistake", "Reminder: we refunded you €170.94 by mistake"]
    assert look_after_recalls(now=now + dt.timedelta(days=14)) == 1
    assert look_after_recalls(now=now + dt.timedelta(days=14)) == 0
    recall.refresh_from_db()
    assert (recall.status, balances(*OWN)) == ("expired", {})
    everything_agrees(stripe)


def test_who_has_agreed_in_time_may_finish_paying(stripe: Wire, refund: Refund) -> None:
    now = clock_now()
    recall = asked_back(refund, now=now - dt.timedelta(days=14) + dt.timedelta(minutes=1))
    order = agreed(recall, now=now)
    assert look_after_recalls(now=now + dt.timedelta(minutes=5)) == 0
    pay(stripe, order)
    assert settled(order) == "paid"
    recall.refresh_from_db()
    assert recall.status == "paid"


def test_a_payment_later_than_its_offer_counts_while_we_still_ask(stripe: Wire, refund: Refund) -> None:
    order = agreed(asked_back(refund))
    found = confirm(order).found
    assert found is not None
    assert expire_orders(now=clock_now() + dt.timedelta(minutes=31)) == 1
    stripe.pay(found.client_secret)
    assert settled(order) == "paid"
    assert Recall.objects.get().status == "paid"
    everything_agrees(stripe)


def test_a_payment_later_than_the_request_goes_back(stripe: Wire, run_outbox: RunOutbox, refund: Refund) -> None:
    order = agreed(asked_back(refund))
    found = confirm(order).found
    assert found is not None
    expire_orders(now=clock_now() + dt.timedelta(minutes=31))
    look_after_recalls(now=clock_now() + dt.timedelta(days=15))
    stripe.pay(found.client_secret)
    assert settled(order) == "refunding"
    run_outbox()
    assert (Recall.objects.get().status, balances(*OWN)) == ("expired", {})
    everything_agrees(stripe)


# ---- twice -----------------------------------------------------------------------------------------------------------


def test_paid_in_two_browsers_the_second_goes_back(stripe: Wire, run_outbox: RunOutbox, refund: Refund) -> None:
    recall = asked_back(refund)
    first = agreed(recall)
    found = confirm(first).found
    assert found is not None
    second = agreed(recall)
    pay(stripe, second)
    stripe.pay(found.client_secret)
    assert (settled(second), settled(first)) == ("paid", "refunding")
    run_outbox()
    first.refresh_from_db()
    assert first.status == "refunded"
    assert sum(balances("seller", "commission").values()) == -17094
    everything_agrees(stripe)


def test_an_offer_that_ran_out_and_the_one_after_it_are_not_both_kept(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund)
    first = agreed(recall)
    found = confirm(first).found
    assert found is not None
    later = clock_now() + dt.timedelta(minutes=31)
    expire_orders(now=later)
    second = agreed(recall, now=later)
    stripe.pay(found.client_secret)
    assert settled(first) == "refunding", "the buyer has agreed once more since, and pays that one"
    pay(stripe, second, now=later)
    assert settled(second) == "paid"
    run_outbox()
    assert sum(balances("seller", "commission").values()) == -17094
    everything_agrees(stripe)


def test_paid_on_our_page_and_on_stripe_s_the_second_goes_back(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    order = agreed(asked_back(refund))
    found = confirm(order).found
    page = open_hosted_checkout(
        public_id=order.public_id, buyer=Buyer(None, order.guest_scope), quote_hash=order.quote_hash, now=clock_now()
    )
    assert found is not None
    assert (page.status, page.total) == ("open", order.total)
    answer = requests.post(
        f"{page.url}/pay",
        json={"payment_method": "pm_card_visa", "name": "Ada", "email": "ada@example.org"},
        timeout=10,
    )
    assert answer.ok
    stripe.idle()
    stripe.pay(found.client_secret)
    assert settled(order) == "paid"
    settle_open_payments(now=clock_now() + dt.timedelta(minutes=2))
    run_outbox()
    assert sum(balances("seller", "commission").values()) == -17094
    everything_agrees(stripe)


def test_it_is_paid_with_paypal_like_any_order(
    stripe: Wire, run_outbox: RunOutbox, refund: Refund, settings: Any
) -> None:
    settings.PAYPAL_API_BASE = stripe.url
    processors.processor_named.cache_clear()
    processors.paypal_client.cache_clear()
    recall = asked_back(refund)
    order = agreed(recall)
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    address = f"{stripe.url}/paypal/checkout/{found.processor_payment_id}"
    requests.post(address, json={"action": "approve", "funding": "balance"}, timeout=TIMEOUT_SECONDS).raise_for_status()
    assert settled(order) == "paid"
    recall.refresh_from_db()
    assert recall.status == "paid"
    assert sum(balances("seller", "commission").values()) == -17094
    run_outbox()
    everything_agrees(stripe)


# ---- the refund comes back -------------------------------------------------------------------------------------------


@pytest.fixture
def may_bounce(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    """€100.00, of which the bank will send the refund back."""
    artisan = new_artisan(shipping=(0, 0))
    return refunded(paid(stripe, [(new_product(artisan, price=10_000), 1)], card=REFUND_FAILS_LATER), run_outbox)


def bounce(stripe: Wire, refund: Refund) -> None:
    stripe.advance(60)
    settle_refund(
        processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook", now=clock_now()
    )
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_a_refund_that_bounces_ends_the_request_for_it(stripe: Wire, run_outbox: RunOutbox, may_bounce: Refund) -> None:
    recall = asked_back(may_bounce)
    order = agreed(recall)
    found = confirm(order).found
    assert found is not None
    bounce(stripe, may_bounce)
    recall.refresh_from_db()
    order.refresh_from_db()
    assert (recall.status, order.status) == ("void", "canceled")
    stripe.pay(found.client_secret)
    assert settled(order) == "refunding"
    run_outbox()
    assert "You need not pay €100.00 back" in subjects()
    assert balances(*OWN) == {"refunds_in_transit:EUR": -10_000}, "the refund is owed still, and nothing else"
    everything_agrees(stripe)


def test_what_was_paid_already_goes_back_when_the_refund_bounces(
    stripe: Wire, run_outbox: RunOutbox, may_bounce: Refund
) -> None:
    recall = asked_back(may_bounce)
    paid_back(stripe, recall)
    bounce(stripe, may_bounce)
    recall.refresh_from_db()
    assert recall.status == "returned"
    everything_agrees(stripe)
    run_outbox()
    returned = Refund.objects.get(public_id=recall.return_reference)
    assert (returned.amount_minor, returned.status) == (10_000, "succeeded")
    assert balances(*OWN) == {"refunds_in_transit:EUR": -10_000}
    look_after_recalls(now=clock_now())
    run_outbox()
    assert Refund.objects.count() == 2, "once"
    everything_agrees(stripe)
    # Sent again it reaches the buyer, and may be asked for anew: nobody has paid it.
    resend_refund(refund_id=may_bounce.id, source="staff", now=clock_now())
    run_outbox()
    may_bounce.refresh_from_db()
    assert may_bounce.status == "succeeded"
    assert asked_back(may_bounce).amount_minor == 10_000


def test_money_under_way_when_the_refund_bounces_goes_back_when_it_arrives(
    stripe: Wire, run_outbox: RunOutbox, may_bounce: Refund
) -> None:
    recall = asked_back(may_bounce)
    order = agreed(recall)
    found = confirm(order).found
    assert found is not None
    Order.objects.filter(id=order.id).update(status="processing")
    bounce(stripe, may_bounce)
    recall.refresh_from_db()
    order.refresh_from_db()
    assert (recall.status, order.status) == ("void", "processing")
    # It fails, and the offer stands open once more: nobody may pay it.
    Order.objects.filter(id=order.id).update(status="awaiting_payment")
    with pytest.raises(OrderCanceled):
        confirm(order)
    stripe.pay(found.client_secret)
    assert settled(order) == "refunding"
    run_outbox()
    assert balances(*OWN) == {"refunds_in_transit:EUR": -10_000}
    everything_agrees(stripe)


def test_disputed_money_goes_back_once_the_dispute_is_won(
    stripe: Wire, run_outbox: RunOutbox, may_bounce: Refund
) -> None:
    recall = asked_back(may_bounce)
    order = paid_back(stripe, recall)
    dispute = opened(stripe, order, reason="fraudulent")
    news(dispute)
    bounce(stripe, may_bounce)
    run_outbox()
    recall.refresh_from_db()
    assert recall.status == "returned"
    assert not Refund.objects.filter(public_id=recall.return_reference).exists()
    decided(stripe, dispute, won=True)
    news(dispute)
    look_after_recalls(now=clock_now())
    run_outbox()
    assert Refund.objects.get(public_id=recall.return_reference).status == "succeeded"
    assert balances(*OWN) == {"refunds_in_transit:EUR": -10_000}
    everything_agrees(stripe)


def test_what_staff_gave_back_first_is_not_given_back_twice(
    stripe: Wire, run_outbox: RunOutbox, may_bounce: Refund
) -> None:
    recall = asked_back(may_bounce)
    order = paid_back(stripe, recall)
    refunded(order, run_outbox)
    bounce(stripe, may_bounce)
    run_outbox()
    assert return_payment(recall_id=recall.id, now=clock_now()) is None
    assert Refund.objects.count() == 2
    everything_agrees(stripe)


# ---- whose it is -----------------------------------------------------------------------------------------------------


def test_only_the_buyer_and_the_letter_s_link_open_a_request(stripe: Wire, refund: Refund) -> None:
    recall = asked_back(refund)
    sale = recall.sale
    owner = Buyer(None, sale.guest_scope)
    assert get_recall(public_id=recall.public_id, buyer=owner) == recall
    for buyer, key in (
        (new_guest(), ""),
        (new_guest(), access_key(sale)),
        (new_guest(), access_key_of("rcl_other")),
        (Buyer(new_user().pk, ""), ""),
        (Buyer(None, ""), ""),
    ):
        with pytest.raises(RecallNotFound):
            get_recall(public_id=recall.public_id, buyer=buyer, access_key=key)


def test_a_link_opens_nobody_s_saved_cards(stripe: Wire, run_outbox: RunOutbox) -> None:
    owner = new_user()
    sale = paid(stripe, three_artisans())
    Order.objects.filter(id=sale.id).update(buyer=owner)
    recall = asked_back(refunded(sale, run_outbox))
    by_link = agreed(recall)
    assert by_link.buyer_id is None
    somebody_else = agreed(recall, buyer=Buyer(new_user().pk, new_guest().guest_scope))
    assert somebody_else.buyer_id is None
    own = agreed(recall, buyer=Buyer(owner.pk, new_guest().guest_scope))
    assert own.buyer_id == owner.pk


def test_no_saved_card_is_ever_charged_for_it_without_the_buyer(
    stripe: Wire, refund: Refund, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = agreed(asked_back(refund))

    class Method:
        status = "active"

    monkeypatch.setattr(
        "orders.services.off_session.SavedMethod.objects.select_related",
        lambda *_: type("Q", (), {"get": lambda *_, **__: Method})(),
    )
    charge_off_session(order_id=order.id, method_id=1, now=clock_now())
    assert not Payment.objects.filter(order_reference=order.public_id).exists()
