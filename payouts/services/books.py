"""What payouts post to the ledger. One entry per fact, named by its source; docs/ledger.md shows each in figures."""

import datetime as dt
from collections.abc import Sequence

from common.money import Money
from ledger import journals
from ledger import services as ledger
from ledger.contracts import EntryRequest
from ledger.enums import EntryKind
from payouts.models import (
    DebtRecovery,
    DebtRepayment,
    DebtWriteOff,
    Payable,
    Payout,
    Reserve,
    ReserveRelease,
    SellerDebt,
    Transfer,
    TransferReversal,
)


def release_reference(payable: Payable) -> str:
    return f"release:{payable.public_id}"


def request_reference(transfer: Transfer, attempt: int) -> str:
    """The second attempt is one that was found after its refusal had been booked."""
    return f"transfer_requested:{transfer.public_id}:{attempt}"


def failure_reference(transfer: Transfer, attempt: int) -> str:
    return f"transfer_failed:{transfer.public_id}:{attempt}"


def success_reference(transfer: Transfer) -> str:
    return f"transfer_succeeded:{transfer.public_id}"


def recovery_reference(recovery: DebtRecovery, payable: Payable) -> str:
    """A payable may serve one debt more than once: the number of the recovery tells them apart."""
    return f"recovery:{recovery.debt.public_id}:{payable.public_id}:{recovery.number}"


def withheld_reference(reserve: Reserve) -> str:
    return f"reserve_withheld:{reserve.public_id}"


def reserve_released_reference(release: ReserveRelease) -> str:
    return f"reserve_released:{release.public_id}"


def write_off_reference(write_off: DebtWriteOff, debt: SellerDebt) -> str:
    return f"debt_written_off:{debt.public_id}:{write_off.number}"


def repayment_reference(repayment: DebtRepayment) -> str:
    return f"debt_repaid:{repayment.public_id}"


def repayment_undone_reference(repayment: DebtRepayment) -> str:
    return f"debt_repayment_undone:{repayment.public_id}"


def reversal_reference(reversal: TransferReversal) -> str:
    return f"transfer_reversed:{reversal.public_id}"


def return_reference(reversal: TransferReversal) -> str:
    return f"transfer_returned:{reversal.public_id}"


def references_of(payable: Payable) -> list[str]:
    """The source references of the payable's own entries, as far as they exist, in the order of their posting."""
    recoveries = payable.recoveries.select_related("debt").order_by("id")
    reserve: Reserve | None = getattr(payable, "reserve", None)
    withheld = [withheld_reference(reserve)] if reserve is not None else []
    return [
        release_reference(payable),
        *withheld,
        *(recovery_reference(recovery, payable) for recovery in recoveries),
    ]


def references_of_transfer(transfer: Transfer) -> list[str]:
    """The source references that the transfer's entries have, as far as they exist, in the order of their posting."""
    references = []
    for attempt in range(1, transfer.attempt + 1):
        references += [request_reference(transfer, attempt), failure_reference(transfer, attempt)]
    return [*references, success_reference(transfer)]


def references_of_reversal(reversal: TransferReversal) -> list[str]:
    """The source references that the reversal's entries have, as far as they exist."""
    return [reversal_reference(reversal), return_reference(reversal)]


def post(entries: Sequence[EntryRequest]) -> None:
    """The entries of a transaction, in few round trips; none is fine."""
    for start in range(0, len(entries), ledger.MAX_ENTRIES_PER_CALL):
        ledger.post_entries(entries=entries[start : start + ledger.MAX_ENTRIES_PER_CALL])


def release_entry(payable: Payable, *, now: dt.datetime) -> EntryRequest:
    """Held -> due, for a payable with its artisan at hand; made before anything else is taken from it."""
    return EntryRequest(
        kind=EntryKind.RELEASE,
        source_reference=release_reference(payable),
        effective_at=now,
        lines=journals.release(seller=payable.artisan.public_id, amount=payable.left),
        description=f"Hold over, {payable.seller_order_reference} of {payable.order_reference}",
    )


def recovery_entry(recovery: DebtRecovery, payable: Payable, *, amount: Money, now: dt.datetime) -> EntryRequest:
    """Due -> what the artisan owes us is less."""
    return EntryRequest(
        kind=EntryKind.RECOVERY,
        source_reference=recovery_reference(recovery, payable),
        effective_at=now,
        lines=journals.recovery(seller=payable.artisan.public_id, amount=amount),
        description=f"Kept for {recovery.debt.reference} of {recovery.debt.order_reference}",
    )


def withheld_entry(reserve: Reserve, *, now: dt.datetime) -> EntryRequest:
    """Due -> kept back, for a reserve with its payable and artisan at hand."""
    return EntryRequest(
        kind=EntryKind.RESERVE_WITHHELD,
        source_reference=withheld_reference(reserve),
        effective_at=now,
        lines=journals.reserve_withheld(seller=reserve.artisan.public_id, amount=reserve.amount),
        description=f"Kept back of {reserve.payable.public_id}",
    )


