"""What crosses the border of `orders`, and its refusals."""

from dataclasses import dataclass

from common.errors import DomainError, ErrorKind


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who asks: a registered user, a guest's browser, or both (a guest who has just signed in)."""

    user_id: int | None
    guest_scope: str


@dataclass(frozen=True, slots=True)
class ShippingAddress:
    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


class OrderNotFound(DomainError):
    """There is none, or it is somebody else's: the two are not told apart."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    title = "This order does not exist"


class CartEmpty(DomainError):
    code = "cart_empty"
    kind = ErrorKind.CONFLICT
    title = "The cart is empty"


class CartChanged(DomainError):
    code = "cart_changed"
    kind = ErrorKind.CONFLICT
    title = "The cart or a price has changed since you looked; please check it again"


class CartNotOrderable(DomainError):
    code = "cart_not_orderable"
    kind = ErrorKind.CONFLICT
    title = "Something in the cart can't be ordered as it is"


class AmountTooLarge(DomainError):
    code = "amount_too_large"
    kind = ErrorKind.INVALID
    title = "This order is larger than we can charge at once"


class AmountTooSmall(DomainError):
    code = "amount_too_small"
    kind = ErrorKind.INVALID
    title = "This order is smaller than what can be charged"


class QuoteExpired(DomainError):
    code = "quote_expired"
    kind = ErrorKind.GONE
    title = "This offer has expired; nothing was charged. Please check out again"


class QuoteMismatch(DomainError):
    code = "quote_mismatch"
    kind = ErrorKind.MISMATCH
    title = "This is not the offer that was made; please check out again"


class OrderCanceled(DomainError):
    code = "order_canceled"
    kind = ErrorKind.GONE
    title = "This checkout was canceled or replaced by a newer one; nothing was charged"


class AlreadyPaid(DomainError):
    code = "already_paid"
    kind = ErrorKind.CONFLICT
    title = "This order is paid already"


class PaymentRunning(DomainError):
    code = "payment_running"
    kind = ErrorKind.CONFLICT
    title = "A payment of this order is being processed; please wait"


class PartNotFound(DomainError):
    """There is none, or it is another artisan's: the two are not told apart."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    title = "This order does not exist"


class NotToBeAccepted(DomainError):
    code = "not_to_be_accepted"
    kind = ErrorKind.CONFLICT
    title = "This order does not wait for an answer any more"


class NotToBeShipped(DomainError):
    code = "not_to_be_shipped"
    kind = ErrorKind.CONFLICT
    title = "This order is not to be sent now"


class NotUnderWay(DomainError):
    """It has not been sent, or is not to be sent any more: it can't have arrived."""

    code = "not_under_way"
    kind = ErrorKind.CONFLICT
    title = "This order has not been sent"
