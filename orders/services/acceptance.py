"""Artisans accept or decline their parts of an authorized order; what is accepted is captured, the rest let go."""

import datetime as dt
from contextlib import AbstractContextManager

from django.db import transaction

from catalog.services.stock import release_reservation
from common import audit, outbox
from common.money import Money
from common.one_by_one import one_by_one
from orders.contracts.order import AmountTooSmall, NotToBeAccepted, PartNotFound
from orders.enums import FulfilmentStatus, OrderStatus, ReviewStatus
from orders.models import Fulfilment, Order, SellerOrder
from orders.services.fulfilment import move_fulfilment
from orders.services.transition import lock_order, move
from payments import services as payments
from payments.models import Payment
from payments.services.offer import least_taken

_OPEN = (FulfilmentStatus.TO_ACCEPT, FulfilmentStatus.ACCEPTED)


def accept_part(*, seller_order_id: str, artisan_id: int, now: dt.datetime) -> Fulfilment:
    """By the artisan: the part will be made and sent. Once all parts are decided, what is accepted is charged.

    `seller_order_id` is public. Raises PartNotFound, also for somebody else's, and NotToBeAccepted.
    """
    with _refusals(seller_order_id, "part.accept_refused"), transaction.atomic():
        order, fulfilment = _lock(seller_order_id, artisan_id)
        if fulfilment.status == FulfilmentStatus.ACCEPTED:
            return fulfilment
        if order.status != OrderStatus.AUTHORIZED or fulfilment.status != FulfilmentStatus.TO_ACCEPT:
            raise NotToBeAccepted()
        move_fulfilment(fulfilment, "accepted", source="artisan", now=now)
        _note(fulfilment, "part.accepted")
        decide(order=order, source="artisan", now=now)
    return fulfilment


def decline_part(*, seller_order_id: str, artisan_id: int, reason: str, now: dt.datetime) -> Fulfilment:
    """By the artisan: the part can't be made. It is not charged; `reason` is told to the buyer.

    Raises PartNotFound, and NotToBeAccepted once the order is being charged: then it is a refund.
    """
    with _refusals(seller_order_id, "part.decline_refused"), transaction.atomic():
        order, fulfilment = _lock(seller_order_id, artisan_id)
        if fulfilment.status == FulfilmentStatus.DECLINED:
            return fulfilment
        if order.status != OrderStatus.AUTHORIZED or fulfilment.status not in _OPEN:
            raise NotToBeAccepted()
        _decline(order, fulfilment, reason, "artisan", now)
        decide(order=order, source="artisan", now=now)
    return fulfilment


def review_order(*, order_id: int, approves: bool, now: dt.datetime) -> Order:
    """By staff: an order under review goes on, or is called off without a charge. Permission checked by the caller.

    Raises NotToBeAccepted unless it waits for review.
    """
    reference = Order.objects.values_list("public_id", flat=True).get(id=order_id)
    with _refusals(reference, "order.review_refused"), transaction.atomic():
        order = lock_order(order_id=order_id)
        if not order.waits_for_review:
            raise NotToBeAccepted()
        order.review = ReviewStatus.APPROVED if approves else ReviewStatus.REJECTED
        order.updated_at = now
        order.save(update_fields=["review", "updated_at"])
        audit.record(
            event_type=f"order.review_{order.review}", outcome="succeeded", subject=order.public_id,
            amount=order.total, command="review_order",
        )  # fmt: skip
        if approves:
            decide(order=order, source="staff", now=now)
        else:
            _call_off(order, "staff", now)
    return order


def decide_overdue(*, now: dt.datetime, limit: int = 200) -> int:
    """Declines what nobody accepted in time, and calls off what nobody reviewed; returns how many orders were due."""
    due = list(
        Order.objects.filter(status=OrderStatus.AUTHORIZED, accept_by__lte=now)
        .order_by("accept_by")
        .values_list("id", flat=True)[:limit]
    )
    one_by_one(due, lambda order_id: _decide_overdue(order_id, now))
    return len(due)


