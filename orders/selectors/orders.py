"""Reading orders. Every query starts from who asks; what is not theirs does not exist."""

from collections import defaultdict
from collections.abc import Sequence

from django.core import signing
from django.db.models import Q, QuerySet

from common.ids import is_public_id
from common.money import Money
from common.rows import fetch_all, fetch_first, fetch_with, keep_prefetched
from identity.models import User
from identity.selectors import staff_who_may
from orders.contracts.order import Buyer, OrderNotFound
from orders.enums import PLACED, FulfilmentStatus, OrderStatus, ReviewStatus
from orders.models import Order, OrderLine, SellerOrder
from payments.enums import CaptureMethod
from payments.models import Payment
from payments.services.offer import least_taken

_ACCESS_SALT = "orders.access"
_OF_ORDER = "WHERE orders_sellerorder.order_id = %s ORDER BY orders_sellerorder.id"
_OF_PARTS = "WHERE orders_orderline.seller_order_id = ANY(%s) ORDER BY orders_orderline.position"
_CURRENT = "WHERE order_reference = %s ORDER BY public_id = %s DESC, status NOT IN ('canceled', 'failed') DESC, id DESC"
# The rule of `orders_of`, for one order.
_THEIRS = (
    "WHERE public_id = %s AND (buyer_id = %s::bigint OR (buyer_id IS NULL AND guest_scope <> '' AND guest_scope = %s))"
)


def orders_of(buyer: Buyer) -> QuerySet[Order]:
    """The orders that this buyer may see: the user's, and those made in this browser as a guest."""
    mine = Q(pk__in=[])
    if buyer.user_id is not None:
        mine |= Q(buyer_id=buyer.user_id)
    if buyer.guest_scope:
        # A guest's order stays visible in the browser that made it, but another user's never is.
        mine |= Q(guest_scope=buyer.guest_scope, buyer__isnull=True)
    return Order.objects.filter(mine)


def get_order(*, public_id: str, buyer: Buyer, access_key: str = "", lock: bool = False) -> Order:
    """The order, if it is the buyer's or the access key (from an e-mail) opens it. Raises OrderNotFound.

    `lock` takes its row for the caller's transaction.
    """
    if not is_public_id(public_id, "ord"):
        raise OrderNotFound()
    locking = " FOR UPDATE" if lock else ""
    if opens(access_key, public_id):
        order = fetch_first(Order, f"WHERE public_id = %s{locking}", [public_id])
    else:
        order = fetch_first(Order, _THEIRS + locking, [public_id, buyer.user_id, buyer.guest_scope])
    if order is None:
        raise OrderNotFound()
    return order


def access_key(order: Order) -> str:
    """For links in e-mails: opens this order to whoever has the link, and no other."""
    return access_key_of(order.public_id)


def access_key_of(public_id: str) -> str:
    """As `access_key`, for anything else that a letter links to."""
    return signing.Signer(salt=_ACCESS_SALT).signature(public_id)


def opens(key: str, public_id: str) -> bool:
    """Whether the key was made for this order, or this other thing."""
    if not key or not key.isascii():
        return False
    try:
        signing.Signer(salt=_ACCESS_SALT).unsign(f"{public_id}:{key}")
    except signing.BadSignature:
        return False
    return True


def history(buyer: Buyer) -> QuerySet[Order]:
    """What the buyer has bought or is buying, newest first; carts that came to nothing are left out.

    So are payments of refunds that came in error: they are told of with the order that was refunded.
    """
    return (
        orders_of(buyer).filter(recall__isnull=True).exclude(status__in=["canceled", "expired"]).order_by("-created_at")
    )


def parts_of(order: Order) -> Sequence[SellerOrder]:
    """The artisans' parts with their lines, as `prefetch_related` leaves them. Two queries."""
    parts = fetch_with(SellerOrder, ("artisan", "fulfilment"), _OF_ORDER, [order.id])
    lines = fetch_with(OrderLine, ("product",), _OF_PARTS, [[part.id for part in parts]])
    by_part: dict[int, list[OrderLine]] = defaultdict(list)
    for line in lines:
        by_part[line.seller_order_id].append(line)
    for part in parts:
        part.order = order
        for line in by_part[part.id]:
            line.seller_order = part
        keep_prefetched(part, "lines", by_part[part.id])
    return parts


def current_payment(order: Order) -> Payment | None:
    """The payment that the order was paid with; before that the newest that is alive, or else the newest at all."""
    return next(iter(payments_to_ask(order)), None)


def payments_to_ask(order: Order) -> Sequence[Payment]:
    """All payments of an order, the current one first; one query."""
    return fetch_all(Payment, _CURRENT, [order.public_id, order.payment_reference])


def charged_for(order: Order) -> Money:
    """What is or was to be taken for the order: its total, or what the artisans have accepted of it."""
    return order.total if order.captured_minor is None else Money(order.captured_minor, order.currency)


def too_little_left(order: Order) -> Money | None:
    """What artisans would have made of an order whose other parts were declined, if that was too little to be charged.

    None for every other order.
    """
    if (order.status, order.capture_method) != (OrderStatus.CANCELED, CaptureMethod.MANUAL):
        return None
    payment = current_payment(order)
    statuses = (FulfilmentStatus.DECLINED, FulfilmentStatus.CANCELED)
    ended = list(SellerOrder.objects.filter(order=order, fulfilment__status__in=statuses).select_related("fulfilment"))
    left = [part for part in ended if part.fulfilment.status == FulfilmentStatus.CANCELED]
    was_called_off = order.review in (ReviewStatus.REJECTED, ReviewStatus.PENDING)
    if payment is None or was_called_off or not left or len(left) == len(ended):
        return None
    amount = Money(sum(part.goods_minor + part.shipping_minor for part in left), order.currency)
    return amount if amount < least_taken(processor=payment.processor, currency=order.currency) else None


def is_replaced(order: Order) -> bool:
    """Whether the same cart was ordered anew since: the buyer pays, or has paid, that order and not this one too.

    An order that awaits its payment counts: it is what the buyer confirmed last, and its form may be taking the money
    at this moment (docs/decisions/0003-late-payments.md weighs it).
    """
    alive = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING, *PLACED)
    # By the owner, for whom there is an index; few have many orders.
    owner = Q(buyer_id=order.buyer_id) if order.buyer_id is not None else Q(guest_scope=order.guest_scope)
    return Order.objects.filter(owner, cart_reference=order.cart_reference, id__gt=order.id, status__in=alive).exists()


def payments_of(order: Order) -> Sequence[Payment]:
    """All of them, oldest first: one for each way the buyer tried."""
    return fetch_all(Payment, "WHERE order_reference = %s ORDER BY id", [order.public_id])


def may_review() -> "QuerySet[User]":
    """Staff who may approve large orders; they are written to when there is one."""
    return staff_who_may("orders.review_order")
