"""What is on the books of PayPal's half, for comparing with somebody else's."""

from collections.abc import Callable
from typing import Any

from sandbox.paypal import authorizations, balance, captures, disputes, funding, orders, reporting, vault
from sandbox.paypal.work import Work
from sandbox.store import Document

# Settings of the control API, with their defaults.
SETTINGS = {
    "paypal_pending_seconds": float(funding.PENDING_SECONDS),
    "paypal_vault_seconds": float(funding.PENDING_SECONDS),
    "paypal_vault_is_told": 1.0,
    "paypal_most_results": float(reporting.MOST_RESULTS),
}


def summary(work: Work) -> dict[str, Any]:
    """Every object, and balances in minor units."""

    def of(kind: str, view: Callable[[Work, Document], Document]) -> list[Document]:
        return [view(work, item) for item in work.store.select(kind, account=None, newest_first=False)]

    return {
        "orders": of("paypal_order", orders.represented),
        "authorizations": of("paypal_authorization", authorizations.whole),
        "captures": of("paypal_capture", captures.whole),
        "refunds": of("paypal_refund", captures.whole_refund),
        "disputes": of("paypal_dispute", disputes.whole),
        "payment_tokens": [
            vault.whole(work, item)
            for item in work.store.select("paypal_payment_token", account=None, newest_first=False)
            if not item["_"]["deleted"]
        ],
        "balances": {
            currency: {"total": totals.total, "available": totals.available, "withheld": totals.withheld}
            for currency, totals in balance.totals(work).items()
        },
    }
