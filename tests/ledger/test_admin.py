"""The books in admin: found, linked, paged, and never changed."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from ledger.models import Account, JournalEntry
from ledger.services import reverse_entry
from tests.ledger.books import NOW, account, post

pytestmark = pytest.mark.django_db

CASH = account("cash")
HELD = account("held", owner="art_1")
PASSWORD = "a-long-pass-phrase"


@pytest.fixture
def staff(client: Client) -> Client:
    return _signed_in(client, is_superuser=True)


def _signed_in(client: Client, **extra: bool) -> Client:
    user = get_user_model().objects.create_user(email="staff@example.org", password=PASSWORD, is_staff=True, **extra)
    client.force_login(user)
    return client


def _get(client: Client, url: str, **parameters: str) -> str:
    response = client.get(url, parameters)
    assert response.status_code == 200, url
    return response.content.decode()


def test_entries_are_found_by_source_owner_and_trace(staff: Client) -> None:
    post((CASH, 12345), (HELD, -12345), source="sale:pay_1")
    post((CASH, 5), (account("other"), -5), source="sale:pay_2")
    entries = reverse("admin:ledger_journalentry_changelist")
    assert "€123.45" in _get(staff, entries)
    for term, found in {"sale:pay_1": {1}, "art_1": {1}, "sale:": {1, 2}, "nothing": set()}.items():
        page = _get(staff, entries, q=term)
        assert {n for n in (1, 2) if f"sale:pay_{n}</a>" in page} == found, term


def test_an_entry_shows_its_postings_and_its_reversal(staff: Client) -> None:
    first = post((CASH, 500), (HELD, -500), source="sale:pay_1")
    undone = reverse_entry(original="sale:pay_1", source_reference="undo:1", effective_at=NOW)
    page = _get(staff, reverse("admin:ledger_journalentry_change", args=[first.id]))
    for account_row in Account.objects.all():
        assert reverse("admin:ledger_account_change", args=[account_row.pk]) in page
    assert "€5.00" in page
    assert reverse("admin:ledger_journalentry_change", args=[undone.id]) in page
    assert "reverses" in _get(staff, reverse("admin:ledger_journalentry_change", args=[undone.id]))


def test_accounts_show_balance_and_statement(staff: Client) -> None:
    for _ in range(60):
        post((CASH, 100), (HELD, -100))
    row = Account.objects.get(code="cash:EUR")
    assert "€60.00" in _get(staff, reverse("admin:ledger_account_changelist"), q="cash")
    assert "€60.00" in _get(staff, reverse("admin:ledger_account_change", args=[row.pk]))
    url = reverse("admin:ledger_account_statement", args=[row.pk])
    page = _get(staff, url)
    assert "€50.00" in page
    assert "next page" in page
    following = page.split('href="?')[1].split('"')[0].replace("&amp;", "&")
    second = _get(staff, f"{url}?{following}")
    assert "€60.00" in second
    assert "next page" not in second
    assert "opening balance" in _get(staff, url, start="2099-01-01")


def test_a_list_of_accounts_reads_the_balances_together(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        post((CASH, 1), (account(f"seller_{number}"), -1))
    with django_assert_max_num_queries(12):
        _get(staff, reverse("admin:ledger_account_changelist"))


@pytest.mark.parametrize("query", ["start=yesterday", "after=x", "end=2026-13-01"])
def test_bad_parameters_are_a_bad_request(staff: Client, query: str) -> None:
    post((CASH, 100), (HELD, -100))
    row = Account.objects.get(code="cash:EUR")
    assert staff.get(reverse("admin:ledger_account_statement", args=[row.pk]) + "?" + query).status_code == 400


def test_nothing_can_be_added_changed_or_deleted(staff: Client) -> None:
    posted = post((CASH, 100), (HELD, -100))
    row = Account.objects.get(code="cash:EUR")
    for model, pk in (("journalentry", posted.id), ("account", row.pk)):
        assert staff.get(reverse(f"admin:ledger_{model}_add")).status_code == 403
        for action in ("change", "delete"):
            url = reverse(f"admin:ledger_{model}_{action}", args=[pk])
            assert staff.post(url, {"post": "yes", "description": "x"}).status_code == 403
    assert JournalEntry.objects.get().description == ""


def test_staff_without_the_permission_see_nothing(client: Client) -> None:
    post((CASH, 100), (HELD, -100))
    row = Account.objects.get(code="cash:EUR")
    staff = _signed_in(client)
    url = reverse("admin:ledger_account_statement", args=[row.pk])
    assert staff.get(url).status_code == 403
    assert staff.get(reverse("admin:ledger_journalentry_changelist")).status_code == 403
    get_user_model().objects.get().user_permissions.add(Permission.objects.get(codename="view_account"))
    assert staff.get(url).status_code == 200
