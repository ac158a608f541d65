"""What tests of the comparison do: run it, and read what it left."""

import datetime as dt
from collections.abc import Sequence
from io import StringIO
from typing import Any

import requests
from django.core.management import call_command

from common.clock import now as clock_now
from reconciliation.contracts import StatementFile
from reconciliation.models import ReconciliationException, ReconciliationRun
from reconciliation.services import reconcile
from tests.orders.wire import Wire

HOUR = dt.timedelta(hours=1)


def ran(*, later: dt.timedelta = dt.timedelta(), files: Sequence[StatementFile] = (), **more: Any) -> ReconciliationRun:
    run, _ = reconcile(now=clock_now() + later, files=files, **more)
    return run


def found() -> list[tuple[str, str, str, int]]:
    """Source, difference, status and effect of every exception, in the order in which they were found."""
    rows = ReconciliationException.objects.order_by("id")
    return [(row.source, row.difference, row.status, row.effect_minor) for row in rows]


def the_exception(**conditions: Any) -> ReconciliationException:
    return ReconciliationException.objects.get(**conditions)


def command(*arguments: str) -> tuple[int, str, str]:
    """Exit status, and what was printed to the two streams."""
    told, errors = StringIO(), StringIO()
    try:
        call_command("reconcile", *arguments, stdout=told, stderr=errors)
    except SystemExit as ended:
        return int(ended.code or 0), told.getvalue(), errors.getvalue()
    return 0, told.getvalue(), errors.getvalue()


def control(stripe: Wire, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Something happens at a processor without us."""
    answer = requests.post(f"{stripe.url}/_sandbox{path}", json=body or {}, timeout=15)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
