"""The runs."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from common.ids import MAX_LENGTH
from reconciliation.enums import RunStatus


class ReconciliationRun(models.Model):
    """One comparison of a period. Its steps are written down as they are done, so that a killed one is taken up."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, db_comment="rcn_...")
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    processors = models.JSONField(db_comment="Whose statements were compared")
    since = models.DateTimeField(db_comment="Movements from here on are compared")
    until = models.DateTimeField(db_comment="Up to here, not included")
    progress = models.JSONField(default=dict, db_comment="Processor -> until when its statement has been fetched")
    fetched = models.IntegerField(default=0, db_comment="Statement lines read, known ones included")
    added = models.IntegerField(default=0, db_comment="Of these, those that were new")
    matched = models.IntegerField(default=0, db_comment="Subjects on which both sides agree")
    healed = models.IntegerField(default=0, db_comment="What had come late and was recorded by this run")
    open_exceptions = models.IntegerField(default=0, db_comment="Open at its end")
    report = models.JSONField(default=dict, db_comment="The table that was printed, figures in minor units")
    error = models.CharField(max_length=300, blank=True, default="")
    started_by = models.CharField(max_length=80, blank=True, default="", db_comment="schedule, command or staff")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Runs of the reconciliation"
        default_permissions = ("view",)
        permissions = [("run_reconciliation", "Can start a reconciliation")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="run_has_a_period"),
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | ~Q(status="running") & Q(finished_at__isnull=False),
                name="run_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
