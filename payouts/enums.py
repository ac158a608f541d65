"""The words of payouts."""

from django.db import models


class PayableStatus(models.TextChoices):
    HELD = "held", "held until the hold period is over"
    RELEASED = "released", "released, to be transferred"
    TRANSFERRING = "transferring", "being transferred"
    TRANSFERRED = "transferred", "transferred to the artisan"
    CANCELED = "canceled", "canceled, the sale was undone"


class PayableEdge(models.TextChoices):
    """Why a payable changed its status; the history names each change by it."""

    HOLD_OVER = "hold_over", "the hold period was over"
    RELEASED_EARLY = "released_early", "released early by staff"
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
