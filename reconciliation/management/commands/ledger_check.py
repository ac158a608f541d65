"""`manage.py ledger_check`: recomputes every invariant; exit status 1 names what is off."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from payments.contracts import ProcessorError
from payments.services import processor_balance
from reconciliation.contracts import Finding
from reconciliation.selectors import clearing_findings, local_findings


class Command(BaseCommand):
    help = "Recomputes every money invariant from raw rows and compares the clearing account with the processor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--local", action="store_true", help="do not ask the processor for its balance")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(local_findings())
        if not options["local"]:
            findings += self._against_stripe()
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            self.stderr.write(self.style.ERROR(f"{len(findings)} finding(s): the books do not hold"))
            raise SystemExit(1)
        self.stdout.write("ledger_check: every invariant holds" + ("" if options["local"] else ", and Stripe agrees"))

    def _against_stripe(self) -> list[Finding]:
        try:
            theirs = processor_balance(processor="stripe").total
        except ProcessorError as error:
            return [Finding("clearing equals the processor's balance", "stripe", f"could not be asked: {error.code}")]
        return list(clearing_findings(processor="stripe", their_balances=theirs))
