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
from payouts import services
from payouts.models import ConnectedAccount, Payout, PayoutRun
from tests.orders.shop import new_artisan
from tests.payouts.hub import HOLD, books, run, sell, states
from tests.payouts.test_sandbox import at_the_sandbox, charge, connected
from tests.support.sandbox import SandboxProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WAIT_SECONDS = 30
KILLED_AT = 3


def started(*arguments: str) -> subprocess.Popen[bytes]:
    """Another process that runs this command on the test database."""
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    env = {**os.environ, "DATABASE_URL": f"postgres://{address}"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
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
    child = started("release_payables", "--order", order)
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


def owed(client: stripe.StripeClient, count: int) -> list[str]:
    """Released shares of that many artisans; their accounts at the processor."""
    artisans = [connected(new_artisan()) for _ in range(count)]
    sell([(artisan, 1500) for artisan in artisans], charge_id=charge(client, 1700 * count), now=clock_now() - HOLD)
    services.release_due(now=clock_now())
    return sorted(ConnectedAccount.objects.values_list("processor_account_id", flat=True))


def sent_to(client: stripe.StripeClient) -> list[str]:
    return sorted(str(transfer.destination) for transfer in client.v1.transfers.list({"limit": 100}).auto_paging_iter())


def test_a_run_killed_in_the_middle_is_finished_by_another_process(sandbox: SandboxProcess) -> None:
    client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    accounts = owed(client, 6)
    sandbox.fault(path="^/v1/transfers$", kind="slow", seconds=20, times=1, after=2)
    child = started("run_payouts")
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while len(sent_to(client)) < KILLED_AT:
            assert child.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=10)
    sandbox.clear_faults()
    services.run_scheduled(now=clock_now())
    services.run_scheduled(now=clock_now() + LEASE)
    services.run_scheduled(now=clock_now() + 2 * LEASE)
    assert sent_to(client) == accounts
    # In the evening the day is closed by a run of its own.
    assert set(PayoutRun.objects.values_list("status", flat=True)) == {"done"}
    assert Payout.objects.values("run").distinct().count() == 1
    assert books() == {"stripe_clearing": 600, "commission": 600}


def test_two_processes_at_once_pay_everybody_once(sandbox: SandboxProcess) -> None:
    client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})
    accounts = owed(client, 6)
    children = [started("run_payouts", *options) for options in ((), (), ("--everybody",))]
    for child in children:
        child.wait(timeout=120)
    services.run_payouts(now=clock_now() + LEASE)
    assert sent_to(client) == accounts
    assert books() == {"stripe_clearing": 600, "commission": 600}
