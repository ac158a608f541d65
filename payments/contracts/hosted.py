"""The processor's own payment page (Stripe Checkout)."""

import datetime as dt
from dataclasses import dataclass

from common.money import Money
from payments.contracts.charge import Delivery
from payments.enums import CaptureMethod, HostedStatus


@dataclass(frozen=True, slots=True)
class HostedLine:
    """One line of the hosted page: a price that we registered there, and how many."""

    processor_price_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PriceWish:
    """Something that is to stand on a hosted page. `subject` is our id of what it is."""

    subject: str
    name: str
    amount: Money
    quantity: int


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """A price at the processor. `reference` is unique for product, amount and currency; prices never change."""

    reference: str
    name: str
    amount: Money
    trace_id: str


@dataclass(frozen=True, slots=True)
class PriceFound:
    processor_price_id: str
    reference: str
    amount: Money
    is_active: bool


@dataclass(frozen=True, slots=True)
class HostedRequest:
    """A page on which one order is paid. `total` is ours; the session must come to the same or it is not used.

    `reference` is our payment's public id.
    """

    reference: str
    order_reference: str
    lines: tuple[HostedLine, ...]
    total: Money
    quote_hash: str
    receipt_email: str
    success_url: str
    cancel_url: str
    expires_at: dt.datetime
    trace_id: str
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class HostedFound:
    """`processor_payment_id` is empty until the buyer has sent the page's form."""

    processor_session_id: str
    reference: str
    status: HostedStatus
    url: str
    total: Money
    processor_payment_id: str
