"""The test cards do what Stripe's documentation says they do."""

import pytest
import stripe

from sandbox.stripe.cards import check_expiry
from sandbox.stripe.errors import ApiError
from tests.sandbox.process import Box, charge_of, paid

FIGURES = {"type": "card", "card[exp_month]": "12", "card[exp_year]": "2034", "card[cvc]": "123"}


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "outcome", "network_status"),
    [
        ("4000000000000002", "card_declined", "generic_decline", "generic_decline", "declined_by_network"),
        ("4000000000009995", "card_declined", "insufficient_funds", "insufficient_funds", "declined_by_network"),
        ("4000000000009987", "card_declined", "lost_card", "lost_card", "declined_by_network"),
        ("4000000000009979", "card_declined", "stolen_card", "stolen_card", "declined_by_network"),
        ("4000000000000069", "expired_card", None, "expired_card", "declined_by_network"),
        ("4000000000000127", "incorrect_cvc", None, "incorrect_cvc", "declined_by_network"),
        ("4000000000000119", "processing_error", None, "processing_error", "declined_by_network"),
        (
            "4000000000006975",
            "card_declined",
            "card_velocity_exceeded",
            "card_velocity_exceeded",
            "declined_by_network",
        ),
        ("4100000000000019", "card_declined", "fraudulent", "highest_risk_level", "not_sent_to_network"),
    ],
)
def test_a_declined_card_leaves_a_failed_charge_and_another_try(
    box: Box,
    client: stripe.StripeClient,
    number: str,
    code: str,
    decline_code: str | None,
    outcome: str,
    network_status: str,
) -> None:
    method = box.browser("POST", "/v1/payment_methods", {**FIGURES, "card[number]": number}).json()["id"]
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    confirm = {"payment_method": method, "return_url": "http://shop.test"}
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.confirm(intent.id, confirm)  # type: ignore[arg-type]
    error = declined.value.error
    assert error is not None
    assert (declined.value.http_status, error.code, getattr(error, "decline_code", None)) == (402, code, decline_code)
    charge = client.v1.charges.retrieve(str(error.charge))
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert charge.outcome is not None
    assert (charge.outcome.reason, charge.outcome.network_status) == (outcome, network_status)
    left = client.v1.payment_intents.retrieve(intent.id)
    assert (left.status, left.payment_method, left.latest_charge) == ("requires_payment_method", None, charge.id)
    assert left.last_payment_error is not None and left.last_payment_error.code == code
    assert left.last_payment_error.charge == charge.id
    assert client.v1.balance_transactions.list().data == []
    again = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "return_url": "http://shop.test"}
    )
    assert (again.status, again.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize(
    ("card", "line1", "postal_code", "cvc"),
    [
        ("4242424242424242", "pass", "pass", "pass"),
        ("4000000000000010", "fail", "fail", "pass"),
        ("4000000000000028", "fail", "pass", "pass"),
        ("4000000000000036", "pass", "fail", "pass"),
        ("4000000000000044", "unavailable", "unavailable", "pass"),
        ("4000000000000101", "pass", "pass", "fail"),
    ],
)
def test_checks(box: Box, client: stripe.StripeClient, card: str, line1: str, postal_code: str, cvc: str) -> None:
    billing = {"billing_details[address][line1]": "Street 1", "billing_details[address][postal_code]": "1010"}
    method = box.browser("POST", "/v1/payment_methods", {**FIGURES, **billing, "card[number]": card}).json()["id"]
    details = charge_of(paid(client, payment_method=method)).payment_method_details
    assert details is not None and details.card is not None and details.card.checks is not None
    checks = details.card.checks
    assert (checks.address_line1_check, checks.address_postal_code_check, checks.cvc_check) == (line1, postal_code, cvc)


@pytest.mark.parametrize(
    ("token", "brand", "funding", "country"),
    [
        ("pm_card_mastercard", "mastercard", "credit", "US"),
        ("pm_card_amex", "amex", "credit", "US"),
        ("pm_card_visa_debit", "visa", "debit", "US"),
        ("pm_card_mastercard_prepaid", "mastercard", "prepaid", "US"),
        ("pm_card_de", "visa", "credit", "DE"),
    ],
)
def test_brands(client: stripe.StripeClient, token: str, brand: str, funding: str, country: str) -> None:
    details = charge_of(paid(client, payment_method=token)).payment_method_details
    assert details is not None and details.card is not None
    assert (details.card.brand, details.card.funding, details.card.country) == (brand, funding, country)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"card[number]": "4242424242424241"}, "incorrect_number", "number"),
        ({"card[number]": "4242"}, "incorrect_number", "number"),
        ({"card[exp_month]": "13"}, "invalid_expiry_month", "exp_month"),
        ({"card[exp_year]": "2020"}, "invalid_expiry_year", "exp_year"),
        ({"card[cvc]": "12"}, "invalid_cvc", "cvc"),
        ({"card[number]": "4111111111111111"}, "card_declined", None),
    ],
)
def test_wrong_figures(box: Box, change: dict[str, str], code: str, param: str | None) -> None:
    answer = box.browser("POST", "/v1/payment_methods", {**FIGURES, "card[number]": "4242424242424242", **change})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"], error.get("param")) == (402, "card_error", code, param)
    if code == "card_declined":
        assert error["decline_code"] == "test_mode_live_card"
        assert "4111" not in answer.text


def test_an_elevated_risk_passes_but_is_told(client: stripe.StripeClient) -> None:
    outcome = charge_of(paid(client, payment_method="pm_card_riskLevelElevated")).outcome
    assert outcome is not None
    assert (outcome.risk_level, outcome.type) == ("elevated", "authorized")


def test_a_card_is_good_until_the_end_of_its_month() -> None:
    assert check_expiry(5, 26, today=(2026, 5)) == 2026
    with pytest.raises(ApiError, match="expiration year is invalid"):
        check_expiry(4, 26, today=(2026, 5))
