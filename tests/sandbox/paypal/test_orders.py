"""What an order goes through, and what PayPal says to steps in the wrong order."""

from typing import Any

import pytest
import requests

from tests.sandbox.paypal.shop import CANCEL_URL, RETURN_URL, PayPal, eur, issues
from tests.sandbox.process import Box

THREE_HOURS = 3 * 3600


def status(paypal: PayPal, order: str) -> str:
    return str(paypal.get(f"/v2/checkout/orders/{order}").json()["status"])


def relations(document: Any) -> list[str]:
    return [link["rel"] for link in document["links"]]


def test_without_a_payment_source_an_order_is_created_and_can_be_approved(paypal: PayPal) -> None:
    units = [{"amount": eur("12.00"), "custom_id": "order-1", "invoice_id": "INV-1"}]
    made = paypal.post("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": units}, prefer="return=minimal")
    assert made.status_code == 201
    assert made.json().keys() == {"id", "status", "links"}
    assert made.json()["status"] == "CREATED"
    assert relations(made.json()) == ["self", "approve", "update", "capture"]
    order = made.json()["id"]
    paypal.approve(order)
    read = paypal.get(f"/v2/checkout/orders/{order}").json()
    assert (read["status"], read["payer"]["payer_id"]) == ("APPROVED", "BUYERADA23456")
    assert read["purchase_units"][0]["reference_id"] == "default"
    assert read["purchase_units"][0]["custom_id"] == "order-1"


def test_with_paypal_as_payment_source_the_payer_has_to_act(paypal: PayPal) -> None:
    order = paypal.order()
    read = paypal.get(f"/v2/checkout/orders/{order}").json()
    assert (read["status"], relations(read)) == ("PAYER_ACTION_REQUIRED", ["self", "payer-action"])
    address = read["links"][1]["href"]
    assert requests.get(address, timeout=5).status_code == 200


def test_the_buyer_is_sent_back_with_token_and_payer(paypal: PayPal) -> None:
    order = paypal.order()
    assert paypal.approve(order)["return_url"] == f"{RETURN_URL}?token={order}&PayerID=BUYERADA23456"
    address = f"{paypal.box.url}/paypal/checkout/{paypal.order()}"
    cancelled = requests.post(address, json={"action": "cancel"}, timeout=5).json()
    assert cancelled["return_url"] == f"{CANCEL_URL}?token={cancelled['id']}"
    assert cancelled["status"] == "PAYER_ACTION_REQUIRED"


def test_capture_takes_the_fee(paypal: PayPal) -> None:
    capture = paypal.captured("100.00", custom_id="order-1", invoice_id="INV-1")
    assert (capture["status"], capture["final_capture"]) == ("COMPLETED", True)
    assert (capture["custom_id"], capture["invoice_id"]) == ("order-1", "INV-1")
    assert capture["seller_receivable_breakdown"] == {
        "gross_amount": eur("100.00"),
        "paypal_fee": eur("3.34"),
        "net_amount": eur("96.66"),
    }
    assert paypal.balance() == {"total": 9666, "available": 9666, "withheld": 0}


def test_capture_before_approval_is_refused(paypal: PayPal) -> None:
    answer = paypal.capture_order(paypal.order())
    assert (answer.status_code, issues(answer)) == (422, ["ORDER_NOT_APPROVED"])
    assert answer.json()["name"] == "UNPROCESSABLE_ENTITY"


def test_a_second_capture_is_refused(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order)
    assert paypal.capture_order(order).status_code == 201
    again = paypal.capture_order(order)
    assert (again.status_code, issues(again)) == (422, ["ORDER_ALREADY_CAPTURED"])
    assert paypal.balance()["total"] == 9666


def test_the_wrong_step_for_the_intent_is_refused(paypal: PayPal) -> None:
    for intent, step in (("CAPTURE", "authorize"), ("AUTHORIZE", "capture")):
        order = paypal.order(intent=intent)
        paypal.approve(order)
        answer = paypal.post(f"/v2/checkout/orders/{order}/{step}")
        assert (answer.status_code, issues(answer)) == (422, ["ACTION_DOES_NOT_MATCH_INTENT"])


