"""Queued and scheduled work of orders. Tasks take ids; each makes one call."""

from celery import shared_task

from common.clock import now
from orders.emails import letters as emails
from orders.emails import recalls as recall_emails
from orders.services import acceptance, capture, disputes, end, off_session, refunds, resolve
from orders.services.forget_carts import forget_guest_carts as forget_old_guest_carts
from orders.services.recalls import end as end_recalls
from orders.services.recalls import give_back


@shared_task(name="orders.tasks.settle_open_payments")
def settle_open_payments() -> int:
    return end.settle_open_payments(now=now())


@shared_task(name="orders.tasks.expire_orders")
def expire_orders() -> int:
    return end.expire_orders(now=now())


@shared_task(name="orders.tasks.resolve_requests")
def resolve_requests() -> int:
    return resolve.resolve_requests(now=now())


@shared_task(name="orders.tasks.forget_guest_carts")
def forget_guest_carts() -> int:
    return forget_old_guest_carts(now=now())


@shared_task(name="orders.tasks.void_payment")
def void_payment(order_id: int) -> None:
    end.void_payments(order_id=order_id, now=now())


@shared_task(name="orders.tasks.decide_overdue")
def decide_overdue() -> int:
    return acceptance.decide_overdue(now=now())


@shared_task(name="orders.tasks.capture_order")
def capture_order(order_id: int) -> None:
    capture.capture_order(order_id=order_id, source="task", now=now())


@shared_task(name="orders.tasks.send_refund")
def send_refund(refund_id: int) -> None:
    refunds.send_refund(refund_id=refund_id, source="task", now=now())


@shared_task(name="orders.tasks.refund_late_payment")
def refund_late_payment(refund_id: int) -> None:
    """As `send_refund`, under the name that settlements give it."""
    refunds.send_refund(refund_id=refund_id, source="task", now=now())


@shared_task(name="orders.tasks.after_sale")
def after_sale(order_id: int) -> None:
    emails.announce_sale(order_id=order_id)
    end.void_payments(order_id=order_id, now=now())


@shared_task(name="orders.tasks.after_authorization")
def after_authorization(order_id: int) -> None:
    emails.announce_authorization(order_id=order_id)
    end.void_payments(order_id=order_id, now=now())


@shared_task(name="orders.tasks.send_reserved")
def send_reserved(order_id: int) -> None:
    emails.send_reserved(order_id=order_id)


@shared_task(name="orders.tasks.send_please_accept")
def send_please_accept(seller_order_id: int) -> None:
    emails.send_please_accept(seller_order_id=seller_order_id)


@shared_task(name="orders.tasks.send_please_review")
def send_please_review(order_id: int, user_id: int) -> None:
    emails.send_please_review(order_id=order_id, user_id=user_id)


@shared_task(name="orders.tasks.send_not_charged")
def send_not_charged(order_id: int) -> None:
    emails.send_not_charged(order_id=order_id)


@shared_task(name="orders.tasks.send_shipped")
def send_shipped(seller_order_id: int) -> None:
    emails.send_shipped(seller_order_id=seller_order_id)


@shared_task(name="orders.tasks.send_receipt")
def send_receipt(order_id: int) -> None:
    emails.send_receipt(order_id=order_id)


@shared_task(name="orders.tasks.send_sale_notice")
def send_sale_notice(seller_order_id: int) -> None:
    emails.send_sale_notice(seller_order_id=seller_order_id)


@shared_task(name="orders.tasks.send_refund_notice")
def send_refund_notice(refund_id: int) -> None:
    emails.send_refund_notice(refund_id=refund_id)


@shared_task(name="orders.tasks.send_refund_bounced")
def send_refund_bounced(refund_id: int) -> None:
    emails.send_refund_bounced(refund_id=refund_id)


@shared_task(name="orders.tasks.announce_dispute")
def announce_dispute(dispute_id: int) -> None:
    emails.announce_dispute(dispute_id=dispute_id)


@shared_task(name="orders.tasks.send_dispute_to_artisan")
def send_dispute_to_artisan(dispute_id: int, seller_order_id: int) -> None:
    emails.send_dispute_to_artisan(dispute_id=dispute_id, seller_order_id=seller_order_id)


@shared_task(name="orders.tasks.send_dispute_to_staff")
def send_dispute_to_staff(dispute_id: int, user_id: int) -> None:
    emails.send_dispute_to_staff(dispute_id=dispute_id, user_id=user_id)


@shared_task(name="orders.tasks.remind_of_dispute")
def remind_of_dispute(dispute_id: int, days: int) -> None:
    emails.remind_of_dispute(dispute_id=dispute_id, days=days)


@shared_task(name="orders.tasks.send_dispute_reminder")
def send_dispute_reminder(dispute_id: int, user_id: int) -> None:
    emails.send_dispute_reminder(dispute_id=dispute_id, user_id=user_id)


@shared_task(name="orders.tasks.announce_dispute_end")
def announce_dispute_end(dispute_id: int) -> None:
    emails.announce_dispute_end(dispute_id=dispute_id)


@shared_task(name="orders.tasks.send_dispute_end")
def send_dispute_end(dispute_id: int, seller_order_id: int) -> None:
    emails.send_dispute_end(dispute_id=dispute_id, seller_order_id=seller_order_id)


@shared_task(name="orders.tasks.answer_dispute")
def answer_dispute(dispute_id: int) -> None:
    disputes.send_answer(dispute_id=dispute_id, source="task", now=now())


@shared_task(name="orders.tasks.look_after_disputes")
def look_after_disputes() -> int:
    return disputes.look_after_disputes(now=now())


@shared_task(name="orders.tasks.charge_off_session")
def charge_off_session(order_id: int, method_id: int) -> None:
    off_session.charge_off_session(order_id=order_id, method_id=method_id, now=now())


@shared_task(name="orders.tasks.send_confirm_again")
def send_confirm_again(order_id: int) -> None:
    emails.send_confirm_again(order_id=order_id)


@shared_task(name="orders.tasks.look_after_recalls")
def look_after_recalls() -> int:
    return end_recalls.look_after_recalls(now=now())


@shared_task(name="orders.tasks.after_recall_paid")
def after_recall_paid(order_id: int) -> None:
    recall_emails.announce_paid(order_id=order_id)
    end.void_payments(order_id=order_id, now=now())


@shared_task(name="orders.tasks.return_recall_payment")
def return_recall_payment(recall_id: int) -> None:
    give_back.return_payment(recall_id=recall_id, now=now())


@shared_task(name="orders.tasks.send_recall_request")
def send_recall_request(recall_id: int) -> None:
    recall_emails.send_request(recall_id=recall_id)


@shared_task(name="orders.tasks.send_recall_reminder")
def send_recall_reminder(recall_id: int) -> None:
    recall_emails.send_reminder(recall_id=recall_id)


@shared_task(name="orders.tasks.send_recall_called_off")
def send_recall_called_off(recall_id: int) -> None:
    recall_emails.send_called_off(recall_id=recall_id)


@shared_task(name="orders.tasks.send_recall_paid")
def send_recall_paid(recall_id: int) -> None:
    recall_emails.send_paid(recall_id=recall_id)


@shared_task(name="orders.tasks.send_recall_share")
def send_recall_share(seller_order_id: int) -> None:
    recall_emails.send_share(seller_order_id=seller_order_id)
