"""Paid at once from the desk: what will be paid and what stands in the way is shown first, and two presses pay once."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Artisan
from common.clock import now as clock_now
from common.models import AuditRecord, OutboxMessage
from common.money import Money
from payouts import services
from payouts.contracts import NothingToPay, PayoutNotPossible
from payouts.enums import PayoutSchedule
from payouts.models import Payable, Payout, PayoutPolicy, PayoutRun
from payouts.selectors import artisans_due, newest_run, pays_now
from tests.orders.shop import new_artisan
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import NOW, connected_artisan, debit, released
from tests.payouts.test_admin import staff_client
from tests.payouts.test_races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
STAFF = "staff:1"
DAY = dt.timedelta(days=1)


def owed(amount_minor: int = 1500, *, currency: str = "EUR") -> Artisan:
    """Released, of an artisan who is paid only when somebody asks."""
    artisan = connected_artisan(currency=currency)
    released([(artisan, amount_minor)], now=NOW)
    on_terms(artisan, schedule=PayoutSchedule.MANUAL, next_payout_date=None)
    return artisan


def on_terms(artisan: Artisan, **values: object) -> PayoutPolicy:
    policy = services.policy_of(artisan_id=artisan.pk, now=NOW)
    PayoutPolicy.objects.filter(id=policy.pk).update(**values)
    return policy


def pay(artisan: Artisan, *, after: str | None = None) -> PayoutRun:
    """From a page that was made at this moment, or when the newest run was `after`."""
    if after is None:
        newest = newest_run(artisan_id=artisan.pk)
        after = newest.public_id if newest is not None else ""
    return services.pay_artisan_now(artisan_id=artisan.pk, after=after, actor=STAFF, now=NOW)


def work_off() -> None:
    for run_id in PayoutRun.objects.filter(status="running").values_list("id", flat=True):
        services.go_on(run_id=run_id, now=NOW)


@pytest.mark.parametrize("schedule", [PayoutSchedule.MANUAL, PayoutSchedule.MONTHLY])
def test_one_artisan_is_paid_whatever_their_schedule_says_and_nobody_else(
    processor: FakeTransfers, schedule: PayoutSchedule
) -> None:
    artisan, other = owed(), owed(700)
    later = None if schedule == PayoutSchedule.MANUAL else NOW.date() + 9 * DAY
    on_terms(artisan, schedule=schedule, next_payout_date=later)
    run = pay(artisan)
    assert (run.artisan_id, run.started_by, run.kind) == (artisan.pk, STAFF, "on_demand")
    assert OutboxMessage.objects.filter(task="payouts.tasks.go_on_with_run", kwargs={"run_id": run.pk}).count() == 1
    work_off()
    assert list(Payout.objects.values_list("artisan_id", "amount_minor", "run_id")) == [(artisan.pk, 1500, run.pk)]
    assert Payable.objects.get(artisan=other).status == "released"
    # Their own day stays as it was.
    assert PayoutPolicy.objects.get(artisan=artisan).next_payout_date == later


def test_pressed_again_it_is_the_same_run_also_when_that_is_done_and_more_is_released(
    processor: FakeTransfers,
) -> None:
    artisan = owed()
    first = pay(artisan)
    assert pay(artisan, after="") == first
    work_off()
    assert pay(artisan, after="") == first
    released([(artisan, 400)], now=NOW)
    assert pay(artisan, after="") == first
    # A page that was made since pays what is there since.
    second = pay(artisan)
    assert second != first
    work_off()
    assert list(Payout.objects.order_by("id").values_list("amount_minor", flat=True)) == [1500, 400]


def test_while_a_run_for_the_artisan_is_under_way_no_second_one_begins(processor: FakeTransfers) -> None:
    artisan = owed()
    first = pay(artisan)
    assert pay(artisan) == first


@pytest.mark.parametrize("setting", ["paused", "all paused", "no account", "can't receive", "below", "nothing", "owes"])
def test_what_stands_in_the_way_is_named_and_nothing_begins(processor: FakeTransfers, setting: str) -> None:
    artisan, words = _in_the_way(setting, processor)
    with pytest.raises(PayoutNotPossible, match=words):
        pay(artisan)
    assert not PayoutRun.objects.filter(started_by=STAFF).exists()
    refused = AuditRecord.objects.get(event_type="payout_run.request_refused")
    assert (refused.command, refused.outcome) == ("pay_artisan_now", "refused")


def _in_the_way(setting: str, processor: FakeTransfers) -> tuple[Artisan, str]:
    match setting:
        case "paused":
            artisan = owed()
            on_terms(artisan, paused_at=NOW, paused_reason="We check an address.")
            return artisan, "payouts to this artisan are paused"
        case "all paused":
            services.pause_all(reason="The bank is closed.", now=NOW)
            return owed(), "payouts to everybody are paused"
        case "no account":
            artisan = new_artisan()
            released([(artisan, 100)], now=NOW)
            return artisan, "there is no account at the processor yet"
        case "can't receive":
            artisan = connected_artisan(enabled=False)
            released([(artisan, 100)], now=NOW)
            return artisan, "the account at the processor can't receive money yet"
        case "below":
            artisan = owed(999)
            on_terms(artisan, minimum_minor=1000)
            return artisan, "what is released is less than the smallest payout"
        case "nothing":
            return connected_artisan(), "nothing is released yet"
    artisan = owed(1000)
    services.run_payouts(now=NOW, artisan_id=artisan.pk)
    debit(Payable.objects.get(artisan=artisan), 900, collects=False)
    released([(artisan, 300)], now=NOW)
    return artisan, "nothing is released yet"


def test_what_is_owed_to_us_is_kept_and_the_smallest_payout_is_of_what_is_left(processor: FakeTransfers) -> None:
    artisan = owed(1000)
    services.run_payouts(now=NOW, artisan_id=artisan.pk)
    [payable] = released([(artisan, 2000)], now=NOW)
    # Owed since the release: by another part.
    debit(Payable.objects.get(artisan=artisan, status="transferred"), 300, collects=False)
    [seen] = pays_now(artisan=artisan, now=NOW)
    assert (seen.due, seen.owed, seen.pays) == (Money(2000, "EUR"), Money(300, "EUR"), Money(1700, "EUR"))
    on_terms(artisan, minimum_minor=1701)
    [seen] = pays_now(artisan=artisan, now=NOW)
    assert seen.pays == Money(0, "EUR")
    on_terms(artisan, minimum_minor=1700)
    pay(artisan)
    work_off()
    assert Payout.objects.latest("id").amount_minor == 1700
    payable.refresh_from_db()
    assert payable.status == "transferred"


def test_everybody_who_is_due_is_counted_by_currency_and_paid_once(processor: FakeTransfers) -> None:
    owed(1500), owed(700), owed(40, currency="USD")
    paused = owed(5000)
    on_terms(paused, paused_at=NOW)
    seen = [(one.artisans, one.amount) for one in artisans_due(now=NOW)]
    assert seen == [(2, Money(2200, "EUR")), (1, Money(40, "USD"))]
    first = services.pay_everybody_now(after="", actor=STAFF, now=NOW)
    assert services.pay_everybody_now(after="", actor=STAFF, now=NOW) == first
    work_off()
    assert sorted(Payout.objects.values_list("amount_minor", flat=True)) == [40, 700, 1500]
    assert services.pay_everybody_now(after="", actor=STAFF, now=NOW) == first
    with pytest.raises(NothingToPay):
        services.pay_everybody_now(after=first.public_id, actor=STAFF, now=NOW)


# ---- the pages -----------------------------------------------------------------------------------------------------


def page_of(artisan: Artisan) -> str:
    return reverse("admin:payouts_payoutpolicy_pay_now", args=[on_terms(artisan, minimum_minor=0).pk])


def told(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def test_the_page_says_what_will_be_paid_and_two_presses_start_one_run(processor: FakeTransfers) -> None:
    client, user = staff_client("view_payoutpolicy", "view_payoutrun", "start_payout_run")
    artisan = owed()
    page = page_of(artisan)
    assert page in told(client, reverse("admin:payouts_payoutpolicy_change", args=[artisan.payout_policy.pk]))
    assert 'value="Pay €15.00 now"' in told(client, page)
    for _ in range(2):
        answer = client.post(page, {"after": ""}, follow=True)
        run = PayoutRun.objects.get(artisan=artisan)
        assert f"Started: {run}" in answer.content.decode()
    assert run.started_by == f"staff:{user.pk}"
    assert AuditRecord.objects.get(event_type="payout_run.started").actor == f"staff:{user.pk}"


def test_the_page_says_what_stands_in_the_way_and_has_no_button(processor: FakeTransfers) -> None:
    client, _ = staff_client("view_payoutpolicy", "start_payout_run")
    artisan = owed()
    page = page_of(artisan)
    on_terms(artisan, paused_at=clock_now(), paused_reason="We check an address.")
    shown = told(client, page)
    assert "Payouts to this artisan are paused (We check an address.)" in shown
    assert "Pay €15.00 now" not in shown
    assert "can&#x27;t be paid now" in client.post(page, {"after": ""}, follow=True).content.decode()
    assert not PayoutRun.objects.exists()


def test_who_may_not_start_runs_gets_neither_button_nor_page(processor: FakeTransfers) -> None:
    client, _ = staff_client("view_payoutpolicy", "change_payoutpolicy", "pause_payouts", "view_payoutrun")
    artisan = owed()
    page = page_of(artisan)
    assert "Pay now" not in told(client, reverse("admin:payouts_payoutpolicy_change", args=[artisan.payout_policy.pk]))
    everybody = reverse("admin:payouts_payoutrun_start")
    assert everybody not in told(client, reverse("admin:payouts_payoutrun_changelist"))
    for address in (page, everybody):
        assert client.get(address).status_code == 403
        assert client.post(address, {"after": ""}).status_code == 403
    assert not PayoutRun.objects.exists()


def test_everybodys_page_says_how_much_before_it_is_paid(processor: FakeTransfers) -> None:
    client, _ = staff_client("view_payoutrun", "start_payout_run")
    owed(1500), owed(700)
    page = reverse("admin:payouts_payoutrun_start")
    shown = told(client, page)
    assert "<strong>€22.00</strong> to 2 artisans" in shown
    assert not PayoutRun.objects.exists()
    for _ in range(2):
        assert "Started: run_" in client.post(page, {"after": ""}, follow=True).content.decode()
    run = PayoutRun.objects.get()
    work_off()
    listed = told(client, reverse("admin:payouts_payoutrun_changelist"))
    assert "€22.00" in listed and "2 payouts of 2 shares" in listed
    services.pause_all(reason="The bank is closed.", now=clock_now())
    shown = told(client, page)
    assert "The bank is closed." in shown and "Pay everybody now" not in shown
    refused = client.post(page, {"after": run.public_id}, follow=True).content.decode()
    assert "Nothing can be paid out now" in refused


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_the_same_moment_one_starts_a_run() -> None:
    artisan = owed()

    def press() -> str:
        return pay(artisan, after="").public_id

    found = at_once(press, press)
    assert len(set(found)) == 1
    assert PayoutRun.objects.filter(artisan=artisan).count() == 1
