"""The wire fails at every call of a PayPal purchase: each time one order, one capture, and books that agree with it.

Over real HTTP to the sandbox, with the use cases that browser, webhook and sweeper call.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from orders.models import Order
from orders.services import settle_open_payments, settle_order
from payments.contracts import ProcessorError
from payments.enums import PaymentChannel, PaymentStatus
from payments.models import Capture, Payment
from payments.processors import paypal_client, processor_named
from reconciliation.selectors import local_findings
from tests.orders.shop import check_out, confirm, new_product
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = {
    "create": ("POST", "^/v2/checkout/orders$"),
    "read": ("GET", "^/v2/checkout/orders/[^/]+$"),
    "capture": ("POST", "^/v2/checkout/orders/[^/]+/capture$"),
}
KINDS: dict[str, dict[str, Any]] = {
    "answer_lost": {},
    "reset": {},
    "error_500": {"stored": False},
    "rate_limited_429": {},
}
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _real_paypal(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sandbox.webhook_mode("hold")
    monkeypatch.setattr("artisans_hub.celery.app.send_task", lambda *_, **__: None)
    processor_named.cache_clear()
    paypal_client.cache_clear()
    yield
    processor_named.cache_clear()
    paypal_client.cache_clear()


def _tried(call: Any) -> None:
    """What a browser does: it asks, and shows what it is told; the sweeper goes on from there."""
    try:
        call()
    except ProcessorError:
        return


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("call", list(CALLS))
@pytest.mark.parametrize("times", [1, 3])
def test_one_sale_whatever_is_lost_on_the_way(sandbox: SandboxProcess, call: str, kind: str, times: int) -> None:
    method, path = CALLS[call]
    sandbox.fault(method=method, path=path, kind=kind, times=times, **KINDS[kind])
    order = check_out([(new_product(price=4000, stock=3), 1)])
    at = clock_now()
    _tried(lambda: confirm(order, channel=PaymentChannel.PAYPAL))
    for minute in range(1, 8):
        settle_open_payments(now=at + minute * MINUTE)
    payment = Payment.objects.get(order_reference=order.public_id)
    assert payment.processor_payment_id is not None
    requests.post(
        f"{sandbox.url}/paypal/checkout/{payment.processor_payment_id}", json={"action": "approve"}, timeout=10
    ).raise_for_status()
    _tried(lambda: settle_order(order_id=order.id, source="browser", now=clock_now()))
    for minute in range(10, 80, 5):
        settle_open_payments(now=at + minute * MINUTE)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.SUCCEEDED
    assert Order.objects.get(id=order.id).status == "paid"
    there = sandbox.summary()["paypal"]
    assert [len(there[name]) for name in ("orders", "captures", "refunds")] == [1, 1, 0]
    capture = Capture.objects.get(payment=payment)
    assert capture.processor_charge_id == there["captures"][0]["id"]
    assert capture.fee_minor is not None
    assert there["balances"]["EUR"]["total"] == capture.amount_minor - capture.fee_minor
    assert list(local_findings()) == []
