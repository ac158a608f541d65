"""The webhook desk: what came in, what became of it, and what staff may do about it."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from common import clock
from common.admin_display import ReadOnlyAdmin, ReadOnlyInline
from payments.processors.events import EventConcern
from webhooks import selectors, services
from webhooks.models import WebhookEvent, WebhookEventChange

_TEMPLATES = "admin/webhooks/webhookevent"
_CHANGELIST = "admin:webhooks_webhookevent_changelist"


class ConcernFilter(admin.SimpleListFilter):
    title = "what it concerns"
    parameter_name = "concern"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(concern.value, concern.value.replace("_", " ")) for concern in EventConcern]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        return queryset.filter(concern=self.value()) if self.value() else queryset


class ChangeInline(ReadOnlyInline):
    model = WebhookEventChange
    fields = readonly_fields = ("at", "edge", "from_status", "to_status", "attempt", "actor", "note")
    ordering = ("id",)
    verbose_name_plural = "history"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    actions = ("replay", "set_aside")  # type: ignore[assignment]  # the base has none
    inlines = (ChangeInline,)
    list_display = (
        "external_id",
        "event_type",
        "status",
        "object_id",
        "our_reference",
        "received_at",
        "attempts",
        "last_note",
    )
    list_filter = ("status", ConcernFilter, "received_at")
    list_display_links = ("external_id",)
    search_fields = ("external_id",)  # turns the box on; `get_search_results` says what is searched
    search_help_text = "Whole ids: of the event, of its object at the processor, or ours (ord_, pay_, ref_, trf_)"
    ordering = ("-id",)
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": (
            "external_id", "event_type", "status", "last_note", "attempts", "failures", "due_at", "finished_at",
        )}),
        ("About", {"fields": (
            "concern", "subject_id", "object_type", "object_id", "processor_payment_id", "reference", "order_reference",
        )}),
        ("Delivery", {"fields": (
            "source", "occurred_at", "received_at", "api_version", "livemode", "connected_account_id", "user_agent",
            "trace_id", "body_sha256",
        )}),
        ("Payload", {"fields": ("document",)}),
    )  # fmt: skip

    @admin.display(description="our reference")
    def our_reference(self, event: WebhookEvent) -> str:
        return event.reference or event.order_reference or "–"

    @admin.display(description="as received, without secrets")
    def document(self, event: WebhookEvent) -> SafeString:
        if not event.payload:
            return format_html("<p>{}</p>", "Emptied: the event has been over for a long time.")
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        return WebhookEvent.objects.defer("payload")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WebhookEvent], search_term: str
    ) -> tuple[QuerySet[WebhookEvent], bool]:
        term = search_term.strip()
        return (queryset.filter(selectors.about(term)) if term else queryset), False

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.replay_webhookevent")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("replay-dead/", view(require_POST(self.replay_dead_view)), name="webhooks_webhookevent_replay_dead"),
            path("<int:event_id>/replay/", view(require_POST(self.replay_view)), name="webhooks_webhookevent_replay"),
            path("<int:event_id>/compare/", view(self.compare_view), name="webhooks_webhookevent_compare"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_replay = self.has_replay_permission(request)
        extra = {"may_replay": may_replay, "dead_count": selectors.count_dead() if may_replay else 0}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_replay": self.has_replay_permission(request)}
        return super().change_view(request, object_id, form_url, extra)

    @admin.action(description="Replay the chosen events", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        chosen = list(queryset.values_list("id", flat=True))
        self._tell_replayed(request, services.replay(event_ids=chosen, now=clock.now()), len(chosen))

    @admin.action(description="Set the chosen events aside, with a reason", permissions=["replay"])
    def set_aside(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> HttpResponse | None:
        missing = ""
        if "confirmed" in request.POST:
            try:
                count = services.set_aside(
                    event_ids=list(queryset.values_list("id", flat=True)),
                    reason=request.POST.get("reason", ""),
                    now=clock.now(),
                )
            except services.ReasonMissing as error:
                missing = error.title
            else:
                self.message_user(request, f"{count} set aside.", messages.SUCCESS)
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Set aside",
            "events": queryset,
            "missing": missing,
        }
        return TemplateResponse(request, f"{_TEMPLATES}/set_aside.html", context)

    def replay_dead_view(self, request: HttpRequest) -> HttpResponse:
        self._require_replay(request)
        dead = selectors.dead_event_ids()
        self._tell_replayed(request, services.replay(event_ids=dead, now=clock.now()), len(dead))
        return redirect(_CHANGELIST)

    def replay_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        self._require_replay(request)
        self._tell_replayed(request, services.replay(event_ids=[event_id], now=clock.now()), 1)
        return redirect(reverse("admin:webhooks_webhookevent_change", args=[event_id]))

    def compare_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = get_object_or_404(WebhookEvent, id=event_id)
        context = {
            **self.admin_site.each_context(request),
            "title": "Compare",
            "event": event,
            "comparison": services.compare(event=event),
        }
        return TemplateResponse(request, f"{_TEMPLATES}/compare.html", context)

    def _require_replay(self, request: HttpRequest) -> None:
        if not self.has_replay_permission(request):
            raise PermissionDenied

    def _tell_replayed(self, request: HttpRequest, replayed: int, chosen: int) -> None:
        left = chosen - replayed
        self.message_user(
            request,
            f"{replayed} replayed." + (f" {left} left alone: waiting, or being worked on." if left else ""),
            messages.SUCCESS if replayed else messages.WARNING,
        )
