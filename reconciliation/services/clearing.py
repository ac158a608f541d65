"""Compare the clearing accounts with what a processor says it holds for us, while both of them move.

Between the moment in which a processor carries something out and the moment in which it is recorded here, the two
differ, and nothing is wrong. So a difference is read again for a few seconds. One that stays is not guessed away:
whatever is still open here is looked up at the processor, and only what is found there counts as an explanation, to
the minor unit. (That some open requests happen to have the amount of the difference would prove nothing: with many of
them, nearly any amount is the sum of some.)
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.clock import now as clock_now
from payments.contracts import ChargeFound, ProcessorError
from payments.enums import RefundStatus
from payments.processors import processor_named
from payments.services import processor_balance
from reconciliation.contracts import CLEARING_RULE, ClearingCheck, Finding
from reconciliation.selectors import OpenWork, clearing_balances, open_work

# Four seconds in all: longer than the moment between an answer and its record, shorter than anybody minds.
_PAUSES_SECONDS = (0.5, 1.0, 1.0, 1.5)
_EXPLANATIONS_TRIED = 3
# By then sweepers have asked after a lost answer some six times, and somebody has to look why that does not help.
EXPLAINED_FOR = dt.timedelta(minutes=15)
_GIVEN = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Ours were read before and after theirs. In minor units per currency."""

    before: dict[str, int]
    theirs: dict[str, int]
    after: dict[str, int]

    @property
    def moved(self) -> bool:
        return self.before != self.after

    @property
    def differences(self) -> dict[str, int]:
        """Theirs less ours, where theirs is neither what ours were before nor what they were after."""
        found = {}
        for currency in sorted({*self.before, *self.theirs, *self.after}):
            theirs = self.theirs.get(currency, 0)
            if theirs not in (self.before.get(currency, 0), self.after.get(currency, 0)):
                found[currency] = theirs - self.after.get(currency, 0)
        return found


@dataclass(frozen=True, slots=True)
class _Unrecorded:
    """What was found at the processor and is not in the books: its effect on the balance there, and since when."""

    work: OpenWork
    effect_minor: int
    since: dt.datetime

    def __str__(self) -> str:
        return f"{self.work.kind} {self.work.reference} {self.effect_minor:+}"


def compare_clearing(
    *, processor: str, wait: Callable[[float], None] = time.sleep, clock: Callable[[], dt.datetime] = clock_now
) -> ClearingCheck:
    """Whether the processor holds what the books say, per currency. Not in a transaction; takes seconds if it differs.

    A difference that is explained is a notice while all that explains it is younger than `EXPLAINED_FOR`: a lost
    answer is ordinary, and sweepers look after it within minutes. After that it is a finding, explained or not, as is
    every difference that is not explained whole, and a processor that can't be asked: what was not compared is not
    proven. `wait` gets seconds.
    """
    try:
        reading = _read(processor)
        for pause in _PAUSES_SECONDS:
            if not _may_pass(processor, reading):
                break
            wait(pause)
            reading = _read(processor)
        return _explained(processor, reading, clock)
    except ProcessorError as error:
        return ClearingCheck(findings=(Finding(CLEARING_RULE, processor, f"could not be asked: {error.code}"),))


def _may_pass(processor: str, reading: _Reading) -> bool:
    """Whether it differs, and waiting can help: the books move or something is open here."""
    differences = reading.differences
    return bool(differences) and (reading.moved or bool(open_work(processor=processor, currencies=differences)))


def _explained(processor: str, reading: _Reading, clock: Callable[[], dt.datetime]) -> ClearingCheck:
    """Looks up what is open, and again if anything moved meanwhile: figures of different moments explain nothing."""
    for _ in range(_EXPLANATIONS_TRIED):
        if not reading.differences:
            return ClearingCheck()
        found = _unrecorded(processor, open_work(processor=processor, currencies=reading.differences))
        again = _read(processor)
        if not again.moved and (again.theirs, again.after) == (reading.theirs, reading.after):
            return _judged(processor, reading, found, clock())
        reading = again
    detail = "could not be compared: the books and the balance kept moving"
    return ClearingCheck(findings=(Finding(CLEARING_RULE, processor, detail),))


