"""The loop beside the requests: due jobs, money that becomes available, webhook deliveries."""

import asyncio
import contextlib
import os
import signal
import traceback

from sandbox.clock import Clock
from sandbox.paypal import jobs as paypal_jobs
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.paypal.work import ACCOUNT as PAYPAL
from sandbox.store import Store
from sandbox.stripe import balance, jobs
from sandbox.stripe.gateway import Gateway
from sandbox.webhooks import Deliverer

_LONGEST_PAUSE_SECONDS = 0.25


def _end_loudly(task: asyncio.Task[None]) -> None:
    """Without its background work the sandbox would look alive and be dead: better to end, and say why."""
    if not task.cancelled() and task.exception() is not None:
        traceback.print_exception(task.exception())
        os.kill(os.getpid(), signal.SIGABRT)


class Background:
    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._awake = asyncio.Event()
        self.deliverer = Deliverer(store=store, clock=clock, wake=self.wake)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be something to do: do not wait for the next look."""
        self._awake.set()

    def start(self, gateway: Gateway, paypal: PayPalGateway) -> None:
        self.deliverer.paypal = paypal
        self._task = asyncio.create_task(self._loop(gateway, paypal))
        self._task.add_done_callback(_end_loudly)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.deliverer.stop()

    @property
    def idle(self) -> bool:
        """Nothing is due and nothing under way."""
        now = self._clock.now()
        row = self._store.sql.execute(
            "SELECT (SELECT COUNT(*) FROM jobs WHERE due_at <= ?) + "
            "(SELECT COUNT(*) FROM deliveries WHERE state = 'waiting' AND due_at <= ?) AS due",
            (now, now),
        ).fetchone()
        return row["due"] == 0 and not self.deliverer.busy

    async def _loop(self, gateway: Gateway, paypal: PayPalGateway) -> None:
        while True:
            self._awake.clear()
            self._run_jobs(gateway, paypal)
            self.deliverer.start_due()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), _LONGEST_PAUSE_SECONDS)

    def _run_jobs(self, gateway: Gateway, paypal: PayPalGateway) -> None:
        rows = self._store.sql.execute(
            "SELECT * FROM jobs WHERE due_at <= ? ORDER BY due_at, id LIMIT 100", (self._clock.now(),)
        ).fetchall()
        for row in rows:
            with self._store.transaction():
                self._store.sql.execute("DELETE FROM jobs WHERE id = ?", (row["id"],))
                if row["account"] == PAYPAL:
                    paypal_jobs.run(paypal.work(), row["kind"], row["subject"])
                else:
                    jobs.run(gateway.work(account=row["account"]), row["kind"], row["subject"])
        waiting = self._store.sql.execute(
            "SELECT 1 FROM money WHERE released = 0 AND available_on <= ? LIMIT 1", (int(self._clock.now()),)
        ).fetchone()
        if waiting is not None:
            with self._store.transaction():
                balance.release(gateway.work())
