"""Pay on the processor's own page instead of ours."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from common.money import Money
from orders.contracts.order import Buyer
from orders.models import Order
from orders.selectors.orders import get_order, parts_of
from orders.services.confirm import delivery_of, prepare_payment
from payments import services as payments
from payments.contracts import ChargeTerms, HostedFound, PriceWish
from payments.enums import CaptureMethod, PaymentChannel

# Stripe: a page is open for 30 minutes at least; a little more, for clocks that differ.
_SHORTEST = dt.timedelta(minutes=31)


def open_hosted_checkout(*, public_id: str, buyer: Buyer, quote_hash: str, now: dt.datetime) -> HostedFound:
    """The processor's page on which this order is paid, made if there is none. Not in a transaction.

    What stands there are prices that we have registered, and their sum is compared with our own total. It may stay
    open longer than the offer: it is closed when the order ends, and money that comes all the same is a late payment.
    Raises what `confirm_checkout` raises.
    """
    order = get_order(public_id=public_id, buyer=buyer)
    lines = payments.ensure_prices(wishes=_wishes(order), now=now)
    with transaction.atomic():
        order = get_order(public_id=public_id, buyer=buyer, lock=True)
        prepared = prepare_payment(order, quote_hash, _terms(order, lines, now), now)
    return payments.open_hosted(payment=prepared.payment, request=prepared.request, now=now)


def _wishes(order: Order) -> list[PriceWish]:
    if order.recall_id is not None:
        return [PriceWish(subject=order.cart_reference, name="Refund paid back", amount=order.total, quantity=1)]
    wishes = []
    for part in parts_of(order):
        wishes += [
            PriceWish(
                subject=line.product.public_id,
                name=line.title,
                amount=Money(line.unit_price_minor, line.currency),
                quantity=line.quantity,
            )
            for line in part.lines.all()
        ]
        if part.shipping_minor:
            shipping = Money(part.shipping_minor, part.currency)
            wishes.append(
                PriceWish(
                    subject=part.artisan.public_id, name=f"Shipping, {part.artisan.name}", amount=shipping, quantity=1
                )
            )
    return wishes


def _terms(order: Order, lines: str, now: dt.datetime) -> ChargeTerms:
    return ChargeTerms(
        channel=PaymentChannel.HOSTED,
        capture_method=CaptureMethod(order.capture_method),
        return_url=f"{settings.SITE_URL}/checkout/return/?order={order.public_id}",
        cancel_url=f"{settings.SITE_URL}/checkout/?order={order.public_id}",
        hosted_lines=lines,
        delivery=delivery_of(order),
        hosted_until=max(order.expires_at, now + _SHORTEST).isoformat(),
    )
