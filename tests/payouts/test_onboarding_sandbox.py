"""The artisan's whole way over real HTTP to the sandbox: its pages, its news through the inbox, its faults."""

import datetime as dt
import re
from typing import Any

import pytest
import requests
import stripe
from django.conf import settings
from django.test import Client

from catalog.models import Artisan
from common.clock import now as clock_now
from payments.models import ProcessorRequest
from payouts import services
from payouts.models import ConnectedAccount, ConnectedAccountEvent, Payable
from tests.payouts.hub import run
from tests.payouts.sellers import applied
from tests.payouts.test_sandbox import sold_and_released
from tests.payouts.test_sandbox_connect import YOU, control, settled
from tests.support.sandbox import SandboxProcess
from webhooks.contracts import Claim, ClaimedEvent, Outcome
from webhooks.enums import EventEdge
from webhooks.services.dispatch import dispatch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
PAGE = "/selling/getting-paid/"
GOOD_IBAN = "DE89370400440532013000"


@pytest.fixture
def artisan(sandbox: SandboxProcess) -> Artisan:
    sandbox.webhook_mode("hold")
    application = applied()
    services.approve_application(application_id=application.pk, now=clock_now())
    return Artisan.objects.get(owner=application.user)


@pytest.fixture
def client(artisan: Artisan) -> Client:
    made = Client()
    made.force_login(artisan.owner)
    return made


def goes_through(link: str, **about: str) -> requests.Response:
    """The artisan on the processor's pages, until they are sent back."""
    browser = requests.Session()
    page = browser.get(link, timeout=10)
    page = browser.post(page.url, {**YOU, **about}, timeout=10)
    page = browser.post(page.url, {"holder": "Clara Byrne", "iban": GOOD_IBAN}, timeout=10)
    return browser.post(page.url, {"terms": "yes"}, timeout=10, allow_redirects=False)


def news(event_type: str = "account.updated", account_id: str = "") -> Outcome:
    """What the inbox hands on when an event about the account comes; whatever it may say, the processor is asked."""
    account_id = account_id or ConnectedAccount.objects.get().processor_account_id
    event = ClaimedEvent(
        event_id=1, external_id="evt_1", event_type=event_type, reference="", connected_account_id=account_id,
        trace_id="trace",
    )  # fmt: skip
    claim = Claim(lease=None, source="stripe", concern="seller_account", subject_id=account_id, events=(event,))  # type: ignore[arg-type]
    return dispatch(claim=claim, now=clock_now())


def the_account() -> ConnectedAccount:
    return ConnectedAccount.objects.get()


def page_of(client: Client, path: str = PAGE) -> str:
    html = client.get(path, follow=True).content.decode()
    return re.sub(r"\s+", " ", html)


def test_from_the_first_click_to_all_set_with_a_document_asked_for_in_between(client: Client) -> None:
    link = client.post(f"{PAGE}continue/").headers["Location"]
    assert link.startswith(settings.STRIPE_CONNECT_ORIGIN)
    assert "Name" not in page_of(client)
    assert "Your full legal name" in page_of(client)
    assert "The bank account that you are paid to" in page_of(client)
    back = goes_through(link, day="3", month="4", year="1985")
    assert back.headers["Location"].endswith(f"{PAGE}return/")
    control("clock", advance_seconds=10)
    settled()
    page = page_of(client, f"{PAGE}return/")
    assert "Not everything is there yet" in page
    assert "A photo of your identity document" in page
    assert "individual.verification" not in page
    assert the_account().transfers_enabled is False
    browser = requests.Session()
    form = browser.get(client.post(f"{PAGE}continue/").headers["Location"], timeout=10)
    answers = {
        "you": {**YOU, "day": "3", "month": "4", "year": "1985"},
        "documents": {"document": "file_identity_document_success"},
        "review": {"terms": "yes"},
    }
    for _ in range(3):
        step = form.url.rpartition("/")[2]
        form = browser.post(form.url, answers[step], timeout=10, allow_redirects=step != "review")
        if step == "review":
            break
    control("clock", advance_seconds=10)
    settled()
    assert news().edge is EventEdge.SETTLED
    assert (the_account().state, the_account().transfers_enabled) == ("enabled", True)
    assert "All set: you are paid to your bank account." in page_of(client)
    assert "ending in <strong>3000</strong>" in page_of(client)
    assert ProcessorRequest.objects.filter(kind="create_account").count() == 1


def test_what_was_earned_before_is_sent_by_the_next_run_by_itself(client: Client, artisan: Artisan) -> None:
    api = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    sold_and_released(api, [(artisan, 4500)])
    run(clock_now())
    assert Payable.objects.get().status == "released"
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    run(clock_now())
    assert Payable.objects.get().status == "released"
    news()
    run(clock_now())
    assert Payable.objects.get().status == "transferred"
    [sent] = api.v1.transfers.list({"limit": 10}).data
    assert (sent.amount, sent.destination) == (4500, the_account().processor_account_id)


