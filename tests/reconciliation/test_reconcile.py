"""The books against the processors' own statements: what agrees is silent, what differs is named."""

import datetime as dt
import uuid

import pytest
import requests

from common.clock import now as clock_now
from ledger.selectors import balance, entry_by_source
from orders.models import Order
from orders.services import settle_order
from payments.models import Capture, Payment, Refund
from payouts.models import Transfer, TransferReversal
from reconciliation.contracts import PeriodInvalid
from reconciliation.models import PlatformPayout, ReconciliationException, ReconciliationRun, StatementLine
from reconciliation.services.store import StatementContradiction
from tests.orders.shop import check_out, confirm, three_artisans
from tests.orders.wire import SECRET_KEY, Wire
from tests.reconciliation.shop import give_back, healthy, late, sale
from tests.reconciliation.statements import HOUR, command, control, found, ran, the_exception

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
DAY = dt.timedelta(days=1)


def _charge_movement(order: Order) -> str:
    capture = Capture.objects.get(payment__order_reference=order.public_id)
    return capture.balance_transaction_id


def _fee(order: Order) -> int:
    fee = Capture.objects.get(payment__order_reference=order.public_id).fee_minor
    assert fee
    return fee


def _paid_and_not_told(stripe: Wire) -> Order:
    """The buyer has paid; no webhook came and no browser returned."""
    order = check_out(three_artisans())
    opened = confirm(order).found
    assert opened is not None
    stripe.pay(opened.client_secret)
    return order


def _pay_out(stripe: Wire, amount: int) -> str:
    """Somebody pays our own money out in the dashboard."""
    stripe.advance(4 * 24 * 3600)  # the card money is available
    made = requests.post(
        f"{stripe.url}/v1/payouts", data={"amount": str(amount), "currency": "eur"},
        headers={"Idempotency-Key": uuid.uuid4().hex}, auth=(SECRET_KEY, ""), timeout=15,
    )  # fmt: skip
    made.raise_for_status()
    return str(made.json()["id"])


def test_books_in_order_agree_with_every_movement(stripe: Wire) -> None:
    sale(stripe)
    status, told, errors = command()
    assert (status, errors) == (0, "")
    assert "everything is explained" in told
    assert found() == []


def test_a_shop_in_which_everything_was_booked_has_nothing_unexplained(stripe: Wire) -> None:
    healthy(stripe)
    run = ran(later=HOUR)
    # A reversal, a transfer and a refund had lost their answers.
    rows = ReconciliationException.objects.order_by("effect_minor")
    assert [(row.difference, row.status, row.movement_kind) for row in rows] == [
        ("missing_here", "healed", "transfer"),
        ("missing_here", "healed", "refund"),
        ("missing_here", "healed", "transfer_reversal"),
    ]
    assert run.healed == 3
    assert run.matched >= 15
    assert Transfer.objects.exclude(status="succeeded").count() == 0
    assert TransferReversal.objects.exclude(status="succeeded").count() == 0
    assert Refund.objects.filter(status__in=["unknown", "requested"]).count() == 0


def test_fetched_twice_and_overlapping_nothing_doubles(stripe: Wire) -> None:
    sale(stripe)
    first = ran()
    again = ran()
    assert (first.fetched, first.added) == (1, 1)
    assert (again.fetched, again.added) == (1, 0)
    assert StatementLine.objects.count() == 1


def test_a_lost_webhook_is_found_and_what_it_told_is_recorded(stripe: Wire) -> None:
    order = _paid_and_not_told(stripe)
    status, told, errors = command()
    assert (status, errors) == (0, "")
    order.refresh_from_db()
    assert order.status == "paid"
    assert "had come late, and is recorded now: charge ch_" in told
    [row] = ReconciliationException.objects.all()
    assert (row.difference, row.status, row.ours_gross_minor) == ("missing_here", "healed", 0)
    assert row.theirs_gross_minor == order.total_minor
    assert [event.event for event in row.events.order_by("id")] == ["found", "settled"]
    assert command()[0] == 0


def test_a_refund_in_the_dashboard_of_which_nothing_was_told_is_recorded(stripe: Wire) -> None:
    order = sale(stripe)
    charge = Capture.objects.get(payment__order_reference=order.public_id).processor_charge_id
    stripe.dashboard_refund(charge, 1000)
    assert command()[0] == 0
    assert found() == [("stripe", "missing_here", "healed", -1000)]
    assert Refund.objects.get().amount_minor == 1000


def test_another_fee_than_announced_is_named_with_the_journal_that_books_it(stripe: Wire) -> None:
    order = sale(stripe)
    fee = _fee(order)
    control(stripe, f"/movements/{_charge_movement(order)}/fee", {"fee": fee + 31})
    status, _, errors = command()
    assert status == 1
    assert "another fee" in errors and "-€0.31 net" in errors
    row = the_exception()
    assert (row.difference, row.effect_minor, row.suggestion) == ("fee", -31, "processor_fee")
    assert (row.ours_fee_minor, row.theirs_fee_minor) == (fee, fee + 31)


def test_foreign_movements_are_named_and_never_guessed_away(stripe: Wire) -> None:
    sale(stripe)
    control(stripe, "/movements", {"type": "adjustment", "amount": -250, "currency": "eur"})
    control(stripe, "/movements", {"type": "stripe_fee", "amount": -900, "currency": "eur"})
    control(stripe, "/movements", {"type": "charge", "amount": 7700, "currency": "eur", "source": "ch_nobodys"})
    ran(later=HOUR)
    rows = ReconciliationException.objects.order_by("effect_minor")
    assert [(row.difference, row.status, row.effect_minor, row.suggestion) for row in rows] == [
        ("missing_here", "open", -900, "processor_fee"),
        ("missing_here", "open", -250, "suspense_booked"),
        ("missing_here", "open", 7700, "suspense_booked"),
    ]
    # Found again, they are the same ones.
    ran(later=2 * HOUR)
    assert ReconciliationException.objects.count() == 3


