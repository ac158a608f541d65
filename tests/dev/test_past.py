"""The demo's past: lived through by the use cases, dated then in the books, at the processor and in the letters."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from catalog.models import Artisan
from common.clock import now as clock_now
from common.models import AuditRecord, OutboxMessage
from dev.past import story
from ledger.models import JournalEntry
from orders.contracts.statement import Category
from orders.models import Order
from orders.selectors.seller_statements import months_of, statement_of
from payouts.models import Payout, Reserve
from tests.orders.fixtures import no_broker, stripe
from tests.orders.wire import Wire

__all__ = ["no_broker", "stripe"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker")]

# The first share is free on day 12, payouts are made weekly, and all of these days are in one month, whenever it is.
DAYS = 21


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield


def test_the_past_is_dated_then_everywhere_and_the_books_hold(stripe: Wire) -> None:
    call_command("load_demo_shop", stdout=io.StringIO())
    before = clock_now()
    assert story.live_through(sandbox=stripe.url, days=DAYS) == 5

    orders = list(Order.objects.order_by("id"))
    assert [order.status for order in orders] == ["paid"] * 5
    first, last = orders[0].created_at, orders[0].created_at + DAYS * dt.timedelta(days=1)
    assert (first.day, first.hour) == (4, 10)
    assert last < before - dt.timedelta(days=30)
    # Holds that are over since then ended now.
    sold_and_paid = JournalEntry.objects.filter(kind__in=("sale", "transfer_requested"))
    for dates in (
        sold_and_paid.values_list("posted_at", flat=True),
        sold_and_paid.values_list("effective_at", flat=True),
        AuditRecord.objects.filter(event_type__startswith="payment").values_list("occurred_at", flat=True),
        [dt.datetime.fromtimestamp(charge["created"], dt.UTC) for charge in stripe.summary()["charges"]],
    ):
        assert dates
        assert first - dt.timedelta(minutes=1) < min(dates) <= max(dates) < last

    artisan = Artisan.objects.get(slug="barro-azul")
    payouts = list(Payout.objects.filter(artisan=artisan).order_by("id"))
    # The bowl of the first day: 28.00 less 2.80 commission and 6.90 shipping, of which a tenth is kept back.
    reserves = list(Reserve.objects.filter(artisan=artisan).order_by("id"))
    assert reserves[0].amount_minor == 321
    assert payouts[0].items.order_by("id")[0].amount_minor == 3210 - 321
    month = f"{first:%Y-%m}"
    assert (month, "EUR") in months_of(artisan, now=clock_now())
    statement = statement_of(artisan, month=month, currency="EUR", now=clock_now())
    assert statement.is_complete
    assert statement.closing.reserved.amount_minor == sum(
        reserve.amount_minor for reserve in reserves if reserve.created_at < last
    )
    assert statement.sums[Category.PAYOUTS].amount_minor == -sum(payout.amount_minor for payout in payouts)
    call_command("ledger_check", stdout=io.StringIO())
    assert not OutboxMessage.objects.filter(status="dead").exists()

    # Every clock is what it was, and a shop with a past gets no other.
    assert abs(clock_now() - before) < dt.timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), current_schemas(false)")
        at, schemas = cursor.fetchone()
    assert abs(at - before) < dt.timedelta(hours=1)
    assert schemas == ["public"]
    assert story.live_through(sandbox=stripe.url) == 0
