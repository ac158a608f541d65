"""An artisan's monthly statements: what the books say, to the cent, as PDF and CSV."""

import csv
import dataclasses
import datetime as dt
import io
import itertools
import random
import re
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from ledger import selectors as ledger
from orders.api.seller_csv import as_csv, safe
from orders.api.seller_pdf import as_pdf
from orders.contracts.refund import Items, LineWish
from orders.contracts.seller_money import FiguresDiffer
from orders.contracts.statement import Category, NoStatement, Places, Statement, StatementEntry
from orders.selectors.seller_statements import months_of, statement_between, statement_of
from payouts.models import Payable
from tests.orders.refunds import ask, lines_of, paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire
from tests.payouts.hub import credit, debit, sell
from tests.selling.paid_out import give_back, pay_out, release, withhold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

API = "/api/v1/seller/"
NOVEMBER, DECEMBER = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (11, 12))


def _eur(minor: int) -> Money:
    return Money(minor, "EUR")


def _places(*, pending: int = 0, available: int = 0, owed: int = 0, reserved: int = 0, disputed: int = 0) -> Places:
    return Places(_eur(pending), _eur(available), _eur(owed), _eur(reserved), _eur(disputed))


def _made(*entries: StatementEntry, opening: int = 0) -> Statement:
    closing = opening + sum(entry.amount.amount_minor for entry in entries)
    return Statement(
        artisan_name="Łucja Ångström-Ñandú & Söhne <b>", artisan_reference="art_1", currency="EUR", start=NOVEMBER,
        end=DECEMBER, is_complete=True, opening=_places(pending=opening), entries=entries,
        closing=_places(pending=closing),
    )  # fmt: skip


def _entry(minor: int, text: str, category: Category = Category.SALES) -> StatementEntry:
    return StatementEntry(
        dt.datetime(2026, 11, 21, 23, 59, tzinfo=dt.UTC), category, _eur(minor), text, "ref_1", "sor_1"
    )


