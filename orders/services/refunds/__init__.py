"""Money back to buyers: planned, asked for, sent, adopted from the processor's dashboard, sent again or given up."""

from orders.services.refunds.adopt import settle_refund
from orders.services.refunds.otherwise import settle_otherwise
from orders.services.refunds.request import (
    preview_refund,
    preview_refund_of_part,
    request_refund,
    request_refund_of_part,
)
from orders.services.refunds.resend import resend_refund
from orders.services.refunds.send import send_refund
from orders.services.refunds.withdraw import withdraw_refund

__all__ = [
    "preview_refund",
    "preview_refund_of_part",
    "request_refund",
    "request_refund_of_part",
    "resend_refund",
    "send_refund",
    "settle_otherwise",
    "settle_refund",
    "withdraw_refund",
]
