"""What follows from news of a refund, in the transaction that records them: books, e-mails, the order's state."""

import datetime as dt

from common import outbox
from common.rows import fetch_all, fetch_one
from orders.enums import OrderStatus
from orders.models import Fulfilment, Order
from orders.selectors.refunds import paid_back_whole
from orders.services.fulfilment import move_all
from orders.services.recalls.bounce import refund_bounced
from orders.services.refunds import books
from orders.services.refunds.withdraw import take_back
from orders.services.transition import move
from payments import services as payments
from payments.enums import LATE_PAYMENT_REASONS, OPEN_REFUND_STATUSES, RefundStatus
from payments.models import Refund

_UNSENT_OF_REFUND = (
    "WHERE status = 'to_ship' AND seller_order_id IN"
    " (SELECT seller_order_id FROM orders_refundallocation WHERE refund_reference = %s) ORDER BY id FOR UPDATE"
)


def lock_order_of(refund: Refund) -> Order:
    """The order, locked before the refund. `refund` comes with its capture and payment."""
    return fetch_one(Order, "WHERE public_id = %s FOR UPDATE", [refund.capture.payment.order_reference])


def apply(order: Order, recorded: payments.RefundRecorded, source: str, now: dt.datetime) -> None:
    """Does what the news ask for; the caller holds the order's lock."""
    if recorded.event is None:
        return
    if recorded.refund.is_late:
        _apply_late(order, recorded, source, now)
    else:
        _apply_of_sale(order, recorded, source, now)


def _apply_of_sale(order: Order, recorded: payments.RefundRecorded, source: str, now: dt.datetime) -> None:
    refund = recorded.refund
    if recorded.is_given:
        books.book_sent(refund=refund, now=now)
        _call_off_unsent_parts(order, refund, source, now)
        _tell_the_buyer(refund)
    elif recorded.event == "bounced":
        # The buyer is owed it still: nobody gets anything back, and it can be sent once more.
        books.book_bounced(refund=refund, now=now)
        books.book_unallocated_returned(processor_refund_id=str(refund.processor_refund_id), now=now)
        refund_bounced(refund=refund, source=source, now=now)
        _say_that_it_came_back(refund)
    elif refund.status == RefundStatus.FAILED and refund.attempt == 1:
        take_back(refund=refund, now=now)


def _apply_late(order: Order, recorded: payments.RefundRecorded, source: str, now: dt.datetime) -> None:
    """A payment that never became the sale. The order may be paid by another one: then its state is not touched."""
    refund = recorded.refund
    if recorded.is_given:
        books.book_late_given(refund=refund, now=now)
        paid_back(order, refund, source, now)
        _tell_the_buyer(refund)
    elif refund.status == RefundStatus.FAILED:
        if recorded.event == "bounced":
            books.book_late_bounced(refund=refund, now=now)
            _say_that_it_came_back(refund)
        if order.status in (OrderStatus.REFUNDING, OrderStatus.REFUNDED):
            move(order, "refund_failed", source=source, now=now)


def paid_back(order: Order, refund: Refund, source: str, now: dt.datetime) -> None:
    """An order that came to nothing is refunded once all that was paid for it has gone back."""
    if order.status in (OrderStatus.REFUNDING, OrderStatus.REFUND_FAILED) and not _others_open(order, refund):
        move(order, "refunded", source=source, now=now)


def _call_off_unsent_parts(order: Order, refund: Refund, source: str, now: dt.datetime) -> None:
    """What was paid back whole before it was sent needs not be sent any more."""
    waiting = fetch_all(Fulfilment, _UNSENT_OF_REFUND, [refund.public_id])
    if not waiting:
        return
    over = paid_back_whole(order)
    move_all([one for one in waiting if one.seller_order_id in over], "canceled", source=source, now=now)


def _tell_the_buyer(refund: Refund) -> None:
    outbox.enqueue(
        task="orders.tasks.send_refund_notice",
        kwargs={"refund_id": refund.id},
        key=f"refund-mail:{refund.public_id}:{refund.attempt}",
    )


def _say_that_it_came_back(refund: Refund) -> None:
    """The buyer was told that it is on its way, and waits for it. Once for each attempt."""
    outbox.enqueue(
        task="orders.tasks.send_refund_bounced",
        kwargs={"refund_id": refund.id},
        key=f"refund-bounced-mail:{refund.public_id}:{refund.attempt}",
    )


def _others_open(order: Order, refund: Refund) -> bool:
    """Whether another payment of the same order is still to be given back."""
    return (
        Refund.objects.filter(
            capture__payment__order_reference=order.public_id,
            reason__in=LATE_PAYMENT_REASONS,
            status__in=[*OPEN_REFUND_STATUSES, RefundStatus.FAILED],
            withdrawn_at__isnull=True,
        )
        .exclude(id=refund.id)
        .exists()
    )
