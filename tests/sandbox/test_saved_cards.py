"""Saved cards: set up, listed, charged without the buyer, renewed by the card updater, removed."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import stripe

from tests.sandbox.process import Box, paid

RETURN_URL = "http://shop.test/return"


def _types(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in reversed(client.v1.events.list({"limit": 100}).data)]


def _customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "ada@example.org"}).id


def _set_up(client: stripe.StripeClient, customer: str, card: str = "pm_card_visa", **more: Any) -> stripe.SetupIntent:
    params: Any = {"customer": customer, "payment_method": card, "confirm": True, "return_url": RETURN_URL, **more}
    return client.v1.setup_intents.create(params)


def _saved(client: stripe.StripeClient, customer: str, card: str = "pm_card_visa") -> str:
    return str(_set_up(client, customer, card).payment_method)


def _answer(box: Box, intent: Any, outcome: str) -> Any:
    query = dict(parse_qsl(urlsplit(str(intent.next_action.redirect_to_url.url)).query))
    return requests.post(f"{box.url}/js/3ds/complete", json={**query, "outcome": outcome}, timeout=5).json()


def _off_session(client: stripe.StripeClient, customer: str, method: str) -> stripe.PaymentIntent:
    return paid(client, customer=customer, payment_method=method, off_session=True)


def test_a_card_is_set_up_and_then_charged_without_the_buyer(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    intent = _set_up(client, customer, metadata={"user": "usr_1"})
    assert (intent.status, intent.usage, intent.customer) == ("succeeded", "off_session", customer)
    assert intent.client_secret and intent.client_secret.startswith(f"{intent.id}_secret_")
    assert _types(client) == [
        "customer.created",
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]
    method = str(intent.payment_method)
    for _ in range(2):  # as often as one likes
        assert _off_session(client, customer, method).status == "succeeded"
    assert [item.id for item in client.v1.customers.payment_methods.list(customer).data] == [method]
    assert client.v1.customers.payment_methods.retrieve(customer, method).customer == customer
    attempts = client.v1.setup_attempts.list({"setup_intent": intent.id}).data
    assert [(item.id, item.status) for item in attempts] == [(intent.latest_attempt, "succeeded")]


def test_setting_up_step_by_step(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    intent = client.v1.setup_intents.create({"customer": customer, "usage": "on_session"})
    assert (intent.status, intent.usage) == ("requires_payment_method", "on_session")
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.setup_intents.confirm(intent.id, {"return_url": RETURN_URL})
    with pytest.raises(stripe.InvalidRequestError, match="you must provide a `return_url`"):
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    updated = client.v1.setup_intents.update(intent.id, {"payment_method": "pm_card_visa"})
    assert updated.status == "requires_confirmation"
    done = client.v1.setup_intents.confirm(intent.id, {"return_url": RETURN_URL})
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.setup_intents.cancel(intent.id)
    assert refused.value.code == "setup_intent_unexpected_state"
    other = client.v1.setup_intents.create({})
    canceled = client.v1.setup_intents.cancel(other.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert [item.id for item in client.v1.setup_intents.list({"customer": customer}).data] == [intent.id]


def test_a_bank_asks_the_buyer_when_a_card_is_saved(box: Box, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    intent = _set_up(client, customer, "pm_card_authenticationRequiredOnSetup")
    assert intent.status == "requires_action"
    answer = _answer(box, intent, "succeed")
    assert answer["setup_intent"]["status"] == "succeeded"
    assert dict(parse_qsl(urlsplit(answer["return_url"]).query)) == {
        "setup_intent": intent.id,
        "setup_intent_client_secret": intent.client_secret,
        "redirect_status": "succeeded",
    }
    done = client.v1.setup_intents.retrieve(intent.id, {"expand": ["latest_attempt"]})
    assert isinstance(done.latest_attempt, stripe.SetupAttempt)
    assert done.latest_attempt.payment_method_details.card is not None
    assert done.latest_attempt.payment_method_details.card.three_d_secure is not None
    for _ in range(2):  # set up once, free for good
        assert _off_session(client, customer, str(done.payment_method)).status == "succeeded"


def test_a_buyer_who_fails_the_banks_question_has_no_saved_card(box: Box, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    intent = _set_up(client, customer, "pm_card_authenticationRequired")
    answer = _answer(box, intent, "fail")
    assert "redirect_status=failed" in answer["return_url"]
    left = client.v1.setup_intents.retrieve(intent.id)
    assert left.status == "requires_payment_method"
    assert left.last_setup_error is not None
    assert left.last_setup_error.code == "setup_intent_authentication_failure"
    assert client.v1.payment_methods.list({"customer": customer}).data == []
    assert _types(client)[-1] == "setup_intent.setup_failed"


def test_a_card_that_declines_cannot_be_saved(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    with pytest.raises(stripe.CardError) as declined:
        _set_up(client, customer, "pm_card_visa_chargeDeclined")
    assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
    assert declined.value.error is not None and declined.value.error.setup_intent is not None
    assert declined.value.error.setup_intent.status == "requires_payment_method"
    method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa_chargeDeclined"}})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_methods.attach(method.id, {"customer": customer})
    assert declined.value.code == "card_declined"
    assert client.v1.payment_methods.list({"customer": customer}).data == []


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_chargeCustomerFail", "card_declined"),
        ("pm_card_authenticationRequired", "authentication_required"),
    ],
)
def test_a_saved_card_that_fails_later_leaves_the_payment_open(
    box: Box, client: stripe.StripeClient, card: str, code: str
) -> None:
    customer = _customer(client)
    intent = _set_up(client, customer, card)
    if intent.status == "requires_action":
        _answer(box, intent, "succeed")
        intent = client.v1.setup_intents.retrieve(intent.id)
    method = str(intent.payment_method)
    with pytest.raises(stripe.CardError) as declined:
        _off_session(client, customer, method)
    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert declined.value.error is not None and declined.value.error.payment_intent is not None
    left = client.v1.payment_intents.retrieve(declined.value.error.payment_intent.id)
    assert (left.status, left.payment_method) == ("requires_payment_method", None)
    assert left.last_payment_error is not None and left.last_payment_error.payment_method is not None
    assert (left.last_payment_error.code, left.last_payment_error.payment_method.id) == (code, method)
    assert client.v1.payment_methods.retrieve(method).customer == customer
    if code == "authentication_required":
        # The buyer comes back by the link in an e-mail and answers the bank.
        again = client.v1.payment_intents.confirm(left.id, {"payment_method": method, "return_url": RETURN_URL})
        assert again.status == "requires_action"
        assert _answer(box, again, "succeed")["payment_intent"]["status"] == "succeeded"


def test_a_card_the_bank_knows_already_needs_the_buyer_only_when_he_is_there(client: stripe.StripeClient) -> None:
    customer, method = _customer(client), "pm_card_authenticationRequiredSetupForOffSession"
    saved = client.v1.payment_methods.attach(method, {"customer": customer}).id
    assert _off_session(client, customer, saved).status == "succeeded"
    assert paid(client, customer=customer, payment_method=saved).status == "requires_action"


def test_a_card_is_saved_with_its_payment(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    intent = paid(client, customer=customer, setup_future_usage="off_session")
    assert "payment_method.attached" in _types(client)
    assert _off_session(client, customer, str(intent.payment_method)).status == "succeeded"
    assert _types(client).count("payment_method.attached") == 1
    once = paid(client, customer=customer)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(str(once.payment_method), {"customer": customer})


def test_a_guest_who_registers_afterwards_keeps_the_card(client: stripe.StripeClient) -> None:
    intent = paid(client, setup_future_usage="off_session")
    customer = _customer(client)
    client.v1.payment_methods.attach(str(intent.payment_method), {"customer": customer})
    assert _off_session(client, customer, str(intent.payment_method)).status == "succeeded"


def test_nobody_elses_card_is_charged_or_taken_over(client: stripe.StripeClient) -> None:
    ada, bo = _customer(client), _customer(client)
    method = _saved(client, ada)
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        _off_session(client, bo, method)
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(method, {"customer": bo})
    assert client.v1.payment_methods.attach(method, {"customer": ada}).customer == ada
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.payment_methods.retrieve(bo, method)
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        _set_up(client, bo, method)


def test_a_removed_card_is_gone_for_good(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    method = _saved(client, customer)
    assert client.v1.payment_methods.detach(method).customer is None
    assert client.v1.payment_methods.list({"customer": customer}).data == []
    assert _types(client)[-1] == "payment_method.detached"
    with pytest.raises(stripe.InvalidRequestError, match="detached from a Customer"):
        _off_session(client, customer, method)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(method, {"customer": customer})


def test_a_deleted_customer_leaves_no_card_behind(box: Box, client: stripe.StripeClient) -> None:
    customer, other = _customer(client), _customer(client)
    method = _saved(client, customer)
    bought = paid(client, customer=customer, payment_method=method)
    box.settled()  # the charge is booked a moment after it was made, and that is news too
    assert client.v1.customers.delete(customer).deleted
    assert client.v1.customers.retrieve(customer).deleted
    assert [item.id for item in client.v1.customers.list().data] == [other]
    assert client.v1.payment_methods.retrieve(method).customer is None
    assert client.v1.payment_intents.retrieve(bought.id).customer == customer
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        _off_session(client, customer, method)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(customer, {"name": "Ada"})
    assert _types(client)[-2:] == ["payment_method.detached", "customer.deleted"]
    assert [item["id"] for item in box.get("summary")["customers"]] == [other]


def test_cards_are_changed_and_found(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    method = _saved(client, customer)
    changed: Any = {
        "allow_redisplay": "always",
        "metadata": {"label": "work"},
        "billing_details": {"name": "Ada", "address": {"city": "Vienna"}},
        "card": {"exp_month": 11, "exp_year": 2040},
    }
    updated = client.v1.payment_methods.update(method, changed)
    assert updated.card is not None and (updated.card.exp_month, updated.card.exp_year) == (11, 2040)
    assert (updated.allow_redisplay, updated.billing_details.name) == ("always", "Ada")
    assert _types(client)[-1] == "payment_method.updated"
    other = _saved(client, customer, "pm_card_mastercard")
    listed = client.v1.payment_methods.list({"customer": customer, "type": "card", "allow_redisplay": "always"})
    assert [item.id for item in listed.data] == [method]
    assert [item.id for item in client.v1.payment_methods.list({"customer": customer}).data] == [other, method]
    client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
    found = client.v1.customers.retrieve(customer, {"expand": ["invoice_settings.default_payment_method"]})
    assert found.invoice_settings is not None
    assert isinstance(found.invoice_settings.default_payment_method, stripe.PaymentMethod)
    assert found.invoice_settings.default_payment_method.id == method
    loose = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}}).id
    with pytest.raises(stripe.InvalidRequestError, match="before you can update"):
        client.v1.payment_methods.update(loose, {"metadata": {"a": "b"}})
    with pytest.raises(stripe.InvalidRequestError, match="must be attached"):
        client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": loose}})


def test_a_card_expires_and_the_updater_renews_it(box: Box, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    method = _saved(client, customer)
    box.post(f"payment_methods/{method}/card_update", exp_month=1, exp_year=2020)
    with pytest.raises(stripe.CardError) as declined:
        _off_session(client, customer, method)
    assert declined.value.code == "expired_card"
    box.post(f"payment_methods/{method}/card_update", exp_month=12, exp_year=2045, last4="4321")
    renewed = client.v1.payment_methods.retrieve(method).card
    assert renewed is not None and (renewed.last4, renewed.exp_year) == ("4321", 2045)
    event = client.v1.events.list({"type": "payment_method.automatically_updated"}).data[0]
    before = event.data.to_dict()["previous_attributes"]["card"]
    assert (before["last4"], before["exp_month"], before["exp_year"]) == ("4242", 1, 2020)
    assert _off_session(client, customer, method).status == "succeeded"


# ---------------------------------------------------------------------- what Stripe.js may see
def _session(client: stripe.StripeClient, customer: str, **features: Any) -> str:
    params: Any = {
        "customer": customer,
        "components": {
            "payment_element": {
                "enabled": True,
                "features": {"payment_method_redisplay": "enabled", **features},
            }
        },
    }
    return client.v1.customer_sessions.create(params).client_secret


def _seen(box: Box, secret: str) -> Any:
    return box.browser("GET", f"/v1/elements/sessions?customer_session_client_secret={secret}")


def test_the_browser_sees_the_cards_that_may_be_shown_again(box: Box, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    shown, hidden = _saved(client, customer), _saved(client, customer, "pm_card_mastercard")
    client.v1.payment_methods.update(shown, {"allow_redisplay": "always"})
    secret = _session(client, customer)
    seen = _seen(box, secret).json()["customer"]
    assert [item["id"] for item in seen["payment_methods"]] == [shown]
    assert "metadata" not in seen["payment_methods"][0]
    all_of_them = _session(
        client, customer, payment_method_allow_redisplay_filters=["always", "limited", "unspecified"]
    )
    assert [item["id"] for item in _seen(box, all_of_them).json()["customer"]["payment_methods"]] == [hidden, shown]
    assert _seen(box, secret + "x").status_code == 400
    box.post("clock", advance_seconds=1801)
    assert _seen(box, secret).status_code == 400


def test_the_browser_removes_a_card_only_where_it_may(box: Box, client: stripe.StripeClient) -> None:
    customer = _customer(client)
    method, foreign = _saved(client, customer), _saved(client, _customer(client))
    without = _session(client, customer)
    allowed = _session(client, customer, payment_method_remove="enabled")

    def remove(which: str, secret: str) -> int:
        path = f"/v1/elements/payment_methods/{which}/detach"
        return box.browser("POST", path, {"customer_session_client_secret": secret}).status_code

    assert remove(method, without) == 403
    assert remove(foreign, allowed) == 403
    assert remove(method, allowed) == 200
    assert client.v1.payment_methods.list({"customer": customer}).data == []


def test_a_session_that_makes_no_sense_is_refused(client: stripe.StripeClient) -> None:
    customer = _customer(client)
    with pytest.raises(stripe.InvalidRequestError, match="payment_method_save_usage"):
        _session(client, customer, payment_method_save_usage="off_session")
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 10"):
        _session(client, customer, payment_method_redisplay_limit=11)
    with pytest.raises(stripe.InvalidRequestError):
        _session(client, "cus_nobody")


def test_a_setup_is_reached_from_the_browser_with_its_secret_only(box: Box, client: stripe.StripeClient) -> None:
    intent = client.v1.setup_intents.create({"customer": _customer(client)})
    path = f"/v1/setup_intents/{intent.id}"
    assert box.browser("GET", path).status_code == 400
    assert box.browser("GET", f"{path}?client_secret={intent.id}_secret_guessed").status_code == 400
    seen = box.browser("GET", f"{path}?client_secret={intent.client_secret}").json()
    assert seen["status"] == "requires_payment_method" and "customer" not in seen
    card = {
        "payment_method_data[type]": "card",
        "payment_method_data[allow_redisplay]": "always",
        "payment_method_data[card][number]": "4242424242424242",
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "34",
        "payment_method_data[card][cvc]": "123",
    }
    done = box.browser("POST", f"{path}/confirm", {"client_secret": intent.client_secret, **card}).json()
    assert done["status"] == "succeeded"
    assert client.v1.payment_methods.retrieve(done["payment_method"]).allow_redisplay == "always"
    summary = box.get("summary")
    assert [item["id"] for item in summary["payment_methods"]] == [done["payment_method"]]
    assert [item["status"] for item in summary["setup_intents"]] == ["succeeded"]