def _judged(processor: str, reading: _Reading, found: Sequence[_Unrecorded], now: dt.datetime) -> ClearingCheck:
    findings: list[Finding] = []
    notices: list[Finding] = []
    for currency, difference in reading.differences.items():
        because = [item for item in found if item.work.currency == currency]
        text = f"ours {reading.after.get(currency, 0)}, theirs {reading.theirs.get(currency, 0)}"
        if because:
            text += ", carried out there and not recorded here: " + ", ".join(str(item) for item in because)
        unexplained = difference - sum(item.effect_minor for item in because)
        is_late = any(now - item.since > EXPLAINED_FOR for item in because)
        if unexplained:
            text += f", unexplained {unexplained:+}"
        elif is_late:
            text += f", for more than {EXPLAINED_FOR // dt.timedelta(minutes=1)} minutes"
        else:
            text += ", which explains it"
        named = findings if unexplained or is_late else notices
        named.append(Finding(CLEARING_RULE, f"{processor} {currency}", text))
    return ClearingCheck(tuple(findings), tuple(notices))


def _read(processor: str) -> _Reading:
    before = clearing_balances(processor=processor)
    theirs = processor_balance(processor=processor).total
    return _Reading(before=before, theirs=theirs, after=clearing_balances(processor=processor))


def _unrecorded(processor: str, works: Sequence[OpenWork]) -> list[_Unrecorded]:
    found = [_EFFECTS[work.kind](processor, work) for work in works]
    return [item for item in found if item is not None]


def _transfer(processor: str, work: OpenWork) -> _Unrecorded | None:
    found = processor_named(processor).find_transfer(work.reference, group=work.place)
    return _Unrecorded(work, -found.amount.amount_minor, work.since) if found is not None else None


def _transfer_reversal(processor: str, work: OpenWork) -> _Unrecorded | None:
    for found in processor_named(processor).list_transfer_reversals(work.place):
        if found.reversal_reference == work.reference:
            return _Unrecorded(work, found.amount.amount_minor, work.since)
    return None


def _refund(processor: str, work: OpenWork) -> _Unrecorded | None:
    found = processor_named(processor).find_refund(work.reference, processor_payment_id=work.place)
    if found is None or found.status not in _GIVEN:
        return None
    return _Unrecorded(work, -found.amount.amount_minor, work.since)


def _payment(processor: str, work: OpenWork) -> _Unrecorded | None:
    """A payment that is open here and paid there. A charge is credited once its fee is computed, less that."""
    charge = _charge(processor, work)
    if charge is None or not charge.captured or charge.fee is None:
        return None
    return _Unrecorded(work, charge.amount.amount_minor - charge.fee.amount_minor, charge.created_at)


def _fee(processor: str, work: OpenWork) -> _Unrecorded | None:
    """A capture that is booked here without its fee: off by that, or by all of it while it is not credited there."""
    charge = _charge(processor, work)
    if charge is None:
        return None
    effect = charge.fee.amount_minor if charge.fee is not None else work.amount_minor
    return _Unrecorded(work, -effect, work.since) if effect else None


def _charge(processor: str, work: OpenWork) -> ChargeFound | None:
    at = processor_named(processor)
    found = at.retrieve_payment(work.place) if work.place else at.find_payment(work.reference, since=work.since)
    return found.charge if found is not None else None


_EFFECTS: dict[str, Callable[[str, OpenWork], _Unrecorded | None]] = {
    "transfer": _transfer,
    "transfer_reversal": _transfer_reversal,
    "refund": _refund,
    "payment": _payment,
    "fee": _fee,
}
