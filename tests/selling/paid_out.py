"""Reserves and payouts of an artisan's shares, each with its rows, history and journal, for what reads them."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from catalog.models import Artisan
from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from ledger import journals
from ledger import services as ledger
from ledger.contracts import Line
from ledger.enums import EntryKind
from payouts import services
from payouts.enums import PayableEdge, PayoutStatus, ReserveReason
from payouts.models import BankPayout, Payable, Payout, PayoutItem, PayoutRun, Reserve, ReserveRelease, Transfer
from payouts.services.history import move_payables, take_from_payable

RESERVE_DAYS = 90


def release(*, now: dt.datetime | None = None) -> None:
    """The holds of everything that is held are over."""
    now = now or clock_now()
    Payable.objects.filter(status="held").update(hold_until=now)
    services.release_due(now=now)


def withhold(payable: Payable, amount_minor: int) -> Reserve:
    """Keeps a part of a released share back."""
    now = clock_now()
    with transaction.atomic():
        reserve = Reserve.objects.create(
            public_id=new_public_id("rsv"), payable=payable, artisan=payable.artisan, amount_minor=amount_minor,
            currency=payable.currency, release_at=now + dt.timedelta(days=RESERVE_DAYS), created_at=now,
            updated_at=now,
        )  # fmt: skip
        take_from_payable(
            payable, amount_minor, part=PayableEdge.RESERVED, whole=PayableEdge.RESERVED, reference=reserve.public_id,
            now=now,
        )  # fmt: skip
        _book(
            EntryKind.RESERVE_WITHHELD,
            f"reserve_withheld:{reserve.public_id}",
            journals.reserve_withheld(seller=payable.artisan.public_id, amount=reserve.amount),
        )
    return reserve


def give_back(reserve: Reserve) -> Payable | None:
    """The reserve's time is over: what is left of it is a released payable of the same part."""
    now, like = clock_now(), reserve.payable
    reserve.refresh_from_db()
    left = reserve.left
    if not left:
        return None
    with transaction.atomic():
        payable = Payable.objects.create(
            public_id=new_public_id("pbl"), order_reference=like.order_reference,
            seller_order_reference=like.seller_order_reference, origin_reference=new_public_id("rsr"),
            artisan=like.artisan, amount_minor=left.amount_minor, currency=like.currency, processor=like.processor,
            source_charge_id="", status="released", hold_until=now, released_at=now, next_transfer_at=now,
            created_at=now, updated_at=now,
        )  # fmt: skip
        ReserveRelease.objects.create(
            public_id=payable.origin_reference, reserve=reserve, payable=payable, amount_minor=left.amount_minor,
            reason=ReserveReason.TIME_OVER, occurred_at=now,
        )  # fmt: skip
        Reserve.objects.filter(pk=reserve.pk).update(
            released_minor=F("released_minor") + left.amount_minor, status="released"
        )
        _book(
            EntryKind.RESERVE_RELEASED,
            f"reserve_released:{payable.origin_reference}",
            journals.reserve_released(seller=like.artisan.public_id, amount=payable.amount),
        )
    return payable


def pay_out(artisan: Artisan, *, currency: str = "EUR", refused: bool = False) -> Payout:
    """Everything that is released, transferred; or refused, and released again."""
    now = clock_now()
    payables = list(Payable.objects.filter(artisan=artisan, currency=currency, status="released").order_by("id"))
    amount = Money(sum(payable.left.amount_minor for payable in payables), currency)
    with transaction.atomic():
        run = PayoutRun.objects.create(
            public_id=new_public_id("run"), kind="on_demand", for_date=now.date(), artisan=artisan,
            started_by="staff:1", created_at=now, updated_at=now,
        )  # fmt: skip
        payout = Payout.objects.create(
            public_id=new_public_id("pyt"), run=run, artisan=artisan, amount_minor=amount.amount_minor,
            currency=currency, processor="stripe", destination_account_id="acct_1", created_at=now, updated_at=now,
        )  # fmt: skip
        transfer = Transfer.objects.create(
            public_id=new_public_id("trf"), payout=payout, processor="stripe", destination_account_id="acct_1",
            amount_minor=amount.amount_minor, currency=currency, status="failed" if refused else "succeeded",
            processor_transfer_id=None if refused else new_public_id("tr"), created_at=now, updated_at=now,
        )  # fmt: skip
        for payable in payables:
            PayoutItem.objects.create(payout=payout, payable=payable, amount_minor=payable.left.amount_minor)
        move_payables(payables, PayableEdge.TRANSFER_REQUESTED, now=now, reference=payout.public_id)
        requested = journals.transfer_requested(seller=artisan.public_id, amount=amount)
        _book(EntryKind.TRANSFER_REQUESTED, f"transfer_requested:{transfer.public_id}:1", requested)
        if refused:
            move_payables(payables, PayableEdge.TRANSFER_FAILED, now=now, next_transfer_at=now)
            back = tuple(Line(line.account, -line.amount) for line in requested)
            _book(EntryKind.TRANSFER_FAILED, f"transfer_failed:{transfer.public_id}:1", back)
        else:
            move_payables(payables, PayableEdge.TRANSFER_SUCCEEDED, now=now, transferred_at=now)
            _book(
                EntryKind.TRANSFER_SUCCEEDED,
                f"transfer_succeeded:{transfer.public_id}",
                journals.transfer_succeeded(amount=amount),
            )
        _set(payout, PayoutStatus.REFUSED if refused else PayoutStatus.TRANSFERRED)
    return payout


def bank_says(payout: Payout, status: PayoutStatus, *, arrival: dt.date | None = None) -> None:
    """What became of it at the bank, at the next attempt."""
    now, attempt = clock_now(), payout.bank_payouts.count() + 1
    BankPayout.objects.create(
        public_id=new_public_id("bpo"), payout=payout, attempt=attempt, processor_account_id="acct_1",
        amount_minor=payout.amount_minor, currency=payout.currency,
        status={"paid": "paid", "bank_failed": "failed", "on_its_way": "pending"}[status],
        processor_payout_id=new_public_id("po"), arrival_date=arrival, created_at=now, updated_at=now,
    )  # fmt: skip
    _set(payout, status)


def _set(payout: Payout, status: PayoutStatus) -> None:
    payout.status = status
    payout.failure_code = "account_closed" if status == PayoutStatus.BANK_FAILED else ""
    payout.paid_at = clock_now() if status == PayoutStatus.PAID else None
    payout.save(update_fields=["status", "failure_code", "paid_at"])


def _book(kind: EntryKind, reference: str, lines: tuple[Line, ...]) -> None:
    ledger.post_entry(kind=kind, source_reference=reference, effective_at=clock_now(), lines=lines)
