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

    PART_SHIPPED = "part_shipped", "the goods were sent, the end of the hold is known"
    PART_DELIVERED = "part_delivered", "the goods have arrived, the hold ends sooner"
    HOLD_OVER = "hold_over", "the hold period was over"
    RELEASED_EARLY = "released_early", "released early by staff"
    DEBITED = "debited", "part of it was taken for a refund or a dispute"
    DEBITED_WHOLE = "debited_whole", "the rest of it was taken for a refund or a dispute"
    CREDITED = "credited", "what had been taken was given back"
    RECOVERED = "recovered", "part of it was kept for what the artisan owes us"
    RECOVERED_WHOLE = "recovered_whole", "the rest of it was kept for what the artisan owes us"
    RESERVED = "reserved", "part of it was kept as a reserve"
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
    REQUESTED_AGAIN = "requested_again", "taken up again: it was found after a refusal"


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


class PayoutSchedule(models.TextChoices):
    DAILY = "daily", "every day"
    WEEKLY = "weekly", "once a week"
    MONTHLY = "monthly", "once a month"
    MANUAL = "manual", "when the artisan or staff ask for it"


class PolicyEventKind(models.TextChoices):
    """What happened to how an artisan is paid, or everybody."""

    CHANGED = "changed", "a value was changed"
    PAUSED = "paused", "payouts were paused"
    RESUMED = "resumed", "payouts go on"


class NotPaid(models.TextChoices):
    """Why nothing is paid to an artisan at this moment, in the order in which it is looked at."""

    ALL_PAUSED = "all_paused", "payouts to everybody are paused"
    PAUSED = "paused", "payouts to this artisan are paused"
    NO_ACCOUNT = "no_account", "there is no account at the processor yet"
    REQUIREMENTS_DUE = "requirements_due", "the account at the processor can't receive money yet"
    NOTHING_RELEASED = "nothing_released", "nothing is released yet"
    BELOW_MINIMUM = "below_minimum", "what is released is less than the smallest payout"
    REFUSED = "refused", "the last transfer was refused, it is tried again"
    WAITS_FOR_DATE = "waits_for_date", "the next payout is on a later day"
    WAITS_FOR_REQUEST = "waits_for_request", "payouts are made when they are asked for"


class ReserveStatus(models.TextChoices):
    HELD = "held", "kept back"
    RELEASED = "released", "given back to what is due to the artisan"


class ReserveReason(models.TextChoices):
    """Why a reserve, or a part of it, was given back."""

    TIME_OVER = "time_over", "its time was over"
    DEBT = "debt", "the artisan owed us, and it was kept for that"
    STAFF = "staff", "staff ended it"


class RunKind(models.TextChoices):
    SCHEDULED = "scheduled", "by the schedules"
    CLOSING = "closing", "by the schedules, what was released later on their day"
    ON_DEMAND = "on_demand", "asked for"


class RunStatus(models.TextChoices):
    RUNNING = "running", "running"
    PARTIAL = "partial", "stopped, goes on when it is resumed"
    DONE = "done", "done"


class RunEdge(models.TextChoices):
    FINISHED = "finished", "everybody who was due had their turn"
    OUT_OF_FUNDS = "out_of_funds", "the platform's balance was too low"
    STOPPED = "stopped", "payouts were paused"
    RESUMED = "resumed", "it was resumed"


class PayoutStatus(models.TextChoices):
    REQUESTED = "requested", "being transferred"
    REFUSED = "refused", "its transfer was refused, nothing was moved"
    TRANSFERRED = "transferred", "in the artisan's account at the processor"
    ON_ITS_WAY = "on_its_way", "on its way to the artisan's bank"
    PAID = "paid", "paid to the artisan's bank"
    BANK_FAILED = "bank_failed", "the bank did not take it; it is in the artisan's account at the processor"
    BROUGHT_BACK = "brought_back", "all of it was brought back before it reached a bank"


