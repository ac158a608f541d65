"""Statements as they come: by API and from files, of both processors and of our bank."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from common.clock import now as clock_now
from common.money import Money
from ledger.selectors import balance
from orders.models import Order
from orders.services import settle_order
from payments.contracts import MovementFound, MovementKind, MovementUnreadable
from payments.enums import PaymentChannel
from payments.models import Capture
from payments.processors import reports_of
from reconciliation import services
from reconciliation.contracts import StatementFile, StatementUnusable
from reconciliation.enums import JournalName
from reconciliation.models import PlatformPayout, ReconciliationException, StatementLine
from reconciliation.selectors.bank import lines_about
from reconciliation.services.bank_statement import read_bank_statement
from tests.orders.shop import check_out, confirm, new_product, new_user
from tests.orders.wire import Wire
from tests.reconciliation.shop import healthy, sale
from tests.reconciliation.statements import HOUR, command, control, found, ran, the_exception

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
DAY = dt.timedelta(days=1)
HEADINGS = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id\n"


def by_paypal(stripe: Wire, *, told: bool = True) -> Order:
    order = check_out([(new_product(price=4500), 1)])
    opened = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert opened is not None
    address = f"{stripe.url}/paypal/checkout/{opened.processor_payment_id}"
    requests.post(address, json={"action": "approve", "funding": "balance"}, timeout=15).raise_for_status()
    if told:
        settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    return order


def _listed(processor: str) -> list[MovementFound]:
    now = clock_now()
    listed = reports_of(processor).list_movements(now - DAY, now + DAY)
    return sorted((one for one in listed if one.kind != MovementKind.HOLD), key=lambda one: one.external_id)


def _from_file(stripe: Wire, processor: str) -> list[MovementFound]:
    file = requests.get(f"{stripe.url}/_sandbox/statements/{processor}.csv", timeout=15)
    file.raise_for_status()
    return sorted(reports_of(processor).read_statement(file.text.splitlines(True)), key=lambda one: one.external_id)


def test_a_file_of_stripe_says_what_its_api_says(stripe: Wire) -> None:
    healthy(stripe)
    listed = _listed("stripe")
    assert len(listed) > 15
    assert {one.kind for one in listed} >= {
        MovementKind.CHARGE, MovementKind.REFUND, MovementKind.REFUND_FAILURE, MovementKind.TRANSFER,
        MovementKind.TRANSFER_REVERSAL, MovementKind.DISPUTE, MovementKind.DISPUTE_REVERSAL,
    }  # fmt: skip
    assert _from_file(stripe, "stripe") == listed


def test_a_file_of_paypal_says_what_its_api_says(stripe: Wire) -> None:
    order = by_paypal(stripe)
    capture = Capture.objects.get(payment__order_reference=order.public_id)
    control(stripe, "/paypal/disputes", {"capture_id": capture.processor_charge_id})
    other = Capture.objects.get(payment__order_reference=by_paypal(stripe).public_id)
    control(stripe, "/paypal/reverse", {"capture_id": other.processor_charge_id})
    control(stripe, "/paypal/movements", {"code": "T0400", "amount_minor": -700})
    listed = [dataclasses.replace(one, description="") for one in _listed("paypal")]
    assert [one.kind for one in listed].count(MovementKind.CHARGE) == 2
    assert _from_file(stripe, "paypal") == listed


def test_the_list_is_read_page_by_page_and_in_windows(stripe: Wire) -> None:
    sale(stripe)
    for number in range(230):
        control(stripe, "/movements", {"type": "adjustment", "amount": -1 - number})
    now = clock_now()
    listed = list(reports_of("stripe").list_movements(now - DAY, now + DAY))
    assert len({one.external_id for one in listed}) == len(listed) == 231
    assert sum(one.net.amount_minor for one in listed if one.kind == MovementKind.ADJUSTMENT) == -231 * 230 // 2
    # 31 days are all that one search of PayPal's may cover.
    by_paypal(stripe)
    assert len(list(reports_of("paypal").list_movements(now - 100 * DAY, now + HOUR))) == 1


def test_books_agree_with_a_file_and_what_is_not_in_it_is_not_asked_for(stripe: Wire, tmp_path: Path) -> None:
    sale(stripe)
    path = tmp_path / "stripe.csv"
    path.write_text(requests.get(f"{stripe.url}/_sandbox/statements/stripe.csv", timeout=15).text)
    assert command("--file", str(path), "--format", "stripe")[0] == 0
    assert list(StatementLine.objects.values_list("origin", flat=True)) == ["stripe.csv"]
    # The API tells of the same movements, and nothing doubles.
    ran(processors=["stripe"])
    assert StatementLine.objects.count() == 1
    assert found() == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column balance_transaction_id"),
        ("id,amount\n", "no column balance_transaction_id"),
        (HEADINGS + "txn_1,2026-11-20 10:00:00,eur,10.001,0,10,charge,ch_1\n", "'10.001' is no amount of EUR"),
        (HEADINGS + "txn_1,2026-11-20 10:00:00,eur,ten,0,10,charge,ch_1\n", "'ten' is no amount"),
        (HEADINGS + "txn_1,yesterday,eur,10,0,10,charge,ch_1\n", "is no time like"),
        (HEADINGS + "txn_1,2026-11-20 10:00:00,euro,10,0,10,charge,ch_1\n", "'euro' is no currency"),
        (HEADINGS + "txn_1,2026-11-20 10:00:00,eur,10\n", "another number of columns"),
    ],
)
def test_a_file_that_can_t_be_read_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(MovementUnreadable, match=why):
        list(reports_of("stripe").read_statement(text.splitlines(True)))


def test_a_stripe_payout_report_is_read_by_its_own_columns() -> None:
    text = (
        "effective_at_utc,currency,balance_transaction_id,gross,fee,net,reporting_category,payout_id\n"
        "2026-11-20 00:00:00,eur,txn_9,-30.00,0.00,-30.00,payout,po_9\n"
    )
    [line] = reports_of("stripe").read_statement(text.splitlines(True))
    assert (line.kind, line.subject_id, line.gross) == (MovementKind.PAYOUT, "po_9", Money(-3000, "EUR"))


def test_paypal_is_asked_what_was_lost_and_pays_no_false_alarm_for_its_delay(stripe: Wire) -> None:
    order = by_paypal(stripe)
    lost = by_paypal(stripe, told=False)
    assert command()[0] == 0
    lost.refresh_from_db()
    # Approved and not taken: nothing has moved, so there is nothing to find.
    assert lost.status == "awaiting_payment"
    capture = Capture.objects.get(payment__order_reference=order.public_id)
    control(stripe, "/paypal/reverse", {"capture_id": capture.processor_charge_id})
    status, told, _ = command()
    assert status == 0
    assert "PayPal: had come late, and is recorded now: dispute" in told
    assert [one[1:3] for one in found()] == [("missing_here", "healed")]


def test_a_dispute_lost_at_paypal_of_which_nothing_was_told_is_recorded_with_its_fee(stripe: Wire) -> None:
    capture = Capture.objects.get(payment__order_reference=by_paypal(stripe).public_id)
    case = control(stripe, "/paypal/disputes", {"capture_id": capture.processor_charge_id, "stage": "CHARGEBACK"})
    control(stripe, f"/paypal/disputes/{case['dispute_id']}/settle", {"outcome": "RESOLVED_BUYER_FAVOUR"})
    assert command()[0] == 0
    [row] = ReconciliationException.objects.all()
    assert (row.source, row.status) == ("paypal", "healed")
    assert row.theirs_gross_minor == -capture.amount_minor and row.theirs_fee_minor > 0
    assert command()[0] == 0


def test_another_fee_and_a_foreign_movement_and_a_double_one_at_paypal_are_named(stripe: Wire) -> None:
    capture = Capture.objects.get(payment__order_reference=by_paypal(stripe).public_id)
    assert capture.fee_minor
    control(stripe, f"/paypal/movements/{capture.processor_charge_id}/fee", {"fee_minor": capture.fee_minor + 7})
    control(stripe, "/paypal/movements", {"code": "T0100", "amount_minor": -300})
    twice = Capture.objects.get(payment__order_reference=by_paypal(stripe).public_id)
    control(stripe, f"/paypal/movements/{twice.processor_charge_id}/duplicate")
    ran(later=HOUR)
    rows = ReconciliationException.objects.order_by("effect_minor")
    assert [(row.source, row.difference, row.effect_minor, row.suggestion) for row in rows] == [
        ("paypal", "missing_here", -300, "processor_fee"),
        ("paypal", "fee", -7, "processor_fee"),
        ("paypal", "duplicate", twice.amount_minor - (twice.fee_minor or 0), "suspense_booked"),
    ]


def test_what_paypal_can_t_show_yet_is_on_its_way_for_four_hours(stripe: Wire) -> None:
    by_paypal(stripe)
    stripe.reset()  # its report shows nothing of it
    run = ran(later=3 * HOUR, heals=False)
    assert found() == []
    assert len(run.report["paypal"]["in_flight"]) == 1
    ran(later=5 * HOUR, heals=False)
    assert [one[:3] for one in found()] == [("paypal", "missing_there", "open")]


# ---- our bank ------------------------------------

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-20</Dt></BookgDt>
<ValDt><Dt>2026-11-21</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E-1</EndToEndId>
</Refs><RmtInf><Ustrd>STRIPE PAYOUT</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><NtryRef>B-2</NtryRef><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt>
<DtTm>2026-11-20T08:00:00</DtTm></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>
"""
BANK = "entry_id,booking_date,value_date,amount,currency,reference,description\n"


