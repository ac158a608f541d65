"""The use cases of orders that other apps call."""

from orders.services.acceptance import accept_part, decide_overdue, decline_part, review_order
from orders.services.capture import capture_order
from orders.services.confirm import confirm_checkout
from orders.services.disputes import (
    DisputeWaits,
    accept_dispute,
    attach_as_artisan,
    attach_file,
    look_after_disputes,
    remove_file,
    save_draft,
    settle_dispute,
    submit_evidence,
)
from orders.services.end import cancel_checkout, expire_orders, settle_open_payments, void_payments
from orders.services.host import open_hosted_checkout
from orders.services.late_method import keep_late_method
from orders.services.off_session import charge_off_session
from orders.services.recalls.agree import agree_to_recall, consent_words
from orders.services.recalls.end import decline_recall, look_after_recalls, withdraw_recall
from orders.services.recalls.plan import plan_recall
from orders.services.recalls.request import request_recall
from orders.services.refunds import (
    preview_refund,
    preview_refund_of_part,
    request_refund,
    request_refund_of_part,
    resend_refund,
    send_refund,
    settle_otherwise,
    settle_refund,
    withdraw_refund,
)
from orders.services.resolve import resolve_requests
from orders.services.settle import Settled, settle_order, settle_payment
from orders.services.ship import confirm_delivery, confirm_receipt, ship_part
from orders.services.start import start_checkout

__all__ = [
    "DisputeWaits",
    "Settled",
    "accept_dispute",
    "accept_part",
    "agree_to_recall",
    "attach_as_artisan",
    "attach_file",
    "cancel_checkout",
    "capture_order",
    "charge_off_session",
    "confirm_checkout",
    "confirm_delivery",
    "confirm_receipt",
    "consent_words",
    "decide_overdue",
    "decline_part",
    "decline_recall",
    "expire_orders",
    "keep_late_method",
    "look_after_disputes",
    "look_after_recalls",
    "open_hosted_checkout",
    "plan_recall",
    "preview_refund",
    "preview_refund_of_part",
    "remove_file",
    "request_recall",
    "request_refund",
    "request_refund_of_part",
    "resend_refund",
    "resolve_requests",
    "review_order",
    "save_draft",
    "send_refund",
    "settle_dispute",
    "settle_open_payments",
    "settle_order",
    "settle_otherwise",
    "settle_payment",
    "settle_refund",
    "ship_part",
    "start_checkout",
    "submit_evidence",
    "void_payments",
    "withdraw_recall",
    "withdraw_refund",
]
