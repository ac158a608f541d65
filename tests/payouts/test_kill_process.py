"""kill -9 to a process whose call to the processor is under way; another process finishes its work."""

import os
import signal
import subprocess
import sys
import time

import pytest
import stripe
from django.conf import settings
from django.db import connection

from common.clock import now as clock_now
from dev.provision.paths import ROOT
from payments.services.outgoing import LEASE
from tests.orders.shop import new_artisan
from tests.payouts.hub import books, run, sell, states
from tests.payouts.test_sandbox import at_the_sandbox, charge, connected
from tests.support.sandbox import SandboxProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WAIT_SECONDS = 30


def started(order: str) -> subprocess.Popen[bytes]:
    """Another process that releases and sends what is owed for this order, on the test database."""
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    env = {**os.environ, "DATABASE_URL": f"postgres://{address}"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "release_payables", "--order", order],
        cwd=ROOT,
        env=env,
        stderr=subprocess.DEVNULL,
    )


def test_killed_while_the_answer_is_under_way_it_is_sent_once(sandbox: SandboxProcess) -> None:
    client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    artisan = connected(new_artisan())
    order = sell([(artisan, 1500)], charge_id=charge(client, 1600))
    # Carried out at once, answered much later.
    sandbox.fault(path="^/v1/transfers$", kind="slow", seconds=20)
    child = started(order)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while not at_the_sandbox(client, order):
            assert child.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=10)
    assert states() == ("transferring", "requested", "prepared")
    assert books() == {"stripe_clearing": 1600, "commission": 100, "transfers_in_transit": 1500}

    assert run(clock_now()).succeeded == 0
    assert run(clock_now() + LEASE).succeeded == 1
    assert len(at_the_sandbox(client, order)) == 1
    assert states() == ("transferred", "succeeded", "succeeded")
    assert books() == {"stripe_clearing": 100, "commission": 100}
