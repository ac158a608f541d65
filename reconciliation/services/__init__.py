"""Compares the books with the world outside."""

from reconciliation.services.clearing import compare_clearing

__all__ = ["compare_clearing"]
