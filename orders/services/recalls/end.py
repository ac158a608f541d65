"""The ends of a request that was not paid: the buyer declines, staff withdraw it, or the time runs out."""

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction

from common.one_by_one import one_by_one
from orders.contracts.order import Buyer, PaymentRunning
from orders.contracts.recall import RecallOver
from orders.enums import OrderStatus, RecallStatus
from orders.models import Order, Recall
from orders.selectors.recalls import get_recall, open_orders_of, to_be_returned
from orders.services.recalls.give_back import return_payment
from orders.services.recalls.move import lock_recall, move_recall, write_to_buyer
from orders.services.settle import settle_order
from orders.services.start import withdraw
from orders.services.transition import lock_order
from payments.contracts import ProcessorError

log = structlog.get_logger(__name__)


def decline_recall(*, public_id: str, buyer: Buyer, now: dt.datetime, access_key: str = "", note: str = "") -> Recall:
    """By the buyer, who owes no reason. Again is no error.

    The processor is asked first, so that a payment that has just gone through is told and not thrown away. Raises
    RecallNotFound, RecallOver (it was paid, or is over) and PaymentRunning.
    """
    recall = get_recall(public_id=public_id, buyer=buyer, access_key=access_key)
    return _end(recall, "declined", RecallStatus.DECLINED, "api", now, decline_note=note.strip()[:300])


def withdraw_recall(*, recall_id: int, now: dt.datetime) -> Recall:
    """By staff: it is not asked for any more, and the buyer is told. Again is no error.

    Raises RecallOver and PaymentRunning. The caller has checked the permission `orders.refund_order`.
    """
    return _end(Recall.objects.get(id=recall_id), "withdrawn", RecallStatus.WITHDRAWN, "staff", now)


def look_after_recalls(*, now: dt.datetime) -> int:
    """The schedule: reminds, ends what nobody has answered, and gives back what is owed; how many were ended.

    Two runs at once are harmless.
    """
    ended: list[int] = []

    def expire(recall_id: int) -> None:
        if _expire(recall_id, now):
            ended.append(recall_id)

    waiting = Recall.objects.filter(status=RecallStatus.ASKED).order_by("expires_at")
    soon = waiting.filter(reminded_at__isnull=True, expires_at__gt=now, expires_at__lte=now + settings.RECALL_REMINDER)
    one_by_one(soon.values_list("id", flat=True)[:200], lambda recall_id: _remind(recall_id, now))
    one_by_one(waiting.filter(expires_at__lte=now).values_list("id", flat=True)[:200], expire)
    one_by_one(to_be_returned(), lambda recall_id: return_payment(recall_id=recall_id, now=now))
    return len(ended)


def _end(recall: Recall, event: str, target: RecallStatus, source: str, now: dt.datetime, **changed: str) -> Recall:
    _ask_after_payments(recall, source, now)
    with transaction.atomic():
        lock_order(order_id=recall.sale_id)
        orders = open_orders_of(recall)
        recall = lock_recall(recall_id=recall.id)
        if recall.status == target:
            return recall
        if recall.status != RecallStatus.ASKED:
            raise RecallOver(f"It is over: {recall.get_status_display()}.")
        if any(order.status == OrderStatus.PROCESSING for order in orders):
            raise PaymentRunning()
        for order in orders:
            withdraw(order, now=now, source=source)
        move_recall(recall, event, source=source, now=now, **changed)
        if event == "withdrawn":
            write_to_buyer(recall, "called_off")
    return recall


def _expire(recall_id: int, now: dt.datetime) -> bool:
    recall = Recall.objects.get(id=recall_id)
    _ask_after_payments(recall, "sweeper", now)
    with transaction.atomic():
        lock_order(order_id=recall.sale_id)
        orders = open_orders_of(recall)
        recall = lock_recall(recall_id=recall_id)
        if recall.status != RecallStatus.ASKED or recall.expires_at > now:
            return False
        # Whoever has agreed in time may finish paying; what is under way has its own end.
        if any(order.status == OrderStatus.PROCESSING or order.expires_at > now for order in orders):
            return False
        for order in orders:
            withdraw(order, now=now, source="sweeper")
        move_recall(recall, "expired", source="sweeper", now=now)
    return True


def _remind(recall_id: int, now: dt.datetime) -> None:
    with transaction.atomic():
        recall = lock_recall(recall_id=recall_id)
        if recall.status != RecallStatus.ASKED or recall.reminded_at is not None:
            return
        recall.reminded_at = now
        recall.save(update_fields=["reminded_at"])
        write_to_buyer(recall, "reminder")


def _ask_after_payments(recall: Recall, source: str, now: dt.datetime) -> None:
    open_statuses = (OrderStatus.AWAITING_PAYMENT, OrderStatus.PROCESSING)
    for order_id in Order.objects.filter(recall=recall, status__in=open_statuses).values_list("id", flat=True):
        try:
            settle_order(order_id=order_id, source=source, now=now)
        except ProcessorError as error:
            # Nobody is kept from ending it by a processor that is away: money that came all the same goes back.
            log.warning("ending_recall_without_look_up", recall=recall.public_id, code=error.code)
