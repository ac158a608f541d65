"""The entries of one dispute in one transaction: numbered, and posted together."""

import datetime as dt
from collections.abc import Sequence

from common.money import Money
from ledger import journals
from ledger import selectors as ledger
from ledger.contracts import EntryRequest, Line
from ledger.enums import EntryKind
from ledger.services import post_entries, reverse_entry
from payments.models import Dispute


class Entries:
    """Collected first, so that all accounts are locked at once. The first of a kind has no number."""

    def __init__(self, *, dispute: Dispute, order_reference: str, now: dt.datetime) -> None:
        self._dispute, self._order, self._now = dispute, order_reference, now
        self._entries: list[EntryRequest] = []
        self._undone: list[tuple[str, str]] = []

    def number(self, kind: str) -> int:
        """Of the next entry of this kind: 1, 2, 3 within the dispute."""
        taken = {entry.source_reference for entry in self._entries}
        number = 1
        while (reference := self._reference(kind, number)) in taken or ledger.is_booked(reference):
            number += 1
        return number

    def add(self, kind: str, lines: Sequence[Line]) -> None:
        self._entries.append(
            EntryRequest(
                kind=EntryKind(kind),
                source_reference=self._reference(kind, self.number(kind)),
                effective_at=self._now,
                lines=tuple(lines),
                description=f"Order {self._order}",
            )
        )

    def fee(self, *, before: Money, after: Money, processor: str) -> None:
        """What was charged is undone and what it costs now is booked, where there was a fee before."""
        number = self.number("dispute_fee")
        if before:
            self._undone.append(
                (
                    self._reference("dispute_fee", number - 1),
                    self._reference("dispute_fee_returned", number - 1),
                )
            )
        if after:
            self.add("dispute_fee", journals.dispute_fee(fee=after, processor=processor))

    def post(self) -> None:
        if self._entries:
            post_entries(entries=self._entries)
        for original, reference in self._undone:
            reverse_entry(original=original, source_reference=reference, effective_at=self._now)

    def _reference(self, kind: str, number: int) -> str:
        return f"{kind}:{self._dispute.public_id}" + (f":{number}" if number > 1 else "")
