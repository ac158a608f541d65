"""`ledger_check` finds every way in which the money can be wrong: each is made to happen behind the triggers' back."""

from io import StringIO

import pytest
import requests
from django.core.management import call_command
from django.db import connection

from common import audit
from common.clock import now as clock_now
from orders.models import Order
from orders.services import settle_order
from reconciliation.selectors import _RULES, clearing_findings, local_findings
from tests.orders.shop import check_out, confirm, three_artisans
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def sold(stripe: Wire) -> Order:
    """One paid order of three artisans, everything sealed and in order, beside one that waits for its payment."""
    order = check_out(three_artisans())
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    check_out(three_artisans())
    audit.seal()
    assert [str(finding) for finding in local_findings()] == []
    order.refresh_from_db()
    return order


def _tamper(statement: str) -> None:
    """As somebody could who has the database to themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


ORDER = "(SELECT min(id) FROM orders_order)"
PART = "(SELECT min(id) FROM orders_sellerorder)"
LINE = "(SELECT min(id) FROM orders_orderline)"
OFFENCES = {
    "a capture of another amount": (
        "UPDATE payments_capture SET amount_minor = amount_minor + 1",
        {
            "a capture is booked exactly once, with its own amount",
            "a paid order has exactly one capture, of its total",
            "the splits of a sale equal its capture",
        },
    ),
    "a capture that is gone": (
        "DELETE FROM payments_capture",
        {"a paid order has exactly one capture, of its total"},
    ),
    "an unpaid order with a capture": (
        f"UPDATE orders_order SET status = 'expired' WHERE id = {ORDER}",
        {
            "a paid order has exactly one capture, of its total",
            "each part of a paid order is owed to its artisan exactly once",
        },
    ),
    "a part that is more than its lines": (
        f"UPDATE orders_sellerorder SET goods_minor = goods_minor + 1, share_minor = share_minor + 1 WHERE id = {PART}",
        {
            "an order's parts add up to it",
            "a part's lines add up to it",
            "the splits of a sale equal its capture",
            "each part of a paid order is owed to its artisan exactly once",
        },
    ),
    "commission that the line does not have": (
        f"UPDATE orders_orderline SET commission_minor = commission_minor + 1 WHERE id = {LINE}",
        {"a part's lines add up to it"},
    ),
    "a payable of another amount": (
        "UPDATE payouts_payable SET amount_minor = amount_minor - 1 WHERE id = (SELECT min(id) FROM payouts_payable)",
        {"each part of a paid order is owed to its artisan exactly once"},
    ),
    "a fee that was not booked so": (
        "UPDATE payments_capture SET fee_minor = fee_minor + 1",
        {"the processor's fee of a capture is booked once it is known"},
    ),
    "stock promised to nobody": (
        "UPDATE catalog_product SET stock_reserved = stock_reserved + 1"
        " WHERE id = (SELECT min(id) FROM catalog_product)",
        {"promised stock equals the reservations that are held"},
    ),
    "a posting that was changed": ("UPDATE ledger_posting SET amount_minor = amount_minor + 1", {"ledger"}),
    "an audit row that was changed": ("UPDATE common_auditrecord SET amount_minor = 1", {"audit chain"}),
}


@pytest.mark.parametrize("name", OFFENCES)
def test_each_offence_is_found_under_its_rule_and_named(sold: Order, name: str) -> None:
    statement, rules = OFFENCES[name]
    _tamper(statement)
    found = list(local_findings())
    assert rules <= {finding.rule for finding in found}
    assert all(finding.subject and finding.detail for finding in found)
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("ledger_check", "--local", stdout=StringIO(), stderr=errors)
    assert ended.value.code == 1
    assert all(rule in errors.getvalue() for rule in rules)


def test_every_rule_has_an_offence_that_shows_it() -> None:
    assert set(_RULES) <= {rule for _, rules in OFFENCES.values() for rule in rules}


def test_books_in_order_say_so_and_agree_with_the_processor(sold: Order, stripe: Wire) -> None:
    told = StringIO()
    call_command("ledger_check", stdout=told, stderr=told)
    assert "every invariant holds" in told.getvalue()


def test_a_balance_that_differs_from_the_processor_s_is_named_in_figures(sold: Order, stripe: Wire) -> None:
    theirs = stripe.platform_balance()
    assert list(clearing_findings(processor="stripe", their_balances=theirs)) == []
    for wrong in ({**theirs, "EUR": theirs["EUR"] + 1}, {}, {**theirs, "USD": 5}):
        [finding] = clearing_findings(processor="stripe", their_balances=wrong)
        assert finding.rule == "clearing equals the processor's balance"
        assert str(wrong.get("USD") or wrong.get("EUR", 0)) in finding.detail
    _other_charge(stripe)
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("ledger_check", stdout=StringIO(), stderr=errors)
    assert "clearing equals the processor's balance" in errors.getvalue()


def _other_charge(stripe: Wire) -> None:
    """Money that reached our account without us."""
    auth = ("sk_test_sandbox", "")
    body = {
        "amount": 700,
        "currency": "eur",
        "confirm": "true",
        "payment_method": "pm_card_visa",
        "return_url": "http://x.example",
        "automatic_payment_methods[enabled]": "true",
    }
    headers = {"Idempotency-Key": "somebody-elses-charge"}
    made = requests.post(f"{stripe.url}/v1/payment_intents", data=body, auth=auth, headers=headers, timeout=10)
    made.raise_for_status()


def test_a_processor_that_can_t_be_asked_is_a_finding_and_not_a_pass(sold: Order, stripe: Wire) -> None:
    stripe.fault("reset", "^/v1/balance$", method="GET")
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("ledger_check", stdout=StringIO(), stderr=errors)
    assert "could not be asked" in errors.getvalue()
