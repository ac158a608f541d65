"""The audit trail: append-only by PostgreSQL's own hand, chained, and telling when it was tampered with."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from common import audit, context
from common.models import AuditRecord, AuditSeal
from common.money import Money

TABLES = ["common_auditrecord", "common_auditseal"]


def _record(count: int = 1) -> None:
    for number in range(count):
        audit.record(
            event_type="payment.captured",
            outcome="succeeded",
            subject=f"pay_{number}",
            amount=Money(4200 + number, "EUR"),
        )


def _tamper(statement: str) -> None:
    """What only the superuser can do, with the triggers silenced: an attacker who has the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


@pytest.mark.django_db
def test_a_row_says_who_what_and_where_from_the_work_s_context() -> None:
    context.bind(trace_id="0123456789abcdef", actor="user:7", ip="203.0.113.9")
    before = dt.datetime.now(tz=dt.UTC)
    audit.record(
        event_type="refund.requested",
        outcome="requested",
        subject="ref_x",
        amount=Money(500, "JPY"),
        processor="stripe",
        processor_id="ch_x",
        failure_code="f",
        decline_code="d",
        idempotency_key="k" * 8,
        command="refund:sold_out",
        artisan="art_x",
    )
    row = AuditRecord.objects.get()
    assert (row.trace_id, row.actor, row.ip, row.environment) == ("0123456789abcdef", "user:7", "203.0.113.9", "test")
    assert (row.amount_minor, row.currency, row.subject, row.processor_id) == (500, "JPY", "ref_x", "ch_x")
    assert before <= row.occurred_at <= dt.datetime.now(tz=dt.UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"], ids=["update", "delete", "truncate"]
)
def test_postgresql_refuses_to_change_or_remove(table: str, statement: str) -> None:
    _record()
    audit.seal()
    change = "hash = 'x'" if table.endswith("seal") else "actor = 'nobody'"
    with pytest.raises(DatabaseError, match=r"(?i)cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, change))
    assert (AuditRecord.objects.count(), AuditSeal.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_row_lives_and_dies_with_the_transaction_of_its_fact() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _record()
        raise RuntimeError
    assert not AuditRecord.objects.exists()


@pytest.mark.django_db
def test_sealing_chains_each_row_once_and_the_chain_is_whole() -> None:
    assert audit.seal() == 0
    _record(3)
    assert audit.seal() == 3
    assert audit.seal() == 0
    _record(2)
    assert audit.seal(limit=1) == 1
    assert audit.seal() == 1
    seals = list(AuditSeal.objects.order_by("position"))
    assert [seal.position for seal in seals] == [1, 2, 3, 4, 5]
    assert seals[0].previous_hash == audit.GENESIS
    assert [seal.previous_hash for seal in seals[1:]] == [seal.hash for seal in seals[:-1]]
    assert list(audit.verify()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "amount_minor = amount_minor + 1",
        "amount_minor = NULL",
        "actor = 'user:8'",
        "outcome = 'refused'",
        "occurred_at = occurred_at + interval '1 second'",
        "ip = '198.51.100.1'",
        "trace_id = 'other'",
        "idempotency_key = 'k'",
        "decline_code = 'x'",
        "failure_code = 'x'",
        "currency = 'USD'",
        "processor_id = 'ch_other'",
        "processor = 'paypal'",
        "subject = 'pay_other'",
        "artisan = 'art_x'",
        "command = 'x'",
        "environment = 'production'",
        "event_type = 'x'",
    ],
)
def test_a_change_of_any_column_is_found_and_named(change: str) -> None:
    _record(4)
    audit.seal()
    second = AuditRecord.objects.order_by("id")[1].id
    _tamper(f"UPDATE common_auditrecord SET {change} WHERE id = {second}")
    assert list(audit.verify()) == [f"audit record {second} was changed after it was sealed"]


def test_every_column_of_a_row_is_part_of_its_hash() -> None:
    columns = {field.name for field in AuditRecord._meta.concrete_fields}
    assert columns == set(audit._FIELDS) | {"occurred_at"}


@pytest.mark.django_db
def test_a_removed_row_is_found() -> None:
    _record(4)
    audit.seal()
    second = AuditRecord.objects.order_by("id")[1].id
    _tamper(f"DELETE FROM common_auditseal WHERE record_id = {second}")
    _tamper(f"DELETE FROM common_auditrecord WHERE id = {second}")
    assert "audit seal 2 is missing" in list(audit.verify())


@pytest.mark.django_db
def test_a_seal_that_was_made_anew_does_not_fit_the_next() -> None:
    _record(3)
    audit.seal()
    first, second = AuditSeal.objects.order_by("position")[:2]
    forged = AuditRecord.objects.get(id=first.record_id)
    forged.amount_minor = 1
    _tamper(f"UPDATE common_auditrecord SET amount_minor = 1 WHERE id = {first.record_id}")
    _tamper(
        f"UPDATE common_auditseal SET hash = '{audit._hash(audit.GENESIS, forged)}' WHERE position = 1",
    )
    assert list(audit.verify()) == [f"audit seal {second.position} does not follow the one before it"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain() -> None:
    _record(300)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        try:
            start.wait(timeout=20)
            return audit.seal(limit=50)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sealed = sum(sum(pool.map(work, range(4))) for _ in range(3))
    while found := audit.seal():
        sealed += found
    assert sealed == AuditSeal.objects.count() == 300
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 301))
    assert list(audit.verify()) == []
