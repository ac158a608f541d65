"""Who may ask for what, and what browsers get to see."""

import pytest
import requests
import stripe

from tests.sandbox.process import Box, paid


@pytest.mark.parametrize("key", [None, "", "nonsense", "sk_" + "live_abcdefghijklmnop", "whsec_sandbox"])
def test_without_a_test_key_nothing_is_answered(box: Box, key: str | None) -> None:
    answer = box.raw("GET", "/v1/balance", key=key)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert not key or len(key) < 9 or key not in answer.text


def test_basic_authentication_works_too(box: Box) -> None:
    assert requests.get(f"{box.url}/v1/balance", auth=("sk_test_sandbox", ""), timeout=5).status_code == 200


def test_a_publishable_key_is_not_enough_for_servers_business(box: Box) -> None:
    for method, path in (("GET", "/v1/balance"), ("POST", "/v1/payment_intents"), ("POST", "/v1/refunds")):
        answer = box.browser(method, path, {"amount": 100} if method == "POST" else None)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "secret_key_required"


def test_a_browser_sees_a_payment_only_with_its_client_secret(box: Box, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur", "metadata": {"order": "ord_1"}})
    other = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    path = f"/v1/payment_intents/{intent.id}"
    assert box.browser("GET", path).json()["error"]["param"] == "client_secret"
    assert box.browser("GET", f"{path}?client_secret={other.client_secret}").status_code == 400
    seen = box.browser("GET", f"{path}?client_secret={intent.client_secret}").json()
    assert (seen["status"], seen["amount"]) == ("requires_payment_method", 500)
    assert seen.keys().isdisjoint({"metadata", "latest_charge", "amount_received", "customer", "transfer_group"})


def test_a_browser_pays_with_card_figures(box: Box, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 500, "currency": "eur", "automatic_payment_methods": {"enabled": True}}
    )
    token = box.browser(
        "POST",
        "/v1/confirmation_tokens",
        {
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": "4242 4242 4242 4242",
            "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "34",
            "payment_method_data[card][cvc]": "123",
            "payment_method_data[billing_details][address][postal_code]": "1010",
            "return_url": "http://shop.test/return",
            "shipping[name]": "Ada",
            "shipping[address][line1]": "Street 1",
        },
    ).json()
    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    path = f"/v1/payment_intents/{intent.id}/confirm"
    data = {"client_secret": intent.client_secret, "confirmation_token": token["id"], "key": "pk_test_sandbox"}
    seen = box.browser("POST", path, data).json()
    assert seen["status"] == "succeeded"
    assert "latest_charge" not in seen
    found = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert isinstance(found.latest_charge, stripe.Charge)
    assert found.shipping is not None and found.shipping.name == "Ada"
    details = found.latest_charge.payment_method_details
    assert details is not None and details.card is not None and details.card.checks is not None
    assert details.card.checks.cvc_check == "pass"
    assert details.card.checks.address_postal_code_check == "pass"
    assert details.card.checks.address_line1_check is None
    again = box.browser("POST", path, data)
    assert again.json()["error"]["code"] == "payment_intent_unexpected_state"


def test_a_confirmation_token_works_once(box: Box, client: stripe.StripeClient) -> None:
    token = client.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    first = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    second = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    confirm = {"confirmation_token": token.id, "return_url": "http://shop.test"}
    client.v1.payment_intents.confirm(first.id, confirm)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match="already been used"):
        client.v1.payment_intents.confirm(second.id, confirm)  # type: ignore[arg-type]
    assert client.v1.confirmation_tokens.retrieve(token.id).payment_intent == first.id


def test_card_figures_are_not_taken_from_servers(box: Box) -> None:
    card = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2034"}
    refused = box.raw("POST", "/v1/payment_methods", card)
    assert refused.status_code == 402
    assert "generally unsafe" in refused.json()["error"]["message"]
    made = box.browser("POST", "/v1/payment_methods", card)
    assert made.status_code == 200
    assert made.json()["card"]["last4"] == "4242" and "metadata" not in made.json()


def test_browsers_of_other_origins_may_ask(box: Box) -> None:
    answer = requests.options(
        f"{box.url}/v1/payment_intents/pi_1/confirm",
        headers={"Origin": "http://127.0.0.1:8000", "Access-Control-Request-Method": "POST"},
        timeout=5,
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert box.browser("GET", "/v1/balance").headers["Access-Control-Allow-Origin"] == "*"


def test_a_connected_account_has_its_own_books(box: Box, client: stripe.StripeClient) -> None:
    account = box.connected_account()
    intent = paid(client)
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(options={"stripe_account": "acct_nobody"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.retrieve(intent.id, options={"stripe_account": account})
    assert client.v1.balance.retrieve(options={"stripe_account": account}).pending[0].amount == 0
