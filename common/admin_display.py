"""Admin pages for history: to be read, searched and linked, never changed."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from common.money import Money

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


class _NothingChanges:
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_NothingChanges, ModelAdmin):
    """Staff with the view permission see it; nobody adds, changes or deletes."""

    actions = None
    list_per_page = 50


class ReadOnlyInline(_NothingChanges, TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False


def money(amount_minor: int | None, currency: str) -> str:
    """For lists: `€12.00`, or a dash for what is not known yet."""
    return "–" if amount_minor is None else Money(amount_minor, currency).format()
