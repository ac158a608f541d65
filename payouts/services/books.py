"""What payouts post to the ledger. One entry per fact, named by its source; docs/ledger.md shows each in figures."""

import datetime as dt
from collections.abc import Sequence

from ledger import journals
from ledger import services as ledger
from ledger.contracts import EntryRequest
from ledger.enums import EntryKind
from payouts.models import Payable, Transfer


def release_reference(payable: Payable) -> str:
    return f"release:{payable.public_id}"


def request_reference(transfer: Transfer, attempt: int) -> str:
    """Each attempt is a fact of its own: a refused one is reversed and the next one booked afresh."""
    return f"transfer_requested:{transfer.public_id}:{attempt}"


def failure_reference(transfer: Transfer, attempt: int) -> str:
    return f"transfer_failed:{transfer.public_id}:{attempt}"


def success_reference(transfer: Transfer) -> str:
    return f"transfer_succeeded:{transfer.public_id}"


def references_of(payable: Payable, transfer: Transfer | None) -> list[str]:
    """The source references that the payable's entries have, as far as they exist, in the order of their posting."""
    references = [release_reference(payable)]
    if transfer is not None:
        for attempt in range(1, transfer.attempt + 1):
            references += [request_reference(transfer, attempt), failure_reference(transfer, attempt)]
        references.append(success_reference(transfer))
    return references


def book_releases(payables: Sequence[Payable], *, now: dt.datetime) -> None:
    """Held -> due, for payables with their artisan at hand. One round trip."""
    ledger.post_entries(
        entries=[
            EntryRequest(
                kind=EntryKind.RELEASE,
                source_reference=release_reference(payable),
                effective_at=now,
                lines=journals.release(seller=payable.artisan.public_id, amount=payable.amount),
                description=f"Hold over, {payable.seller_order_reference} of {payable.order_reference}",
            )
            for payable in payables
        ]
    )


def book_requests(transfers: Sequence[Transfer], *, now: dt.datetime) -> None:
    """Due -> in transit, for transfers with payable and artisan at hand. One round trip."""
    ledger.post_entries(
        entries=[
            EntryRequest(
                kind=EntryKind.TRANSFER_REQUESTED,
                source_reference=request_reference(transfer, transfer.attempt),
                effective_at=now,
                lines=journals.transfer_requested(seller=transfer.payable.artisan.public_id, amount=transfer.amount),
                description=f"To be sent for {transfer.payable.order_reference}",
            )
            for transfer in transfers
        ]
    )


def book_success(transfer: Transfer, *, now: dt.datetime) -> None:
    """In transit -> gone from what the processor holds for us."""
    ledger.post_entry(
        kind=EntryKind.TRANSFER_SUCCEEDED,
        source_reference=success_reference(transfer),
        effective_at=now,
        lines=journals.transfer_succeeded(amount=transfer.amount, processor=transfer.processor),
        description=f"Sent as {transfer.processor_transfer_id}",
    )


def book_failure(transfer: Transfer, *, now: dt.datetime) -> None:
    """In transit -> due again: undoes the entry of the refused attempt."""
    ledger.reverse_entry(
        original=request_reference(transfer, transfer.attempt),
        source_reference=failure_reference(transfer, transfer.attempt),
        effective_at=now,
        kind=EntryKind.TRANSFER_FAILED,
        description=f"Refused: {transfer.failure_code}",
    )
