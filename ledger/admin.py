"""The books in Django admin: entries with their postings, accounts with balance and statement. Nothing changes here."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from common.admin_display import ReadOnlyAdmin, money
from ledger import selectors
from ledger.models import Account, JournalEntry, Posting

_STATEMENT_PAGE = 50


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "source_reference", "total", "effective_at", "posted_at", "description")
    list_display_links = ("id", "source_reference")
    list_filter = ("kind", "posted_at")
    search_fields = ("source_reference__startswith", "trace_id")
    search_help_text = "Source reference (or its beginning), trace id, or the owner of an account: art_..."
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        "kind",
        "source_reference",
        "description",
        "effective_at",
        "posted_at",
        "reversal",
        "trace_id",
        "postings",
    )
    readonly_fields = ("reversal", "postings")

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        return super().get_queryset(request).prefetch_related("postings")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        accounts = Account.objects.filter(owner_reference=search_term.strip()) if search_term.strip() else None
        if accounts is not None and accounts.exists():
            found = queryset.filter(pk__in=Posting.objects.filter(account__in=accounts).values("entry_id"))
        return found, distinct

    @admin.display(description="total")
    def total(self, entry: JournalEntry) -> str:
        """The sum of the debits, by currency."""
        debits: dict[str, int] = {}
        for posting in entry.postings.all():
            if posting.amount_minor > 0:
                debits[posting.currency] = debits.get(posting.currency, 0) + posting.amount_minor
        return ", ".join(money(minor, currency) for currency, minor in sorted(debits.items()))

    @admin.display(description="reversal")
    def reversal(self, entry: JournalEntry) -> SafeString | str:
        if entry.reverses is not None:
            return format_html("reverses {}", _entry_link(entry.reverses))
        undoing = entry.reversals.first()
        if undoing is not None:
            return format_html("reversed by {}", _entry_link(undoing))
        return "–"

    @admin.display(description="postings")
    def postings(self, entry: JournalEntry) -> SafeString:
        rows = (
            (
                _account_link(posting.account),
                posting.account.name,
                money(posting.amount_minor, posting.currency) if posting.amount_minor > 0 else "",
                money(-posting.amount_minor, posting.currency) if posting.amount_minor < 0 else "",
            )
            for posting in Posting.objects.filter(entry_id=entry.pk).select_related("account").order_by("line")
        )
        return format_html(
            "<table><thead><tr><th>account</th><th></th><th>debit</th><th>credit</th></tr></thead>{}</table>",
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "type", "owner_reference", "balance")
    list_filter = ("type", "currency", "is_hot")
    search_fields = ("code", "owner_reference")
    search_help_text = "Code or owner"
    ordering = ("code",)
    fields = (
        "code",
        "name",
        "type",
        "currency",
        "owner_reference",
        "is_hot",
        "bound",
        "opened_at",
        "balance",
        "statement",
    )
    readonly_fields = ("bound", "balance", "statement")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.statement_view)
        return [path("<int:account_id>/statement/", page, name="ledger_account_statement"), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Reads the balances of a page of accounts in one query."""
        changelist = super().get_changelist_instance(request)
        accounts = list(changelist.result_list)
        balances = selectors.balances(codes=[account.code for account in accounts])
        for account in accounts:
            account.read_balance = balances[account.code]
        changelist.result_list = accounts
        return changelist

    def statement_view(self, request: HttpRequest, account_id: int) -> HttpResponse:
        """One page of the statement: `after` is the cursor of the page before, `start` and `end` are dates."""
        account = get_object_or_404(Account, pk=account_id)
        if not self.has_view_permission(request, account):
            raise PermissionDenied
        start, end = request.GET.get("start", ""), request.GET.get("end", "")
        try:
            page = selectors.statement(
                account.code,
                start=_midnight(start),
                end=_midnight(end),
                cursor=request.GET.get("after", ""),
                page_size=_STATEMENT_PAGE,
            )
        except ValueError as error:
            raise BadRequest("start and end are dates, after is a page's cursor") from error
        following = urlencode({"after": page.next_cursor, "start": start, "end": end}) if page.next_cursor else ""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Statement of {account.code}",
            "opts": self.opts,
            "account": account,
            "page": page,
            "start": start,
            "end": end,
            "following": following,
        }
        return TemplateResponse(request, "admin/ledger/statement.html", context)

    @admin.display(description="balance (debit positive)")
    def balance(self, account: Account) -> str:
        read = getattr(account, "read_balance", None)
        return (read if read is not None else selectors.balance(account.code)).format()

    @admin.display(description="bound")
    def bound(self, account: Account) -> str:
        return {0: "none", 1: "never a credit balance", -1: "never a debit balance"}[account.balance_sign]

    @admin.display(description="statement")
    def statement(self, account: Account) -> SafeString:
        return format_html(
            '<a href="{}">all postings</a>', reverse("admin:ledger_account_statement", args=[account.pk])
        )


def _midnight(text: str) -> dt.datetime | None:
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC) if text else None


def _entry_link(entry: JournalEntry) -> SafeString:
    url = reverse("admin:ledger_journalentry_change", args=[entry.pk])
    return format_html('<a href="{}">{}</a>', url, entry.source_reference)


def _account_link(account: Account) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:ledger_account_change", args=[account.pk]), account.code)
