"""The desk: terms, pauses, the switch, reserves and debts, each by its permission and by its use case."""

import pytest
from django.test import Client
from django.urls import reverse

from payouts import services
from payouts.models import PayoutPolicy, PolicyEvent, Reserve, SellerDebt
from payouts.selectors import all_paused
from tests.payouts.desk import agree
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import NOW, connected_artisan, debit, keeps_back, released, run
from tests.payouts.test_admin import staff_client

pytestmark = pytest.mark.django_db
SWITCH = "admin:payouts_payoutswitch_changelist"
TERMS = {
    "hold_days": "3", "schedule": "weekly", "weekday": "4", "month_day": "1", "minimum": "25.00", "reserve": "7.50",
    "reserve_days": "45",
}  # fmt: skip


def policy() -> PayoutPolicy:
    return services.policy_of(artisan_id=connected_artisan().pk, now=NOW)


def url(name: str, row: int) -> str:
    return reverse(f"admin:payouts_{name}", args=[row])


def test_staff_change_the_terms_on_a_page_of_their_own() -> None:
    client, user = staff_client("view_payoutpolicy", "change_payoutpolicy")
    row = policy()
    assert "Change the terms" in client.get(url("payoutpolicy_change", row.pk)).content.decode()
    page = url("payoutpolicy_terms", row.pk)
    assert "Smallest payout, EUR" in client.get(page).content.decode()
    assert client.post(page, TERMS).status_code == 302
    row.refresh_from_db()
    assert (row.hold_days, row.schedule, row.weekday, row.minimum_minor, row.reserve_bps, row.reserve_days) == (
        3, "weekly", 4, 2500, 750, 45
    )  # fmt: skip
    shown = client.get(url("payoutpolicy_change", row.pk)).content.decode()
    assert "7.5 % for 45 days" in shown
    for words in (
        "days on hold: 7 → 3", "weekday: Monday → Friday", "smallest payout: €0.00 → €25.00", "reserve: 0 % → 7.5 %",
        "paid: every day → once a week", "once a week, on Friday", f"(staff:{user.pk})",
    ):  # fmt: skip
        assert words in shown
    assert "A reserve needs both" in client.post(page, {**TERMS, "reserve_days": "0"}).content.decode()
    assert client.post(url("payoutpolicy_pause", row.pk), {"act": "pause", "reason": "x"}).status_code == 403


def test_staff_pause_one_artisan_with_a_reason() -> None:
    client, _ = staff_client("view_payoutpolicy", "pause_payouts")
    row = policy()
    page = url("payoutpolicy_pause", row.pk)
    assert client.post(page, {"act": "pause", "reason": ""}).status_code == 200
    for turn, is_paused in (("pause", True), ("resume", False)):
        assert client.post(page, {"act": turn, "reason": "We check an address."}).status_code == 302
        row.refresh_from_db()
        assert (row.paused_at is not None) == is_paused


def test_the_pause_page_is_only_for_who_may() -> None:
    client, _ = staff_client("view_payoutpolicy", "pause_payouts")
    row = policy()
    assert client.get(url("payoutpolicy_terms", row.pk)).status_code == 403
    assert client.get(url("payoutpolicy_pause", 99999)).status_code == 404


def test_the_switch_says_how_it_stands_and_is_turned_with_a_reason() -> None:
    client, user = staff_client("view_payoutswitch", "pause_payouts")
    page = reverse(SWITCH)
    assert "Payouts are on" in client.get(page).content.decode()
    assert client.post(page, {"act": "pause", "reason": " "}).status_code == 200
    assert all_paused() is None
    assert client.post(page, {"act": "pause", "reason": "The bank is closed."}).status_code == 302
    shown = client.get(page).content.decode()
    assert "Payouts are paused" in shown
    assert "The bank is closed." in shown
    paused = all_paused()
    assert paused is not None
    assert paused.paused_by == f"staff:{user.pk}"
    assert client.post(page, {"act": "resume", "reason": "It is open."}).status_code == 302
    assert all_paused() is None


def test_a_second_click_on_pause_does_not_let_payouts_go_on() -> None:
    """Nor does the page that somebody has had open since before a colleague turned the switch."""
    client, _ = staff_client("view_payoutswitch", "view_payoutpolicy", "pause_payouts")
    row = policy()
    for page in (reverse(SWITCH), url("payoutpolicy_pause", row.pk)):
        shown = client.get(page).content.decode()
        assert '<input type="hidden" name="act" value="pause"' in shown
        for answer in ("from now on.", "already; somebody was quicker. Nothing was changed."):
            sent = client.post(page, {"act": "pause", "reason": "The bank is closed."}, follow=True)
            assert answer in sent.content.decode()
        assert '<input type="hidden" name="act" value="resume"' in client.get(page).content.decode()
    row.refresh_from_db()
    assert row.paused_at is not None
    assert all_paused() is not None
    assert PolicyEvent.objects.filter(event="paused").count() == 2
    assert client.post(reverse(SWITCH), {"reason": "Neither the one nor the other."}).status_code == 200
    assert all_paused() is not None


def test_who_may_only_look_does_not_turn_the_switch() -> None:
    client, _ = staff_client("view_payoutswitch")
    shown = client.get(reverse(SWITCH)).content.decode()
    assert "You may see this, but not turn it." in shown
    assert client.post(reverse(SWITCH), {"act": "pause", "reason": "x"}).status_code == 403
    assert staff_client()[0].get(reverse(SWITCH)).status_code == 403


def test_a_reserve_is_ended_early_by_who_may() -> None:
    released([(keeps_back(connected_artisan()), 1000)], now=NOW)
    reserve = Reserve.objects.get()
    page, chosen = reverse("admin:payouts_reserve_changelist"), {"action": "end_early", "_selected_action": reserve.pk}
    viewer, _ = staff_client("view_reserve")
    assert "End now" not in viewer.get(page).content.decode()
    viewer.post(page, chosen)
    reserve.refresh_from_db()
    assert reserve.status == "held"
    client, _ = staff_client("view_reserve", "end_reserve", "view_reserverelease", "view_reservedebit")
    assert "Ended 1." in agree(client, page, chosen)
    assert "1 had ended before" in client.post(page, chosen, follow=True).content.decode()
    shown = client.get(url("reserve_change", reserve.pk)).content.decode()
    assert "reserve_withheld:" in shown
    assert "staff ended it" in shown


def test_a_debt_is_written_off_by_who_may(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600, collects=False)
    debt = SellerDebt.objects.get()
    page = url("sellerdebt_write_off", debt.pk)
    client: Client = staff_client("view_sellerdebt")[0]
    assert client.get(page).status_code == 403
    assert "Write it off" not in client.get(url("sellerdebt_change", debt.pk)).content.decode()
    client = staff_client("view_sellerdebt", "write_off_debt", "view_debtwriteoff")[0]
    assert "Write it off" in client.get(url("sellerdebt_change", debt.pk)).content.decode()
    assert "€6.00" in client.get(page).content.decode()
    assert client.post(page, {"reason": "Closed the workshop"}).status_code == 302
    debt.refresh_from_db()
    assert debt.open_minor == 0
    shown = client.get(url("sellerdebt_change", debt.pk)).content.decode()
    assert "Closed the workshop" in shown
    assert "debt_written_off:" in shown
    assert "Nothing of this debt is open" in client.post(page, {"reason": "Again"}).content.decode()
