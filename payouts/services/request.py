"""Persist: each released payable gets its transfer, its processor request and its journal before anything is sent."""

import datetime as dt

from django.db import transaction
from django.db.models import Max

from common import audit, context
from common.ids import new_public_id
from payments import services as payments
from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.enums import PayableEdge, PayableStatus, TransferEdge
from payouts.models import Payable, Transfer
from payouts.services import books
from payouts.services.history import move_payables, move_transfer
from payouts.services.locking import lock_transferable_payables
from payouts.services.net import net_debts


def request_transfers(*, now: dt.datetime, limit: int = 20) -> list[ProcessorRequest]:
    """Writes down the transfers of released payables in one transaction and returns the requests to send.

    Nothing is sent: a process that dies right after leaves requests that `resolve_due` takes up. Two runs at once
    take different payables.
    """
    with transaction.atomic():
        found = lock_transferable_payables(now=now, limit=limit)
        if not found:
            return []
        # Once more: the artisan may owe us since the release, or a refused reversal may have left a debt open.
        recoveries = net_debts(found, now=now)
        payables = [payable for payable in found if payable.status == PayableStatus.RELEASED]
        transfers = [*_request_again(payables, now), *_new_transfers(payables, now)]
        requests = [_prepare(transfer, now) for transfer in transfers]
        move_payables(payables, PayableEdge.TRANSFER_REQUESTED, now=now)
        books.post([*recoveries, *(books.request_entry(transfer, now=now) for transfer in transfers)])
        audit.record_all([
            audit.entry(
                event_type="transfer.requested", outcome="requested", subject=transfer.public_id,
                amount=transfer.amount, artisan=transfer.payable.artisan.public_id, processor=transfer.processor,
                command="request_transfers",
            )
            for transfer in transfers
        ])  # fmt: skip
    return requests


def _new_transfers(payables: list[Payable], now: dt.datetime) -> list[Transfer]:
    """For payables that never had one (the others have `refusals`)."""
    return Transfer.objects.bulk_create(
        [
            Transfer(
                public_id=new_public_id("trf"),
                payable=payable,
                processor=payable.artisan.connected_account.processor,
                destination_account_id=payable.artisan.connected_account.processor_account_id,
                amount_minor=payable.left.amount_minor,
                currency=payable.currency,
                created_at=now,
                updated_at=now,
            )
            for payable in payables
            if not payable.refusals
        ]
    )


def _request_again(payables: list[Payable], now: dt.datetime) -> list[Transfer]:
    refused = {payable.id: payable for payable in payables if payable.refusals}
    if not refused:
        return []
    transfers = list(Transfer.objects.select_for_update().filter(payable_id__in=refused).order_by("id"))
    attempts = dict(
        ProcessorRequest.objects.filter(
            kind=RequestKind.TRANSFER, subject__in=[transfer.public_id for transfer in transfers]
        )
        .values_list("subject")
        .annotate(Max("attempt"))
    )
    for transfer in transfers:
        payable = transfer.payable = refused[transfer.payable_id]
        move_transfer(
            transfer, TransferEdge.REQUESTED_AGAIN, now=now, note=transfer.failure_code,
            # Later than any attempt at the processor and than any that was booked.
            attempt=max(attempts[transfer.public_id], transfer.attempt) + 1,
            destination_account_id=payable.artisan.connected_account.processor_account_id,
            # Less than last time if something was taken from it since.
            amount_minor=payable.left.amount_minor,
        )  # fmt: skip
    return transfers


def _prepare(transfer: Transfer, now: dt.datetime) -> ProcessorRequest:
    return payments.prepare(
        kind=RequestKind.TRANSFER,
        processor=transfer.processor,
        subject=transfer.public_id,
        body={
            "transfer": transfer.public_id,
            "order": transfer.payable.order_reference,
            "destination": transfer.destination_account_id,
            "amount_minor": transfer.amount_minor,
            "currency": transfer.currency,
            "source_charge": _source_charge(transfer),
            "trace_id": context.current().trace_id,
        },
        now=now,
        attempt=transfer.attempt,
    )


def _source_charge(transfer: Transfer) -> str:
    """The charge that the transfer waits for. None where the buyer paid elsewhere: it comes from what is available."""
    payable = transfer.payable
    return payable.source_charge_id if payable.processor == transfer.processor else ""
