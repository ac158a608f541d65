"""E-mails about orders: what happened to the money, in plain words, with the amount and the next step."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from common import outbox
from common.letters import send_letter
from common.money import Money
from common.rows import fetch_all, fetch_first, fetch_one, fetch_with
from identity.enums import country_name
from orders.enums import FulfilmentStatus, OrderStatus
from orders.models import Order, OrderLine, SellerOrder
from orders.selectors import disputes
from orders.selectors.orders import access_key, charged_for, current_payment, may_review, parts_of, too_little_left
from orders.selectors.refunds import refunds_of
from payments import services as payments
from payments.contracts import AuthenticationRequired
from payments.enums import RefundReason
from payments.models import Dispute, PaymentAttempt

_SOLD = (
    "WHERE order_id = %s AND NOT EXISTS (SELECT 1 FROM orders_fulfilment f"
    " WHERE f.seller_order_id = orders_sellerorder.id AND f.status = 'declined') ORDER BY id"
)
_SUCCEEDED = "WHERE payment_id = %s AND outcome = 'succeeded' ORDER BY id LIMIT 1"


def announce_sale(*, order_id: int) -> None:
    """One message in the outbox for each e-mail, so that one that fails does not repeat the others."""
    order = _order(order_id)
    with transaction.atomic():
        outbox.enqueue(
            task="orders.tasks.send_receipt", kwargs={"order_id": order.id}, key=f"receipt:{order.public_id}"
        )
        for part in fetch_all(SellerOrder, _SOLD, [order.id]):
            outbox.enqueue(
                task="orders.tasks.send_sale_notice",
                kwargs={"seller_order_id": part.id},
                key=f"sale-notice:{part.public_id}",
            )


def send_receipt(*, order_id: int) -> None:
    """To the buyer: what was bought of whom, what was charged, what comes next."""
    order = _order(order_id)
    payment = current_payment(order)
    attempt = fetch_first(PaymentAttempt, _SUCCEEDED, [payment.id]) if payment else None
    send(
        "receipt",
        to=order.email,
        subject=f"Your order at Artisan's Hub: {charged_for(order)} paid",
        context={**order_context(order), "attempt": attempt, "payment": payment},
    )


def announce_authorization(*, order_id: int) -> None:
    """One message in the outbox for each e-mail: to the buyer, each artisan who has to accept, and who may review."""
    order = _order(order_id)
    with transaction.atomic():
        outbox.enqueue(
            task="orders.tasks.send_reserved", kwargs={"order_id": order.id}, key=f"reserved:{order.public_id}"
        )
        for part in order.seller_orders.filter(fulfilment__status=FulfilmentStatus.TO_ACCEPT):
            outbox.enqueue(
                task="orders.tasks.send_please_accept",
                kwargs={"seller_order_id": part.id},
                key=f"please-accept:{part.public_id}",
            )
        for person in may_review() if order.waits_for_review else ():
            outbox.enqueue(
                task="orders.tasks.send_please_review",
                kwargs={"order_id": order.id, "user_id": person.pk},
                key=f"please-review:{order.public_id}:{person.pk}",
            )


def send_reserved(*, order_id: int) -> None:
    """To the buyer: the order is placed, the money is reserved, nothing is charged before it is confirmed."""
    order = _order(order_id)
    send(
        "reserved",
        to=order.email,
        subject=f"Your order at Artisan's Hub: {order.total} reserved",
        context=order_context(order),
    )


def send_please_accept(*, seller_order_id: int) -> None:
    """To the artisan: somebody wants this made; accept or decline, and until when."""
    part = _part(seller_order_id)
    lines = _lines(part)
    send(
        "please_accept",
        to=part.artisan.owner.email,
        subject=f"Please confirm: {_what(lines)} for {Money(part.goods_minor, part.currency)}",
        context={
            "part": part,
            "order": part.order,
            "lines": lines,
            "page_url": f"{settings.SITE_URL}/selling/orders/{part.public_id}/",
        },
    )


def send_please_review(*, order_id: int, user_id: int) -> None:
    """To one of staff: a large order is charged only once somebody has approved it."""
    order = _order(order_id)
    person = may_review().filter(pk=user_id).first()
    if person is None or not order.waits_for_review:
        return
    path = reverse("admin:orders_order_change", args=[order.pk])
    send(
        "please_review",
        to=person.email,
        subject=f"Please review an order of {order.total}",
        context={"order": order, "review_url": settings.SITE_URL + path},
    )


def send_not_charged(*, order_id: int) -> None:
    """To the buyer: the order came to nothing, and nothing was charged."""
    order = _order(order_id)
    send(
        "not_charged",
        to=order.email,
        subject="Your order was not charged",
        context={**order_context(order), "too_little": too_little_left(order)},
    )


def send_confirm_again(*, order_id: int) -> None:
    """To the buyer whose saved way to pay could not be charged alone: nothing was charged, confirm it by the link."""
    order = _order(order_id)
    if order.status != OrderStatus.AWAITING_PAYMENT:
        return
    payment = current_payment(order)
    send(
        "confirm_again",
        to=order.email,
        subject=f"Please confirm your payment of {order.total}",
        context={
            **order_context(order),
            "bank_asks": payment is not None and payment.failure_code == AuthenticationRequired.code,
            "checkout_url": f"{settings.SITE_URL}/accounts/login/?next=/checkout/%3Forder%3D{order.public_id}",
        },
    )


def send_shipped(*, seller_order_id: int) -> None:
    """To the buyer: one artisan's part is on its way, and how to follow it."""
    part = SellerOrder.objects.select_related("order", "artisan", "fulfilment").get(id=seller_order_id)
    send(
        "shipped",
        to=part.order.email,
        subject=f"{part.artisan.name} has sent your order",
        context={**order_context(part.order), "part": part, "lines": _lines(part)},
    )


