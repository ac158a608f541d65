"""What crosses the border of `payments`: requests to and findings from a processor, and the typed refusals."""

import datetime as dt
from dataclasses import dataclass, field

from common.errors import DomainError, ErrorKind
from common.money import Money
from payments.enums import AttemptOutcome, PaymentStatus, RefundStatus


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One payment to be made by a buyer. `reference` is our payment's public id."""

    reference: str
    order_reference: str
    amount: Money
    quote_hash: str
    receipt_email: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back `amount` of one capture. `reference` is our refund's public id."""

    reference: str
    processor_charge_id: str
    processor_payment_id: str
    amount: Money
    trace_id: str


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Send an artisan's share from the platform's balance to the connected account.

    `source_charge_id` ties it to the charge it came from, so that it waits for those funds. `group` is the order's id.
    """

    reference: str
    destination_account_id: str
    amount: Money
    group: str
    source_charge_id: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Make the account that an artisan is paid to. `reference` is the artisan's public id.

    `has_test_identity` fills in the processor's published test data, so that a demo artisan can be paid without going
    through onboarding; it is for test mode only.
    """

    reference: str
    display_name: str
    email: str
    country: str
    currency: str
    has_test_identity: bool
    trace_id: str


@dataclass(frozen=True, slots=True)
class PaymentFailure:
    """Why a payment attempt failed: the processor's codes, and words for the buyer."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class ChargeFound:
    """One attempt to take money, as the processor tells it. `fee` is None until the processor has computed it."""

    processor_charge_id: str
    outcome: AttemptOutcome
    captured: bool
    amount: Money
    fee: Money | None
    balance_transaction_id: str
    created_at: dt.datetime
    failure: PaymentFailure | None
    card_brand: str = ""
    card_last4: str = ""
    card_country: str = ""
    address_line1_check: str = ""
    address_postal_code_check: str = ""
    cvc_check: str = ""
    three_d_secure: str = ""
    risk_level: str = ""


@dataclass(frozen=True, slots=True)
class PaymentFound:
    """A payment as the processor tells it now."""

    processor: str
    processor_payment_id: str
    status: PaymentStatus
    amount: Money
    payment_reference: str
    quote_hash: str
    client_secret: str = field(repr=False)
    charge: ChargeFound | None
    failure: PaymentFailure | None


@dataclass(frozen=True, slots=True)
class RefundFound:
    processor_refund_id: str
    refund_reference: str
    processor_payment_id: str
    status: RefundStatus
    amount: Money
    failure_code: str


@dataclass(frozen=True, slots=True)
class TransferFound:
    processor_transfer_id: str
    transfer_reference: str
    amount: Money
    reversed_amount: Money
    destination_account_id: str


@dataclass(frozen=True, slots=True)
class AccountFound:
    """A connected account as the processor tells it. `transfers_enabled`: whether it can be paid to now."""

    processor_account_id: str
    account_reference: str
    country: str
    transfers_enabled: bool


@dataclass(frozen=True, slots=True)
class BalanceFound:
    """The platform's balance at the processor, per currency: available and pending together."""

    total: dict[str, int]


@dataclass(frozen=True, slots=True)
class CaptureMade:
    """A capture that was recorded just now, for whoever books it."""

    capture_id: int
    payment_reference: str
    order_reference: str
    processor: str
    processor_charge_id: str
    amount: Money
    fee: Money | None
    quote_hash: str


# ---- refusals ---------------------------------------------------------------------------------------------------


class UnknownPayment(DomainError):
    """No payment of ours has this id (yet)."""

    code = "unknown_payment"
    kind = ErrorKind.NOT_FOUND
    title = "This payment is not known"


class UnknownRefund(DomainError):
    code = "unknown_refund"
    kind = ErrorKind.NOT_FOUND
    title = "This refund is not known"


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


class PaymentDeclined(ProcessorError):
    """The buyer's bank said no; another card may work."""

    code = "payment_declined"
    kind = ErrorKind.PAYMENT
    title = "The payment was declined"


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
