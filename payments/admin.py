"""Payments in Django admin: everything to be seen, nothing to be changed."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin_display import ReadOnlyAdmin, ReadOnlyInline, money
from payments.models import (
    Capture,
    Payment,
    PaymentAttempt,
    PaymentEvent,
    ProcessorRequest,
    Refund,
    RefundEvent,
)


class EventInline(ReadOnlyInline):
    model = PaymentEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "source", "trace_id")
    ordering = ("id",)


class AttemptInline(ReadOnlyInline):
    model = PaymentAttempt
    fields = (
        "attempted_at", "processor_charge_id", "outcome", "failure_code", "decline_code", "card_brand", "card_last4",
        "card_country", "address_line1_check", "address_postal_code_check", "cvc_check", "three_d_secure", "risk_level",
    )  # fmt: skip
    ordering = ("attempted_at", "id")


class CaptureInline(ReadOnlyInline):
    model = Capture
    fields = ("captured_at", "processor_charge_id", "shown_amount", "shown_fee", "balance_transaction_id")
    readonly_fields = ("shown_amount", "shown_fee")

    @admin.display(description="amount")
    def shown_amount(self, capture: Capture) -> str:
        return money(capture.amount_minor, capture.currency)

    @admin.display(description="processor's fee")
    def shown_fee(self, capture: Capture) -> str:
        return money(capture.fee_minor, capture.currency)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "order_reference", "status", "shown_amount", "processor", "decline", "created_at")
    list_filter = ("status", "processor", "currency", "created_at")
    search_fields = ("public_id", "order_reference", "processor_payment_id", "attempts__processor_charge_id")
    date_hierarchy = "created_at"
    inlines: ClassVar = [AttemptInline, CaptureInline, EventInline]
    readonly_fields = ("shown_amount", "requests")

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, payment: Payment) -> str:
        return money(payment.amount_minor, payment.currency)

    @admin.display(description="last decline")
    def decline(self, payment: Payment) -> str:
        return payment.decline_code or payment.failure_code

    @admin.display(description="requests to the processor")
    def requests(self, payment: Payment) -> str:
        made = ProcessorRequest.objects.filter(subject=payment.public_id).order_by("id")
        return "; ".join(f"{row.kind} #{row.attempt}: {row.state} {row.error_code}".strip() for row in made)


class RefundEventInline(ReadOnlyInline):
    model = RefundEvent
    fields = ("occurred_at", "from_status", "event", "to_status", "source", "trace_id")
    ordering = ("id",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "order", "status", "reason", "shown_amount", "processor_refund_id", "created_at")
    list_filter = ("status", "reason", "currency", "created_at")
    search_fields = (
        "public_id",
        "processor_refund_id",
        "capture__processor_charge_id",
        "capture__payment__order_reference",
    )
    inlines: ClassVar = [RefundEventInline]
    readonly_fields = ("shown_amount",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("capture__payment")

    @admin.display(description="order")
    def order(self, refund: Refund) -> str:
        return refund.capture.payment.order_reference

    @admin.display(description="amount", ordering="amount_minor")
    def shown_amount(self, refund: Refund) -> str:
        return money(refund.amount_minor, refund.currency)


@admin.register(ProcessorRequest)
class ProcessorRequestAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "subject", "attempt", "state", "tries", "error_code", "next_try_at")
    list_filter = ("state", "kind", "processor", "created_at")
    search_fields = ("subject", "idempotency_key", "processor_id", "trace_id")
