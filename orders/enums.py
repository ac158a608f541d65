"""The words of orders."""

from django.db import models


class OrderStatus(models.TextChoices):
    AWAITING_PAYMENT = "awaiting_payment", "waiting for payment"
    PROCESSING = "processing", "payment is being processed"
    PAID = "paid", "paid"
    EXPIRED = "expired", "expired unpaid"
    CANCELED = "canceled", "canceled"
    REFUNDING = "refunding", "late payment, being paid back"
    REFUNDED = "refunded", "late payment, paid back"
    REFUND_FAILED = "refund_failed", "late payment, could not be paid back"
