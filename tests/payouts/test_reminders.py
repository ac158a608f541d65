"""Reminders before Stripe's deadline: a week and a day before, once each, and none for what is told already."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from catalog.models import Artisan
from common.models import OutboxMessage
from payments.contracts import AccountRequirements, ProcessorUnavailable
from payments.enums import Requirement
from payouts import services
from payouts.emails import onboarding as letters
from payouts.models import ConnectedAccount
from payouts.services.guidance import deadline_notice
from tests.orders.shop import new_artisan
from tests.payouts.sellers import ALL_SET, CLOSED, DEADLINE, DOCUMENT_DUE, FakeAccounts
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
LONG_BEFORE = DEADLINE - 30 * DAY
WEEK = "Stripe needs something from you by 24 December 2026, in 7 days"
TOMORROW = "Stripe needs something from you by 24 December 2026, tomorrow"


@pytest.fixture
def account(accounts: FakeAccounts) -> ConnectedAccount:
    """Of an artisan who is paid, and was asked for a document 30 days before its deadline."""
    services.start_onboarding(artisan_id=new_artisan().pk, country="IE", now=LONG_BEFORE - DAY)
    says(accounts, LONG_BEFORE, **DOCUMENT_DUE)
    OutboxMessage.objects.all().delete()
    return ConnectedAccount.objects.get()


def says(accounts: FakeAccounts, at: dt.datetime, **found: Any) -> None:
    """What Stripe says from now on, and that we hear of it."""
    known = ConnectedAccount.objects.get()
    accounts.change(known.processor_account_id, **found)
    services.settle_account(processor_account_id=known.processor_account_id, now=at)


def sent(at: dt.datetime) -> list[str]:
    """Subjects of the letters that the schedule's work leads to at this time."""
    services.remind_of_deadlines(now=at)
    mail.outbox.clear()
    for message in OutboxMessage.objects.filter(task="payouts.tasks.send_deadline_letter").order_by("id"):
        letters.send_deadline_letter(**message.kwargs, now=at)
        message.delete()
    return [str(letter.subject) for letter in mail.outbox]


def test_a_week_and_a_day_before_and_once_each(account: ConnectedAccount) -> None:
    assert sent(DEADLINE - 7 * DAY - HOUR) == []
    assert sent(DEADLINE - 7 * DAY) == [WEEK]
    letter = mail.outbox[0]
    assert isinstance(letter, mail.EmailMultiAlternatives)
    body, html = str(letter.body), str(letter.alternatives[0][0])
    for told in (
        "A photo of your identity document", "too blurry or dark", "Otherwise Stripe stops paying you then.",
        "You can go on selling", "http://testserver/selling/getting-paid/",
    ):  # fmt: skip
        assert told in body
        assert told in html
    assert (body.count("http"), html.count("getting-paid")) == (1, 1)
    assert mail.outbox[0].to == [account.artisan.owner.email]
    for later in (HOUR, DAY, 5 * DAY):
        assert sent(DEADLINE - 7 * DAY + later) == []
    assert sent(DEADLINE - DAY) == [TOMORROW]
    assert sent(DEADLINE - HOUR) == []
    assert sent(DEADLINE + HOUR) == []


@pytest.mark.parametrize(
    ("before", "subject"),
    [
        (3 * DAY, "Stripe needs something from you by 24 December 2026, in 3 days"),
        (HOUR, "Stripe needs something from you by 24 December 2026, today"),
    ],
)
def test_a_schedule_that_stood_still_writes_one_letter_and_says_how_long_there_is(
    account: ConnectedAccount, before: dt.timedelta, subject: str
) -> None:
    assert sent(DEADLINE - before) == [subject]
    assert sent(DEADLINE - before + dt.timedelta(minutes=1)) == []


def test_a_schedule_that_stood_still_beyond_the_deadline_writes_none(account: ConnectedAccount) -> None:
    assert sent(DEADLINE + HOUR) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_runs_twice_at_once_asks_for_one_letter(account: ConnectedAccount) -> None:
    told = at_once([lambda: services.remind_of_deadlines(now=DEADLINE - DAY)] * 3)
    assert sorted(told) == [0, 0, 1]


