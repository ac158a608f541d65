"""kill -9 to `manage.py reconcile` after each step that it writes down, and two of them at once: the same findings.

Where it stands when it is killed is known, not guessed: it waits there for an answer of the processor or for a lock.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from django.db import connection, transaction

from common.clock import now as clock_now
from ledger.models import JournalEntry
from ledger.selectors import balance
from orders.models import Order
from payments.models import Capture
from reconciliation.models import PlatformPayout, ReconciliationException, ReconciliationRun, StatementLine
from reconciliation.services.run import _LOCK
from tests.orders.shop import check_out, confirm, three_artisans
from tests.orders.wire import SECRET_KEY, Wire
from tests.payouts.test_kill_process import started
from tests.reconciliation.shop import sale
from tests.reconciliation.statements import command, control, found

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker"), pytest.mark.slow]
WAIT_SECONDS = 120
# Longer than anything here takes; it ends with the kill.
HELD_SECONDS = 300
# Of a sale: 170.94 less the fee of 2.81.
NET = 17094 - 281
UNDISTURBED = [
    ("stripe", "duplicate", "open", NET),
    ("stripe", "fee", "open", -31),
    ("stripe", "missing_here", "healed", NET),
    ("stripe", "missing_here", "open", -250),
]


class Planted:
    """What differs: a webhook was lost, a fee is another, a charge is there twice, a movement is nobody's, and some of
    our own money is on its way to the bank."""

    def __init__(self, stripe: Wire) -> None:
        self.stripe = stripe
        self.lost = check_out(three_artisans())
        opened = confirm(self.lost).found
        assert opened is not None
        stripe.pay(opened.client_secret)
        dear, self.twice = _capture(sale(stripe)), _capture(sale(stripe))
        assert dear.fee_minor == 281
        control(stripe, f"/movements/{dear.balance_transaction_id}/fee", {"fee": 281 + 31})
        control(stripe, f"/movements/{self.twice.balance_transaction_id}/duplicate")
        control(stripe, "/movements", {"type": "adjustment", "amount": -250, "currency": "eur"})
        self.payout = requests.post(
            f"{stripe.url}/v1/payouts", data={"amount": "3000", "currency": "eur"}, auth=(SECRET_KEY, ""), timeout=15,
            headers={"Idempotency-Key": "our own payout"},
        ).json()["id"]  # fmt: skip

    def hold(self, path: str, *, after: int = 0) -> None:
        """The processor does not answer this."""
        self.stripe.fault("slow", path, method="GET", seconds=HELD_SECONDS, after=after)

    def check(self) -> None:
        assert sorted(found()) == UNDISTURBED
        assert Order.objects.get(id=self.lost.id).status == "paid"
        assert StatementLine.objects.count() == 6
        assert PlatformPayout.objects.get().processor_payout_id == self.payout
        assert balance("bank_in_transit:EUR").amount_minor == 3000
        assert balance("stripe_clearing:EUR").amount_minor == 3 * NET - 3000
        kinds = JournalEntry.objects.values_list("kind", flat=True)
        assert sorted(kinds) == [*["platform_payout_sent"], *["processor_fee"] * 3, *["sale"] * 3]
        # Each was opened once, and closed once where it was healed.
        told = {row.pk: [event.event for event in row.events.order_by("id")] for row in _exceptions()}
        assert list(told.values()) == [
            ["found", "settled"] if row.status == "healed" else ["found"] for row in _exceptions()
        ]


def _capture(order: Order) -> Capture:
    return Capture.objects.get(payment__order_reference=order.public_id)


def _exceptions() -> list[ReconciliationException]:
    return list(ReconciliationException.objects.order_by("id"))


def _until(reached: Callable[[], object], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert child.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _killed(child: subprocess.Popen[bytes]) -> None:
    """And PostgreSQL has noticed."""
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=10)
    deadline = time.monotonic() + WAIT_SECONDS
    while not _nobody_reconciles():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _nobody_reconciles() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _go_on(planted: Planted) -> None:
    """Started again."""
    planted.stripe.clear_faults()
    assert command("--processor", "stripe")[0] == 1
    planted.check()
    assert [run.status for run in ReconciliationRun.objects.all()] == ["complete"]


@contextmanager
def _in_a_transaction(do: Callable[[], object]) -> Iterator[None]:
    """`do` is done in another connection and neither committed nor taken back until the end; then it is taken back."""
    done, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                do()
                done.set()
                over.wait(timeout=2 * WAIT_SECONDS)
                transaction.set_rollback(True)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert done.wait(timeout=WAIT_SECONDS)
        yield
    finally:
        over.set()
        thread.join(timeout=WAIT_SECONDS)


def _somebody_waits() -> bool:
    """For a lock of a row or for the end of a transaction, in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def test_undisturbed_it_finds_this(stripe: Wire) -> None:
    planted = Planted(stripe)
    assert command("--processor", "stripe")[0] == 1
    planted.check()
    # And the next day nothing else.
    assert command("--processor", "stripe")[0] == 1
    planted.check()


