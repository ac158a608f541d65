"""Django's side of the demo, in the launcher's own process: one start of Django instead of one for each command."""

import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import django
from django.core.management import CommandError, call_command
from django.db import connections


class BooksDoNotHold(Exception):
    """`ledger_check` or `trial_balance` found something; the message says what."""


@dataclass(frozen=True)
class AccountBalance:
    """One account of the trial balance; debit positive, in minor units."""

    code: str
    owner_reference: str
    currency: str
    balance_minor: int


def use(env: Mapping[str, str]) -> None:
    """Points this process's Django at the stack. Settings are read once, so once per process."""
    os.environ.update(env)
    os.environ["LOG_LEVEL"] = "ERROR"  # this process's log is the person's terminal
    django.setup()


def migrate_and_load(*, demo_shop: bool, past: Callable[[], None] | None = None) -> str:
    """Brings the database up to date; gives what loading the demo shop printed (log-ins).

    `past` is called while the shop has its goods, and nothing has happened in it. The demo artisans are connected to
    accounts at the processor, so that they can be paid.
    """
    _call("migrate", interactive=False, verbosity=0)
    if not demo_shop:
        return ""
    printed = f"{_call('load_demo_shop')}\n  {_call('load_demo_applicant')}"
    if past is not None:
        past()
    problems = io.StringIO()
    try:
        _call("connect_demo_artisans", stderr=problems)
    except CommandError as error:
        problems.write(str(error))
    return f"{printed}\n{problems.getvalue()}".strip()


def trial_balance() -> list[AccountBalance]:
    """Every account of every currency. Raises BooksDoNotHold when a currency does not balance."""
    try:
        printed = _call("trial_balance", "--json")
    except CommandError as error:
        raise BooksDoNotHold(str(error)) from error
    trials: list[dict[str, Any]] = json.loads(printed)
    return [
        AccountBalance(
            code=account["code"],
            owner_reference=account["owner_reference"] or "",
            currency=trial["currency"],
            balance_minor=account["balance_minor"],
        )
        for trial in trials
        for account in trial["accounts"]
    ]


def check() -> str:
    """Recomputes every invariant. Raises BooksDoNotHold naming what is off."""
    errors = io.StringIO()
    try:
        return _call("ledger_check", stderr=errors)
    except (SystemExit, CommandError) as error:
        raise BooksDoNotHold(errors.getvalue() or str(error)) from error


def _call(name: str, *arguments: str, **options: Any) -> str:
    output = io.StringIO()
    try:
        call_command(name, *arguments, stdout=output, no_color=True, **options)
    finally:
        connections.close_all()
    return output.getvalue().strip()
