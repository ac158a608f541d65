"""What was answered is still there after the process was killed; what people see of it; what a reset forgets."""

import requests

from tests.sandbox.paypal.shop import PayPal
from tests.sandbox.process import Box


def test_nothing_is_lost_when_the_process_is_killed(own_box: Box) -> None:
    paypal = PayPal(own_box)
    order = paypal.order()
    paypal.approve(order)
    paid = paypal.capture_order(order, request_id="pay-1")
    own_box.kill()
    own_box.start()
    again = paypal.capture_order(order, request_id="pay-1")
    assert (paid.status_code, again.status_code) == (201, 200)
    assert again.json()["purchase_units"][0]["payments"]["captures"][0]["status"] == "COMPLETED"
    assert paypal.balance()["total"] == 9666


def test_what_is_pending_is_completed_after_a_restart(own_box: Box) -> None:
    paypal = PayPal(own_box)
    capture = paypal.captured(funding="pending")["id"]
    own_box.kill()
    own_box.start()
    own_box.post("clock", advance_seconds=10)
    own_box.settled()
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "COMPLETED"


def test_a_reset_forgets_payments_and_money(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    paypal.box.post("reset")
    assert paypal.get(f"/v2/payments/captures/{capture}").status_code == 404
    summary = paypal.box.get("summary")["paypal"]
    assert summary == {
        "orders": [],
        "authorizations": [],
        "captures": [],
        "refunds": [],
        "disputes": [],
        "payment_tokens": [],
        "balances": {},
    }


def test_the_overview_shows_paypals_side(paypal: PayPal) -> None:
    capture = paypal.captured(custom_id="<b>order-7</b>")["id"]
    paypal.box.post("paypal/disputes", capture_id=capture, reason="UNAUTHORISED")
    page = requests.get(f"{paypal.box.url}/_sandbox/", timeout=5).text
    for text in (capture, "&lt;b&gt;order-7&lt;/b&gt;", "-3.34 EUR", "UNAUTHORISED", "PAYMENT.CAPTURE.COMPLETED"):
        assert text in page
    assert "<b>order-7" not in page


def test_stripes_half_and_paypals_do_not_mix(paypal: PayPal) -> None:
    paypal.captured()
    client = paypal.box.client()
    assert client.v1.events.list().data == []
    assert paypal.box.get("summary")["balances"] == {}
    assert {item["type"] for item in paypal.box.get("webhooks?type=PAYMENT.CAPTURE.COMPLETED")["events"]} == {
        "PAYMENT.CAPTURE.COMPLETED"
    }
