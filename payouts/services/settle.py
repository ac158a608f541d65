"""Settle a transfer because the processor told of it."""

import datetime as dt

from payments.processors import processor_named
from payouts.contracts import TransferContradiction, UnknownTransfer
from payouts.models import Transfer
from payouts.services.record import record_carried_out


def settle_transfer(*, processor_transfer_id: str, transfer_reference: str | None, now: dt.datetime) -> Transfer:
    """Looks the transfer up and records what is found; recording it twice changes nothing. Not in a transaction.

    The news may come before the answer to our own request: then `transfer_reference`, which the look-up must confirm,
    leads to it. Raises UnknownTransfer for transfers that are not ours, TransferContradiction for one that is not what
    we asked for or that was reversed at the processor (reversals are not booked from here), and the errors of
    `payments.contracts`.
    """
    transfer = Transfer.objects.filter(processor_transfer_id=processor_transfer_id).first()
    if transfer is None and transfer_reference:
        transfer = Transfer.objects.filter(public_id=transfer_reference).first()
    if transfer is None:
        raise UnknownTransfer()
    found = processor_named(transfer.processor).retrieve_transfer(processor_transfer_id)
    if found.transfer_reference != transfer.public_id:
        raise UnknownTransfer()
    transfer = record_carried_out(found=found, now=now)
    if found.reversed_amount:
        raise TransferContradiction(f"{found.reversed_amount} of it was reversed at the processor")
    return transfer
