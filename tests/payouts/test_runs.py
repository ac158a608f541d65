"""Payout runs: who is paid when, what stops a run, and that it goes on and pays each artisan once."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from catalog.models import Artisan
from common.models import OutboxMessage
from payments.contracts import ProcessorError, TransferRequest
from payments.models import ProcessorRequest
from payouts import services, tasks
from payouts.contracts import NothingToPay, TransferRun, UnknownRun
from payouts.enums import RunKind
from payouts.models import Payable, Payout, PayoutPolicy, PayoutRun
from tests.orders.shop import new_user
from tests.payouts.desk import agree
from tests.payouts.fake import CLOSED, INSUFFICIENT, FakeTransfers, Killed, killed_in
from tests.payouts.hub import HOLD, MINUTE, NOW, books, compose, connected_artisan, debit, released, run, sell

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOTHING = TransferRun(0, 0, 0, 0)
CLOSING = NOW.replace(hour=20)


def policy(artisan_id: int, **values: object) -> None:
    services.policy_of(artisan_id=artisan_id, now=NOW)
    PayoutPolicy.objects.filter(artisan_id=artisan_id).update(**values)


def next_date(artisan: Artisan) -> dt.date | None:
    return PayoutPolicy.objects.get(artisan=artisan).next_payout_date


def owed(count: int, amount_minor: int = 1000) -> list[Payable]:
    """A released share of each of that many artisans."""
    return released([(connected_artisan(), amount_minor) for _ in range(count)], now=NOW)


def refuse_after(processor: FakeTransfers, count: int) -> None:
    """Our balance is enough for that many transfers."""

    def refuse(_: TransferRequest) -> ProcessorError | None:
        return INSUFFICIENT if len(processor.made) >= count else None

    processor.refuse = refuse


def everybody_was_paid_once(processor: FakeTransfers, count: int) -> None:
    assert sorted(found.destination_account_id for found in processor.made) == sorted(
        payable.artisan.connected_account.processor_account_id
        for payable in Payable.objects.select_related("artisan__connected_account")
    )
    assert books() == {"stripe_clearing": count * 100, "commission": count * 100}


# ---- schedules -----------------------------------------------------------------------------------------------------


def test_a_scheduled_run_pays_who_is_due_by_their_schedule_and_sets_the_next_date(processor: FakeTransfers) -> None:
    daily, weekly, manual, other = (payable.artisan for payable in owed(4))
    policy(daily.pk)
    policy(weekly.pk, schedule="weekly", weekday=2, next_payout_date=dt.date(2026, 11, 25))
    policy(manual.pk, schedule="manual", next_payout_date=None)
    assert services.run_scheduled(now=NOW).succeeded == 2
    assert set(Payout.objects.values_list("artisan_id", flat=True)) == {daily.pk, other.pk}
    dates = dict(PayoutPolicy.objects.values_list("artisan_id", "next_payout_date"))
    tomorrow = dt.date(2026, 11, 22)
    assert dates == {daily.pk: tomorrow, weekly.pk: dt.date(2026, 11, 25), manual.pk: None, other.pk: tomorrow}
    # On its day, a Wednesday; and then a week later.
    assert services.run_scheduled(now=NOW + 4 * DAY).succeeded == 1
    assert next_date(weekly) == dt.date(2026, 11, 25), "the day is not over"
    assert services.run_scheduled(now=CLOSING + 4 * DAY) == NOTHING
    assert next_date(weekly) == dt.date(2026, 12, 2)
    assert services.run_scheduled(now=NOW + 30 * DAY) == NOTHING
    assert Payable.objects.get(artisan=manual).status == "released"


def test_what_is_released_in_the_afternoon_is_paid_in_the_evening_of_the_artisans_day(processor: FakeTransfers) -> None:
    """A week is long; tomorrow is not, and a second payout would cost the processor's fee once more."""
    daily, weekly = (payable.artisan for payable in owed(2))
    late, small = connected_artisan(), connected_artisan()
    for artisan in (daily, weekly, late, small):
        policy(artisan.pk)
    PayoutPolicy.objects.exclude(artisan=daily).update(schedule="weekly", weekday=5, next_payout_date=NOW.date())
    PayoutPolicy.objects.filter(artisan=small).update(minimum_minor=1001)
    assert services.run_scheduled(now=NOW).succeeded == 2
    released([(daily, 300), (weekly, 500), (late, 1000), (small, 1000)], now=NOW + 240 * MINUTE)
    assert services.run_scheduled(now=CLOSING - MINUTE) == NOTHING
    assert services.run_scheduled(now=CLOSING).succeeded == 2
    paid = list(Payout.objects.order_by("id").values_list("artisan_id", "amount_minor", "run__kind"))
    assert paid == [
        (daily.pk, 1000, "scheduled"), (weekly.pk, 1000, "scheduled"), (weekly.pk, 500, "closing"),
        (late.pk, 1000, "closing"),
    ]  # fmt: skip
    assert {next_date(artisan) for artisan in (weekly, late, small)} == {dt.date(2026, 11, 28)}
    # The day is over: what comes now is for the next one.
    released([(weekly, 700)], now=CLOSING + MINUTE)
    assert services.run_scheduled(now=CLOSING + 2 * MINUTE) == NOTHING
    assert services.run_scheduled(now=NOW + DAY).succeeded == 1
    assert Payout.objects.latest("id").artisan == daily


