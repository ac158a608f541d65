"""Random histories of artisans' money, from sale to payout and back, against an auditor that knows no service.

HISTORIES sets how many (30 unless told; 1,000 were run before a release, docs/benchmarks.md says how long they took).
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.processors import dispute_desk_of, paypal_client, processor_named
from tests.life.world import FAULTS, World
from tests.orders.fixtures import RunOutbox
from tests.orders.wire import Wire
from tests.support import auditor

Program = list[tuple[str, tuple[Any, ...]]]
numbers, hundredths = st.integers(0, 3), st.integers(1, 100)
steps = st.one_of(
    st.tuples(st.just("ship"), st.tuples(numbers)),
    st.tuples(st.just("receive"), st.tuples(numbers)),
    st.tuples(st.just("days"), st.tuples(st.sampled_from([1, 7, 21, 31]))),
    st.tuples(st.just("days"), st.tuples(st.sampled_from([7, 21, 31]))),
    st.tuples(st.just("keep_back"), st.tuples(st.integers(0, 1), st.sampled_from([0, 333, 1000, 5000]))),
    st.tuples(st.just("pause"), st.tuples(st.integers(0, 1))),
    st.tuples(st.just("refund"), st.tuples(numbers, st.sampled_from(["all", "amount", "part"]), hundredths)),
    st.tuples(st.just("refund"), st.tuples(numbers, st.just("amount"), hundredths)),
    st.tuples(st.just("after_a_bounce"), st.tuples(numbers, st.booleans())),
    st.tuples(st.just("bounce"), st.tuples(numbers)),
    st.tuples(st.just("tell_of_refund"), st.tuples(numbers)),
    st.tuples(st.just("dispute"), st.tuples(numbers)),
    st.tuples(st.just("tell_of_dispute"), st.tuples(numbers)),
    st.tuples(st.just("decide"), st.tuples(numbers, st.booleans())),
    st.tuples(st.just("write_off"), st.tuples(numbers)),
    st.tuples(st.just("pay_back"), st.tuples(numbers, hundredths)),
    st.tuples(st.just("was_no_payment"), st.tuples(numbers)),
    st.tuples(st.just("fault"), st.tuples(st.sampled_from(FAULTS))),
    st.tuples(st.just("pay_artisans"), st.just(())),
    st.tuples(st.just("work"), st.just(())),
)
_BY_CARD: Program = [("buy", ((0, 1), 2)), ("pay", (0, "card", "good")), ("come_back", (0,))]
_BY_PAYPAL: Program = [("buy", ((0, 1), 1)), ("pay", (0, "paypal", "good")), ("tell_of_payment", (0,))]
_BY_BOTH: Program = [
    *_BY_CARD, ("buy", ((0,), 1)), ("pay", (1, "paypal", "good")), ("tell_of_payment", (1,)), ("come_back", (1,)),
]  # fmt: skip
_KEPT_BACK: Program = [("keep_back", (0, 5000)), ("keep_back", (1, 1000))]
_PAID_OUT: Program = [("ship", (0,)), ("days", (31,)), ("work", ())]
openings = st.sampled_from(
    [_BY_CARD, _BY_PAYPAL, [*_KEPT_BACK, *_BY_BOTH], [*_KEPT_BACK, *_BY_CARD, *_PAID_OUT], [*_BY_BOTH, *_PAID_OUT],
     [*_KEPT_BACK, *_BY_PAYPAL, *_PAID_OUT]]
)  # fmt: skip
_REFUNDED_AFTER_ALL: Program = [
    ("refund", (0, "amount", 60)), ("work", ()), ("days", (1,)), ("bounce", (0,)), ("tell_of_refund", (0,)),
    ("after_a_bounce", (0, False)), ("days", (31,)), ("dispute", (0,)), ("tell_of_dispute", (0,)), ("days", (1,)),
    ("write_off", (0,)), ("decide", (0, True)), ("tell_of_dispute", (0,)), ("work", ()), ("days", (31,)),
]  # fmt: skip
_PAID_BACK_AND_WON: Program = [
    ("dispute", (0,)), ("tell_of_dispute", (0,)), ("days", (1,)), ("pay_back", (0, 100)), ("decide", (0, True)),
    ("tell_of_dispute", (0,)), ("work", ()), ("days", (31,)), ("was_no_payment", (0,)), ("days", (1,)),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.slow
class TestHistories(TestCase):
    @pytest.fixture(autouse=True)
    def _with(self, stripe: Wire, run_outbox: RunOutbox) -> None:
        self._wire, self._outbox = stripe, run_outbox

    @settings(
        max_examples=int(os.environ.get("HISTORIES", "30")), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(openings, st.lists(steps, min_size=4, max_size=12))
    @example([*_KEPT_BACK, *_BY_CARD, *_PAID_OUT], _REFUNDED_AFTER_ALL)
    @example([*_KEPT_BACK, *_BY_PAYPAL, *_PAID_OUT], _REFUNDED_AFTER_ALL)
    @example([*_BY_CARD, *_PAID_OUT], _PAID_BACK_AND_WON)
    def test_each_artisan_has_what_their_lines_say_to_the_cent(self, opening: Program, program: Program) -> None:
        self._wire.reset()
        self._wire.clear_faults()
        self._wire.webhooks("hold")
        for cache in (paypal_client, processor_named, dispute_desk_of):
            cache.cache_clear()
        world = World(self._wire, self._outbox)
        for name, arguments in [*opening, *program]:
            world.did.append(f"{name}{arguments}")
            getattr(world, name)(*arguments)
            assert auditor.offences() == [], f"after {world.did}"
        world.audit()
        for place in auditor.seen():
            event(f"{place} at the end")
