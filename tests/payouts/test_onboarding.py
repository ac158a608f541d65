"""From an artisan without an account to one who can be paid, and what may happen to the account afterwards."""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from catalog.models import Artisan
from common.clock import now as clock_now
from common.models import AuditRecord, OutboxMessage
from identity.models import User
from payments.contracts import (
    AccountFound,
    AccountRequirements,
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import AccountHalt, Requirement, RequirementProblem
from payments.models import ProcessorRequest
from payouts import services
from payouts.contracts import ConnectionRefused
from payouts.emails import onboarding as letters
from payouts.enums import SELLER_COUNTRIES, AccountState, payable_currencies
from payouts.models import ConnectedAccount, ConnectedAccountEvent
from payouts.services.accounts import AccountContradiction, UnknownAccount, state_of
from payouts.services.applications import DetailsInvalid
from payouts.services.guidance import HOW, MEND, asked_of, sentence
from payouts.services.onboarding import AccountClosed, CountryNeeded
from payouts.views.paid import LinkThrottle
from tests.orders.shop import new_artisan, new_user
from tests.payouts.hub import sell
from tests.payouts.sellers import (
    ALL_SET,
    BANK,
    CLOSED,
    DEADLINE,
    DOCUMENT_DUE,
    FakeAccounts,
    applied,
    new_account,
)
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
PAGE = "/selling/getting-paid/"


def approved() -> Artisan:
    """Somebody who applied from Ireland."""
    application = applied()
    services.approve_application(application_id=application.pk, now=NOW)
    OutboxMessage.objects.all().delete()
    return Artisan.objects.get(owner=application.user)


def client_of(artisan: Artisan) -> Client:
    client = Client()
    client.force_login(artisan.owner)
    return client


def settle(accounts: FakeAccounts, *, at: dt.datetime, **found: Any) -> ConnectedAccount:
    """The processor says so from now on, and tells us that it is worth asking."""
    account = ConnectedAccount.objects.get()
    if found:
        accounts.change(account.processor_account_id, **found)
    settled = services.settle_account(processor_account_id=account.processor_account_id, now=at)
    assert settled is not None
    return settled


def states() -> list[tuple[str, str]]:
    return list(ConnectedAccountEvent.objects.order_by("id").values_list("from_state", "to_state"))


def letters_waiting() -> list[str]:
    """Tasks that wait, sent and forgotten."""
    waiting = OutboxMessage.objects.filter(task__startswith="payouts.tasks.send_")
    tasks = sorted(waiting.values_list("task", flat=True))
    for message in waiting.order_by("id"):
        send: Callable[..., None] = getattr(letters, message.task.removeprefix("payouts.tasks."))
        send(**message.kwargs)
    OutboxMessage.objects.all().delete()
    return [task.removeprefix("payouts.tasks.send_") for task in tasks]


# ---- making the account


def test_the_first_click_makes_the_account_and_leads_to_stripe(accounts: FakeAccounts) -> None:
    artisan = approved()
    answer = client_of(artisan).post(f"{PAGE}continue/")
    [made] = accounts.made
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"https://connect.stripe.com/setup/e/{made.processor_account_id}/0"
    [asked] = accounts.asked
    assert (asked.reference, asked.country, asked.currency) == (artisan.public_id, "IE", "EUR")
    assert (asked.email, asked.has_test_identity) == (artisan.owner.email, False)
    assert accounts.links[0].endswith(
        " http://testserver/selling/getting-paid/return/ http://testserver/selling/getting-paid/refresh/"
    )
    account = ConnectedAccount.objects.get()
    assert (account.artisan, account.state, account.transfers_enabled) == (artisan, "incomplete", False)
    assert states() == [("not_started", "incomplete")]
    assert ProcessorRequest.objects.get().state == "succeeded"


def test_the_next_click_makes_a_new_link_to_the_same_account(accounts: FakeAccounts) -> None:
    client = client_of(approved())
    first = client.post(f"{PAGE}continue/").headers["Location"]
    second = client.post(f"{PAGE}continue/").headers["Location"]
    assert first != second
    assert len(accounts.made) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_make_one_account(accounts: FakeAccounts) -> None:
    artisan = approved()
    accounts.during = lambda: time.sleep(0.2)
    results = at_once([lambda: services.start_onboarding(artisan_id=artisan.pk, now=clock_now()).url] * 3)
    assert len(accounts.made) == 1
    assert len({str(result) for result in results}) == 3
    assert all(f"/{accounts.made[0].processor_account_id}/" in str(result) for result in results)
    assert ConnectedAccount.objects.count() == 1
    assert ProcessorRequest.objects.count() == 1
    assert states() == [("not_started", "incomplete")]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_click_while_the_key_is_in_use_is_told_to_wait_and_makes_nothing(accounts: FakeAccounts) -> None:
    artisan = approved()
    accounts.before = [ProcessorUnavailable("key in use", processor_code="idempotency_key_in_use")]
    with pytest.raises(ProcessorUnavailable):
        services.start_onboarding(artisan_id=artisan.pk, now=clock_now())
    assert accounts.made == []
    assert ProcessorRequest.objects.get().state == "prepared"
    services.start_onboarding(artisan_id=artisan.pk, now=clock_now())
    assert len(accounts.made) == 1
    assert ProcessorRequest.objects.count() == 1


def test_an_account_whose_answer_was_lost_is_found_at_the_next_click(accounts: FakeAccounts) -> None:
    client = client_of(approved())
    accounts.after = [OutcomeUnknown("time-out")]
    answer = client.post(f"{PAGE}continue/", follow=True)
    assert "Stripe does not answer at the moment" in answer.content.decode()
    assert ConnectedAccount.objects.count() == 0
    assert ProcessorRequest.objects.get().state == "unknown"
    assert client.post(f"{PAGE}continue/").status_code == 302
    assert len(accounts.made) == len(accounts.asked) == 1
    assert ConnectedAccount.objects.get().processor_account_id == accounts.made[0].processor_account_id


def test_an_account_whose_answer_was_lost_is_found_by_the_sweeper(accounts: FakeAccounts) -> None:
    artisan = approved()
    accounts.after = [OutcomeUnknown("time-out")]
    with pytest.raises(OutcomeUnknown):
        services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    assert services.resolve_accounts(now=NOW) == 0  # not due yet
    assert services.resolve_accounts(now=NOW + 60 * MINUTE) == 1
    assert len(accounts.made) == 1
    assert ConnectedAccount.objects.get().artisan == artisan


def test_what_stripe_refuses_is_refused_and_asked_anew_with_the_next_click(accounts: FakeAccounts) -> None:
    artisan = approved()
    accounts.before = [ProcessorRefused("no such country", processor_code="country_unsupported")]
    with pytest.raises(ProcessorRefused):
        services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    assert list(ProcessorRequest.objects.order_by("id").values_list("attempt", "state")) == [
        (1, "failed"), (2, "succeeded"),
    ]  # fmt: skip


def test_who_never_said_where_they_work_is_asked_and_it_has_to_fit_the_currency(accounts: FakeAccounts) -> None:
    artisan = new_artisan()
    client = client_of(artisan)
    assert "Please choose" in client.get(PAGE).content.decode()
    for wrong in ("", "RU", "ie"):
        with pytest.raises(CountryNeeded):
            services.start_onboarding(artisan_id=artisan.pk, country=wrong, now=NOW)
    with pytest.raises(DetailsInvalid, match="USD"):
        services.start_onboarding(artisan_id=artisan.pk, country="US", now=NOW)
    assert accounts.asked == []
    client.post(f"{PAGE}continue/", {"country": "PT"})
    assert accounts.asked[0].country == "PT"
    assert "Please choose" not in client.get(PAGE).content.decode()


def test_what_an_applicant_said_counts_more_than_what_a_form_says(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, country="PT", now=NOW)
    assert accounts.asked[0].country == "IE"


def test_test_identities_are_refused_in_production(accounts: FakeAccounts, settings: Any) -> None:
    artisan = approved()
    settings.IS_PRODUCTION = True
    with pytest.raises(ConnectionRefused):
        services.open_account(artisan_id=artisan.pk, country="IE", has_test_identity=True, source="page", now=NOW)
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    assert [one.has_test_identity for one in accounts.asked] == [False]


# ---- what the processor says of it


def test_news_are_asked_about_and_each_change_is_told_once(accounts: FakeAccounts) -> None:
    artisan = approved()
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    assert letters_waiting() == []
    account = settle(accounts, at=NOW + MINUTE, **ALL_SET)
    assert (account.state, account.transfers_enabled, account.payouts_enabled) == ("enabled", True, True)
    assert (account.bank_name, account.bank_last4, account.bank_currency) == ("Stripe Test Bank", "3000", "EUR")
    settle(accounts, at=NOW + 2 * MINUTE)
    assert letters_waiting() == ["account_letter"]
    account = settle(accounts, at=NOW + 3 * MINUTE, **DOCUMENT_DUE)
    assert (account.state, account.deadline_at, account.transfers_enabled) == ("requirements_due", DEADLINE, True)
    settle(accounts, at=NOW + 4 * MINUTE)
    assert letters_waiting() == ["account_letter"]
    assert states() == [
        ("not_started", "incomplete"), ("incomplete", "enabled"), ("enabled", "requirements_due"),
    ]  # fmt: skip
    assert [one.subject for one in mail.outbox] == [
        "All set: you can be paid", "Something is needed so that we can go on paying you",
    ]  # fmt: skip
    body = str(mail.outbox[1].body)
    assert "Needed by 24 December 2026" in body
    assert "A photo of your identity document" in body
    assert "too blurry or dark" in body
    assert "/selling/getting-paid/" in body
    assert "Until then you are paid as before." in body
    assert "verification" not in body
    trail = AuditRecord.objects.filter(subject=artisan.public_id).order_by("id").values_list("event_type", flat=True)
    assert list(trail) == [
        "artisan.connected", "account.incomplete", "account.onboarding", "account.enabled", "account.requirements_due",
    ]  # fmt: skip


def test_what_is_past_due_stops_the_money_and_settled_lets_it_go_on(accounts: FakeAccounts) -> None:
    artisan = approved()
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    settle(accounts, at=NOW + MINUTE, **ALL_SET)
    stopped = AccountRequirements(past_due=(Requirement.ID_NUMBER,), disabled_reason=AccountHalt.PAST_DUE)
    account = settle(accounts, at=NOW + 2 * MINUTE, **{**ALL_SET, "transfers_enabled": False, "requirements": stopped})
    assert (account.state, account.transfers_enabled) == ("past_due", False)
    page = client_of(artisan).get(PAGE).content.decode()
    assert "something it has to know is missing" in page
    assert "Your tax or identity number" in page
    account = settle(accounts, at=NOW + 3 * MINUTE, **ALL_SET)
    assert (account.state, account.transfers_enabled) == ("enabled", True)


def test_nothing_is_transferred_to_an_account_that_can_not_pay_out(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    no_bank = AccountRequirements(past_due=(Requirement.BANK_ACCOUNT,), disabled_reason=AccountHalt.PAST_DUE)
    account = settle(accounts, at=NOW + MINUTE, **{**ALL_SET, "payouts_enabled": False, "requirements": no_bank})
    assert (account.transfers_enabled, account.payouts_enabled) == (False, False)


def test_a_closed_account_is_the_end_and_staff_are_told(accounts: FakeAccounts) -> None:
    staff = new_user(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="ask_connectedaccount"))
    artisan = approved()
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    account = settle(accounts, at=NOW + MINUTE, **CLOSED)
    assert (account.state, account.transfers_enabled) == ("rejected", False)
    assert letters_waiting() == ["account_letter", "account_to_staff"]
    assert [one.to[0] for one in mail.outbox] == [artisan.owner.email, staff.email]
    with pytest.raises(AccountClosed):
        services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    page = client_of(artisan).get(PAGE).content.decode()
    assert "Stripe has closed your account" in page
    assert f'action="{PAGE}continue/"' not in page


def test_a_disconnected_account_stops_the_money_and_another_takes_its_place(accounts: FakeAccounts) -> None:
    artisan = approved()
    services.start_onboarding(artisan_id=artisan.pk, now=NOW)
    former = settle(accounts, at=NOW + MINUTE, **ALL_SET).processor_account_id
    accounts.change(former, is_connected=False, account_reference="", country="", bank=None)
    account = settle(accounts, at=NOW + 2 * MINUTE, transfers_enabled=False, payouts_enabled=False)
    assert (account.state, account.transfers_enabled, account.country) == ("deauthorized", False, "IE")
    assert letters_waiting() == ["account_letter", "account_letter"]
    assert [one.subject for one in mail.outbox] == ["Your Stripe account is no longer connected"]
    client = client_of(artisan)
    assert "3000" not in client.get(PAGE).content.decode()
    client.post(f"{PAGE}continue/")
    account = ConnectedAccount.objects.get()
    assert account.processor_account_id != former
    assert account.state == "incomplete"
    assert len(accounts.made) == 2
    settle(accounts, at=clock_now() + MINUTE, **ALL_SET)
    # Late news of the former one change nothing.
    assert services.settle_account(processor_account_id=former, now=clock_now() + 2 * MINUTE) is None
    assert ConnectedAccount.objects.get().state == "enabled"
    history = list(ConnectedAccountEvent.objects.order_by("id").values_list("processor_account_id", "to_state"))
    now_one = account.processor_account_id
    assert history == [
        (former, "incomplete"), (former, "enabled"), (former, "deauthorized"),
        (now_one, "incomplete"), (now_one, "enabled"),
    ]  # fmt: skip


def test_another_bank_account_is_told_to_the_artisan(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    assert settle(accounts, at=NOW + MINUTE, **ALL_SET).bank_changed_at is None
    letters_waiting()
    other = dataclasses.replace(BANK, last4="9999", fingerprint="print2")
    account = settle(accounts, at=NOW + 2 * MINUTE, **{**ALL_SET, "bank": other})
    assert (account.bank_last4, account.bank_changed_at) == ("9999", NOW + 2 * MINUTE)
    assert letters_waiting() == ["bank_changed"]
    assert "ending in 9999" in str(mail.outbox[-1].body)
    assert "change your password" in str(mail.outbox[-1].body)


def test_an_older_answer_does_not_overwrite_a_newer_one(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    settle(accounts, at=NOW + 2 * MINUTE, **ALL_SET)
    account = settle(accounts, at=NOW + MINUTE, **CLOSED)
    assert account.state == "enabled"
    assert settle(accounts, at=NOW + 3 * MINUTE).state == "rejected"


def test_an_account_of_somebody_else_is_not_taken_for_the_artisans(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    with pytest.raises(AccountContradiction):
        settle(accounts, at=NOW + MINUTE, **ALL_SET, account_reference="art_of_somebody_else")
    assert ConnectedAccount.objects.get().state == "incomplete"


def test_an_account_that_nobody_has_is_unknown(accounts: FakeAccounts) -> None:
    with pytest.raises(UnknownAccount):
        services.settle_account(processor_account_id="acct_nobody", now=NOW)


def test_a_letter_that_comes_late_is_not_sent(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    settle(accounts, at=NOW + MINUTE, **DOCUMENT_DUE)
    settle(accounts, at=NOW + 2 * MINUTE, **ALL_SET)
    assert letters_waiting() == ["account_letter", "account_letter"]
    assert [one.subject for one in mail.outbox] == ["All set: you can be paid"]


# ---- nobody tells us


def test_silent_accounts_are_asked_about_by_the_sweeper(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    accounts.change(accounts.made[0].processor_account_id, **ALL_SET)
    assert services.look_after_accounts(now=NOW + 60 * MINUTE) == 0
    assert services.look_after_accounts(now=NOW + 361 * MINUTE) == 1
    assert ConnectedAccount.objects.get().state == "enabled"
    assert services.look_after_accounts(now=NOW + 362 * MINUTE) == 0
    assert ConnectedAccountEvent.objects.latest("id").source == "sweeper"


def test_a_sweeper_that_gets_no_answer_comes_again(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=NOW)
    accounts.change(accounts.made[0].processor_account_id, **ALL_SET)
    accounts.look_up_fails = [OutcomeUnknown("time-out")]
    later = NOW + dt.timedelta(days=1)
    assert services.look_after_accounts(now=later) == 0
    assert services.look_after_accounts(now=later + 6 * MINUTE) == 1


# ---- pages


def test_coming_back_before_anything_is_verified_says_so(accounts: FakeAccounts) -> None:
    client = client_of(approved())
    client.post(f"{PAGE}continue/")
    page = client.get(f"{PAGE}return/", follow=True).content.decode()
    assert "Not everything is there yet" in page
    assert "You have begun to set up your payouts, but not finished yet." in page
    accounts.change(
        accounts.made[0].processor_account_id, details_submitted=True, requirements=AccountRequirements(
            pending_verification=(Requirement.IDENTITY_DOCUMENT,), disabled_reason=AccountHalt.PENDING_VERIFICATION
        ),
    )  # fmt: skip
    page = client.get(f"{PAGE}return/", follow=True).content.decode()
    assert "Stripe has what it needs and is checking it." in page
    assert "a photo of your identity document" in page


def test_opening_the_way_back_without_having_been_there_changes_nothing(accounts: FakeAccounts) -> None:
    client = client_of(approved())
    page = client.get(f"{PAGE}return/?account=acct_other&enabled=true", follow=True).content.decode()
    assert "You have not yet told our payment processor" in page
    assert ConnectedAccount.objects.count() == 0
    assert accounts.asked == []


def test_a_link_that_was_used_leads_to_a_new_one_and_never_makes_an_account(accounts: FakeAccounts) -> None:
    client = client_of(approved())
    assert client.get(f"{PAGE}refresh/").headers["Location"] == PAGE
    assert accounts.asked == []
    client.post(f"{PAGE}continue/")
    assert client.get(f"{PAGE}refresh/").headers["Location"].endswith("/1")


def test_who_clicks_on_and_on_is_told_when_to_try_again_and_stripe_is_not_asked(
    accounts: FakeAccounts, no_throttle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(LinkThrottle, "timer", lambda _: clock[0])
    client, other = client_of(approved()), client_of(new_artisan())
    for _ in range(9):
        client.post(f"{PAGE}continue/")
    # The link that Stripe's own page asks for counts too.
    assert client.get(f"{PAGE}refresh/").headers["Location"].endswith("/9")
    clock[0] += 20
    pages = [client.post(f"{PAGE}continue/", follow=True), client.get(f"{PAGE}refresh/", follow=True)]
    for page in pages:
        told = "You have been led to Stripe many times in a minute. Please try again in 40 seconds."
        assert told in page.content.decode()
    assert len(accounts.links) == 10
    assert other.post(f"{PAGE}continue/", {"country": "IE"}).headers["Location"].endswith("/10")
    clock[0] += 40
    assert client.post(f"{PAGE}continue/").headers["Location"].endswith("/11")


def test_what_was_earned_is_seen_to_wait(accounts: FakeAccounts) -> None:
    artisan = approved()
    sell([(artisan, 4321)])
    page = client_of(artisan).get(PAGE).content.decode()
    assert "€43.21" in page
    assert "It stays yours, and is sent once Stripe can pay you." in page


def test_the_way_to_stripe_is_open_on_this_page_alone(accounts: FakeAccounts, settings: Any) -> None:
    client = client_of(approved())
    open_to = f"form-action 'self' {settings.STRIPE_CONNECT_ORIGIN};"
    assert open_to in client.get(PAGE).headers["Content-Security-Policy"] + ";"
    elsewhere = client.get("/selling/goods/").headers["Content-Security-Policy"]
    assert "form-action 'self';" in elsewhere + ";"


@pytest.mark.parametrize("path", ["", "continue/", "return/", "refresh/"])
def test_who_is_no_artisan_finds_nothing(accounts: FakeAccounts, path: str) -> None:
    buyer: User = new_user()
    client = Client()
    client.force_login(buyer)
    answer = client.post(f"{PAGE}{path}") if path == "continue/" else client.get(f"{PAGE}{path}")
    assert answer.status_code == 404
    guest = Client().post(f"{PAGE}{path}") if path == "continue/" else Client().get(f"{PAGE}{path}")
    assert guest.headers["Location"].startswith("/accounts/login/")
    assert accounts.asked == []


# ---- the desk


def test_staff_ask_stripe_now(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=clock_now() - MINUTE)
    account = ConnectedAccount.objects.get()
    accounts.change(account.processor_account_id, **DOCUMENT_DUE)
    staff = new_user(is_staff=True)
    staff.user_permissions.add(
        *Permission.objects.filter(codename__in=["ask_connectedaccount", "view_connectedaccount"])
    )
    client = Client()
    client.force_login(staff)
    form = {"action": "ask_now", "_selected_action": [account.pk]}
    page = client.post("/admin/payouts/connectedaccount/", form, follow=True).content.decode()
    assert "something is asked for" in page
    page = client.get(f"/admin/payouts/connectedaccount/{account.pk}/change/").content.decode()
    assert "a photo of your identity document: The picture was too blurry or dark" in page
    assert ConnectedAccountEvent.objects.latest("id").actor == f"staff:{staff.pk}"


def test_staff_who_may_only_look_do_not_ask(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=approved().pk, now=clock_now() - MINUTE)
    account = ConnectedAccount.objects.get()
    accounts.change(account.processor_account_id, **ALL_SET)
    staff = new_user(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_connectedaccount"))
    client = Client()
    client.force_login(staff)
    client.post("/admin/payouts/connectedaccount/", {"action": "ask_now", "_selected_action": [account.pk]})
    account.refresh_from_db()
    assert account.state == "incomplete"


# ---- words


def found(**values: Any) -> AccountFound:
    class Asked:
        reference, country = "art_1", "IE"

    return dataclasses.replace(new_account("acct_1", Asked), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, AccountState.INCOMPLETE),
        (ALL_SET, AccountState.ENABLED),
        (DOCUMENT_DUE, AccountState.REQUIREMENTS_DUE),
        ({**DOCUMENT_DUE, "transfers_enabled": False}, AccountState.REQUIREMENTS_DUE),
        (CLOSED, AccountState.REJECTED),
        ({**CLOSED, "details_submitted": False}, AccountState.REJECTED),
        ({**ALL_SET, "is_connected": False}, AccountState.DEAUTHORIZED),
        ({**ALL_SET, "requirements": AccountRequirements(past_due=(Requirement.PHONE,))}, AccountState.PAST_DUE),
        (
            {**ALL_SET, "requirements": AccountRequirements(disabled_reason=AccountHalt.UNDER_REVIEW)},
            AccountState.RESTRICTED,
        ),
        ({**ALL_SET, "requirements": AccountRequirements(disabled_reason=AccountHalt.PAUSED)}, AccountState.RESTRICTED),
        ({**ALL_SET, "requirements": AccountRequirements(disabled_reason=AccountHalt.OTHER)}, AccountState.RESTRICTED),
        ({**ALL_SET, "transfers_enabled": False}, AccountState.PENDING_VERIFICATION),
        ({**ALL_SET, "payouts_enabled": False}, AccountState.PENDING_VERIFICATION),
        (
            {**ALL_SET, "transfers_enabled": False,
             "requirements": AccountRequirements(disabled_reason=AccountHalt.ACTION_REQUIRED)},
            AccountState.RESTRICTED,
        ),
        (
            {**ALL_SET, "requirements": AccountRequirements(pending_verification=(Requirement.NAME,))},
            AccountState.ENABLED,
        ),
    ],
)  # fmt: skip
def test_where_an_account_stands(values: dict[str, Any], state: AccountState) -> None:
    assert state_of(found(**values)) is state


def test_everything_that_can_be_asked_for_has_words_and_a_next_step() -> None:
    assert set(HOW) == set(Requirement)
    assert set(MEND) == set(RequirementProblem)
    for state in set(AccountState) - {AccountState.NOT_STARTED}:
        assert sentence(ConnectedAccount(state=state, halt="")).endswith(".")
    for halt in AccountHalt:
        assert sentence(ConnectedAccount(state=AccountState.RESTRICTED, halt=halt)).startswith("Stripe is holding")
    assert sentence(None).endswith(".")


def test_what_is_overdue_comes_first_and_nothing_twice() -> None:
    account = ConnectedAccount(
        details_submitted=True,
        requirements={
            "currently_due": ["terms", "phone"], "past_due": ["phone"],
            "errors": [{"requirement": "phone", "problem": "invalid"}],
        }
    )  # fmt: skip
    assert [(one.what, one.is_overdue, bool(one.mend)) for one in asked_of(account)] == [
        ("your phone number", True, True), ("that you accept the payment processor's terms", False, False),
    ]  # fmt: skip


def test_every_country_has_a_currency_of_the_shop(settings: Any) -> None:
    for country in SELLER_COUNTRIES:
        assert set(payable_currencies(country)) & set(settings.CURRENCIES)
