"""Large orders wait for a person, who is written to and decides in admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from common.clock import now as clock_now
from common.models import AuditRecord
from identity.models import User
from orders.models import Order
from orders.services import settle_order
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, new_user
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def order(stripe: Wire, settings: Any) -> Order:
    settings.REVIEW_FROM_MINOR = {"EUR": 2500}
    order = check_out([(new_product(stock=1), 1)])
    stripe.pay(confirm(order).found.client_secret)  # type: ignore[union-attr]
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def _staff(*permissions: str) -> User:
    user = new_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("decision", "status", "words"), [
    ("approve", "paid", "Approved. It is charged as soon as its artisans have accepted."),
    ("reject", "canceled", "Called off. The buyer is not charged"),
])  # fmt: skip
def test_who_may_review_is_written_to_and_decides_once(
    order: Order, run_outbox: RunOutbox, decision: str, status: str, words: str
) -> None:
    reviewer = _staff("view_order", "review_order")
    _staff("view_order", "refund_order")
    run_outbox()
    [letter] = [one for one in mail.outbox if "review" in one.subject]
    assert (letter.to, letter.subject) == ([reviewer.email], "Please review an order of €25.00")
    page = f"/admin/orders/order/{order.id}/change/"
    assert page in letter.body
    client = _client(reviewer)
    shown = client.get(page).content.decode()
    assert "This order waits for a review until" in shown
    assert words in client.post(f"/admin/orders/order/{order.id}/review/", {decision: ""}, follow=True).content.decode()
    run_outbox()
    order.refresh_from_db()
    assert order.status == status
    assert "waits for a review" not in client.get(page).content.decode()
    again = client.post(f"/admin/orders/order/{order.id}/review/", {"reject": ""}, follow=True).content.decode()
    assert words not in again
    order.refresh_from_db()
    assert order.status == status
    told = AuditRecord.objects.filter(subject=order.public_id, event_type__startswith="order.review").order_by("id")
    decided = "approved" if decision == "approve" else "rejected"
    assert list(told.values_list("event_type", "actor")) == [
        (f"order.review_{decided}", f"staff:{reviewer.pk}"), ("order.review_refused", f"staff:{reviewer.pk}"),
    ]  # fmt: skip


def test_who_may_only_look_does_not_decide(order: Order) -> None:
    client = _client(_staff("view_order", "refund_order"))
    assert "waits for a review" not in client.get(f"/admin/orders/order/{order.id}/change/").content.decode()
    assert client.post(f"/admin/orders/order/{order.id}/review/", {"approve": ""}).status_code == 403
    assert _client(new_user()).post(f"/admin/orders/order/{order.id}/review/", {"approve": ""}).status_code == 302
    boss = _client(_staff("view_order", "review_order"))
    assert boss.get(f"/admin/orders/order/{order.id}/review/").status_code == 405
    assert boss.post(f"/admin/orders/order/{order.id}/review/", {}).status_code == 404
    assert boss.post("/admin/orders/order/99999999/review/", {"approve": ""}).status_code == 404
    order.refresh_from_db()
    assert (order.status, order.review) == ("authorized", "pending")
