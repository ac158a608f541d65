"""What artisans are owed, and the end of the hold: exact figures, once each."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common.clock import now as clock_now
from ledger.selectors import entry_by_source
from payouts import services
from payouts.contracts import PayableInTheWay, UnknownPayable
from payouts.enums import PayableStatus
from payouts.models import Payable, PayableEvent
from payouts.selectors import earnings_of_order, totals_of_artisan
from tests.orders.shop import new_artisan
from tests.payouts.hub import HOLD, NOW, audited, books, connected_artisan, sell, shares_of

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_accruing_is_one_statement_for_any_number_of_artisans(count: int, django_assert_num_queries: Any) -> None:
    shares = shares_of([(new_artisan(), 1000 + number) for number in range(count)])
    with django_assert_num_queries(1):
        made = services.accrue(
            order_reference="ord_1", source_charge_id="ch_1", processor="stripe", shares=shares,
            hold_until=NOW + HOLD, now=NOW,
        )  # fmt: skip
    assert made == count
    rows = Payable.objects.filter(order_reference="ord_1").order_by("id")
    assert [row.amount for row in rows] == [share.amount for share in shares]
    assert {(row.status, row.hold_until, row.source_charge_id) for row in rows} == {("held", NOW + HOLD, "ch_1")}
    assert all(row.public_id.startswith("pbl_") for row in rows)


def test_accruing_twice_is_once() -> None:
    shares = shares_of([(new_artisan(), 1000)])
    for expected in (1, 0):
        made = services.accrue(
            order_reference="ord_1", source_charge_id="ch_1", processor="stripe", shares=shares,
            hold_until=NOW + HOLD, now=NOW,
        )  # fmt: skip
        assert made == expected
    assert Payable.objects.count() == 1
    assert not services.accrue(
        order_reference="ord_1", source_charge_id="ch_1", processor="stripe", shares=[], hold_until=NOW, now=NOW
    )


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nobody_is_owed_nothing_or_less(amount_minor: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.accrue(
            order_reference="ord_1", source_charge_id="ch_1", processor="stripe",
            shares=shares_of([(new_artisan(), amount_minor)]), hold_until=NOW, now=NOW,
        )  # fmt: skip


def test_the_hold_ends_when_it_is_over_and_not_before() -> None:
    first, second = new_artisan(), new_artisan()
    order = sell([(first, 1500), (second, 333)], now=NOW)
    held = {f"seller_held:{first.public_id}": 1500, f"seller_held:{second.public_id}": 333}
    assert books() == {"stripe_clearing": 2033, "commission": 200, **held}

    assert services.release_due(now=NOW + HOLD - SECOND) == 0
    assert books() == {"stripe_clearing": 2033, "commission": 200, **held}

    assert services.release_due(now=NOW + HOLD) == 2
    due = {f"seller_payable:{first.public_id}": 1500, f"seller_payable:{second.public_id}": 333}
    assert books() == {"stripe_clearing": 2033, "commission": 200, **due}
    for payable in Payable.objects.filter(order_reference=order):
        assert (payable.status, payable.released_at) == (PayableStatus.RELEASED, NOW + HOLD)
        entry = entry_by_source(f"release:{payable.public_id}")
        assert entry is not None
        assert entry.effective_at == NOW + HOLD
        assert [(event.event, event.from_status, event.to_status) for event in payable.events.all()] == [
            ("hold_over", "held", "released")
        ]
        assert audited(payable.public_id) == [("payable.released", "succeeded")]

    assert services.release_due(now=NOW + HOLD) == 0
    assert PayableEvent.objects.count() == 2


def test_releasing_takes_the_same_number_of_statements_for_one_and_for_many(django_assert_num_queries: Any) -> None:
    artisans = [new_artisan() for _ in range(6)]
    services.ensure_policies(now=NOW)
    sell([(artisans[0], 100)], now=NOW)
    # Savepoint and its release, lock, update, history, audit, debts, policies, one posting.
    with django_assert_num_queries(9):
        assert services.release_due(now=NOW + HOLD) == 1
    sell([(artisan, 100) for artisan in artisans], now=NOW)
    with django_assert_num_queries(9):
        assert services.release_due(now=NOW + HOLD) == 6


def test_more_than_fits_in_a_transaction_is_released_in_several() -> None:
    sell([(new_artisan(), 100) for _ in range(5)], now=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert services.release_due(now=NOW + HOLD, limit=3) == 5
    assert len([query for query in queries if "FOR UPDATE OF" in query["sql"]]) == 2
    assert services.release_due(now=NOW + HOLD, limit=3) == 0


def test_staff_release_early() -> None:
    artisan = new_artisan()
    sell([(artisan, 1500)], now=NOW)
    payable = Payable.objects.get()
    assert services.release_now(payable_ids=[payable.pk], now=NOW) == 1
    payable.refresh_from_db()
    assert (payable.status, payable.released_at, payable.next_transfer_at) == (PayableStatus.RELEASED, NOW, NOW)
    assert [event.event for event in payable.events.all()] == ["released_early"]
    assert books()[f"seller_payable:{artisan.public_id}"] == 1500
    # Nothing waits any more: a second click changes nothing.
    assert services.release_now(payable_ids=[payable.pk], now=NOW) == 0
    assert audited(payable.public_id) == [("payable.released", "succeeded")]


def test_a_held_payable_can_be_canceled_once_released_it_cannot() -> None:
    first, second = new_artisan(), new_artisan()
    sell([(first, 100), (second, 200)], now=NOW)
    one, other = Payable.objects.order_by("id")
    for _ in range(2):
        canceled = services.cancel(seller_order_reference=one.seller_order_reference, now=NOW)
        assert canceled.status == PayableStatus.CANCELED
    assert audited(one.public_id) == [("payable.canceled", "succeeded")]
    services.release_due(now=NOW + HOLD)
    with pytest.raises(PayableInTheWay):
        services.cancel(seller_order_reference=other.seller_order_reference, now=NOW + HOLD)
    with pytest.raises(UnknownPayable):
        services.cancel(seller_order_reference="sel_none", now=NOW)
    one.refresh_from_db()
    assert one.status == PayableStatus.CANCELED


def test_what_an_artisan_earned_and_where_it_is() -> None:
    euro, yen = connected_artisan(), new_artisan(currency="JPY")
    order = sell([(euro, 1500)], now=NOW)
    sell([(euro, 700)], now=NOW - HOLD)
    sell([(yen, 900)], now=NOW)
    services.release_due(now=NOW)
    totals = totals_of_artisan(artisan_id=euro.pk)
    assert list(totals) == ["EUR"]
    assert [str(part) for part in (totals["EUR"].held, totals["EUR"].released, totals["EUR"].earned)] == [
        "€15.00", "€7.00", "€22.00"
    ]  # fmt: skip
    assert str(totals_of_artisan(artisan_id=yen.pk)["JPY"].held) == "¥900"
    [earning] = earnings_of_order(order_reference=order)
    assert (earning.artisan_public_id, earning.amount.amount_minor, earning.status) == (euro.public_id, 1500, "held")
    assert (earning.transfer_reference, earning.transfer_status) == ("", None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payouts_payable SET amount_minor = amount_minor + 1",
        "UPDATE payouts_payable SET artisan_id = artisan_id + 1",
        "UPDATE payouts_payable SET source_charge_id = 'ch_2'",
        "UPDATE payouts_payable SET status = 'transferred'",
        "UPDATE payouts_payable SET status = 'released'",
        "UPDATE payouts_payable SET status = 'paid'",
        "DELETE FROM payouts_payable",
        "UPDATE payouts_payableevent SET note = 'x'",
        "DELETE FROM payouts_payableevent",
    ],
)
def test_postgresql_keeps_what_was_accrued(statement: str) -> None:
    sell([(new_artisan(), 100)], now=clock_now())
    sell([(new_artisan(), 100)], now=clock_now() - HOLD)
    services.release_due(now=clock_now())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
