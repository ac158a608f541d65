"""An artisan's pages: accept or decline, send, pay back, through the browser's forms."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Product
from common.clock import now as clock_now
from common.models import AuditRecord
from orders.models import Fulfilment, Order, SellerOrder
from orders.services import attach_as_artisan, settle_order
from payments.models import Dispute, DisputeEvidence, Refund
from payouts.models import Payable
from tests.orders.books import everything_agrees
from tests.orders.disputed import news, opened
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product, new_user
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _bought(stripe: Wire, *items: tuple[Product, int]) -> Order:
    order = check_out(list(items))
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def _part(order: Order, product: Product) -> SellerOrder:
    return order.seller_orders.get(artisan=product.artisan)


def _client(product: Product) -> Client:
    client = Client()
    client.force_login(product.artisan.owner)
    return client


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_an_order_is_accepted_sent_and_delivered(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    order = _bought(stripe, (bowl, 1))
    part, client = _part(order, bowl), _client(bowl)
    address = f"/selling/orders/{part.public_id}/"
    run_outbox()
    asked = next(letter for letter in mail.outbox if letter.to == [bowl.artisan.owner.email])
    assert address in asked.body
    assert f'href="{address}"' in client.get("/selling/orders/").content.decode()
    page = client.get(address).content.decode()
    assert "Please accept or decline until" in page
    assert "1 Loom Lane" not in page, "where somebody lives is not shown before there is something to send"
    answer = client.post(f"{address}accept/", follow=True)
    assert "Accepted." in answer.content.decode()
    run_outbox()
    page = client.get(address).content.decode()
    assert "This is paid. Please pack it" in page
    assert "1 Loom Lane" in page
    client.post(f"{address}ship/", {"carrier": "An Post", "tracking_number": "CE1"})
    run_outbox()
    sent = mail.outbox[-1]
    assert (sent.to, sent.subject) == (["ada@example.org"], f"{bowl.artisan.name} has sent your order")
    assert "An Post, tracking number CE1" in sent.body
    assert "Marked as delivered." in client.post(f"{address}delivered/", follow=True).content.decode()
    assert Fulfilment.objects.get().status == "delivered"


def test_declining_needs_a_word_to_the_buyer(stripe: Wire, run_outbox: RunOutbox) -> None:
    bowl = new_product(is_made_to_order=True, lead_time_days=9, stock=0)
    order = _bought(stripe, (bowl, 1))
    address = f"/selling/orders/{_part(order, bowl).public_id}/"
    client = _client(bowl)
    refused = client.post(f"{address}decline/", {"reason": ""})
    assert refused.status_code == 400
    assert Fulfilment.objects.get().status == "to_accept"
    client.post(f"{address}decline/", {"reason": "The kiln is broken."})
    run_outbox()
    assert Fulfilment.objects.get().status == "declined"
    [told] = [letter for letter in mail.outbox if letter.subject == "Your order was not charged"]
    assert "The kiln is broken." in told.body
    again = client.post(f"{address}accept/", follow=True).content.decode()
    assert "does not wait for an answer any more" in again


def test_pieces_are_paid_back_after_a_look_at_the_figures(stripe: Wire, run_outbox: RunOutbox) -> None:
    cup, other = new_product(price=2000, stock=5), new_product(price=3000)
    order = _bought(stripe, (cup, 3), (other, 1))
    part, client = _part(order, cup), _client(cup)
    line = part.lines.get()
    address = f"/selling/orders/{part.public_id}/pay-back/"
    page = client.get(address).content.decode()
    form = _hidden(page) | {f"pieces_{line.id}": "2", "shipping": "on", "reason": "returned", "note": "Sorry!",
                            "restocks": "on"}  # fmt: skip
    preview = client.post(address, form | {"preview": ""}).content.decode()
    # 2 x 20.00 and 7.00 of shipping; 4.00 of it is our commission.
    assert "Pay €47.00 back" in preview
    assert "€43.00" in preview
    shown = _hidden(preview)
    assert shown["expected_minor"] == "4700"
    assert Refund.objects.count() == 0
    for _ in range(2):  # a double click
        client.post(address, form | shown | {"confirm": ""})
    run_outbox()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.status, refund.initiator) == (
        4700, "succeeded", f"artisan:{cup.artisan.public_id}"
    )  # fmt: skip
    cup.refresh_from_db()
    assert cup.stock_on_hand == 4
    assert Payable.objects.get(artisan=cup.artisan).debited_minor == 4300
    page = client.get(f"/selling/orders/{part.public_id}/").content.decode()
    assert "“Sorry!”" in page
    assert "of which you give €36.00" in page
    everything_agrees(stripe)


def test_the_buyer_sees_what_was_paid_back_and_why(stripe: Wire, run_outbox: RunOutbox) -> None:
    buyer = new_user()
    client = Client()
    client.force_login(buyer)
    cup = new_product(price=2000, stock=5)
    order = _bought(stripe, (cup, 3))
    Order.objects.filter(id=order.id).update(buyer=buyer)
    part = _part(order, cup)
    address = f"/selling/orders/{part.public_id}/pay-back/"
    artisan = _client(cup)
    form = _hidden(artisan.get(address).content.decode()) | {
        f"pieces_{part.lines.get().id}": "1", "reason": "not_as_described", "note": "One was chipped."
    }  # fmt: skip
    artisan.post(address, form | {"confirm": ""})
    run_outbox()
    page = client.get(f"/orders/{order.public_id}/").content.decode()
    assert "Paid back to you" in page
    assert "One was chipped." in page
    assert "−€20.00" in page
    assert "reaches your account within 5 to 10 days" in page


def test_more_than_there_is_can_t_be_paid_back(stripe: Wire) -> None:
    cup = new_product(price=2000, stock=5)
    order = _bought(stripe, (cup, 1))
    part, client = _part(order, cup), _client(cup)
    address = f"/selling/orders/{part.public_id}/pay-back/"
    form = _hidden(client.get(address).content.decode()) | {"reason": "returned"}
    for wrong in ({f"pieces_{part.lines.get().id}": "2"}, {f"pieces_{part.lines.get().id}": "-1"}, {}):
        answer = client.post(address, form | wrong | {"confirm": ""})
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode() or "errorlist" in answer.content.decode()
    assert not Refund.objects.exists()


def test_somebody_who_only_buys_has_no_such_pages() -> None:
    client = Client()
    assert client.get("/selling/orders/").status_code == 302
    client.force_login(new_user())
    assert client.get("/selling/orders/").status_code == 404


def test_an_artisan_sees_a_dispute_and_helps_with_a_proof(stripe: Wire, run_outbox: RunOutbox) -> None:
    cup = new_product(price=2000, stock=5)
    order = _bought(stripe, (cup, 1))
    news(opened(stripe, order, reason="product_not_received"))
    dispute = Dispute.objects.get()
    run_outbox()
    part, client = _part(order, cup), _client(cup)
    address = f"/selling/orders/{part.public_id}/"
    [letter] = [one for one in mail.outbox if one.to == [cup.artisan.owner.email] and "bank" in one.subject]
    assert address in letter.body
    page = client.get(address).content.decode()
    assert "The goods did not arrive: €25.00 of your sale." in page
    assert "€23.00 of your share is kept back" in page
    proof = SimpleUploadedFile("signed.pdf", b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n")
    told = client.post(f"{address}evidence/", {"dispute": dispute.public_id, "file": proof}, follow=True)
    assert "It goes to the bank with our answer." in told.content.decode()
    assert DisputeEvidence.objects.get(kind="proof_of_delivery").file_name == "signed.pdf"
    assert "We have signed.pdf of you." in client.get(address).content.decode()
    script = SimpleUploadedFile("x.pdf", b"<html><script>alert(1)</script>")
    told = client.post(f"{address}evidence/", {"dispute": dispute.public_id, "file": script}, follow=True)
    assert "PDF, a PNG or a JPEG" in told.content.decode()
    other = new_product()
    theirs = _bought(stripe, (other, 1))
    at_theirs = f"/selling/orders/{_part(theirs, other).public_id}/evidence/"
    proof.seek(0)
    told = _client(other).post(at_theirs, {"dispute": dispute.public_id, "file": proof}, follow=True)
    assert "It goes to the bank" not in told.content.decode()
    assert DisputeEvidence.objects.filter(kind="proof_of_delivery").count() == 1


def test_an_artisan_neither_sees_nor_replaces_what_another_has_given_as_proof(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    cup, bowl = new_product(price=2000), new_product(price=3000)
    order = _bought(stripe, (cup, 1), (bowl, 1))
    news(opened(stripe, order, reason="product_not_received"))
    dispute = Dispute.objects.get()

    def give(product: Product, name: str) -> str:
        file = SimpleUploadedFile(name, b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n" + name.encode())
        address = f"/selling/orders/{_part(order, product).public_id}/evidence/"
        told = _client(product).post(address, {"dispute": dispute.public_id, "file": file}, follow=True)
        return told.content.decode()

    def kept() -> tuple[str, str]:
        proof = DisputeEvidence.objects.get(kind="proof_of_delivery")
        return proof.file_name, proof.given_by

    assert "It goes to the bank with our answer." in give(cup, "signed-by-ada.pdf")
    assert kept() == ("signed-by-ada.pdf", cup.artisan.public_id)
    page = _client(bowl).get(f"/selling/orders/{_part(order, bowl).public_id}/").content.decode()
    assert "signed-by-ada" not in page
    assert "We have a proof of delivery already." in page
    told = give(bowl, "mine.pdf")
    assert "Somebody else has given us one." in told
    assert "It goes to the bank" not in told
    assert kept() == ("signed-by-ada.pdf", cup.artisan.public_id)
    give(cup, "better.pdf")
    assert kept() == ("better.pdf", cup.artisan.public_id)
    attached = AuditRecord.objects.filter(event_type="dispute.file_attached")
    assert list(attached.values_list("artisan", flat=True)) == [cup.artisan.public_id] * 2


def test_a_file_that_is_too_large_is_not_read_to_its_end(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    cup = new_product(price=2000)
    order = _bought(stripe, (cup, 1))
    news(opened(stripe, order, reason="product_not_received"))
    taken: list[int] = []

    def watched(*, content: bytes, **more: Any) -> None:
        taken.append(len(content))
        attach_as_artisan(content=content, **more)

    monkeypatch.setattr("orders.views.selling.attach_as_artisan", watched)
    file = SimpleUploadedFile("large.pdf", b"%PDF-1.4\n" + b"x" * 5_000_000)
    address = f"/selling/orders/{_part(order, cup).public_id}/evidence/"
    told = _client(cup).post(address, {"dispute": Dispute.objects.get().public_id, "file": file}, follow=True)
    assert "at most 4.5 MB" in told.content.decode()
    assert taken == [4_500_001]
    assert not DisputeEvidence.objects.filter(kind="proof_of_delivery").exists()
