"""Random lives of orders over both processors, and then the statements: no false alarm, and nothing overlooked."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.processors import dispute_desk_of, paypal_client, processor_named, reports_of
from reconciliation.models import ReconciliationException
from reconciliation.services import reconcile
from tests.life.test_random_lives import Program, openings, steps
from tests.life.world import World
from tests.orders.fixtures import RunOutbox
from tests.orders.wire import Wire
from tests.reconciliation.statements import control

_HOUR = dt.timedelta(hours=1)
# Time passes here and not at the processors of these lives.
_ANY_DAY = dt.timedelta(days=365)
_LOST: Program = [
    ("buy", ((0, 1), 2)), ("pay", (0, "card", "good")), ("come_back", (0,)), ("work", ()), ("pay_artisans", ()),
    ("dispute", (0,)), ("tell_of_dispute", (0,)), ("decide", (0, False)),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.slow
class TestReconciledLives(TestCase):
    @pytest.fixture(autouse=True)
    def _with(self, stripe: Wire, run_outbox: RunOutbox) -> None:
        self._wire, self._outbox = stripe, run_outbox

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(openings, st.lists(steps, min_size=4, max_size=12))
    @example(_LOST, [("dashboard_refund", (0, 40))])
    def test_a_shop_at_rest_gives_no_false_alarm_and_one_foreign_cent_is_found(
        self, opening: Program, program: Program
    ) -> None:
        world = self._lived([*opening, *program])
        world.come_to_rest()
        later = world.now + 10 * _HOUR
        reconcile(now=later, date_tolerance=_ANY_DAY)
        assert self._open() == [], f"after {world.did}"
        control(self._wire, "/movements", {"type": "adjustment", "amount": -1, "currency": "eur"})
        reconcile(now=later + _HOUR, date_tolerance=_ANY_DAY)
        assert self._open() == [("stripe", "missing_here", -1)]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(openings)
    def test_what_no_webhook_told_is_recorded_by_the_reconciliation_alone(self, opening: Program) -> None:
        lost = [step for step in opening if not step[0].startswith("tell_of")]
        world = self._lived([*lost, ("dashboard_refund", (0, 20))])
        self._wire.idle()
        reconcile(now=world.now + _HOUR, date_tolerance=_ANY_DAY)
        assert self._open() == [], f"after {world.did}"
        world.audit()

    def _lived(self, program: Program) -> World:
        self._wire.reset()
        self._wire.clear_faults()
        self._wire.webhooks("hold")
        for cache in (paypal_client, processor_named, dispute_desk_of, reports_of):
            cache.cache_clear()
        world = World(self._wire, self._outbox)
        for name, arguments in program:
            world.did.append(f"{name}{arguments}")
            getattr(world, name)(*arguments)
        return world

    def _open(self) -> list[tuple[str, str, int]]:
        rows = ReconciliationException.objects.filter(status="open").order_by("id")
        return [(row.source, row.difference, row.effect_minor) for row in rows]
