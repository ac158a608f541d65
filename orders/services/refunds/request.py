"""Ask for a refund: split, taken from whoever bears it and booked in one transaction, sent after it."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from catalog.services.restock import return_to_shelf
from common import audit, outbox
from common.ids import is_public_id
from common.money import Money
from orders.contracts.order import PartNotFound
from orders.contracts.refund import (
    AmountOnly,
    EverythingLeft,
    InvalidRefund,
    NotRefundable,
    PartLeft,
    Refundable,
    RefundChanged,
    RefundPlan,
    RefundWhileDisputed,
    RefundWish,
)
from orders.enums import Bearer
from orders.models import Order, OrderLine, RefundAllocation, SellerOrder
from orders.selectors.refunds import is_disputed, refundable, sale_capture
from orders.services.refunds import books
from orders.services.refunds.plan import plan_refund
from orders.services.transition import lock_order
from payments import services as payments
from payments.enums import LATE_PAYMENT_REASONS, RefundReason
from payments.models import Capture, Refund
from payouts import services as payouts
from payouts.contracts import PartAmount


def preview_refund(*, order_id: int, wish: RefundWish) -> RefundPlan:
    """Who would pay what; nothing is written. Raises as `request_refund`."""
    order = Order.objects.get(id=order_id)
    return _plan(order, _sale(order), wish)


def request_refund(
    *,
    order_id: int,
    wish: RefundWish,
    reason: RefundReason,
    note: str,
    initiator: str,
    now: dt.datetime,
    reference: str = "",
    expected: Money | None = None,
) -> Refund:
    """Pays the buyer of a paid order back. In one transaction; the processor is asked after it.

    `note` is words for the buyer, `initiator` who asks (staff:<id>, artisan:<id>). `reference` is a fresh id (ref_...)
    that the caller made up: the same one again gives the same refund, so a double click pays once. `expected` is what
    a person was shown; RefundChanged if it comes to something else by now. Goods that go back on the shelf are named in
    the wish. Raises NotRefundable, RefundWhileDisputed, InvalidRefund, RefundTooLarge and NothingToRefund; the bound
    counts every refund that is asked for, made, or owed because it came back.
    """
    if reason in LATE_PAYMENT_REASONS or reason == RefundReason.PROCESSOR:
        raise InvalidRefund("This is no reason to pay a sale back.")
    if reference and not is_public_id(reference, "ref"):
        raise InvalidRefund("This is no reference of a refund.")
    concerned = Order.objects.values_list("public_id", flat=True).get(id=order_id)
    with audit.refusals(event_type="refund.refused", subject=concerned, command=initiator), transaction.atomic():
        order = lock_order(order_id=order_id)
        known = Refund.objects.select_related("capture__payment").filter(public_id=reference or "-").first()
        if known is not None:
            if known.capture.payment.order_reference != order.public_id:
                raise InvalidRefund("This reference belongs to another order.")
            return known
        capture = _sale(order)
        plan = _plan(order, capture, wish)
        if expected is not None and plan.amount != expected:
            raise RefundChanged(f"It comes to {plan.amount} now. Please look at it again.")
        refund = payments.prepare_refund(
            capture_id=capture.id, amount=plan.amount, reason=reason, initiator=initiator, note=note[:300],
            reference=reference, now=now,
        )  # fmt: skip
        _put_back(plan, refund, now)
        allocate_refund(order=order, refund=refund, plan=plan, now=now)
        enqueue_sending(refund)
    return refund


def request_refund_of_part(
    *,
    seller_order_id: str,
    artisan_id: int,
    wish: RefundWish,
    reason: RefundReason,
    note: str,
    initiator: str,
    now: dt.datetime,
    reference: str = "",
    expected: Money | None = None,
) -> Refund:
    """As `request_refund`, by an artisan: of their own part (sor_...) and at their own cost.

    `wish` is PartLeft of that part, or Items of its lines, its shipping and goodwill from its share. Raises
    PartNotFound, also for somebody else's, and InvalidRefund for a wish that goes beyond the part.
    """
    with audit.refusals(event_type="refund.refused", subject=seller_order_id, command=initiator):
        part = _own_part(seller_order_id, artisan_id, wish)
    return request_refund(
        order_id=part.order_id, wish=wish, reason=reason, note=note, initiator=initiator, now=now,
        reference=reference, expected=expected,
    )  # fmt: skip


def preview_refund_of_part(*, seller_order_id: str, artisan_id: int, wish: RefundWish) -> RefundPlan:
    """As `preview_refund`, for what `request_refund_of_part` would do."""
    part = _own_part(seller_order_id, artisan_id, wish)
    return preview_refund(order_id=part.order_id, wish=wish)


def allocate_refund(*, order: Order, refund: Refund, plan: RefundPlan, now: dt.datetime) -> None:
    """Writes the split down, takes the artisans' shares, and books it. In the caller's transaction, under its locks."""
    parts = {part.public_id: part for part in SellerOrder.objects.filter(order=order)}
    RefundAllocation.objects.bulk_create(
        RefundAllocation(
            refund_reference=refund.public_id,
            order=order,
            seller_order=parts.get(allocation.reference),
            line_id=allocation.line_id,
            part=allocation.part,
            bearer=allocation.bearer,
            quantity=allocation.quantity,
            currency=plan.currency,
            amount_minor=allocation.amount.amount_minor,
            commission_minor=allocation.commission.amount_minor,
            share_minor=allocation.share.amount_minor,
            platform_minor=allocation.platform.amount_minor,
            created_at=now,
        )
        for allocation in plan.allocations
    )
    shares = [
        PartAmount(reference, share, at_most=_at_most(parts[reference])) for reference, share in plan.shares.items()
    ]
    places = payouts.debit_parts(parts=shares, reference=refund.public_id, collects=True, now=now) if shares else []
    books.book_requested(refund=refund, sellers=places, commission=plan.commission, platform=plan.platform, now=now)


def enqueue_sending(refund: Refund) -> None:
    """Leaves the message to send it, once per attempt."""
    outbox.enqueue(
        task="orders.tasks.send_refund",
        kwargs={"refund_id": refund.id},
        key=f"refund:{refund.public_id}:{refund.attempt}",
    )


def refundable_now(order: Order) -> Refundable:
    """As the selector, under the shop's policy."""
    return refundable(order, artisan_bears_all=not settings.REFUND_RETURNS_COMMISSION)