def send_sale_notice(*, seller_order_id: int) -> None:
    """To the artisan: what was sold, what they earn, where to send it."""
    part = _part(seller_order_id)
    lines = _lines(part)
    send(
        "sale_notice",
        to=part.artisan.owner.email,
        subject=f"You sold {_what(lines)} for {Money(part.goods_minor, part.currency)}",
        context={
            "part": part,
            "order": part.order,
            "lines": lines,
            "address": part.order.shipping_address,
            "country": country_name(part.order.shipping_address["country"]),
        },
    )


def send_refund_notice(*, refund_id: int) -> None:
    """To the buyer: how much comes back, what for, and when it arrives. What is told is the refund's own amount."""
    refund = payments.get_refund(refund_id=refund_id)
    order = fetch_one(Order, "WHERE public_id = %s", [refund.capture.payment.order_reference])
    if refund.is_late and order.status != OrderStatus.PAID and not order.is_recall:
        send(
            "late_payment_refunded",
            to=order.email,
            subject=f"We have refunded {refund.amount}",
            context={
                **order_context(order),
                "amount": refund.amount,
                "was_another_amount": refund.reason == RefundReason.AMOUNT_MISMATCH,
            },
        )
        return
    view = next(view for view in refunds_of(order) if view.reference == refund.public_id)
    # Nothing was bought with what paid a refund back: the letter links to the order that it was about.
    about = order if order.recall is None else order.recall.sale
    send(
        "refund_notice",
        to=order.email,
        subject=f"We have refunded {view.amount}",
        context={
            **order_context(about),
            "refund": view,
            "paid_twice": refund.is_late,
            "of_recall": order.recall is not None,
        },
    )


def send_refund_bounced(*, refund_id: int) -> None:
    """To the buyer whose bank sent a refund back: that the money is safe, and what we do next."""
    refund = payments.get_refund(refund_id=refund_id)
    order = fetch_one(Order, "WHERE public_id = %s", [refund.capture.payment.order_reference])
    send(
        "refund_bounced",
        to=order.email,
        subject=f"Your refund of {refund.amount} came back to us",
        context={
            **order_context(order),
            "amount": refund.amount,
            "is_paypal": refund.capture.payment.processor == "paypal",
        },
    )


def announce_dispute(*, dispute_id: int) -> None:
    """The bank asks: one message for each artisan concerned, who can help with the answer, and for each of staff."""
    dispute = payments.get_dispute(dispute_id=dispute_id)
    with transaction.atomic():
        for part in disputes.parts_concerned(dispute):
            _enqueue_about(dispute, "send_dispute_to_artisan", "seller_order_id", part.id)
        for person in disputes.may_answer():
            _enqueue_about(dispute, "send_dispute_to_staff", "user_id", person.pk)


def send_dispute_to_artisan(*, dispute_id: int, seller_order_id: int) -> None:
    """What is disputed of their part, what is kept back for it, what would help, and until when."""
    dispute = payments.get_dispute(dispute_id=dispute_id)
    part = _part(seller_order_id)
    stake = disputes.stake_of(dispute, part)
    asks_only = dispute.is_inquiry
    send(
        "dispute_artisan",
        to=part.artisan.owner.email,
        subject=f"A buyer's bank asks about a sale of yours: {stake.amount}"
        if asks_only
        else f"A buyer's bank has taken a payment back: {stake.amount} of your sale",
        context={
            "dispute": dispute,
            "part": part,
            "lines": _lines(part),
            "stake": stake,
            "page_url": f"{settings.SITE_URL}/selling/orders/{part.public_id}/",
        },
    )


