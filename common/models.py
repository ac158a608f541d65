"""Tables that every app may write to: idempotency keys, the outbox, and the audit trail with its seals."""

from django.db import models
from django.db.models import Q

from common.append_only import APPEND_ONLY


class IdempotencyKey(models.Model):
    """One mutating API request by one client; the stored answer is given again when the same key comes again."""

    scope = models.CharField(max_length=80, db_comment="Who sent it: user:7 or guest:<hash of the session>")
    key = models.CharField(max_length=255, db_comment="The client's Idempotency-Key header")
    request_hash = models.CharField(max_length=64, db_comment="SHA-256 of method, path and body")
    holder = models.UUIDField(db_comment="Which attempt holds the key now")
    locked_until = models.DateTimeField(db_comment="After this an attempt without an answer counts as dead")
    response_status = models.PositiveSmallIntegerField(null=True, db_comment="NULL while in flight")
    response_body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Answers to mutating API requests, kept so that a repeated request changes nothing"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once_per_scope")]


class OutboxMessage(models.Model):
    """Something that must happen outside the database once the transaction that wrote this row has committed."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DEAD = "dead"

    task = models.CharField(max_length=120, db_comment="Name of the Celery task")
    kwargs = models.JSONField(default=dict, db_comment="Ids only, never amounts or personal data")
    key = models.CharField(max_length=200, null=True, unique=True, db_comment="Makes the message unique where given")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True, default="")
    available_at = models.DateTimeField(db_comment="Not sent before this")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Transactional outbox: work outside the database, written with the change that causes it"
        indexes = [models.Index(fields=["available_at"], name="outbox_waiting", condition=Q(status="waiting"))]


class AuditRecord(models.Model):
    """One fact about money, a refusal or a staff action. Typed fields only: nowhere to put a card number or secret."""

    occurred_at = models.DateTimeField()
    event_type = models.CharField(max_length=60, db_comment="payment.captured, transfer.failed, pci.alert, ...")
    outcome = models.CharField(max_length=20, db_comment="succeeded, failed, refused, requested or unknown")
    actor = models.CharField(max_length=80, db_comment="guest, user:7, staff:1, task:<name>, stripe or system")
    artisan = models.CharField(max_length=40, blank=True, default="", db_comment="Public id of the artisan concerned")
    environment = models.CharField(max_length=12)
    command = models.CharField(max_length=80, blank=True, default="", db_comment="The use case or HTTP request")
    subject = models.CharField(max_length=60, blank=True, default="", db_comment="Public id: ord_, pay_, trf_ ...")
    processor = models.CharField(max_length=12, blank=True, default="")
    processor_id = models.CharField(max_length=255, blank=True, default="", db_comment="pi_, ch_, tr_, evt_ ...")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    failure_code = models.CharField(max_length=80, blank=True, default="")
    decline_code = models.CharField(max_length=80, blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    idempotency_key = models.CharField(max_length=255, blank=True, default="")
    trace_id = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        db_table_comment = "Append-only audit trail, written in the transaction of what it tells"
        indexes = [
            models.Index(fields=["subject"], name="audit_subject"),
            models.Index(fields=["event_type", "id"], name="audit_event"),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.event_type} {self.subject}".strip()


class AuditSeal(models.Model):
    """Chains one audit record to the one sealed before it: hash = SHA-256(previous hash, record)."""

    position = models.BigIntegerField(primary_key=True, db_comment="1, 2, 3 ... without gaps")
    record = models.OneToOneField(AuditRecord, on_delete=models.PROTECT, related_name="seal")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table_comment = "Hash chain over the audit trail; a changed, missing or added record breaks it"
        triggers = APPEND_ONLY
