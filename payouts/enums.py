"""The words of payouts."""

from django.db import models


class PayableStatus(models.TextChoices):
    HELD = "held", "held until the hold period is over"
    RELEASED = "released", "released, to be transferred"
    TRANSFERRING = "transferring", "being transferred"
    TRANSFERRED = "transferred", "transferred to the artisan"
    CANCELED = "canceled", "canceled, nothing of it is left to be paid"


class PayableEdge(models.TextChoices):
    """What happened to a payable; the history names each change of its status or of what is left of it by it."""

    HOLD_OVER = "hold_over", "the hold period was over"
    RELEASED_EARLY = "released_early", "released early by staff"
    DEBITED = "debited", "part of it was taken for a refund or a dispute"
    DEBITED_WHOLE = "debited_whole", "the rest of it was taken for a refund or a dispute"
    CREDITED = "credited", "what had been taken was given back"
    RECOVERED = "recovered", "part of it was kept for what the artisan owes us"
    RECOVERED_WHOLE = "recovered_whole", "the rest of it was kept for what the artisan owes us"
    TRANSFER_REQUESTED = "transfer_requested", "a transfer was requested"
    TRANSFER_SUCCEEDED = "transfer_succeeded", "the transfer was carried out"
    TRANSFER_FAILED = "transfer_failed", "the transfer was refused"
    SALE_UNDONE = "sale_undone", "the sale was undone"


class TransferStatus(models.TextChoices):
    REQUESTED = "requested", "requested"
    SUCCEEDED = "succeeded", "carried out"
    FAILED = "failed", "refused, nothing was moved"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


class TransferEdge(models.TextChoices):
    """Why a transfer changed its status."""

    ANSWER_LOST = "answer_lost", "the processor's answer was lost"
    CARRIED_OUT = "carried_out", "the processor carried it out"
    REFUSED = "refused", "the processor refused it"
    REQUESTED_AGAIN = "requested_again", "requested again after a refusal"


class ReversalStatus(models.TextChoices):
    REQUESTED = "requested", "requested"
    SUCCEEDED = "succeeded", "carried out, the amount came back"
    FAILED = "failed", "refused, nothing came back"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


class ReversalEdge(models.TextChoices):
    """Why a transfer reversal changed its status."""

    ANSWER_LOST = "answer_lost", "the processor's answer was lost"
    CARRIED_OUT = "carried_out", "the processor carried it out"
    REFUSED = "refused", "the processor refused it"
    FOUND_AFTER_REFUSAL = "found_after_refusal", "found at the processor after a refusal"