def _moment() -> dt.datetime:
    """Now, by the clock that dates the postings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


@pytest.fixture
def artisan(db: None) -> Artisan:
    return new_artisan(shipping=(500, 100), name="Étagère Łódź")


def test_a_month_with_everything_in_it_is_what_the_books_say_to_the_cent(stripe: Wire, artisan: Artisan) -> None:
    order = paid(stripe, [(new_product(artisan, price=2000, title="Salad bowl €"), 2)])
    refund = ask(order, Items(lines=[LineWish(lines_of(order)[0].pk, quantity=1)]))
    release()
    withhold(Payable.objects.select_related("artisan").get(), 240)
    payout = pay_out(artisan)
    at = _moment()
    month = f"{at:%Y-%m}"
    assert months_of(artisan, now=at) == [(month, "EUR")]
    statement = statement_of(artisan, month=month, currency="EUR", now=at)
    assert {category.value: amount.amount_minor for category, amount in statement.sums.items()} == {
        "sales": 4000, "commission": -400, "shipping": 600, "refunds": -1800, "reserves": -240, "payouts": -2160,
    }  # fmt: skip
    assert (statement.opening.balance, statement.closing.balance) == (_eur(0), _eur(0))
    assert statement.closing.reserved == -ledger.balance(f"seller_reserved:{artisan.public_id}:EUR") == _eur(240)
    client = Client()
    client.force_login(artisan.owner)
    [listed] = client.get(f"{API}statements").json()["statements"]
    rows = list(csv.DictReader(io.StringIO(client.get(listed["csv_url"]).content.decode())))
    assert [(row["kind"], row["amount"], row["balance"]) for row in rows] == [
        ("Opening balance", "", "0.00"),
        ("Sales", "40.00", "40.00"),
        ("Commission", "-4.00", "36.00"),
        ("Shipping", "6.00", "42.00"),
        ("Refunds", "-18.00", "24.00"),
        ("Reserves", "-2.40", "21.60"),
        ("Payouts", "-21.60", "0.00"),
        ("Closing balance", "", "0.00"),
    ]
    assert rows[4]["reference"] == refund.public_id
    assert rows[6]["reference"] == payout.public_id
    assert {row["date"] for row in rows[1:-1]} == {f"{at:%Y-%m-%d}"}
    text = _text_of(client.get(listed["pdf_url"]).content)
    for words in ("2 × Salad bowl €", "€40.00", "-€4.00", "-€18.00", "-€2.40", "-€21.60", "Étagère Łódź", "so far"):
        assert words in text
    assert refund.public_id in text


def _text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_the_file_has_pages_with_numbers_accents_and_an_embedded_font() -> None:
    many = [_entry(100, f"Line {number}") for number in range(120)]
    content = as_pdf(_made(*many, opening=5))
    reader: Any = pypdf.PdfReader(io.BytesIO(content))
    count = len(reader.pages)
    assert count > 2
    for number, page in enumerate(reader.pages, start=1):
        assert f"Page {number} of {count}" in page.extract_text()
    text = _text_of(content)
    assert "Łucja Ångström-Ñandú & Söhne <b>" in text
    assert "€120.05" in text, "the closing balance"
    assert text.count("Line 119") == 1
    fonts = {
        str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()
    }
    assert any("DejaVuSans" in font for font in fonts)
    assert reader.metadata is not None
    assert reader.metadata.title == "Statement November 2026, EUR: Łucja Ångström-Ñandú & Söhne <b>"
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"


def test_every_page_says_whose_it_is_and_every_script_is_written_without_empty_boxes() -> None:
    many = [_entry(100, f"茶碗 {number} 🌿 찻잔 Ω") for number in range(60)]
    statement = dataclasses.replace(_made(*many), artisan_name="和田陶房 Wada Tōbō")
    for page in pypdf.PdfReader(io.BytesIO(as_pdf(statement))).pages:
        text = " ".join(page.extract_text().split())
        assert "Statement November 2026, EUR: 和田陶房 Wada Tōbō" in text
        assert re.search("茶碗 [0-9]+ 찻잔 Ω", text)
        assert "🌿" not in text


def test_no_amount_is_broken_over_two_lines() -> None:
    """In dinars, which have the longest amounts, and with a month that ends below zero."""
    minor = -199_999_980
    entries = [_entry(minor, "Kept back"), _entry(5, "Sold")]
    amounts = [dataclasses.replace(entry, amount=Money(entry.amount.amount_minor, "KWD")) for entry in entries]
    nothing, owed = Money(0, "KWD"), Money(-minor - 5, "KWD")
    statement = Statement(
        artisan_name="Söhne " * 30, artisan_reference="art_1", currency="KWD", start=NOVEMBER, end=DECEMBER,
        is_complete=True, opening=Places(nothing, nothing, nothing, nothing, nothing), entries=tuple(amounts),
        closing=Places(nothing, nothing, owed, nothing, nothing),
    )  # fmt: skip
    page = pypdf.PdfReader(io.BytesIO(as_pdf(statement))).pages[0]
    lines = [line.strip().replace("\N{NO-BREAK SPACE}", " ") for line in page.extract_text().splitlines()]
    assert "-KWD 199,999.980" in lines
    assert "-KWD 199,999.975" in lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '=HYPERLINK("http://x")'])
def test_what_a_spreadsheet_would_take_for_a_formula_is_text(text: str) -> None:
    assert safe(text) == f"'{text}"
    rows = list(csv.reader(io.StringIO(as_csv(_made(_entry(1, text))), newline="")))
    assert rows[2][2] == f"'{text}"
    assert rows[2][3] == "0.01"


def test_plain_text_and_amounts_below_zero_stay_as_they_are() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(_made(_entry(-5, 'A "bowl", blue', Category.REFUNDS), opening=7)))))
    assert rows[1] == ["2026-11-01", "Opening balance", "", "", "0.07", "EUR", "", ""]
    assert rows[2] == ["2026-11-21", "Refunds", 'A "bowl", blue', "-0.05", "0.02", "EUR", "sor_1", "ref_1"]
    assert rows[3] == ["2026-11-30", "Closing balance", "", "", "0.02", "EUR", "", ""]


def test_a_statement_that_does_not_add_up_is_not_made() -> None:
    with pytest.raises(FiguresDiffer):
        Statement(
            artisan_name="A", artisan_reference="art_1", currency="EUR", start=NOVEMBER, end=DECEMBER,
            is_complete=True, opening=_places(), entries=(_entry(100, "x"),), closing=_places(pending=99),
        )  # fmt: skip


def test_months_run_from_the_first_sale_to_now_and_no_further(artisan: Artisan) -> None:
    sell([(artisan, 500)])
    now = clock_now()
    later = now + dt.timedelta(days=62)
    months = [month for month, _ in months_of(artisan, now=later)]
    assert months[0] == f"{later:%Y-%m}"
    assert months[-1] == f"{now:%Y-%m}"
    assert len(months) == 3
    for month in ("2020-01", f"{later + dt.timedelta(days=40):%Y-%m}"):
        with pytest.raises(NoStatement):
            statement_of(artisan, month=month, currency="EUR", now=later)
    empty = statement_of(artisan, month=months[1], currency="EUR", now=later)
    assert (empty.entries, empty.opening.balance, empty.closing.balance) == ((), _eur(500), _eur(500))
    assert empty.is_complete


def test_what_a_refund_takes_after_the_payout_is_told_as_owed(artisan: Artisan) -> None:
    sell([(artisan, 5000)])
    release()
    pay_out(artisan)
    start = _moment()
    debit(Payable.objects.get(), 1200, collects=False, now=clock_now())
    statement = statement_between(artisan, "EUR", start, _moment(), is_complete=False)
    assert [(entry.category.value, entry.amount.amount_minor) for entry in statement.entries] == [("refunds", -1200)]
    assert (statement.closing.owed, statement.closing.balance) == (_eur(1200), _eur(-1200))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_each_statement_begins_where_the_one_before_ended(artisan: Artisan, seed: int) -> None:
    """An auditor of its own counts what was sold, taken, kept back and paid; the statements must come to the same."""
    rolled = random.Random(seed)
    moments, reserves = [_moment()], []
    sold = taken = kept = paid_minor = 0
    for number in range(12):
        share = rolled.randint(100, 9000)
        sell([(artisan, share)])
        sold += share
        here = list(Payable.objects.filter(artisan=artisan, status__in=["held", "released"]).order_by("id"))
        one = rolled.choice(here)
        if rolled.random() < 0.6:
            amount = rolled.randint(1, one.left.amount_minor)
            debit(one, amount, reference=f"ref_{number}", now=clock_now())
            taken += amount
            if rolled.random() < 0.4:
                back = rolled.randint(1, amount)
                credit(one, back, reference=f"ref_{number}", by=f"dsp_{number}", now=clock_now())
                taken -= back
        if rolled.random() < 0.6:
            release()
        free = [row for row in Payable.objects.filter(status="released", reserve=None) if row.left.amount_minor > 1]
        if free and rolled.random() < 0.5:
            row = rolled.choice(sorted(free, key=lambda row: row.pk))
            reserves.append(withhold(row, rolled.randint(1, row.left.amount_minor - 1)))
            kept += reserves[-1].amount_minor
        if reserves and rolled.random() < 0.4:
            kept -= reserves[-1].amount_minor
            give_back(reserves.pop())
        if Payable.objects.filter(status="released").exists() and rolled.random() < 0.4:
            payout = pay_out(artisan, refused=rolled.random() < 0.3)
            paid_minor += payout.amount_minor if payout.status != "refused" else 0
        moments.append(_moment())
    statements = [
        statement_between(artisan, "EUR", start, end, is_complete=True) for start, end in itertools.pairwise(moments)
    ]
    for before, after in itertools.pairwise(statements):
        assert before.closing == after.opening
    moved: dict[str, int] = {}
    for statement in statements:
        for category, together in statement.sums.items():
            moved[category.value] = moved.get(category.value, 0) + together.amount_minor
    assert {name: minor for name, minor in moved.items() if minor} == {
        name: minor
        for name, minor in (("sales", sold), ("refunds", -taken), ("reserves", -kept), ("payouts", -paid_minor))
        if minor
    }
    assert statements[-1].closing.balance.amount_minor == sold - taken - kept - paid_minor
    assert statements[-1].closing.reserved.amount_minor == kept
