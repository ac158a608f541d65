"""Random lives of orders over both processors: bought, captured, voided, refunded, disputed, under faults.

After every step all invariants of the books hold, and at rest they say what the processors' own balances say.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.processors import dispute_desk_of, paypal_client, processor_named
from tests.life.world import FAULTS, World
from tests.orders.fixtures import RunOutbox
from tests.orders.wire import Wire

numbers = st.integers(0, 7)
hundredths = st.integers(1, 100)
steps = st.one_of(
    st.tuples(
        st.just("buy"), st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple), st.integers(1, 3))
    ),
    st.tuples(
        st.just("pay"),
        st.tuples(
            numbers, st.sampled_from(["card", "paypal"]), st.sampled_from(["good", "good", "declined", "cancel"])
        ),
    ),
    st.tuples(st.just("come_back"), st.tuples(numbers)),
    st.tuples(st.just("leave"), st.tuples(numbers)),
    st.tuples(st.just("tell_of_payment"), st.tuples(numbers)),
    st.tuples(st.just("tell_of_refund"), st.tuples(numbers)),
    st.tuples(st.just("tell_of_dispute"), st.tuples(numbers)),
    st.tuples(st.just("answer"), st.tuples(numbers, st.booleans())),
    st.tuples(st.just("refund"), st.tuples(numbers, st.sampled_from(["all", "amount", "part"]), hundredths)),
    st.tuples(st.just("after_a_bounce"), st.tuples(numbers, st.booleans())),
    st.tuples(st.just("pay_artisans"), st.just(())),
    st.tuples(st.just("dashboard_refund"), st.tuples(numbers, hundredths)),
    st.tuples(st.just("bounce"), st.tuples(numbers)),
    st.tuples(st.just("dispute"), st.tuples(numbers)),
    st.tuples(st.just("decide"), st.tuples(numbers, st.booleans())),
    st.tuples(st.just("fault"), st.tuples(st.sampled_from(FAULTS))),
    st.tuples(st.just("sweep"), st.tuples(st.sampled_from([2, 15, 61]))),
    st.tuples(st.just("work"), st.just(())),
)
Program = list[tuple[str, tuple[Any, ...]]]
_PAID_BY_CARD: Program = [("buy", ((0, 1), 2)), ("pay", (0, "card", "good")), ("come_back", (0,))]
_PAID_BY_PAYPAL: Program = [("buy", ((0, 1), 1)), ("pay", (0, "paypal", "good")), ("tell_of_payment", (0,))]
_AUTHORIZED: Program = [("buy", ((1, 2), 1)), ("pay", (0, "paypal", "good")), ("come_back", (0,))]
_TRANSFERRED: Program = [*_PAID_BY_CARD, ("work", ()), ("pay_artisans", ())]
_REFUNDED: Program = [*_PAID_BY_CARD, ("refund", (0, "amount", 30)), ("work", ())]
_DISPUTED: Program = [*_PAID_BY_PAYPAL, ("dispute", (0,)), ("tell_of_dispute", (0,))]
_LOST: Program = [*_TRANSFERRED, ("dispute", (0,)), ("tell_of_dispute", (0,)), ("decide", (0, False))]
openings = st.sampled_from([_PAID_BY_CARD, _PAID_BY_PAYPAL, _AUTHORIZED, _TRANSFERRED, _REFUNDED, _DISPUTED, _LOST])
_DISPUTED_AND_BOUNCED: Program = [
    ("refund", (0, "amount", 40)), ("work", ()), ("bounce", (0,)), ("tell_of_refund", (0,)),
    ("after_a_bounce", (0, True)), ("work", ()), ("dispute", (0,)), ("tell_of_dispute", (0,)),
    ("refund", (0, "all", 1)), ("decide", (0, True)), ("tell_of_dispute", (0,)), ("tell_of_dispute", (0,)),
    ("refund", (0, "all", 1)), ("work", ()),
]  # fmt: skip
_TRANSFERS_WITHOUT_ANSWERS: Program = [
    ("pay", (0, "card", "good")), ("fault", ("answer_lost",)), ("work", ()), ("fault", ("reset",)),
    ("pay_artisans", ()), ("dashboard_refund", (2, 100)),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.slow
class TestRandomLives(TestCase):
    @pytest.fixture(autouse=True)
    def _with(self, stripe: Wire, run_outbox: RunOutbox) -> None:
        self._wire, self._outbox = stripe, run_outbox

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(openings, st.lists(steps, min_size=4, max_size=16))
    @example(_PAID_BY_CARD, _TRANSFERS_WITHOUT_ANSWERS)
    @example(_TRANSFERRED, _DISPUTED_AND_BOUNCED)
    @example(_PAID_BY_PAYPAL, _DISPUTED_AND_BOUNCED)
    def test_whatever_happens_the_money_is_right(self, opening: Program, program: Program) -> None:
        self._wire.reset()
        self._wire.clear_faults()
        self._wire.webhooks("hold")
        for cache in (paypal_client, processor_named, dispute_desk_of):
            cache.cache_clear()
        world = World(self._wire, self._outbox)
        for name, arguments in [*opening, *program]:
            world.did.append(f"{name}{arguments}")
            getattr(world, name)(*arguments)
            world.audit()
        world.come_to_rest()
        world.notice()
