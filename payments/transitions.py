"""The state graphs of payments, refunds and disputes: every edge is (from, event) -> to, and there are no others."""

from payments.enums import DisputeStatus as D
from payments.enums import MethodStatus as M
from payments.enums import PaymentStatus as P
from payments.enums import RefundStatus as R

PAYMENT_TRANSITIONS: dict[tuple[P, str], P] = {
    (P.CREATED, "accepted"): P.REQUIRES_PAYMENT_METHOD,
    (P.CREATED, "refused"): P.FAILED,
    (P.CREATED, "answer_lost"): P.UNKNOWN,
    # A webhook may overtake the answer to our own request, by any distance.
    (P.CREATED, "authentication_required"): P.REQUIRES_ACTION,
    (P.CREATED, "processing_started"): P.PROCESSING,
    (P.CREATED, "approved"): P.APPROVED,
    (P.CREATED, "authorized"): P.AUTHORIZED,
    (P.CREATED, "captured"): P.SUCCEEDED,
    (P.CREATED, "voided"): P.CANCELED,
    (P.UNKNOWN, "accepted"): P.REQUIRES_PAYMENT_METHOD,
    (P.UNKNOWN, "refused"): P.FAILED,
    (P.UNKNOWN, "authentication_required"): P.REQUIRES_ACTION,
    (P.UNKNOWN, "processing_started"): P.PROCESSING,
    (P.UNKNOWN, "approved"): P.APPROVED,
    (P.UNKNOWN, "authorized"): P.AUTHORIZED,
    (P.UNKNOWN, "captured"): P.SUCCEEDED,
    (P.UNKNOWN, "voided"): P.CANCELED,
    (P.REQUIRES_PAYMENT_METHOD, "authentication_required"): P.REQUIRES_ACTION,
    (P.REQUIRES_PAYMENT_METHOD, "processing_started"): P.PROCESSING,
    (P.REQUIRES_PAYMENT_METHOD, "approved"): P.APPROVED,
    (P.REQUIRES_PAYMENT_METHOD, "authorized"): P.AUTHORIZED,
    (P.REQUIRES_PAYMENT_METHOD, "captured"): P.SUCCEEDED,
    (P.REQUIRES_PAYMENT_METHOD, "voided"): P.CANCELED,
    (P.REQUIRES_ACTION, "declined"): P.REQUIRES_PAYMENT_METHOD,
    (P.REQUIRES_ACTION, "processing_started"): P.PROCESSING,
    (P.REQUIRES_ACTION, "approved"): P.APPROVED,
    (P.REQUIRES_ACTION, "authorized"): P.AUTHORIZED,
    (P.REQUIRES_ACTION, "captured"): P.SUCCEEDED,
    (P.REQUIRES_ACTION, "voided"): P.CANCELED,
    (P.PROCESSING, "declined"): P.REQUIRES_PAYMENT_METHOD,
    (P.PROCESSING, "authentication_required"): P.REQUIRES_ACTION,
    (P.PROCESSING, "approved"): P.APPROVED,
    (P.PROCESSING, "authorized"): P.AUTHORIZED,
    (P.PROCESSING, "captured"): P.SUCCEEDED,
    (P.PROCESSING, "voided"): P.CANCELED,
    # PayPal: the buyer has agreed, and it is for us to take the money, or to reserve it.
    (P.APPROVED, "authorized"): P.AUTHORIZED,
    (P.APPROVED, "captured"): P.SUCCEEDED,
    (P.APPROVED, "processing_started"): P.PROCESSING,
    (P.APPROVED, "authentication_required"): P.REQUIRES_ACTION,
    # The instrument that the buyer chose was declined: another one can be chosen.
    (P.APPROVED, "declined"): P.REQUIRES_PAYMENT_METHOD,
    (P.APPROVED, "voided"): P.CANCELED,
    (P.AUTHORIZED, "captured"): P.SUCCEEDED,
    (P.AUTHORIZED, "processing_started"): P.PROCESSING,
    # Let go: by us, or by the processor when its time was over.
    (P.AUTHORIZED, "voided"): P.CANCELED,
    # Over as far as we knew (refused, taken for never made, called off while our own request to take it was on its
    # way), yet money was taken: it must be booked and returned. Or it is being taken, or reserved: then the payment is
    # asked after again, or let go again, instead of lying at the processor unseen.
    (P.CANCELED, "captured"): P.SUCCEEDED,
    (P.CANCELED, "processing_started"): P.PROCESSING,
    (P.CANCELED, "authorized"): P.AUTHORIZED,
    (P.FAILED, "captured"): P.SUCCEEDED,
    (P.FAILED, "processing_started"): P.PROCESSING,
    (P.FAILED, "authorized"): P.AUTHORIZED,
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
    # Sent once more; the buyer is owed it still, and nobody is debited again.
    (R.FAILED, "resent"): R.REQUESTED,
    # Staff have paid a late payment back in another way.
    (R.FAILED, "paid_otherwise"): R.SUCCEEDED,
}

