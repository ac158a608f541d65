"""Runs: one at a time, taken up where they were killed, daily, and staff hear of what is unexplained."""

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import requests
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import CommandError
from django.db import connection, connections

from common.clock import now as clock_now
from identity.models import User
from payments.contracts import ProcessorUnavailable
from payments.processors.stripe.reporting import StripeReports
from reconciliation import services
from reconciliation.contracts import RunInProgress
from reconciliation.models import PlatformPayout, ReconciliationRun, StatementLine
from reconciliation.services.run import reconcile
from tests.orders.fixtures import RunOutbox
from tests.orders.wire import Wire
from tests.reconciliation.shop import sale
from tests.reconciliation.statements import HOUR, command, control, found, ran
from webhooks.contracts import Claim, ClaimedEvent
from webhooks.enums import EventEdge
from webhooks.services.dispatch import dispatch

pytestmark = pytest.mark.usefixtures("no_broker")
DAY = dt.timedelta(days=1)


class Killed(BaseException):
    """As SIGKILL: nothing of ours sees it."""


@pytest.mark.django_db
def test_a_killed_run_is_taken_up_where_it_stopped(stripe: Wire) -> None:
    sale(stripe)
    told: list[str] = []

    def dies(words: str) -> None:
        told.append(words)
        if len(told) == 2:
            raise Killed

    with pytest.raises(Killed):
        reconcile(now=clock_now(), since=clock_now() - 20 * DAY, processors=["stripe"], step=dies)
    killed = ReconciliationRun.objects.get()
    assert killed.status == "running"
    stopped_at = killed.progress["stripe"]
    again: list[str] = []
    run, _ = reconcile(now=clock_now(), processors=["stripe"], step=again.append)
    assert run == killed
    run.refresh_from_db()
    assert (run.status, run.since) == ("complete", killed.since)
    assert run.progress["stripe"] > stopped_at
    windows = [words for words in told + again if "fetched until" in words]
    # Each window once, though the run was begun twice: 27 days in weeks.
    assert len(windows) == len(set(windows)) == 4
    assert StatementLine.objects.count() == 1
    assert found() == []


