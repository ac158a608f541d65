"""A worker is killed at every statement of a settlement: each time nothing half done, and the next one does it all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from common.clock import now as clock_now
from orders.models import Order, OrderEvent
from orders.services import settle_order
from payments.models import Capture
from payouts.models import Payable
from tests.faults.doomed import KILLED
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, three_artisans
from tests.orders.wire import Wire

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker")]

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_STATEMENTS = 60


def _paid_at_the_processor(stripe: Wire) -> Order:
    order = check_out(three_artisans())
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    return order


class Executioner:
    """Settles in processes that die where a test says so."""

    def __init__(self, stripe: Wire) -> None:
        database = connection.settings_dict
        address = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{address}",
            "STRIPE_API_BASE": stripe.url,
        }
        command = [sys.executable, "-m", "tests.faults.doomed"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def settle(self, order: Order, *, statement: int, moment: str) -> bool:
        """Whether the process died; False when the settlement has fewer statements."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(order.id, statement, moment, file=self.process.stdin, flush=True)
        status = int(self.process.stdout.readline())
        assert status in (0, KILLED)
        return status == KILLED


@pytest.fixture
def executioner(stripe: Wire) -> Iterator[Executioner]:
    mother = Executioner(stripe)
    yield mother
    assert mother.process.stdin is not None
    mother.process.stdin.close()
    assert mother.process.wait(timeout=20) == 0


def _nothing_or_everything(order: Order) -> bool:
    """After a death: either the whole sale is there or no part of it."""
    order.refresh_from_db()
    done = order.status == "paid"
    parts = (Capture.objects.count(), Payable.objects.count(), OrderEvent.objects.filter(event="paid").count())
    assert parts == ((1, 3, 1) if done else (0, 0, 0))
    assert bool(balances()) is done
    return done


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_statement(stripe: Wire, executioner: Executioner, run_outbox: RunOutbox, moment: str) -> None:
    product = new_product(stock=1000)
    survived_with_nothing = 0
    for statement in range(1, MOST_STATEMENTS):
        order = check_out([(product, 1)])
        found = confirm(order).found
        assert found is not None
        stripe.pay(found.client_secret)
        died = executioner.settle(order, statement=statement, moment=moment)
        order.refresh_from_db()
        if not died:
            assert order.status == "paid"
            break
        survived_with_nothing += order.status != "paid"
        settle_order(order_id=order.id, source="sweeper", now=clock_now())
        charged_once(stripe, order)
        everything_agrees(stripe)
    else:
        raise AssertionError("the settlement never came to its end")
    # All but perhaps the very last statements are inside the transaction, which died with its process.
    assert survived_with_nothing >= 8
    ran = run_outbox()
    assert ran.count("orders.tasks.send_receipt") == Order.objects.filter(status="paid").count()


@pytest.mark.parametrize("statement", [1, 4, 6, 8])
def test_a_death_leaves_the_whole_sale_or_no_part_of_it(stripe: Wire, executioner: Executioner, statement: int) -> None:
    order = _paid_at_the_processor(stripe)
    assert executioner.settle(order, statement=statement, moment="after")
    _nothing_or_everything(order)
    settle_order(order_id=order.id, source="sweeper", now=clock_now())
    assert _nothing_or_everything(order)
    charged_once(stripe, order)
    everything_agrees(stripe)
