"""Disputes: news of them, what they do to shares and books, and our answer."""

from orders.services.disputes.answer import accept_dispute, send_answer, submit_evidence
from orders.services.disputes.evidence import attach_as_artisan, attach_file, remove_file, save_draft
from orders.services.disputes.look_after import look_after_disputes
from orders.services.disputes.settle import DisputeWaits, settle_dispute

__all__ = [
    "DisputeWaits",
    "accept_dispute",
    "attach_as_artisan",
    "attach_file",
    "look_after_disputes",
    "remove_file",
    "save_draft",
    "send_answer",
    "settle_dispute",
    "submit_evidence",
]
