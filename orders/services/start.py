"""Start a checkout: freeze the quote, reserve the stock. Nothing is charged yet."""

import dataclasses
import datetime as dt

from django.conf import settings
from django.db import transaction

from catalog.services.stock import release_reservation, reserve_stock
from common import outbox
from common.ids import new_public_id
from common.rows import fetch_all, fetch_first
from common.writes import RowId, Writes
from orders.contracts.cart import CartSnapshot
from orders.contracts.order import Buyer, CartChanged, CartEmpty, CartNotOrderable, ShippingAddress
from orders.enums import OrderStatus, ReviewStatus
from orders.models import Cart, Order, OrderLine, SellerOrder
from orders.services.fulfilment import cancel_parts
from orders.services.quotes import Quote, SellerQuote, quote_cart
from orders.services.transition import first_event, move
from payments.enums import CaptureMethod

# One whose payment is being processed comes before all others.
_OPEN_OF_CART = (
    "WHERE cart_reference = %s AND status IN ('awaiting_payment', 'processing')"
    " ORDER BY status = 'processing' DESC, id FOR UPDATE"
)


def start_checkout(
    *,
    buyer: Buyer,
    cart: CartSnapshot,
    expected_cart_hash: str,
    email: str,
    shipping_address: ShippingAddress,
    now: dt.datetime,
) -> Order:
    """A new order awaiting payment, or the open one of this cart when nothing about it has changed.

    An open order that differs, or that they could not go on with, is canceled, its stock released and its payment
    voided: there is one offer at a time.
    While the payment of an order of this cart is being processed, that order is the answer, whatever is in the cart
    now: what is being paid for is still in it, and a new order would charge that again.
    A refusal ends the transaction that the caller has open, if any.
    Raises CartEmpty, CartChanged, CartNotOrderable, AmountTooLarge, AmountTooSmall, and catalog.services.OutOfStock.
    """
    if cart.is_empty:
        raise CartEmpty()
    if cart.hash != expected_cart_hash:
        raise CartChanged(cart_hash=cart.hash)
    if cart.currency not in settings.CURRENCIES:
        raise CartNotOrderable(f"This shop does not take {cart.currency}.")
    gone = [line.product.title for line in cart.lines if not line.product.is_on_sale]
    if gone:
        raise CartNotOrderable(f"Not for sale any more: {', '.join(gone)}.")
    # Stock is left to reserve_stock: what this cart's own open order holds is free again when that is withdrawn.
    quote = quote_cart(cart=cart, commission_bps=settings.COMMISSION_BPS)
    address = dataclasses.asdict(shipping_address)
    # The API has a transaction open for its answer, and gives it up when this raises: no savepoint is needed.
    with transaction.atomic(savepoint=False):
        _lock_cart(cart.id)
        for open_order in fetch_all(Order, _OPEN_OF_CART, [cart.id]):
            if open_order.status == OrderStatus.PROCESSING:
                return open_order
            unchanged = (open_order.quote_hash, open_order.email, open_order.shipping_address) == (
                quote.hash, email, address,
            )  # fmt: skip
            if unchanged and open_order.expires_at > now and _is_theirs(open_order, buyer):
                return open_order
            withdraw(open_order, now=now)
        return _create(buyer, cart, quote, email, address, now)


def _is_theirs(order: Order, buyer: Buyer) -> bool:
    """Whether they can go on with it: an account takes over a guest's cart, and the order stays that of a browser."""
    if order.buyer_id is None:
        return order.guest_scope != "" and order.guest_scope == buyer.guest_scope
    return order.buyer_id == buyer.user_id


def _lock_cart(cart_id: str) -> None:
    """Two tabs that check the same cart out take turns, so that the second finds the first one's offer."""
    fetch_first(Cart, "WHERE public_id = %s FOR NO KEY UPDATE", [cart_id])


