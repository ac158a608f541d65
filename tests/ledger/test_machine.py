"""Random programs of postings, replays, batches and reversals against a model; all invariants after each step."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from ledger import selectors, services
from ledger.contracts import AccountSpec, EntryRequest
from ledger.enums import AccountType
from tests.ledger.books import NOW, account, lines

ACCOUNTS = [
    account("cash"),
    account("clearing", is_hot=True),
    account("held", account_type=AccountType.LIABILITY, bounded=True),
    account("payable", account_type=AccountType.LIABILITY, bounded=True),
    account("cash", currency="JPY"),
    account("sales", currency="JPY", account_type=AccountType.REVENUE),
]
SIGNS = {spec.code: spec.balance_sign for spec in ACCOUNTS}
Sides = dict[str, int]


@st.composite
def balanced(draw: st.DrawFn) -> Sides:
    """Amounts by code of two or more accounts, each currency summing to zero."""
    sides: Sides = {}
    for currency in draw(st.sampled_from([("EUR",), ("JPY",), ("EUR", "JPY")])):
        codes = [spec.code for spec in ACCOUNTS if spec.currency == currency]
        chosen = draw(st.lists(st.sampled_from(codes), min_size=2, max_size=len(codes), unique=True))
        amounts = [draw(st.integers(min_value=-500, max_value=500).filter(bool)) for _ in range(len(chosen) - 1)]
        if sum(amounts) == 0:
            amounts[0] += 1 if amounts[0] != -1 else 2
        sides |= dict(zip(chosen, [*amounts, -sum(amounts)], strict=True))
    return sides


class Books(RuleBasedStateMachine):
    """The model is a dictionary of balances and one of facts; PostgreSQL must agree with both."""

    facts: Bundle[str] = Bundle("facts")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.posted: dict[str, Sides] = {}
        self.reversed: dict[str, str] = {}
        self.history: list[tuple[dt.datetime, Sides]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def balances(self) -> Sides:
        return dict(self.history[-1][1]) if self.history else {}

    def bears(self, *entries: Sides) -> bool:
        state = self.balances()
        for entry in entries:
            for code, minor in entry.items():
                state[code] = state.get(code, 0) + minor
                if SIGNS[code] * state[code] < 0:
                    return False
        return True

    def remember(self, source: str, sides: Sides, posted: Any) -> None:
        assert not posted.replayed
        state = self.balances()
        for code, minor in sides.items():
            state[code] = state.get(code, 0) + minor
        self.posted[source] = sides
        if self.history and self.history[-1][0] == posted.posted_at:
            self.history.pop()  # the entries of a batch enter the books at one moment
        self.history.append((posted.posted_at, state))

    @rule(target=facts, sides=balanced())
    def post(self, sides: Sides) -> Any:
        source = f"fact:{len(self.posted)}"
        if not self.bears(sides):
            with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
                _post(source, sides)
            return multiple()
        self.remember(source, sides, _post(source, sides))
        return source

    @rule(target=facts, first=balanced(), second=balanced())
    def post_batch(self, first: Sides, second: Sides) -> Any:
        sources = [f"fact:{len(self.posted)}", f"fact:{len(self.posted) + 1}"]
        requests = [
            EntryRequest("test", source, NOW, _lines(sides))
            for source, sides in zip(sources, (first, second), strict=True)
        ]
        if not self.bears(first, second):
            with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
                services.post_entries(entries=requests)
            return multiple()
        for source, sides, posted in zip(
            sources, (first, second), services.post_entries(entries=requests), strict=True
        ):
            self.remember(source, sides, posted)
        return multiple(*sources)

    @rule(source=facts)
    def replay(self, source: str) -> None:
        assert _post(source, self.posted[source]).replayed

    @rule(source=facts, sides=balanced())
    def contradict(self, source: str, sides: Sides) -> None:
        if sides != self.posted[source]:
            # an account that would go negative is told first when there is no such entry; here there is one
            with pytest.raises(services.SourceReferenceConflict), transaction.atomic():
                _post(source, sides)

    @rule(source=facts)
    def reverse(self, source: str) -> None:
        undo = f"undo:{source}"
        opposite = {code: -minor for code, minor in self.posted[source].items()}

        def call(reference: str) -> Any:
            return services.reverse_entry(original=source, source_reference=reference, effective_at=NOW)

        if source in self.reversed:
            assert call(undo).replayed
            with pytest.raises(services.AlreadyReversed), transaction.atomic():
                call(undo + ":again")
        elif self.bears(opposite):
            self.remember(undo, opposite, call(undo))
            self.reversed[source] = undo
        else:
            with pytest.raises(services.AccountWouldGoNegative), transaction.atomic():
                call(undo)

    @invariant()
    def books_are_whole(self) -> None:
        assert selectors.verify() == []

    @invariant()
    def balances_agree(self) -> None:
        state = self.balances()
        read = {code: money.amount_minor for code, money in selectors.balances(code_prefix="").items() if code in SIGNS}
        assert {code: minor for code, minor in read.items() if minor} == {c: m for c, m in state.items() if m}
        for currency in ("EUR", "JPY"):
            assert selectors.trial_balance(currency).is_balanced

    @invariant()
    def the_past_agrees(self) -> None:
        for at, state in self.history[-3:]:
            for code in SIGNS:
                assert selectors.balance_as_of(code, at).amount_minor == state.get(code, 0)


@pytest.mark.django_db
def test_random_programs_keep_the_books_whole() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _lines(sides: Sides) -> Any:
    specs: dict[str, AccountSpec] = {spec.code: spec for spec in ACCOUNTS}
    return lines(*((specs[code], minor) for code, minor in sides.items()))


def _post(source: str, sides: Sides) -> Any:
    return services.post_entry(kind="test", source_reference=source, effective_at=NOW, lines=_lines(sides))
