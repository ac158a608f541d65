"""`manage.py ledger_check`: recomputes every invariant; exit status 1 names what is off."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import audit
from payments.contracts import ProcessorError
from payments.services import processor_balance
from reconciliation.contracts import Finding
from reconciliation.selectors import anchor_findings, clearing_findings, local_findings


class Command(BaseCommand):
    help = "Recomputes every money invariant from raw rows and compares the clearing account with the processor."

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
        if not options["local"]:
            findings += self._against_stripe()
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            self.stderr.write(self.style.ERROR(f"{len(findings)} finding(s): the books do not hold"))
            raise SystemExit(1)
        told = ["every invariant holds"]
        told += [] if options["local"] else ["and Stripe agrees"]
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

    def _against_stripe(self) -> list[Finding]:
        try:
            theirs = processor_balance(processor="stripe").total
        except ProcessorError as error:
            return [Finding("clearing equals the processor's balance", "stripe", f"could not be asked: {error.code}")]
        return list(clearing_findings(processor="stripe", their_balances=theirs))
