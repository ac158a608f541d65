"""The state graphs of payments and refunds: every edge is (from, event) -> to, and there are no others."""

from payments.enums import PaymentStatus as P
from payments.enums import RefundStatus as R

PAYMENT_TRANSITIONS: dict[tuple[P, str], P] = {
    (P.CREATED, "accepted"): P.REQUIRES_PAYMENT_METHOD,
    (P.CREATED, "refused"): P.FAILED,
    (P.CREATED, "answer_lost"): P.UNKNOWN,
    # A webhook may overtake the answer to our own request, by any distance.
    (P.CREATED, "authentication_required"): P.REQUIRES_ACTION,
    (P.CREATED, "processing_started"): P.PROCESSING,
    (P.CREATED, "captured"): P.SUCCEEDED,
    (P.CREATED, "voided"): P.CANCELED,
    (P.UNKNOWN, "accepted"): P.REQUIRES_PAYMENT_METHOD,
    (P.UNKNOWN, "refused"): P.FAILED,
    (P.UNKNOWN, "authentication_required"): P.REQUIRES_ACTION,
    (P.UNKNOWN, "processing_started"): P.PROCESSING,
    (P.UNKNOWN, "captured"): P.SUCCEEDED,
    (P.UNKNOWN, "voided"): P.CANCELED,
    (P.REQUIRES_PAYMENT_METHOD, "authentication_required"): P.REQUIRES_ACTION,
    (P.REQUIRES_PAYMENT_METHOD, "processing_started"): P.PROCESSING,
    (P.REQUIRES_PAYMENT_METHOD, "captured"): P.SUCCEEDED,
    (P.REQUIRES_PAYMENT_METHOD, "voided"): P.CANCELED,
    (P.REQUIRES_ACTION, "declined"): P.REQUIRES_PAYMENT_METHOD,
    (P.REQUIRES_ACTION, "processing_started"): P.PROCESSING,
    (P.REQUIRES_ACTION, "captured"): P.SUCCEEDED,
    (P.REQUIRES_ACTION, "voided"): P.CANCELED,
    (P.PROCESSING, "declined"): P.REQUIRES_PAYMENT_METHOD,
    (P.PROCESSING, "authentication_required"): P.REQUIRES_ACTION,
    (P.PROCESSING, "captured"): P.SUCCEEDED,
    (P.PROCESSING, "voided"): P.CANCELED,
    # Over as far as we knew (refused, or taken for never made), yet money was taken: it must be booked and returned.
    (P.CANCELED, "captured"): P.SUCCEEDED,
    (P.FAILED, "captured"): P.SUCCEEDED,
}

REFUND_TRANSITIONS: dict[tuple[R, str], R] = {
    (R.REQUESTED, "accepted"): R.PENDING,
    (R.REQUESTED, "paid_back"): R.SUCCEEDED,
    (R.REQUESTED, "refused"): R.FAILED,
    (R.REQUESTED, "answer_lost"): R.UNKNOWN,
    (R.UNKNOWN, "accepted"): R.PENDING,
    (R.UNKNOWN, "paid_back"): R.SUCCEEDED,
    (R.UNKNOWN, "refused"): R.FAILED,
    (R.PENDING, "paid_back"): R.SUCCEEDED,
    (R.PENDING, "bounced"): R.FAILED,
    # Stripe: a refund that succeeded can still fail days later when the bank sends the money back.
    (R.SUCCEEDED, "bounced"): R.FAILED,
}


def payment_event(current: P, found: P) -> str | None:
    """The event that leads from our status to the one found at the processor; None when nothing is to be done.

    A finding that is older than what we know (no edge leads there) is ignored: terminal statuses stay, except that
    money taken is never ignored.
    """
    for (source, event), target in PAYMENT_TRANSITIONS.items():
        if source == current and target == found and event not in ("refused", "answer_lost"):
            return event
    return None


def refund_event(current: R, found: R) -> str | None:
    """As `payment_event`, for refunds."""
    for (source, event), target in REFUND_TRANSITIONS.items():
        if source == current and target == found and event != "answer_lost":
            return event
    return None