class PayoutEdge(models.TextChoices):
    TRANSFER_REFUSED = "transfer_refused", "the transfer was refused"
    TRANSFER_SUCCEEDED = "transfer_succeeded", "the transfer was carried out"
    FOUND_AFTER_REFUSAL = "found_after_refusal", "it was found at the processor after a refusal"
    BANK_REQUESTED = "bank_requested", "the payout to the bank was requested"
    BANK_PAID = "bank_paid", "the processor paid the bank"
    BANK_REFUSED = "bank_refused", "the bank or the processor refused it"
    BROUGHT_BACK = "brought_back", "all of it was brought back"


class BankPayoutStatus(models.TextChoices):
    REQUESTED = "requested", "requested"
    UNKNOWN = "unknown", "outcome unknown, being looked up"
    PENDING = "pending", "accepted, on its way to the bank"
    PAID = "paid", "paid"
    FAILED = "failed", "failed, the money stayed in or came back to the artisan's account at the processor"
    CANCELED = "canceled", "canceled at the processor"


class BankPayoutEdge(models.TextChoices):
    ACCEPTED = "accepted", "the processor accepted it"
    ANSWER_LOST = "answer_lost", "the processor's answer was lost"
    REFUSED = "refused", "the processor refused it"
    PAID = "paid", "the processor reported it paid"
    FAILED = "failed", "the bank sent it back"
    CANCELED = "canceled", "it was canceled"
    FOUND_AFTER_REFUSAL = "found_after_refusal", "it was found at the processor after a refusal"


class RepaymentStatus(models.TextChoices):
    RECORDED = "recorded", "recorded"
    UNDONE = "undone", "undone: it was recorded by mistake"


class RepaymentEdge(models.TextChoices):
    """What became of an artisan's bank transfer to us after it was recorded."""

    UNDONE = "undone", "it had been recorded by mistake"


class ApplicationStatus(models.TextChoices):
    WAITING = "waiting", "waiting for our answer"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "not approved"
    WITHDRAWN = "withdrawn", "withdrawn"


class ApplicationEdge(models.TextChoices):
    """What became of an application to sell."""

    APPROVED = "approved", "it was approved"
    REJECTED = "rejected", "it was not approved"
    WITHDRAWN = "withdrawn", "the applicant withdrew it"


class AccountState(models.TextChoices):
    """Where an artisan stands with the processor that pays them; the words are for the artisan."""

    NOT_STARTED = "not_started", "not begun"
    INCOMPLETE = "incomplete", "begun, not finished"
    PENDING_VERIFICATION = "pending_verification", "being checked"
    REQUIREMENTS_DUE = "requirements_due", "something is asked for"
    PAST_DUE = "past_due", "something is overdue"
    RESTRICTED = "restricted", "held by the payment processor"
    ENABLED = "enabled", "all set"
    REJECTED = "rejected", "closed by the payment processor"
    DEAUTHORIZED = "deauthorized", "disconnected"


# Where artisans can be paid: a platform in the European Economic Area can transfer to accounts there, in the United
# Kingdom, in Switzerland and in the United States. https://docs.stripe.com/connect/cross-border-payouts
SELLER_COUNTRIES = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "HR": "Croatia", "CY": "Cyprus", "CZ": "Czechia",
    "DK": "Denmark", "EE": "Estonia", "FI": "Finland", "FR": "France", "DE": "Germany", "GR": "Greece",
    "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "LV": "Latvia", "LI": "Liechtenstein", "LT": "Lithuania",
    "LU": "Luxembourg", "MT": "Malta", "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal",
    "RO": "Romania", "SK": "Slovakia", "SI": "Slovenia", "ES": "Spain", "SE": "Sweden", "CH": "Switzerland",
    "GB": "United Kingdom", "US": "United States",
}  # fmt: skip
_CURRENCIES_OF = {"GB": ("GBP", "EUR"), "US": ("USD",)}


def payable_currencies(country: str) -> tuple[str, ...]:
    """The currencies of which a bank account of that country can be paid without being changed into another."""
    return _CURRENCIES_OF.get(country, ("EUR",))
