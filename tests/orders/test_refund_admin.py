"""The desk: staff with the permission see who pays what, confirm once, send again and give up. Others see nothing."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.ids import new_public_id
from orders.contracts.refund import AmountOnly
from orders.models import Order, RefundAllocation
from orders.services import settle_refund
from payments.models import Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, lines_of, paid, parts_of, split_of
from tests.orders.shop import check_out, new_artisan, new_product, new_user, three_artisans
from tests.orders.test_refunds import EUR, REFUND_FAILS_LATER
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _staff(*permissions: str) -> Client:
    user = new_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert user.user_permissions.count() == len(permissions)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    return _staff("refund_order", "view_order")


def _address(order: Order) -> str:
    return reverse("admin:orders_order_refund", args=[order.id])


def _fields(order: Order, **more: object) -> dict[str, object]:
    return {"bearer": "artisan", "reason": "returned", "reference": new_public_id("ref"), "note": "", **more}


def _text(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def test_staff_see_who_pays_what_and_confirm(stripe: Wire, desk: Client, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans())
    line, part = lines_of(order)[0], parts_of(order)[1]
    assert "€170.94 can still be paid back" in _text(desk.get(_address(order)).content)
    fields = _fields(
        order, **{f"quantity_{line.id}": 1, f"restocks_{line.id}": 1, f"shipping_{part.public_id}": "2.50"},
        goodwill="2.00", note="One was cracked.",
    )  # fmt: skip
    preview = _text(desk.post(_address(order), {**fields, "preview": "1"}).content)
    assert f"1 × {line.title} {parts_of(order)[0].artisan.name} €25.00 €22.50 €2.50 €0.00" in preview
    assert "€2.00 €0.00 €0.00 €2.00" in preview
    assert f"Back on the shelf: 1 × {line.title}." in preview
    assert (Refund.objects.count(), RefundAllocation.objects.count()) == (0, 0), "looking is not paying"

    confirmed = {**fields, "expected_minor": 2950, "confirm": "1"}
    for _ in range(2):
        answer = desk.post(_address(order), confirmed)
        assert answer.status_code == 302
    [refund] = Refund.objects.all()
    assert (refund.amount_minor, refund.public_id, refund.note) == (2950, fields["reference"], "One was cracked.")
    assert refund.initiator.startswith("staff:")
    assert len(split_of(refund)) == 3
    run_outbox()
    everything_agrees(stripe)
    shown = _text(desk.get(reverse("admin:orders_order_change", args=[order.id])).content)
    assert "€29.50: paid back" in shown
    page = desk.get(_address(order)).content.decode()
    for name in (f"refund_requested:{refund.public_id}", f"refund_sent:{refund.public_id}:1"):
        assert name in page


def test_figures_that_changed_since_the_preview_are_shown_again(stripe: Wire, desk: Client) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    ask(order, AmountOnly(EUR(4000)))
    fields = _fields(order, everything="on", expected_minor=10_000, confirm="1")
    answer = desk.post(_address(order), fields)
    assert answer.status_code == 200
    assert "It comes to €60.00 now" in _text(answer.content)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("goodwill", "0.001", "no more than 2 decimal places"),
        ("goodwill", "-1", "greater than or equal to 0"),
        ("goodwill", "1e11", "no more than 10 digits"),
        ("goodwill", "9999", "can still be paid back"),
        ("goodwill", "NaN", "Enter a number"),
        ("reason", "duplicate", "not one of the available choices"),
        ("reference", "ref_1", "open this page again"),
    ],
)
def test_what_makes_no_sense_is_told_and_pays_nothing(
    stripe: Wire, desk: Client, field: str, value: str, words: str
) -> None:
    order = paid(stripe, [(new_product(), 1)])
    for action in ("preview", "confirm"):
        answer = desk.post(_address(order), {**_fields(order, goodwill="1.00"), field: value, action: "1"})
        assert answer.status_code == 200
        page = _text(answer.content)
        assert words in page, page
    assert not Refund.objects.exists()


def test_yen_have_no_decimals(stripe: Wire, desk: Client) -> None:
    order = paid(stripe, [(new_product(new_artisan(currency="JPY"), price=5000), 1)])
    desk.post(_address(order), _fields(order, goodwill="700", confirm="1"))
    assert Refund.objects.get().amount_minor == 700


def test_without_the_permission_there_is_no_page_and_no_button(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)])
    viewer = _staff("view_order")
    for client, status in ((viewer, 403), (Client(), 302)):
        assert client.get(_address(order)).status_code == status
        assert client.post(_address(order), _fields(order, everything="on", confirm="1")).status_code == status
    assert not Refund.objects.exists()
    assert "Pay back" not in viewer.get(reverse("admin:orders_order_change", args=[order.id])).content.decode()


def test_an_order_that_was_never_paid_has_nothing_to_pay_back(desk: Client) -> None:
    order = check_out([(new_product(), 1)])
    for answer in (desk.get(_address(order)), desk.post(_address(order), _fields(order, everything="on", confirm="1"))):
        assert "not paid" in _text(answer.content)
    assert not Refund.objects.exists()
    assert desk.get(reverse("admin:orders_order_refund", args=[99_999_999])).status_code == 404


def test_what_bounced_is_sent_again_or_given_up_from_the_page(
    stripe: Wire, desk: Client, run_outbox: RunOutbox
) -> None:
    order = paid(stripe, [(new_product(), 1)], card=REFUND_FAILS_LATER)
    other = paid(stripe, [(new_product(), 1)])
    refund = ask(order)
    run_outbox()
    assert "Send again" not in desk.get(_address(order)).content.decode()

    def bounce() -> None:
        refund.refresh_from_db()
        stripe.advance(60)
        settle_refund(
            processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook", now=clock_now()
        )

    bounce()
    assert "Send again" in desk.get(_address(order)).content.decode()
    assert desk.post(_address(other), {"resend": refund.public_id}).status_code == 404
    desk.post(_address(order), {"resend": refund.public_id})
    run_outbox()
    bounce()
    page = desk.get(_address(order)).content.decode()
    assert ("Send again" in page, "Give up" in page) == (False, True)
    assert "sent again once" in _text(desk.post(_address(order), {"resend": refund.public_id}, follow=True).content)
    desk.post(_address(order), {"withdraw": refund.public_id})
    assert balances("refunds_in_transit") == {}
    assert "given up" in _text(desk.get(_address(order)).content)
    everything_agrees(stripe)
