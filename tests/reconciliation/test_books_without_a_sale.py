"""`ledger_check` in books in which nothing was sold yet: a set to compare with is empty, and NULL is "not in" that."""

import datetime as dt

import pytest

from common.money import Money
from ledger import chart, services
from ledger.contracts import Line
from reconciliation.selectors import local_findings

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def _post(kind: str, source_reference: str) -> None:
    lines = [
        Line(chart.clearing("stripe", "EUR"), Money(250, "EUR")),
        Line(chart.suspense("EUR"), Money(-250, "EUR")),
    ]
    services.post_entry(kind=kind, source_reference=source_reference, effective_at=NOW, lines=lines)


def _named() -> set[tuple[str, str]]:
    rule = "what is booked has happened"
    return {(one.rule, one.subject) for one in local_findings() if one.rule == rule}


def test_a_journal_that_staff_approved_is_no_finding() -> None:
    _post("suspense_booked", "reconciliation:exc_1")
    assert _named() == set()


def test_an_entry_about_a_sale_that_never_was_is_one() -> None:
    _post("sale", "sale:pay_never")
    assert _named() == {("what is booked has happened", "sale:pay_never")}
