"""The day that an artisan reads as that of the next payout is the one on which money really goes next."""

import datetime as dt

import pytest

from catalog.models import Artisan
from common.money import Money
from orders.contracts.next_payout import NextPayout
from orders.selectors.next_payout import next_payout
from payouts import services
from payouts.models import PayoutPolicy, PayoutRun
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import HOLD, NOW, connected_artisan, released, sell

pytestmark = pytest.mark.django_db
# NOW is a Saturday, noon.
TODAY, NEXT = NOW.date(), dt.date(2026, 11, 28)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLOSING = NOW.replace(hour=20)


@pytest.fixture(autouse=True)
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeTransfers:
    fake = FakeTransfers()
    monkeypatch.setattr("payouts.services.send.processor_named", lambda _: fake)
    return fake


def weekly(**values: object) -> Artisan:
    """Paid on Saturdays, and today for the first time."""
    artisan = connected_artisan()
    services.policy_of(artisan_id=artisan.pk, now=NOW)
    PayoutPolicy.objects.filter(artisan=artisan).update(schedule="weekly", weekday=5, next_payout_date=TODAY, **values)
    return artisan


def paid_in_the_morning(**values: object) -> Artisan:
    artisan = weekly(**values)
    released([(artisan, 5000)], now=NOW - HOUR)
    assert services.run_scheduled(now=NOW).succeeded == 1
    return artisan


def shown(artisan: Artisan, now: dt.datetime) -> tuple[dt.date | None, list[int]]:
    """The date, and what is expected on it."""
    found: NextPayout = next_payout(artisan, now=now)
    return found.date, [one.amount.amount_minor for one in found.expected]


def ends_at(artisan: Artisan, amount_minor: int, at: dt.datetime) -> None:
    """A share whose hold ends then."""
    sell([(artisan, amount_minor)], now=at - HOLD)


def test_who_was_paid_in_the_morning_sees_the_next_day_of_the_schedule() -> None:
    artisan = weekly()
    released([(artisan, 5000)], now=NOW - HOUR)
    assert shown(artisan, NOW) == (TODAY, [5000])
    assert services.run_scheduled(now=NOW).succeeded == 1
    assert PayoutPolicy.objects.get().next_payout_date == TODAY
    assert shown(artisan, NOW + HOUR) == (NEXT, [])
    ends_at(artisan, 700, NOW + 3 * DAY)
    assert shown(artisan, NOW + HOUR) == (NEXT, [700])
    assert services.run_scheduled(now=CLOSING).succeeded == 0
    assert shown(artisan, CLOSING + HOUR) == (NEXT, [700])


def test_what_is_released_after_the_morning_goes_the_same_evening() -> None:
    artisan = paid_in_the_morning()
    released([(artisan, 800)], now=NOW + HOUR)
    assert shown(artisan, NOW + 2 * HOUR) == (TODAY, [800])
    assert services.run_scheduled(now=CLOSING).succeeded == 1
    assert shown(artisan, CLOSING) == (NEXT, [])


def test_what_is_on_hold_goes_the_same_evening_only_if_the_hold_ends_before_it() -> None:
    artisan = paid_in_the_morning()
    ends_at(artisan, 900, CLOSING + HOUR)
    assert shown(artisan, NOW + HOUR) == (NEXT, [900])
    ends_at(artisan, 400, CLOSING - HOUR)
    assert shown(artisan, NOW + HOUR) == (TODAY, [400])
    services.release_due(now=CLOSING)
    assert services.run_scheduled(now=CLOSING).succeeded == 1
    assert shown(artisan, CLOSING) == (NEXT, [900])


def test_what_is_too_little_for_a_payout_waits_for_the_next_day() -> None:
    artisan = paid_in_the_morning(minimum_minor=1000)
    released([(artisan, 999)], now=NOW + HOUR)
    assert shown(artisan, NOW + 2 * HOUR) == (NEXT, [999])
    released([(artisan, 1)], now=NOW + 2 * HOUR)
    assert shown(artisan, NOW + 3 * HOUR) == (TODAY, [1000])


def test_who_is_paid_every_day_or_when_they_ask_reads_what_is_true() -> None:
    daily, asks = connected_artisan(), connected_artisan()
    for artisan in (daily, asks):
        services.policy_of(artisan_id=artisan.pk, now=NOW)
    PayoutPolicy.objects.filter(artisan=asks).update(schedule="manual", next_payout_date=None)
    released([(daily, 5000), (asks, 300)], now=NOW - HOUR)
    assert services.run_scheduled(now=NOW).succeeded == 1
    assert shown(daily, NOW + HOUR) == (TODAY + DAY, [])
    assert shown(asks, NOW + HOUR) == (None, [300])


def test_a_run_that_is_not_over_may_still_pay_today() -> None:
    artisan = paid_in_the_morning()
    PayoutRun.objects.update(status="partial", finished_at=None)
    assert shown(artisan, NOW + HOUR)[0] == TODAY


def test_of_a_day_without_a_run_what_is_released_goes_at_once() -> None:
    artisan = weekly()
    assert shown(artisan, NOW) == (TODAY, [])
    assert next_payout(artisan, now=NOW).terms.minimum == Money(0, "EUR")
