"""Memory of a web process and of a worker over 10,000 requests and 10,000 tasks: it must be flat.

One gunicorn worker answers a mix of what buyers ask for (home and product page, cart, start and confirmation of a
checkout); one Celery worker process works off messages of the outbox (most cheap, some that send a mail) and events
from the webhook inbox, each of which looks its payment up with Stripe's SDK. The processor is the sandbox. Resident
memory is read after the first 1,000, when everything is loaded and every cache filled, half-way, and at the end.
Run by `python -m dev.bench`, or alone with `python -m dev.bench.memory`.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dev.bench.databases import other_redis_database, scratch_database
from dev.bench.http_load import run_load
from dev.bench.webhooks import free_port, signed_delivery, wait_for

if TYPE_CHECKING:
    from dev.bench.guests import Guest

_WARM_UP, _HALF, _ALL = 1_000, 5_500, 10_000
_MOST_GROWTH_MB = 5.0
_GUESTS = 100
_LONGEST_SECONDS = 300
# One task in so many sends a mail, and one is an event that has a payment looked up; the others are cheap.
_DEAR = 100
_BATCH = 750
_ROOT = Path(__file__).parents[2]


def run() -> bool:
    """Prints the table; whether both were flat."""
    secret = "whsec_" + secrets.token_hex(16)
    with ExitStack() as stack:
        sandbox, mails = stack.enter_context(_sandbox())
        os.environ |= {
            "ARTISANS_HUB_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "artisans_hub.settings",
            "DATABASE_URL": stack.enter_context(scratch_database(os.environ["DATABASE_URL"])),
            "REDIS_URL": other_redis_database(os.environ["REDIS_URL"]),
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
            "STRIPE_WEBHOOK_SECRETS": secret,
            "STRIPE_API_BASE": f"http://127.0.0.1:{sandbox}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mails}",
            "LOG_LEVEL": "ERROR",
            "CHECKOUT_RATE": "1000000/min",
            # Each guest comes from an address of their own, so the rate limits stay as they are.
            "TRUSTED_PROXIES": "1",
        }
        return _measure(stack, secret)


def _measure(stack: ExitStack, secret: str) -> bool:
    import django

    django.setup()
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connections

    from dev.bench.checkout_shop import Shop
    from dev.bench.guests import Guest

    stack.callback(connections.close_all)
    call_command("migrate", verbosity=0)
    cache.clear()
    _empty_queue()
    shop = Shop.with_goods(lines=5, artisans=3)
    guests = [Guest.with_cart(shop, number) for number in range(_GUESTS)]
    web, port = stack.enter_context(_web())
    worker = stack.enter_context(_worker())
    print(f"resident memory in MB; flat: at most {_MOST_GROWTH_MB:g} MB more at the end than after the warm-up")
    print(f"{'':18}{f'after {_WARM_UP:,}':>14}{f'after {_HALF:,}':>14}{f'after {_ALL:,}':>14}{'growth':>9}{'per s':>9}")
    _ask(port, [guest.start() for guest in guests])
    for guest in guests:
        guest.find_order()
    _ask(port, [guest.confirm() for guest in guests])
    flat_web = _watch("web, requests", web, lambda count: _ask(port, _mix(guests, count)))
    flat_worker = _watch("worker, tasks", worker, lambda count: _work(port, guests, count, secret))
    return flat_web and flat_worker


def _watch(name: str, process: subprocess.Popen[bytes], do: Callable[[int], None]) -> bool:
    """Has the work done in three stages and prints the memory after each."""
    seen, done = [], 0
    started = time.monotonic()
    for goal in (_WARM_UP, _HALF, _ALL):
        do(goal - done)
        done = goal
        seen.append(_resident_mb(process.pid))
    growth = seen[-1] - seen[0]
    flat = growth <= _MOST_GROWTH_MB
    figures = "".join(f"{megabytes:14.1f}" for megabytes in seen)
    print(f"{name:18}{figures}{growth:+9.1f}{_ALL / (time.monotonic() - started):9,.0f}{'' if flat else '  MISSED'}")
    return flat


def _mix(guests: "Sequence[Guest]", count: int) -> list[bytes]:
    """Each guest asks for something else at each round; of 50 requests one starts and one confirms a checkout."""
    requests = []
    for number in range(count):
        guest = guests[number % len(guests)]
        often = (guest.home, guest.product, guest.cart) * 8
        kinds = (guest.start, *often, guest.confirm, *often)
        requests.append(kinds[(number + number // len(guests)) % len(kinds)]())
    return requests


def _ask(port: int, requests: Sequence[bytes]) -> None:
    load = run_load(port=port, requests=requests, in_flight=2, expect=b" 20")
    if load.failures:
        raise RuntimeError(f"{load.failures} of {load.requests} requests failed")


def _work(port: int, guests: "Sequence[Guest]", count: int, secret: str) -> None:
    """Puts the tasks where they come from, in outbox and inbox, and waits until the worker has done them."""
    from django.db import transaction

    from common import outbox

    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        with transaction.atomic():
            for number in numbers:
                if number % _DEAR == 0:
                    order_id = guests[number % len(guests)].order_id
                    outbox.enqueue(task="orders.tasks.send_receipt", kwargs={"order_id": order_id})
                elif number % _DEAR != 1:
                    outbox.enqueue(task="common.tasks.seal_audit", kwargs={})
        _ask(port, [signed_delivery(guests[n % len(guests)].event(), secret) for n in numbers if n % _DEAR == 1])
        _wait_until_done()


def _wait_until_done() -> None:
    from common.models import OutboxMessage
    from webhooks.enums import UNFINISHED_STATUSES
    from webhooks.models import WebhookEvent

    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        waiting = OutboxMessage.objects.filter(status="waiting").count()
        waiting += WebhookEvent.objects.filter(status__in=UNFINISHED_STATUSES).count()
        if not waiting:
            return
        time.sleep(0.2)
    raise RuntimeError(f"{waiting} tasks were not done in {_LONGEST_SECONDS} s")


def _empty_queue() -> None:
    from artisans_hub.celery import app

    app.control.purge()


def _resident_mb(parent: int) -> float:
    """Of the only child of the process: of gunicorn's or Celery's one worker."""
    listing = subprocess.run(["ps", "-eo", "ppid=,rss="], check=True, capture_output=True, text=True).stdout
    children = [int(rss) for ppid, rss in map(str.split, listing.splitlines()) if int(ppid) == parent]
    if len(children) != 1:
        raise RuntimeError(f"process {parent} has {len(children)} children, not one")
    return children[0] / 1024


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program of ours, stopped at the end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([sys.executable, *arguments], env=os.environ, cwd=_ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


@contextmanager
def _web() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    bound = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "sync", "--no-control-socket")
    with _started("-m", "gunicorn", "artisans_hub.wsgi:application", *bound) as process:
        wait_for(port, process)
        yield process, port


@contextmanager
def _worker() -> Iterator[subprocess.Popen[bytes]]:
    pool = ("--pool", "prefork", "--concurrency", "1", "--without-mingle", "--without-gossip")
    name = f"bench-{uuid.uuid4().hex[:8]}@localhost"
    with _started("-m", "celery", "-A", "artisans_hub", "worker", "--hostname", name, *pool) as process:
        yield process


@contextmanager
def _sandbox() -> Iterator[tuple[int, int]]:
    """The processor's port, and the mail sink's."""
    port, mails = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "sandbox.sqlite3")
        ports = ("--host", "127.0.0.1", "--port", str(port), "--smtp-port", str(mails))
        with _started("-m", "sandbox", *ports, "--state", state) as process:
            wait_for(port, process)
            yield port, mails


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