@pytest.mark.django_db
def test_a_killed_run_is_over_when_another_period_is_asked_for(stripe: Wire) -> None:
    def dies(_: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        reconcile(now=clock_now(), step=dies)
    run = ran(since=clock_now() - DAY)
    assert [row.status for row in ReconciliationRun.objects.order_by("id")] == ["failed", "complete"]
    assert run.status == "complete"


@pytest.mark.django_db
def test_a_processor_that_does_not_answer_breaks_a_run_off_and_the_next_one_goes_on(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale(stripe)

    def silent(*_: Any) -> Any:
        raise ProcessorUnavailable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(StripeReports, "list_movements", silent)
        with pytest.raises(CommandError, match="no answer"):
            command()
    assert ReconciliationRun.objects.get().status == "failed"
    assert command()[0] == 0
    assert ReconciliationRun.objects.get().status == "complete"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_runs_and_the_other_says_so(stripe: Wire) -> None:
    first_is_in, second_is_done = threading.Event(), threading.Event()
    ended: list[str] = []

    def waits(_: str) -> None:
        first_is_in.set()
        assert second_is_done.wait(timeout=60)

    def first() -> None:
        try:
            run, _ = reconcile(now=clock_now(), processors=["stripe"], step=waits)
            ended.append(run.status)
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert first_is_in.wait(timeout=60)
        with pytest.raises(RunInProgress):
            reconcile(now=clock_now(), processors=["stripe"])
        with pytest.raises(CommandError, match="Another reconciliation is running"):
            command()
    finally:
        second_is_done.set()
        thread.join(timeout=60)
    assert ended == ["complete"]
    # And then the next one may.
    assert command()[0] == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_holds_no_lock(stripe: Wire) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [0x4EC0])
    with pytest.raises(RunInProgress):
        ran()
    other.close()
    # The server ends the session when it has read that its client is gone.
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(RunInProgress):
            assert ran().status == "complete"
            return
        time.sleep(0.02)
    raise AssertionError("the lock outlived its process")


# ---- daily, and who hears of it ------------------------------------


@pytest.fixture
def finance() -> User:
    user = User.objects.create_user("finance@example.org", "x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="propose_journal"))
    return user


@pytest.mark.django_db
def test_once_a_day_staff_are_written_to_about_what_is_unexplained(
    stripe: Wire, run_outbox: RunOutbox, finance: User
) -> None:
    sale(stripe)
    control(stripe, "/movements", {"type": "adjustment", "amount": -250})
    assert services.reconcile_daily(now=clock_now()) == "unexplained"
    run_outbox()
    letters = [one for one in mail.outbox if one.to == [finance.email]]
    assert [one.subject for one in letters] == ["Reconciliation: 1 difference to be explained"]
    assert "-€2.50" in letters[0].body and "missing here" in letters[0].body
    assert "/admin/reconciliation/reconciliationexception/?status__exact=open" in letters[0].body
    assert isinstance(letters[0], EmailMultiAlternatives)
    html = str(letters[0].alternatives[0][0])
    assert "-€2.50" in html and "Explain them" in html
    assert services.reconcile_daily(now=clock_now() + HOUR) == "not due"
    run_outbox()
    assert len([one for one in mail.outbox if one.to == [finance.email]]) == 1


@pytest.mark.django_db
def test_nobody_is_written_to_when_everything_is_explained(stripe: Wire, run_outbox: RunOutbox, finance: User) -> None:
    sale(stripe)
    before = len(mail.outbox)
    assert services.reconcile_daily(now=clock_now()) == "explained"
    run_outbox()
    assert [one for one in mail.outbox[before:] if one.to == [finance.email]] == []


@pytest.mark.django_db
def test_staff_hear_once_a_day_that_it_could_not_be_finished(
    stripe: Wire, run_outbox: RunOutbox, finance: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any) -> Any:
        raise ProcessorUnavailable("no answer")

    monkeypatch.setattr(StripeReports, "list_movements", silent)
    noon = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
    assert services.reconcile_daily(now=noon) == "broke off"
    assert services.reconcile_daily(now=noon + HOUR) == "broke off"
    run_outbox()
    letters = [one for one in mail.outbox if one.to == [finance.email]]
    assert [one.subject for one in letters] == ["Reconciliation could not be finished"]
    assert "no answer" in letters[0].body


# ---- news ------------------------------------


@pytest.mark.django_db
def test_news_of_our_own_payout_book_it_before_any_run(stripe: Wire, deliver_news: Callable[[str, str], str]) -> None:
    sale(stripe)
    stripe.advance(4 * 24 * 3600)
    made = control_payout(stripe, 3000)
    assert deliver_news("payout.created", made) == "done"
    row = PlatformPayout.objects.get()
    assert (row.processor_payout_id, row.amount_minor, row.status) == (made, 3000, "sent")
    assert row.arrival_date is not None
    assert deliver_news("payout.paid", made) == "done"
    assert PlatformPayout.objects.count() == 1
    assert deliver_news("payout.created", "po_nobodys") == "not for us"


def control_payout(stripe: Wire, amount: int) -> str:
    made = requests.post(
        f"{stripe.url}/v1/payouts", data={"amount": str(amount), "currency": "eur"},
        headers={"Idempotency-Key": uuid.uuid4().hex}, auth=("sk_test_sandbox", ""), timeout=15,
    )  # fmt: skip
    made.raise_for_status()
    return str(made.json()["id"])


@pytest.fixture
def deliver_news() -> Callable[[str, str], str]:
    """What the inbox does with a verified event of ours."""

    def deliver(event_type: str, payout_id: str) -> str:
        event = ClaimedEvent(
            event_id=1, external_id="evt_1", event_type=event_type, reference="", connected_account_id="", trace_id=""
        )
        claim = Claim(
            lease=uuid.uuid4(), source="stripe", concern="platform_payout", subject_id=payout_id, events=(event,),
        )  # fmt: skip
        outcome = dispatch(claim=claim, now=clock_now())
        return {EventEdge.SETTLED: "done", EventEdge.NOT_FOR_US: "not for us"}.get(outcome.edge, outcome.note)

    return deliver
