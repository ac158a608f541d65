"""The edges of statements: where a file or a month ends, what is broken in one, told twice, or cut off."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from common.clock import now as clock_now
from payments.contracts import MovementUnreadable, ProcessorError, ProcessorUnavailable
from payments.models import Capture, Refund
from payments.processors import reports_of
from reconciliation import services
from reconciliation.contracts import StatementFile
from reconciliation.models import ReconciliationRun, StatementLine
from reconciliation.services.bank_statement import read_bank_statement
from reconciliation.services.store import StatementContradiction
from tests.orders.wire import Wire
from tests.reconciliation.shop import sale
from tests.reconciliation.statements import HOUR, command, control, found, ran, the_exception
from tests.reconciliation.test_statements import BANK, HEADINGS, by_paypal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
DAY = dt.timedelta(days=1)
ROW = "txn_{0},{1},eur,{2},0,{2},other_adjustment,adj_{0}\n"


def _file(tmp_path: Path, text: str, name: str = "stripe.csv") -> StatementFile:
    path = tmp_path / name
    path.write_text(text)
    return StatementFile("stripe", str(path))


def _row(number: int, at: dt.datetime, amount: str = "-1.00") -> str:
    return ROW.format(number, f"{at:%Y-%m-%d %H:%M:%S}", amount)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("txn_1,2026-11-20 10:00:00,eur,10,1,8,charge,ch_1\n", "txn_1: '8' is not"),
        (",2026-11-20 10:00:00,eur,10,1,9,charge,ch_1\n", "without an id"),
        ('"txn_1,2026-11-20 10:00:00,eur,10,1,9,charge,ch_1\n', "unexpected end of data"),
        ("txn_1,2026-11-20 10:00:00,eur,10,1,9,charge,ch\x00_1\n", "line 3 is not text"),
    ],
)
def test_a_bad_line_refuses_the_whole_file_and_nothing_of_it_is_kept(tmp_path: Path, line: str, why: str) -> None:
    file = _file(tmp_path, HEADINGS + _row(2, clock_now() - DAY) + line)
    with pytest.raises(CommandError, match=why):
        command("--file", file.path, "--format", "stripe")
    assert not StatementLine.objects.exists()
    assert not ReconciliationRun.objects.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BANK + 'B-1,2026-11-20,,30.00,EUR,,"x\n', "unexpected end of data"),
        (BANK + "B-1,2026-11-20,,30.00,EUR,,x\x00\n", "not text"),
        (BANK + "B-1,2026-11-20,,30.00,EURO,,x\n", "is no amount"),
        (BANK + "B-1,2026-13-20,,30.00,EUR,,x\n", "is no date"),
        (BANK + "B-1,2026-11-20,,30.00\n", "another number of columns"),
    ],
)
def test_a_bad_line_of_our_bank_is_refused_in_words(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(text)
    with pytest.raises(MovementUnreadable, match=why):
        list(read_bank_statement(path))


def test_paypals_file_with_an_open_quote_is_refused_in_words() -> None:
    with pytest.raises(MovementUnreadable, match="unexpected end of data"):
        list(reports_of("paypal").read_statement(['CH,"Transaction ID\n']))


def test_files_that_overlap_and_one_that_is_given_twice_count_each_line_once(stripe: Wire, tmp_path: Path) -> None:
    noon = (clock_now() - 10 * DAY).replace(microsecond=0)
    rows = [_row(number, noon + number * HOUR) for number in range(6)]
    first, second = (
        _file(tmp_path, HEADINGS + "".join(rows[:4])),
        _file(tmp_path, HEADINGS + "".join(rows[2:]), "b.csv"),
    )
    ran(files=[first], processors=["stripe"])
    ran(files=[second], processors=["stripe"])
    run = ran(files=[first], processors=["stripe"])
    assert (run.fetched, run.added) == (4, 0)
    assert StatementLine.objects.count() == 6
    assert found() == [("stripe", "missing_here", "open", -100)] * 6
    changed = _file(tmp_path, HEADINGS + _row(3, noon, "-2.00"), "c.csv")
    with pytest.raises(StatementContradiction, match="txn_3"):
        ran(files=[changed], processors=["stripe"])


def test_what_was_booked_just_after_a_file_begins_may_have_moved_before_it(stripe: Wire, tmp_path: Path) -> None:
    order = sale(stripe)
    booked = Capture.objects.get(payment__order_reference=order.public_id).captured_at
    assert booked is not None
    # The month's first movement is of the same hour, the charge's own stands in the file of the month before.
    end = _row(2, booked + 10 * DAY)
    run = ran(
        files=[_file(tmp_path, HEADINGS + _row(1, booked - HOUR) + end)], processors=["stripe"], later=11 * DAY,
        heals=False,
    )  # fmt: skip
    assert [one[1:] for one in found()] == [("missing_here", "open", -100)] * 2
    assert [one for one in run.report["stripe"]["in_flight"] if "before this statement begins" in one]
    # A file that begins days before has to show it.
    ran(
        files=[_file(tmp_path, HEADINGS + _row(3, booked - 4 * DAY) + end, "b.csv")], processors=["stripe"],
        later=11 * DAY, heals=False,
    )  # fmt: skip
    assert [one[1] for one in found()].count("missing_there") == 1


def test_a_file_says_nothing_of_the_time_after_its_last_movement(stripe: Wire, tmp_path: Path) -> None:
    order = sale(stripe)
    booked = Capture.objects.get(payment__order_reference=order.public_id).captured_at
    assert booked is not None
    ran(
        files=[_file(tmp_path, HEADINGS + _row(1, booked - 9 * DAY) + _row(2, booked))], processors=["stripe"],
        until=clock_now() + 2 * DAY, later=3 * DAY, heals=False,
    )  # fmt: skip
    assert [one[1] for one in found()] == ["missing_here", "missing_here"]


@pytest.mark.parametrize("seconds", [0, 1, -1])
def test_a_movement_at_the_very_end_of_a_day_is_in_one_period_and_not_lost(stripe: Wire, seconds: int) -> None:
    control(stripe, "/movements", {"type": "adjustment", "amount": -250, "currency": "eur"})
    [line] = reports_of("stripe").list_movements(clock_now() - DAY, clock_now() + DAY)
    edge = line.occurred_at + dt.timedelta(seconds=seconds)
    before = list(reports_of("stripe").list_movements(edge - DAY, edge))
    after = list(reports_of("stripe").list_movements(edge, edge + DAY))
    assert [len(before), len(after)] == ([0, 1] if seconds <= 0 else [1, 0])
    ran(since=edge - DAY, until=edge, later=HOUR, processors=["stripe"])
    ran(since=edge, until=edge + HOUR, later=2 * HOUR, processors=["stripe"])
    assert found() == [("stripe", "missing_here", "open", -250)]


def test_a_day_is_utc_wherever_the_processor_writes_from() -> None:
    [line] = reports_of("paypal").read_statement([
        "CH,Transaction ID,PayPal Reference ID,PayPal Reference ID Type,Transaction Event Code,"
        "Transaction Initiation Date,Transaction Completion Date,Transaction Debit or Credit,"
        "Gross Transaction Amount,Gross Transaction Currency,Fee Debit or Credit,Fee Amount\n",
        "SB,T1,,,T0006,2026/11/30 23:30:00 -0800,2026/11/30 23:30:00 -0800,CR,1000,EUR,DR,65\n",
    ])  # fmt: skip
    assert line.occurred_at == dt.datetime(2026, 12, 1, 7, 30, tzinfo=dt.UTC)


def test_more_than_one_search_of_paypal_lists_is_read_in_parts(stripe: Wire) -> None:
    for _ in range(3):
        by_paypal(stripe)
        stripe.advance(3600)
    control(stripe, "/settings", {"paypal_most_results": 1})
    now = clock_now()
    listed = [one.external_id for one in reports_of("paypal").list_movements(now - 40 * DAY, now + 5 * HOUR)]
    assert len(set(listed)) == 3
    # Three in one second can't be told apart by time, and nobody may believe that there were none.
    control(stripe, "/settings", {"paypal_most_results": 0})
    with pytest.raises(ProcessorError, match="greater than the maximum"):
        list(reports_of("paypal").list_movements(now - DAY, now + 5 * HOUR))


def test_a_processor_that_fails_between_two_pages_breaks_the_run_off_and_the_next_one_is_whole(stripe: Wire) -> None:
    for number in range(150):
        control(stripe, "/movements", {"type": "adjustment", "amount": -1 - number})
    stripe.fault("rate_limited_429", "^/v1/balance_transactions$", method="GET", after=1, times=50)
    with pytest.raises(ProcessorUnavailable):
        ran(since=clock_now() - HOUR, processors=["stripe"])
    assert ReconciliationRun.objects.get().status == "failed"
    assert found() == []
    stripe.clear_faults()
    ran(later=HOUR, processors=["stripe"])
    assert ReconciliationRun.objects.get().status == "complete"
    assert StatementLine.objects.count() == len(found()) == 150


def test_a_dismissed_difference_whose_object_turns_out_to_be_ours_stops_no_run(stripe: Wire) -> None:
    order = sale(stripe)
    charge = Capture.objects.get(payment__order_reference=order.public_id).processor_charge_id
    stripe.dashboard_refund(charge, 1000)
    ran(later=HOUR, heals=False)
    assert found() == [("stripe", "missing_here", "open", -1000)]
    services.dismiss(exception_id=the_exception().pk, version=1, reason="Known since October", now=clock_now())
    ran(later=2 * HOUR)
    assert found() == [("stripe", "missing_here", "dismissed", -1000)]
    assert Refund.objects.get().amount_minor == 1000
    assert command()[0] == 0
