"""What is asked of Stripe for a demo artisan's account, and how its answer is read."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qs

import pytest
import responses
import stripe
from stripe import _account as account_module

from payments.contracts import (
    AccountFound,
    AccountRequest,
    AccountRequirements,
    BankDetails,
    OnboardingLink,
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
    RequirementError,
)
from payments.enums import AccountHalt, Requirement, RequirementProblem
from payments.processors.stripe import requirements as tables
from payments.processors.stripe.accounts import TEST_COUNTRIES, create_params
from payments.processors.stripe.processor import StripeProcessor

BASE = "http://127.0.0.1:9"


def request(country: str = "DE", *, is_test: bool = True) -> AccountRequest:
    return AccountRequest(
        reference="art_1", display_name="Clara Ní Bhriain", email="clara@example.org", country=country, currency="EUR",
        has_test_identity=is_test, trace_id="trace-1",
    )  # fmt: skip


def account(transfers: str | None = "active") -> dict[str, Any]:
    return {
        "id": "acct_1",
        "object": "account",
        "country": "DE",
        "capabilities": {} if transfers is None else {"transfers": transfers},
        "default_currency": "eur",
        "details_submitted": True,
        "payouts_enabled": True,
        "requirements": requirements(),
        "external_accounts": {
            "object": "list",
            "data": [bank_account("ba_0", "usd", "0001"), bank_account("ba_1", "eur", "3000")],
            "has_more": False,
            "url": "/v1/accounts/acct_1/external_accounts",
        },
        "metadata": {"artisan": "art_1"},
    }


def bank_account(bank_id: str, currency: str, last4: str, **more: Any) -> dict[str, Any]:
    return {
        "id": bank_id, "object": "bank_account", "bank_name": "STRIPE TEST BANK", "country": "DE", "currency": currency,
        "last4": last4, "fingerprint": f"print-{bank_id}", "default_for_currency": True, "status": "new", **more,
    }  # fmt: skip


def requirements(**more: Any) -> dict[str, Any]:
    return {
        "currently_due": [], "past_due": [], "pending_verification": [], "eventually_due": [], "current_deadline": None,
        "disabled_reason": None, "errors": [], "alternatives": [], **more,
    }  # fmt: skip


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def processor() -> StripeProcessor:
    return StripeProcessor(api_key="sk_test_adapter", api_base=BASE, timeout_seconds=3)


def test_the_account_is_asked_for_with_our_key_and_reference(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    wire.post(f"{BASE}/v1/accounts", json=account())
    found = processor.create_account(request(), idempotency_key="create_account:art_1:1")
    assert found == AccountFound(
        "acct_1", "art_1", "DE", transfers_enabled=True, details_submitted=True, payouts_enabled=True,
        requirements=AccountRequirements(),
        bank=BankDetails("STRIPE TEST BANK", "3000", "DE", "EUR", fingerprint="print-ba_1", is_usable=True),
    )  # fmt: skip
    assert wire.calls[0].request.headers["Idempotency-Key"] == "create_account:art_1:1"
    sent = {name: values[0] for name, values in parse_qs(str(wire.calls[0].request.body)).items()}
    assert sent["metadata[artisan]"] == "art_1"
    assert sent["capabilities[transfers][requested]"] == "true"
    assert sent["controller[stripe_dashboard][type]"] == "none"
    assert sent["individual[address][line1]"] == "address_full_match"
    assert sent["external_account[account_number]"] == "DE89370400440532013000"


@pytest.mark.parametrize(
    ("status", "enabled"), [("active", True), ("inactive", False), ("pending", False), (None, False)]
)
def test_only_an_active_capability_can_be_paid_to(
    wire: responses.RequestsMock, processor: StripeProcessor, status: str | None, enabled: bool
) -> None:
    wire.get(f"{BASE}/v1/accounts/acct_1", json=account(status))
    assert processor.retrieve_account("acct_1").transfers_enabled is enabled


def test_found_by_our_reference_or_certainly_not_there(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    listed = {"object": "list", "data": [account()], "has_more": False, "url": "/v1/accounts"}
    wire.get(f"{BASE}/v1/accounts", json=listed)
    found = processor.find_account("art_1")
    assert found is not None
    assert found.processor_account_id == "acct_1"
    assert processor.find_account("art_2") is None


def test_failures_are_ours(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    refusal = {"error": {"type": "invalid_request_error", "code": "country_unsupported", "message": "no"}}
    wire.post(f"{BASE}/v1/accounts", json=refusal, status=400)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_account(request(), idempotency_key="k")
    assert refused.value.processor_code == "country_unsupported"
    wire.replace("POST", f"{BASE}/v1/accounts", body=ConnectionResetError())
    with pytest.raises(OutcomeUnknown):
        processor.create_account(request(), idempotency_key="k")


def test_the_same_request_has_the_same_body_for_ever() -> None:
    """Stripe refuses a key that comes again with another body."""
    for country in TEST_COUNTRIES:
        assert create_params(request(country)) == create_params(request(country))


def test_a_real_artisan_gets_no_invented_identity() -> None:
    params = create_params(request(is_test=False))
    assert not {"individual", "external_account", "tos_acceptance"} & set(params)
    assert params["controller"] == {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "requirement_collection": "stripe",
        "stripe_dashboard": {"type": "express"},
    }


@pytest.mark.parametrize("is_test", [True, False])
def test_nothing_leaves_the_account_before_we_say_so(is_test: bool) -> None:
    params = create_params(request(is_test=is_test))
    assert params["settings"] == {"payouts": {"schedule": {"interval": "manual"}}}
    assert params["capabilities"] == {"transfers": {"requested": True}}


def test_what_is_due_is_told_in_our_words(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    told = requirements(
        currently_due=["individual.dob.day", "individual.dob.month", "individual.dob.year", "external_account",
                       "person_1Xy.verification.document", "future.thing"],
        past_due=["tos_acceptance.ip"], pending_verification=["individual.address.line1"],
        eventually_due=["individual.id_number"], current_deadline=1_800_000_000,
        disabled_reason="requirements.past_due",
        errors=[{"code": "verification_document_expired", "reason": "It has expired.",
                 "requirement": "individual.verification.document"}],
    )  # fmt: skip
    wire.get(f"{BASE}/v1/accounts/acct_1", json=account("inactive") | {"requirements": told})
    assert processor.retrieve_account("acct_1").requirements == AccountRequirements(
        currently_due=(
            Requirement.BIRTH_DATE, Requirement.BANK_ACCOUNT, Requirement.IDENTITY_DOCUMENT, Requirement.OTHER
        ),
        past_due=(Requirement.TERMS,),
        pending_verification=(Requirement.ADDRESS,),
        eventually_due=(Requirement.ID_NUMBER,),
        current_deadline=dt.datetime(2027, 1, 15, 8, 0, tzinfo=dt.UTC),
        disabled_reason=AccountHalt.PAST_DUE,
        errors=(
            RequirementError(
                Requirement.IDENTITY_DOCUMENT, RequirementProblem.DOCUMENT_EXPIRED, "It has expired."
            ),
        ),
    )  # fmt: skip


def test_every_reason_that_the_sdk_knows_has_a_word_of_ours() -> None:
    reasons = get_type_hints(stripe.Account.Requirements, vars(account_module))["disabled_reason"]
    known = {value for choice in get_args(reasons) for value in get_args(choice)}
    assert len(known) > 10
    assert known == set(tables.DISABLED_REASON)
    codes = get_args(get_type_hints(stripe.Account.Requirements.Error, vars(account_module))["code"])
    assert len(codes) > 80
    unmapped = [code for code in codes if not any(code.startswith(start) for start in tables.PROBLEM)]
    assert unmapped == []


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("individual.first_name", Requirement.NAME),
        ("individual.address.postal_code", Requirement.ADDRESS),
        ("individual.verification.additional_document", Requirement.ADDRESS_DOCUMENT),
        ("person_8UayFKIMRJklog.relationship.title", Requirement.PEOPLE),
        ("representative.dob.year", Requirement.BIRTH_DATE),
        ("owners.first_name", Requirement.NAME),
        ("owners", Requirement.PEOPLE),
        ("company.verification.document", Requirement.COMPANY_DOCUMENT),
        ("company.address.city", Requirement.COMPANY),
        ("business_profile.url", Requirement.BUSINESS_PROFILE),
        ("external_account", Requirement.BANK_ACCOUNT),
        ("unheard_of", Requirement.OTHER),
    ],
)
def test_a_requirement_is_known_by_its_path(path: str, ours: Requirement) -> None:
    assert tables.requirement_of(path) is ours


def test_a_bank_account_that_sent_money_back_is_not_usable(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    document = account()
    document["external_accounts"]["data"] = [bank_account("ba_1", "eur", "3002", status="errored")]
    wire.get(f"{BASE}/v1/accounts/acct_1", json=document)
    bank = processor.retrieve_account("acct_1").bank
    assert bank is not None
    assert (bank.last4, bank.is_usable) == ("3002", False)


def test_an_account_that_withdrew_our_access_is_found_not_connected(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    refusal = {"error": {"type": "invalid_request_error", "code": "account_invalid", "message": "no access"}}
    wire.get(f"{BASE}/v1/accounts/acct_1", json=refusal, status=403)
    found = processor.retrieve_account("acct_1")
    assert (found.is_connected, found.transfers_enabled, found.payouts_enabled) == (False, False, False)


def test_our_own_key_refused_is_not_taken_for_a_withdrawn_access(
    wire: responses.RequestsMock, processor: StripeProcessor
) -> None:
    refusal = {"error": {"type": "invalid_request_error", "message": "restricted key"}}
    wire.get(f"{BASE}/v1/accounts/acct_1", json=refusal, status=403)
    with pytest.raises(ProcessorUnavailable):
        processor.retrieve_account("acct_1")


def test_a_link_leads_to_the_processors_own_page(wire: responses.RequestsMock, processor: StripeProcessor) -> None:
    url = "https://connect.stripe.com/setup/e/acct_1/x"
    wire.post(
        f"{BASE}/v1/account_links",
        json={"object": "account_link", "created": 1_800_000_000, "expires_at": 1_800_000_300, "url": url},
    )
    link = processor.create_onboarding_link("acct_1", return_url="https://shop/back", refresh_url="https://shop/again")
    assert link == OnboardingLink(url, dt.datetime(2027, 1, 15, 8, 5, tzinfo=dt.UTC))
    sent = {name: values[0] for name, values in parse_qs(str(wire.calls[0].request.body)).items()}
    assert sent == {
        "account": "acct_1", "type": "account_onboarding", "return_url": "https://shop/back",
        "refresh_url": "https://shop/again",
    }  # fmt: skip
