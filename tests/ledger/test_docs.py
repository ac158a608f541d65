"""Reads docs/ledger.md, posts its examples on PostgreSQL and compares every figure."""

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from common.money import Money, exponent
from ledger import chart, journals, selectors, services
from ledger.contracts import AccountSpec
from ledger.enums import AccountType, EntryKind
from ledger.journals import DisputedShare, SellerPlaces, SellerShare
from tests.ledger.books import NOW

PAGE = (Path(settings.BASE_DIR) / "docs" / "ledger.md").read_text()
BLOCK = re.compile(r"```python\n([\s\S]*?)```|((?:^\|.*\n)+)", re.MULTILINE)


def cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def table_rows(table: str) -> list[list[str]]:
    return [cells(line) for line in table.strip().splitlines()[2:]]


def tables_of(heading: str) -> list[list[list[str]]]:
    [part] = [part for part in re.split(r"^#+ ", PAGE, flags=re.MULTILINE) if part.startswith(heading + "\n")]
    return [table_rows(table) for _, table in BLOCK.findall(part) if table]


def signed(rows: list[list[str]]) -> dict[str, int]:
    """Minor units by account code, debit positive."""
    amounts = {}
    for code, debit, credit in rows:
        assert bool(debit) != bool(credit), code
        minor = Decimal(debit or "-" + credit).scaleb(exponent(code[-3:]))
        assert minor == int(minor), f"{code}: {debit or credit} has too many digits"
        amounts[code] = int(minor)
    return amounts


def examples() -> list[tuple[str, str]]:
    """Each block of Python with the table that follows it."""
    found = [(code, table) for code, table in BLOCK.findall(PAGE)]
    return [(code, table) for (code, _), (_, table) in pairwise(found) if code]


class Books:
    """What the examples call; remembers the source of the entry posted last."""

    def __init__(self) -> None:
        self.last = ""
        self.kinds: set[str] = set()

    def post(self, kind: str, source: str, lines: Any) -> None:
        services.post_entry(kind=kind, source_reference=source, effective_at=NOW, lines=lines)
        self.last = source
        self.kinds.add(kind)

    def reverse(self, original: str, kind: str, source: str) -> None:
        services.reverse_entry(original=original, kind=kind, source_reference=source, effective_at=NOW)
        self.last = source
        self.kinds.add(kind)


@pytest.mark.django_db
def test_every_example_posts_what_its_table_says() -> None:
    books = Books()
    names = {
        "post": books.post, "reverse": books.reverse, "journals": journals, "SellerShare": SellerShare, "Money": Money,
        "SellerPlaces": SellerPlaces, "DisputedShare": DisputedShare,
        "EUR": lambda text: Money(int(Decimal(text).scaleb(2)), "EUR"),
    }  # fmt: skip
    for code, table in examples():
        exec(code, dict(names))
        entry = selectors.entry_by_source(books.last)
        assert entry is not None
        posted = {posting.account_code: posting.amount.amount_minor for posting in entry.postings}
        assert posted == signed(table_rows(table)), code
    assert len(examples()) == PAGE.count("```python") == 57
    assert books.kinds == {*(kind.value for kind in EntryKind), "reversal"}

    [expected] = tables_of("Trial balance after all of this")
    actual = {
        account.code: account.balance.amount_minor
        for currency in ("EUR", "JPY", "KWD")
        for account in selectors.trial_balance(currency).accounts
        if account.balance
    }
    assert actual == signed(expected)
    assert selectors.verify() == []


def test_the_split_of_the_sale_adds_up() -> None:
    [split, _] = tables_of("Sale")
    for _, *figures in split:
        goods, shipping, commission, share = (int(Decimal(figure).scaleb(2)) for figure in figures)
        assert Money(goods, "EUR").share_bps(1000) == Money(commission, "EUR")
        assert share == goods - commission + shipping


def test_the_chart_is_the_chart() -> None:
    [rows] = tables_of("Chart of accounts")
    written = {code: (type_, bool(owner), bool(hot), bool(bound)) for code, type_, owner, hot, bound, _ in rows}
    specs: list[AccountSpec] = [
        chart.clearing("stripe", "EUR"), chart.processor_fees("EUR"), chart.commission("EUR"),
        chart.seller_held("art_x", "EUR"), chart.seller_payable("art_x", "EUR"), chart.transfers_in_transit("EUR"),
        chart.late_payments("EUR"), chart.clearing("paypal", "EUR"), chart.seller_receivable("art_x", "EUR"),
        chart.seller_disputed("art_x", "EUR"), chart.refunds_in_transit("EUR"), chart.disputed("EUR"),
        chart.dispute_fees("EUR"), chart.dispute_losses("EUR"), chart.goodwill("EUR"), chart.unallocated_refunds("EUR"),
        chart.paid_otherwise("EUR"), chart.seller_reserved("art_x", "EUR"), chart.bank("EUR"),
        chart.bank_in_transit("EUR"), chart.suspense("EUR"),
    ]  # fmt: skip
    builders = {name for name, value in vars(chart).items() if hasattr(value, "cache_info")}
    assert builders - {"clearing"} | {"stripe_clearing", "paypal_clearing"} == set(written)
    coded = {
        spec.code.split(":")[0]: (spec.type.value, bool(spec.owner_reference), spec.is_hot, not spec.may_go_negative)
        for spec in specs
    }
    assert coded == written


def test_the_events_are_the_kinds() -> None:
    [rows] = tables_of("Events")
    assert {row[1] for row in rows} == {*(kind.value for kind in EntryKind), "reversal"}


def test_every_type_is_in_the_chart() -> None:
    [rows] = tables_of("Chart of accounts")
    assert {row[1] for row in rows} == {kind.value for kind in AccountType}
