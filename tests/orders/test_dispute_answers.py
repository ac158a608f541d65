"""Answering disputes on the real sandbox: drafted from the order, sent once, given in; what is refused as evidence."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.clock import now as clock_now
from common.ids import new_public_id
from common.models import AuditRecord
from identity.models import User
from orders.contracts.dispute import DisputeNotFound, EvidenceRefused
from orders.services import (
    accept_dispute,
    attach_as_artisan,
    attach_file,
    look_after_disputes,
    remove_file,
    save_draft,
    ship_part,
    submit_evidence,
)
from orders.services.disputes import send_answer
from payments.contracts import OutcomeUnknown
from payments.models import Dispute, DisputeEvidence, ProcessorRequest
from payments.services import DisputeNotAnswerable
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import decided, news, opened, sold, three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import new_artisan, new_product, new_user
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
CARD = "4242 4242 4242 4242"


@pytest.fixture
def dispute(stripe: Wire) -> Dispute:
    order = sold(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=4000), 1)])
    return news(opened(stripe, order, reason="product_not_received"))


def _at_stripe(stripe: Wire, dispute: Dispute) -> dict[str, Any]:
    answer = requests.get(
        f"{stripe.url}/v1/disputes/{dispute.processor_dispute_id}", auth=("sk_test_sandbox", ""), timeout=10
    )
    document: dict[str, Any] = answer.json()
    return document


def _texts(dispute: Dispute) -> dict[str, str]:
    return dict(DisputeEvidence.objects.filter(dispute=dispute, content=None).values_list("kind", "text"))


def test_the_answer_is_drafted_from_the_order_before_anybody_looks(stripe: Wire, dispute: Dispute) -> None:
    part = dispute_part(dispute)
    texts = _texts(dispute)
    assert texts["customer_name"] == "Ada Byron"
    assert texts["customer_email"] == "ada@example.org"
    assert texts["shipping_address"] == "Ada Byron, 1 Loom Lane, D02 X285, Dublin, IE"
    assert texts["product_description"] == (f"1 x {part.lines.get().title}, made by hand by {part.artisan.name}")
    assert "thirty days" in texts["refund_policy"]
    assert "tracking_number" not in texts
    receipt = DisputeEvidence.objects.get(dispute=dispute, kind="receipt")
    content = bytes(receipt.content or b"")
    assert content.startswith(b"%PDF-1.4") and b"Charged: \x8045.00" in content
    assert receipt.file_name == f"receipt-{part.order.public_id}.pdf"


def dispute_part(dispute: Dispute) -> Any:
    from orders.models import SellerOrder

    return SellerOrder.objects.select_related("artisan", "order").get(
        order__public_id=dispute.capture.payment.order_reference
    )


def test_what_was_sent_how_and_when_stands_in_the_draft(stripe: Wire) -> None:
    order = sold(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=4000), 1)])
    part = order.seller_orders.get()
    ship_part(
        seller_order_id=part.public_id,
        artisan_id=part.artisan_id,
        carrier="An Post",
        tracking_number="RR1X",
        now=clock_now(),
    )
    texts = _texts(news(opened(stripe, order)))
    assert (texts["shipping_carrier"], texts["tracking_number"]) == ("An Post", "RR1X")
    assert texts["shipping_date"] == f"{clock_now():%Y-%m-%d}"


def test_the_answer_is_sent_once_with_texts_and_files(stripe: Wire, dispute: Dispute, run_outbox: RunOutbox) -> None:
    save_draft(
        dispute_id=dispute.id, texts={"explanation": "It was handed over.", "customer_name": ""}, now=clock_now()
    )
    attach_file(dispute_id=dispute.id, kind="proof_of_delivery", name="../p r o.of", content=PNG, now=clock_now())
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    with pytest.raises(DisputeNotAnswerable):
        submit_evidence(dispute_id=dispute.id, now=clock_now())
    with pytest.raises(DisputeNotAnswerable):
        save_draft(dispute_id=dispute.id, texts={"explanation": "Another."}, now=clock_now())
    run_outbox()
    there = _at_stripe(stripe, dispute)
    assert (there["status"], there["evidence_details"]["submission_count"]) == ("under_review", 1)
    assert there["evidence"]["uncategorized_text"] == "It was handed over."
    assert there["evidence"]["customer_name"] is None
    files = {item["id"]: item for item in stripe.summary()["files"]}
    assert files[there["evidence"]["shipping_documentation"]]["filename"] == "p-r-o.png"
    assert files[there["evidence"]["receipt"]]["type"] == "pdf"
    dispute.refresh_from_db()
    assert (dispute.status, dispute.submitted_at is not None) == ("under_review", True)
    [request] = ProcessorRequest.objects.filter(subject=dispute.public_id)
    assert (request.kind, request.state) == ("submit_evidence", "succeeded")
    assert run_outbox() == []
    with pytest.raises(DisputeNotAnswerable):
        submit_evidence(dispute_id=dispute.id, now=clock_now())
    everything_agrees(stripe)


def test_an_answer_that_wins_at_once_is_booked_with_it(stripe: Wire, dispute: Dispute, run_outbox: RunOutbox) -> None:
    save_draft(dispute_id=dispute.id, texts={"explanation": "winning_evidence"}, now=clock_now())
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    dispute.refresh_from_db()
    assert dispute.status == "won"
    assert balances("disputed", "dispute") == {}
    everything_agrees(stripe)


def test_a_lost_answer_is_looked_up_and_not_sent_twice(stripe: Wire, dispute: Dispute) -> None:
    save_draft(dispute_id=dispute.id, texts={"explanation": "Sent."}, now=clock_now())
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    stripe.fault("answer_lost", f"/v1/disputes/{dispute.processor_dispute_id}$")
    with pytest.raises(OutcomeUnknown):
        send_answer(dispute_id=dispute.id, source="task", now=clock_now())
    assert ProcessorRequest.objects.get(subject=dispute.public_id).state == "unknown"
    look_after_disputes(now=clock_now() + dt.timedelta(minutes=10))
    dispute.refresh_from_db()
    assert (dispute.status, dispute.submitted_at is not None) == ("under_review", True)
    assert _at_stripe(stripe, dispute)["evidence_details"]["submission_count"] == 1
    assert len(stripe.summary()["files"]) == 1
    everything_agrees(stripe)


def test_an_upload_whose_answer_was_lost_is_uploaded_once(stripe: Wire, dispute: Dispute) -> None:
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    stripe.fault("answer_lost", "/v1/files$")
    with pytest.raises(OutcomeUnknown):
        send_answer(dispute_id=dispute.id, source="task", now=clock_now())
    look_after_disputes(now=clock_now() + dt.timedelta(minutes=10))
    assert _at_stripe(stripe, dispute)["status"] == "under_review"
    assert len(stripe.summary()["files"]) == 1


def test_a_refused_answer_can_be_given_again(stripe: Wire, dispute: Dispute, run_outbox: RunOutbox) -> None:
    # Somebody answered in Stripe's dashboard; ours is refused, and the truth is taken over.
    requests.post(
        f"{stripe.url}/v1/disputes/{dispute.processor_dispute_id}",
        data={"evidence[customer_name]": "Ada"}, auth=("sk_test_sandbox", ""), timeout=10,
        headers={"Idempotency-Key": "by hand"},
    )  # fmt: skip
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    [request] = ProcessorRequest.objects.filter(subject=dispute.public_id)
    assert request.state == "failed"
    dispute.refresh_from_db()
    assert (dispute.status, dispute.submitted_at) == ("needs_response", None)
    news(dispute.processor_dispute_id)
    dispute.refresh_from_db()
    assert dispute.status == "under_review"
    everything_agrees(stripe)


def test_giving_in_loses_it_once(stripe: Wire, dispute: Dispute, run_outbox: RunOutbox) -> None:
    accept_dispute(dispute_id=dispute.id, now=clock_now())
    with pytest.raises(DisputeNotAnswerable):
        accept_dispute(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    dispute.refresh_from_db()
    assert (dispute.status, dispute.lost_minor) == ("lost", 4500)
    assert balances("seller_", "commission", "disputed") == {}
    everything_agrees(stripe)


def test_there_is_nothing_to_give_in_to_in_an_inquiry(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    inquiry = news(opened(stripe, order, inquiry=True))
    with pytest.raises(DisputeNotAnswerable):
        accept_dispute(dispute_id=inquiry.id, now=clock_now())


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"explanation": f"paid with {CARD}"}, "card number"),
        ({"explanation": "x" * 20_001}, "20,000"),
        ({"explanation": "a\x00b"}, "no text"),
        ({"receipt": "a text"}, "No text"),
    ],
)
def test_a_text_that_is_no_evidence_is_refused(dispute: Dispute, texts: dict[str, str], says: str) -> None:
    before = _texts(dispute)
    with pytest.raises(EvidenceRefused, match=says):
        save_draft(dispute_id=dispute.id, texts=texts, now=clock_now())
    assert _texts(dispute) == before
    assert AuditRecord.objects.filter(event_type="pci.alert").exists() == ("card" in says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><script>alert(1)</script>", "PDF, a PNG or a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PDF, a PNG or a JPEG"),
        (PDF + b"<< /S /JavaScript /JS (app.alert(1)) >>", "scripts"),
        (PDF + b"<< /S /J#61vaScript >>", "scripts"),
        (PDF + b"<< /Names << /EmbeddedFiles 3 0 R >> >>", "scripts"),
        (PDF + b"." * 4_500_000, "4.5 MB"),
    ],
)
def test_a_file_that_is_no_evidence_is_refused(dispute: Dispute, content: bytes, says: str) -> None:
    with pytest.raises(EvidenceRefused, match=says):
        attach_file(dispute_id=dispute.id, kind="correspondence", name="a.pdf", content=content, now=clock_now())
    assert not DisputeEvidence.objects.filter(dispute=dispute, kind="correspondence").exists()


def test_files_together_stay_below_what_banks_take(dispute: Dispute) -> None:
    half = PDF + b"." * 2_300_000
    attach_file(dispute_id=dispute.id, kind="correspondence", name="a.pdf", content=half, now=clock_now())
    with pytest.raises(EvidenceRefused, match="together"):
        attach_file(dispute_id=dispute.id, kind="proof_of_delivery", name="b.pdf", content=half, now=clock_now())
    remove_file(dispute_id=dispute.id, kind="correspondence", now=clock_now())
    attach_file(dispute_id=dispute.id, kind="proof_of_delivery", name=f"{CARD}.pdf", content=half, now=clock_now())
    kept = DisputeEvidence.objects.get(dispute=dispute, kind="proof_of_delivery")
    assert kept.file_name == "proof-of-delivery.pdf", "a name may hold a card number too"


def test_an_artisan_helps_with_their_own_dispute_and_no_other(dispute: Dispute) -> None:
    part = dispute_part(dispute)
    attach_as_artisan(
        dispute_reference=dispute.public_id, artisan_id=part.artisan_id, kind="proof_of_delivery", name="signed.png",
        content=PNG, now=clock_now(),
    )  # fmt: skip
    assert DisputeEvidence.objects.filter(dispute=dispute, kind="proof_of_delivery").exists()
    for reference, artisan in ((dispute.public_id, new_artisan().pk), (new_public_id("dsp"), part.artisan_id)):
        with pytest.raises(DisputeNotFound):
            attach_as_artisan(
                dispute_reference=reference, artisan_id=artisan, kind="proof_of_delivery", name="x.png", content=PNG,
                now=clock_now(),
            )  # fmt: skip


def test_artisans_and_staff_are_written_to_and_the_buyer_is_not(stripe: Wire, run_outbox: RunOutbox) -> None:
    boss = User.objects.create_superuser("boss@example.org", "a good long password")
    new_user(is_staff=True)
    order = sold(stripe, three_shares())
    run_outbox()
    mail.outbox.clear()
    dispute = news(opened(stripe, order, reason="product_not_received"))
    news(dispute.processor_dispute_id)
    run_outbox()
    artisans = {part.artisan.owner.email: part for part in order.seller_orders.all()}
    assert sorted(message.to[0] for message in mail.outbox) == sorted([*artisans, boss.email])
    letters = {message.to[0]: message for message in mail.outbox}
    due = f"{dispute.evidence_due_at:%-d %B %Y}"
    for email, part in artisans.items():
        letter = letters[email]
        for text in (str(letter.body), str(letter.alternatives[0][0])):  # type: ignore[attr-defined]
            assert str(part.share) in text and due in text and "the goods did not arrive" in text
            assert "ada@example.org" not in text
    assert f"/admin/payments/dispute/{dispute.pk}/change/" in str(letters[boss.email].body)

    mail.outbox.clear()
    decided(stripe, dispute.processor_dispute_id, won=False)
    news(dispute.processor_dispute_id)
    run_outbox()
    assert {message.to[0] for message in mail.outbox} == set(artisans)
    assert all("is lost with it" in str(message.body) for message in mail.outbox)


def test_staff_are_reminded_three_days_and_one_day_before_and_not_after_the_answer(
    stripe: Wire, dispute: Dispute, run_outbox: RunOutbox
) -> None:
    User.objects.create_superuser("boss@example.org", "a good long password")
    run_outbox()
    mail.outbox.clear()
    due = dispute.evidence_due_at
    assert due is not None

    def reminders(before: dt.timedelta) -> int:
        mail.outbox.clear()
        look_after_disputes(now=due - before)
        look_after_disputes(now=due - before)
        run_outbox()
        return len(mail.outbox)

    assert reminders(dt.timedelta(days=4)) == 0
    assert reminders(dt.timedelta(days=2, hours=23)) == 1
    assert reminders(dt.timedelta(hours=20)) == 1
    assert reminders(dt.timedelta(hours=-1)) == 0
    assert reminders(dt.timedelta(hours=10)) == 0, "once for each day"


def test_a_dispute_of_which_nothing_is_heard_is_asked_after(stripe: Wire, dispute: Dispute) -> None:
    decided(stripe, dispute.processor_dispute_id, won=True)
    look_after_disputes(now=clock_now() + dt.timedelta(hours=5))
    dispute.refresh_from_db()
    assert dispute.status == "needs_response"
    look_after_disputes(now=clock_now() + dt.timedelta(hours=7))
    dispute.refresh_from_db()
    assert dispute.status == "won"
    everything_agrees(stripe)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss@example.org", "a good long password"))
    return client


def test_staff_complete_look_and_send(stripe: Wire, dispute: Dispute, staff: Client, run_outbox: RunOutbox) -> None:
    page = f"/admin/payments/dispute/{dispute.pk}/answer/"
    assert "Ada Byron" in staff.get(page).content.decode()
    form = {"explanation": "It was handed over.", "customer_name": "Ada Byron", "submit": "x"}
    upload = SimpleUploadedFile("proof.png", PNG, content_type="text/html")
    shown = staff.post(page, {**form, "file_proof_of_delivery": upload}).content.decode()
    assert "Send this answer?" in shown and "It was handed over." in shown and "proof.png" in shown
    assert not ProcessorRequest.objects.filter(subject=dispute.public_id).exists(), (
        "nothing is sent before it is confirmed"
    )
    file = staff.get(page + "?file=proof_of_delivery")
    assert (file.content, file["Content-Type"], file["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert file["Content-Disposition"].startswith("attachment")
    assert staff.post(page, {"confirm_submit": "x"}).status_code == 302
    run_outbox()
    dispute.refresh_from_db()
    assert dispute.status == "under_review"
    after = staff.get(page).content.decode()
    assert "Look at it and send" not in after and "Sent " in after
    listed = staff.get("/admin/payments/dispute/").content.decode()
    assert dispute.public_id in listed
    detail = staff.get(f"/admin/payments/dispute/{dispute.pk}/change/").content.decode()
    assert f"dispute_opened:{dispute.public_id}" in detail and "submit_evidence #1: succeeded" in detail


def test_giving_in_is_asked_twice(stripe: Wire, dispute: Dispute, staff: Client, run_outbox: RunOutbox) -> None:
    page = f"/admin/payments/dispute/{dispute.pk}/answer/"
    assert "Give in?" in staff.post(page, {"accept": "x"}).content.decode()
    run_outbox()
    dispute.refresh_from_db()
    assert dispute.status == "needs_response"
    staff.post(page, {"confirm_accept": "x"})
    run_outbox()
    dispute.refresh_from_db()
    assert dispute.status == "lost"


def test_the_disputes_that_are_due_next_come_first(stripe: Wire, staff: Client) -> None:
    rows = [news(opened(stripe, sold(stripe, three_shares()))) for _ in range(3)]
    for row, days in zip(rows, (5, 1, 3), strict=True):
        Dispute.objects.filter(id=row.id).update(evidence_due_at=clock_now() + dt.timedelta(days=days))
    decided(stripe, rows[1].processor_dispute_id, won=True)
    news(rows[1].processor_dispute_id)
    listed = staff.get("/admin/payments/dispute/").content.decode()
    places = [listed.index(rows[number].public_id) for number in (2, 0, 1)]
    assert places == sorted(places)


def test_only_who_may_answer_sees_the_answer(dispute: Dispute) -> None:
    client = Client()
    client.force_login(new_user(is_staff=True))
    page = f"/admin/payments/dispute/{dispute.pk}/answer/"
    assert client.get(page).status_code == 403
    assert client.post(page, {"confirm_accept": "x"}).status_code == 403
    assert not ProcessorRequest.objects.filter(subject=dispute.public_id).exists()
