"""Changes of a cart. Every use case locks the cart's row first, so two tabs never lose each other's change."""

import datetime as dt

from django.db import transaction
from django.http import HttpRequest

from catalog.models import Product
from catalog.selectors import price_list
from common.errors import DomainError, ErrorKind
from common.guests import guest_scope as guest_scope_of
from orders.enums import OrderStatus
from orders.models import Cart, CartItem, Order
from orders.models.cart import MAX_LINES, MAX_QUANTITY
from orders.selectors.cart import CartOwner, owner_of_request


class ProductNotOnSale(DomainError):
    """No such product, or it is not published."""

    code = "product_not_on_sale"
    kind = ErrorKind.NOT_FOUND
    title = "This product is not on sale"


class QuantityOutOfBounds(DomainError):
    """A line holds 1 to 99 pieces."""

    code = "quantity_out_of_bounds"
    kind = ErrorKind.INVALID
    title = f"The quantity must be a whole number from 1 to {MAX_QUANTITY}"


class NotEnoughStock(DomainError):
    """More pieces than are free. The member `available` says how many are."""

    code = "not_enough_stock"
    kind = ErrorKind.CONFLICT
    title = "Not enough of this is left"


class MixedCurrencies(DomainError):
    """A cart is paid with one payment, so its goods are all in one currency."""

    code = "mixed_currencies"
    kind = ErrorKind.CONFLICT
    title = "Goods in different currencies can't be bought together"


class CartFull(DomainError):
    """A cart holds at most 100 different products."""

    code = "cart_full"
    kind = ErrorKind.CONFLICT
    title = f"A cart holds at most {MAX_LINES} different products"


def owner_for_writing(request: HttpRequest) -> CartOwner:
    """As `owner_of_request`; a guest without a token gets one in the session."""
    owner = owner_of_request(request)
    if owner.is_nobody:
        owner = CartOwner(guest_scope=guest_scope_of(request.session))
    return owner


def add_to_cart(*, owner: CartOwner, product_id: str, quantity: int, now: dt.datetime) -> None:
    """Adds pieces to what the cart holds already. `product_id` is the public id.

    Raises ProductNotOnSale, QuantityOutOfBounds, NotEnoughStock, MixedCurrencies or CartFull.
    """
    _check_quantity(quantity)
    with transaction.atomic():
        product = _product_on_sale(product_id)
        cart = _locked_cart(owner, currency=product.currency, now=now)
        item = CartItem.objects.filter(cart=cart, product=product).first()
        present = item.quantity if item else 0
        _check_quantity(present + quantity)
        _check_stock(product, present + quantity, present=present)
        if item is None:
            _check_room(cart, product)
            item = CartItem(cart=cart, product=product, added_at=now)
        _save(item, quantity=present + quantity, price_seen_minor=product.price_minor)


def set_quantity(*, owner: CartOwner, product_id: str, quantity: int, now: dt.datetime) -> None:
    """Sets the pieces of a product; 0 removes it. Raises as `add_to_cart`; a lower quantity is always taken."""
    if quantity == 0:
        remove(owner=owner, product_id=product_id, now=now)
        return
    _check_quantity(quantity)
    with transaction.atomic():
        product = _product_on_sale(product_id)
        cart = _locked_cart(owner, currency=product.currency, now=now)
        item = CartItem.objects.filter(cart=cart, product=product).first()
        if item is None:
            _check_room(cart, product)
            item = CartItem(cart=cart, product=product, quantity=0, added_at=now)
        if quantity > item.quantity:
            _check_stock(product, quantity, present=0)
        _save(item, quantity=quantity, price_seen_minor=product.price_minor)


def remove(*, owner: CartOwner, product_id: str, now: dt.datetime) -> None:
    """Takes a product out. One that is not there, or not on sale any more, is no error."""
    if owner.is_nobody:
        return
    CartItem.objects.filter(owner.filter("cart__"), product__public_id=product_id).delete()
    Cart.objects.filter(owner.filter()).update(changed_at=now)


def accept_prices(*, owner: CartOwner) -> None:
    """The buyer has been shown today's prices: they are not announced as changed again."""
    if owner.is_nobody:
        return
    items = list(CartItem.objects.filter(owner.filter("cart__")).only("id", "product_id", "unit_price_seen_minor"))
    prices = price_list(product_ids=[item.product_id for item in items])
    changed = [item for item in items if item.unit_price_seen_minor != prices[item.product_id].price.amount_minor]
    for item in changed:
        item.unit_price_seen_minor = prices[item.product_id].price.amount_minor
    CartItem.objects.bulk_update(changed, ["unit_price_seen_minor"])


