from payments.models.outgoing import ProcessorRequest
from payments.models.payment import Capture, Payment, PaymentAttempt, PaymentEvent
from payments.models.refund import Refund, RefundEvent

__all__ = ["Capture", "Payment", "PaymentAttempt", "PaymentEvent", "ProcessorRequest", "Refund", "RefundEvent"]
