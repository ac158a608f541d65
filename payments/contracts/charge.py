"""What a buyer is to pay, and what a processor has of it."""

import datetime as dt
from dataclasses import dataclass, field

from common.money import Money
from payments.contracts.saved import MethodFound
from payments.enums import AttemptOutcome, CaptureMethod, PaymentChannel, PaymentStatus


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the goods go. Processors weigh it when they judge a payment and a dispute about it, and show it."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One payment to be made by a buyer. `reference` is our payment's public id.

    With `CaptureMethod.MANUAL` the money is only authorized. `customer_id` and `method_id` are the processor's, of a
    method that the buyer saved; `is_off_session` charges it without the buyer, and `saves_method` keeps the one that is
    used now, as the buyer has agreed. The two addresses are where a processor's own page sends the buyer.
    """

    reference: str
    order_reference: str
    amount: Money
    quote_hash: str
    receipt_email: str
    trace_id: str
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    customer_id: str = ""
    method_id: str = ""
    is_off_session: bool = False
    saves_method: bool = False
    return_url: str = ""
    cancel_url: str = ""
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """How an order is to be paid: on which channel, at which processor, at once or authorized first.

    The ids are the processor's, of a way to pay that the buyer has saved. `method_reference` is ours of the same.
    `consent_text` are the words to which a buyer agreed who wants the new one kept. The processor's own page has lines
    (`price id:quantity`, comma separated) and closes at a time (ISO 8601).
    """

    channel: PaymentChannel = PaymentChannel.ELEMENTS
    processor: str = "stripe"
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    customer_id: str = ""
    method_id: str = ""
    method_reference: str = ""
    saves_method: bool = False
    consent_text: str = ""
    return_url: str = ""
    cancel_url: str = ""
    hosted_lines: str = ""
    hosted_until: str = ""
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Take `amount` of what was approved or authorized; the rest is let go. `reference` is our payment's public id."""

    reference: str
    processor_payment_id: str
    processor_authorization_id: str
    amount: Money
    trace_id: str


@dataclass(frozen=True, slots=True)
class PaymentFailure:
    """Why a payment attempt failed: the processor's codes, and words for the buyer."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class AuthorizationFound:
    """Money that is reserved for us and not taken. `expires_at` is when the processor lets it go.

    `processor_authorization_id` is empty where the payment's own id does for it (Stripe). After `honored_until` it must
    be renewed before it is captured (PayPal: 3 days); None where it is good to the end.
    """

    processor_authorization_id: str
    amount: Money
    expires_at: dt.datetime | None
    honored_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ChargeFound:
    """One attempt to take money, as the processor tells it. `fee` is None until the processor has computed it.

    `amount` is what was captured, and before that what was tried or authorized.
    """

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
    """A payment as the processor tells it now.

    `approval_url` is the processor's page where the buyer agrees (PayPal); `authorization` is set while money is
    reserved; `method` when the way to pay was saved with the payment, as the buyer wished, and `is_method_coming` while
    the processor is still busy saving it.
    """

    processor: str
    processor_payment_id: str
    status: PaymentStatus
    amount: Money
    payment_reference: str
    quote_hash: str
    client_secret: str = field(repr=False)
    charge: ChargeFound | None
    failure: PaymentFailure | None
    approval_url: str = field(default="", repr=False)
    authorization: AuthorizationFound | None = None
    method: MethodFound | None = None
    is_method_coming: bool = False


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
