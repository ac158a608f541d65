"""What kind of difference two sides have, and which journal would book it. Pure functions."""

from collections import Counter

from payments.contracts import MovementKind
from reconciliation.enums import Difference, JournalName
from reconciliation.selectors.matching import Differing

_JOURNAL_OF_MOVEMENT = {
    MovementKind.FEE.value: JournalName.PROCESSOR_FEE,
    MovementKind.TOP_UP.value: JournalName.TOP_UP,
    MovementKind.TOP_UP_REVERSAL.value: JournalName.TOP_UP,
    MovementKind.PAYOUT.value: JournalName.PLATFORM_PAYOUT,
    MovementKind.PAYOUT_REVERSAL.value: JournalName.PLATFORM_PAYOUT,
}
_OF_DISPUTES = frozenset({MovementKind.DISPUTE.value, MovementKind.DISPUTE_REVERSAL.value})


def difference_of(one: Differing) -> Difference:
    """The most telling name for it.

    A gap of exactly one movement that has no entry is that movement missing here; if an entry of the same amount is
    there, it moved twice. A gap of exactly one entry is the same the other way round.
    """
    if not one.entries:
        return Difference.CURRENCY if one.ours else Difference.MISSING_HERE
    if not one.lines:
        return Difference.CURRENCY if one.theirs else Difference.MISSING_THERE
    if one.is_equal:
        return Difference.DATE
    gap = one.theirs_gross - one.ours_gross
    if not gap:
        return Difference.FEE
    theirs = Counter(line.gross_minor for line in one.theirs if line.currency == one.currency)
    ours = Counter(entry.gross_minor for entry in one.ours if entry.currency == one.currency)
    if theirs[gap] > ours[gap]:
        return Difference.DUPLICATE if ours[gap] else Difference.MISSING_HERE
    if ours[-gap] > theirs[-gap]:
        return Difference.DUPLICATE if theirs[-gap] else Difference.MISSING_THERE
    return Difference.AMOUNT


def movement_kind_of(one: Differing) -> str:
    """Of the newest movement; empty when there is none."""
    return one.theirs[-1].kind if one.theirs else ""


def journal_for(difference: Difference, movement_kind: str, effect_minor: int) -> str:
    """The journal that seems right; empty where nothing is to be booked."""
    if not effect_minor:
        return ""
    if difference == Difference.FEE:
        return (JournalName.DISPUTE_FEE if movement_kind in _OF_DISPUTES else JournalName.PROCESSOR_FEE).value
    if difference == Difference.MISSING_HERE:
        return _JOURNAL_OF_MOVEMENT.get(movement_kind, JournalName.SUSPENSE).value
    return JournalName.SUSPENSE.value
