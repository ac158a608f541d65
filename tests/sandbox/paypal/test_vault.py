"""Saved PayPal accounts: with a purchase, without one, used again, deleted."""

from typing import Any

import requests

from tests.sandbox.paypal.shop import PayPal, eur, issues


def setup_token(paypal: PayPal, customer: str = "buyer-7", *, several: bool = False, **experience: str) -> Any:
    wallet = {
        "usage_type": "MERCHANT", "experience_context": experience, "permit_multiple_payment_tokens": several
    }  # fmt: skip
    body = {"payment_source": {"paypal": wallet}, "customer": {"id": customer}}
    answer = paypal.post("/v3/vault/setup-tokens", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def exchange(paypal: PayPal, token_id: str) -> requests.Response:
    return paypal.post(
        "/v3/vault/payment-tokens", {"payment_source": {"token": {"id": token_id, "type": "SETUP_TOKEN"}}}
    )


def consent(paypal: PayPal, token_id: str, action: str = "approve", **more: str) -> Any:
    address = f"{paypal.box.url}/paypal/agreements/{token_id}"
    return requests.post(address, json={"action": action, **more}, timeout=5).json()


def pay(paypal: PayPal, vault_id: str, *, intent: str = "CAPTURE") -> requests.Response:
    units = [{"amount": eur("40.00"), "custom_id": "order-9"}]
    body = {"intent": intent, "purchase_units": units, "payment_source": {"paypal": {"vault_id": vault_id}}}
    return paypal.post("/v2/checkout/orders", body)


def test_paypal_is_saved_with_a_purchase(paypal: PayPal) -> None:
    saved = paypal.saved()
    assert saved["status"] == "VAULTED"
    token = paypal.get(f"/v3/vault/payment-tokens/{saved['id']}").json()
    assert token["customer"] == saved["customer"]
    assert token["payment_source"]["paypal"]["email_address"] == "ada.buyer@paypal.sandbox.example"
    assert "VAULT.PAYMENT-TOKEN.CREATED" in paypal.events()


def test_nothing_is_saved_when_the_payment_is_declined(paypal: PayPal) -> None:
    wallet = {"attributes": {"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}}}
    order = paypal.made(wallet, "10.00", intent="CAPTURE")
    paypal.approve(order, save=True, funding="declined")
    assert paypal.capture_order(order).status_code == 422
    assert paypal.box.get("summary")["paypal"]["payment_tokens"] == []


def test_nothing_is_saved_that_the_shop_has_not_asked_for(paypal: PayPal) -> None:
    order = paypal.order()
    paypal.approve(order, save=True)
    assert "attributes" not in paypal.capture_order(order).json()["payment_source"]["paypal"]
    assert paypal.box.get("summary")["paypal"]["payment_tokens"] == []


def test_a_saved_account_pays_at_once_without_its_buyer(paypal: PayPal) -> None:
    saved = paypal.saved()
    before = paypal.balance()["total"]
    paid = pay(paypal, saved["id"])
    assert (paid.status_code, paid.json()["status"]) == (201, "COMPLETED")
    capture = paid.json()["purchase_units"][0]["payments"]["captures"][0]
    assert (capture["status"], capture["custom_id"]) == ("COMPLETED", "order-9")
    assert paypal.balance()["total"] == before + 4000 - 155
    assert pay(paypal, saved["id"], intent="AUTHORIZE").json()["purchase_units"][0]["payments"]["authorizations"]


def test_a_saved_account_that_declines_leaves_nothing_behind(paypal: PayPal) -> None:
    token = setup_token(paypal)["id"]
    consent(paypal, token, funding="declined")
    vault_id = exchange(paypal, token).json()["id"]
    refused = pay(paypal, vault_id)
    assert (refused.status_code, issues(refused)) == (422, ["INSTRUMENT_DECLINED"])
    assert paypal.box.get("summary")["paypal"]["orders"] == []


def test_a_setup_token_becomes_a_payment_token_after_consent_and_once(paypal: PayPal) -> None:
    made = setup_token(paypal, return_url="http://shop.test/back", cancel_url="http://shop.test/no")
    token = made["id"]
    assert made["status"] == "PAYER_ACTION_REQUIRED"
    assert issues(exchange(paypal, token)) == ["SETUP_TOKEN_NOT_APPROVED"]
    approved = consent(paypal, token)
    assert approved == {
        "id": token,
        "status": "APPROVED",
        "return_url": f"http://shop.test/back?approval_token_id={token}",
    }
    first = exchange(paypal, token)
    assert (first.status_code, first.json()["customer"]) == (201, {"id": "buyer-7"})
    assert issues(exchange(paypal, token)) == ["TOKEN_ALREADY_USED"]
    assert exchange(paypal, "9AB12345CD678901E").status_code == 404


def test_a_refused_consent_saves_nothing(paypal: PayPal) -> None:
    token = setup_token(paypal, return_url="http://shop.test/back", cancel_url="http://shop.test/no")["id"]
    assert consent(paypal, token, "cancel")["return_url"] == f"http://shop.test/no?approval_token_id={token}"
    assert exchange(paypal, token).status_code == 422


def test_one_account_is_one_token_of_a_customer_unless_several_are_asked_for(paypal: PayPal) -> None:
    ids = []
    for several in (False, False, True):
        token = setup_token(paypal, several=several)["id"]
        consent(paypal, token)
        ids.append(exchange(paypal, token).json()["id"])
    assert ids[0] == ids[1] != ids[2]


def test_tokens_are_listed_by_customer_and_deleted(paypal: PayPal) -> None:
    ids = []
    for customer in ("buyer-7", "buyer-7", "buyer-8"):
        token = setup_token(paypal, customer, several=True)["id"]
        consent(paypal, token)
        ids.append(exchange(paypal, token).json()["id"])
    listed = paypal.get("/v3/vault/payment-tokens?customer_id=buyer-7&total_required=true").json()
    assert [item["id"] for item in listed["payment_tokens"]] == ids[:2]
    assert (listed["total_items"], listed["total_pages"]) == (2, 1)
    at = f"/v3/vault/payment-tokens/{ids[0]}"
    assert [paypal.call("DELETE", at).status_code for _ in range(2)] == [204, 204]
    assert paypal.get(at).status_code == 404
    left = paypal.get("/v3/vault/payment-tokens?customer_id=buyer-7").json()["payment_tokens"]
    assert [item["id"] for item in left] == ids[1:2]
    assert issues(pay(paypal, ids[0])) == ["AGREEMENT_ALREADY_CANCELLED"]
    assert issues(pay(paypal, "unknown1")) == ["TOKEN_ID_NOT_FOUND"]
    assert paypal.events().count("VAULT.PAYMENT-TOKEN.DELETED") == 1
