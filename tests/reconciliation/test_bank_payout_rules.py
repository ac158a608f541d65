"""Payouts to banks, made wrong behind the triggers' back: each break is found under its rule and under no other."""

import datetime as dt
from importlib import import_module

import pytest
from django.db import connection, transaction

from common.clock import now as clock_now
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payouts.models import BankPayout
from reconciliation.selectors.bank_payouts import RULES
from tests.payouts.bank.fake import NO_MONEY, FakeBanks
from tests.payouts.bank.hub import came_back, send, settle, transferred
from tests.payouts.hub import connected_artisan

pytestmark = pytest.mark.django_db

AS_ATTEMPTS = "a payout is as its attempts to reach the bank are"
LAST_ONLY = "only the last attempt to reach a bank may be under way or paid"
ITS_ACCOUNT = "a payout goes to the bank of its artisan's account, in its currency"
NO_MORE = "no more goes to banks than was transferred, less what had come back"
ITS_REQUEST = "an attempt to reach a bank has the request that it is as"
SEEN_TO = "a payout that has not reached a bank is being seen to"
PAID = "(SELECT min(id) FROM payouts_bankpayout WHERE status = 'paid')"
PENDING = "(SELECT min(id) FROM payouts_bankpayout WHERE status = 'pending')"
UNSEEN = "updated_at = now() - interval '2 days'"


@pytest.fixture
def banks(monkeypatch: pytest.MonkeyPatch) -> FakeBanks:
    fake = FakeBanks()
    for module in ("send", "settle", "look_after"):
        monkeypatch.setattr(import_module(f"payouts.services.bank.{module}"), "processor_named", lambda _: fake)
    return fake


@pytest.fixture
def shop(banks: FakeBanks) -> None:
    """One paid, one on its way less than was transferred, one failed, one not available, one that waits."""
    now = clock_now() - dt.timedelta(minutes=1)
    for status, why in (
        (ProcessorPayoutStatus.PAID, PayoutFailure.NONE),
        (ProcessorPayoutStatus.FAILED, PayoutFailure.ACCOUNT_CLOSED),
        (ProcessorPayoutStatus.PENDING, PayoutFailure.NONE),
    ):
        payout = transferred(connected_artisan(), 5000, processor=banks, now=now)
        if status == ProcessorPayoutStatus.PENDING:
            came_back(payout, 1000, processor=banks)
        send(payout, now)
        banks.becomes(status, failure=why)
        settle(banks, now=now)
    banks.refuse = lambda _: NO_MONEY
    send(transferred(connected_artisan(), 300, processor=banks, now=now), now)
    banks.refuse = lambda _: None
    send(transferred(connected_artisan(), 200, now=now), now)
    assert sorted(BankPayout.objects.values_list("status", flat=True)) == ["failed", "failed", "paid", "pending"]
    assert found() == {}


def found() -> dict[str, list[tuple[str, str]]]:
    """What each rule finds, without those that find nothing."""
    with connection.cursor() as cursor:
        told = {}
        for rule, statement in RULES.items():
            cursor.execute(statement)
            if rows := cursor.fetchall():
                told[rule] = rows
    return told


PLANTS = {
    "one that is said to be paid and is on its way": (
        "UPDATE payouts_payout SET status = 'paid', paid_at = now() WHERE status = 'on_its_way'", {AS_ATTEMPTS},
    ),
    "one that is said to wait and was paid": (
        "UPDATE payouts_payout SET status = 'transferred' WHERE status = 'paid'", {AS_ATTEMPTS},
    ),
    "an attempt after one that was paid": (
        "INSERT INTO payouts_bankpayout (public_id, payout_id, attempt, processor_account_id, amount_minor, currency,"
        " status, failure_code, failure_message, created_at, updated_at, processor_payout_id)"
        " SELECT 'bpo_more', payout_id, 2, processor_account_id, 1, currency, 'failed', '', '', created_at, updated_at,"
        f" NULL FROM payouts_bankpayout WHERE id = {PAID}",
        {AS_ATTEMPTS, LAST_ONLY, ITS_REQUEST},
    ),
    "one that stays paid, with a later attempt that failed": (
        "WITH more AS (INSERT INTO payouts_bankpayout (public_id, payout_id, attempt, processor_account_id,"
        " amount_minor, currency, status, failure_code, failure_message, created_at, updated_at, processor_payout_id)"
        " SELECT 'bpo_more', payout_id, 2, processor_account_id, 1, currency, 'failed', '', '', created_at, updated_at,"
        f" NULL FROM payouts_bankpayout WHERE id = {PAID} RETURNING payout_id), asked AS ("
        "INSERT INTO payments_processorrequest (idempotency_key, kind, processor, subject, attempt, body, body_hash,"
        " state, processor_id, processor_request_id, error_code, tries, next_try_at, trace_id, created_at, finished_at)"
        " SELECT 'create_payout:bpo_more:1', kind, processor, 'bpo_more', 1, body, body_hash, 'failed', '', '', '', 1,"
        " NULL, '', created_at, now() FROM payments_processorrequest WHERE kind = 'create_payout' LIMIT 1)"
        " UPDATE payouts_payout SET status = 'bank_failed' WHERE id IN (SELECT payout_id FROM more)",
        {LAST_ONLY},
    ),
    "one that went to somebody else": (
        f"UPDATE payouts_payout SET destination_account_id = 'acct_other'"
        f" WHERE id = (SELECT payout_id FROM payouts_bankpayout WHERE id = {PAID})",
        {ITS_ACCOUNT},
    ),
    "more to the bank than was left": (
        f"UPDATE payouts_bankpayout SET amount_minor = amount_minor + 1 WHERE id = {PENDING}", {NO_MORE},
    ),
    "one whose request was refused": (
        "UPDATE payments_processorrequest SET state = 'failed' WHERE kind = 'create_payout' AND subject ="
        f" (SELECT public_id FROM payouts_bankpayout WHERE id = {PENDING})",
        {ITS_REQUEST},
    ),
    "one that nobody asks after": (
        f"UPDATE payouts_bankpayout SET {UNSEEN} WHERE status = 'pending'", {SEEN_TO},
    ),
    "one that waits, and nobody looks": (
        f"UPDATE payouts_payout SET {UNSEEN} WHERE status = 'transferred'", {SEEN_TO},
    ),
    "one that was not available, and nobody asks again": (
        "UPDATE common_outboxmessage SET status = 'done' WHERE task = 'payouts.tasks.ask_bank_again'", {SEEN_TO},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_each_break_is_found_under_its_rule_and_under_no_other(shop: None, name: str) -> None:
    statement, rules = PLANTS[name]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount, "nothing to break"
        cursor.execute("SET LOCAL session_replication_role = origin")
    named = found()
    assert set(named) == rules
    assert all(subject and detail for rows in named.values() for subject, detail in rows)