def send_dispute_to_staff(*, dispute_id: int, user_id: int) -> None:
    """Which order, how much, why, until when, and where it is answered."""
    _write_to_staff("dispute_staff", dispute_id, user_id, "Dispute to be answered")


def remind_of_dispute(*, dispute_id: int, days: int) -> None:
    """To each of staff, if it is not answered yet; `days` before its time is over."""
    dispute = payments.get_dispute(dispute_id=dispute_id)
    if not dispute.can_be_answered:
        return
    with transaction.atomic():
        for person in disputes.may_answer():
            _enqueue_about(dispute, "send_dispute_reminder", "user_id", person.pk, round_of=f"{days}-days")


def send_dispute_reminder(*, dispute_id: int, user_id: int) -> None:
    """The time for an answer is running out."""
    _write_to_staff("dispute_staff", dispute_id, user_id, "Reminder: dispute to be answered")


def announce_dispute_end(*, dispute_id: int) -> None:
    """One message for each artisan concerned."""
    dispute = payments.get_dispute(dispute_id=dispute_id)
    with transaction.atomic():
        for part in disputes.parts_concerned(dispute):
            _enqueue_about(dispute, "send_dispute_end", "seller_order_id", part.id)


def send_dispute_end(*, dispute_id: int, seller_order_id: int) -> None:
    """To the artisan: how it was decided, and what that means for their money."""
    dispute = payments.get_dispute(dispute_id=dispute_id)
    part = _part(seller_order_id)
    stake = disputes.stake_of(dispute, part)
    send(
        "dispute_end",
        to=part.artisan.owner.email,
        subject=f"The dispute about your sale is over: {dispute.get_status_display()}",
        context={"dispute": dispute, "part": part, "stake": stake},
    )


def _write_to_staff(template: str, dispute_id: int, user_id: int, subject: str) -> None:
    dispute = payments.get_dispute(dispute_id=dispute_id)
    person = disputes.may_answer().filter(pk=user_id).first()
    if person is None:
        return
    path = reverse("admin:payments_dispute_change", args=[dispute.pk])
    send(
        template,
        to=person.email,
        subject=f"{subject}: {dispute.amount}, {dispute.get_reason_display()}",
        context={
            "dispute": dispute,
            "order_reference": dispute.capture.payment.order_reference,
            "answer_url": settings.SITE_URL + path,
        },
    )


def _enqueue_about(dispute: Dispute, task: str, name: str, row_id: int, *, round_of: str = "") -> None:
    """Once for each row of a dispute's history, or for each day on which somebody is reminded."""
    entry = round_of or payments.last_entry(dispute=dispute)
    outbox.enqueue(
        task=f"orders.tasks.{task}",
        kwargs={"dispute_id": dispute.id, name: row_id},
        key=f"{task}:{dispute.public_id}:{entry}:{row_id}",
    )


def _order(order_id: int) -> Order:
    return fetch_one(Order, "WHERE id = %s", [order_id])


def _part(seller_order_id: int) -> SellerOrder:
    """With its order and its artisan's owner."""
    related = ("order", "artisan", "artisan__owner")
    [part] = fetch_with(SellerOrder, related, "WHERE orders_sellerorder.id = %s", [seller_order_id])
    return part


def _lines(part: SellerOrder) -> list[OrderLine]:
    return fetch_all(OrderLine, "WHERE seller_order_id = %s ORDER BY position", [part.id])


def _what(lines: list[OrderLine]) -> str:
    return lines[0].title if len(lines) == 1 else f"{len(lines)} of your pieces"


def order_context(order: Order) -> dict[str, Any]:
    """What every letter about an order says or links to."""
    link = f"{settings.SITE_URL}/orders/{order.public_id}/?key={access_key(order)}"
    parts = parts_of(order)
    declined = [part for part in parts if _is_declined(part)]
    return {
        "order": order,
        "parts": [part for part in parts if part not in declined],
        "declined": declined,
        "charged": charged_for(order),
        "order_url": link,
        "address": order.shipping_address,
        "country": country_name(order.shipping_address["country"]),
    }


def _is_declined(part: SellerOrder) -> bool:
    fulfilment = getattr(part, "fulfilment", None)
    return fulfilment is not None and fulfilment.status == FulfilmentStatus.DECLINED


def send(template: str, *, to: str, subject: str, context: dict[str, Any]) -> None:
    """Renders both halves of the letter and sends it."""
    send_letter(f"orders/email/{template}", to=to, subject=subject, context=context)