def _write(tmp_path: Path, text: str, name: str = "bank.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_bank_statement_is_read_as_camt_and_as_csv(tmp_path: Path) -> None:
    first, second = read_bank_statement(_write(tmp_path, CAMT, "s.xml"))
    assert (first.external_id, first.gross, first.subject_id) == ("B-1", Money(3000, "EUR"), "E-1")
    assert (first.description, first.occurred_at) == ("STRIPE PAYOUT", dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    assert (second.external_id, second.gross) == ("B-2", Money(-1250, "EUR"))
    text = BANK + "B-1,2026-11-20,2026-11-21,30.00,EUR,E-1,STRIPE PAYOUT\n"
    [line] = read_bank_statement(_write(tmp_path, text))
    assert line == first


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "no document type"),
        ("<Document><Ntry>", "is no CAMT.053 document"),
        (CAMT.replace("<AcctSvcrRef>B-1</AcctSvcrRef>", ""), "no number of the bank's own"),
        (BANK + "B-1,20/11/2026,,30.00,EUR,,x\n", "is no date"),
        (BANK + "B-1,2026-11-20,,30.005,EUR,,x\n", "is no amount of EUR"),
        ("a,b\n", "no column entry_id"),
    ],
)
def test_a_bank_statement_that_can_t_be_read_is_refused_in_words(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(MovementUnreadable, match=why):
        list(read_bank_statement(_write(tmp_path, text)))


@pytest.mark.parametrize(
    ("indicator", "why"),
    [
        ("", "the entry B-2 of 12.50 EUR has no CdtDbtInd"),
        ("<CdtDbtInd/>", "the entry B-2 of 12.50 EUR has no CdtDbtInd"),
        ("<CdtDbtInd>CREDIT</CdtDbtInd>", "the entry B-2 of 12.50 EUR has 'CREDIT' as CdtDbtInd"),
        ("<CdtDbtInd>dbit</CdtDbtInd>", "the entry B-2 of 12.50 EUR has 'dbit' as CdtDbtInd"),
        # That of a transaction inside the entry says nothing of the entry.
        (
            "<NtryDtls><TxDtls><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>",
            "the entry B-2 of 12.50 EUR has no CdtDbtInd",
        ),
    ],
)
def test_an_entry_that_does_not_say_if_it_came_or_went_refuses_the_file_by_its_name(
    tmp_path: Path, indicator: str, why: str
) -> None:
    path = _write(tmp_path, CAMT.replace("<CdtDbtInd>DBIT</CdtDbtInd>", indicator), "s.xml")
    with pytest.raises(MovementUnreadable, match=why):
        list(read_bank_statement(path))
    with pytest.raises(StatementUnusable, match="the entry B-2"):
        services.add_bank_statement(path=path, name="s.xml", now=clock_now())
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize("amount", ["Infinity", "NaN", "1E999999999", "9" * 40, "1_0.00", "٣.00", "12.34.56", ""])
def test_what_is_no_amount_at_any_bank_is_refused_before_it_is_computed(tmp_path: Path, amount: str) -> None:
    with pytest.raises(MovementUnreadable, match="is no amount"):
        list(read_bank_statement(_write(tmp_path, f"{BANK}B-1,2026-11-20,,{amount},EUR,,x\n")))


@pytest.mark.parametrize(
    ("status", "entries"),
    [("BOOK", 2), ("<Cd>BOOK</Cd>", 2), ("PDNG", 1), ("<Cd>PDNG</Cd>", 1), ("\n<Cd>INFO</Cd>\n", 1)],
)
def test_what_the_bank_has_not_booked_yet_is_no_entry(tmp_path: Path, status: str, entries: int) -> None:
    """It comes again once it is booked, with another number perhaps, and would be there twice."""
    text = CAMT.replace("<CdtDbtInd>CRDT</CdtDbtInd>", f"<CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>")
    assert len(list(read_bank_statement(_write(tmp_path, text, "s.xml")))) == entries


@pytest.fixture
def paid_out(stripe: Wire) -> Callable[[int], str]:
    """Our own money leaves Stripe for our bank."""

    def pay_out(amount: int) -> str:
        made = requests.post(
            f"{stripe.url}/v1/payouts", data={"amount": str(amount), "currency": "eur"},
            headers={"Idempotency-Key": uuid.uuid4().hex}, auth=("sk_test_sandbox", ""), timeout=15,
        )  # fmt: skip
        made.raise_for_status()
        return str(made.json()["id"])

    sale(stripe)
    stripe.advance(4 * 24 * 3600)
    return pay_out


def _bank_line(number: int, day: dt.date, amount: str, words: str = "STRIPE PAYOUT") -> str:
    return f"B-{number},{day},{day},{amount},EUR,,{words}\n"


def test_a_payout_arrives_when_the_bank_shows_it(stripe: Wire, paid_out: Callable[[int], str], tmp_path: Path) -> None:
    first, second = paid_out(3000), paid_out(3000)
    stripe.advance(3 * 24 * 3600)
    due = (clock_now() + 6 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, due, "30.00") + _bank_line(2, due, "-1.00", "RENT"))
    run = ran(later=7 * DAY, files=[StatementFile("bank", str(path))])

    assert balance("bank:EUR").amount_minor == 3000
    assert balance("bank_in_transit:EUR").amount_minor == 3000
    assert sorted(PlatformPayout.objects.values_list("status", flat=True)) == ["arrived", "paid"]
    assert found() == []
    assert len(run.report["bank"]["in_flight"]) == 1
    again = _write(tmp_path, BANK + _bank_line(1, due, "30.00") + _bank_line(3, due + DAY, "30.00"), "more.csv")
    ran(later=8 * DAY, files=[StatementFile("bank", str(again))])
    assert balance("bank_in_transit:EUR").amount_minor == 0
    assert {row.processor_payout_id for row in PlatformPayout.objects.filter(status="arrived")} == {first, second}


