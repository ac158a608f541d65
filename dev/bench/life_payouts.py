"""Artisans are paid while people buy: shares are released, runs pay them out, banks and processors tell of it.

The accounts of the artisans at the processor are part of the reckoning: what is on each has to be what was transferred
to it, less what was brought back and what has left it for the bank.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Sum

from catalog.models import Artisan
from common.clock import now as clock_now
from dev.bench.life_people import Town
from payouts import services as payouts
from payouts.contracts import NothingToPay
from payouts.enums import BankPayoutStatus, PayableStatus, ReversalStatus, TransferStatus
from payouts.models import BankPayout, Payable, Transfer, TransferReversal
from reconciliation.services import reconcile

# The money of PayPal's sales is paid out from Stripe's balance, so that needs more than was sold by card.
_TOP_UP_MINOR = 50_000_000
_ARRIVES_AFTER_SECONDS = 2
_PAUSE_SECONDS = 2.0
_AT_ONCE = 40
_OPEN_BANK = (BankPayoutStatus.REQUESTED, BankPayoutStatus.UNKNOWN, BankPayoutStatus.PENDING)


def prepare(town: Town) -> None:
    """Artisans have accounts that can be paid, and the platform has money to pay them with, which the books know."""
    town.tell("/settings", {"payout_arrives_after_seconds": _ARRIVES_AFTER_SECONDS})
    for artisan_id in Artisan.objects.order_by("id").values_list("id", flat=True):
        account = payouts.connect_demo_artisan(artisan_id=artisan_id, country="DE", now=clock_now())
        if not account.transfers_enabled:
            town.tell(f"/accounts/{account.processor_account_id}/onboarding", {})
            payouts.connect_demo_artisan(artisan_id=artisan_id, country="DE", now=clock_now())
    town.tell("/topups", {"amount": _TOP_UP_MINOR})
    reconcile(now=clock_now(), processors=["stripe"], started_by="bench")


class Paymaster(threading.Thread):
    """Of staff: releases what is held, and has everybody paid who is due, again and again."""

    def __init__(self, town: Town) -> None:
        super().__init__(daemon=True, name="paymaster")
        self.town = town
        self.going_home = threading.Event()

    def run(self) -> None:
        try:
            while not self.going_home.wait(_PAUSE_SECONDS):
                held = Payable.objects.filter(status=PayableStatus.HELD).order_by("id").values_list("id", flat=True)
                self.town.done["released"] += payouts.release_now(payable_ids=list(held[:_AT_ONCE]), now=clock_now())
                try:
                    payouts.request_payout(artisan_id=None, actor="staff:1", now=clock_now())
                except NothingToPay:
                    continue
                self.town.done["payout runs"] += 1
        finally:
            connection.close()


def what_is_on_its_way() -> dict[str, int]:
    """Transfers, reversals and payouts to banks without an outcome."""
    return {
        "transfers": Transfer.objects.filter(status__in=(TransferStatus.REQUESTED, TransferStatus.UNKNOWN)).count(),
        "reversals": TransferReversal.objects.filter(
            status__in=(ReversalStatus.REQUESTED, ReversalStatus.UNKNOWN)
        ).count(),
        "payouts to banks": BankPayout.objects.filter(status__in=_OPEN_BANK).count(),
    }


def account_problems(summary: dict[str, Any]) -> Iterable[str]:
    """Of artisans' accounts at Stripe: what is on one and should not be, or the other way round. Minor units."""
    should: Counter[tuple[str, str]] = Counter()
    moved = TransferReversal.objects.filter(status=ReversalStatus.SUCCEEDED)
    for account, currency, minor in _sums(
        Transfer.objects.filter(status=TransferStatus.SUCCEEDED), "destination_account_id"
    ):
        should[(account, currency)] += minor
    for account, currency, minor in _sums(moved, "transfer__destination_account_id"):
        should[(account, currency)] -= minor
    for account, currency, minor in _sums(
        BankPayout.objects.filter(status__in=(*_OPEN_BANK, BankPayoutStatus.PAID)), "processor_account_id"
    ):
        should[(account, currency)] -= minor
    there = {
        (account, currency.upper()): sum(amounts.values())
        for account, balances in summary["balances"].items()
        if account != "platform"
        for currency, amounts in balances.items()
    }
    for place in sorted({*should, *there}):
        if should[place] != there.get(place, 0):
            yield f"{place[0]} has {there.get(place, 0)} {place[1]} and should have {should[place]}"


def _sums(rows: Any, account: str) -> Iterable[tuple[str, str, int]]:
    yield from rows.values_list(account, "currency").annotate(minor=Sum("amount_minor")).order_by()


def paid_to_banks() -> int:
    """How many payouts have arrived."""
    return BankPayout.objects.filter(status=BankPayoutStatus.PAID).count()


def wait_for_banks(*, within_seconds: float) -> dict[str, int]:
    """Until nothing is on its way; what is left when the time is up."""
    deadline = time.monotonic() + within_seconds
    while left := {place: count for place, count in what_is_on_its_way().items() if count}:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.2)
    return {}
