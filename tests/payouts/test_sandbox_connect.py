"""Stripe Connect's half of the processor over real HTTP to the sandbox: onboarding, payouts to banks, balances."""

import datetime as dt
from typing import Any

import pytest
import requests
import stripe
from django.conf import settings

from common.ids import new_public_id
from common.money import Money
from payments.contracts import AccountBalance, AccountFound, AccountRequest, PayoutRequest, ProcessorRefused
from payments.enums import AccountHalt, PayoutFailure, ProcessorPayoutStatus, Requirement
from payments.processors import Processor, processor_named
from tests.support.sandbox import SandboxProcess

DAY = 24 * 3600
YOU = {
    "first_name": "Clara", "last_name": "Byrne", "day": "1", "month": "1", "year": "1902", "email": "c@example.org",
    "phone": "0000000000", "line1": "address_full_match", "postal_code": "D01", "city": "Dublin", "sells": "Bowls",
}  # fmt: skip


@pytest.fixture
def processor(sandbox: SandboxProcess) -> Processor:
    return processor_named("stripe")


def control(path: str, **body: Any) -> Any:
    answer = requests.post(f"{settings.STRIPE_API_BASE}/_sandbox/{path}", json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def settled() -> None:
    requests.get(f"{settings.STRIPE_API_BASE}/_sandbox/idle", timeout=30).raise_for_status()


def made(processor: Processor, *, is_test: bool = False) -> AccountFound:
    reference = new_public_id("art")
    return processor.create_account(
        AccountRequest(
            reference=reference, display_name="Clara Byrne", email="c@example.org", country="DE", currency="EUR",
            has_test_identity=is_test, trace_id="trace-1",
        ),
        idempotency_key=f"create_account:{reference}:1",
    )  # fmt: skip


def funded(processor: Processor, amount_minor: int) -> AccountFound:
    """An artisan's account with so much on it."""
    account = made(processor, is_test=True)
    control("topups", amount=amount_minor)
    client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    client.v1.transfers.create({"amount": amount_minor, "currency": "eur", "destination": account.processor_account_id})
    return account


def asked(account: AccountFound, amount_minor: int) -> PayoutRequest:
    money = Money(amount_minor, "EUR")
    return PayoutRequest(new_public_id("bpo"), account.processor_account_id, money, "ARTISANS HUB", "trace-1")


def test_an_artisan_goes_from_a_new_account_to_payouts_on_the_processors_pages(processor: Processor) -> None:
    account = made(processor)
    assert (account.transfers_enabled, account.payouts_enabled, account.details_submitted) == (False, False, False)
    assert account.bank is None
    assert set(account.requirements.past_due) == {
        Requirement.NAME, Requirement.BIRTH_DATE, Requirement.ADDRESS, Requirement.EMAIL, Requirement.PHONE,
        Requirement.BANK_ACCOUNT, Requirement.TERMS,
    }  # fmt: skip
    link = processor.create_onboarding_link(
        account.processor_account_id, return_url="http://127.0.0.1:9/back", refresh_url="http://127.0.0.1:9/again"
    )
    browser = requests.Session()
    page = browser.get(link.url, timeout=10)
    page = browser.post(page.url, YOU, timeout=10)
    page = browser.post(page.url, {"holder": "Clara Byrne", "iban": "DE89370400440532013000"}, timeout=10)
    back = browser.post(page.url, {"terms": "yes"}, timeout=10, allow_redirects=False)
    assert back.headers["Location"] == "http://127.0.0.1:9/back"
    found = processor.retrieve_account(account.processor_account_id)
    assert (found.transfers_enabled, found.payouts_enabled, found.details_submitted) == (True, True, True)
    assert found.requirements.currently_due == ()
    assert found.bank is not None
    assert (found.bank.last4, found.bank.country, found.bank.currency, found.bank.is_usable) == (
        "3000", "DE", "EUR", True,
    )  # fmt: skip


def test_a_demo_artisan_can_be_paid_at_once(processor: Processor) -> None:
    account = made(processor, is_test=True)
    assert (account.transfers_enabled, account.payouts_enabled) == (True, True)


def test_what_is_asked_for_later_is_due_then_past_due(sandbox: SandboxProcess, processor: Processor) -> None:
    account = made(processor, is_test=True).processor_account_id
    control(f"accounts/{account}/require", requirements=["individual.verification.document"], in_seconds=DAY)
    due = processor.retrieve_account(account)
    assert due.requirements.currently_due == (Requirement.IDENTITY_DOCUMENT,)
    assert due.requirements.past_due == ()
    assert due.requirements.current_deadline is not None
    assert due.payouts_enabled
    sandbox.advance_clock(DAY + 1)
    settled()
    late = processor.retrieve_account(account)
    assert late.requirements.past_due == (Requirement.IDENTITY_DOCUMENT,)
    assert late.requirements.disabled_reason is AccountHalt.PAST_DUE
    assert not late.payouts_enabled
    control(f"accounts/{account}/disable", reason="rejected.fraud")
    assert processor.retrieve_account(account).requirements.disabled_reason is AccountHalt.REJECTED


def test_who_withdraws_our_access_is_found_not_connected_and_not_paid_out(processor: Processor) -> None:
    account = funded(processor, 500)
    control(f"accounts/{account.processor_account_id}/deauthorize")
    assert not processor.retrieve_account(account.processor_account_id).is_connected
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_payout(asked(account, 100), idempotency_key="k1")
    assert refused.value.processor_code == "account_invalid"


def test_a_payout_is_made_once_found_again_and_arrives(sandbox: SandboxProcess, processor: Processor) -> None:
    account = funded(processor, 5_000)
    request = asked(account, 4_000)
    assert processor.find_payout(request.reference, processor_account_id=account.processor_account_id) is None
    key = f"create_payout:{request.reference}:1"
    first = processor.create_payout(request, idempotency_key=key)
    assert processor.create_payout(request, idempotency_key=key) == first
    assert (first.status, first.payout_reference) == (ProcessorPayoutStatus.PENDING, request.reference)
    assert isinstance(first.arrival_date, dt.date)
    found = processor.find_payout(request.reference, processor_account_id=account.processor_account_id)
    assert found == first
    assert processor.retrieve_account_balance(account.processor_account_id) == AccountBalance(
        {"EUR": 1_000}, {"EUR": 0}
    )
    sandbox.advance_clock(3 * DAY)
    settled()
    paid = processor.retrieve_payout(first.processor_payout_id, processor_account_id=account.processor_account_id)
    assert paid.status is ProcessorPayoutStatus.PAID


def test_a_payout_that_the_bank_sends_back_stops_the_next_until_the_details_change(
    sandbox: SandboxProcess, processor: Processor
) -> None:
    account = funded(processor, 5_000)
    account_id = account.processor_account_id
    control(f"accounts/{account_id}/bank", account_number="DE62370400440532013001")
    before = processor.retrieve_account(account_id).bank
    made_ = processor.create_payout(asked(account, 4_000), idempotency_key="k1")
    sandbox.advance_clock(3 * DAY)
    settled()
    failed = processor.retrieve_payout(made_.processor_payout_id, processor_account_id=account_id)
    assert (failed.status, failed.failure_code) == (ProcessorPayoutStatus.FAILED, PayoutFailure.ACCOUNT_NOT_FOUND)
    assert processor.retrieve_account_balance(account_id).available == {"EUR": 5_000}
    stopped = processor.retrieve_account(account_id)
    assert (stopped.transfers_enabled, stopped.payouts_enabled) == (True, False)
    assert stopped.requirements.past_due == (Requirement.BANK_ACCOUNT,)
    assert stopped.bank is not None and not stopped.bank.is_usable
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_payout(asked(account, 4_000), idempotency_key="k2")
    assert refused.value.processor_code == "bank_account_unusable"
    control(f"accounts/{account_id}/bank", account_number="AT611904300234573201")
    changed = processor.retrieve_account(account_id).bank
    assert before is not None and changed is not None
    assert (changed.is_usable, changed.fingerprint != before.fingerprint) == (True, True)
    again = processor.create_payout(asked(account, 5_000), idempotency_key="k3")
    assert again.status is ProcessorPayoutStatus.PENDING


def test_more_than_the_account_has_is_refused_and_our_own_balance_tells_what_is_free(processor: Processor) -> None:
    account = funded(processor, 500)
    with pytest.raises(ProcessorRefused) as refused:
        processor.create_payout(asked(account, 501), idempotency_key="k1")
    assert refused.value.processor_code == "balance_insufficient"
    before = processor.retrieve_balance().available.get("EUR", 0)
    control("topups", amount=1_234)
    balance = processor.retrieve_balance()
    assert balance.available["EUR"] - before == 1_234
    assert balance.total["EUR"] == balance.available["EUR"] + balance.pending["EUR"]
