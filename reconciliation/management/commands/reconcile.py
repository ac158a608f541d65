"""`manage.py reconcile`: the books against the statements of Stripe, PayPal and our bank, movement by movement.

Exit status 1 when something is unexplained: an exception is open. What is only on its way is told and fails nothing.
docs/reconciliation.md says how to read the table and what to do about each kind of difference.
"""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from common.clock import now as clock_now
from common.errors import DomainError
from common.money import Money
from payments.contracts import MovementUnreadable
from reconciliation.contracts import Outcome, Period, StatementFile
from reconciliation.enums import ExceptionStatus, Source
from reconciliation.models import ReconciliationException, ReconciliationRun
from reconciliation.selectors.report import KindRow, movements_by_kind, open_by_kind, opening_balances
from reconciliation.services import reconcile
from reconciliation.services.store import StatementContradiction

_NAMES = {"stripe": "Stripe", "paypal": "PayPal", "bank": "Bank"}
_FORMATS = ("stripe", "paypal")
_SHOWN = 50


class Command(BaseCommand):
    help = "Compares the books with the statements of the processors and our bank, movement by movement."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processor", choices=_FORMATS, help="only this one")
        parser.add_argument("--since", metavar="DATE", help="the first day (UTC); default: where the last run ended")
        parser.add_argument("--until", metavar="DATE", help="the last day, included; default: now")
        parser.add_argument("--file", metavar="CSV", help="a settlement file to read instead of asking the processor")
        parser.add_argument("--format", choices=_FORMATS, help="whose file it is")
        parser.add_argument("--bank", metavar="FILE", help="a statement of our bank: CAMT.053, or CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        files = self._files(options)
        processor = options["processor"] or (options["format"] if options["file"] else None)
        try:
            run, outcomes = reconcile(
                now=clock_now(),
                processors=[processor] if processor else [],
                since=_day(options["since"], "--since"),
                until=_end_of(options["until"]),
                files=files,
                step=lambda words: self.stdout.write(f"  {words}"),
            )
        except (DomainError, MovementUnreadable, StatementContradiction) as error:
            raise CommandError(getattr(error, "detail", "") or str(error)) from error
        for outcome in outcomes:
            self._show(run, outcome)
        self._end(run)

    def _files(self, options: dict[str, Any]) -> list[StatementFile]:
        """Raises CommandError."""
        if bool(options["file"]) != bool(options["format"]):
            raise CommandError("--file and --format are given together")
        if options["file"] and options["processor"] not in (None, options["format"]):
            raise CommandError("--processor is another one than the file's")
        files = [StatementFile(options["format"], options["file"])] if options["file"] else []
        return files + ([StatementFile(Source.BANK, options["bank"])] if options["bank"] else [])

    def _show(self, run: ReconciliationRun, outcome: Outcome) -> None:
        name = _NAMES[outcome.source]
        if outcome.source != Source.BANK:
            self._table(name, outcome.source, Period(run.since, run.until))
        self.stdout.write(f"{name}: {outcome.matched} of {outcome.compared} agree")
        for row in open_by_kind(outcome.source):
            effect = Money(row.effect_minor, row.currency)
            self.stdout.write(f"  {row.difference.replace('_', ' ')}: {row.count}, {effect} net")
        for words in outcome.healed:
            self.stdout.write(f"notice: {name}: had come late, and is recorded now: {words}")
        for words in outcome.in_flight[:_SHOWN]:
            self.stdout.write(f"notice: {name}: {words}")
        if len(outcome.in_flight) > _SHOWN:
            self.stdout.write(f"notice: {name}: and {len(outcome.in_flight) - _SHOWN} more on their way")

    def _table(self, name: str, processor: str, period: Period) -> None:
        opening = opening_balances(processor, period)
        rows = movements_by_kind(processor, period)
        for currency in sorted({*opening, *(row.currency for row in rows)}):
            own = [row for row in rows if row.currency == currency]
            self._table_of(name, currency, period, opening.get(currency, 0), own)

    def _table_of(self, name: str, currency: str, period: Period, opening: int, rows: list[KindRow]) -> None:
        def line(kind: str, count: str, *minor: int | None) -> None:
            figures = "".join(f"{'' if one is None else Money(one, currency).format():>16}" for one in minor)
            self.stdout.write(f"  {kind:<18}{count:>10}{figures}")

        self.stdout.write(f"\n{name} {currency}, {period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC")
        heads = "".join(f"{head:>16}" for head in ("gross", "fees", "net", "in the books"))
        self.stdout.write(f"  {'':<18}{'movements':>10}{heads}")
        line("opening", "", None, None, opening, opening)
        for row in rows:
            line(
                row.kind.replace("_", " "), str(row.lines), row.gross_minor, row.fee_minor, row.net_minor,
                row.booked_minor,
            )  # fmt: skip
        closing = opening + sum(row.net_minor for row in rows)
        booked = opening + sum(row.booked_minor for row in rows)
        line("closing", str(sum(row.lines for row in rows)), None, None, closing, booked)

    def _end(self, run: ReconciliationRun) -> None:
        left = ReconciliationException.objects.filter(status=ExceptionStatus.OPEN).order_by("id")
        for row in left[:_SHOWN]:
            self.stderr.write(
                f"{row.public_id} {_NAMES[row.source]} {row.get_difference_display()}: {row.subject_key}, "
                f"{row.effect} net; {row.detail}"
            )
        count = left.count()
        if count:
            where = reverse("admin:reconciliation_reconciliationexception_changelist")
            self.stderr.write(self.style.ERROR(f"{count} unexplained, see {where}"))
            raise SystemExit(1)
        self.stdout.write(f"reconcile: {run.public_id}: everything is explained")


def _day(text: str | None, option: str) -> dt.datetime | None:
    """The beginning of a day. Raises CommandError."""
    if text is None:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), tzinfo=dt.UTC)
    except ValueError as error:
        raise CommandError(f"{option}: {text!r} is no date like 2026-11-21") from error


def _end_of(text: str | None) -> dt.datetime | None:
    """The end of a day; of today and later, now."""
    start = _day(text, "--until")
    return None if start is None else min(start + dt.timedelta(days=1), clock_now())
