"""The third leg: payouts of our own money, and what artisans pay back, against what our bank's statement shows."""

import datetime as dt
from collections.abc import Iterable, Mapping

from common.money import Money
from reconciliation.contracts import Outcome, Period
from reconciliation.enums import Difference, JournalName, PayoutStatus, Source
from reconciliation.models import ReconciliationRun
from reconciliation.selectors import bank
from reconciliation.services import exceptions
from reconciliation.services.artisans_payouts import ask_after_artisans_payouts
from reconciliation.services.exceptions import REPAYMENT, Found
from reconciliation.services.platform_payouts import book_arrived

_SUSPENSE = JournalName.SUSPENSE.value


def compare_bank(*, run: ReconciliationRun, period: Period, now: dt.datetime, heals: bool = True) -> Outcome:
    """Books the payouts that the bank shows, and names those that it should show and doesn't, and the other way round.

    Without any statement of the bank only what the processor itself says can be judged: a payout that it has not paid
    days after the date that it promised. A line in another currency is one difference with the payout that it seems to
    be, and nothing of it is booked.
    """
    outcome = Outcome(source=Source.BANK)
    while found := bank.pairs():
        for pair in found:
            outcome.matched += book_arrived(
                payout_id=pair.payout_id, bank_line_id=pair.line_id, booked_at=pair.booked_at, now=now
            )
    open_payouts, others = bank.open_payouts(), bank.in_other_currency()
    converted = {
        payout.processor_payout_id: others[payout.processor_payout_id]
        for payout in open_payouts
        if payout.processor_payout_id in others
    }
    differences = [
        *_overdue(outcome, open_payouts, converted, now), *_stray(period, converted.values()), *_late(period),
        *_repaid(outcome, period),
        *(_artisans(outcome, now) if heals else []),
    ]  # fmt: skip
    outcome.compared = outcome.matched + len(differences)
    seen = exceptions.record(run=run, source=Source.BANK, found=differences, now=now)
    exceptions.close_others(run=run, source=Source.BANK, seen=seen, healed=(), now=now)
    return outcome


def _overdue(
    outcome: Outcome,
    open_payouts: Iterable[bank.OpenPayout],
    converted: Mapping[str, bank.OtherCurrency],
    now: dt.datetime,
) -> list[Found]:
    found = []
    for payout in open_payouts:
        last = payout.due + dt.timedelta(days=bank.DAYS_LATE)
        shown = f"{payout.processor} {payout.processor_payout_id}"
        line = converted.get(payout.processor_payout_id)
        if line is not None:
            difference = Difference.CURRENCY
            detail = _other_currency(
                Money(payout.amount_minor, payout.currency), line.external_id, Money(line.net_minor, line.currency)
            )
        elif payout.told_until is not None and payout.told_until.date() > last:
            difference, detail = Difference.MISSING_THERE, f"no statement of the bank shows it, due {payout.due}"
        elif payout.status == PayoutStatus.SENT and payout.arrival_date is not None and now.date() > payout.due:
            difference = Difference.DATE
            detail = f"{payout.processor} promised it for {payout.due} and has not paid it"
        else:
            outcome.in_flight.append(f"{shown} is on its way to the bank, due {payout.due}")
            continue
        theirs = payout.amount_minor if difference == Difference.DATE else 0
        found.append(
            _found(
                payout.processor_payout_id, payout.currency, difference, ours=payout.amount_minor, theirs=theirs,
                detail=f"{shown}: {detail}", occurred_at=payout.sent_at,
            )
        )  # fmt: skip
    return found


