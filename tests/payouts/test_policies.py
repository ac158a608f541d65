"""How artisans are paid: defaults, changes with their history, pauses, and what stands between them and a payout."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from catalog.models import Artisan
from common.models import OutboxMessage
from common.money import Money
from payouts import services
from payouts.contracts import PolicyTerms, ReasonMissing, TermsRefused, UnknownArtisan
from payouts.emails.pauses import send_pause_letter
from payouts.enums import NotPaid, PayoutSchedule
from payouts.models import ConnectedAccount, Payable, PayoutPolicy, PolicyEvent
from payouts.selectors import all_paused, policy_seen, why_not_paid
from tests.orders.shop import new_artisan
from tests.payouts.hub import NOW, audited, connected_artisan, released, sell

pytestmark = pytest.mark.django_db
TODAY = NOW.date()  # a Saturday
DAY = dt.timedelta(days=1)


def terms(artisan: Artisan, **changed: Any) -> PolicyTerms:
    return replace(policy_seen(artisan=artisan).terms, **changed)


def reasons(artisan: Artisan) -> list[str]:
    return [why.reason.value for why in why_not_paid(artisan=artisan, now=NOW)]


def test_every_artisan_gets_the_shops_defaults_once(django_assert_num_queries: Any) -> None:
    artisans = [new_artisan() for _ in range(3)]
    services.policy_of(artisan_id=artisans[0].pk, now=NOW)
    with django_assert_num_queries(1):
        assert services.ensure_policies(now=NOW) == 2
    assert services.ensure_policies(now=NOW) == 0
    for policy in PayoutPolicy.objects.filter(artisan__in=artisans):
        assert (policy.hold_days, policy.schedule, policy.next_payout_date) == (7, "daily", TODAY)
        assert (policy.minimum_minor, policy.reserve_bps, policy.reserve_days, policy.paused_at) == (0, 0, 0, None)


def test_policies_of_many_are_one_statement_once_they_are_there(django_assert_num_queries: Any) -> None:
    artisans = [new_artisan() for _ in range(3)]
    ids = [artisan.pk for artisan in artisans]
    assert set(services.policies_of(artisan_ids=ids, now=NOW)) == set(ids)
    with django_assert_num_queries(1):
        assert set(services.policies_of(artisan_ids=ids, now=NOW)) == set(ids)
    with pytest.raises(UnknownArtisan):
        services.policy_of(artisan_id=0, now=NOW)


def test_staff_change_terms_and_each_change_is_kept_with_its_old_value() -> None:
    artisan = new_artisan()
    services.change_policy(
        artisan_id=artisan.pk,
        terms=terms(artisan, hold_days=3, schedule=PayoutSchedule.WEEKLY, weekday=2, reserve_bps=1000, reserve_days=30),
        now=NOW,
    )
    policy = PayoutPolicy.objects.get(artisan=artisan)
    assert (policy.hold_days, policy.schedule, policy.weekday, policy.reserve_bps, policy.reserve_days) == (
        3, "weekly", 2, 1000, 30
    )  # fmt: skip
    assert policy.next_payout_date == dt.date(2026, 11, 25)
    changes = PolicyEvent.objects.filter(artisan=artisan).order_by("id")
    assert [(change.event, change.field, change.old_value, change.new_value) for change in changes] == [
        ("changed", "hold_days", "7", "3"),
        ("changed", "schedule", "daily", "weekly"),
        ("changed", "weekday", "0", "2"),
        ("changed", "reserve_bps", "0", "1000"),
        ("changed", "reserve_days", "0", "30"),
    ]
    assert audited(artisan.public_id) == [("payout_policy.changed", "succeeded")] * 5
    # The same again changes nothing and says nothing.
    services.change_policy(artisan_id=artisan.pk, terms=terms(artisan), now=NOW + DAY)
    assert PolicyEvent.objects.count() == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold_days": 91},
        {"hold_days": -1},
        {"weekday": 7},
        {"month_day": 0},
        {"month_day": 32},
        {"reserve_bps": 5001, "reserve_days": 30},
        {"reserve_bps": 100, "reserve_days": 181},
        {"reserve_bps": 100},
        {"reserve_days": 30},
        {"minimum": Money(-1, "EUR")},
        {"minimum": Money(100, "USD")},
    ],
)
def test_terms_out_of_bounds_are_refused(wrong: dict[str, Any]) -> None:
    artisan = new_artisan()
    with pytest.raises(TermsRefused):
        services.change_policy(artisan_id=artisan.pk, terms=terms(artisan, **wrong), now=NOW)
    assert not PolicyEvent.objects.exists()


def test_an_artisan_chooses_schedule_and_minimum_and_nothing_else() -> None:
    artisan = new_artisan()
    services.change_policy(
        artisan_id=artisan.pk, terms=terms(artisan, hold_days=2, reserve_bps=500, reserve_days=10), now=NOW
    )
    policy = services.choose_schedule(
        artisan_id=artisan.pk, schedule=PayoutSchedule.MONTHLY, weekday=0, month_day=31, minimum=Money(5000, "EUR"),
        now=NOW,
    )  # fmt: skip
    assert (policy.schedule, policy.month_day, policy.minimum_minor) == ("monthly", 31, 5000)
    assert (policy.hold_days, policy.reserve_bps, policy.reserve_days) == (2, 500, 10)
    assert policy.next_payout_date == dt.date(2026, 11, 30)
    manual = services.choose_schedule(
        artisan_id=artisan.pk, schedule=PayoutSchedule.MANUAL, weekday=0, month_day=31, minimum=Money(5000, "EUR"),
        now=NOW,
    )  # fmt: skip
    assert manual.next_payout_date is None
    with pytest.raises(TermsRefused):
        services.choose_schedule(
            artisan_id=artisan.pk, schedule=PayoutSchedule.DAILY, weekday=0, month_day=1, minimum=Money(1, "JPY"),
            now=NOW,
        )  # fmt: skip


def test_after_a_run_those_who_were_due_wait_for_their_next_day(django_assert_num_queries: Any) -> None:
    daily, weekly, manual = new_artisan(), new_artisan(), new_artisan()
    services.ensure_policies(now=NOW)
    for artisan, schedule in ((weekly, PayoutSchedule.WEEKLY), (manual, PayoutSchedule.MANUAL)):
        services.change_policy(artisan_id=artisan.pk, terms=terms(artisan, schedule=schedule), now=NOW)
    monday = dt.date(2026, 11, 23)
    for day, expected in ((TODAY, (TODAY + DAY, monday, None)), (monday, (monday + DAY, monday + 7 * DAY, None))):
        policies = services.policies_of(artisan_ids=[daily.pk, weekly.pk, manual.pk], now=NOW)
        with django_assert_num_queries(1):
            services.had_their_turn(policies=policies.values(), for_date=day, now=NOW)
        found = services.policies_of(artisan_ids=[daily.pk, weekly.pk, manual.pk], now=NOW)
        assert tuple(found[artisan.pk].next_payout_date for artisan in (daily, weekly, manual)) == expected


def test_an_artisan_who_is_paused_is_told_why_and_again_when_it_ends(run_letters: Callable[[], None]) -> None:
    artisan = connected_artisan()
    assert services.pause_artisan(artisan_id=artisan.pk, reason="We check  an address.", now=NOW)
    assert not services.pause_artisan(artisan_id=artisan.pk, reason="Twice", now=NOW)
    policy = PayoutPolicy.objects.get(artisan=artisan)
    assert (policy.paused_at, policy.paused_reason) == (NOW, "We check an address.")
    assert reasons(artisan) == ["paused", "nothing_released"]
    run_letters()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([artisan.owner.email], "Payouts to you are paused")
    assert "We check an address." in letter.body
    assert services.resume_artisan(artisan_id=artisan.pk, reason="Checked", now=NOW)
    assert not services.resume_artisan(artisan_id=artisan.pk, reason="Twice", now=NOW)
    run_letters()
    assert [letter.subject for letter in mail.outbox[1:]] == ["Payouts to you go on"]
    assert reasons(artisan) == ["nothing_released"]
    assert audited(artisan.public_id) == [("payout_policy.paused", "succeeded"), ("payout_policy.resumed", "succeeded")]
    assert list(PolicyEvent.objects.order_by("id").values_list("event", "reason")) == [
        ("paused", "We check an address."), ("resumed", "Checked")
    ]  # fmt: skip


def test_everybody_is_paused_by_one_switch() -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    with transaction.atomic():
        assert not services.lock_pauses()
    assert services.pause_all(reason="Bank holiday", now=NOW)
    assert not services.pause_all(reason="Twice", now=NOW)
    with transaction.atomic():
        assert services.lock_pauses()
    switch = all_paused()
    assert switch is not None
    assert switch.paused_reason == "Bank holiday"
    assert reasons(artisan) == ["all_paused"]
    assert services.resume_all(reason="Over", now=NOW)
    assert not services.resume_all(reason="Twice", now=NOW)
    assert reasons(artisan) == []
    assert audited("everybody") == [("payout_policy.paused", "succeeded"), ("payout_policy.resumed", "succeeded")]


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 301])
def test_a_pause_needs_a_reason(reason: str) -> None:
    artisan = new_artisan()
    for act in (services.pause_all, services.resume_all):
        with pytest.raises(ReasonMissing):
            act(reason=reason, now=NOW)
    for act_on in (services.pause_artisan, services.resume_artisan):
        with pytest.raises(ReasonMissing):
            act_on(artisan_id=artisan.pk, reason=reason, now=NOW)
    assert not PolicyEvent.objects.exists()


def test_why_an_artisan_is_not_paid_is_told_weightiest_first() -> None:
    artisan = new_artisan()
    assert reasons(artisan) == ["no_account", "nothing_released"]
    ConnectedAccount.objects.create(
        artisan=artisan, processor_account_id="acct_1", country="DE", transfers_enabled=False, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    sell([(artisan, 1500)], now=NOW)
    assert reasons(artisan) == ["requirements_due", "nothing_released"]
    released([(artisan, 1500)], now=NOW)
    ConnectedAccount.objects.update(transfers_enabled=True)
    assert reasons(artisan) == []
    services.change_policy(
        artisan_id=artisan.pk,
        terms=terms(artisan, minimum=Money(1501, "EUR"), schedule=PayoutSchedule.WEEKLY),
        now=NOW,
    )
    below, waits = why_not_paid(artisan=artisan, now=NOW)
    assert (below.reason, below.released, below.minimum) == (
        NotPaid.BELOW_MINIMUM, Money(1500, "EUR"), Money(1501, "EUR")
    )  # fmt: skip
    assert (waits.reason, waits.until) == (NotPaid.WAITS_FOR_DATE, dt.date(2026, 11, 23))
    services.change_policy(
        artisan_id=artisan.pk,
        terms=terms(artisan, minimum=Money(1500, "EUR"), schedule=PayoutSchedule.MANUAL),
        now=NOW,
    )
    assert reasons(artisan) == ["waits_for_request"]
    Payable.objects.filter(artisan=artisan, status="released").update(
        next_transfer_at=NOW + DAY, failure_code="insufficient_funds"
    )
    refused, _ = why_not_paid(artisan=artisan, now=NOW)
    assert (refused.reason, refused.note, refused.until) == (NotPaid.REFUSED, "insufficient_funds", TODAY + DAY)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM payouts_payoutpolicy",
        "UPDATE payouts_payoutpolicy SET hold_days = 91",
        "UPDATE payouts_payoutpolicy SET reserve_bps = 1",
        "UPDATE payouts_payoutpolicy SET next_payout_date = NULL",
        "UPDATE payouts_policyevent SET reason = 'x'",
        "DELETE FROM payouts_policyevent",
    ],
)
def test_postgresql_keeps_policies_and_their_history(statement: str) -> None:
    artisan = new_artisan()
    services.change_policy(artisan_id=artisan.pk, terms=terms(artisan, hold_days=3), now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def run_letters() -> Callable[[], None]:
    """Sends the letters that wait in the outbox, each once."""

    def run() -> None:
        for message in OutboxMessage.objects.filter(task="payouts.tasks.send_pause_letter", status="waiting"):
            send_pause_letter(**message.kwargs)
            OutboxMessage.objects.filter(id=message.pk).update(status="done")

    return run