DISPUTE_TRANSITIONS: dict[tuple[D, str], D] = {
    (D.INQUIRY_NEEDS_RESPONSE, "submitted"): D.INQUIRY_UNDER_REVIEW,
    (D.INQUIRY_NEEDS_RESPONSE, "inquiry_closed"): D.INQUIRY_CLOSED,
    (D.INQUIRY_NEEDS_RESPONSE, "escalated"): D.NEEDS_RESPONSE,
    (D.INQUIRY_NEEDS_RESPONSE, "won"): D.WON,
    (D.INQUIRY_NEEDS_RESPONSE, "lost"): D.LOST,
    (D.INQUIRY_UNDER_REVIEW, "inquiry_closed"): D.INQUIRY_CLOSED,
    (D.INQUIRY_UNDER_REVIEW, "escalated"): D.NEEDS_RESPONSE,
    (D.INQUIRY_UNDER_REVIEW, "escalated_answered"): D.UNDER_REVIEW,
    (D.INQUIRY_UNDER_REVIEW, "won"): D.WON,
    (D.INQUIRY_UNDER_REVIEW, "lost"): D.LOST,
    (D.NEEDS_RESPONSE, "submitted"): D.UNDER_REVIEW,
    (D.NEEDS_RESPONSE, "won"): D.WON,
    (D.NEEDS_RESPONSE, "lost"): D.LOST,
    (D.UNDER_REVIEW, "won"): D.WON,
    (D.UNDER_REVIEW, "lost"): D.LOST,
    # Networks have second rounds; a decision can turn.
    (D.WON, "reopened"): D.NEEDS_RESPONSE,
    (D.WON, "lost"): D.LOST,
    (D.LOST, "won"): D.WON,
}

METHOD_TRANSITIONS: dict[tuple[M, str], M] = {
    (M.ACTIVE, "expired"): M.EXPIRED,
    (M.EXPIRED, "renewed"): M.ACTIVE,
    (M.ACTIVE, "removed"): M.REMOVED,
    (M.EXPIRED, "removed"): M.REMOVED,
    # Gone at the processor, by whomever: removed there, the account closed, PayPal's permission withdrawn.
    (M.ACTIVE, "detached"): M.DETACHED,
    (M.EXPIRED, "detached"): M.DETACHED,
}


def payment_event(current: P, found: P) -> str | None:
    """The event that leads from our status to the one found at the processor; None when nothing is to be done.

    A finding that is older than what we know (no edge leads there) is ignored: terminal statuses stay, except that
    money taken, on its way or reserved is never ignored. What looks like that in a finding that came late is put right
    by the look-up that follows.
    """
    for (source, event), target in PAYMENT_TRANSITIONS.items():
        if source == current and target == found and event not in ("refused", "answer_lost"):
            return event
    return None


def refund_event(current: R, found: R) -> str | None:
    """As `payment_event`, for refunds."""
    for (source, event), target in REFUND_TRANSITIONS.items():
        if source == current and target == found and event not in ("answer_lost", "resent", "paid_otherwise"):
            return event
    return None


def dispute_event(current: D, found: D) -> str | None:
    """As `payment_event`, for disputes."""
    for (source, event), target in DISPUTE_TRANSITIONS.items():
        if source == current and target == found:
            return event
    return None
