"""Authorizations, captures in part, refunds: what is allowed, what is refused, and what it does to the balance."""

from typing import Any

import pytest

from tests.sandbox.paypal.shop import PayPal, eur, issues

DAY = 24 * 3600


def authorization(paypal: PayPal, authorization_id: str) -> Any:
    return paypal.get(f"/v2/payments/authorizations/{authorization_id}").json()


def act(paypal: PayPal, authorization_id: str, what: str, body: Any = None, **more: Any) -> Any:
    return paypal.post(f"/v2/payments/authorizations/{authorization_id}/{what}", body, **more)


# ---------------------------------------------------------------------- authorizations
def test_an_authorization_holds_money_and_moves_none(paypal: PayPal) -> None:
    held = paypal.authorized(custom_id="order-1")
    assert (held["status"], held["amount"], held["custom_id"]) == ("CREATED", eur("100.00"), "order-1")
    assert paypal.box.get("summary")["paypal"]["balances"] == {}
    assert [link["rel"] for link in held["links"]] == ["self", "capture", "void", "reauthorize", "up"]


def test_it_is_captured_in_parts(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    first = paypal.capture(held, "30.00", final_capture=False)
    assert (first.status_code, first.json()["status"], first.json()["final_capture"]) == (201, "COMPLETED", False)
    assert first.json()["supplementary_data"]["related_ids"]["authorization_id"] == held
    assert authorization(paypal, held)["status"] == "PARTIALLY_CAPTURED"
    assert paypal.capture(held, "70.00").status_code == 201
    assert authorization(paypal, held)["status"] == "CAPTURED"
    refused = paypal.capture(held, "1.00")
    assert (refused.status_code, issues(refused)) == (422, ["AUTHORIZATION_ALREADY_CAPTURED"])
    # 30.00 - 1.25 and 70.00 - 2.44
    assert paypal.balance()["total"] == 9631


def test_a_final_capture_lets_the_rest_go(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    assert paypal.capture(held, "30.00", final_capture=True).status_code == 201
    assert authorization(paypal, held)["status"] == "CAPTURED"
    assert issues(paypal.capture(held, "1.00")) == ["AUTHORIZATION_ALREADY_CAPTURED"]


def test_without_an_amount_all_that_is_left_is_captured(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    paypal.capture(held, "30.00")
    assert paypal.capture(held).json()["amount"] == eur("70.00")


@pytest.mark.parametrize(
    ("authorized", "most", "too_much"), [("100.00", "115.00", "115.01"), ("1000.00", "1075.00", "1075.01")]
)
def test_a_little_more_may_be_captured(paypal: PayPal, authorized: str, most: str, too_much: str) -> None:
    held = paypal.authorized(authorized)["id"]
    refused = paypal.capture(held, too_much)
    assert (refused.status_code, issues(refused)) == (422, ["MAX_CAPTURE_AMOUNT_EXCEEDED"])
    assert paypal.capture(held, most).status_code == 201


def test_other_currencies_and_no_amounts_are_refused(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    dollars = act(paypal, held, "capture", {"amount": {"currency_code": "USD", "value": "1.00"}})
    assert issues(dollars) == ["AUTH_CAPTURE_CURRENCY_MISMATCH"]
    assert issues(paypal.capture(held, "0.00")) == ["CANNOT_BE_ZERO_OR_NEGATIVE"]
    assert issues(paypal.capture(held, "1.001")) == ["DECIMAL_PRECISION"]


def test_an_authorized_card_may_be_declined_when_captured(paypal: PayPal) -> None:
    order = paypal.order(intent="AUTHORIZE")
    paypal.approve(order, funding="declined_later")
    authorized = paypal.post(f"/v2/checkout/orders/{order}/authorize").json()
    held = authorized["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    refused = paypal.capture(held)
    assert (refused.status_code, issues(refused)) == (422, ["PAYER_CANNOT_PAY"])
    assert authorization(paypal, held)["status"] == "CREATED"
    assert act(paypal, held, "void").status_code == 200


def test_what_was_reserved_for_a_capture_that_is_denied_later_can_be_let_go(paypal: PayPal) -> None:
    order = paypal.order(intent="AUTHORIZE")
    paypal.approve(order, funding="denied")
    authorized = paypal.post(f"/v2/checkout/orders/{order}/authorize").json()
    held = authorized["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    capture = paypal.capture(held, final_capture=True).json()["id"]
    assert authorization(paypal, held)["status"] == "CAPTURED"
    paypal.box.post("clock", advance_seconds=6)
    paypal.box.settled()
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "DECLINED"
    assert authorization(paypal, held)["status"] == "CREATED"
    assert act(paypal, held, "void").status_code == 200


def test_a_void_lets_go_once(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    assert act(paypal, held, "void", prefer="return=minimal").status_code == 204
    assert authorization(paypal, held)["status"] == "VOIDED"
    assert issues(act(paypal, held, "void")) == ["PREVIOUSLY_VOIDED"]
    assert issues(paypal.capture(held)) == ["AUTHORIZATION_VOIDED"]
    assert issues(act(paypal, held, "reauthorize")) == ["AUTHORIZATION_VOIDED"]
    assert paypal.events()[-2:] == ["PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED"]
    captured = paypal.authorized()["id"]
    paypal.capture(captured)
    assert issues(act(paypal, captured, "void")) == ["PREVIOUSLY_CAPTURED"]


def test_reauthorization_is_for_the_fourth_to_the_29th_day(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    assert issues(act(paypal, held, "reauthorize", {"amount": eur("90.00")})) == ["REAUTHORIZATION_TOO_SOON"]
    paypal.box.post("clock", advance_seconds=3 * DAY + 60)
    again = act(paypal, held, "reauthorize", {"amount": eur("90.00")})
    assert again.status_code == 201
    assert (again.json()["status"], again.json()["amount"]) == ("CREATED", eur("90.00"))
    assert again.json()["id"] != held
    # The new one ends with the old one, not 29 days from now.
    assert again.json()["expiration_time"] == authorization(paypal, held)["expiration_time"]
    assert issues(act(paypal, again.json()["id"], "reauthorize")) == ["REAUTHORIZATION_NOT_SUPPORTED"]
    assert issues(act(paypal, again.json()["id"], "void")) == ["CANNOT_BE_VOIDED"]
    assert paypal.capture(again.json()["id"], "90.00").status_code == 201
    assert authorization(paypal, held)["status"] == "PARTIALLY_CAPTURED"


def test_old_and_new_hold_together_give_no_more_than_one(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    paypal.box.post("clock", advance_seconds=4 * DAY)
    again = act(paypal, held, "reauthorize").json()["id"]
    assert paypal.capture(again, "100.00").status_code == 201
    assert issues(paypal.capture(held, "100.00")) == ["AUTHORIZATION_ALREADY_CAPTURED"]


def test_what_the_first_hold_gave_counts_against_the_new_one(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    paypal.box.post("clock", advance_seconds=4 * DAY)
    again = act(paypal, held, "reauthorize").json()["id"]
    assert paypal.capture(held, "60.00").status_code == 201
    assert issues(paypal.capture(again, "100.00")) == ["MAX_CAPTURE_AMOUNT_EXCEEDED"]
    assert paypal.capture(again).json()["amount"] == eur("40.00")


def test_voiding_the_first_voids_its_reauthorization(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    paypal.box.post("clock", advance_seconds=4 * DAY)
    again = act(paypal, held, "reauthorize").json()["id"]
    assert act(paypal, held, "void").status_code == 200
    assert issues(paypal.capture(again)) == ["AUTHORIZATION_VOIDED"]


def test_what_is_not_captured_expires(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    paypal.box.post("clock", advance_seconds=29 * DAY - 60)
    paypal.box.settled()
    assert authorization(paypal, held)["status"] == "CREATED"
    paypal.box.post("clock", advance_seconds=120)
    paypal.box.settled()
    assert authorization(paypal, held)["status"] == "VOIDED"
    assert issues(paypal.capture(held)) == ["AUTHORIZATION_EXPIRED"]
    assert paypal.events()[-1] == "PAYMENT.AUTHORIZATION.VOIDED"


# ---------------------------------------------------------------------- refunds
def test_refunds_never_exceed_the_capture(paypal: PayPal) -> None:
    capture = paypal.captured("100.00")["id"]
    first = paypal.refund(capture, "60.00", custom_id="refund-1", invoice_id="R-1", note_to_payer="Broken")
    assert (first.status_code, first.json()["status"]) == (201, "COMPLETED")
    assert first.json()["custom_id"] == "refund-1"
    assert first.json()["seller_payable_breakdown"]["total_refunded_amount"] == eur("60.00")
    refused = paypal.refund(capture, "40.01")
    assert (refused.status_code, issues(refused)) == (422, ["REFUND_AMOUNT_EXCEEDED"])
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "PARTIALLY_REFUNDED"
    assert paypal.refund(capture).json()["amount"] == eur("40.00")
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "REFUNDED"
    assert issues(paypal.refund(capture, "0.01")) == ["CAPTURE_FULLY_REFUNDED"]
    # The fee of 3.34 is not returned.
    assert paypal.balance()["total"] == -334


def test_refunds_of_another_currency_or_invoice_are_refused(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    assert issues(paypal.refund(capture, "1.00", "USD")) == ["REFUND_CAPTURE_CURRENCY_MISMATCH"]
    paypal.refund(capture, "1.00", invoice_id="R-1")
    assert issues(paypal.refund(capture, "1.00", invoice_id="R-1")) == ["DUPLICATE_INVOICE_ID"]
    assert paypal.balance()["total"] == 9566


def test_a_refund_is_too_late_after_180_days(paypal: PayPal) -> None:
    capture = paypal.captured()["id"]
    paypal.box.post("clock", advance_seconds=181 * DAY)
    assert issues(paypal.refund(capture)) == ["REFUND_TIME_LIMIT_EXCEEDED"]


def test_a_slow_refund_is_pending_first(paypal: PayPal) -> None:
    capture = paypal.captured(funding="refund_pending")["id"]
    refund = paypal.refund(capture, "10.00").json()
    assert (refund["status"], refund["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    assert paypal.balance()["total"] == 8666
    paypal.box.post("clock", advance_seconds=6)
    paypal.box.settled()
    assert paypal.get(f"/v2/payments/refunds/{refund['id']}").json()["status"] == "COMPLETED"
    assert paypal.balance()["total"] == 8666
    assert paypal.events()[-2:] == ["PAYMENT.REFUND.PENDING", "PAYMENT.CAPTURE.REFUNDED"]


def test_a_refund_that_fails_brings_the_money_back_and_may_be_repeated(paypal: PayPal) -> None:
    capture = paypal.captured(funding="refund_fail")["id"]
    refund = paypal.refund(capture).json()
    assert (refund["status"], paypal.balance()["total"]) == ("PENDING", -334)
    assert issues(paypal.refund(capture, "1.00")) == ["CAPTURE_FULLY_REFUNDED"]
    paypal.box.post("clock", advance_seconds=6)
    paypal.box.settled()
    assert paypal.get(f"/v2/payments/refunds/{refund['id']}").json()["status"] == "FAILED"
    assert paypal.get(f"/v2/payments/captures/{capture}").json()["status"] == "COMPLETED"
    assert paypal.balance()["total"] == 9666
    assert paypal.events()[-2:] == ["PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED"]
    assert paypal.refund(capture, "10.00").status_code == 201


def test_the_order_shows_all_of_its_payments(paypal: PayPal) -> None:
    held = paypal.authorized()
    order = paypal.get(f"/v2/payments/authorizations/{held['id']}").json()["supplementary_data"]["related_ids"]
    capture = paypal.capture(held["id"], "60.00").json()["id"]
    paypal.refund(capture, "10.00")
    read = paypal.get(f"/v2/checkout/orders/{order['order_id']}").json()["purchase_units"][0]["payments"]
    amounts = {kind: [item["amount"]["value"] for item in items] for kind, items in read.items()}
    assert amounts == {"authorizations": ["100.00"], "captures": ["60.00"], "refunds": ["10.00"]}


def test_minimal_answers_are_short(paypal: PayPal) -> None:
    held = paypal.authorized()["id"]
    capture = paypal.post(f"/v2/payments/authorizations/{held}/capture", {}, prefer="return=minimal").json()
    assert capture.keys() == {"id", "status", "links"}
    assert paypal.refund(capture["id"], prefer="return=minimal").json().keys() == {"id", "status", "links"}


# ---------------------------------------------------------------------- the balance
def test_every_balance_is_the_sum_of_its_movements(paypal: PayPal) -> None:
    first = paypal.captured("100.00")["id"]
    paypal.captured("50.00", "USD")
    paypal.captured("1000", "JPY")
    paypal.refund(first, "10.00")
    failing = paypal.captured("20.00", funding="refund_fail")["id"]
    paypal.refund(failing)
    paypal.box.post("clock", advance_seconds=10)
    paypal.box.settled()
    dispute = paypal.box.post("paypal/disputes", capture_id=first)
    paypal.box.post(f"paypal/disputes/{dispute['dispute_id']}/settle", outcome="RESOLVED_BUYER_FAVOUR")
    paypal.box.post("paypal/disputes", capture_id=failing)
    now = paypal.box.get("clock")["now"][:19] + "Z"
    start = f"{now[:8]}01T00:00:00Z"
    found = paypal.get(f"/v1/reporting/transactions?start_date={start}&end_date={now}").json()
    sums: dict[str, int] = {}
    for detail in found["transaction_details"]:
        info = detail["transaction_info"]
        for money in (info["transaction_amount"], info.get("fee_amount")):
            if money is not None:
                amount = int(money["value"].replace(".", ""))
                sums[money["currency_code"]] = sums.get(money["currency_code"], 0) + amount
    # In euros 96.66 and 19.05 came in; 10.00 refunded, 90.00 and a fee of 14.00 lost, 20.00 held.
    assert sums == {"EUR": -1829, "JPY": 930, "USD": 4801}
    balances = paypal.box.get("summary")["paypal"]["balances"]
    assert {currency: parts["available"] for currency, parts in balances.items()} == sums
    assert balances["EUR"] == {"total": 171, "available": -1829, "withheld": 2000}
    reported = paypal.get("/v1/reporting/balances").json()["balances"]
    assert [(item["currency"], item["total_balance"]["value"]) for item in reported] == [
        ("EUR", "1.71"),
        ("JPY", "930"),
        ("USD", "48.01"),
    ]
    assert reported[0]["withheld_balance"] == eur("20.00")


def test_a_past_balance_is_asked_for_by_its_time(paypal: PayPal) -> None:
    paypal.captured("100.00")
    then = paypal.box.get("clock")["now"][:19] + "Z"
    paypal.box.post("clock", advance_seconds=DAY)
    paypal.captured("100.00")
    past = paypal.get(f"/v1/reporting/balances?as_of_time={then}").json()["balances"]
    assert [item["total_balance"]["value"] for item in past] == ["96.66"]
    assert paypal.balance()["total"] == 19332


def test_a_search_spans_31_days_at_most(paypal: PayPal) -> None:
    wide = "start_date=2026-01-01T00:00:00Z&end_date=2026-02-02T00:00:00Z"
    answer = paypal.get(f"/v1/reporting/transactions?{wide}")
    assert (answer.status_code, answer.json()["name"]) == (400, "INVALID_REQUEST")