def _artisans(outcome: Outcome, now: dt.datetime) -> list[Found]:
    """Artisans' payouts whose promised day is over: the news of some was lost, and some are late."""
    asked = ask_after_artisans_payouts(now=now)
    outcome.healed += [f"payout {payout.processor_payout_id} is {payout.status}" for payout in asked.told]
    return [
        _found(
            str(payout.processor_payout_id), payout.currency, Difference.DATE, ours=payout.amount_minor,
            theirs=payout.amount_minor, occurred_at=payout.created_at,
            detail=f"{payout.public_id} to an artisan's bank was promised for {payout.arrival_date}, and is not paid",
        )
        for payout in asked.late
    ]  # fmt: skip


def _other_currency(expected: Money, line: str, shown: Money) -> str:
    return (
        f"other currency: expected {expected.major} {expected.currency}, the line {line} says {shown.major}"
        f" {shown.currency}"
    )


def _stray(period: Period, told_otherwise: Iterable[bank.OtherCurrency]) -> list[Found]:
    others = {line.external_id for line in told_otherwise}
    return [
        _found(
            line.external_id, line.currency, Difference.MISSING_HERE, ours=0, theirs=line.net_minor,
            detail=f"the bank shows it and no payout of that amount is on its way: {line.description}",
            occurred_at=line.occurred_at,
        )
        for line in bank.stray_lines(period.since, period.until)
        if line.external_id not in others
    ]  # fmt: skip


def _late(period: Period) -> list[Found]:
    return [
        _found(
            payout.processor_payout_id, payout.currency, Difference.DATE, ours=payout.amount_minor,
            theirs=payout.amount_minor, occurred_at=payout.occurred_at,
            detail=f"{payout.processor} promised it for {payout.arrival_date}, the bank shows it on"
            f" {payout.occurred_at:%Y-%m-%d}",
        )
        for payout in bank.late_payouts(period.since, period.until)
    ]  # fmt: skip


def _repaid(outcome: Outcome, period: Period) -> list[Found]:
    """What staff recorded as paid by artisans: the bank's line with that reference, or its absence, says if it was."""
    found = []
    for repayment in bank.repayments(period.since, period.until):
        shown = f"{repayment.artisan_name} paid back as {repayment.bank_reference}"
        last = repayment.received_on + dt.timedelta(days=bank.DAYS_LATE)
        theirs = repayment.shown if repayment.shown is not None else Money.zero(repayment.currency)
        if theirs == repayment.amount:
            outcome.matched += 1
            continue
        if theirs.currency != repayment.currency:
            difference = Difference.CURRENCY
            detail = _other_currency(repayment.amount, repayment.bank_reference, theirs)
            theirs = Money.zero(repayment.currency)
        elif repayment.shown is not None:
            difference, detail = Difference.AMOUNT, "the bank shows another amount than was recorded"
        elif repayment.told_until is not None and repayment.told_until.date() > last:
            difference = Difference.MISSING_THERE
            detail = f"recorded for {repayment.received_on}, and no statement of the bank shows it"
        else:
            outcome.in_flight.append(f"{shown}: the bank's statement of {repayment.received_on} is not here yet")
            continue
        found.append(
            Found(
                subject_key=repayment.reference, currency=repayment.currency, difference=difference,
                movement_kind=REPAYMENT, ours_gross=repayment.amount_minor, ours_fee=0,
                theirs_gross=theirs.amount_minor, theirs_fee=0,
                detail=f"{shown}: {detail}. If it is a mistake of ours, undo {repayment.reference}.", suggestion="",
                occurred_at=dt.datetime.combine(repayment.received_on, dt.time(), dt.UTC),
            )
        )  # fmt: skip
    return found


def _found(
    key: str,
    currency: str,
    difference: Difference,
    *,
    ours: int,
    theirs: int,
    detail: str,
    occurred_at: dt.datetime,
) -> Found:
    return Found(
        subject_key=key, currency=currency, difference=difference, movement_kind="payout", ours_gross=ours,
        ours_fee=0, theirs_gross=theirs, theirs_fee=0, detail=detail,
        suggestion=_SUSPENSE if ours != theirs else "", occurred_at=occurred_at,
    )  # fmt: skip