def test_a_declined_instrument_leads_back_to_paypal_and_another_one_pays(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order, funding="declined")
    declined = paypal.capture_order(order)
    assert (declined.status_code, issues(declined)) == (422, ["INSTRUMENT_DECLINED"])
    targets = {link["rel"]: link["href"] for link in declined.json()["links"]}
    assert targets["redirect"] == targets["payer-action"] == f"{paypal.box.url}/paypal/checkoutnow?token={order}"
    assert status(paypal, order) == "APPROVED"
    paypal.approve(order)
    assert paypal.capture_order(order).status_code == 201


def test_an_authorization_declined_for_lack_of_funds_is_refused(paypal: PayPal) -> None:
    order = paypal.order(intent="AUTHORIZE")
    paypal.approve(order, funding="declined")
    answer = paypal.post(f"/v2/checkout/orders/{order}/authorize")
    assert (answer.status_code, issues(answer)) == (422, ["PAYER_CANNOT_PAY"])


def test_a_pending_capture_is_completed_later(paypal: PayPal) -> None:
    capture = paypal.captured(funding="pending")
    assert (capture["status"], capture["status_details"]) == ("PENDING", {"reason": "PENDING_REVIEW"})
    assert "EUR" not in paypal.box.get("summary")["paypal"]["balances"]
    refused = paypal.refund(capture["id"])
    assert issues(refused) == ["PENDING_CAPTURE"]
    paypal.box.post("clock", advance_seconds=6)
    paypal.box.settled()
    read = paypal.get(f"/v2/payments/captures/{capture['id']}").json()
    assert (read["status"], "status_details" in read) == ("COMPLETED", False)
    assert paypal.balance()["total"] == 9666
    assert paypal.events() == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.PENDING",
        "CHECKOUT.ORDER.COMPLETED",
        "PAYMENT.CAPTURE.COMPLETED",
    ]


def test_a_pending_capture_that_is_denied_moves_no_money(paypal: PayPal) -> None:
    capture = paypal.captured(funding="denied")
    paypal.box.post("clock", advance_seconds=6)
    paypal.box.settled()
    assert paypal.get(f"/v2/payments/captures/{capture['id']}").json()["status"] == "DECLINED"
    assert issues(paypal.refund(capture["id"])) == ["REFUND_NOT_ALLOWED"]
    assert paypal.box.get("summary")["paypal"]["balances"] == {}
    assert paypal.events()[-1] == "PAYMENT.CAPTURE.DENIED"


@pytest.mark.parametrize("approved", [False, True])
def test_an_order_is_gone_after_three_hours(paypal: PayPal, approved: bool) -> None:
    order = paypal.order()
    if approved:
        paypal.box.post("clock", advance_seconds=THREE_HOURS - 60)
        paypal.approve(order)
    paypal.box.post("clock", advance_seconds=THREE_HOURS - 60)
    assert status(paypal, order) == ("APPROVED" if approved else "PAYER_ACTION_REQUIRED")
    paypal.box.post("clock", advance_seconds=120)
    for answer in (paypal.get(f"/v2/checkout/orders/{order}"), paypal.capture_order(order)):
        assert (answer.status_code, issues(answer)) == (404, ["INVALID_RESOURCE_ID"])


def test_a_captured_order_stays(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order)
    paypal.capture_order(order)
    paypal.box.post("clock", advance_seconds=400 * 24 * 3600)
    assert status(paypal, order) == "COMPLETED"


def test_an_invoice_id_pays_once(paypal: PayPal) -> None:
    paypal.captured(invoice_id="INV-1")
    order = paypal.order(invoice_id="INV-1")
    paypal.approve(order)
    answer = paypal.capture_order(order)
    assert (answer.status_code, issues(answer)) == (422, ["DUPLICATE_INVOICE_ID"])
    assert paypal.balance()["total"] == 9666


# ---------------------------------------------------------------------- amounts
def unit(value: str, **more: Any) -> dict[str, Any]:
    return {"amount": {**eur(value), **({"breakdown": more.pop("breakdown")} if "breakdown" in more else {})}, **more}


JUG = {"name": "Jug", "quantity": "2", "unit_amount": eur("5.00")}


