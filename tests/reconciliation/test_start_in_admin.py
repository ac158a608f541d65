"""Staff ask for a reconciliation, and give the desk a statement of our bank."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.models import AuditRecord, OutboxMessage
from reconciliation import services
from reconciliation.models import ReconciliationException, ReconciliationRun, StatementLine
from tests.orders.wire import Wire
from tests.payouts.test_admin import staff_client
from tests.reconciliation.statements import found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
LIST, START, BANK = (
    f"admin:reconciliation_reconciliationrun_{name}" for name in ("changelist", "start", "bank")
)  # fmt: skip
HEAD = "entry_id,booking_date,value_date,amount,currency,reference,description\n"
LINE = "B1,2026-11-20,2026-11-20,12.50,EUR,po_unknown,STRIPE PAYOUT\n"
ASKED = {"task": "reconciliation.tasks.reconcile_asked"}


@pytest.fixture
def finance() -> Client:
    return staff_client("view_reconciliationrun", "run_reconciliation")[0]


def give(client: Client, text: str | bytes, *, name: str = "november.csv") -> str:
    body = text.encode() if isinstance(text, str) else text
    answer = client.post(reverse(BANK), {"statement": SimpleUploadedFile(name, body)}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_statement_is_kept_once_and_compared_right_away(stripe: Wire, finance: Client) -> None:
    assert "Add a bank statement" in finance.get(reverse(LIST)).content.decode()
    assert "Entries read: 1, new: 1. It is compared now; the run is on top" in give(finance, HEAD + LINE)
    assert "Entries read: 1, new: 0." in give(finance, HEAD + LINE)
    line = StatementLine.objects.get(source="bank")
    assert (line.external_id, line.gross_minor, line.origin) == ("B1", 1250, "november.csv")
    assert OutboxMessage.objects.filter(**ASKED).exists()
    assert services.reconcile_asked(now=clock_now()) == "unexplained"
    assert ReconciliationRun.objects.get().started_by == "staff"
    assert found() == [("bank", "missing_here", "open", 1250)]
    assert ReconciliationException.objects.get().subject_key == "B1"
    told = AuditRecord.objects.filter(event_type="reconciliation.statement_added").order_by("id")
    assert [(row.subject, row.command) for row in told] == [
        ("november.csv", "entries read: 1, new: 1"), ("november.csv", "entries read: 1, new: 0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfe\x00", "november.csv can&#x27;t be read"),
        ("a,b\n1,2\n", "the file has no column entry_id"),
        (HEAD, "november.csv holds no entry."),
        (HEAD + LINE + LINE.replace("B1", "B2").replace("12.50", "twelve"), "is no amount"),
        (HEAD + LINE + LINE.replace("B1", "B2").replace("12.50", "9" * 25), "is no amount"),
        (HEAD + LINE + LINE.replace("B1", "B2").replace("12.50", "9" * 18), "no bank books"),
        (HEAD + LINE + LINE.replace("B1", "B2").replace("2026-11-20", "soon"), "is no date"),
        ("<Document><Ntry>", "is no CAMT.053 document"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Document/>', "has no document type"),
        (b"", "The submitted file is empty."),
    ],
)
def test_what_is_no_statement_is_refused_in_words_and_nothing_of_it_is_kept(
    finance: Client, text: str | bytes, words: str
) -> None:
    shown = give(finance, text)
    assert words in shown
    assert "/tmp" not in shown
    assert not StatementLine.objects.exists()
    assert not OutboxMessage.objects.filter(**ASKED).exists()


def test_a_statement_that_contradicts_an_earlier_one_is_refused(finance: Client) -> None:
    give(finance, HEAD + LINE)
    assert "gives other figures than before for B1" in give(finance, HEAD + LINE.replace("12.50", "13.50"))
    assert StatementLine.objects.get().gross_minor == 1250


def test_pressed_twice_it_is_compared_once(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock_now()
    monkeypatch.setattr("reconciliation.admin.start.now", lambda: moment)
    for _ in range(2):
        assert "It is compared now" in finance.post(reverse(START), follow=True).content.decode()
    assert OutboxMessage.objects.filter(**ASKED).count() == 1
    assert finance.get(reverse(START)).status_code == 405


def test_who_may_only_look_gets_neither_button_nor_effect() -> None:
    viewer, _ = staff_client("view_reconciliationrun", "view_statementline")
    shown = viewer.get(reverse(LIST)).content.decode()
    assert "Compare now" not in shown and "Add a bank statement" not in shown
    assert viewer.post(reverse(START)).status_code == 403
    assert viewer.get(reverse(BANK)).status_code == 403
    assert viewer.post(reverse(BANK), {"statement": SimpleUploadedFile("x.csv", LINE.encode())}).status_code == 403
    assert not OutboxMessage.objects.filter(**ASKED).exists()
    assert not StatementLine.objects.exists()
