"""E-mails about refunds that were issued in error: what we ask, that the buyer is free to decline, how it ended."""

from typing import Any

from django.conf import settings
from django.db import transaction

from common import outbox
from orders.emails.letters import order_context, send
from orders.models import Order, Recall, SellerOrder
from orders.selectors.orders import access_key_of
from orders.selectors.recalls import refund_of, things_of


def send_request(*, recall_id: int) -> None:
    """To the buyer: what was refunded by mistake and why, what we ask for, until when, and that they may decline."""
    _ask(recall_id, "We refunded you {amount} by mistake")


def send_reminder(*, recall_id: int) -> None:
    """To the buyer who has not answered; the time is nearly over."""
    _ask(recall_id, "Reminder: we refunded you {amount} by mistake", is_reminder=True)


def send_called_off(*, recall_id: int) -> None:
    """To the buyer: nothing is to be paid any more."""
    recall = _recall(recall_id)
    send(
        "recall_called_off",
        to=recall.sale.email,
        subject=f"You need not pay {recall.amount} back",
        context=_context(recall),
    )


def announce_paid(*, order_id: int) -> None:
    """One message for each letter: to the buyer, and to each artisan who has something back."""
    order = Order.objects.select_related("recall").get(id=order_id)
    if order.recall is None:
        return
    with transaction.atomic():
        outbox.enqueue(
            task="orders.tasks.send_recall_paid",
            kwargs={"recall_id": order.recall.id},
            key=f"recall-paid:{order.recall.public_id}",
        )
        for part in order.seller_orders.filter(share_minor__gt=0):
            outbox.enqueue(
                task="orders.tasks.send_recall_share",
                kwargs={"seller_order_id": part.id},
                key=f"recall-share:{part.public_id}",
            )


def send_paid(*, recall_id: int) -> None:
    """To the buyer: the receipt."""
    recall = _recall(recall_id)
    send(
        "recall_paid",
        to=recall.sale.email,
        subject=f"Thank you: {recall.amount} paid back",
        context=_context(recall),
    )


def send_share(*, seller_order_id: int) -> None:
    """To the artisan: the buyer has paid a refund back, and their share of it is theirs again."""
    part = SellerOrder.objects.select_related("order__recall__sale", "artisan__owner").get(id=seller_order_id)
    recall = part.order.recall
    if recall is None:
        return
    send(
        "recall_share",
        to=part.artisan.owner.email,
        subject=f"{part.share} of a refund are yours again",
        context={
            "part": part,
            "recall": recall,
            "things": things_of(recall, artisan_id=part.artisan_id),
            "page_url": f"{settings.SITE_URL}/selling/orders/{part.public_id}/",
        },
    )


def _ask(recall_id: int, subject: str, *, is_reminder: bool = False) -> None:
    recall = _recall(recall_id)
    if not recall.is_open:
        return
    send(
        "recall_request",
        to=recall.sale.email,
        subject=subject.format(amount=refund_of(recall).amount),
        context={**_context(recall), "is_reminder": is_reminder},
    )


def _recall(recall_id: int) -> Recall:
    return Recall.objects.select_related("sale").get(id=recall_id)


def _context(recall: Recall) -> dict[str, Any]:
    return {
        **order_context(recall.sale),
        "recall": recall,
        "refund": refund_of(recall),
        "things": things_of(recall),
        "request_url": f"{settings.SITE_URL}/requests/{recall.public_id}/?key={access_key_of(recall.public_id)}",
    }
