"""The pages of a refund that was issued in error: the buyer's by link and by account, the desk's, the artisan's."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.ids import new_public_id
from orders.models import Order, Recall, RecallConsent
from orders.selectors.orders import access_key_of
from orders.services import settle_order, withdraw_recall
from payments.models import Payment, Refund
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.recalls import asked_back, paid_back, refunded
from tests.orders.refunds import ask, paid
from tests.orders.shop import check_out, new_product, new_user, three_artisans
from tests.orders.test_refunds import REFUND_PENDING
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]


@pytest.fixture
def refund(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    made = refunded(paid(stripe, three_artisans()), run_outbox)
    mail.outbox.clear()
    return made


def _staff(*permissions: str) -> Client:
    user = new_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    seen = ("order", "recall", "recallallocation", "recallconsent", "recallevent")
    return _staff("refund_order", *(f"view_{name}" for name in seen))


def _text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("&#x27;", "'")


def _address(recall: Recall, action: str = "", *, key: bool = True) -> str:
    address = f"/requests/{recall.public_id}/{action}"
    return f"{address}?key={access_key_of(recall.public_id)}" if key else address


def _sale(refund: Refund) -> Order:
    return Order.objects.get(public_id=refund.capture.payment.order_reference)


# ---- the desk --------------------------------------------------------------------------------------------------------


def _asking_page(refund: Refund) -> str:
    return reverse("admin:orders_order_recall", args=[_sale(refund).pk, refund.public_id])


def test_staff_ask_for_a_part_and_see_how_it_stands(desk: Client, refund: Refund) -> None:
    refunds = reverse("admin:orders_order_refund", args=[_sale(refund).pk])
    page = desk.get(refunds).content.decode()
    assert "Ask the buyer to pay this back" in page
    assert _asking_page(refund) in page
    form = desk.get(_asking_page(refund))
    assert "At most €170.94 can be asked back." in _text(form)
    reference = re.search(r'name="reference" value="(rcl_\w+)"', form.content.decode())
    assert reference is not None
    fields = {"reference": reference[1], "amount": "50.00", "reason": "We refunded the wrong order."}
    for _ in range(2):
        answer = desk.post(_asking_page(refund), fields, follow=True)
    assert "The buyer (ada@example.org) is asked to pay €50.00 back" in _text(answer)
    recall = Recall.objects.get()
    assert (recall.amount_minor, recall.status, recall.refund_reference) == (5000, "asked", refund.public_id)
    assert re.fullmatch(r"staff:\d+", recall.initiator)
    assert "€50.00 asked back : the buyer was asked" in _text(desk.get(refunds))
    assert recall.public_id in desk.get(reverse("admin:orders_order_change", args=[recall.sale_id])).content.decode()
    assert recall.public_id in desk.get(reverse("admin:orders_recall_changelist")).content.decode()
    too_much = desk.post(_asking_page(refund), {**fields, "reference": new_public_id("rcl"), "amount": "120.95"})
    assert "At most €120.94 can be asked back." in _text(too_much)
    for wrong in ({"amount": "1.005"}, {"amount": "0"}, {"reason": ""}, {"reference": "x"}):
        desk.post(_asking_page(refund), {**fields, "reference": new_public_id("rcl"), **wrong})
    assert Recall.objects.count() == 1


def test_the_desk_sees_the_split_the_consent_and_the_history(desk: Client, stripe: Wire, refund: Refund) -> None:
    recall = asked_back(refund, 5000)
    order = paid_back(stripe, recall)
    page = _text(desk.get(reverse("admin:orders_recall_change", args=[recall.pk])))
    assert "paid back by the buyer" in page
    assert "I agree to pay €50.00 to Artisan's Hub" in page
    assert order.public_id in page
    for word in ("asked", "agreed", "paid"):
        assert word in page
    assert "Withdraw this request" not in page
    assert recall.public_id in _text(desk.get(reverse("admin:orders_order_change", args=[order.pk])))


def test_staff_withdraw_by_a_button(desk: Client, refund: Refund) -> None:
    recall = asked_back(refund)
    address = reverse("admin:orders_recall_withdraw", args=[recall.pk])
    assert "Withdraw this request" in desk.get(reverse("admin:orders_recall_change", args=[recall.pk])).content.decode()
    assert desk.get(address).status_code == 404
    assert "is withdrawn; the buyer is told." in _text(desk.post(address, follow=True))
    recall.refresh_from_db()
    assert recall.status == "withdrawn"


def test_who_may_not_refund_may_not_ask_back(refund: Refund) -> None:
    recall = asked_back(refund, 100)
    viewer = _staff("view_order", "view_recall")
    withdraw = reverse("admin:orders_recall_withdraw", args=[recall.pk])
    for address in (_asking_page(refund), withdraw):
        assert viewer.get(address).status_code == 403
        assert viewer.post(address, {"amount": "1.00"}).status_code == 403
    recall.refresh_from_db()
    assert (recall.status, Recall.objects.count()) == ("asked", 1)


def test_a_refund_that_is_not_final_offers_no_button(stripe: Wire, desk: Client, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans(), card=REFUND_PENDING)
    refund = ask(order)
    run_outbox()
    page = desk.get(reverse("admin:orders_order_refund", args=[order.pk])).content.decode()
    assert "Ask the buyer" not in page
    assert "only money that the buyer has for good" in _text(desk.get(_asking_page(refund), follow=True))
    other = check_out([(new_product(), 1)])
    foreign = reverse("admin:orders_order_recall", args=[other.pk, refund.public_id])
    assert desk.get(foreign).status_code == 404


# ---- the buyer -------------------------------------------------------------------------------------------------------


def test_a_guest_pays_by_the_letter_s_link_alone(
    client: Client, stripe: Wire, run_outbox: RunOutbox, refund: Refund
) -> None:
    recall = asked_back(refund, 5000, reason="We refunded the wrong order. Sorry!")
    run_outbox()
    [letter] = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    html = str(letter.alternatives[0][0])
    link = re.search(r"https?://[^/]+(/requests/\S+)", str(letter.body))
    assert link is not None
    assert link[1] in html.replace("&amp;", "&")
    for words in ("€170.94", "€50.00", "We refunded the wrong order. Sorry!", "free to decline", "no saved card"):
        assert words in letter.body, words
        assert words in html, words
    page = _text(client.get(link[1]))
    for words in (
        "We refunded you €170.94 by mistake",
        "We refunded the wrong order. Sorry!",
        "€50.00",
        "free to decline",
    ):
        assert words in page, words

    unticked = client.post(_address(recall, "agree/"))
    assert unticked.status_code == 400
    assert "Please tick the box" in _text(unticked)
    assert (RecallConsent.objects.count(), Order.objects.count()) == (0, 1)

    agreed = client.post(_address(recall, "agree/"), {"agrees": "on"}, REMOTE_ADDR="203.0.113.7")
    order = Order.objects.get(recall=recall)
    assert agreed.headers["Location"] == f"/checkout/?order={order.public_id}"
    assert RecallConsent.objects.get().ip == "203.0.113.7"
    document = client.get(f"/api/v1/checkouts/{order.public_id}").json()
    assert document["repayment_url"] == f"/requests/{recall.public_id}/"
    assert (document["quote"]["total_minor"], document["status"]) == (5000, "awaiting_payment")
    assert sum(line["line_total_minor"] for group in document["quote"]["groups"] for line in group["lines"]) == 5000

    confirmed = client.post(
        f"/api/v1/checkouts/{order.public_id}/confirm", {"quote_hash": order.quote_hash},
        content_type="application/json", headers={"Idempotency-Key": new_public_id("key")},
    ).json()  # fmt: skip
    stripe.pay(confirmed["payment"]["client_secret"])
    back = client.get(f"/checkout/return/?order={order.public_id}", follow=True)
    assert back.redirect_chain[-1][0] == f"/requests/{recall.public_id}/", "this browser needs no key any more"
    assert "Thank you, €50.00 are paid back" in _text(back)
    assert "Visa card ending in 4242" in _text(back)
    mail.outbox.clear()
    run_outbox()
    receipts = [letter for letter in mail.outbox if letter.to == ["ada@example.org"]]
    assert [letter.subject for letter in receipts] == ["Thank you: €50.00 paid back"]
    to_artisans = [letter for letter in mail.outbox if letter.to != ["ada@example.org"]]
    assert len(to_artisans) == 3
    assert all("are yours again" in letter.subject for letter in to_artisans)
    assert client.get("/orders/").content.decode().count(order.public_id) == 0, "nothing was bought"
    everything_agrees(stripe)


def test_a_guest_declines_and_nothing_is_charged(client: Client, refund: Refund) -> None:
    recall = asked_back(refund)
    answer = client.post(_address(recall, "decline/"), {"note": "I did not get it."}, follow=True)
    assert "You declined, and nothing was charged." in _text(answer)
    recall.refresh_from_db()
    assert (recall.status, recall.decline_note) == ("declined", "I did not get it.")
    late = client.post(_address(recall, "agree/"), {"agrees": "on"}, follow=True)
    assert "We are not asking for this any more" in _text(late)
    assert Payment.objects.count() == 1


def test_the_buyer_s_order_page_leads_to_the_request(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    sale = paid(stripe, three_artisans())
    Order.objects.filter(id=sale.id).update(buyer=user)
    recall = asked_back(refunded(sale, run_outbox))
    buyer = Client()
    buyer.force_login(user)
    page = buyer.get(f"/orders/{sale.public_id}/").content.decode()
    assert f'href="/requests/{recall.public_id}/"' in page
    assert "Refunded by mistake" in page
    assert buyer.get(_address(recall, key=False)).status_code == 200
    answer = buyer.post(_address(recall, "agree/", key=False), {"agrees": "on"})
    order = Order.objects.get(recall=recall)
    assert (order.buyer_id, answer.status_code) == (user.pk, 302)
    assert RecallConsent.objects.get().user == user
    settle_order(order_id=order.id, source="browser", now=clock_now())
    assert buyer.get(f"/orders/{order.public_id}/").headers["Location"] == f"/requests/{recall.public_id}/"
    withdraw_recall(recall_id=recall.id, now=clock_now())
    assert "We do not ask for this any more" in _text(buyer.get(_address(recall, key=False)))


def test_a_request_does_not_exist_for_anybody_else(client: Client, refund: Refund) -> None:
    recall = asked_back(refund)
    other = Client()
    other.force_login(new_user())
    for visitor in (client, other):
        for action in ("", "agree/", "decline/"):
            for query in ("", "?key=", "?key=wrong", f"?key={access_key_of(new_public_id('rcl'))}", "?key=%C3%A9"):
                address = f"/requests/{recall.public_id}/{action}{query}"
                assert visitor.post(address, {"agrees": "on"}).status_code in ((405,) if not action else (404,))
                assert visitor.get(address).status_code == (405 if action else 404)
    assert client.get("/requests/rcl_x/").status_code == 404
    recall.refresh_from_db()
    assert (recall.status, Order.objects.count()) == ("asked", 1)


def test_the_buyer_is_never_shown_who_gets_how_much(client: Client, refund: Refund) -> None:
    recall = asked_back(refund)
    page = client.get(_address(recall)).content.decode()
    client.post(_address(recall, "agree/"), {"agrees": "on"})
    order = Order.objects.get(recall=recall)
    document = client.get(f"/api/v1/checkouts/{order.public_id}").content.decode()
    for text in (page, document):
        assert "commission" not in text
        assert "share" not in text


# ---- the artisan -----------------------------------------------------------------------------------------------------


def test_the_artisan_sees_what_is_back_and_has_nothing_to_send(stripe: Wire, refund: Refund) -> None:
    order = paid_back(stripe, asked_back(refund))
    part = order.seller_orders.select_related("artisan__owner").order_by("id")[0]
    artisan = Client()
    artisan.force_login(part.artisan.owner)
    listed = _text(artisan.get("/selling/orders/"))
    assert "A refund that the buyer has paid back" in listed
    page = _text(artisan.get(f"/selling/orders/{part.public_id}/"))
    assert "A refund was paid back" in page
    assert "There is nothing to send." in page
    assert "1 Loom Lane" not in page
    assert "€51.00" in page
    assert balances("refunds_in_transit") == {}


def test_the_artisan_s_page_of_the_sale_tells_how_it_stands(stripe: Wire, refund: Refund) -> None:
    recall = asked_back(refund)
    part = _sale(refund).seller_orders.select_related("artisan__owner").order_by("id")[0]
    artisan = Client()
    artisan.force_login(part.artisan.owner)
    address = f"/selling/orders/{part.public_id}/"
    assert "we have asked the buyer to pay it back" in _text(artisan.get(address))
    order = paid_back(stripe, recall)
    own = order.seller_orders.get(artisan=part.artisan)
    assert f'href="/selling/orders/{own.public_id}/"' in artisan.get(address).content.decode()
