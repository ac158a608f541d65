"""Transitions with their history rows, for rows that the caller has locked."""

import datetime as dt
from collections.abc import Sequence

from common import context
from payouts.enums import PayableEdge, PayableStatus, PayoutEdge, ReversalEdge, TransferEdge
from payouts.models import (
    Payable,
    PayableEvent,
    Payout,
    PayoutEvent,
    Reserve,
    Transfer,
    TransferEvent,
    TransferReversal,
    TransferReversalEvent,
)
from payouts.transitions import payable_after, payout_after, reversal_after, transfer_after

NOTE_LENGTH = 120


def move_payables(
    payables: Sequence[Payable],
    edge: PayableEdge,
    *,
    now: dt.datetime,
    note: str = "",
    reference: str = "",
    **values: object,
) -> None:
    """Takes payables along one edge and sets `values` on them: one UPDATE and one INSERT for all.

    `next_transfer_at` is cleared unless it is among the values. Raises TransitionRefused.
    """
    work = context.current()
    wanted = {"next_transfer_at": None, "updated_at": now, **values}
    rows = []
    for payable in payables:
        target = payable_after(payable.status, edge)
        rows.append(
            PayableEvent(
                payable=payable, event=edge, from_status=payable.status, to_status=target, reference=reference,
                actor=work.actor, note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
            )
        )  # fmt: skip
        wanted["status"] = target
        for name, value in wanted.items():
            setattr(payable, name, value)
    Payable.objects.filter(id__in=[payable.id for payable in payables]).update(**wanted)
    PayableEvent.objects.bulk_create(rows)


def take_from_payable(
    payable: Payable, amount_minor: int, *, part: PayableEdge, whole: PayableEdge, reference: str, now: dt.datetime
) -> None:
    """Takes `amount_minor` minor units (no more than is left) away: along `whole` if that is all of it, else `part`."""
    is_whole = amount_minor == payable.left.amount_minor
    _change_payable(payable, whole if is_whole else part, -amount_minor, reference=reference, now=now)


def reserve_of_payables(reserves: Sequence[Reserve], *, now: dt.datetime) -> None:
    """Takes what reserves keep back off their payables, never all that is left: one UPDATE and one INSERT for all."""
    work, rows = context.current(), []
    for reserve in reserves:
        payable = reserve.payable
        target = payable_after(payable.status, PayableEdge.RESERVED)
        payable.debited_minor += reserve.amount_minor
        payable.updated_at = now
        rows.append(
            PayableEvent(
                payable=payable, event=PayableEdge.RESERVED, from_status=payable.status, to_status=target,
                amount_minor=-reserve.amount_minor, reference=reserve.public_id, actor=work.actor,
                trace_id=work.trace_id, occurred_at=now,
            )
        )  # fmt: skip
        payable.status = target
    Payable.objects.bulk_update([reserve.payable for reserve in reserves], ["debited_minor", "updated_at"])
    PayableEvent.objects.bulk_create(rows)


def take_from_payables(
    taken: Sequence[tuple[Payable, int, str]], *, part: PayableEdge, whole: PayableEdge, now: dt.datetime
) -> None:
    """As `take_from_payable`, for many (payable, minor units, reference), in this order; a payable may come again.

    One UPDATE and one INSERT for all.
    """
    work, rows = context.current(), []
    for payable, amount_minor, reference in taken:
        edge = whole if amount_minor == payable.left.amount_minor else part
        target = payable_after(payable.status, edge)
        rows.append(
            PayableEvent(
                payable=payable, event=edge, from_status=payable.status, to_status=target, amount_minor=-amount_minor,
                reference=reference, actor=work.actor, trace_id=work.trace_id, occurred_at=now,
            )
        )  # fmt: skip
        payable.status, payable.updated_at = target, now
        payable.debited_minor += amount_minor
        if target == PayableStatus.CANCELED:
            payable.next_transfer_at = None
    changed = list(dict.fromkeys(payable for payable, _, _ in taken))
    Payable.objects.bulk_update(changed, ["status", "debited_minor", "next_transfer_at", "updated_at"])
    PayableEvent.objects.bulk_create(rows)


def give_to_payable(payable: Payable, amount_minor: int, *, reference: str, now: dt.datetime) -> None:
    """Gives `amount_minor` minor units (no more than was taken) back."""
    _change_payable(payable, PayableEdge.CREDITED, amount_minor, reference=reference, now=now)


def _change_payable(
    payable: Payable, edge: PayableEdge, amount_minor: int, *, reference: str, now: dt.datetime
) -> None:
    work = context.current()
    previous, target = payable.status, payable_after(payable.status, edge)
    payable.status, payable.updated_at = target, now
    payable.debited_minor -= amount_minor
    if target == PayableStatus.CANCELED:
        payable.next_transfer_at = None
    payable.save(update_fields=["status", "debited_minor", "next_transfer_at", "updated_at"])
    PayableEvent.objects.create(
        payable=payable, event=edge, from_status=previous, to_status=target, amount_minor=amount_minor,
        reference=reference, actor=work.actor, trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip


def move_payout(payout: Payout, edge: PayoutEdge, *, now: dt.datetime, note: str = "", **values: object) -> None:
    """Takes one payout along an edge. Raises TransitionRefused."""
    work = context.current()
    target = payout_after(payout.status, edge)
    previous, wanted = payout.status, {"status": target, "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(payout, name, value)
    payout.save(update_fields=list(wanted))
    PayoutEvent.objects.create(
        payout=payout, event=edge, from_status=previous, to_status=target, actor=work.actor, note=note[:NOTE_LENGTH],
        trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip


def move_transfer(
    transfer: Transfer, edge: TransferEdge, *, now: dt.datetime, note: str = "", **values: object
) -> None:
    """Takes one transfer along an edge. Raises TransitionRefused."""
    work = context.current()
    target = transfer_after(transfer.status, edge)
    previous, wanted = transfer.status, {"status": target, "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=list(wanted))
    TransferEvent.objects.create(
        transfer=transfer, event=edge, from_status=previous, to_status=target, attempt=transfer.attempt,
        actor=work.actor, note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip


def move_reversal(
    reversal: TransferReversal, edge: ReversalEdge, *, now: dt.datetime, note: str = "", **values: object
) -> None:
    """Takes one reversal along an edge. Raises TransitionRefused."""
    work = context.current()
    target = reversal_after(reversal.status, edge)
    previous, wanted = reversal.status, {"status": target, "updated_at": now, **values}
    for name, value in wanted.items():
        setattr(reversal, name, value)
    reversal.save(update_fields=list(wanted))
    TransferReversalEvent.objects.create(
        reversal=reversal, event=edge, from_status=previous, to_status=target, actor=work.actor,
        note=note[:NOTE_LENGTH], trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
