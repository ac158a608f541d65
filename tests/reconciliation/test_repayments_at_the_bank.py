"""What artisans pay back, against the statement of our bank: a known line, another amount, or no line at all."""

import datetime as dt
from pathlib import Path

import pytest

from common.clock import now as clock_now
from common.money import Money
from payouts import services as payouts
from payouts.models import DebtRepayment
from reconciliation import services
from reconciliation.contracts import Outcome, Period
from reconciliation.enums import JournalName
from reconciliation.models import ReconciliationException, ReconciliationRun
from reconciliation.selectors.bank import lines_about
from reconciliation.services.bank import compare_bank
from reconciliation.services.bank_statement import read_bank_statement
from reconciliation.services.store import store_lines
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import books, connected_artisan, debit, released, run

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HEAD = "entry_id,booking_date,value_date,amount,currency,reference,description\n"
CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Ntry>
<Amt Ccy="EUR">6.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><AcctSvcrRef>B-1</AcctSvcrRef><BookgDt><Dt>{day}</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>ART-77</EndToEndId></Refs></TxDtls></NtryDtls>
</Ntry></Stmt></BkToCstmrStmt></Document>"""


@pytest.fixture
def now() -> dt.datetime:
    return clock_now()


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTransfers()
    monkeypatch.setattr("payouts.services.send.processor_named", lambda _: fake)


def repaid(now: dt.datetime, line: str = "B-1") -> DebtRepayment:
    """An artisan owed 6.00, and one of staff recorded that it was paid."""
    [payable] = released([(connected_artisan(), 1000)], now=now)
    run(now)
    debit(payable, 600, collects=False, now=now)
    return payouts.record_repayment(
        artisan_id=payable.artisan_id, amount=Money(600, "EUR"), bank_reference=line, received_on=now.date(), now=now
    )


def compared(now: dt.datetime, tmp_path: Path, *lines: str, document: str = "") -> Outcome:
    """The bank's statement is read, and compared."""
    path = tmp_path / "bank"
    path.write_text(document or HEAD + "".join(f"{line}\n" for line in lines))
    store_lines(source="bank", movements=read_bank_statement(path), origin="bank.csv", now=now)
    row = ReconciliationRun.objects.create(
        public_id=f"rcn_{ReconciliationRun.objects.count()}", processors=[], since=now - 7 * DAY, until=now,
        started_at=now,
    )  # fmt: skip
    return compare_bank(run=row, period=Period(now - 7 * DAY, now), now=now)


def found() -> list[tuple[str, str, str, int]]:
    rows = ReconciliationException.objects.order_by("id")
    return [(row.subject_key, row.difference, row.status, row.effect_minor) for row in rows]


@pytest.mark.parametrize("recorded_as", ["B-1", "ART-77"])
def test_the_line_is_known_by_the_banks_number_and_by_the_transfers_reference(
    recorded_as: str, now: dt.datetime, tmp_path: Path
) -> None:
    repaid(now, recorded_as)
    outcome = compared(now, tmp_path, document=CAMT.format(day=now.date()))
    assert (outcome.matched, outcome.compared, outcome.in_flight, found()) == (1, 1, [], [])


def test_a_line_that_names_a_processor_is_no_stray_payout_once_it_is_recorded_as_paid_back(
    now: dt.datetime, tmp_path: Path
) -> None:
    line = f"B-1,{now.date()},,6.00,EUR,,FROM MY STRIPE BALANCE"
    compared(now, tmp_path, line)
    assert found() == [("B-1", "missing_here", "open", 600)]
    repaid(now)
    assert compared(now, tmp_path, line).matched == 1
    assert found() == [("B-1", "missing_here", "explained", 600)]


def test_what_the_bank_has_not_told_yet_is_on_its_way_and_then_named(now: dt.datetime, tmp_path: Path) -> None:
    repayment = repaid(now)
    outcome = compared(now, tmp_path)
    assert found() == []
    assert "B-1: the bank's statement of" in outcome.in_flight[0]
    told = f"B-9,{now.date() + 6 * DAY},,1.00,EUR,,RENT"
    compared(now + 7 * DAY, tmp_path, told)
    assert found() == [(repayment.public_id, "missing_there", "open", -600)]
    assert repayment.public_id in ReconciliationException.objects.get().detail
    payouts.undo_repayment(repayment_reference=repayment.public_id, reason="No such line", now=now)
    compared(now + 8 * DAY, tmp_path, told)
    assert found() == [(repayment.public_id, "missing_there", "explained", -600)]


def test_another_amount_than_was_recorded_is_named_and_can_be_booked(now: dt.datetime, tmp_path: Path) -> None:
    repayment = repaid(now)
    compared(now, tmp_path, f"B-1,{now.date()},,5.90,EUR,,ANNA")
    assert found() == [(repayment.public_id, "amount", "open", -10)]
    assert [line.external_id for line in lines_about(repayment.public_id)] == ["B-1"]
    row = ReconciliationException.objects.get()
    assert services.choices_for(row) == [JournalName.SUSPENSE]
    lines = {line.code: line.amount.amount_minor for line in services.lines_of(row, JournalName.SUSPENSE)}
    assert lines == {"bank:EUR": -10, "suspense:EUR": 10}
    assert books()["bank"] == 600


@pytest.mark.parametrize("words", ["ANNA", "FROM MY STRIPE BALANCE"])
def test_another_currency_than_was_recorded_is_one_difference(words: str, now: dt.datetime, tmp_path: Path) -> None:
    repayment = repaid(now)
    # Long after the last day on which the bank should have shown it.
    told = [f"B-1,{now.date()},,6.50,USD,,{words}", f"B-9,{now.date() + 6 * DAY},,1.00,EUR,,RENT"]
    compared(now + 7 * DAY, tmp_path, *told)
    assert found() == [(repayment.public_id, "currency", "open", -600)]
    row = ReconciliationException.objects.get()
    assert "other currency: expected 6.00 EUR, the line B-1 says 6.50 USD" in row.detail
    assert [line.external_id for line in lines_about(repayment.public_id)] == ["B-1"]
    assert books()["bank"] == 600
    services.dismiss(exception_id=row.pk, version=row.version, reason="Anna is in the US", now=now)
    compared(now + 8 * DAY, tmp_path, *told)
    assert found() == [(repayment.public_id, "currency", "dismissed", -600)]


def test_the_same_number_in_another_currency_is_not_what_was_recorded(now: dt.datetime, tmp_path: Path) -> None:
    repayment = repaid(now)
    outcome = compared(now, tmp_path, f"B-1,{now.date()},,6.00,USD,,ANNA")
    assert (outcome.matched, found()) == (0, [(repayment.public_id, "currency", "open", -600)])


def test_of_two_lines_with_the_reference_the_one_in_its_currency_counts(now: dt.datetime, tmp_path: Path) -> None:
    repaid(now, "ART-77")
    outcome = compared(
        now, tmp_path, f"B-1,{now.date()},,6.00,USD,ART-77,ANNA", f"B-2,{now.date()},,6.00,EUR,ART-77,ANNA"
    )
    assert (outcome.matched, found()) == (1, [])
