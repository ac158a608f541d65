"""Refunds asked back, made wrong behind the triggers' back: each break is found under its rule and under no other."""

import pytest
from django.db import connection, transaction

from common.clock import now as clock_now
from orders.contracts.refund import GoodwillWish, Items, LineWish, ShippingWish
from orders.models import Recall
from orders.services import withdraw_recall
from reconciliation.selectors import local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.recalls import agreed, asked_back, paid_back, refunded
from tests.orders.refunds import lines_of, paid, parts_of
from tests.orders.shop import three_artisans
from tests.orders.test_refunds import EUR
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

ADDS_UP = "a request to pay back is split into exactly its amount"
WITHIN = "no more of a refund is asked back than it gave, from nobody and to nobody"
HAS_IT = "nobody is asked for a refund that they do not have"
CONSENT = "nothing is charged for a refund that came in error without consent"
PAID_ONCE = "a request is paid when one order of it is, and only then"
GIVES = "an order that pays a refund back gives everybody what is asked back for them"
BOOKED = "what pays a refund back comes back in the books as it was asked"
PAID = "(SELECT id FROM orders_recall WHERE status = 'paid')"
ASKED = "(SELECT id FROM orders_recall WHERE status = 'asked')"
ROW = (
    "(SELECT min(a.id) FROM orders_recallallocation a JOIN orders_refundallocation f ON f.id = a.refund_allocation_id"
    f" WHERE f.part = 'goods' AND a.recall_id = {PAID})"
)


@pytest.fixture
def recall(stripe: Wire, run_outbox: RunOutbox) -> Recall:
    """Of one refund a part is paid back, another is agreed to and not paid; before that all of it was withdrawn."""
    order = paid(stripe, three_artisans())
    wish = Items(
        lines=[LineWish(lines_of(order)[0].id, quantity=1)],
        shipping=[ShippingWish(parts_of(order)[1].public_id, EUR(250))],
        goodwill=[GoodwillWish(EUR(200))],
    )
    refund = refunded(order, run_outbox, wish)
    withdraw_recall(recall_id=asked_back(refund).id, now=clock_now())
    made = asked_back(refund, 2000)
    paid_back(stripe, made)
    agreed(asked_back(refund, 900))
    assert [str(finding) for finding in local_findings()] == []
    return made


PLANTS = {
    "a row that is gone": (f"UPDATE orders_recall SET amount_minor = amount_minor + 1 WHERE id = {ASKED}", {ADDS_UP}),
    "the same money asked for twice": (
        "UPDATE orders_recall SET status = 'asked' WHERE status = 'withdrawn'", {WITHIN},
    ),
    "a request for a refund that came back": (
        "UPDATE orders_recall SET refund_reference = 'ref_none'", {HAS_IT},
    ),
    "a consent that is gone": (
        f"DELETE FROM orders_recallconsent WHERE recall_id = {ASKED}", {CONSENT},
    ),
    "a payment that was made before the consent": (
        f"UPDATE orders_recallconsent SET agreed_at = now() + interval '1 day' WHERE recall_id = {PAID}", {CONSENT},
    ),
    "a request that says that it is not paid": (
        f"UPDATE orders_recall SET status = 'declined' WHERE id = {PAID}", {PAID_ONCE},
    ),
    "an artisan who gets another's share": (
        f"UPDATE orders_recallallocation SET share_minor = share_minor + CASE WHEN id = {ROW} THEN -1 ELSE 1 END,"
        f" amount_minor = amount_minor + CASE WHEN id = {ROW} THEN -1 ELSE 1 END"
        f" WHERE recall_id = {PAID} AND share_minor > 0",
        {GIVES},
    ),
    "goodwill that is not in the books": (
        f"WITH less AS (UPDATE orders_recallallocation SET platform_minor = platform_minor - 1,"
        f" amount_minor = amount_minor - 1 WHERE recall_id = {PAID} AND share_minor = 0 RETURNING 1)"
        f" UPDATE orders_recall SET amount_minor = amount_minor - (SELECT count(*) FROM less) WHERE id = {PAID}",
        {BOOKED},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_each_break_is_found_under_its_rule_and_under_no_other(recall: Recall, name: str) -> None:
    statement, rules = PLANTS[name]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount, "nothing to break"
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert {finding.rule for finding in local_findings()} == rules