@pytest.mark.parametrize(
    ("path", "after", "reached"),
    [
        # A statement is fetched in windows of a week.
        ("^/v1/balance_transactions$", 1, lambda: ReconciliationRun.objects.filter(progress__has_key="stripe")),
        ("^/v1/payouts/", 0, PlatformPayout.objects.all),
        ("^/v1/payment_intents/", 0, lambda: ReconciliationException.objects.filter(difference="missing_here")),
    ],
    ids=["a window was fetched", "a payout was booked", "it is about to ask after what it lacks"],
)
def test_killed_while_the_processor_is_asked_it_is_taken_up(
    stripe: Wire, path: str, after: int, reached: Callable[[], object]
) -> None:
    planted = Planted(stripe)
    planted.hold(path, after=after)
    child = started("reconcile", "--processor", "stripe")
    try:
        _until(reached, child)
    finally:
        _killed(child)
    _go_on(planted)


def test_killed_when_it_has_healed_and_told_a_part_it_tells_the_rest_and_nothing_twice(stripe: Wire) -> None:
    planted = Planted(stripe)
    planted.hold("^/v1/balance_transactions$")
    child = started("reconcile", "--processor", "stripe")
    try:
        _until(ReconciliationRun.objects.exists, child)
    finally:
        _killed(child)
    planted.stripe.clear_faults()
    run, now = ReconciliationRun.objects.get(), clock_now()

    def the_duplicates_place_is_taken() -> None:
        ReconciliationException.objects.create(
            public_id="rex_held", source="stripe", subject_key=planted.twice.processor_charge_id, currency="EUR",
            difference="duplicate", effect_minor=0, occurred_at=now, found_in=run, seen_in=run, found_at=now,
            updated_at=now,
        )  # fmt: skip

    with _in_a_transaction(the_duplicates_place_is_taken):
        child = started("reconcile", "--processor", "stripe")
        try:
            _until(_somebody_waits, child)
        finally:
            child.send_signal(signal.SIGKILL)
    _killed(child)
    # It has asked after what was lost, and could not say so yet.
    assert sorted(found()) == [
        ("stripe", "fee", "open", -31), ("stripe", "missing_here", "open", -250),
        ("stripe", "missing_here", "open", NET),
    ]  # fmt: skip
    assert Order.objects.get(id=planted.lost.id).status == "paid"
    _go_on(planted)


def test_of_two_at_once_one_says_so_and_leaves_all_to_the_other(stripe: Wire) -> None:
    planted = Planted(stripe)

    def nobody_stores_a_line() -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE reconciliation_statementline IN SHARE MODE")

    with _in_a_transaction(nobody_stores_a_line):
        first = started("reconcile", "--processor", "stripe")
        try:
            _until(_somebody_waits, first)
            # If it did anything, it would wait as well.
            second = started("reconcile", "--processor", "stripe")
            assert second.wait(timeout=WAIT_SECONDS) == 1
        except BaseException:
            first.kill()
            raise
    assert first.wait(timeout=WAIT_SECONDS) == 1
    planted.check()
    assert [run.status for run in ReconciliationRun.objects.all()] == ["complete"]
