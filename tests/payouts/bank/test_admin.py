"""The desk of payouts to banks: what failed is on top, in words, and is sent again by who may."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.models import Artisan
from identity.models import User
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payouts.models import BankPayout
from tests.payouts.bank.fake import FakeBanks
from tests.payouts.bank.hub import send, settle, states, transferred

pytestmark = pytest.mark.django_db
LIST = "/admin/payouts/bankpayout/"


def member(*permissions: str) -> User:
    person = User.objects.create_user("desk@example.org", "a good long password", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return person


@pytest.fixture
def boss(client: Client) -> User:
    person = User.objects.create_superuser("boss@example.org", "a good long password")
    client.force_login(person)
    return person


def of_each_kind(processor: FakeBanks, artisan: Artisan) -> list[Any]:
    """Failed, on its way, paid: the failed one is the oldest."""
    payouts = []
    for status, why in (
        (ProcessorPayoutStatus.FAILED, PayoutFailure.ACCOUNT_CLOSED),
        (ProcessorPayoutStatus.PENDING, PayoutFailure.NONE),
        (ProcessorPayoutStatus.PAID, PayoutFailure.NONE),
    ):
        payout = transferred(artisan, 5000, processor=processor)
        send(payout)
        processor.becomes(status, failure=why)
        settle(processor)
        payouts.append(payout)
    return payouts


def test_what_failed_is_on_top_with_its_reason(
    processor: FakeBanks, artisan: Artisan, client: Client, boss: User
) -> None:
    of_each_kind(processor, artisan)
    answer = client.get(LIST)
    shown = [row.status for row in answer.context["cl"].result_list]
    assert shown == ["failed", "pending", "paid"]
    assert "the bank account has been closed" in answer.content.decode()
    assert [row.status for row in client.get(LIST, {"status__exact": "paid"}).context["cl"].result_list] == ["paid"]


def test_staff_send_it_again_with_a_reason(processor: FakeBanks, artisan: Artisan, client: Client, boss: User) -> None:
    payout = of_each_kind(processor, artisan)[0]
    attempt = BankPayout.objects.get(payout=payout)
    page = client.get(f"{LIST}{attempt.pk}/change/")
    assert f"{LIST}{attempt.pk}/retry/" in page.content.decode()
    asked = client.get(f"{LIST}{attempt.pk}/retry/")
    assert "because the bank account has been closed" in asked.content.decode()
    assert client.post(f"{LIST}{attempt.pk}/retry/", {"reason": " "}).status_code == 200
    assert states(payout)[1] == ["failed"]
    for _ in range(2):
        # The second click finds it on its way.
        assert client.post(f"{LIST}{attempt.pk}/retry/", {"reason": "A new account."}).status_code == 302
    assert states(payout)[:2] == ("on_its_way", ["failed", "requested"])
    assert payout.events.get(note="A new account.").actor == f"staff:{boss.pk}"
    assert "retry/" not in client.get(f"{LIST}{attempt.pk}/change/").content.decode()


def test_who_may_only_look_sends_nothing(processor: FakeBanks, artisan: Artisan, client: Client) -> None:
    payout = of_each_kind(processor, artisan)[0]
    attempt = BankPayout.objects.get(payout=payout)
    client.force_login(member("view_bankpayout", "view_payout"))
    assert "retry/" not in client.get(f"{LIST}{attempt.pk}/change/").content.decode()
    for ask in (client.get, client.post):
        assert ask(f"{LIST}{attempt.pk}/retry/").status_code == 403
    assert states(payout)[:2] == ("bank_failed", ["failed"])


def test_nobody_changes_or_deletes_one_by_hand(
    processor: FakeBanks, artisan: Artisan, client: Client, boss: User
) -> None:
    attempt = BankPayout.objects.get(payout=of_each_kind(processor, artisan)[0])
    assert client.post(f"{LIST}{attempt.pk}/change/", {"status": "paid"}).status_code == 403
    assert client.post(f"{LIST}{attempt.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
