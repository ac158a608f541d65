"""The words of payments, the same for every processor."""

from django.db import models


class PaymentStatus(models.TextChoices):
    CREATED = "created", "created, not yet known to the processor"
    REQUIRES_PAYMENT_METHOD = "requires_payment_method", "waiting for a way to pay"
    REQUIRES_ACTION = "requires_action", "waiting for the buyer's bank"
    PROCESSING = "processing", "processing"
    SUCCEEDED = "succeeded", "paid"
    CANCELED = "canceled", "canceled"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


TERMINAL_PAYMENT_STATUSES = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED, PaymentStatus.FAILED})


class AttemptOutcome(models.TextChoices):
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", "requested"
    PENDING = "pending", "accepted by the processor"
    SUCCEEDED = "succeeded", "paid back"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


class RefundReason(models.TextChoices):
    SOLD_OUT = "sold_out", "paid after the order had expired and the goods were sold"
    AMOUNT_MISMATCH = "amount_mismatch", "the amount paid was not the amount quoted"
    DUPLICATE = "duplicate", "the order was paid already"


class RequestKind(models.TextChoices):
    CREATE_PAYMENT = "create_payment"
    CANCEL_PAYMENT = "cancel_payment"
    REFUND = "refund"
    TRANSFER = "transfer"
    CREATE_ACCOUNT = "create_account"


class RequestState(models.TextChoices):
    PREPARED = "prepared", "committed, perhaps being sent"
    SUCCEEDED = "succeeded", "carried out"
    FAILED = "failed", "refused by the processor, nothing happened"
    UNKNOWN = "unknown", "answer lost, being looked up"


class CheckResult(models.TextChoices):
    """Result of an address (AVS) or security code (CVC) check."""

    PASS = "pass"
    FAIL = "fail"
    UNAVAILABLE = "unavailable"
    UNCHECKED = "unchecked"
    NOT_PROVIDED = "", "not provided"
