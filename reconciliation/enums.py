"""The words of reconciliation."""

import enum

from django.db import models


class Source(models.TextChoices):
    """Whose statement a line is from."""

    STRIPE = "stripe", "Stripe"
    PAYPAL = "paypal", "PayPal"
    BANK = "bank", "our bank"


class RunStatus(models.TextChoices):
    RUNNING = "running", "running, or killed"
    COMPLETE = "complete", "complete"
    FAILED = "failed", "failed"


class RunEdge(models.TextChoices):
    COMPLETED = "completed"
    BROKE_OFF = "broke_off"
    TAKEN_UP = "taken_up"


class Difference(models.TextChoices):
    """How ours and theirs differ. docs/reconciliation.md says of each what to do."""

    MISSING_HERE = "missing_here", "missing here"
    MISSING_THERE = "missing_there", "missing there"
    AMOUNT = "amount", "another amount"
    CURRENCY = "currency", "another currency"
    DATE = "date", "another day"
    FEE = "fee", "another fee"
    DUPLICATE = "duplicate", "twice"


class ExceptionStatus(models.TextChoices):
    OPEN = "open", "open"
    EXPLAINED = "explained", "explained: both sides agree now"
    HEALED = "healed", "healed: it had only come late"
    POSTED = "posted", "posted by two of staff"
    DISMISSED = "dismissed", "dismissed"


class ExceptionEdge(models.TextChoices):
    FOUND = "found"
    CHANGED = "changed", "its figures changed"
    MATCHED = "matched", "a later run found both sides equal"
    SETTLED = "settled", "looked up at the processor and recorded"
    APPROVED = "approved", "a journal was approved and posted"
    SET_ASIDE = "set_aside", "dismissed with a reason"
    FOUND_AGAIN = "found_again", "its figures changed after it was dismissed"


class ProposalStatus(models.TextChoices):
    WAITING = "waiting", "waiting for a second person"
    APPROVED = "approved", "approved and posted"
    REJECTED = "rejected", "rejected"
    STALE = "stale", "out of date: the figures changed"


class ProposalEdge(models.TextChoices):
    APPROVED = "approved"
    REJECTED = "rejected"
    OUTDATED = "outdated"


class PayoutStatus(models.TextChoices):
    """A payout of our own money from a processor to our bank."""

    SENT = "sent", "on its way"
    PAID = "paid", "paid, says the processor"
    ARRIVED = "arrived", "on the bank's statement"
    FAILED = "failed", "came back"


class PayoutEdge(models.TextChoices):
    PAID = "paid", "the processor says that it arrived"
    ARRIVED = "arrived", "the bank's statement shows it"
    CAME_BACK = "came_back", "it came back to the processor"


class JournalName(enum.StrEnum):
    """The journals from which staff choose how a difference is booked."""

    SUSPENSE = "suspense_booked"
    PROCESSOR_FEE = "processor_fee"
    DISPUTE_FEE = "dispute_fee"
    TOP_UP = "top_up"
    PLATFORM_PAYOUT = "platform_payout_sent"

    @property
    def words(self) -> str:
        """What it says in the books, for staff."""
        return _JOURNAL_WORDS[self]


_JOURNAL_WORDS = {
    JournalName.SUSPENSE: "Not explained yet: kept in the suspense account",
    JournalName.PROCESSOR_FEE: "A fee of the processor",
    JournalName.DISPUTE_FEE: "A fee for a dispute",
    JournalName.TOP_UP: "Our own money, put into the account at the processor",
    JournalName.PLATFORM_PAYOUT: "Our own money, sent from the processor to our bank",
}
