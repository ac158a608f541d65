"""PayPal through a whole stack: the buyer approves and closes the tab; PayPal's signed news does the rest."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from dev.purchase import ADDRESS, Visitor
from orders.models import Order
from payments.models import Capture, Payment, PaymentEvent
from reconciliation.selectors import local_findings
from tests.support.live import LiveStack
from webhooks.models import WebhookEvent

pytestmark = [pytest.mark.faults]
# The sweeper asks a minute after, so what is paid before that was settled by a webhook.
BEFORE_THE_SWEEPER_SECONDS = 45


def _wait_until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + BEFORE_THE_SWEEPER_SECONDS
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def _approved(live_stack: LiveStack) -> dict[str, Any]:
    """A visitor's checkout, approved at PayPal in a window that is closed at once."""
    visitor = Visitor(live_stack.url)
    visitor._get("/api/v1/config")
    cart = visitor._fill_cart()
    checkout = visitor._post(
        "/api/v1/checkouts",
        {"email": "ada@example.org", "cart_hash": cart["hash"], "shipping_address": ADDRESS, "save_address": False},
        key=True,
    )
    confirmed = visitor._post(
        f"/api/v1/checkouts/{checkout['id']}/confirm",
        {"quote_hash": checkout["quote"]["hash"], "channel": "paypal"},
        key=True,
    )
    order = confirmed["payment"]["paypal_order_id"]
    assert confirmed["payment"]["approval_url"].startswith(live_stack.sandbox.url)
    requests.post(
        f"{live_stack.sandbox.url}/paypal/checkout/{order}", json={"action": "approve"}, timeout=10
    ).raise_for_status()
    return confirmed


def _status(checkout: dict[str, Any]) -> str:
    return str(Order.objects.get(public_id=checkout["id"]).status)


@pytest.mark.parametrize("mode", [{}, {"duplicate": 2, "reorder": True}])
def test_a_tab_that_was_closed_after_approval_is_a_sale_all_the_same(
    live_stack: LiveStack, mode: dict[str, Any]
) -> None:
    live_stack.sandbox.webhook_mode("deliver", **mode)
    checkout = _approved(live_stack)
    _wait_until(lambda: _status(checkout) == "paid", "not settled by PayPal's news")
    payment = Payment.objects.get(order_reference=checkout["id"])
    assert Capture.objects.get(payment=payment).amount_minor == checkout["quote"]["total_minor"]
    captured = PaymentEvent.objects.get(payment=payment, event="captured")
    assert captured.source == "webhook"
    received = WebhookEvent.objects.filter(source="paypal", subject_id=payment.processor_payment_id)
    _wait_until(lambda: received.filter(event_type="PAYMENT.CAPTURE.COMPLETED").exists(), "the capture's own event")
    _wait_until(lambda: set(received.values_list("status", flat=True)) == {"processed"}, "events left over")
    assert set(received.values_list("reference", flat=True)) == {payment.public_id}
    assert list(local_findings()) == []


def test_a_forged_approval_moves_nothing(live_stack: LiveStack) -> None:
    checkout = _approved(live_stack)
    _wait_until(lambda: _status(checkout) == "paid", "not settled by PayPal's news")
    event = WebhookEvent.objects.filter(source="paypal").latest("id")
    before = WebhookEvent.objects.count()
    answer = requests.post(
        f"{live_stack.url}/webhooks/paypal/",
        json={**event.payload, "id": "WH-FORGED-1"},
        headers={
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": "https://evil.example/cert.pem",
            "PAYPAL-TRANSMISSION-ID": "b2384410-f8d2-11e4-8bf3-77339302725b",
            "PAYPAL-TRANSMISSION-TIME": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "PAYPAL-TRANSMISSION-SIG": "QUJD",
        },
        timeout=10,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "certificate_refused")
    assert WebhookEvent.objects.count() == before