def reserve_released_entry(release: ReserveRelease, *, now: dt.datetime) -> EntryRequest:
    """Kept back -> due, for a release with its payable and artisan at hand."""
    return EntryRequest(
        kind=EntryKind.RESERVE_RELEASED,
        source_reference=reserve_released_reference(release),
        effective_at=now,
        lines=journals.reserve_released(seller=release.payable.artisan.public_id, amount=release.payable.amount),
        description=f"Reserve {release.reserve.public_id}, {release.get_reason_display()}",
    )


def write_off_entry(write_off: DebtWriteOff, debt: SellerDebt, *, now: dt.datetime) -> EntryRequest:
    """Owed -> borne by us, or back again; for a debt with its artisan at hand."""
    seller, amount = debt.artisan.public_id, Money(abs(write_off.amount_minor), debt.currency)
    if write_off.amount_minor > 0:
        kind, lines = EntryKind.DEBT_WRITTEN_OFF, journals.debt_written_off(seller=seller, amount=amount)
    else:
        kind, lines = EntryKind.DEBT_REOPENED, journals.debt_reopened(seller=seller, amount=amount)
    return EntryRequest(
        kind=kind,
        source_reference=write_off_reference(write_off, debt),
        effective_at=now,
        lines=lines,
        description=f"{debt.reference} of {debt.order_reference}",
    )


def repayment_entry(repayment: DebtRepayment, *, now: dt.datetime) -> EntryRequest:
    """Owed -> on our bank account; for a repayment with its artisan at hand."""
    return EntryRequest(
        kind=EntryKind.DEBT_REPAID,
        source_reference=repayment_reference(repayment),
        effective_at=now,
        lines=journals.debt_repaid(seller=repayment.artisan.public_id, amount=repayment.amount),
        description=f"Received on {repayment.received_on}, {repayment.bank_reference}",
    )


def undo_repayment(repayment: DebtRepayment, *, now: dt.datetime) -> None:
    """Owed again: undoes the entry of a repayment that was recorded by mistake."""
    ledger.reverse_entry(
        original=repayment_reference(repayment),
        source_reference=repayment_undone_reference(repayment),
        effective_at=now,
        kind=EntryKind.DEBT_REPAYMENT_UNDONE,
        description=f"Recorded by mistake: {repayment.bank_reference}",
    )


def reversal_entries(
    reversal: TransferReversal, *, recovered: Money, returned: Money, now: dt.datetime
) -> list[EntryRequest]:
    """What came back from the connected account: for the artisan's debt, and what is the artisan's on hold again."""
    seller, processor = reversal.transfer.payout.artisan.public_id, reversal.transfer.processor
    entries = []
    if recovered:
        entries.append(
            EntryRequest(
                kind=EntryKind.TRANSFER_REVERSED,
                source_reference=reversal_reference(reversal),
                effective_at=now,
                lines=journals.transfer_reversed(seller=seller, amount=recovered, processor=processor),
                description=f"Brought back as {reversal.processor_reversal_id}",
            )
        )
    if returned:
        entries.append(
            EntryRequest(
                kind=EntryKind.TRANSFER_RETURNED,
                source_reference=return_reference(reversal),
                effective_at=now,
                lines=journals.transfer_returned(seller=seller, amount=returned, processor=processor),
                description=f"Came back unasked as {reversal.processor_reversal_id}",
            )
        )
    return entries


def request_entry(transfer: Transfer, payout: Payout, *, seller: str, now: dt.datetime) -> EntryRequest:
    """Due -> in transit. `seller` is the artisan's public id."""
    return EntryRequest(
        kind=EntryKind.TRANSFER_REQUESTED,
        source_reference=request_reference(transfer, transfer.attempt),
        effective_at=now,
        lines=journals.transfer_requested(seller=seller, amount=transfer.amount),
        description=f"To be sent as {payout.public_id}",
    )


def book_success(transfer: Transfer, *, now: dt.datetime) -> None:
    """In transit -> gone from what the processor holds for us."""
    post([
        success_entry(
            transfer.public_id, transfer.amount, processor=transfer.processor,
            processor_transfer_id=str(transfer.processor_transfer_id), now=now,
        )
    ])  # fmt: skip


def success_entry(
    transfer_reference: str, amount: Money, *, processor: str, processor_transfer_id: str, now: dt.datetime
) -> EntryRequest:
    """As `book_success`, to be posted with others."""
    return EntryRequest(
        kind=EntryKind.TRANSFER_SUCCEEDED,
        source_reference=f"transfer_succeeded:{transfer_reference}",
        effective_at=now,
        lines=journals.transfer_succeeded(amount=amount, processor=processor),
        description=f"Sent as {processor_transfer_id}",
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
