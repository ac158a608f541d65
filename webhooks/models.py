"""The inbox: what processors told us, as it came, and what became of it. The table is the queue."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from common.append_only import APPEND_ONLY
from webhooks.enums import EventEdge, EventStatus

_AS_RECEIVED = (
    "source", "external_id", "event_type", "object_type", "object_id", "processor_payment_id", "connected_account_id",
    "api_version", "livemode", "occurred_at", "received_at", "body_sha256", "user_agent", "trace_id",
)  # fmt: skip
_FINISHED_WELL = [EventStatus.PROCESSED.value, EventStatus.IGNORED.value]
# Emptied once and never written again, and only while the event is over and stays over: webhooks.services.retention.
_PAYLOAD_OTHER_THAN_EMPTIED = pgtrigger.Condition(
    "OLD.payload IS DISTINCT FROM NEW.payload AND NOT (NEW.payload = '{}'::jsonb"
    " AND OLD.status IN ('processed', 'ignored') AND OLD.status = NEW.status"
    " AND OLD.finished_at = NEW.finished_at)"
)


class WebhookEvent(models.Model):
    """One event of a processor, stored once however often it is delivered."""

    source = models.CharField(max_length=12, db_comment="Processor: stripe or paypal")
    external_id = models.CharField(max_length=255, db_comment="The processor's id of the event; unique per source")
    event_type = models.CharField(max_length=100, db_comment="The processor's word, payment_intent.succeeded")
    object_type = models.CharField(max_length=255, db_comment="The processor's word for what the event is about")
    object_id = models.CharField(max_length=255, db_comment="The processor's id of what it is about")
    processor_payment_id = models.CharField(max_length=255, db_comment="The payment it belongs to, empty for none")
    connected_account_id = models.CharField(max_length=255, db_comment="Set for events of a seller's own account")
    concern = models.CharField(max_length=20, db_comment="What is looked up: payment, refund, transfer, ... other")
    subject_id = models.CharField(
        max_length=255, db_comment="Id of what is looked up; one look-up serves all its events"
    )
    reference = models.CharField(max_length=255, db_comment="Our public id of the subject, from its metadata")
    order_reference = models.CharField(max_length=255, db_comment="Our public id of the order, from the metadata")
    api_version = models.CharField(max_length=255)
    livemode = models.BooleanField()
    occurred_at = models.DateTimeField(db_comment="When the processor made the event")
    received_at = models.DateTimeField(db_comment="When it was first delivered to us")
    payload = models.JSONField(db_comment="The body as received, but for secrets; {} once it was too old to be kept")
    body_sha256 = models.CharField(max_length=64, db_comment="SHA-256 of the raw body, hexadecimal")
    user_agent = models.CharField(max_length=200, db_comment="Of the sender; no other header is kept")
    trace_id = models.CharField(max_length=64, db_comment="Trace id of the delivery, carried on by the worker")

    status = models.CharField(max_length=12, choices=EventStatus.choices)
    attempts = models.PositiveIntegerField(db_comment="How often a worker took it")
    failures = models.PositiveIntegerField(db_comment="Failed attempts since it was received or replayed")
    due_at = models.DateTimeField(null=True, db_comment="Not worked on before this; end of the lease; NULL when done")
    sent_at = models.DateTimeField(null=True, db_comment="When the sweeper last gave it to the broker")
    lease = models.UUIDField(null=True, db_comment="Which worker holds it; only the holder records the outcome")
    first_parked_at = models.DateTimeField(null=True, db_comment="Parked for too long since then means dead")
    finished_at = models.DateTimeField(null=True, db_comment="When it was processed, ignored or given up")
    last_note = models.CharField(max_length=300, db_comment="Last error or reason, for the desk")

    class Meta:
        db_table_comment = "Inbox of processor events: durable, one row per event, and the queue of what is to be done"
        verbose_name = "webhook event"
        default_permissions = ("view",)
        permissions = [("replay_webhookevent", "Can replay webhook events and set them aside")]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="webhook_event_once_per_source"),
            models.CheckConstraint(condition=Q(status__in=EventStatus.values), name="webhook_event_status_known"),
            models.CheckConstraint(
                name="webhook_event_due_until_done",
                condition=Q(status__in=["received", "processing", "parked", "failed"], due_at__isnull=False)
                | Q(status__in=["processed", "ignored", "dead"], due_at__isnull=True),
            ),
            models.CheckConstraint(
                name="webhook_event_lease_while_processing",
                condition=Q(status="processing", lease__isnull=False)
                | (~Q(status="processing") & Q(lease__isnull=True)),
            ),
        ]
        # Every index costs each delivery some 10 to 40 microseconds, so there is none that another can stand in for:
        # a payment's own events are found by subject, and an order's by its payment.
        indexes = [
            models.Index(fields=["object_id"], name="webhook_event_object", condition=~Q(object_id=F("subject_id"))),
            models.Index(fields=["subject_id"], name="webhook_event_subject", condition=~Q(subject_id="")),
            models.Index(fields=["due_at"], name="webhook_event_due", condition=Q(due_at__isnull=False)),
            # For what staff and the sweeper look for by our own ids: few rows, and none while an event comes in.
            models.Index(
                fields=["reference"],
                name="webhook_event_attention",
                condition=Q(status__in=["parked", "failed", "dead"]),
            ),
            # No event is in it while it comes in.
            models.Index(
                fields=["finished_at"],
                name="webhook_event_with_payload",
                condition=Q(status__in=_FINISHED_WELL) & ~Q(payload={}),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="as_received", fields=list(_AS_RECEIVED)),
            pgtrigger.Protect(
                name="payload_only_emptied", operation=pgtrigger.Update, condition=_PAYLOAD_OTHER_THAN_EMPTIED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.external_id}"


class WebhookEventChange(models.Model):
    """One change of an event's status; append-only."""

    event = models.ForeignKey(WebhookEvent, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    edge = models.CharField(max_length=16, choices=EventEdge.choices, db_comment="Why it changed")
    from_status = models.CharField(max_length=12, choices=EventStatus.choices)
    to_status = models.CharField(max_length=12, choices=EventStatus.choices)
    attempt = models.PositiveIntegerField(db_comment="Number of the attempt that the change belongs to")
    actor = models.CharField(max_length=80, db_comment="task:<name> or staff:<id>")
    note = models.CharField(max_length=300, db_comment="Error, reason, or how it was coalesced")

    class Meta:
        db_table_comment = "History of the inbox: every attempt on every event, with its outcome"
        verbose_name = "change"
        default_permissions = ("view",)
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"
