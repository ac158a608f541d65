"""The words of orders."""

from django.db import models


class OrderStatus(models.TextChoices):
    AWAITING_PAYMENT = "awaiting_payment", "waiting for payment"
    PROCESSING = "processing", "payment is being processed"
    AUTHORIZED = "authorized", "authorized, waiting for the artisans"
    CAPTURING = "capturing", "accepted, the payment is being taken"
    PAID = "paid", "paid"
    EXPIRED = "expired", "expired unpaid"
    CANCELED = "canceled", "canceled"
    REFUNDING = "refunding", "late payment, being paid back"
    REFUNDED = "refunded", "late payment, paid back"
    REFUND_FAILED = "refund_failed", "late payment, could not be paid back"


# The buyer has done their part: nothing more is to be paid.
PLACED = frozenset({OrderStatus.AUTHORIZED, OrderStatus.CAPTURING, OrderStatus.PAID})


class ReviewStatus(models.TextChoices):
    """Whether a person looks at an order before its money is taken."""

    NONE = "none", "no review"
    PENDING = "pending", "waiting for review"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"


class FulfilmentStatus(models.TextChoices):
    """What an artisan has done about their part of an order."""

    TO_ACCEPT = "to_accept", "to be accepted"
    ACCEPTED = "accepted", "accepted, waiting for the payment"
    DECLINED = "declined", "declined by the artisan"
    TO_SHIP = "to_ship", "to be shipped"
    SHIPPED = "shipped", "shipped"
    DELIVERED = "delivered", "delivered"
    CANCELED = "canceled", "canceled, paid back"


class RefundPart(models.TextChoices):
    """What a part of a refund is for."""

    GOODS = "goods", "goods"
    SHIPPING = "shipping", "shipping"
    GOODWILL = "goodwill", "goodwill"


class Bearer(models.TextChoices):
    """Who pays a part of a refund: the artisan their share of it and we our commission, or we alone."""

    ARTISAN = "artisan", "the artisan and our commission"
    PLATFORM = "platform", "the platform alone"


class RecallStatus(models.TextChoices):
    """A refund issued in error that the buyer is asked to pay back."""

    ASKED = "asked", "the buyer was asked"
    PAID = "paid", "paid back by the buyer"
    DECLINED = "declined", "declined by the buyer"
    WITHDRAWN = "withdrawn", "withdrawn by us"
    EXPIRED = "expired", "not answered in time"
    VOID = "void", "ended, because the refund came back"
    RETURNED = "returned", "paid, and given back because the refund came back"


# What these ask for, or have got, is not asked for a second time.
RECALLS_THAT_COUNT = frozenset({RecallStatus.ASKED, RecallStatus.PAID})
