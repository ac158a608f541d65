"""What the pages of payouts show alike."""

import datetime as dt
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.admin_display import money
from identity.models import User
from ledger.selectors import entry_by_source
from payments.models import ProcessorRequest

STYLES = {"all": ["payouts/admin.css"]}


def person(actor: str) -> str:
    """Who did it, by name where it was one of staff or a member: `Robin (staff:3)`; anything else as it is."""
    kind, _, number = actor.partition(":")
    user = User.objects.filter(id=int(number)).first() if kind in ("staff", "user") and number.isdecimal() else None
    return f"{user.full_name or user.email} ({actor})" if user is not None else actor


def at(moment: dt.datetime | None) -> str:
    """A moment with its time zone, or a dash."""
    return f"{moment:%d %b %Y %H:%M} UTC" if moment is not None else "–"


def amount_of(field: str, description: str, *, of: str) -> Callable[[Any, Any], str]:
    """A column of an inline: an amount with its currency, found at `of` from the row, such as debt.currency."""
    currency_of = attrgetter(of)

    @admin.display(description=description)
    def shown(_: Any, row: Any) -> str:
        return money(getattr(row, field), currency_of(row))

    return shown


def badge_of(name: str, words: str) -> SafeString:
    """A status in words and colour."""
    return format_html('<span class="payouts-badge payouts-badge--{}">{}</span>', name, words)


def links_to(rows: Iterable[tuple[Model, str, str]]) -> SafeString:
    """One line per object: a link to its page, and a word on it."""
    return format_html_join(
        mark_safe("<br>"),
        '<a href="{}">{}</a>: {}',
        (
            (reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]), name, words)
            for row, name, words in rows
        ),
    )


def entries_of(references: Iterable[str]) -> SafeString:
    """The ledger entries that exist under these source references."""
    found = (entry_by_source(reference) for reference in references)
    return format_html_join(
        mark_safe("<br>"),
        '<a href="{}">{}</a>{}',
        (
            (
                reverse("admin:ledger_journalentry_change", args=[entry.id]),
                entry.source_reference,
                f": {entry.description}" if entry.description else "",
            )
            for entry in found
            if entry is not None
        ),
    )


def requests_of(kind: str, reference: str) -> SafeString:
    """The requests to the processor about one transfer or reversal."""
    made = ProcessorRequest.objects.filter(kind=kind, subject=reference).order_by("id")
    return links_to(
        (request, request.idempotency_key, f"{request.get_state_display()} {request.error_code}".strip())
        for request in made
    )
