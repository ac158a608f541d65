"""`make demo`: the whole shop on this machine, with one purchase played and explained."""

import argparse
import signal
import sys
import time
from types import FrameType

from dev import books, receipt
from dev.provision.console import fail, say
from dev.provision.paths import LOCAL
from dev.purchase import Purchase, PurchaseFailed, Visitor
from dev.stack.launcher import Plan, Stack
from dev.stack.ports import PortTaken
from dev.stack.processes import PartFailed
from dev.stack.state import AlreadyRunning, StackState, sole_launcher

FEE_BOOKED_WITHIN_SECONDS = 20


class Stopped(Exception):
    """Somebody asked the launcher to end."""


def main() -> int:
    """The exit status: 0 when the purchase went through and the books balance."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--once", action="store_true", help="end after the purchase")
    parser.add_argument("--no-past", action="store_true", help="begin with a shop in which nothing was ever sold")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with sole_launcher(LOCAL):
            return _run(once=arguments.once, has_past=not arguments.no_past)
    except AlreadyRunning:
        running = StackState.load(LOCAL / "stack.json")
        return fail(
            f"The demo of this checkout runs already{f' at {running.site}' if running.site else ''}"
            f"{f' (process {running.launcher.pid})' if running.launcher else ''}. `make stop` ends it."
        )
    except (PartFailed, PortTaken) as error:
        return fail(str(error))
    except Stopped:
        return 130


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _run(*, once: bool, has_past: bool) -> int:
    began = time.monotonic()
    stack = Stack(Plan(report=lambda text: say(f"  {text}")))
    say("starting")
    log_ins = ""

    def prepare(stack: Stack) -> None:
        nonlocal log_ins
        started = time.monotonic()
        books.use(stack.env)
        log_ins = books.migrate_and_load(
            demo_shop=stack.env["ARTISANS_HUB_ENV"] != "production",
            past=(lambda: _live_through_past(stack)) if has_past else None,
        )
        say(f"  database is up to date, demo shop loaded ({time.monotonic() - started:.1f} s)")

    stack.start(prepare=prepare)
    try:
        say(f"everything runs ({time.monotonic() - began:.1f} s)")
        status = _play(stack)
        say(receipt.where_to_look(_addresses(stack), log_ins))
        say(receipt.cards())
        if not once:
            say(f"\nServing {stack.site} until you press Ctrl-C. Logs are in {LOCAL / 'logs'}.")
            status = _serve(stack)
    finally:
        _stop_calmly(stack)
    return status


def _live_through_past(stack: Stack) -> None:
    """In a shop of our own where nothing has happened yet: some weeks, so that there is something to look at.

    The shop opens without it, if need be.
    """
    if not {"postgres", "sandbox"} <= set(stack.wanted()):
        return
    from dev.past import story  # Django's models can be imported only now

    started = time.monotonic()
    try:
        orders = story.live_through(sandbox=stack.sandbox_url)
    except story.FAILURES as error:
        say(f"  the shop's past broke off: {error}")
        return
    if orders:
        say(f"  a past of {orders} orders, with payouts and statements ({time.monotonic() - started:.1f} s)")


def _play(stack: Stack) -> int:
    """Buys, then explains. With somebody's own Stripe account it leaves the buying to the person."""
    if not stack.sandbox_url:
        say(
            receipt.heading("NO PURCHASE WAS PLAYED")
            + "\n  Real Stripe test keys are set. Card figures go from a browser to Stripe only, so buy in the browser"
            + "\n  (4242 4242 4242 4242). Have Stripe's events sent here:"
            + f"\n    stripe listen --forward-to {stack.site}/webhooks/stripe/"
        )
        return 0
    started = time.monotonic()
    try:
        before = books.trial_balance()
        say("\nplaying one purchase from three artisans through the HTTP API ...")
        purchase = Visitor(stack.site).buy(stripe_api=stack.sandbox_url)
        shares = _shares_when_fee_is_booked(purchase, before)
        say(f"  paid and booked ({time.monotonic() - started:.1f} s)")
        say(receipt.receipt(purchase))
        say(shares.text())
        say(receipt.books(receipt.trial_balance(books.trial_balance(), purchase.artisans), books.check()))
    except PurchaseFailed as error:
        return fail(f"The purchase failed. {error}\nThe end of the web server's log:\n{stack.log_tail('web')}")
    except books.BooksDoNotHold as error:
        return fail(f"THE BOOKS DO NOT HOLD:\n{error}")
    for problem in shares.problems:
        fail(problem)
    return 1 if shares.problems else 0


def _shares_when_fee_is_booked(purchase: Purchase, before: list[books.AccountBalance]) -> receipt.Shares:
    """The fee comes with the processor's balance transaction, which may be looked up after the order is paid."""
    deadline = time.monotonic() + FEE_BOOKED_WITHIN_SECONDS
    while True:
        shares = receipt.Shares(purchase, before, books.trial_balance())
        if not shares.problems or time.monotonic() > deadline:
            return shares
        time.sleep(0.5)


def _serve(stack: Stack) -> int:
    try:
        while True:
            time.sleep(1)
            broken = stack.broken()
            if broken:
                return fail(f"The {broken} has ended by itself. The end of its log:\n{stack.log_tail(broken)}")
    except Stopped:
        return 0


def _stop_calmly(stack: Stack) -> None:
    """Further Ctrl-C must not interrupt the stopping: half of it would stay."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    started = time.monotonic()
    say("\nstopping ...")
    stack.stop()
    say(f"everything is stopped ({time.monotonic() - started:.1f} s); the data stays in {LOCAL}")


def _addresses(stack: Stack) -> list[tuple[str, str]]:
    addresses = [("shop", stack.site), ("staff", f"{stack.site}/admin/"), ("API", f"{stack.site}/api/schema/")]
    if stack.sandbox_url:
        addresses.append(("mail", f"{stack.sandbox_url}/mail/"))
        addresses.append(("Stripe sandbox", f"{stack.sandbox_url}/_sandbox/"))
    return addresses


if __name__ == "__main__":
    sys.exit(main())
