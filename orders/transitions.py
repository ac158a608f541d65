"""The life of an order and of its parts: every edge is (from, event) -> to, and there are no others."""

from common.errors import DomainError
from orders.enums import FulfilmentStatus as F
from orders.enums import OrderStatus as S
from orders.enums import RecallStatus as R

ORDER_TRANSITIONS: dict[tuple[S, str], S] = {
    (S.AWAITING_PAYMENT, "payment_processing"): S.PROCESSING,
    (S.AWAITING_PAYMENT, "authorized"): S.AUTHORIZED,
    (S.AWAITING_PAYMENT, "paid"): S.PAID,
    (S.AWAITING_PAYMENT, "expired"): S.EXPIRED,
    (S.AWAITING_PAYMENT, "canceled"): S.CANCELED,
    # Captured, but not what was quoted: it can't become a sale.
    (S.AWAITING_PAYMENT, "refund_due"): S.REFUNDING,
    (S.PROCESSING, "authorized"): S.AUTHORIZED,
    (S.PROCESSING, "paid"): S.PAID,
    (S.PROCESSING, "payment_failed"): S.AWAITING_PAYMENT,
    (S.PROCESSING, "refund_due"): S.REFUNDING,
    # Authorized: the artisans accept or decline, then it is captured, or let go.
    (S.AUTHORIZED, "capture_due"): S.CAPTURING,
    (S.AUTHORIZED, "declined"): S.CANCELED,
    (S.AUTHORIZED, "authorization_lost"): S.EXPIRED,
    # Lost as well, but the buyer has agreed that a saved way to pay is charged again for it.
    (S.AUTHORIZED, "charged_again"): S.AWAITING_PAYMENT,
    (S.CAPTURING, "charged_again"): S.AWAITING_PAYMENT,
    # Captured in the processor's dashboard, before we asked.
    (S.AUTHORIZED, "paid"): S.PAID,
    (S.AUTHORIZED, "refund_due"): S.REFUNDING,
    (S.CAPTURING, "paid"): S.PAID,
    (S.CAPTURING, "authorization_lost"): S.EXPIRED,
    (S.CAPTURING, "refund_due"): S.REFUNDING,
    # Authorized after the end: kept if the goods are still there, else let go.
    (S.EXPIRED, "authorized"): S.AUTHORIZED,
    # Paid after the end: kept if the goods are still there, else paid back.
    (S.EXPIRED, "paid"): S.PAID,
    (S.EXPIRED, "refund_due"): S.REFUNDING,
    (S.CANCELED, "refund_due"): S.REFUNDING,
    (S.REFUNDING, "refunded"): S.REFUNDED,
    (S.REFUNDING, "refund_failed"): S.REFUND_FAILED,
    (S.REFUNDED, "refund_failed"): S.REFUND_FAILED,
    (S.REFUND_FAILED, "refunded"): S.REFUNDED,
}

FULFILMENT_TRANSITIONS: dict[tuple[F, str], F] = {
    (F.TO_ACCEPT, "accepted"): F.ACCEPTED,
    (F.TO_ACCEPT, "declined"): F.DECLINED,
    (F.ACCEPTED, "declined"): F.DECLINED,
    (F.TO_ACCEPT, "paid"): F.TO_SHIP,
    (F.ACCEPTED, "paid"): F.TO_SHIP,
    # The order came to nothing before it was captured.
    (F.TO_ACCEPT, "canceled"): F.CANCELED,
    (F.ACCEPTED, "canceled"): F.CANCELED,
    (F.TO_SHIP, "shipped"): F.SHIPPED,
    (F.SHIPPED, "delivered"): F.DELIVERED,
    # The whole part was paid back before it was sent.
    (F.TO_SHIP, "canceled"): F.CANCELED,
}

RECALL_TRANSITIONS: dict[tuple[R, str], R] = {
    (R.ASKED, "paid"): R.PAID,
    (R.ASKED, "declined"): R.DECLINED,
    (R.ASKED, "withdrawn"): R.WITHDRAWN,
    (R.ASKED, "expired"): R.EXPIRED,
    # The buyer never had the money that we ask for.
    (R.ASKED, "refund_bounced"): R.VOID,
    (R.PAID, "refund_bounced"): R.RETURNED,
}


class ImpossibleTransition(DomainError):
    """A defect of ours: a service asked for an edge that is not in the table."""

    code = "order_state"
    title = "The order's state does not allow this"


def next_status(current: S, event: str) -> S:
    """Where the event leads; raises ImpossibleTransition where it leads nowhere."""
    try:
        return ORDER_TRANSITIONS[current, event]
    except KeyError as error:
        raise ImpossibleTransition(f"{event} from {current}") from error


def next_fulfilment(current: F, event: str) -> F:
    """As `next_status`, for an artisan's part."""
    try:
        return FULFILMENT_TRANSITIONS[current, event]
    except KeyError as error:
        raise ImpossibleTransition(f"{event} from {current}") from error


def next_recall(current: R, event: str) -> R:
    """As `next_status`, for a request to pay a refund back."""
    try:
        return RECALL_TRANSITIONS[current, event]
    except KeyError as error:
        raise ImpossibleTransition(f"{event} from {current}") from error