def test_a_payout_that_the_bank_never_shows_and_a_line_that_nobody_sent_are_named(
    paid_out: Callable[[int], str], tmp_path: Path
) -> None:
    payout = paid_out(3000)
    day = (clock_now() + 20 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, day, "31.00") + _bank_line(2, day, "55.00", "SOMEBODY ELSE"))
    ran(later=21 * DAY, files=[StatementFile("bank", str(path))])
    rows = ReconciliationException.objects.filter(source="bank").order_by("effect_minor")
    assert [(row.difference, row.subject_key, row.effect_minor) for row in rows] == [
        ("missing_there", payout, -3000),
        ("missing_here", "B-1", 3100),
    ]


@pytest.mark.parametrize("is_named", [False, True])
def test_a_line_in_another_currency_than_the_payout_is_one_difference_until_staff_close_it(
    paid_out: Callable[[int], str], tmp_path: Path, is_named: bool
) -> None:
    payout = paid_out(3000)
    day = (clock_now() + (20 if is_named else 7) * DAY).date()
    words = f"INCOMING {payout}" if is_named else "STRIPE PAYOUT"
    later = [_bank_line(9, day + 9 * DAY, "1.00", "RENT"), _bank_line(1, day, "32.40", words).replace("EUR", "USD")]
    path = _write(tmp_path, BANK + "".join(later))
    ran(later=30 * DAY, files=[StatementFile("bank", str(path))])
    row = the_exception(source="bank")
    assert (row.subject_key, row.currency, row.difference, row.effect_minor) == (payout, "EUR", "currency", -3000)
    assert "other currency: expected 30.00 EUR, the line B-1 says 32.40 USD" in row.detail
    assert [line.external_id for line in lines_about(payout)] == ["B-1"]
    assert balance("bank_in_transit:EUR").amount_minor == 3000
    assert PlatformPayout.objects.get().bank_line is None

    services.dismiss(exception_id=row.pk, version=row.version, reason="Our bank converted it", now=clock_now())
    ran(later=31 * DAY)
    assert [one for one in found() if one[0] == "bank"] == [("bank", "currency", "dismissed", -3000)]


