"""Actions of lists that move money ask first: how many rows, how much of each currency, what stands in the way."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.models import AuditRecord
from payouts import services
from payouts.models import Payable, PayoutRun, Reserve
from tests.payouts.desk import agree, held_in
from tests.payouts.fake import INSUFFICIENT, FakeTransfers
from tests.payouts.hub import NOW, connected_artisan, debit, keeps_back, released, run, sell
from tests.payouts.test_admin import staff_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
PAYABLES = reverse("admin:payouts_payable_changelist")
RESERVES = reverse("admin:payouts_reserve_changelist")
RUNS = reverse("admin:payouts_payoutrun_changelist")


def choice(action: str, *rows: Payable | Reserve | PayoutRun, **more: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [row.pk for row in rows], **more}


def page_for(client: Client, address: str, chosen: dict[str, Any]) -> str:
    return client.post(address, chosen, follow=True).content.decode()


def held(amount_minor: int, *, currency: str = "EUR", sent: bool = True) -> Payable:
    """On hold for a week, or until the goods are sent."""
    artisan = connected_artisan(currency=currency)
    sell([(artisan, amount_minor)], now=clock_now())
    payable = Payable.objects.get(artisan=artisan)
    if not sent:
        Payable.objects.filter(id=payable.pk).update(hold_until=None)
    return payable


def test_release_now_says_what_it_will_do_and_does_nothing_before_it_is_agreed_to() -> None:
    client, user = staff_client("view_payable", "view_payableevent", "release_payable")
    first, second, dollars = held(1500), held(205, sent=False), held(700, currency="USD")
    over = released([(connected_artisan(), 900)], now=NOW)[0]
    chosen = choice("release_now", first, second, dollars, over)
    page = page_for(client, PAYABLES, chosen)
    assert "<strong>€17.05</strong> and <strong>$7.00</strong>, in 3 rows." in page
    assert 'value="Release 3 shares now"' in page
    assert "1 share of your choice waits for nothing that this ends, and stays as it is." in page
    assert "The goods of 1 share are not sent yet" in page
    assert set(Payable.objects.exclude(id=over.pk).values_list("status", flat=True)) == {"held"}
    assert not AuditRecord.objects.filter(event_type="payable.released", actor=f"staff:{user.pk}").exists()
    page = page_for(client, PAYABLES, held_in(page))
    assert "Released 3." in page and "1 were not waiting for anything" in page
    assert set(Payable.objects.values_list("status", flat=True)) == {"released"}
    assert AuditRecord.objects.filter(event_type="payable.released", actor=f"staff:{user.pk}").count() == 3


def test_what_keeps_the_artisans_from_being_paid_is_said_before_release() -> None:
    client, _ = staff_client("view_payable", "release_payable")
    paused, unable = held(100), held(200)
    services.policy_of(artisan_id=paused.artisan_id, now=NOW)
    services.pause_artisan(artisan_id=paused.artisan_id, reason="We check an address.", now=NOW)
    unable.artisan.connected_account.delete()
    services.pause_all(reason="The bank is closed.", now=NOW)
    page = page_for(client, PAYABLES, choice("release_now", paused, unable))
    assert "Payouts to everybody are paused (The bank is closed.)." in page
    assert f"Payouts are paused to {paused.artisan.name} (We check an address.)." in page
    assert "1 artisan has no account at the processor that can receive money yet." in page
    assert "not sent yet" not in page
    services.resume_all(reason="It is open.", now=NOW)
    page = page_for(client, PAYABLES, choice("release_now", held(300)))
    assert "What stands in the way" not in page


def test_a_share_that_changed_since_it_was_looked_at_is_asked_about_again() -> None:
    client, _ = staff_client("view_payable", "release_payable")
    payable = held(1500)
    seen = held_in(page_for(client, PAYABLES, choice("release_now", payable)))
    debit(payable, 400)
    page = page_for(client, PAYABLES, seen)
    assert "Nothing was done; please look again." in page and "<strong>€11.00</strong>, in 1 row." in page
    payable.refresh_from_db()
    assert payable.status == "held"
    assert "Released 1." in page_for(client, PAYABLES, held_in(page))


def test_all_rows_of_a_filtered_list_are_one_choice_and_others_stay() -> None:
    client, _ = staff_client("view_payable", "release_payable")
    first, second, dollars = held(100), held(200), held(300, currency="USD")
    address = f"{PAYABLES}?currency=EUR"
    page = page_for(client, address, choice("release_now", first, select_across="1"))
    assert "<strong>€3.00</strong>, in 2 rows." in page
    assert held_in(page)["_selected_action"] == [str(first.pk)]
    assert "Released 2." in page_for(client, address, held_in(page))
    statuses = dict(Payable.objects.values_list("id", "status"))
    assert statuses == {first.pk: "released", second.pk: "released", dollars.pk: "held"}


def test_the_pause_after_a_refusal_is_named_and_ended(processor: FakeTransfers) -> None:
    client, _ = staff_client("view_payable", "release_payable")
    now = clock_now()
    [payable] = released([(connected_artisan(), 900)], now=now)
    Payable.objects.update(next_transfer_at=now + dt.timedelta(days=2), failure_code="account_closed")
    page = page_for(client, PAYABLES, choice("release_now", payable))
    assert "refused: account_closed; tried again " in page
    assert "Released 1." in page_for(client, PAYABLES, held_in(page))
    payable.refresh_from_db()
    assert payable.next_transfer_at is not None and payable.next_transfer_at <= clock_now()


def test_a_long_choice_shows_fifty_rows_and_the_sum_of_all() -> None:
    client, _ = staff_client("view_payable", "release_payable")
    sell([(connected_artisan(), 100)] * 51, now=clock_now())
    page = page_for(client, PAYABLES, choice("release_now", *Payable.objects.all()))
    assert "<strong>€51.00</strong>, in 51 rows." in page and "And 1 more" in page
    assert page.count("on hold until") == 50
    assert "Released 51." in page_for(client, PAYABLES, held_in(page))


def test_a_reserve_is_ended_after_a_page_that_says_how_much_becomes_due() -> None:
    client, user = staff_client("view_reserve", "end_reserve")
    released([(keeps_back(connected_artisan()), 1000), (keeps_back(connected_artisan()), 2000)], now=NOW)
    first, second = Reserve.objects.order_by("id")
    services.end_reserves(reserve_ids=[first.pk], now=NOW)
    page = page_for(client, RESERVES, choice("end_early", first, second))
    assert "<strong>€2.00</strong>, in 1 row." in page and "1 reserve of your choice ended before." in page
    second.refresh_from_db()
    assert second.status == "held"
    page = page_for(client, RESERVES, held_in(page))
    assert "Ended 1." in page and "1 had ended before." in page
    record = AuditRecord.objects.get(event_type="reserve.released", subject=second.public_id)
    assert (record.actor, record.amount_minor) == (f"staff:{user.pk}", 200)


def test_a_stopped_run_is_resumed_after_a_page_that_says_what_it_sends(processor: FakeTransfers) -> None:
    client, _ = staff_client("view_payoutrun", "start_payout_run")
    processor.refuse = lambda _: INSUFFICIENT
    released([(connected_artisan(), 1500), (connected_artisan(), 700)], now=NOW)
    run()
    stopped = PayoutRun.objects.get()
    assert stopped.status == "partial"
    unsent = sum(stopped.payouts.filter(status="requested").values_list("amount_minor", flat=True))
    assert unsent in (700, 1500)  # what was refused is written anew
    page = page_for(client, RUNS, choice("resume", stopped))
    assert f"<strong>€{unsent // 100}.00</strong>, in 1 row." in page
    assert "Our balance at the processor was too low in EUR: if it still is, they stop again there." in page
    stopped.refresh_from_db()
    assert stopped.status == "partial"
    assert f"1 resumed: {stopped}." in page_for(client, RUNS, held_in(page))
    stopped.refresh_from_db()
    assert stopped.status == "running"
    assert "not stopped, so there is nothing to resume" in agree(client, RUNS, choice("resume", stopped))


@pytest.mark.parametrize("what", ["release_now", "end_early", "resume"])
def test_who_may_only_look_cannot_agree_either(what: str, processor: FakeTransfers) -> None:
    released([(keeps_back(connected_artisan()), 1000)], now=NOW)
    run()
    PayoutRun.objects.update(status="partial", stopped_for="out_of_funds", finished_at=None)
    rows: dict[str, Payable | Reserve | PayoutRun] = {
        "release_now": held(100), "end_early": Reserve.objects.get(), "resume": PayoutRun.objects.get(),
    }  # fmt: skip
    row = rows[what]
    names = {"release_now": PAYABLES, "end_early": RESERVES, "resume": RUNS}
    both = {"release_now": "release_payable", "end_early": "end_reserve", "resume": "start_payout_run"}
    views = ("view_payable", "view_reserve", "view_payoutrun")
    may, _ = staff_client(*views, both[what])
    seen = held_in(page_for(may, names[what], choice(what, row)))
    before = row.status
    others = [permission for action, permission in both.items() if action != what]
    looks, _ = staff_client(*views, *others)
    page = page_for(looks, names[what], seen)
    assert 'name="confirmed"' not in page
    row.refresh_from_db()
    assert row.status == before
