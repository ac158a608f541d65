"""`ledger_check` finds every way in which the money can be wrong: each is made to happen behind the triggers' back."""

from collections.abc import Iterator
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from artisans_hub.celery import app as celery_app
from reconciliation.contracts import Finding
from reconciliation.selectors import RULES, local_findings
from tests.orders.wire import Wire
from tests.reconciliation.plants import PLANTS, Plant
from tests.reconciliation.shop import healthy
from tests.reconciliation.test_bank_payout_rules import PLANTS as BANK_PLANTS
from tests.reconciliation.test_recall_rules import PLANTS as RECALL_PLANTS
from tests.reconciliation.test_refund_rules import IN_TRANSIT
from tests.reconciliation.test_refund_rules import PLANTS as REFUND_PLANTS
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="module")
def _shop(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, _sandbox_process: SandboxProcess
) -> Iterator[None]:
    """The healthy shop, made once in a transaction around this whole module."""
    wire = Wire(_sandbox_process.url)
    wire.reset()
    wire.clear_faults()
    wire.webhooks("hold")
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined] # as TestCase does: no transaction of the application's
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(celery_app, "send_task", lambda *_, **__: None)
        with whole:
            healthy(wire)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
            transaction.set_rollback(True)


@pytest.fixture
def db(_shop: None) -> Iterator[None]:
    """Instead of pytest-django's own: in the healthy shop, and what a test plants is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _plant(plant: Plant) -> None:
    """As somebody could who has the database to themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in plant.sql:
            cursor.execute(statement)
            assert cursor.rowcount != 0, f"nothing to break: {statement}"
        cursor.execute("SET LOCAL session_replication_role = origin")


def _rules(findings: list[Finding]) -> set[str]:
    return {f"ledger: {one.subject}" if one.rule == "ledger" else one.rule for one in findings}


def test_a_healthy_shop_has_no_finding(db: None) -> None:
    assert [str(finding) for finding in local_findings()] == []
    told = StringIO()
    call_command("ledger_check", "--local", stdout=told, stderr=told)
    assert told.getvalue() == "ledger_check: every invariant holds\n"


@pytest.mark.parametrize("name", PLANTS)
def test_each_offence_is_found_under_its_rule_and_named(db: None, name: str) -> None:
    """Under its rule and under no other, and the command says so and fails."""
    plant = PLANTS[name]
    _plant(plant)
    found = list(local_findings())
    assert _rules(found) == plant.rules
    assert all(finding.subject and finding.detail for finding in found)
    told, errors = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("ledger_check", "--local", stdout=told, stderr=errors)
    assert ended.value.code == 1
    assert "every invariant holds" not in told.getvalue()
    assert all(str(finding) in errors.getvalue() for finding in found)
    assert plant.says in errors.getvalue()


def test_every_rule_has_a_break_that_it_alone_names() -> None:
    """Of the orders and payouts, of the ledger, and of the audit chain (whose anchors have tests of their own)."""
    of_the_ledger = {f"ledger: {rule}" for rule in import_module("ledger.selectors.verification")._RULES}
    every = {*RULES, *of_the_ledger, "audit chain"}
    others = [*REFUND_PLANTS.values(), *RECALL_PLANTS.values(), *BANK_PLANTS.values()]
    breaks = [*(plant.rules for plant in PLANTS.values()), *(frozenset(rules) for _, rules in others)]
    assert every == {rule for rules in breaks for rule in rules}
    alone = {rule for rules in breaks if len(rules) == 1 for rule in rules}
    # The newest balance of an account follows from the one before it, a currency from its entries, and what is in
    # transit from the refunds and their entries.
    followers = {
        IN_TRANSIT,
        "ledger: a stored balance is the sum of all postings",
        "ledger: a currency sums to zero",
    }
    assert every - alone == followers