def test_what_was_booked_for_a_payout_in_another_currency_leaves_the_line_to_be_booked_in_its_own(
    paid_out: Callable[[int], str], tmp_path: Path
) -> None:
    both = {paid_out(3000), paid_out(3000)}
    day = (clock_now() + 7 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, day, "32.40").replace("EUR", "USD"))
    ran(later=8 * DAY, files=[StatementFile("bank", str(path))])
    row = the_exception(source="bank", difference="currency")
    [waiting] = both - {row.subject_key}
    author, approver = new_user(), new_user()
    proposal = services.propose(
        exception_id=row.pk, version=row.version, journal=JournalName.SUSPENSE, note="Converted", proposer_id=author.pk,
        now=clock_now(),
    )  # fmt: skip
    services.approve(proposal_id=proposal.pk, approver_id=approver.pk, now=clock_now())
    assert [balance(f"{name}:EUR").amount_minor for name in ("bank_in_transit", "suspense")] == [3000, 3000]
    ran(later=9 * DAY)
    # The line stays that payout's: the other one waits for its own.
    assert [(one.subject_key, one.currency, one.difference, one.status) for one in _of_the_bank()] == [
        (row.subject_key, "EUR", "currency", "posted"),
        ("B-1", "USD", "missing_here", "open"),
    ]
    assert PlatformPayout.objects.get(processor_payout_id=waiting).bank_line is None