def merge_carts(*, user_pk: int, guest_scope: str, now: dt.datetime) -> bool:
    """At log-in the guest's cart becomes the user's; returns whether an earlier cart of the user had to go.

    A product in both carts keeps the larger quantity: nobody buys more than they chose in either place. Where the
    currencies differ, what the guest chose just now replaces the older cart.
    """
    with transaction.atomic():
        carts = list(
            Cart.objects.select_for_update()
            .filter(CartOwner(user_pk=user_pk).filter() | CartOwner(guest_scope=guest_scope).filter())
            .order_by("id")
        )
        guests = next((cart for cart in carts if cart.user_id is None), None)
        users = next((cart for cart in carts if cart.user_id == user_pk), None)
        if guests is None:
            return False
        replaced = False
        if users is not None and users.currency != guests.currency:
            replaced = CartItem.objects.filter(cart=users).exists()
            users.delete()
            users = None
        if users is not None:
            # Before its items: a payment that is settled at this moment holds its order, and then takes from the cart.
            _move_open_orders(source=guests, target=users)
            _move_items(source=guests, target=users)
            Cart.objects.filter(pk=users.pk).update(changed_at=now)
            guests.delete()
        else:
            Cart.objects.filter(pk=guests.pk).update(user_id=user_pk, guest_scope=None, changed_at=now)
        return replaced


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfBounds


def _product_on_sale(product_id: str) -> Product:
    product = Product.objects.filter(public_id=product_id, is_published=True, artisan__is_published=True).first()
    if product is None:
        raise ProductNotOnSale
    return product


def _locked_cart(owner: CartOwner, *, currency: str, now: dt.datetime) -> Cart:
    """The owner's cart, made if need be, under lock until the end of the transaction."""
    if owner.is_nobody:
        raise ValueError("a cart needs an owner: use owner_for_writing")
    cart = None
    while cart is None:
        Cart.objects.bulk_create(
            [
                Cart(
                    user_id=owner.user_pk,
                    guest_scope=None if owner.user_pk is not None else owner.guest_scope,
                    currency=currency, created_at=now, changed_at=now,
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        # None if the cart that was in the way has just been removed, by a log-in or because it was old.
        cart = Cart.objects.select_for_update(no_key=True).filter(owner.filter()).first()
    if cart.currency != currency:
        if CartItem.objects.filter(cart=cart).exists():
            raise MixedCurrencies(
                f"Your cart is in {cart.currency} and this piece is sold in {currency}. "
                f"Please finish or empty your cart first, then buy this separately."
            )
        cart.currency = currency
    cart.changed_at = now
    cart.save(update_fields=["currency", "changed_at"])
    return cart


def _check_stock(product: Product, quantity: int, *, present: int) -> None:
    available = product.available
    if available is None or available >= quantity:
        return
    if available == 0:
        text = f"“{product.title}” is sold out."
    elif present:
        text = f"Only {available} of “{product.title}” left, and your cart holds {present} already."
    else:
        text = f"Only {available} of “{product.title}” left."
    raise NotEnoughStock(text, available=available)


def _check_room(cart: Cart, product: Product) -> None:
    if CartItem.objects.filter(cart=cart).exclude(product=product).count() >= MAX_LINES:
        raise CartFull


def _save(item: CartItem, *, quantity: int, price_seen_minor: int) -> None:
    item.quantity = quantity
    item.unit_price_seen_minor = price_seen_minor
    item.save()


def _move_open_orders(*, source: Cart, target: Cart) -> None:
    """What is being paid is found from the cart that its goods are in, or they would be bought and paid once more."""
    open_statuses = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)
    Order.objects.filter(cart_reference=source.public_id, status__in=open_statuses).update(
        cart_reference=target.public_id
    )


def _move_items(*, source: Cart, target: Cart) -> None:
    present = {item.product_id: item for item in CartItem.objects.filter(cart=target)}
    for item in CartItem.objects.filter(cart=source).order_by("id"):
        same = present.get(item.product_id)
        if same is None:
            item.cart = target
            item.save(update_fields=["cart"])
        elif item.quantity > same.quantity:
            _save(same, quantity=item.quantity, price_seen_minor=item.unit_price_seen_minor)
