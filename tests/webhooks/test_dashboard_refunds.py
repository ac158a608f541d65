"""A refund made in the dashboard, from the processor's own signed events through the front door to the books."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.test import Client

from common.clock import now as clock_now
from orders.contracts.refund import AmountOnly
from orders.models import Order
from payments.models import Capture, Payment, Refund
from tests.orders.books import everything_agrees
from tests.orders.fixtures import RunOutbox, no_broker, run_outbox, stripe
from tests.orders.refunds import ask, paid
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.test_refunds import EUR
from tests.orders.wire import SECRET_KEY, TIMEOUT_SECONDS, Wire
from tests.webhooks.deliveries import SECRET, body_of, deliver
from webhooks.models import WebhookEvent
from webhooks.services import process_event

__all__ = ["no_broker", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]


def _refund_in_the_dashboard(stripe: Wire, order: Order, amount_minor: int) -> None:
    [charge] = stripe.charges(order.public_id)
    stripe.dashboard_refund(charge["id"], amount_minor)


def _delivered(stripe: Wire, client: Client) -> list[WebhookEvent]:
    """Every event of a new refund as Stripe lists it, delivered twice."""
    listed = requests.get(
        f"{stripe.url}/v1/events?type=refund.created", auth=(SECRET_KEY, ""), timeout=TIMEOUT_SECONDS
    ).json()["data"]
    for document in [*listed, *listed]:
        assert deliver(client, body_of(document)).status_code == 200
    assert WebhookEvent.objects.count() == len(listed)
    return list(WebhookEvent.objects.order_by("id"))


def _work(event: WebhookEvent, *, later: dt.timedelta = dt.timedelta()) -> str:
    process_event(event_id=event.id, now=clock_now() + later)
    event.refresh_from_db()
    return event.status


def test_it_is_adopted_once(stripe: Wire, client: Client, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(), 1)])
    _refund_in_the_dashboard(stripe, order, 1000)
    [event] = _delivered(stripe, client)
    assert _work(event) == "processed"
    assert [(one.amount_minor, one.initiator) for one in Refund.objects.all()] == [(1000, "processor")]
    everything_agrees(stripe)


def test_before_its_payment_is_linked_it_settles_the_payment(
    stripe: Wire, client: Client, run_outbox: RunOutbox
) -> None:
    order = check_out([(new_product(), 1)])
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    Payment.objects.update(processor_payment_id=None)
    _refund_in_the_dashboard(stripe, order, 1000)
    [event] = _delivered(stripe, client)
    assert _work(event) == "processed"
    order.refresh_from_db()
    assert (order.status, Refund.objects.get().amount_minor) == ("paid", 1000)
    everything_agrees(stripe)


def test_while_ours_has_no_answer_it_is_tried_again_and_not_lost(
    stripe: Wire, client: Client, run_outbox: RunOutbox
) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    ask(order, AmountOnly(EUR(6000)))
    _refund_in_the_dashboard(stripe, order, 6000)
    [event] = _delivered(stripe, client)
    assert _work(event) == "failed"
    run_outbox()
    assert _work(event, later=dt.timedelta(hours=1)) == "processed"
    assert [one.amount_minor for one in Refund.objects.filter(withdrawn_at__isnull=True)] == [6000]
    everything_agrees(stripe)


def test_of_another_shop_s_payment_it_is_ignored(stripe: Wire, client: Client, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(), 1)])
    _refund_in_the_dashboard(stripe, order, 1000)
    [event] = _delivered(stripe, client)
    Payment.objects.update(processor_payment_id="pi_of_another_shop")
    Capture.objects.update(processor_charge_id="ch_of_another_shop")
    assert _work(event) == "ignored"
    assert not Refund.objects.exists()
