"""Disputes: news of them, what they do to shares and books, and our answer."""

from orders.services.disputes.settle import DisputeWaits, settle_dispute

__all__ = ["DisputeWaits", "settle_dispute"]
