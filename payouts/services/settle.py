"""Settle a transfer because the processor told of it."""

import datetime as dt

from payments.contracts import TransferReversalFound
from payments.processors import processor_named
from payouts.contracts import TransferContradiction, UnknownTransfer
from payouts.models import Transfer, TransferReversal
from payouts.services.record import record_carried_out
from payouts.services.record_reversal import adopt_reversal, record_reversed


def settle_transfer(*, processor_transfer_id: str, transfer_reference: str | None, now: dt.datetime) -> Transfer:
    """Looks the transfer up and records what is found; recording it twice changes nothing. Not in a transaction.

    The news may come before the answer to our own request: then `transfer_reference`, which the look-up must confirm,
    leads to it. What came back of the transfer is recorded too: a reversal that we asked for as its outcome, one that
    somebody made at the processor as the artisan's money (see `adopt_reversal`). Raises UnknownTransfer for transfers
    that are not ours, TransferContradiction for what is not as we asked, and the errors of `payments.contracts`.
    """
    transfer = Transfer.objects.filter(processor_transfer_id=processor_transfer_id).first()
    if transfer is None and transfer_reference:
        transfer = Transfer.objects.filter(public_id=transfer_reference).first()
    if transfer is None:
        raise UnknownTransfer()
    processor = processor_named(transfer.processor)
    found = processor.retrieve_transfer(processor_transfer_id)
    if found.transfer_reference != transfer.public_id:
        raise UnknownTransfer()
    transfer = record_carried_out(found=found, now=now)
    if found.reversed_amount.amount_minor > transfer.reversed_minor:
        for reversal in processor.list_transfer_reversals(processor_transfer_id):
            _record(transfer, reversal, now)
        transfer.refresh_from_db(fields=["reversed_minor"])
        if found.reversed_amount.amount_minor > transfer.reversed_minor:
            raise TransferContradiction(f"{found.reversed_amount} came back, {transfer.reversed_minor} are listed")
    return transfer


def _record(transfer: Transfer, found: TransferReversalFound, now: dt.datetime) -> None:
    ours = TransferReversal.objects.filter(
        public_id=found.reversal_reference or "-", transfer=transfer, debt__isnull=False
    ).first()
    if ours is not None and ours.processor_reversal_id in (None, found.processor_reversal_id):
        record_reversed(found=found, now=now)
    else:
        # Also a second one that carries the reference of ours: the money came back, whoever sent it.
        adopt_reversal(transfer_reference=transfer.public_id, found=found, now=now)
