"""3D Secure: asked for, passed, failed, and declined afterwards."""

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
import stripe

from tests.sandbox.process import Box, charge_of, paid

RETURN_URL = "http://shop.test/return?order=ord_1"


def _answer(
    box: Box, intent: stripe.PaymentIntent, outcome: str, change: dict[str, str] | None = None
) -> requests.Response:
    action = intent.next_action
    assert action is not None and action.redirect_to_url is not None
    query = dict(parse_qsl(urlsplit(str(action.redirect_to_url.url)).query))
    return requests.post(f"{box.url}/js/3ds/complete", json={**query, "outcome": outcome, **(change or {})}, timeout=5)


def _asked(
    client: stripe.StripeClient, card: str = "pm_card_threeDSecure2Required", **more: Any
) -> stripe.PaymentIntent:
    intent = paid(client, payment_method=card, return_url=RETURN_URL, **more)
    assert (intent.status, intent.latest_charge) == ("requires_action", None)
    return intent


def test_passed(box: Box, client: stripe.StripeClient) -> None:
    intent = _asked(client)
    answer = _answer(box, intent, "succeed").json()
    assert answer["payment_intent"]["status"] == "succeeded"
    back = urlsplit(answer["return_url"])
    assert parse_qs(back.query) == {
        "order": ["ord_1"],
        "payment_intent": [intent.id],
        "payment_intent_client_secret": [intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    done = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (done.status, done.next_action) == ("succeeded", None)
    details = charge_of(done).payment_method_details
    assert details is not None and details.card is not None and details.card.three_d_secure is not None
    assert details.card.three_d_secure.result == "authenticated"
    assert _answer(box, intent, "fail").status_code == 400
    assert len(box.get("summary")["charges"]) == 1


def test_failed(box: Box, client: stripe.StripeClient) -> None:
    intent = _asked(client)
    answer = _answer(box, intent, "fail").json()
    assert answer["payment_intent"]["status"] == "requires_payment_method"
    assert "redirect_status=failed" in answer["return_url"]
    left = client.v1.payment_intents.retrieve(intent.id)
    assert left.last_payment_error is not None
    assert left.last_payment_error.code == "payment_intent_authentication_failure"
    assert left.payment_method is None
    assert box.get("summary")["charges"] == []


def test_declined_afterwards(box: Box, client: stripe.StripeClient) -> None:
    intent = _asked(client, "pm_card_threeDSecureRequiredChargeDeclined")
    assert _answer(box, intent, "succeed").json()["payment_intent"]["status"] == "requires_payment_method"
    left = client.v1.payment_intents.retrieve(intent.id)
    assert left.last_payment_error is not None and left.last_payment_error.code == "card_declined"
    assert [charge["status"] for charge in box.get("summary")["charges"]] == ["failed"]


@pytest.mark.parametrize("change", [{"token": "guessed"}, {"outcome": "maybe"}, {"payment_intent": "pi_other"}])
def test_nobody_else_may_answer(box: Box, client: stripe.StripeClient, change: dict[str, str]) -> None:
    intent = _asked(client)
    assert not _answer(box, intent, "succeed", change).ok
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"


def test_the_buyer_may_take_another_card_instead(box: Box, client: stripe.StripeClient) -> None:
    intent = _asked(client)
    done = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": RETURN_URL})
    assert done.status == "succeeded"
    assert not _answer(box, intent, "succeed").ok


def test_in_the_browser_the_script_is_told_where_to_ask(box: Box, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    secret = intent.client_secret
    method = box.browser(
        "POST",
        "/v1/payment_methods",
        {"type": "card", "card[number]": "4000002500003155", "card[exp_month]": "12", "card[exp_year]": "34"},
    ).json()
    seen = box.browser(
        "POST",
        f"/v1/payment_intents/{intent.id}/confirm",
        {"client_secret": secret, "payment_method": method["id"], "return_url": RETURN_URL},
    ).json()
    assert (seen["status"], seen["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    page = seen["next_action"]["use_stripe_sdk"]["stripe_js"]
    assert page.startswith(f"{box.url}/js/3ds.html?payment_intent={intent.id}&token=")
    answer = requests.post(
        f"{box.url}/js/3ds/complete",
        data={"payment_intent": intent.id, "client_secret": secret, "outcome": "succeed"},
        timeout=5,
    )
    assert answer.json()["payment_intent"]["status"] == "succeeded"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_without_the_buyer_there_is_nobody_to_ask(client: stripe.StripeClient) -> None:
    wishes: tuple[dict[str, Any], ...] = ({"off_session": True}, {"error_on_requires_action": True})
    for wish in wishes:
        with pytest.raises(stripe.CardError) as declined:
            paid(client, payment_method="pm_card_authenticationRequired", **wish)
        assert declined.value.code == "authentication_required"


def test_a_card_that_was_set_up_is_charged_off_session(box: Box, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({}).id
    intent = _asked(
        client, "pm_card_authenticationRequiredOnSetup", customer=customer, setup_future_usage="off_session"
    )
    assert _answer(box, intent, "succeed").ok
    method = client.v1.payment_intents.retrieve(intent.id).payment_method
    assert paid(client, customer=customer, payment_method=method, off_session=True).status == "succeeded"


def test_a_card_is_asked_when_the_payment_wants_it(client: stripe.StripeClient) -> None:
    assert paid(client, payment_method="pm_card_threeDSecureOptional").status == "succeeded"
    wish = {"card": {"request_three_d_secure": "any"}}
    _asked(client, "pm_card_threeDSecureOptional", payment_method_options=wish)
