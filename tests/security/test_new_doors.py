"""The doors of the life of a payment: hosted pages, kept ways to pay, artisans' forms. Keys and card numbers."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.ids import new_public_id
from common.models import AuditRecord
from orders.contracts.order import Buyer
from payments.services.saved import CONSENT
from tests.orders.shop import check_out, new_product, new_user
from tests.orders.wire import Wire
from tests.security.watch import changed, contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]
VISA = "4242 4242 4242 4242"
PART = "/selling/orders/sor_0000000000000000000000/"
_TRACES = frozenset({"django_session", "common_auditrecord", "common_idempotencykey"})

FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "why an artisan declines": (f"{PART}decline/", {"reason": f"Card {VISA} was refused"}),
    "carrier": (f"{PART}ship/", {"carrier": VISA, "tracking_number": ""}),
    "tracking number": (f"{PART}ship/", {"carrier": "An Post", "tracking_number": VISA}),
    "an artisan's word to the buyer": (f"{PART}pay-back/", {"note": f"Back on {VISA}", "confirm": ""}),
    "name of a proof": (f"{PART}evidence/", {"dispute": "dsp_x", "file": SimpleUploadedFile(f"{VISA}.pdf", b"%PDF-")}),
    "staff's words for the buyer": ("/admin/orders/order/1/refund/", {"note": VISA, "confirm": ""}),
    "text of an answer to a dispute": ("/admin/payments/dispute/1/answer/", {"explanation": VISA, "save": ""}),
    "name of a file of an answer": (
        "/admin/payments/dispute/1/answer/", {"save": "", "file_receipt": SimpleUploadedFile(f"{VISA}.png", b"x")}
    ),
    "story of an applicant": ("/sell/apply/", {"name": "Kiln", "story": f"Pay me on {VISA}"}),
    "what goods are": ("/selling/goods/add/", {"title": "Jug", "description": VISA}),
    "name of a picture": (
        "/selling/goods/add/", {"title": "Jug", "picture": SimpleUploadedFile(f"{VISA}.png", b"x")}
    ),
    "country of an artisan": ("/selling/getting-paid/continue/", {"country": VISA}),
    "why an application is not approved": ("/admin/payouts/sellerapplication/1/reject/", {"reason": VISA}),
    "why an event is set aside": ("/admin/webhooks/webhookevent/", {"action": "set_aside", "reason": VISA}),
}  # fmt: skip


@pytest.mark.parametrize(("path", "form"), FIELDS.values(), ids=FIELDS.keys())
def test_a_card_number_is_refused_with_an_alert(path: str, form: dict[str, Any]) -> None:
    client = Client()
    client.force_login(new_user(is_staff=True, is_superuser=True))
    before = contents(without=_TRACES)
    answer = client.post(path, form)
    assert (answer.status_code, answer.json()["code"]) == (400, "card_data_refused")
    [alert] = AuditRecord.objects.all()
    assert (alert.event_type, alert.outcome) == ("pci.alert", "refused")
    assert "4242" not in answer.content.decode() + alert.command
    assert changed(before, contents(without=_TRACES)) == set()


DOORS: dict[str, dict[str, Any]] = {
    "/api/v1/checkout/sessions": {"checkout": "ord_x", "quote_hash": "0" * 64},
    "/api/v1/payment-methods/setups": {"kind": "card", "consent": True, "consent_text": CONSENT},
    "/api/v1/payment-methods/setups/set_x/complete": {},
    "/api/v1/payment-methods/pmt_x/default": {},
}


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("key", [None, "short", "x" * 256])
def test_every_new_post_needs_a_key(path: str, key: str | None) -> None:
    client = Client()
    client.force_login(new_user())
    before = contents(without=_TRACES)
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = client.post(path, json.dumps(DOORS[path]), content_type="application/json", headers=headers)
    wrong = "idempotency_key_missing" if key is None else "idempotency_key_invalid"
    assert (answer.status_code, answer.json()["code"]) == (400, wrong)
    assert changed(before, contents(without=_TRACES)) == set()


def test_nobody_opens_the_payment_page_of_somebody_elses_order(stripe: Wire) -> None:
    theirs = check_out([(new_product(), 1)], buyer=Buyer(user_id=new_user().pk, guest_scope=""))
    guests = check_out([(new_product(), 1)])
    other = Client()
    other.force_login(new_user())
    answers = []
    for number, (client, order) in enumerate([
        (other, theirs.public_id), (other, guests.public_id), (other, new_public_id("ord")),
        (Client(), theirs.public_id), (Client(), guests.public_id),
    ]):  # fmt: skip
        answer = client.post(
            "/api/v1/checkout/sessions",
            json.dumps({"checkout": order, "quote_hash": theirs.quote_hash}),
            content_type="application/json",
            headers={"Idempotency-Key": f"somebody-else-{number}"},
        )
        answers.append((answer.status_code, answer.json()["code"], answer.json()["detail"]))
    assert set(answers) == {(404, "not_found", "This order does not exist")}
    assert stripe.summary()["checkout_sessions"] == []
