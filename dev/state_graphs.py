"""Draws the state graphs into ARCHITECTURE.md from the tables that the code asks: `python -m dev.state_graphs`.

A test compares the page with the tables, so that the drawing can't say something else than the code.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev.checks import SETTINGS_FOR_STATIC_CHECKS
from dev.provision.paths import ROOT

PAGE = ROOT / "ARCHITECTURE.md"
_BEGIN, _END = "<!-- state graphs: begin -->", "<!-- state graphs: end -->"


def drawn() -> str:
    """All graphs as Mermaid, one heading each. Django must be set up."""
    from orders.transitions import FULFILMENT_TRANSITIONS, ORDER_TRANSITIONS, RECALL_TRANSITIONS
    from payments.transitions import DISPUTE_TRANSITIONS, METHOD_TRANSITIONS, PAYMENT_TRANSITIONS, REFUND_TRANSITIONS
    from payouts import transitions as payouts
    from reconciliation import transitions as reconciliation
    from webhooks.transitions import TRANSITIONS as WEBHOOK_TRANSITIONS

    graphs: dict[str, Mapping[Any, Any]] = {
        "Order": ORDER_TRANSITIONS,
        "Artisan's part of an order": FULFILMENT_TRANSITIONS,
        "Payment": PAYMENT_TRANSITIONS,
        "Refund": REFUND_TRANSITIONS,
        "Refund asked back": RECALL_TRANSITIONS,
        "Dispute": DISPUTE_TRANSITIONS,
        "Saved way to pay": METHOD_TRANSITIONS,
        "Application to sell": payouts.APPLICATION_TRANSITIONS,
        "Payable": payouts.PAYABLE_TRANSITIONS,
        "Transfer": payouts.TRANSFER_TRANSITIONS,
        "Transfer reversal": payouts.REVERSAL_TRANSITIONS,
        "Repayment of a debt": payouts.REPAYMENT_TRANSITIONS,
        "Payout run": payouts.RUN_TRANSITIONS,
        "Payout": payouts.PAYOUT_TRANSITIONS,
        "Payout to a bank": payouts.BANK_PAYOUT_TRANSITIONS,
        "Webhook event": WEBHOOK_TRANSITIONS,
        "Reconciliation run": reconciliation.RUN_TRANSITIONS,
        "Difference found by reconciliation": reconciliation.EXCEPTION_TRANSITIONS,
        "Journal proposed for a difference": reconciliation.PROPOSAL_TRANSITIONS,
        "Payout to our own bank": reconciliation.PAYOUT_TRANSITIONS,
    }
    return "\n".join(f"### {name}\n\n{_graph(table)}\n" for name, table in graphs.items())


def _graph(table: Mapping[Any, Any]) -> str:
    """Edges between the same two states share one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (source, event), target in table.items():
        arrows.setdefault((str(source), str(target)), []).append(str(event).replace("_", " "))
    lines = [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def with_graphs(page: str, graphs: str) -> str:
    """The page with the part between the two marks replaced."""
    head, rest = page.split(_BEGIN)
    tail = rest.split(_END)[1]
    return f"{head}{_BEGIN}\n\n{graphs}\n{_END}{tail}"


def main() -> int:
    os.environ.update({**SETTINGS_FOR_STATIC_CHECKS, "DJANGO_SETTINGS_MODULE": "artisans_hub.settings"})
    import django

    django.setup()
    text = Path(PAGE).read_text()
    Path(PAGE).write_text(with_graphs(text, drawn()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
