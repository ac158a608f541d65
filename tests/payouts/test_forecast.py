"""The forecast of top-ups: the scheduled runs of the next days, played against what is available at Stripe."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from catalog.models import Artisan
from common.models import OutboxMessage
from common.money import Money
from payments.contracts import BalanceFound, ProcessorUnavailable
from payouts.emails import letters_forecast
from payouts.enums import PayableStatus, PayoutSchedule
from payouts.models import Payable, PayoutPolicy, Reserve, Transfer
from payouts.services import forecast as forecasts
from payouts.services import pause_all, policies
from payouts.services.forecast import CurrencyAhead, Forecast, play, sentence
from tests.payouts.hub import HOLD, NOW, compose, connected_artisan, debit, released, sell

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


def balance(available: int, pending: int = 0, currency: str = "EUR") -> BalanceFound:
    return BalanceFound(
        total={currency: available + pending}, available={currency: available}, pending={currency: pending}
    )


def ahead(available: int = 0, pending: int = 0, *, days: int = 14, paypal: BalanceFound | None = None) -> CurrencyAhead:
    [found] = play(now=NOW, days=days, stripe=balance(available, pending), paypal=paypal).currencies
    return found


def out(found: CurrencyAhead) -> dict[int, int]:
    """Minor units that go out, by the number of days from today."""
    return {(day.date - TODAY).days: day.goes_out.amount_minor for day in found.days if day.goes_out}


def on_policy(artisan: Artisan, **values: Any) -> PayoutPolicy:
    policies.ensure_policies(now=NOW, artisan_ids=[artisan.pk])
    PayoutPolicy.objects.filter(artisan=artisan).update(**values)
    return PayoutPolicy.objects.get(artisan=artisan)


def test_what_is_released_goes_out_today_and_what_is_held_when_its_hold_is_over() -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    sell([(artisan, 700)], now=NOW - HOLD + 3 * DAY)
    sell([(artisan, 9000)], now=NOW + 30 * DAY)
    found = ahead(2000)
    assert out(found) == {0: 1500, 3: 700}
    assert (found.available.amount_minor, found.missing.amount_minor) == (2000, 200)
    assert (found.short_from, found.next_run, found.next_missing.amount_minor) == (TODAY + 3 * DAY, TODAY, 0)
    assert [day.left.amount_minor for day in found.days[:4]] == [500, 500, 500, -200]
    assert sentence(found) == "Top up €2.00 at Stripe so that it is available on 24 November 2026."


def test_covered_it_says_that_nothing_has_to_be_done() -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    found = ahead(1500)
    assert (found.missing.amount_minor, found.short_from) == (0, None)
    assert sentence(found) == "Nothing has to be topped up."


def test_each_artisan_is_paid_on_their_own_days_from_their_own_smallest_amount_on() -> None:
    weekly, monthly, high = connected_artisan(), connected_artisan(), connected_artisan()
    on_policy(weekly, schedule=PayoutSchedule.WEEKLY, weekday=0, next_payout_date=TODAY + 2 * DAY)
    on_policy(monthly, schedule=PayoutSchedule.MONTHLY, month_day=1, next_payout_date=dt.date(2026, 12, 1))
    on_policy(high, minimum_minor=1000, next_payout_date=TODAY)
    released([(weekly, 500), (monthly, 60), (high, 990)], now=NOW)
    sell([(weekly, 40)], now=NOW - HOLD + 4 * DAY)
    sell([(high, 10)], now=NOW - HOLD + 5 * DAY)
    # 21 November is a Saturday: Mondays are the 23rd and the 30th.
    assert out(ahead(0)) == {2: 500, 5: 1000, 9: 40, 10: 60}


def test_what_has_no_day_is_told_apart() -> None:
    asks, paused, nobody = connected_artisan(), connected_artisan(), connected_artisan(enabled=False)
    on_policy(asks, schedule=PayoutSchedule.MANUAL, next_payout_date=None)
    on_policy(paused, paused_at=NOW)
    released([(asks, 100), (paused, 20), (nobody, 3)], now=NOW)
    found = ahead(0)
    assert (out(found), found.undated.amount_minor, found.missing.amount_minor) == ({}, 103, 0)
    assert found.paused.amount_minor == 20


def pause_everybody() -> None:
    assert pause_all(reason="The bank is closed.", now=NOW)


def test_while_everybody_is_paused_nothing_goes_out_and_what_is_missing_afterwards_is_told() -> None:
    artisan, paused = connected_artisan(), connected_artisan()
    on_policy(paused, paused_at=NOW)
    released([(artisan, 1500), (paused, 30)], now=NOW)
    sell([(artisan, 700)], now=NOW - HOLD + 3 * DAY)
    pause_everybody()
    seen = play(now=NOW, days=14, stripe=balance(1200), paypal=None)
    assert (seen.paused_at, seen.paused_reason) == (NOW, "The bank is closed.")
    [found] = seen.currencies
    assert (out(found), found.missing.amount_minor, found.paused.amount_minor) == ({}, 0, 2230)
    then = found.to_cover
    # Who is paused on their own stays so.
    assert (out(then), then.missing.amount_minor, then.paused.amount_minor) == ({0: 1500, 3: 700}, 1000, 30)
    assert sentence(found) == (
        "All payouts are paused, so nothing new goes out. Once they go on: "
        "Top up €10.00 at Stripe so that it is available on 21 November 2026. "
        "€3.00 of it are missing for the next payouts already."
    )


@pytest.mark.parametrize("who", ["everybody", "one artisan"])
def test_a_transfer_that_is_written_down_waits_for_the_end_of_a_pause_and_one_without_an_answer_does_not(
    who: str,
) -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    compose()
    assert out(ahead(0)) == {0: 1500}
    if who == "everybody":
        pause_everybody()
    else:
        on_policy(artisan, paused_at=NOW)
    found = ahead(0)
    assert (out(found), found.paused.amount_minor) == ({}, 1500)
    Transfer.objects.update(status="unknown")
    found = ahead(0)
    assert (out(found), found.paused.amount_minor) == ({0: 1500}, 0)


def test_a_reserve_is_kept_back_and_comes_back() -> None:
    artisan = connected_artisan()
    on_policy(artisan, reserve_bps=1_000, reserve_days=5, next_payout_date=TODAY)
    sell([(artisan, 999)], now=NOW - HOLD + 2 * DAY)
    assert out(ahead(0)) == {2: 900, 7: 99}
    payable = Payable.objects.get()
    Payable.objects.update(status=PayableStatus.RELEASED, next_transfer_at=NOW)
    Reserve.objects.create(
        public_id="rsv_1", payable=payable, artisan=artisan, amount_minor=50, currency="EUR", release_at=NOW + 4 * DAY,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    assert out(ahead(0)) == {0: 999, 4: 50}


def test_what_the_artisan_owes_is_netted_first() -> None:
    artisan = connected_artisan()
    [payable] = released([(artisan, 1000)], now=NOW)
    Payable.objects.filter(id=payable.pk).update(
        status=PayableStatus.TRANSFERRED, next_transfer_at=None, transferred_at=NOW
    )
    payable.refresh_from_db()
    debit(payable, 700, collects=False)
    sell([(artisan, 300)], now=NOW - HOLD + 2 * DAY)
    sell([(artisan, 900)], now=NOW - HOLD + 3 * DAY)
    assert out(ahead(0)) == {3: 500}


def test_what_is_pending_becomes_available_with_its_sale_and_never_more_than_is_pending() -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    found = ahead(0, 1000)
    # No captures of ours: after the usual time.
    arrivals = {(day.date - TODAY).days: day.comes_in.amount_minor for day in found.days if day.comes_in}
    assert arrivals == {7: 1000}
    assert (found.missing.amount_minor, found.days[7].left.amount_minor) == (1500, -500)


def test_shares_of_sales_at_paypal_are_paid_from_stripe_and_what_lies_at_paypal_is_told() -> None:
    artisan = connected_artisan()
    sell([(artisan, 800)], now=NOW - HOLD + DAY, processor="paypal")
    found = ahead(100, paypal=balance(950))
    assert (found.paid_at_paypal.amount_minor, found.at_paypal, found.missing.amount_minor) == (
        800, Money(950, "EUR"), 700,
    )  # fmt: skip


def test_currencies_are_kept_apart() -> None:
    released([(connected_artisan(), 100)], now=NOW)
    released([(connected_artisan(currency="USD"), 300)], now=NOW)
    found = play(now=NOW, days=3, stripe=balance(50), paypal=None).currencies
    assert [(one.currency, one.missing.amount_minor) for one in found] == [("EUR", 50), ("USD", 300)]


def test_without_stripes_balance_nothing_is_said_to_be_short(monkeypatch: pytest.MonkeyPatch) -> None:
    released([(connected_artisan(), 100)], now=NOW)

    def silent(*, processor: str) -> BalanceFound:
        raise ProcessorUnavailable()

    monkeypatch.setattr("payouts.services.forecast.payments.processor_balance", silent)
    found = forecasts.forecast(now=NOW)
    assert not found.is_known
    [euro] = found.currencies
    assert (out(euro), euro.missing.amount_minor, euro.short_from, euro.at_paypal) == ({0: 100}, 0, None, None)


def test_it_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        artisan = connected_artisan()
        on_policy(artisan)
        released([(artisan, 100)], now=NOW)
    with django_assert_max_num_queries(5):
        play(now=NOW, days=14, stripe=balance(0), paypal=None)


@pytest.fixture
def staff(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("lea@example.org", "x" * 20)


def test_staff_are_written_to_once_a_day_when_the_next_run_is_not_covered(
    monkeypatch: pytest.MonkeyPatch, staff: Any, mailoutbox: list[Any]
) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    at_stripe = [balance(1500)]
    monkeypatch.setattr("payouts.services.forecast.payments.processor_balance", lambda *, processor: at_stripe[0])
    assert letters_forecast.announce_uncovered_run(now=NOW) == 0
    assert OutboxMessage.objects.filter(task="payouts.tasks.send_top_up_letter").count() == 0
    at_stripe[0] = balance(1300)
    for _ in range(2):
        assert letters_forecast.announce_uncovered_run(now=NOW) == 1
    assert OutboxMessage.objects.filter(task="payouts.tasks.send_top_up_letter").count() == 1
    letters_forecast.send_top_up_letter(user_id=staff.pk, now=NOW)
    [letter] = mailoutbox
    assert letter.subject == "Please top up at Stripe: €2.00"
    assert "EUR: €2.00 are missing on 21 November 2026. €13.00 lie at PayPal" in letter.body
    # Topped up in between: no letter.
    at_stripe[0] = balance(1500)
    letters_forecast.send_top_up_letter(user_id=staff.pk, now=NOW)
    assert len(mailoutbox) == 1


def test_the_letter_says_that_everybody_is_paused_and_what_is_missing_once_they_go_on(
    monkeypatch: pytest.MonkeyPatch, staff: Any, mailoutbox: list[Any]
) -> None:
    artisan, paused = connected_artisan(), connected_artisan()
    on_policy(paused, paused_at=NOW)
    released([(artisan, 1500), (paused, 30)], now=NOW)
    monkeypatch.setattr("payouts.services.forecast.payments.processor_balance", lambda *, processor: balance(1300))
    pause_everybody()
    assert letters_forecast.announce_uncovered_run(now=NOW) == 1
    letters_forecast.send_top_up_letter(user_id=staff.pk, now=NOW)
    [letter] = mailoutbox
    assert letter.subject == "Please top up at Stripe, before payouts go on: €2.00"
    for words in (
        "All payouts are paused since 21 November 2026",
        "The bank is closed.",
        "EUR: €2.00 are missing on 21 November 2026.",
        "€0.30 for artisans whose own payouts are paused are not counted.",
    ):
        assert words in letter.body


def test_the_command_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    released([(connected_artisan(), 1500)])
    monkeypatch.setattr("payouts.services.forecast.payments.processor_balance", lambda *, processor: balance(1000))
    told = StringIO()
    call_command("payout_forecast", "--days", "3", stdout=told)
    assert "EUR: Top up €5.00 at Stripe" in told.getvalue()
    assert "out €15.00" in told.getvalue()
    assert "paused" not in told.getvalue()
    pause_everybody()
    told = StringIO()
    call_command("payout_forecast", "--days", "3", stdout=told)
    assert f"All payouts are paused since {NOW:%Y-%m-%d %H:%M} UTC: The bank is closed." in told.getvalue()
    assert "Once they go on: Top up €5.00 at Stripe" in told.getvalue()
    assert "waits for the end of a pause €15.00" in told.getvalue()
    assert "out €15.00" not in told.getvalue()


def test_the_page_shows_it_to_who_may_see_payouts(
    monkeypatch: pytest.MonkeyPatch, staff: Any, client: Any, django_user_model: Any
) -> None:
    released([(connected_artisan(), 1500)])
    monkeypatch.setattr("payouts.services.forecast.payments.processor_balance", lambda *, processor: balance(1000))
    page = "/admin/payouts/bankpayout/top-ups/"
    plain = django_user_model.objects.create_user("no@example.org", "x" * 20, is_staff=True)
    client.force_login(plain)
    assert client.get(page).status_code == 403
    client.force_login(staff)
    answer = client.get(page, {"days": "7"})
    assert answer.status_code == 200
    assert "Top up €5.00 at Stripe" in answer.content.decode()
    assert isinstance(answer.context["ahead"], Forecast)
    assert client.get(page, {"days": "9" * 40}).status_code == 200
    assert "paused" not in answer.context["currencies"][0][1]
    pause_everybody()
    shown = client.get(page).content.decode()
    assert "All payouts are paused since 21 November 2026" in shown
    assert "The bank is closed." in shown
    assert "Once they go on: Top up €5.00 at Stripe" in shown
