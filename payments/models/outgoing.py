"""Requests to processors, committed before they are sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from payments.enums import RequestKind, RequestState


class ProcessorRequest(models.Model):
    """Persist, call, record: this row is committed first, the call is made outside any transaction, the outcome after.

    A row in `prepared` whose lease is over, or in `unknown`, is looked up at the processor and never sent afresh
    before that.
    """

    idempotency_key = models.CharField(max_length=120, unique=True, db_comment="Sent to the processor")
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    processor = models.CharField(max_length=12)
    subject = models.CharField(max_length=32, db_comment="Public id of ours: pay_, ref_, trf_")
    attempt = models.PositiveSmallIntegerField(default=1, db_comment="A new one only after a look-up found nothing")
    body = models.JSONField(db_comment="What is sent, so that the same key never carries another body; no card data")
    body_hash = models.CharField(max_length=64, db_comment="SHA-256 of body")
    state = models.CharField(max_length=12, choices=RequestState.choices, default=RequestState.PREPARED)
    processor_id = models.CharField(max_length=255, blank=True, default="", db_comment="Id of the object it made")
    processor_request_id = models.CharField(max_length=255, blank=True, default="", db_comment="req_...")
    error_code = models.CharField(max_length=80, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0, db_comment="Sends and look-ups so far")
    next_try_at = models.DateTimeField(null=True, db_comment="When a sweeper takes it up; NULL when over")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Every mutating request to a processor, committed before it is sent"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject", "attempt"], name="processor_request_once_per_attempt")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], name="processor_request_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["subject"], name="processor_request_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
