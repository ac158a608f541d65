"""Stripe's dispute events through the inbox: late, twice, in the wrong order, of others."""

import json
from typing import Any

import pytest
import requests
from django.conf import settings
from django.test import Client

from common.clock import now as clock_now
from orders.models import Order
from payments.models import Dispute, Payment
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import decided, opened, sold, three_shares
from tests.orders.shop import check_out, confirm
from tests.orders.wire import Wire
from tests.webhooks.deliveries import sign
from webhooks.models import WebhookEvent
from webhooks.services import process_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture(autouse=True)
def _nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from webhooks.services import announcer

    monkeypatch.setattr(announcer._announcer, "announce", lambda _: None)


def _told(stripe: Wire) -> list[dict[str, Any]]:
    """The dispute events that Stripe has made, oldest first."""
    listed = requests.get(
        f"{stripe.url}/v1/events", params={"type": "charge.dispute.*", "limit": "100"}, auth=("sk_test_sandbox", ""),
        timeout=10,
    )  # fmt: skip
    events: list[dict[str, Any]] = listed.json()["data"]
    return list(reversed(events))


def _deliver(document: dict[str, Any]) -> WebhookEvent:
    body = json.dumps(document).encode()
    signature = sign(body, secret=settings.STRIPE_WEBHOOK_SECRETS[0])
    answer = Client().generic(
        "POST", "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    assert answer.status_code == 200
    event = WebhookEvent.objects.get(external_id=document["id"])
    process_event(event_id=event.id, now=clock_now())
    event.refresh_from_db()
    return event


def _disputed(stripe: Wire) -> tuple[Order, str]:
    order = sold(stripe, three_shares())
    return order, opened(stripe, order, reason="product_not_received")


def test_events_in_the_wrong_order_and_twice_book_what_is_true(stripe: Wire) -> None:
    _, dispute = _disputed(stripe)
    at_rest = dict(balances())
    decided(stripe, dispute, won=True)
    events = _told(stripe)
    assert [event["type"].rsplit(".", maxsplit=1)[1] for event in events] == [
        "created", "funds_withdrawn", "funds_reinstated", "closed",
    ]  # fmt: skip
    for event in [*reversed(events), *events]:
        assert _deliver(event).status == "processed"
    assert Dispute.objects.get().status == "won"
    assert balances() == at_rest
    everything_agrees(stripe)


def test_a_lost_dispute_by_its_events(stripe: Wire) -> None:
    _, dispute = _disputed(stripe)
    for event in _told(stripe):
        _deliver(event)
    assert balances("disputed") == {"disputed:EUR": 10500}
    decided(stripe, dispute, won=False)
    for event in _told(stripe):
        _deliver(event)
    assert balances("disputed", "seller_", "commission") == {}
    everything_agrees(stripe)


def test_a_dispute_of_another_shop_on_the_same_account_is_not_ours(stripe: Wire) -> None:
    order = check_out(three_shares())
    stripe.pay(confirm(order).found.client_secret, "4000000000000259")  # type: ignore[union-attr]
    Payment.objects.update(public_id="pay_of_another_shop", processor_payment_id="pi_of_another_shop")
    event = _deliver(_told(stripe)[0])
    assert event.status == "ignored"
    assert not Dispute.objects.exists()


def test_an_id_that_is_no_dispute_is_looked_up_nowhere(stripe: Wire) -> None:
    _disputed(stripe)
    document = _told(stripe)[0]
    document["data"]["object"]["id"] = "../accounts"
    assert _deliver(document).status == "ignored"
    assert not Dispute.objects.exists()