def test_a_payout_that_comes_in_its_own_currency_after_all_is_no_difference(
    paid_out: Callable[[int], str], tmp_path: Path
) -> None:
    payout = paid_out(3000)
    day = (clock_now() + 7 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, day, "32.40").replace("EUR", "USD"))
    ran(later=8 * DAY, files=[StatementFile("bank", str(path))])
    more = _write(tmp_path, BANK + _bank_line(2, day + DAY, "30.00"), "more.csv")
    ran(later=9 * DAY, files=[StatementFile("bank", str(more))])
    assert [(row.subject_key, row.difference, row.status) for row in _of_the_bank()] == [
        (payout, "currency", "explained"),
        ("B-1", "missing_here", "open"),
    ]
    assert PlatformPayout.objects.get().status == "arrived"


def test_a_line_of_another_amount_is_not_taken_for_a_payout_in_another_currency(
    paid_out: Callable[[int], str], stripe: Wire, tmp_path: Path
) -> None:
    """Both a payout in dollars and one in euros are awaited: dollars of another amount are nearer to the first."""
    payout = paid_out(3000)
    PlatformPayout.objects.create(
        public_id="ppo_usd", processor="stripe", processor_payout_id="po_usd", amount_minor=5000, currency="USD",
        status="sent", sent_at=clock_now() + 5 * DAY, created_at=clock_now(), updated_at=clock_now(),
    )  # fmt: skip
    day = (clock_now() + 7 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, day, "49.00").replace("EUR", "USD"))
    ran(later=8 * DAY, files=[StatementFile("bank", str(path))])
    assert [(row.subject_key, row.difference) for row in _of_the_bank()] == [("B-1", "missing_here")]
    assert PlatformPayout.objects.get(processor_payout_id=payout).bank_line is None


def _of_the_bank() -> list[ReconciliationException]:
    """But for payouts that the processor has not paid on the promised day."""
    return list(ReconciliationException.objects.filter(source="bank").exclude(difference="date").order_by("id"))


def test_a_payout_that_comes_days_late_is_named(paid_out: Callable[[int], str], tmp_path: Path) -> None:
    payout = paid_out(3000)
    ran(later=5 * DAY)  # what Stripe promises is written down
    day = (clock_now() + 14 * DAY).date()
    path = _write(tmp_path, BANK + _bank_line(1, day, "30.00"))
    ran(later=15 * DAY, files=[StatementFile("bank", str(path))])
    row = the_exception(source="bank", status="open")
    assert (row.difference, row.subject_key, row.effect_minor) == ("date", payout, 0)


def test_a_payout_that_comes_back_is_on_the_processor_again(stripe: Wire, paid_out: Callable[[int], str]) -> None:

    payout = paid_out(3000)
    ran(later=5 * DAY)
    held = balance("stripe_clearing:EUR").amount_minor
    control(stripe, f"/payouts/{payout}/fail", {"code": "account_closed"})
    ran(later=5 * DAY + HOUR)
    assert balance("stripe_clearing:EUR").amount_minor == held + 3000
    assert balance("bank_in_transit:EUR").amount_minor == 0
    assert [one for one in found() if one[2] == "open"] == []
