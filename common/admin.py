"""The common tables in admin: the audit trail, the outbox, and the idempotency keys."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from common import audit, clock, outbox
from common.admin_display import ReadOnlyAdmin, money
from common.models import AuditRecord, IdempotencyKey, OutboxMessage


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """`sealed` is empty only for the seconds until the sealer has chained a new record."""

    list_display = (
        "occurred_at", "event_type", "outcome", "amount", "subject", "actor", "artisan", "processor_id", "failure_code",
        "sealed",
    )  # fmt: skip
    list_filter = ("outcome", "occurred_at")
    search_fields = (
        "event_type__exact",
        "subject__exact",
        "processor_id__exact",
        "trace_id__exact",
        "actor__exact",
        "artisan__exact",
    )
    search_help_text = "Whole values: event type, our id, the processor's id, trace id, actor (staff:1) or artisan"
    list_select_related = ("seal",)
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description="amount")
    def amount(self, record: AuditRecord) -> str:
        return money(record.amount_minor, record.currency)

    @admin.display(description="sealed")
    def sealed(self, record: AuditRecord) -> str:
        return f"no. {record.seal.position}, {record.seal.hash[:12]}…" if hasattr(record, "seal") else "not yet"

    def get_readonly_fields(self, request: HttpRequest, obj: AuditRecord | None = None) -> list[str]:
        return [*(field.name for field in AuditRecord._meta.fields), "amount", "sealed"]


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    actions = ("revive",)  # type: ignore[assignment]  # the base has none
    list_display = ("task", "status", "attempts", "last_error", "created_at", "available_at", "done_at")
    list_filter = ("status", "created_at")
    search_fields = ("task__exact", "key__exact", "trace_id__exact")
    search_help_text = "Whole task name, key or trace id"
    ordering = ("-id",)
    show_full_result_count = False

    def has_revive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("common.change_outboxmessage")

    @admin.action(description="Try the chosen dead messages again", permissions=["revive"])
    def revive(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        revived = outbox.revive(message_ids=list(queryset.values_list("id", flat=True)), now=clock.now())
        audit.record(event_type="outbox.revived", outcome="succeeded", command=f"revived {revived} outbox messages")
        self.message_user(request, f"{revived} will be tried again.", messages.SUCCESS if revived else messages.WARNING)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """The stored answers are not shown: they may hold what belongs to the client alone."""

    list_display = ("created_at", "scope", "key", "response_status", "locked_until")
    list_filter = ("response_status", "created_at")
    search_fields = ("key__exact", "scope__exact")
    search_help_text = "Whole key or scope"
    fields = ("scope", "key", "request_hash", "holder", "locked_until", "response_status", "created_at")
    ordering = ("-id",)
    show_full_result_count = False
