"""The life of an order: every edge is (from, event) -> to, and there are no others."""

from common.errors import DomainError
from orders.enums import OrderStatus as S

ORDER_TRANSITIONS: dict[tuple[S, str], S] = {
    (S.AWAITING_PAYMENT, "payment_processing"): S.PROCESSING,
    (S.AWAITING_PAYMENT, "paid"): S.PAID,
    (S.AWAITING_PAYMENT, "expired"): S.EXPIRED,
    (S.AWAITING_PAYMENT, "canceled"): S.CANCELED,
    # Captured, but not what was quoted: it can't become a sale.
    (S.AWAITING_PAYMENT, "refund_due"): S.REFUNDING,
    (S.PROCESSING, "paid"): S.PAID,
    (S.PROCESSING, "payment_failed"): S.AWAITING_PAYMENT,
    (S.PROCESSING, "refund_due"): S.REFUNDING,
    # Paid after the end: kept if the goods are still there, else paid back.
    (S.EXPIRED, "paid"): S.PAID,
    (S.EXPIRED, "refund_due"): S.REFUNDING,
    (S.CANCELED, "refund_due"): S.REFUNDING,
    (S.REFUNDING, "refunded"): S.REFUNDED,
    (S.REFUNDING, "refund_failed"): S.REFUND_FAILED,
    (S.REFUNDED, "refund_failed"): S.REFUND_FAILED,
    (S.REFUND_FAILED, "refunded"): S.REFUNDED,
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
