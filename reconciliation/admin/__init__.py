"""Reconciliation in Django admin."""

from reconciliation.admin.exceptions import ReconciliationExceptionAdmin
from reconciliation.admin.rows import PlatformPayoutAdmin, ReconciliationRunAdmin, StatementLineAdmin

__all__ = ["PlatformPayoutAdmin", "ReconciliationExceptionAdmin", "ReconciliationRunAdmin", "StatementLineAdmin"]
