"""A payment, its attempts, its one capture, and its history."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from common.money import Money
from payments.enums import (
    TERMINAL_PAYMENT_STATUSES,
    AttemptOutcome,
    CaptureMethod,
    CheckResult,
    PaymentChannel,
    PaymentStatus,
)
from payments.models.saved import SavedMethod


class Payment(models.Model):
    """One intention of a buyer to pay one order on one channel.

    A buyer who changes from card to PayPal leaves a payment behind. Only one of an order's payments becomes its sale;
    the others are voided, and money that one of them takes all the same is given back.
    """

    public_id = models.CharField(max_length=32, unique=True, db_comment="pay_...; the reference in processor metadata")
    order_reference = models.CharField(
        max_length=32, db_index=True, db_comment="Public id of the order; no foreign key"
    )
    processor = models.CharField(max_length=12, db_comment="stripe, paypal or offline")
    channel = models.CharField(max_length=12, choices=PaymentChannel.choices, default=PaymentChannel.ELEMENTS)
    processor_payment_id = models.CharField(
        max_length=255, null=True, unique=True, db_comment="pi_... or a PayPal order; NULL until it is known"
    )
    hosted_session_id = models.CharField(
        max_length=255, null=True, unique=True, db_comment="cs_...: the processor's page on which it is paid"
    )
    amount_minor = models.BigIntegerField(db_comment="Minor units of currency; the frozen quote's total")
    currency = models.CharField(max_length=3)
    quote_hash = models.CharField(max_length=64, db_comment="SHA-256 of the frozen quote that is paid")
    status = models.CharField(max_length=30, choices=PaymentStatus.choices, default=PaymentStatus.CREATED)
    capture_method = models.CharField(max_length=10, choices=CaptureMethod.choices, default=CaptureMethod.AUTOMATIC)
    processor_authorization_id = models.CharField(
        max_length=255, blank=True, default="", db_comment="Where the processor has an object for it (PayPal)"
    )
    authorized_minor = models.BigIntegerField(null=True, db_comment="What is reserved; NULL while nothing is")
    authorized_until = models.DateTimeField(null=True, db_comment="When the processor lets it go")
    saved_method = models.ForeignKey(
        SavedMethod, null=True, on_delete=models.PROTECT, related_name="+", db_comment="Paid with this one"
    )
    saves_method = models.BooleanField(default=False, db_comment="The buyer agreed to have this way to pay kept")
    consent_text = models.CharField(
        max_length=300, blank=True, default="", db_comment="The words shown to the buyer who agreed that it is kept"
    )
    consented_at = models.DateTimeField(null=True, db_comment="When the buyer agreed to them")
    kept_method_id = models.CharField(
        max_length=255, blank=True, default="", db_comment="What the processor keeps of it, told after it (PayPal)"
    )
    failure_code = models.CharField(max_length=80, blank=True, default="", db_comment="Of the last attempt")
    decline_code = models.CharField(max_length=80, blank=True, default="")
    failure_message = models.CharField(max_length=300, blank=True, default="", db_comment="Words for the buyer")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    next_look_up_at = models.DateTimeField(null=True, db_comment="When the sweeper asks the processor; NULL when over")
    look_ups = models.PositiveSmallIntegerField(default=0, db_comment="How often the sweeper has asked")

    class Meta:
        db_table_comment = "Payments by buyers, one row per payment object at a processor"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(saves_method=False) | (~Q(consent_text="") & Q(consented_at__isnull=False)),
                name="payment_keeps_only_with_words",
            ),
            models.UniqueConstraint(
                fields=["order_reference", "channel"],
                condition=~Q(status__in=["canceled", "failed"]),
                name="payment_one_alive_per_channel",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_look_up_at"], name="payment_look_up", condition=Q(next_look_up_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL_PAYMENT_STATUSES


class PaymentEvent(models.Model):
    """One edge of the state graph that a payment took."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=30)
    to_status = models.CharField(max_length=30)
    source = models.CharField(max_length=20, db_comment="Who brought it: api, browser, webhook, sweeper")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of payments, written with each transition"
        triggers: ClassVar = APPEND_ONLY


class PaymentAttempt(models.Model):
    """One charge at the processor, successful or not, with the bank's checks. No card number: brand and last four."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts")
    processor_charge_id = models.CharField(max_length=255, unique=True, db_comment="ch_... or py_...")
    outcome = models.CharField(max_length=10, choices=AttemptOutcome.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    failure_code = models.CharField(max_length=80, blank=True, default="")
    decline_code = models.CharField(max_length=80, blank=True, default="")
    failure_message = models.CharField(max_length=300, blank=True, default="")
    card_brand = models.CharField(max_length=20, blank=True, default="")
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    card_country = models.CharField(max_length=2, blank=True, default="")
    address_line1_check = models.CharField(
        "AVS: street", max_length=12, choices=CheckResult.choices, blank=True, default="", db_comment="AVS result"
    )
    address_postal_code_check = models.CharField(
        "AVS: postal code", max_length=12, choices=CheckResult.choices, blank=True, default="", db_comment="AVS result"
    )
    cvc_check = models.CharField(
        "CVC",
        max_length=12,
        choices=CheckResult.choices,
        blank=True,
        default="",
        db_comment="CVC result, never the CVC",
    )
    three_d_secure = models.CharField("3D Secure", max_length=30, blank=True, default="")
    risk_level = models.CharField(max_length=20, blank=True, default="")
    attempted_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Every attempt to take money for a payment, with AVS and CVC results"

    def __str__(self) -> str:
        return self.processor_charge_id


class Capture(models.Model):
    """Money that was taken: the one fact that the sale's journal is posted from."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="capture")
    processor_charge_id = models.CharField(max_length=255, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField(null=True, db_comment="The processor's fee; NULL until it is known")
    balance_transaction_id = models.CharField(max_length=255, blank=True, default="")
    refunded_minor = models.BigIntegerField(
        default=0, db_comment="Refunds asked for and made, without those that failed"
    )
    captured_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Captured money, at most one row per payment"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="capture_amount_positive"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")),
                name="capture_never_refunded_beyond_itself",
            ),
            models.CheckConstraint(
                condition=Q(fee_minor__isnull=True) | Q(fee_minor__gte=0), name="capture_fee_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="capture_fee_missing", condition=Q(fee_minor__isnull=True))
        ]

    def __str__(self) -> str:
        return self.processor_charge_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