def decide(*, order: Order, source: str, now: dt.datetime) -> None:
    """Once every part is decided and no review is open: capture, or let go. The caller holds the order's lock.

    What is left may be less than the processor takes at once: it would refuse that until the authorization is over.
    """
    if order.status != OrderStatus.AUTHORIZED or order.review == ReviewStatus.PENDING:
        return
    fulfilments = list(Fulfilment.objects.filter(seller_order__order=order).select_related("seller_order"))
    if any(fulfilment.status == FulfilmentStatus.TO_ACCEPT for fulfilment in fulfilments):
        return
    accepted = [one.seller_order for one in fulfilments if one.status == FulfilmentStatus.ACCEPTED]
    if not accepted:
        _call_off(order, source, now)
        return
    amount = Money(sum(part.goods_minor + part.shipping_minor for part in accepted), order.currency)
    payment = Payment.objects.get(public_id=order.payment_reference)
    if amount < least_taken(processor=payment.processor, currency=order.currency):
        audit.record(
            event_type="order.too_little_accepted", outcome="refused", subject=order.public_id, amount=amount,
            processor=payment.processor, command="acceptance", failure_code=AmountTooSmall.code,
        )  # fmt: skip
        _call_off(order, source, now)
        return
    order.captured_minor = amount.amount_minor
    move(order, "capture_due", source=source, now=now)
    payments.prepare_capture(payment=payment, amount=amount, now=now)
    outbox.enqueue(
        task="orders.tasks.capture_order", kwargs={"order_id": order.id}, key=f"capture:{order.payment_reference}"
    )


def _decide_overdue(order_id: int, now: dt.datetime) -> None:
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        if order.status != OrderStatus.AUTHORIZED or order.accept_by is None or order.accept_by > now:
            return
        waiting = Fulfilment.objects.select_for_update(of=("self",)).filter(
            seller_order__order=order, status=FulfilmentStatus.TO_ACCEPT
        )
        for fulfilment in waiting.order_by("id"):
            _decline(order, fulfilment, "It was not confirmed in time.", "sweeper", now)
        if order.review == ReviewStatus.PENDING:
            _call_off(order, "sweeper", now)
        else:
            decide(order=order, source="sweeper", now=now)


def _call_off(order: Order, source: str, now: dt.datetime) -> None:
    """Nothing of it is charged."""
    move(order, "declined", source=source, now=now)
    for fulfilment in Fulfilment.objects.select_for_update(of=("self",)).filter(
        seller_order__order=order, status__in=_OPEN
    ):
        move_fulfilment(fulfilment, "canceled", source=source, now=now)
    release_reservation(reference=order.public_id, now=now)
    outbox.enqueue(
        task="orders.tasks.void_payment", kwargs={"order_id": order.id}, key=f"void:{order.public_id}:declined"
    )
    outbox.enqueue(
        task="orders.tasks.send_not_charged", kwargs={"order_id": order.id}, key=f"not-charged:{order.public_id}"
    )


def _decline(order: Order, fulfilment: Fulfilment, reason: str, source: str, now: dt.datetime) -> None:
    move_fulfilment(fulfilment, "declined", source=source, now=now, decline_reason=reason[:300])
    products = list(fulfilment.seller_order.lines.values_list("product_id", flat=True))
    release_reservation(reference=order.public_id, product_ids=products, now=now)
    _note(fulfilment, "part.declined")


def _lock(seller_order_id: str, artisan_id: int) -> tuple[Order, Fulfilment]:
    part = SellerOrder.objects.filter(public_id=seller_order_id, artisan_id=artisan_id).first()
    if part is None:
        raise PartNotFound()
    order = lock_order(order_id=part.order_id)
    fulfilment = (
        Fulfilment.objects.select_for_update(of=("self",)).select_related("seller_order").filter(seller_order=part)
    ).first()
    if fulfilment is None:
        raise PartNotFound()
    return order, fulfilment


def _refusals(reference: str, event_type: str) -> AbstractContextManager[None]:
    return audit.refusals(event_type=event_type, subject=reference, command="acceptance")


def _note(fulfilment: Fulfilment, event_type: str) -> None:
    part = fulfilment.seller_order
    audit.record(
        event_type=event_type, outcome="succeeded", subject=part.public_id,
        amount=Money(part.goods_minor + part.shipping_minor, part.currency), command="acceptance",
    )  # fmt: skip
