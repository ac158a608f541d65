"""A worker is killed at every statement of a settlement: each time nothing half done, and the next one does it all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from common.clock import now as clock_now
from orders.models import Order, OrderEvent
from orders.services import settle_order
from payments.models import Capture
from payouts.models import Payable
from tests.faults.settle_once import KILLED
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


def _settled_by_a_process_that_dies(order: Order, stripe: Wire, *, statement: int, moment: str) -> bool:
    """Whether it died; False when the settlement has fewer statements."""
    database = connection.settings_dict
    address = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{address}",
        "STRIPE_API_BASE": stripe.url,
    }
    command = [sys.executable, "-m", "tests.faults.settle_once", str(order.id), str(statement), moment]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, KILLED), done.stderr
    return done.returncode == KILLED


def _nothing_or_everything(order: Order) -> bool:
    """After a death: either the whole sale is there or no part of it."""
    order.refresh_from_db()
    done = order.status == "paid"
    parts = (Capture.objects.count(), Payable.objects.count(), OrderEvent.objects.filter(event="paid").count())
    assert parts == ((1, 3, 1) if done else (0, 0, 0))
    assert bool(balances()) is done
    return done


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_statement(stripe: Wire, run_outbox: RunOutbox, moment: str) -> None:
    product = new_product(stock=1000)
    survived_with_nothing = 0
    for statement in range(1, MOST_STATEMENTS):
        order = check_out([(product, 1)])
        found = confirm(order).found
        assert found is not None
        stripe.pay(found.client_secret)
        died = _settled_by_a_process_that_dies(order, stripe, statement=statement, moment=moment)
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
def test_a_death_leaves_the_whole_sale_or_no_part_of_it(stripe: Wire, statement: int) -> None:
    order = _paid_at_the_processor(stripe)
    assert _settled_by_a_process_that_dies(order, stripe, statement=statement, moment="after")
    _nothing_or_everything(order)
    settle_order(order_id=order.id, source="sweeper", now=clock_now())
    assert _nothing_or_everything(order)
    charged_once(stripe, order)
    everything_agrees(stripe)
