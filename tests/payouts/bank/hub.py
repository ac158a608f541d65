"""Payouts that have been transferred, without a sale or a run around them."""

import datetime as dt
import itertools

from catalog.models import Artisan
from common.ids import new_public_id
from common.models import OutboxMessage
from payments.models import ProcessorRequest
from payouts.enums import PayoutStatus, ReversalStatus, RunKind, RunStatus, TransferStatus
from payouts.models import BankPayout, Payout, PayoutRun, Transfer, TransferReversal
from payouts.services import bank
from tests.payouts.bank.fake import FakeBanks

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
_numbers = itertools.count(1)


def transferred(
    artisan: Artisan, amount_minor: int = 5000, *, processor: FakeBanks | None = None, now: dt.datetime = NOW
) -> Payout:
    """A payout whose transfer was carried out at `now`; the money is in the artisan's account at the processor."""
    account_id = artisan.connected_account.processor_account_id
    run = PayoutRun.objects.create(
        public_id=new_public_id("run"), kind=RunKind.ON_DEMAND, for_date=now.date(), status=RunStatus.DONE,
        started_by="system", created_at=now, updated_at=now, finished_at=now,
    )  # fmt: skip
    payout = Payout.objects.create(
        public_id=new_public_id("pyt"), run=run, artisan=artisan, amount_minor=amount_minor, currency=artisan.currency,
        processor="stripe", destination_account_id=account_id, status=PayoutStatus.TRANSFERRED, created_at=now,
        updated_at=now, transferred_at=now,
    )  # fmt: skip
    Transfer.objects.create(
        public_id=new_public_id("trf"), payout=payout, processor="stripe", destination_account_id=account_id,
        amount_minor=amount_minor, currency=artisan.currency, status=TransferStatus.SUCCEEDED,
        processor_transfer_id=f"tr_{next(_numbers)}", created_at=now, updated_at=now,
    )  # fmt: skip
    if processor is not None:
        processor.came_in[account_id] += amount_minor
    return payout


def came_back(payout: Payout, amount_minor: int, *, processor: FakeBanks | None = None) -> None:
    """Part of the transfer was brought back from the artisan's account."""
    transfer = Transfer.objects.get(payout=payout)
    transfer.reversed_minor += amount_minor
    transfer.save(update_fields=["reversed_minor"])
    TransferReversal.objects.create(
        public_id=new_public_id("trr"), transfer=transfer, amount_minor=amount_minor, currency=payout.currency,
        status=ReversalStatus.SUCCEEDED, processor_reversal_id=f"trr_{next(_numbers)}", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    if processor is not None:
        processor.came_in[payout.destination_account_id] -= amount_minor


def send(payout: Payout, now: dt.datetime = NOW) -> str:
    return bank.send_to_bank(payout_id=payout.pk, now=now).value


def run_due(now: dt.datetime) -> list[str]:
    """Carries out what waits in the outbox and is due by then, as far as it concerns banks; the tasks' names."""
    done = []
    for message in OutboxMessage.objects.filter(status="waiting").order_by("id"):
        name = message.task.removeprefix("payouts.tasks.")
        if name.startswith("ask_") and message.available_at > now:
            continue
        if name == "send_bank_payout":
            bank.send_bank_payout(bank_payout_reference=message.kwargs["bank_payout"], now=now)
        elif name in ("ask_bank_again", "ask_after_bank_payout"):
            getattr(bank, name)(**message.kwargs, now=now)
        done.append(name)
        OutboxMessage.objects.filter(id=message.pk).update(status="done", done_at=now)
    return done


def told() -> list[str]:
    """The names of the letters and announcements that were asked for, in order."""
    tasks = OutboxMessage.objects.order_by("id").values_list("task", flat=True)
    names = [task.removeprefix("payouts.tasks.") for task in tasks]
    return [name for name in names if name.startswith(("announce", "send_bank_paid"))]


def settle(processor: FakeBanks, *, which: int = -1, now: dt.datetime = NOW) -> BankPayout:
    """The processor's news of one of its payouts."""
    found = processor.made[which]
    return bank.settle_bank_payout(
        processor_payout_id=found.processor_payout_id, processor_account_id=found.processor_account_id,
        bank_payout_reference=found.payout_reference, now=now,
    )  # fmt: skip


def states(payout: Payout) -> tuple[str, list[str], list[str]]:
    """Of the payout, of its attempts, and of their requests."""
    payout.refresh_from_db()
    attempts = payout.bank_payouts.order_by("attempt")
    requests = ProcessorRequest.objects.filter(kind="create_payout", subject__in=attempts.values("public_id"))
    return (
        payout.status,
        [attempt.status for attempt in attempts],
        [request.state for request in requests.order_by("id")],
    )