@pytest.mark.parametrize(
    ("units", "issue"),
    [
        ([unit("9.00", breakdown={"item_total": eur("8.00")})], "AMOUNT_MISMATCH"),
        ([unit("9.00", breakdown={"item_total": eur("8.00"), "discount": eur("-1.00")})], "CANNOT_BE_NEGATIVE"),
        ([unit("9.00", items=[JUG])], "ITEM_TOTAL_REQUIRED"),
        ([unit("9.00", breakdown={"item_total": eur("9.00")}, items=[JUG])], "ITEM_TOTAL_MISMATCH"),
        (
            [unit("10.00", breakdown={"item_total": eur("10.00")}, items=[{**JUG, "tax": eur("1.00")}])],
            "TAX_TOTAL_REQUIRED",
        ),
        ([unit("0.00")], "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ([unit("1.001")], "DECIMAL_PRECISION"),
        ([{"amount": {"currency_code": "JPY", "value": "100.5"}}], "DECIMAL_PRECISION"),
        ([{"amount": {"currency_code": "KWD", "value": "1.000"}}], "INVALID_CURRENCY_CODE"),
        ([unit("1.00"), unit("2.00")], "REFERENCE_ID_REQUIRED"),
        ([unit("1.00", reference_id="a"), unit("2.00", reference_id="a")], "DUPLICATE_REFERENCE_ID"),
        (
            [
                unit("1.00", reference_id="a"),
                {"reference_id": "b", "amount": {"currency_code": "USD", "value": "1.00"}},
            ],
            "MULTI_CURRENCY_ORDER",
        ),
    ],
)
def test_amounts_must_add_up(paypal: PayPal, units: list[dict[str, Any]], issue: str) -> None:
    answer = paypal.post("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": units})
    assert (answer.status_code, issues(answer)) == (422, [issue])


def test_yen_have_no_decimals(paypal: PayPal) -> None:
    capture = paypal.captured("1000", "JPY")
    assert capture["seller_receivable_breakdown"]["paypal_fee"] == {"currency_code": "JPY", "value": "70"}
    assert paypal.balance("JPY")["total"] == 930


def test_each_purchase_unit_is_captured(paypal: PayPal) -> None:
    units = [unit("10.00", reference_id="a"), unit("20.00", reference_id="b")]
    order = paypal.post("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": units}).json()["id"]
    paypal.approve(order)
    paid = paypal.capture_order(order).json()
    taken = [part["payments"]["captures"][0]["amount"]["value"] for part in paid["purchase_units"]]
    assert taken == ["10.00", "20.00"]


# ---------------------------------------------------------------------- patch
def change(operation: str, field: str, value: Any = None) -> list[dict[str, Any]]:
    path = field if field.startswith("/") else f"/purchase_units/@reference_id=='default'/{field}"
    return [{"op": operation, "path": path} | ({} if value is None else {"value": value})]


def test_the_amount_may_be_changed_before_the_capture(paypal: PayPal) -> None:
    order = paypal.order("10.00")
    answer = paypal.call("PATCH", f"/v2/checkout/orders/{order}", change("replace", "amount", eur("12.00")))
    assert (answer.status_code, answer.text) == (204, "")
    paypal.approve(order)
    paid = paypal.capture_order(order).json()
    assert paid["purchase_units"][0]["payments"]["captures"][0]["amount"] == eur("12.00")


@pytest.mark.parametrize(
    ("changes", "code", "issue"),
    [
        (change("replace", "payee", {}), 400, "FIELD_NOT_PATCHABLE"),
        (change("replace", "invoice_id", "INV"), 400, "INVALID_PATCH_OPERATION"),
        (change("test", "amount", eur("1.00")), 400, "INVALID_PATCH_OPERATION"),
        (change("replace", "amount"), 422, "PATCH_VALUE_REQUIRED"),
        (change("replace", "amount", eur("1.001")), 422, "DECIMAL_PRECISION"),
        (change("replace", "amount", {"value": 1}), 400, "MISSING_REQUIRED_PARAMETER"),
        (change("replace", "/purchase_units/0/amount", eur("1.00")), 422, "INVALID_JSON_POINTER_FORMAT"),
        (change("replace", "/purchase_units/@reference_id=='b'/amount", eur("1.00")), 422, "REFERENCE_ID_NOT_FOUND"),
    ],
)
def test_what_cannot_be_changed_stays(paypal: PayPal, changes: Any, code: int, issue: str) -> None:
    order = paypal.order("10.00")
    before = paypal.get(f"/v2/checkout/orders/{order}").json()
    answer = paypal.call("PATCH", f"/v2/checkout/orders/{order}", changes)
    assert (answer.status_code, issues(answer)[0]) == (code, issue)
    assert paypal.get(f"/v2/checkout/orders/{order}").json() == before