def test_a_movement_that_happens_twice_is_a_duplicate(stripe: Wire) -> None:
    order = sale(stripe)
    control(stripe, f"/movements/{_charge_movement(order)}/duplicate")
    ran(later=HOUR)
    assert found() == [("stripe", "duplicate", "open", order.total_minor - _fee(order))]


def test_another_amount_and_another_currency_are_named(stripe: Wire) -> None:
    first, second = sale(stripe), sale(stripe)
    charges = {order.id: Capture.objects.get(payment__order_reference=order.public_id) for order in (first, second)}
    control(stripe, "/movements", {"type": "charge", "amount": -5, "source": charges[first.id].processor_charge_id})
    control(
        stripe,
        "/movements",
        {"type": "charge", "amount": 800, "currency": "usd", "source": charges[second.id].processor_charge_id},
    )
    ran(later=HOUR)
    rows = ReconciliationException.objects.order_by("currency")
    assert [(row.currency, row.difference, row.effect_minor) for row in rows] == [
        ("EUR", "missing_here", -5),
        ("USD", "currency", 800),
    ]


def test_what_is_booked_and_never_happened_is_missing_there_once_it_must_have_shown(stripe: Wire) -> None:
    order = sale(stripe)
    # The statement of a processor that knows nothing of it.
    stripe.reset()
    soon = ran(heals=False)
    assert found() == []
    assert len(soon.report["stripe"]["in_flight"]) == 1
    ran(later=3 * HOUR, heals=False)
    assert found() == [("stripe", "missing_there", "open", -(order.total_minor - _fee(order)))]


def test_booked_days_after_it_moved_is_another_day_and_books_nothing(stripe: Wire) -> None:
    order = sale(stripe)
    stripe.advance(0)
    ran()
    assert found() == []
    line = StatementLine.objects.get()
    other = check_out(three_artisans())
    opened = confirm(other).found
    assert opened is not None
    stripe.pay(opened.client_secret)
    settle_order(order_id=other.id, source="sweeper", now=clock_now() + 5 * DAY)
    ran(later=6 * DAY)
    row = the_exception(status="open")
    assert (row.difference, row.effect_minor, row.suggestion) == ("date", 0, "")
    assert "4 days apart" in row.detail or "5 days apart" in row.detail
    assert line.external_id and order.pk != other.pk


def test_a_difference_that_a_later_run_finds_equal_closes_itself(stripe: Wire) -> None:
    sale(stripe)
    made = control(stripe, "/movements", {"type": "adjustment", "amount": -250, "source": "adj_1"})
    ran(later=HOUR)
    assert found() == [("stripe", "missing_here", "open", -250)]
    # Stripe takes it back.
    control(stripe, "/movements", {"type": "adjustment", "amount": 250, "source": made["source"]})
    ran(later=2 * HOUR)
    row = the_exception()
    assert (row.difference, row.effect_minor, row.status) == ("missing_here", 0, "open")


def test_a_statement_that_changes_its_figures_stops_the_run(stripe: Wire) -> None:
    order = sale(stripe)
    ran()
    control(stripe, f"/movements/{_charge_movement(order)}/fee", {"fee": 1})
    with pytest.raises(StatementContradiction, match="other figures than before"):
        ran()
    run = ReconciliationRun.objects.latest("id")
    assert run.status == "failed"
    assert "StatementContradiction" in run.error


def test_our_own_payout_is_booked_on_its_way_and_told_while_it_is(stripe: Wire) -> None:
    sale(stripe)
    payout = _pay_out(stripe, 3000)
    run = ran(later=5 * DAY)
    assert [one for one in found() if one[2] == "open"] == []
    assert balance("bank_in_transit:EUR").amount_minor == 3000
    assert entry_by_source(f"platform_payout_sent:{payout}") is not None
    row = PlatformPayout.objects.get()
    assert (row.status, row.amount_minor, row.processor_payout_id) == ("sent", 3000, payout)
    assert any(payout in words for words in run.report["bank"]["in_flight"])
    # Once more books nothing twice.
    ran(later=5 * DAY + HOUR)
    assert balance("bank_in_transit:EUR").amount_minor == 3000


def test_a_payout_that_is_paid_late_is_named(stripe: Wire) -> None:
    sale(stripe)
    payout = _pay_out(stripe, 3000)
    ran(later=5 * DAY)
    # Its date has passed here, and the processor still has it on its way.
    ran(later=9 * DAY)
    row = the_exception(source="bank", status="open")
    assert (row.difference, row.subject_key, row.effect_minor) == ("date", payout, 0)
    assert "promised it for" in row.detail
    stripe.advance(3 * 24 * 3600)
    ran(later=9 * DAY + HOUR)
    assert PlatformPayout.objects.get().status == "paid"
    row.refresh_from_db()
    assert row.status == "explained"


def test_a_period_must_end_after_it_begins_and_not_in_the_future(stripe: Wire) -> None:
    now = clock_now()
    for since, until in ((now, now), (now, now - DAY), (now - DAY, now + DAY)):
        with pytest.raises(PeriodInvalid):
            ran(since=since, until=until)
    assert not ReconciliationRun.objects.exists()


def test_late_payments_and_their_refunds_agree(stripe: Wire) -> None:
    give_back(late(stripe, 3300))
    ran(later=HOUR)
    assert found() == []
    assert Payment.objects.filter(status="succeeded").count() == 1