def test_a_link_works_once_and_then_leads_to_a_new_one(client: Client) -> None:
    link = client.post(f"{PAGE}continue/").headers["Location"]
    assert "/setup/s/" in requests.get(link, timeout=10).url
    again = requests.get(link, timeout=10, allow_redirects=False)
    assert again.headers["Location"].endswith(f"{PAGE}refresh/")
    fresh = client.get(f"{PAGE}refresh/").headers["Location"]
    assert fresh != link
    assert "/setup/s/" in requests.get(fresh, timeout=10).url


def test_what_is_asked_for_later_is_due_then_overdue_then_settled(client: Client) -> None:
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    news()
    account_id = the_account().processor_account_id
    wanted = {"requirements": ["individual.verification.document"], "in_seconds": 10 * 24 * 3600}
    control(f"accounts/{account_id}/require", **wanted)
    news("capability.updated")
    assert (the_account().state, the_account().transfers_enabled) == ("requirements_due", True)
    due = the_account().deadline_at
    assert due is not None
    assert f"by {due.day} {due:%B %Y}" in page_of(client)
    assert "You are paid as before" in page_of(client)
    control("clock", advance_seconds=11 * 24 * 3600)
    settled()
    news()
    assert (the_account().state, the_account().transfers_enabled) == ("past_due", False)
    assert '<span class="tag bad">needed now</span>' in page_of(client)
    control(f"accounts/{account_id}/verify")
    settled()
    news()
    assert (the_account().state, the_account().transfers_enabled) == ("enabled", True)


def test_a_closed_account_is_seen_as_closed(client: Client) -> None:
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    news()
    control(f"accounts/{the_account().processor_account_id}/disable", reason="rejected.fraud")
    news()
    assert (the_account().state, the_account().transfers_enabled) == ("rejected", False)
    assert "rejected.fraud" not in page_of(client)


def test_withdrawn_access_is_seen_and_another_account_is_connected(client: Client) -> None:
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    news()
    former = the_account().processor_account_id
    control(f"accounts/{former}/deauthorize")
    assert news("account.application.deauthorized").edge is EventEdge.SETTLED
    assert (the_account().state, the_account().transfers_enabled) == ("deauthorized", False)
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    assert "Everything is there: you can be paid." in page_of(client, f"{PAGE}return/")
    assert the_account().processor_account_id != former
    assert news(account_id=former).edge is EventEdge.NOT_FOR_US


def test_news_that_come_before_our_own_record_wait_for_it(client: Client, sandbox: SandboxProcess) -> None:
    assert news(account_id="acct_of_somebody_else").edge is EventEdge.NOT_FOR_US
    sandbox.fault(path="^/v1/accounts$", kind="answer_lost")
    client.post(f"{PAGE}continue/")
    [made] = requests.get(f"{settings.STRIPE_API_BASE}/_sandbox/accounts", timeout=10).json()["accounts"]
    assert news(account_id=made["id"]).edge is EventEdge.OBJECT_UNKNOWN
    services.resolve_accounts(now=clock_now() + dt.timedelta(hours=1))
    assert services.settle_account(processor_account_id=made["id"], now=clock_now() + dt.timedelta(hours=2)) is not None


def test_an_account_made_without_an_answer_is_found_and_not_made_again(client: Client, sandbox: SandboxProcess) -> None:
    sandbox.fault(path="^/v1/accounts$", kind="answer_lost")
    assert "Stripe does not answer" in client.post(f"{PAGE}continue/", follow=True).content.decode()
    assert ConnectedAccount.objects.count() == 0
    assert services.resolve_accounts(now=clock_now() + dt.timedelta(hours=1)) == 1
    api = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    [made] = api.v1.accounts.list({"limit": 10}).data
    assert the_account().processor_account_id == made.id
    assert [event.to_state for event in ConnectedAccountEvent.objects.all()] == ["incomplete"]


def test_a_link_that_can_not_be_made_is_asked_for_again(client: Client, sandbox: SandboxProcess) -> None:
    sandbox.fault(path="^/v1/account_links$", kind="reset", times=3)
    page = client.post(f"{PAGE}continue/", follow=True).content.decode()
    assert "Stripe does not answer at the moment" in page
    sandbox.clear_faults()
    assert client.post(f"{PAGE}continue/").status_code == 302


def test_a_bank_that_sends_money_back_is_shown_until_the_details_change(client: Client) -> None:
    goes_through(client.post(f"{PAGE}continue/").headers["Location"])
    news()
    account_id = the_account().processor_account_id
    control(f"accounts/{account_id}/bank", account_number="DE89370400440532013002")
    news("account.external_account.updated")
    changed: Any = the_account().bank_changed_at
    assert changed is not None
    assert the_account().bank_last4 == "3002"
