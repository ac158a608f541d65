"""How a processor, or a payment's state, says no."""

from common.errors import DomainError, ErrorKind


class UnknownPayment(DomainError):
    """No payment of ours has this id (yet)."""

    code = "unknown_payment"
    kind = ErrorKind.NOT_FOUND
    title = "This payment is not known"


class UnknownRefund(DomainError):
    code = "unknown_refund"
    kind = ErrorKind.NOT_FOUND
    title = "This refund is not known"


class UnknownDispute(DomainError):
    code = "unknown_dispute"
    kind = ErrorKind.NOT_FOUND
    title = "This dispute is not known"


class UnknownMethod(DomainError):
    """None with this id, or somebody else's: the two are not told apart."""

    code = "unknown_method"
    kind = ErrorKind.NOT_FOUND
    title = "This way to pay is not known"


class ProcessorError(DomainError):
    """The processor did not do what was asked."""

    code = "processor_error"
    kind = ErrorKind.UNAVAILABLE
    title = "The payment service could not do this"

    def __init__(self, detail: str = "", *, processor_code: str = "", processor_request_id: str = "") -> None:
        super().__init__(detail)
        self.processor_code = processor_code
        self.processor_request_id = processor_request_id


class ProcessorRefused(ProcessorError):
    """Permanent: the request was understood and refused; the same again would be refused again."""

    code = "processor_refused"
    kind = ErrorKind.CONFLICT


class AddressRefused(ProcessorRefused):
    """The processor can make nothing of the delivery address; with another one, or at another processor, it may go."""

    code = "address_refused"
    title = "The delivery address is not accepted"


class PaymentGone(ProcessorRefused):
    """The processor has no such payment (any more); PayPal drops an order that nobody took within hours."""

    code = "payment_gone"


class PaymentDeclined(ProcessorError):
    """The buyer's bank said no; another card may work."""

    code = "payment_declined"
    kind = ErrorKind.PAYMENT
    title = "The payment was declined"


class AuthenticationRequired(PaymentDeclined):
    """Off session: the buyer's bank wants the buyer to be there. The buyer is brought back to confirm it."""

    code = "authentication_required"
    title = "The bank asks the buyer to confirm this payment"


class ProcessorUnavailable(ProcessorError):
    """Retryable: the request was certainly not carried out (rate limit, refused connection, key in flight)."""

    code = "processor_unavailable"
    title = "The payment service is busy; try again in a moment"


class OutcomeUnknown(ProcessorError):
    """Answer lost (time-out, reset, 5xx): it may have been carried out. It must be looked up, never done afresh."""

    code = "payment_outcome_unknown"
    title = "We don't know yet whether this went through; we are checking. Do not pay again"


class PaymentInTheWay(DomainError):
    """The payment's state does not allow what was asked."""

    code = "payment_state"
    title = "The payment's state does not allow this"