def withdraw(order: Order, *, now: dt.datetime, source: str = "api") -> None:
    """Cancels an open order in the caller's transaction: stock back at once, its payment voided after commit."""
    move(order, "canceled", source=source, now=now)
    cancel_parts(order, source=source, now=now)
    release_reservation(reference=order.public_id, now=now)
    outbox.enqueue(
        task="orders.tasks.void_payment", kwargs={"order_id": order.id}, key=f"void:{order.public_id}:canceled"
    )


def _create(
    buyer: Buyer, cart: CartSnapshot, quote: Quote, email: str, address: dict[str, str], now: dt.datetime
) -> Order:
    expires_at = now + settings.QUOTE_TTL
    review = _review(quote)
    order = Order(
        public_id=new_public_id("ord"),
        buyer_id=buyer.user_id,
        guest_scope=buyer.guest_scope,
        email=email,
        currency=cart.currency,
        goods_minor=quote.goods.amount_minor,
        shipping_minor=quote.shipping.amount_minor,
        total_minor=quote.total.amount_minor,
        cart_reference=cart.id,
        cart_hash=cart.hash,
        quote=quote.document,
        quote_hash=quote.hash,
        shipping_address=address,
        capture_method=_capture_method(cart, review),
        review=review,
        expires_at=expires_at,
        created_at=now,
        updated_at=now,
    )
    # Stock first: its row locks are the ones that buyers of the same goods wait for, and a refusal costs nothing else.
    reserve_stock(
        reference=order.public_id,
        items=[(line.product.pk, line.quantity) for line in cart.lines],
        expires_at=expires_at,
        now=now,
    )
    parts, lines = _parts(order, quote)
    writes = Writes()
    writes.insert("order", order)
    writes.insert_many("parts", parts, key="public_id", order=RowId("order"))
    writes.insert_many("lines", lines, seller_order=RowId("parts"))
    writes.insert("event", first_event(order, source="api", now=now), order=RowId("order"))
    order.id = writes.execute()["order"][0]
    return order


def _review(quote: Quote) -> ReviewStatus:
    """Orders from a certain size on are looked at by a person before they are charged."""
    limit = settings.REVIEW_FROM_MINOR.get(quote.total.currency)
    return ReviewStatus.PENDING if limit is not None and quote.total.amount_minor >= limit else ReviewStatus.NONE


def _capture_method(cart: CartSnapshot, review: ReviewStatus) -> CaptureMethod:
    """What somebody must agree to before it is sold is authorized first."""
    waits = review == ReviewStatus.PENDING or any(line.product.is_made_to_order for line in cart.lines)
    return CaptureMethod.MANUAL if waits else CaptureMethod.AUTOMATIC


def _parts(order: Order, quote: Quote) -> tuple[list[SellerOrder], list[OrderLine]]:
    parts, lines = [], []
    for seller in quote.sellers:
        part = _part(order, seller)
        parts.append(part)
        lines += _lines(part, seller, quote)
    return parts, lines


def _part(order: Order, seller: SellerQuote) -> SellerOrder:
    return SellerOrder(
        public_id=new_public_id("sor"),
        order=order,
        artisan_id=seller.artisan_pk,
        currency=order.currency,
        goods_minor=seller.goods.amount_minor,
        shipping_minor=seller.shipping.amount_minor,
        commission_minor=seller.commission.amount_minor,
        share_minor=seller.share.amount_minor,
    )


def _lines(part: SellerOrder, seller: SellerQuote, quote: Quote) -> list[OrderLine]:
    return [
        OrderLine(
            seller_order=part,
            product_id=item.line.product.pk,
            position=position,
            title=item.line.product.title,
            quantity=item.line.quantity,
            currency=part.currency,
            unit_price_minor=item.line.unit_price.amount_minor,
            line_total_minor=item.line.line_total.amount_minor,
            commission_bps=quote.document["commission_bps"],
            commission_minor=item.commission.amount_minor,
            is_made_to_order=item.line.product.is_made_to_order,
        )
        for position, item in enumerate(seller.lines, start=1)
    ]
