"""What an order page says: where the money is, in plain words, and what to do next. One table, all statuses."""

from dataclasses import dataclass

from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors.orders import charged_for, too_little_left
from payments.enums import PaymentStatus
from payments.models import Payment

_UNDECIDED = frozenset(
    {PaymentStatus.CREATED, PaymentStatus.UNKNOWN, PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING}
)


@dataclass(frozen=True, slots=True)
class OrderState:
    """`tone` is a class of the notice; `is_moving` pages ask again by themselves."""

    title: str
    text: str
    tone: str
    total_label: str
    is_moving: bool = False
    action: str = ""
    action_url: str = ""


def state_of(order: Order, payment: Payment | None) -> OrderState:
    """The words for the order as it is now; every status has some."""
    amount = charged_for(order).format()
    match OrderStatus(order.status):
        case OrderStatus.PAID:
            return OrderState(
                "Thank you, your order is paid",
                f"We have charged {amount} and sent a receipt to {order.email}. Each artisan now packs and sends their "
                "part.",
                "success",
                "Paid",
            )
        case OrderStatus.AUTHORIZED:
            return OrderState(
                "Your order is placed",
                f"Your bank has reserved {amount}; nothing is charged yet. Each artisan confirms their part first, and "
                "you are charged only for what is confirmed. We write to you as soon as that is settled.",
                "success",
                "Reserved",
            )
        case OrderStatus.CAPTURING:
            return _waiting(amount)
        case OrderStatus.PROCESSING:
            return _waiting(amount)
        case OrderStatus.AWAITING_PAYMENT:
            return _awaiting(order, payment, amount)
        case OrderStatus.EXPIRED:
            return _ended("This order has expired", "The time for paying has run out")
        case OrderStatus.CANCELED:
            left = too_little_left(order)
            if left is not None:
                why = f"Not all of it could be made, and {left} that was left is less than a card can be charged"
                return _ended("This order came to nothing", why)
            return _ended("This order was canceled", "It was canceled, or replaced by a newer one")
        case OrderStatus.REFUNDING:
            return OrderState(
                "We are giving your money back",
                f"Your payment of {amount} came when this order had ended already. We are returning all of it; you "
                "need not do anything.",
                "warning",
                "Being refunded",
                is_moving=True,
            )
        case OrderStatus.REFUNDED:
            return OrderState(
                "We have refunded you",
                f"Your payment of {amount} came when this order had ended already, so we have returned all of it. It "
                "reaches your account within 5 to 10 days, depending on your bank.",
                "warning",
                "Refunded",
                action="Back to the shop",
                action_url="/",
            )
        case OrderStatus.REFUND_FAILED:
            return OrderState(
                "We owe you a refund",
                f"Your payment of {amount} came when this order had ended already, and your bank did not take it back. "
                "The money is safe with us; we will write to you about another way to return it.",
                "error",
                "To be refunded",
            )


def _awaiting(order: Order, payment: Payment | None, amount: str) -> OrderState:
    if payment is not None and payment.status in _UNDECIDED:
        return _waiting(amount)
    return OrderState(
        "This order is not paid yet",
        f"Nothing has been charged. The goods are reserved for you until {order.expires_at:%H:%M} UTC.",
        "warning",
        "To pay",
        action="Go on to payment",
        action_url=f"/checkout/?order={order.public_id}",
    )


def _waiting(amount: str) -> OrderState:
    return OrderState(
        "We are waiting for your bank",
        f"Your payment of {amount} is on its way. Please don't pay again: this page looks by itself every few seconds, "
        "and we send you an e-mail as soon as it is through.",
        "warning",
        "Being paid",
        is_moving=True,
    )


def _ended(title: str, why: str) -> OrderState:
    return OrderState(
        title,
        f"{why}, and nothing was charged. What you wanted may still be there.",
        "warning",
        "Not charged",
        action="Back to your cart",
        action_url="/cart/",
    )