def test_what_is_told_between_asking_and_sending_is_not_reminded_of(
    account: ConnectedAccount, accounts: FakeAccounts
) -> None:
    at = DEADLINE - 7 * DAY
    assert services.remind_of_deadlines(now=at) == 1
    # Stripe knows it, and its news have not come yet.
    accounts.change(account.processor_account_id, **ALL_SET)
    assert sent(at + HOUR) == []
    account.refresh_from_db()
    assert (account.state, account.deadline_at) == ("enabled", None)


def test_a_processor_that_does_not_answer_holds_no_reminder_back(
    account: ConnectedAccount, accounts: FakeAccounts
) -> None:
    accounts.look_up_fails = [ProcessorUnavailable()]
    assert sent(DEADLINE - DAY) == [TOMORROW]


def test_the_letter_of_a_week_is_not_sent_when_that_of_a_day_is_asked_for(account: ConnectedAccount) -> None:
    services.remind_of_deadlines(now=DEADLINE - 7 * DAY)
    assert sent(DEADLINE - HOUR) == ["Stripe needs something from you by 24 December 2026, today"]


def test_another_deadline_is_reminded_of_anew(account: ConnectedAccount, accounts: FakeAccounts) -> None:
    assert sent(DEADLINE - DAY) == [TOMORROW]
    asked = AccountRequirements(currently_due=(Requirement.ID_NUMBER,), current_deadline=DEADLINE + 30 * DAY)
    says(accounts, DEADLINE - HOUR, **{**ALL_SET, "requirements": asked})
    assert sent(DEADLINE) == []
    assert sent(DEADLINE + 23 * DAY) == ["Stripe needs something from you by 23 January 2027, in 7 days"]


def test_who_was_asked_five_days_before_has_that_letter_and_the_last_reminder(accounts: FakeAccounts) -> None:
    services.start_onboarding(artisan_id=new_artisan().pk, country="IE", now=LONG_BEFORE)
    says(accounts, DEADLINE - 5 * DAY, **DOCUMENT_DUE)
    assert sent(DEADLINE - 5 * DAY + HOUR) == []
    assert sent(DEADLINE - DAY) == [TOMORROW]


def test_a_closed_account_is_not_reminded(account: ConnectedAccount, accounts: FakeAccounts) -> None:
    due = AccountRequirements(
        currently_due=(Requirement.ID_NUMBER,), current_deadline=DEADLINE,
        disabled_reason=CLOSED["requirements"].disabled_reason,
    )  # fmt: skip
    says(accounts, LONG_BEFORE + DAY, **{**CLOSED, "requirements": due})
    assert sent(DEADLINE - DAY) == []


def test_who_is_not_paid_as_it_is_reads_what_is_true_for_them(
    account: ConnectedAccount, accounts: FakeAccounts
) -> None:
    says(accounts, LONG_BEFORE + DAY, **{**DOCUMENT_DUE, "transfers_enabled": False})
    assert sent(DEADLINE - 7 * DAY) == [WEEK]
    assert "Until it is there, Stripe can't pay you." in str(mail.outbox[0].body)


def test_the_days_are_set_in_the_environment(account: ConnectedAccount, settings: Any) -> None:
    settings.ACCOUNT_REMINDER_DAYS = (14, 2)
    assert len(sent(DEADLINE - 14 * DAY)) == 1
    assert sent(DEADLINE - 7 * DAY) == []
    assert len(sent(DEADLINE - 2 * DAY)) == 1


def test_the_dashboard_says_the_same_as_the_letter(account: ConnectedAccount, accounts: FakeAccounts) -> None:
    artisan = Artisan.objects.get()
    client = Client()
    client.force_login(artisan.owner)
    soon = dt.datetime.now(dt.UTC) + 3 * DAY
    ConnectedAccount.objects.update(deadline_at=soon)
    notice = deadline_notice(ConnectedAccount.objects.get(), now=soon - 3 * DAY)
    assert notice is not None
    page = client.get("/selling/money/").content.decode()
    for told in (notice.title.rpartition(",")[0], notice.asked[0].mend, "Otherwise Stripe stops paying you then."):
        assert told in page
    says(accounts, LONG_BEFORE + DAY, **ALL_SET)
    assert "Stripe needs something" not in client.get("/selling/money/").content.decode()