def test_who_was_refused_in_the_morning_is_tried_again_in_the_evening(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    policy(payable.artisan_id)
    processor.refuse = lambda _: CLOSED
    assert services.run_scheduled(now=NOW).refused == 1
    processor.refuse = lambda _: None
    assert services.run_scheduled(now=CLOSING).succeeded == 1
    assert next_date(payable.artisan) == dt.date(2026, 11, 22)


def test_who_has_nothing_to_be_paid_waits_for_their_next_date_from_the_evening_on(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    policy(artisan.pk, schedule="weekly", weekday=5, next_payout_date=NOW.date())
    owed(1)
    assert services.run_scheduled(now=NOW).succeeded == 1
    assert next_date(artisan) == NOW.date()
    assert services.run_scheduled(now=CLOSING) == NOTHING
    assert next_date(artisan) == dt.date(2026, 11, 28)
    released([(artisan, 1000)], now=CLOSING)
    assert services.run_scheduled(now=NOW + DAY) == NOTHING
    assert list(PayoutRun.objects.order_by("id").values_list("kind", "payout_count")) == [
        ("scheduled", 1), ("closing", 0)
    ]  # fmt: skip


def test_a_day_whose_evening_no_worker_saw_is_closed_before_the_next_one_begins(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    policy(payable.artisan_id, schedule="weekly", weekday=5, next_payout_date=NOW.date())
    assert services.run_scheduled(now=NOW).succeeded == 1
    sell([(payable.artisan, 700)], now=NOW, hold=6 * 60 * MINUTE)
    morning = NOW + DAY
    assert services.run_scheduled(now=morning) == NOTHING, "what is over is released first"
    services.release_due(now=morning)
    assert services.run_scheduled(now=morning + MINUTE).succeeded == 1
    assert next_date(payable.artisan) == dt.date(2026, 11, 28)
    assert list(PayoutRun.objects.order_by("id").values_list("kind", "for_date")) == [
        ("scheduled", NOW.date()), ("closing", NOW.date())
    ]  # fmt: skip


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_day_that_stopped_is_not_closed_before_it_is_paid(processor: FakeTransfers, is_paused: bool) -> None:
    """Everybody is paused, or the platform's balance is too low, until the next day."""
    first, second = (payable.artisan for payable in owed(2))
    for artisan in (first, second):
        policy(artisan.pk, schedule="weekly", weekday=5, next_payout_date=NOW.date())
    if is_paused:
        services.pause_all(reason="Looking into it", now=NOW)
        assert services.run_scheduled(now=NOW) == NOTHING
    else:
        refuse_after(processor, 1)
        assert services.run_scheduled(now=NOW).succeeded == 1
    services.run_scheduled(now=CLOSING)
    assert next_date(second) == NOW.date()
    processor.refuse = lambda _: None
    if is_paused:
        services.resume_all(reason="All is well", now=CLOSING)
    for later in (DAY, DAY + MINUTE, DAY + (CLOSING - NOW)):
        services.run_scheduled(now=NOW + later)
    assert len(processor.made) == 2
    assert {next_date(artisan) for artisan in (first, second)} == {dt.date(2026, 11, 28)}


def test_there_is_one_scheduled_run_a_day(processor: FakeTransfers) -> None:
    owed(1)
    assert services.run_scheduled(now=NOW).succeeded == 1
    owed(1)
    assert services.run_scheduled(now=NOW + MINUTE) == NOTHING
    assert services.run_scheduled(now=CLOSING).succeeded == 1
    owed(1)
    assert services.run_scheduled(now=CLOSING + MINUTE) == NOTHING
    assert services.run_scheduled(now=NOW + DAY).succeeded == 1
    assert list(PayoutRun.objects.order_by("id").values_list("kind", "status", "payout_count")) == [
        ("scheduled", "done", 1), ("closing", "done", 1), ("scheduled", "done", 1)
    ]  # fmt: skip


def test_nobody_due_is_no_run(processor: FakeTransfers) -> None:
    assert services.run_scheduled(now=NOW) == run() == NOTHING
    assert not PayoutRun.objects.exists()


def test_a_day_on_which_nobody_was_due_goes_by_all_the_same(processor: FakeTransfers) -> None:
    """Who is paid on Mondays is not paid on a Wednesday because nobody in the shop had anything on Monday."""
    artisan = connected_artisan()
    policy(artisan.pk, schedule="weekly", weekday=0, next_payout_date=dt.date(2026, 11, 23))
    for days in range(4):
        assert services.run_scheduled(now=NOW + days * DAY) == NOTHING
    assert PayoutPolicy.objects.get().next_payout_date == dt.date(2026, 11, 30)
    released([(artisan, 1000)], now=NOW + 4 * DAY)
    assert services.run_scheduled(now=NOW + 4 * DAY) == NOTHING
    assert services.run_scheduled(now=NOW + 9 * DAY).succeeded == 1


def test_a_day_does_not_go_by_while_payouts_are_paused_or_before_what_is_over_is_released(
    processor: FakeTransfers,
) -> None:
    artisan = connected_artisan()
    monday = dt.date(2026, 11, 23)
    policy(artisan.pk, schedule="weekly", weekday=0, next_payout_date=monday)
    services.pause_all(reason="The bank is closed.", now=NOW)
    assert services.run_scheduled(now=NOW + 3 * DAY) == NOTHING
    assert PayoutPolicy.objects.get().next_payout_date == monday
    services.resume_all(reason="It is open.", now=NOW)
    # Nothing ran on Monday, when its hold ended; on Tuesday the run comes before the release.
    sell([(artisan, 1000)], now=NOW + 2 * DAY - HOLD)
    assert services.run_scheduled(now=NOW + 3 * DAY) == NOTHING
    assert PayoutPolicy.objects.get().next_payout_date == monday
    services.release_due(now=NOW + 3 * DAY)
    assert services.run_scheduled(now=NOW + 3 * DAY).succeeded == 1
    assert PayoutPolicy.objects.get().next_payout_date == dt.date(2026, 11, 30)


def test_refused_on_the_day_of_the_month_it_is_tried_again_on_the_next_day(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    policy(payable.artisan_id, schedule="monthly", month_day=21, next_payout_date=NOW.date())
    processor.refuse = lambda _: CLOSED
    assert services.run_scheduled(now=NOW).refused == 1
    assert services.run_scheduled(now=CLOSING).refused == 1
    assert PayoutPolicy.objects.get().next_payout_date == dt.date(2026, 11, 22)
    processor.refuse = lambda _: None
    assert services.run_scheduled(now=NOW + DAY).succeeded == 1
    services.run_scheduled(now=CLOSING + DAY)
    assert PayoutPolicy.objects.get().next_payout_date == dt.date(2026, 12, 21)


def test_less_than_the_minimum_is_carried_over_until_it_is_reached(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    policy(payable.artisan_id, minimum_minor=2000)
    assert run() == NOTHING
    released([(payable.artisan, 999)], now=NOW)
    assert run() == NOTHING
    released([(payable.artisan, 1)], now=NOW)
    assert run().succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [2000]


def test_a_debt_is_kept_before_the_minimum_is_looked_at(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    run()
    debit(payable, 600, collects=False)
    policy(payable.artisan_id, minimum_minor=500)
    compose_module = import_module("payouts.services.compose")
    released([(payable.artisan, 1000)], now=NOW)
    assert compose_module.CHUNK_ARTISANS > 1
    assert run().succeeded == 0
    assert Payable.objects.get(status="released").left.amount_minor == 400


def test_an_artisan_with_a_manual_schedule_is_paid_when_they_ask(processor: FakeTransfers) -> None:
    mine, other = owed(2)
    policy(mine.artisan_id, schedule="manual", next_payout_date=None)
    started = services.request_payout(artisan_id=mine.artisan_id, actor=f"artisan:{mine.artisan_id}", now=NOW)
    assert (started.kind, started.started_by) == ("on_demand", f"artisan:{mine.artisan_id}")
    message = OutboxMessage.objects.get(task="payouts.tasks.go_on_with_run")
    assert tasks.go_on_with_run.run(**message.kwargs) == 1
    other.refresh_from_db()
    assert (other.status, len(processor.made)) == ("released", 1)
    with pytest.raises(NothingToPay):
        services.request_payout(artisan_id=mine.artisan_id, actor="artisan:1", now=NOW)


# ---- what stops it -------------------------------------------------------------------------------------------------


def test_who_is_paused_is_passed_over_and_paid_by_the_next_run_after_it(processor: FakeTransfers) -> None:
    paused, _ = owed(2)
    services.pause_artisan(artisan_id=paused.artisan_id, reason="We look into it.", now=NOW)
    assert run().succeeded == 1
    services.resume_artisan(artisan_id=paused.artisan_id, reason="Fine.", now=NOW)
    assert run(NOW + MINUTE).succeeded == 1


def test_a_pause_between_composing_and_sending_holds_the_transfer_and_loses_nothing(processor: FakeTransfers) -> None:
    payables = owed(3)
    compose()
    paused = payables[1].artisan
    services.pause_artisan(artisan_id=paused.pk, reason="We look into it.", now=NOW)
    assert services.look_after_runs(now=NOW).succeeded == 2
    assert Payout.objects.get(artisan=paused).status == "requested"
    assert books()["transfers_in_transit"] == 1000
    # However long it lasts, nothing is asked of the processor.
    assert services.look_after_runs(now=NOW + 3 * DAY) == NOTHING
    services.resume_artisan(artisan_id=paused.pk, reason="Fine.", now=NOW)
    assert services.look_after_runs(now=NOW + 3 * DAY).succeeded == 1
    assert [call.split()[0] for call in processor.calls] == ["create"] * 3
    everybody_was_paid_once(processor, 3)


def test_all_payouts_paused_in_the_middle_stop_at_once_and_go_on_afterwards(processor: FakeTransfers) -> None:
    owed(5)

    def pause_during_the_second() -> None:
        if len(processor.calls) == 2:
            services.pause_all(reason="Something is wrong.", now=NOW)

    processor.during = pause_during_the_second
    assert run().succeeded == 2
    processor.during = None
    stopped = PayoutRun.objects.get()
    assert (stopped.status, stopped.stopped_for, stopped.note) == ("partial", "stopped", "Payouts are paused.")
    assert services.look_after_runs(now=NOW + DAY) == NOTHING
    assert run(NOW + DAY) == NOTHING
    services.resume_all(reason="Found.", now=NOW + DAY)
    assert services.look_after_runs(now=NOW + DAY).succeeded == 3
    stopped.refresh_from_db()
    assert (stopped.status, stopped.note) == ("done", "")
    everybody_was_paid_once(processor, 5)


def test_a_lost_answer_of_a_paused_artisan_is_looked_up_and_not_sent_again(processor: FakeTransfers) -> None:
    [payable] = owed(1)
    processor.before.append(Killed())
    with pytest.raises(Killed):
        run()
    services.pause_artisan(artisan_id=payable.artisan_id, reason="We look into it.", now=NOW)
    services.look_after_runs(now=NOW + MINUTE)
    assert [call.split()[0] for call in processor.calls] == ["create", "find"]
    assert processor.made == []
    services.resume_artisan(artisan_id=payable.artisan_id, reason="Fine.", now=NOW)
    assert services.look_after_runs(now=NOW + 10 * MINUTE).succeeded == 1
    everybody_was_paid_once(processor, 1)


def test_too_little_balance_in_the_middle_stops_the_run_and_nobody_is_paid_twice(processor: FakeTransfers) -> None:
    staff = new_user(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="start_payout_run"))
    owed(6)
    refuse_after(processor, 2)
    assert run() == TransferRun(requested=6, succeeded=2, refused=1, unresolved=0)
    stopped = PayoutRun.objects.get()
    assert (stopped.status, stopped.stopped_for, stopped.payout_count) == ("partial", "out_of_funds", 6)
    assert len(processor.calls) == 3
    assert ProcessorRequest.objects.filter(tries=0, state="prepared").count() == 3
    # Staff are told, artisans are not: there is nothing that they could do.
    [letter] = OutboxMessage.objects.exclude(task="payouts.tasks.send_to_bank")
    assert (letter.task, letter.kwargs) == (
        "payouts.tasks.send_run_stopped", {"run_id": stopped.pk, "user_id": staff.pk}
    )  # fmt: skip
    tasks.send_run_stopped.run(**letter.kwargs)
    assert mail.outbox[0].to == [staff.email]
    assert "The platform's balance in EUR is too low." in str(mail.outbox[0].body)

    assert services.look_after_runs(now=NOW + 29 * MINUTE) == NOTHING
    assert services.look_after_runs(now=NOW + 31 * MINUTE).refused == 1
    assert OutboxMessage.objects.exclude(task="payouts.tasks.send_to_bank").count() == 1
    processor.refuse = lambda _: None
    assert services.look_after_runs(now=NOW + 62 * MINUTE).succeeded == 4
    stopped.refresh_from_db()
    assert (stopped.status, stopped.finished_at is None) == ("done", False)
    everybody_was_paid_once(processor, 6)


def test_a_balance_that_is_too_low_in_one_currency_stops_nobody_who_is_paid_in_another(
    processor: FakeTransfers,
) -> None:
    parts = [(connected_artisan(currency=currency), 1000) for currency in ("EUR", "EUR", "USD", "EUR")]
    for part in parts:
        released([part], now=NOW)

    def refuse(asked: TransferRequest) -> ProcessorError | None:
        return INSUFFICIENT if asked.amount.currency == "EUR" else None

    processor.refuse = refuse
    assert services.run_scheduled(now=NOW) == TransferRun(requested=4, succeeded=1, refused=1, unresolved=0)
    stopped = PayoutRun.objects.get()
    assert (stopped.status, stopped.short_of) == ("partial", ["EUR"])
    assert stopped.note == "The platform's balance in EUR is too low."
    # What has become due in the other currency meanwhile does not wait for it either.
    released([(connected_artisan(currency="USD"), 500)], now=NOW)
    assert services.look_after_runs(now=NOW + 31 * MINUTE) == TransferRun(2, 1, 1, 0)
    processor.refuse = lambda _: None
    assert services.look_after_runs(now=NOW + 62 * MINUTE).succeeded == 3
    stopped.refresh_from_db()
    assert (stopped.status, stopped.short_of, stopped.note) == ("done", [], "")
    assert Counter(str(found.amount) for found in processor.made) == {"€10.00": 3, "$10.00": 1, "$5.00": 1}


def test_short_of_one_currency_nothing_more_is_composed_in_it(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payouts.services.compose.CHUNK_ARTISANS", 1)
    for currency in ("EUR", "EUR", "USD"):
        released([(connected_artisan(currency=currency), 1000)], now=NOW)
    processor.refuse = lambda asked: INSUFFICIENT if asked.amount.currency == "EUR" else None
    assert services.run_scheduled(now=NOW) == TransferRun(requested=2, succeeded=1, refused=1, unresolved=0)
    assert sorted(Payable.objects.values_list("currency", "status")) == [
        ("EUR", "released"), ("EUR", "released"), ("USD", "transferred")
    ]  # fmt: skip
    assert PayoutRun.objects.get().status == "partial"


def test_staff_resume_a_run_by_hand_once_there_is_money(processor: FakeTransfers) -> None:
    owed(3)
    refuse_after(processor, 1)
    run()
    processor.refuse = lambda _: None
    stopped = PayoutRun.objects.get()
    out = StringIO()
    call_command("run_payouts", "--resume", stopped.public_id, stdout=out, stderr=out)
    assert f"{stopped}: done, " in out.getvalue()
    assert "carried out 2, refused 0" in out.getvalue()
    everybody_was_paid_once(processor, 3)
    assert services.resume_run(run_reference=stopped.public_id, now=NOW).status == "done"
    with pytest.raises(UnknownRun):
        services.resume_run(run_reference="run_none", now=NOW)


def test_a_refused_transfer_is_told_to_the_artisan_in_plain_words_once_a_day(processor: FakeTransfers) -> None:
    staff = new_user(is_staff=True, is_superuser=True)
    [payable] = owed(1)
    processor.refuse = lambda _: CLOSED
    run()
    run(NOW + 6 * MINUTE)
    assert Payout.objects.filter(status="refused").count() == 2
    messages = {message.task: message.kwargs for message in OutboxMessage.objects.all()}
    assert OutboxMessage.objects.count() == len(messages) == 2
    tasks.send_payout_refused.run(**messages["payouts.tasks.send_payout_refused"])
    tasks.send_refused_to_staff.run(**messages["payouts.tasks.send_refused_to_staff"])
    artisans, ours = mail.outbox
    assert artisans.to == [payable.artisan.owner.email]
    assert "The payment processor does not accept money for your account" in str(artisans.body)
    assert "the money is still yours" in str(artisans.body)
    assert "account_invalid" not in str(artisans.body)
    assert ours.to == [staff.email]
    assert "account_invalid" in str(ours.body)


# ---- chunks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payouts.services.compose.CHUNK_ARTISANS", 2)


@pytest.mark.usefixtures("small_chunks")
def test_a_run_goes_chunk_by_chunk_and_tells_how_far_it_is(processor: FakeTransfers) -> None:
    owed(5)
    told: list[int] = []
    assert services.run_payouts(now=NOW, tell=lambda run: told.append(run.payout_count)).succeeded == 5
    assert told == [2, 4, 5]
    everybody_was_paid_once(processor, 5)


def test_a_chunk_ends_with_the_artisan_who_fills_it(processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payouts.services.compose.CHUNK_PAYABLES", 4)
    artisans = [connected_artisan() for _ in range(3)]
    for _ in range(3):
        released([(artisan, 100) for artisan in artisans], now=NOW)
    released([(artisans[0], 100)] * 4, now=NOW)
    told: list[int] = []
    services.run_payouts(now=NOW, tell=lambda run: told.append(run.item_count))
    assert told == [7, 10, 13]


STEPS: list[tuple[str, str, bool]] = [
    ("payouts.services.compose", "_write", True),
    ("payouts.services.run", "compose_chunk", True),
    ("payouts.services.send", "_carry_out", False),
    ("payouts.services.send", "_carry_out", True),
    ("payouts.services.send", "record_all_carried_out", False),
    ("payouts.services.send", "record_all_carried_out", True),
    ("payouts.services.run", "_log_progress", True),
    ("payouts.services.run", "_turn_schedules", True),
]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("on_the", [1, 2, 3])
@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_killed_after_each_persisted_step_of_any_chunk_everybody_is_paid_once(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch, module: str, name: str, after: bool, on_the: int
) -> None:
    owed(5)
    revive = killed_on(monkeypatch, module, name, on_the=on_the, after=after)
    try:
        services.run_scheduled(now=NOW)
    except Killed:
        pass
    else:
        assert name == "_turn_schedules"
    revive()
    for minutes in (1, 2, 3):
        services.run_scheduled(now=NOW + minutes * MINUTE)
    everybody_was_paid_once(processor, 5)
    [made] = PayoutRun.objects.all()
    assert (made.status, made.payout_count, Payout.objects.count()) == ("done", 5, 5)


def killed_on(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, *, on_the: int, after: bool
) -> Callable[[], None]:
    """The process dies at this function, the first, second, ... time that it comes there."""
    target, calls = import_module(module), []
    real = getattr(target, name)

    def maybe_die(*args: object, **kwargs: object) -> object:
        calls.append(name)
        if len(calls) != on_the:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise Killed(name)

    monkeypatch.setattr(target, name, maybe_die)
    return lambda: monkeypatch.setattr(target, name, real)


def test_killed_while_it_is_resumed(processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch) -> None:
    owed(4)
    refuse_after(processor, 1)
    run()
    processor.refuse = lambda _: None
    revive = killed_in(monkeypatch, "payouts.services.run", "resume_run", after=True)
    with pytest.raises(Killed):
        services.look_after_runs(now=NOW + 31 * MINUTE)
    revive()
    services.look_after_runs(now=NOW + 32 * MINUTE)
    services.look_after_runs(now=NOW + 33 * MINUTE)
    everybody_was_paid_once(processor, 4)


# ---- the desk and the command --------------------------------------------------------------------------------------


def test_the_desk_starts_and_resumes_runs_with_the_permission_alone(processor: FakeTransfers) -> None:
    owed(1)
    client = Client()
    user = new_user(is_staff=True)
    client.force_login(user)
    start, listed = reverse("admin:payouts_payoutrun_start"), reverse("admin:payouts_payoutrun_changelist")
    user.user_permissions.set(Permission.objects.filter(codename="view_payoutrun"))
    assert "Pay everybody" not in client.get(listed).content.decode()
    assert client.post(start).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="start_payout_run"))
    assert "Pay everybody now" in client.get(listed).content.decode()
    assert "Pay everybody what is due now" in client.get(start).content.decode()
    for _ in range(2):
        assert "Started: run_" in client.post(start, {"after": ""}, follow=True).content.decode()
    started = PayoutRun.objects.get()
    assert (started.started_by, started.status) == (f"staff:{user.pk}", "running")
    PayoutRun.objects.update(status="partial", stopped_for="out_of_funds")
    page = agree(client, listed, {"action": "resume", "_selected_action": [started.pk]})
    assert f"1 resumed: {started}." in page
    services.look_after_runs(now=NOW)
    everybody_was_paid_once(processor, 1)


def test_the_command_pays_one_artisan_or_everybody_and_shows_progress(processor: FakeTransfers) -> None:
    first, _ = owed(2)
    out = StringIO()
    call_command("run_payouts", "--artisan", first.artisan.slug, stdout=out, stderr=out)
    assert "1 payouts of 1 payables" in out.getvalue()
    assert "requested 1, carried out 1, refused 0, not known yet 0" in out.getvalue()
    call_command("run_payouts", "--everybody", stdout=out, stderr=out)
    everybody_was_paid_once(processor, 2)
    for wrong in (["--artisan", "nobody"], ["--resume", "run_none"]):
        with pytest.raises(CommandError):
            call_command("run_payouts", *wrong)


def test_the_schedule_runs_it(processor: FakeTransfers) -> None:
    owed(1)
    assert tasks.run_payouts.run() == 1
    assert PayoutRun.objects.get().kind == RunKind.SCHEDULED
