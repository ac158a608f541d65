"""`manage.py trial_balance [--json]`: every account with its balance; exit status 1 if a currency does not balance."""

import argparse
import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import selectors
from ledger.contracts import TrialBalance
from ledger.selectors.balances import currencies


class Command(BaseCommand):
    help = "Prints the trial balance of each currency; exit status 1 if one does not balance."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: amounts in minor units, debit positive")
        parser.add_argument("--currency", help="only this one")
        parser.add_argument("--at", help="as of this time (ISO 8601 with a time zone)")

    def handle(self, *args: Any, **options: Any) -> None:
        at = _time(options["at"]) if options["at"] else None
        names = [options["currency"]] if options["currency"] else currencies()
        trials = [selectors.trial_balance(name, at=at) for name in names]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(trial) for trial in trials], indent=2))
        else:
            for trial in trials:
                self._print(trial)
        if not all(trial.is_balanced for trial in trials):
            raise CommandError("the books do not balance")

    def _print(self, trial: TrialBalance) -> None:
        rows = [account for account in trial.accounts if account.balance]
        width = max([len(account.code) for account in rows] + [20])
        self.stdout.write(f"{'Trial balance ' + trial.currency:<{width}} {'debit':>16} {'credit':>16}")
        for account in rows:
            amount = account.balance
            debit, credit = (amount.format(), "") if amount.amount_minor > 0 else ("", (-amount).format())
            self.stdout.write(f"{account.code:<{width}} {debit:>16} {credit:>16}")
        self.stdout.write(f"{'Total':<{width}} {trial.debits.format():>16} {trial.credits.format():>16}\n")


def _as_json(trial: TrialBalance) -> dict[str, object]:
    return {
        "currency": trial.currency,
        "debits_minor": trial.debits.amount_minor,
        "credits_minor": trial.credits.amount_minor,
        "balanced": trial.is_balanced,
        "accounts": [
            {
                "code": account.code,
                "type": account.type.value,
                "owner_reference": account.owner_reference,
                "balance_minor": account.balance.amount_minor,
            }
            for account in trial.accounts
        ],
    }


def _time(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no ISO 8601 time") from error
    if at.tzinfo is None:
        raise CommandError(f"{text!r} has no time zone")
    return at