def test_a_captured_order_is_not_changed(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order)
    paypal.capture_order(order)
    answer = paypal.call("PATCH", f"/v2/checkout/orders/{order}", change("add", "custom_id", "x"))
    assert (answer.status_code, issues(answer)) == (422, ["ORDER_ALREADY_COMPLETED"])


# ---------------------------------------------------------------------- contract and keys
@pytest.mark.parametrize(
    ("body", "field", "issue"),
    [
        ({"intent": "CAPTURE"}, "/purchase_units", "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE", "purchase_units": []}, "/purchase_units", "INVALID_ARRAY_MIN_ITEMS"),
        ({"intent": "BUY", "purchase_units": [unit("1.00")]}, "/intent", "INVALID_PARAMETER_VALUE"),
        (
            {"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "EUR", "value": 1}}]},
            "/purchase_units/0/amount/value",
            "INVALID_PARAMETER_SYNTAX",
        ),
        (
            {"intent": "CAPTURE", "purchase_units": [unit("1.00", custom_id="x" * 128)]},
            "/purchase_units/0/custom_id",
            "INVALID_STRING_LENGTH",
        ),
        (
            {"intent": "CAPTURE", "purchase_units": [unit("1.00", colour="red")]},
            "/purchase_units/0/colour",
            "INVALID_PARAMETER_SYNTAX",
        ),
    ],
)
def test_a_request_of_another_shape_is_refused(paypal: PayPal, body: Any, field: str, issue: str) -> None:
    answer = paypal.post("/v2/checkout/orders", body)
    assert answer.status_code == 400
    assert answer.json()["name"] == "INVALID_REQUEST"
    assert answer.json()["debug_id"] == answer.headers["PayPal-Debug-Id"]
    assert [(detail["field"], detail["issue"]) for detail in answer.json()["details"]] == [(field, issue)]


def test_broken_json_is_refused(paypal: PayPal) -> None:
    answer = paypal.call("POST", "/v2/checkout/orders", data=b'{"intent": ')
    assert (answer.status_code, issues(answer)) == (400, ["MALFORMED_REQUEST_JSON"])


def test_an_order_with_a_payment_source_needs_a_request_id(paypal: PayPal) -> None:
    body = {"intent": "CAPTURE", "purchase_units": [unit("1.00")], "payment_source": {"paypal": {}}}
    answer = paypal.post("/v2/checkout/orders", body, request_id=None)
    assert (answer.status_code, issues(answer)) == (400, ["PAYPAL_REQUEST_ID_REQUIRED"])


@pytest.mark.parametrize(("client", "secret"), [("someone", "sandbox-secret"), ("sandbox", "real"), ("", "")])
def test_only_sandbox_keys_are_good(paypal: PayPal, client: str, secret: str) -> None:
    answer = paypal.sign_in(client, secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_is_needed_and_ends(paypal: PayPal) -> None:
    granted = paypal.sign_in().json()
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 32400)
    order = paypal.order()
    good = paypal.token
    paypal.box.post("clock", advance_seconds=2 * 3600)
    assert status(paypal, order) == "PAYER_ACTION_REQUIRED"
    for bad in ("A21AA-nonsense", good[:-1] + ("0" if good[-1] != "0" else "1"), "x"):
        paypal.token = bad
        answer = paypal.get(f"/v2/checkout/orders/{order}")
        assert (answer.status_code, answer.json()["name"]) == (401, "AUTHENTICATION_FAILURE")
    paypal.token = good
    paypal.box.post("paypal/tokens/expire")
    assert paypal.get(f"/v2/checkout/orders/{order}").status_code == 401
    paypal.sign_in()
    assert status(paypal, order) == "PAYER_ACTION_REQUIRED"


def test_a_token_outlives_a_reset(paypal: PayPal, box: Box) -> None:
    paypal.sign_in()
    box.post("reset")
    assert paypal.get("/v1/reporting/balances").status_code == 200


def test_an_id_token_is_given_for_known_buyers(paypal: PayPal) -> None:
    assert "id_token" not in paypal.sign_in().json()
    granted = paypal.sign_in(response_type="id_token", target_customer_id="buyer-7").json()
    assert granted["id_token"].count(".") == 2
