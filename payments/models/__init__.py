from payments.models.dispute import Dispute, DisputeEvent, DisputeEvidence
from payments.models.hosted import ProcessorPrice
from payments.models.outgoing import ProcessorRequest
from payments.models.payment import Capture, Payment, PaymentAttempt, PaymentEvent
from payments.models.refund import Refund, RefundEvent
from payments.models.saved import ProcessorCustomer, SavedMethod, SavedMethodEvent, Setup

__all__ = [
    "Capture",
    "Dispute",
    "DisputeEvent",
    "DisputeEvidence",
    "Payment",
    "PaymentAttempt",
    "PaymentEvent",
    "ProcessorCustomer",
    "ProcessorPrice",
    "ProcessorRequest",
    "Refund",
    "RefundEvent",
    "SavedMethod",
    "SavedMethodEvent",
    "Setup",
]
