"""Reads the books for assertions, and compares them with the world."""

from ledger import selectors as ledger
from orders.models import Order
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.wire import Wire


def balances(*prefixes: str) -> dict[str, int]:
    """Every account that is not at zero, by its code; credit balances are negative."""
    found = {}
    for prefix in prefixes or ("",):
        for code, account in ledger.balances(code_prefix=prefix).items():
            if account.amount_minor:
                found[code] = account.amount_minor
    return found


def everything_agrees(stripe: Wire) -> None:
    """No invariant is broken, and our clearing accounts say what the processor's balance says."""
    assert [str(finding) for finding in local_findings()] == []
    findings = clearing_findings(processor="stripe", their_balances=stripe.platform_balance())
    assert [str(finding) for finding in findings] == []


def charged_once(stripe: Wire, order: Order) -> None:
    """Exactly one charge and one payment object at the processor, and the order paid."""
    order.refresh_from_db()
    assert order.status == "paid"
    [charge] = stripe.charges(order.public_id)
    assert (charge["amount"], charge["currency"].upper()) == (order.total_minor, order.currency)
    assert len(stripe.intents(order.public_id)) == 1
