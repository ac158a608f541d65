"""A refund that comes back: its buyer was told that it is on its way, and must not wait for it in vain."""

from typing import Any

import pytest
from django.core import mail

from common.clock import now as clock_now
from orders.models import Order
from orders.services import cancel_checkout, resend_refund, settle_order, settle_refund
from payments.models import Refund
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, paid
from tests.orders.shop import check_out, confirm, new_product
from tests.orders.test_refunds import REFUND_FAILS_LATER
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _of_a_sale(stripe: Wire) -> Order:
    order = paid(stripe, [(new_product(price=4000), 1)], card=REFUND_FAILS_LATER)
    ask(order)
    return order


def _late(stripe: Wire) -> Order:
    order = check_out([(new_product(price=4000), 1)])
    found = confirm(order).found
    assert found is not None
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.pay(found.client_secret, REFUND_FAILS_LATER)
    return settle_order(order_id=order.id, source="webhook", now=clock_now()).order


def _comes_back(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    run_outbox()
    stripe.advance(60)
    refund = Refund.objects.get()
    for _ in range(2):  # news come twice
        settle_refund(
            processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook", now=clock_now()
        )
    run_outbox()
    refund.refresh_from_db()
    assert refund.status == "failed"
    return refund


def _letters() -> list[Any]:
    return [message for message in mail.outbox if "came back" in message.subject]


@pytest.mark.parametrize("order_of", [_of_a_sale, _late], ids=["of a sale", "of a late payment"])
def test_a_buyer_whose_refund_came_back_hears_of_it_once_each_time(
    stripe: Wire, run_outbox: RunOutbox, order_of: Any
) -> None:
    order = order_of(stripe)
    refund = _comes_back(stripe, run_outbox)
    [letter] = _letters()
    assert (letter.to, letter.subject) == (["ada@example.org"], "Your refund of €45.00 came back to us")
    html = str(letter.alternatives[0][0])
    for text in (str(letter.body), html):
        assert "€45.00" in text
        assert "your bank did not accept it" in text
        assert "The money is safe with us and it is still yours." in text
        assert "We send it again" in text
        assert order.public_id in text
        assert f"/orders/{order.public_id}/?key=" in text
        assert "closed, please answer this e-mail" in text
    resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    _comes_back(stripe, run_outbox)
    assert len(_letters()) == 2


def test_a_refund_that_was_never_sent_is_not_said_to_have_come_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(price=4000), 1)])
    [charge] = stripe.charges(order.public_id)
    ask(order)
    stripe.dashboard_refund(charge["id"])
    run_outbox()
    assert (Refund.objects.get().status, _letters()) == ("failed", [])
