"""`manage.py ledger_check`: recomputes every invariant; exit status 1 names what is off.

One thing is named and does not fail it: a clearing account that differs from the processor's balance by exactly what
was found carried out there minutes ago and is not recorded here yet. An answer may be lost at any moment and sweepers
look after it, so failing would cry wolf in a shop that works; being silent would hide it. Once it is older than that,
or not explained to the minor unit, it is a finding (`reconciliation.services.compare_clearing`).
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common import audit
from reconciliation.contracts import ClearingCheck
from reconciliation.selectors import anchor_findings, local_findings
from reconciliation.services import compare_clearing

_NAMES = {"stripe": "Stripe", "paypal": "PayPal"}


class Command(BaseCommand):
    help = "Recomputes every money invariant from raw rows and compares the clearing accounts with the processors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--local", action="store_true", help="do not ask the processor for its balance")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="POSITION:HASH",
            help="an audit seal that was kept outside the database; the chain must still hold it (may be repeated)",
        )
        parser.add_argument(
            "--anchors",
            metavar="FILE",
            help="the same, one a line, or the logs themselves: their lines `audit_sealed` are taken",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = self._anchors(options["anchor"], options["anchors"])
        findings = [*local_findings(), *anchor_findings(anchors)]
        checks = [] if options["local"] else [compare_clearing(processor=name) for name in _processors()]
        findings += [finding for check in checks for finding in check.findings]
        for finding in findings:
            self.stderr.write(str(finding))
        notices = [notice for check in checks for notice in check.notices]
        for notice in notices:
            self.stdout.write(f"notice: {notice}")
        if findings:
            self.stderr.write(self.style.ERROR(f"{len(findings)} finding(s): the books do not hold"))
            raise SystemExit(1)
        told = ["every invariant holds"]
        told += [_agreement(checks)] if checks else []
        told += [f"and the audit chain holds {len(anchors)} anchor(s)"] if anchors else []
        self.stdout.write("ledger_check: " + ", ".join(told))

    def _anchors(self, given: list[str], file: str | None) -> list[audit.Anchor]:
        """Raises CommandError for what is no anchor, and for a file without any: it would prove nothing."""
        try:
            anchors = [audit.read_anchor(text) for text in given]
        except audit.AnchorInvalid as error:
            raise CommandError(f"--anchor: {error}") from error
        return anchors + (self._anchors_in(Path(file)) if file else [])

    def _anchors_in(self, file: Path) -> list[audit.Anchor]:
        found = []
        try:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    try:
                        anchor = audit.read_anchor_line(line)
                    except audit.AnchorInvalid as error:
                        raise CommandError(f"{file}, line {number}: {error}") from error
                    found += [anchor] if anchor else []
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        if not found:
            raise CommandError(f"{file} holds no anchor")
        return found


def _processors() -> list[str]:
    """Those that hold money for us."""
    return ["stripe", *(["paypal"] if settings.PAYPAL_ENABLED else [])]


def _agreement(checks: list[ClearingCheck]) -> str:
    names = " and ".join(_NAMES[name] for name in _processors())
    waits = any(check.notices for check in checks)
    return f"and {names} agree{'s' if len(checks) == 1 else ''}" + (" but for what is being looked up" if waits else "")
