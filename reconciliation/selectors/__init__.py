"""Every invariant of the money, recomputed from raw rows. Nothing here uses the code that wrote them.

A rule is one entry in the `RULES` of the file of its subject.
"""

from reconciliation.selectors.clearing import OpenWork, clearing_balances, clearing_findings, open_work
from reconciliation.selectors.local import RULES, anchor_findings, local_findings

__all__ = [
    "RULES",
    "OpenWork",
    "anchor_findings",
    "clearing_balances",
    "clearing_findings",
    "local_findings",
    "open_work",
]
