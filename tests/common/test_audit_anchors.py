"""Anchors of the audit chain: who makes the whole chain anew is found out by what was kept outside the database."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from structlog.testing import capture_logs

from artisans_hub.settings.logs import LOGGING
from common import audit
from common.models import AuditRecord, AuditSeal
from common.money import Money

pytestmark = pytest.mark.django_db
HASH = "ab" * 32


def _record(count: int) -> None:
    for number in range(count):
        audit.record(
            event_type="payment.captured",
            outcome="succeeded",
            subject=f"pay_{number}",
            amount=Money(4200 + number, "EUR"),
        )


def _seal() -> audit.Anchor:
    """Seals, and gives the anchor that was logged."""
    with capture_logs() as logs:
        audit.seal()
    [line] = [line for line in logs if line["event"] == audit.SEALED_EVENT]
    return audit.Anchor(position=line["position"], hash=line["hash"])


def _make_the_chain_anew() -> None:
    """An attacker who has the database changes the first record and computes every seal again, without a flaw."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE common_auditrecord SET amount_minor = 1 WHERE id = (SELECT min(id) FROM common_auditrecord)"
        )
        cursor.execute("DELETE FROM common_auditseal")
        cursor.execute("SET session_replication_role = origin")
    audit.seal()
    assert list(audit.verify()) == []


@pytest.fixture
def check() -> Iterator[StringIO]:
    """Where `ledger_check` writes what it finds."""
    yield StringIO()


def test_each_sealing_logs_its_newest_seal_and_nothing_when_there_was_nothing_to_seal() -> None:
    _record(3)
    first = _seal()
    _record(2)
    second = _seal()
    assert (first.position, second.position) == (3, 5)
    assert [first.hash, second.hash] == list(
        AuditSeal.objects.filter(position__in=[3, 5]).order_by("position").values_list("hash", flat=True)
    )
    with capture_logs() as logs:
        assert audit.seal() == 0
    assert logs == []


def test_anchors_are_logged_whatever_the_level() -> None:
    assert LOGGING["loggers"]["common.audit"]["level"] == "INFO"
    assert audit.SEALED_EVENT == "audit_sealed", "operations look for this word"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_anchored_that_could_still_be_rolled_back() -> None:
    _record(1)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        audit.seal()
    assert not AuditSeal.objects.exists()


def test_a_chain_that_grew_still_holds_its_anchors() -> None:
    _record(3)
    anchors = [_seal()]
    _record(2)
    anchors.append(_seal())
    assert list(audit.missing_anchors(anchors)) == []


def test_a_chain_made_anew_without_a_flaw_no_longer_holds_them() -> None:
    _record(3)
    anchor = _seal()
    _make_the_chain_anew()
    assert list(audit.missing_anchors([anchor])) == [
        "audit seal 3 is not the one that was anchored: the chain was made anew"
    ]


def test_a_chain_that_was_cut_short_no_longer_holds_them() -> None:
    _record(3)
    anchor = _seal()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM common_auditseal WHERE position = 3")
        cursor.execute("DELETE FROM common_auditrecord WHERE id = (SELECT max(id) FROM common_auditrecord)")
        cursor.execute("SET session_replication_role = origin")
    assert list(audit.verify()) == [], "from inside nothing is to be seen"
    assert list(audit.missing_anchors([anchor])) == ["audit seal 3 was anchored and is gone"]


def test_ledger_check_takes_anchors_and_names_the_one_that_is_not_held(check: StringIO) -> None:
    _record(2)
    anchor = _seal()
    call_command("ledger_check", "--local", "--anchor", f"{anchor.position}:{anchor.hash}", stdout=check)
    assert "the audit chain holds 1 anchor(s)" in check.getvalue()
    with pytest.raises(SystemExit) as ended:
        call_command("ledger_check", "--local", "--anchor", f"2:{HASH}", stderr=check, stdout=StringIO())
    assert ended.value.code == 1
    assert "audit seal 2 is not the one that was anchored" in check.getvalue()


def test_ledger_check_reads_the_logs_as_they_are(tmp_path: Path, check: StringIO) -> None:
    _record(2)
    anchor = _seal()
    sealed = json.dumps({"event": "audit_sealed", "position": anchor.position, "hash": anchor.hash, "sealed": 2})
    logs = tmp_path / "worker.log"
    logs.write_text(
        "--- 2026-11-21 11:11:11 starting\n -------------- celery@host v5\n\n"
        f'{{"event": "inbox_swept", "due": 1}}\n{sealed}\n2026-11-21T11:11:12Z host worker: {sealed}\n'
        f"{anchor.position}:{anchor.hash}\n"
    )
    call_command("ledger_check", "--local", "--anchors", str(logs), stdout=check)
    assert "the audit chain holds 3 anchor(s)" in check.getvalue()
    _make_the_chain_anew()
    with pytest.raises(SystemExit):
        call_command("ledger_check", "--local", "--anchors", str(logs), stderr=check, stdout=StringIO())
    assert check.getvalue().count("audit seal 2 is not the one that was anchored") == 3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no anchor"),
        ('{"event": "inbox_swept"}\n', "holds no anchor"),
        (f"1:{HASH}\n2:abc\n", "line 2: an anchor is POSITION:HASH"),
        (f"0:{HASH}\n", "line 1: an anchor is POSITION:HASH"),
        ('{"event": "audit_sealed", "position": 3, "ha', "line 1: the line about audit_sealed is damaged"),
        ('{"event": "audit_sealed", "position": 3}', "line 1: an anchor is POSITION:HASH"),
    ],
)
def test_a_file_that_proves_nothing_is_an_error_and_not_a_pass(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "anchors"
    file.write_text(text)
    with pytest.raises(CommandError, match=complaint):
        call_command("ledger_check", "--local", "--anchors", str(file))
    with pytest.raises(CommandError, match="can't be read"):
        call_command("ledger_check", "--local", "--anchors", str(tmp_path / "none"))


@pytest.mark.parametrize("text", ["1", f"1:{HASH[:-1]}", f"-1:{HASH}", f"1:{HASH.upper()}", f"1:{HASH} 2"])
def test_what_is_no_anchor_is_refused_on_the_command_line(text: str) -> None:
    assert not AuditRecord.objects.exists()
    with pytest.raises(CommandError, match="--anchor: an anchor is"):
        call_command("ledger_check", "--local", f"--anchor={text}")
