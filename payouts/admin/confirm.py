"""Asks before an action of a list is done: to which rows, how much money, what stands in the way; then one button."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from common.money import Money
from payouts.models import ConnectedAccount, PayoutPolicy
from payouts.selectors import all_paused

_SHOWN = 50
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """One row that the action changes. `words` say how it stands now."""

    row: Model
    whose: str
    amounts: Sequence[Money]
    words: str

    @property
    def address(self) -> str:
        return reverse(f"admin:{self.row._meta.app_label}_{self.row._meta.model_name}_change", args=[self.row.pk])


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `rows` are those that would be changed; `left_alone` says in words what was chosen besides."""

    action: str
    title: str
    button: str
    words: str
    rows: Sequence[Chosen]
    left_alone: str = ""
    in_the_way: Sequence[str] = ()

    @property
    def sums(self) -> list[Money]:
        """By currency."""
        found: dict[str, Money] = {}
        for amount in (amount for chosen in self.rows for amount in chosen.amounts):
            found[amount.currency] = found.get(amount.currency, Money.zero(amount.currency)) + amount
        return [found[currency] for currency in sorted(found)]

    @property
    def shown(self) -> Sequence[Chosen]:
        return self.rows[:_SHOWN]

    @property
    def not_shown(self) -> int:
        return max(0, len(self.rows) - _SHOWN)

    @property
    def fingerprint(self) -> str:
        """Of the rows and their amounts: what was agreed to is what the page said."""
        said = (f"{one.row.pk}:{','.join(map(str, one.amounts))}" for one in self.rows)
        return hashlib.sha256("\n".join([self.action, *sorted(said)]).encode()).hexdigest()


def agreed(request: HttpRequest, question: Question) -> bool:
    """True once the button was pressed on a page that said just this. Who sees another sum by now is asked again."""
    if "confirmed" not in request.POST:
        return False
    if request.POST["confirmed"] == question.fingerprint:
        return True
    messages.warning(request, "This has changed since you looked. Nothing was done; please look again.")
    return False


def asked(request: HttpRequest, question: Question) -> TemplateResponse:
    """The page, whose button sends the same choice to the same list: its permission is checked there again.

    There is at least one row to change. All rows of a list with its filters stay one choice: they are not named one
    by one in the form, as there can be thousands.
    """
    is_all = request.POST.get("select_across") == "1"
    ids = request.POST.getlist(ACTION_CHECKBOX_NAME)
    return desk_page(
        request,
        "admin/payouts/confirm.html",
        type(question.rows[0].row),
        title=question.title,
        question=question,
        is_all=is_all,
        ids=ids[:1] if is_all else ids,
        checkbox=ACTION_CHECKBOX_NAME,
    )


def desk_page(request: HttpRequest, template: str, model: type[Any], **context: object) -> TemplateResponse:
    """A page of admin's own look about rows of `model`."""
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "opts": model._meta, **context}
    )  # fmt: skip


def why_artisans_wait(artisan_ids: Iterable[int]) -> Iterator[str]:
    """What keeps these artisans from being paid once something is due to them, in sentences. Three queries."""
    ids = set(artisan_ids)
    if (switch := all_paused()) is not None:
        yield f"Payouts to everybody are paused ({switch.paused_reason})."
    policies = PayoutPolicy.objects.filter(artisan_id__in=ids, paused_at__isnull=False).select_related("artisan")
    paused = [f"{policy.artisan.name} ({policy.paused_reason})" for policy in policies.order_by("artisan__name")]
    if paused:
        yield f"Payouts are paused to {_named(paused)}."
    able = set(
        ConnectedAccount.objects.filter(artisan_id__in=ids, transfers_enabled=True).values_list("artisan_id", flat=True)
    )
    if unable := len(ids - able):
        whose = "1 artisan has" if unable == 1 else f"{unable} artisans have"
        yield f"{whose} no account at the processor that can receive money yet."


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def count_of(number: int, noun: str) -> str:
    """`1 share`, `2 shares`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