def split(figures: Refundable, wish: RefundWish) -> RefundPlan:
    """`plan_refund` under the shop's policy."""
    return plan_refund(refundable=figures, wish=wish, returns_commission=settings.REFUND_RETURNS_COMMISSION)


def _sale(order: Order) -> Capture:
    capture = sale_capture(order)
    if capture is None:
        raise NotRefundable()
    return capture


def _plan(order: Order, capture: Capture, wish: RefundWish) -> RefundPlan:
    if is_disputed(capture):
        raise RefundWhileDisputed()
    plan = split(refundable_now(order), wish)
    if plan.restocks and order.recall_id is not None:
        raise InvalidRefund("Nothing was sent for this order, so nothing goes back on the shelf.")
    return plan


def _at_most(part: SellerOrder) -> Money | None:
    """Where the commission stays with us, the artisan gives back more than the share: all that was paid for it."""
    if settings.REFUND_RETURNS_COMMISSION:
        return None
    return Money(part.goods_minor + part.shipping_minor, part.currency)


def _put_back(plan: RefundPlan, refund: Refund, now: dt.datetime) -> None:
    if not plan.restocks:
        return
    pieces = dict(plan.restocks)
    lines = OrderLine.objects.filter(id__in=pieces).values_list("id", "product_id")
    return_to_shelf(
        reference=refund.capture.payment.order_reference,
        items=[(product_id, pieces[line_id]) for line_id, product_id in lines],
        because=refund.public_id,
    )


def _own_part(seller_order_id: str, artisan_id: int, wish: RefundWish) -> SellerOrder:
    part = SellerOrder.objects.filter(public_id=seller_order_id, artisan_id=artisan_id).first()
    if part is None:
        raise PartNotFound()
    if isinstance(wish, EverythingLeft | AmountOnly) or wish.bearer != Bearer.ARTISAN:
        raise InvalidRefund("Artisans pay back their own part.")
    if isinstance(wish, PartLeft):
        own = wish.reference == part.public_id
    else:
        lines = set(OrderLine.objects.filter(seller_order=part).values_list("id", flat=True))
        named = {shipping.reference for shipping in wish.shipping} | {goodwill.reference for goodwill in wish.goodwill}
        own = {line.line_id for line in wish.lines} <= lines and named <= {part.public_id}
    if not own:
        raise InvalidRefund("Artisans pay back their own part.")
    return part
