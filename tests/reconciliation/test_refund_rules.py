"""Refunds of sales, made wrong behind the triggers' back: each break is found under its rule and under no other."""

import pytest
from django.db import connection, transaction

from common.clock import now as clock_now
from orders.contracts.refund import GoodwillWish, Items, LineWish, ShippingWish
from orders.models import Order
from orders.services import send_refund, settle_refund
from payments.models import Refund
from reconciliation.selectors import local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, lines_of, paid, parts_of
from tests.orders.shop import three_artisans
from tests.orders.test_refunds import EUR, REFUND_FAILS_LATER
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

SPLIT = "a refund of a sale is split into exactly its amount, and no other refund is"
COUNTED = "what counts against a capture is its refunds that were not given up"
WITHIN = "nothing is paid back beyond what was sold"
BOOKED = "a refund of a sale is taken in the books from whoever its split names"
TAKEN = "an artisan gives back for a refund what its split says"
IN_TRANSIT = "refunds in transit are those that were asked for and not given"
HAPPENED = "what is booked has happened"
GIVEN = "(SELECT public_id FROM payments_refund WHERE status = 'succeeded')"
OWED = "(SELECT public_id FROM payments_refund WHERE status = 'failed')"
GOODS = f"(SELECT min(id) FROM orders_refundallocation WHERE part = 'goods' AND refund_reference = {GIVEN})"


@pytest.fixture
def shop(stripe: Wire, run_outbox: RunOutbox) -> Order:
    """One refund of goods, shipping and goodwill that was given, one that came back, one that waits."""
    order = paid(stripe, three_artisans(), card=REFUND_FAILS_LATER)
    line, other = lines_of(order)[0].id, lines_of(order)[2].id
    bounced = ask(order, Items(lines=[LineWish(other, quantity=1)]))
    send_refund(refund_id=bounced.id, source="test", now=clock_now())
    bounced.refresh_from_db()
    stripe.advance(60)
    settle_refund(
        processor="stripe", processor_refund_id=str(bounced.processor_refund_id), source="test", now=clock_now()
    )
    given = ask(
        order,
        Items(
            lines=[LineWish(line, quantity=1)],
            shipping=[ShippingWish(parts_of(order)[1].public_id, EUR(250))],
            goodwill=[GoodwillWish(EUR(200))],
        ),
    )
    send_refund(refund_id=given.id, source="test", now=clock_now())
    ask(order, Items(lines=[LineWish(other, quantity=1)]))
    assert sorted(Refund.objects.values_list("status", flat=True)) == ["failed", "requested", "succeeded"]
    assert [str(finding) for finding in local_findings()] == []
    return order


PLANTS = {
    "a split that lacks a cent": (
        f"UPDATE orders_refundallocation SET amount_minor = amount_minor - 1, share_minor = share_minor - 1"
        f" WHERE id = {GOODS}",
        {SPLIT, BOOKED, TAKEN},
    ),
    "a split that is gone": (
        f"DELETE FROM orders_refundallocation WHERE refund_reference = {GIVEN}", {SPLIT},
    ),
    "a split of a payment that never was a sale": (
        f"UPDATE payments_refund SET reason = 'duplicate' WHERE public_id = {GIVEN}", {SPLIT},
    ),
    "a split that is given up though its refund is not": (
        f"UPDATE orders_refundallocation SET withdrawn_at = now() WHERE refund_reference = {GIVEN}", {SPLIT, TAKEN},
    ),
    "a refund that does not count": (
        "UPDATE payments_capture SET refunded_minor = refunded_minor - 1", {COUNTED},
    ),
    "more pieces than were sold": (
        f"UPDATE orders_refundallocation SET quantity = 3 WHERE id = {GOODS}", {WITHIN},
    ),
    "more shipping than was paid for": (
        "UPDATE orders_refundallocation SET part = 'shipping', line_id = NULL"
        f" WHERE id = {GOODS}", {WITHIN},
    ),
    "commission given back that is not in the books": (
        "UPDATE orders_refundallocation SET commission_minor = commission_minor - 1, platform_minor = 1"
        f" WHERE id = {GOODS}", {BOOKED},
    ),
    "a share that was not taken": (
        f"UPDATE payouts_sharedebit SET credited_minor = credited_minor + 1 WHERE id = (SELECT min(id)"
        f" FROM payouts_sharedebit WHERE reference = {GIVEN})",
        {TAKEN, "what was given back of a debit is the sum of its credits"},
    ),
    "a share that was taken for something else": (
        f"UPDATE payouts_sharedebit SET reference = 'ref_none' WHERE reference = {GIVEN}", {TAKEN},
    ),
    "a refund that came back and is not owed in the books": (
        f"UPDATE ledger_journalentry SET source_reference = 'refund_bounced:ref_none:1'"
        f" WHERE source_reference = 'refund_bounced:' || {OWED} || ':1'",
        {HAPPENED, "a refund is booked exactly once when it was given, with its own amount, and else not"},
    ),
    "one that is given up and still owed": (
        f"UPDATE payments_refund SET withdrawn_at = now() WHERE public_id = {OWED}", {SPLIT, COUNTED, IN_TRANSIT},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_each_break_is_found_under_its_rule_and_under_no_other(shop: Order, name: str) -> None:
    statement, rules = PLANTS[name]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount, "nothing to break"
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert {finding.rule for finding in local_findings()} == rules
