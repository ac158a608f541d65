"""The secret that a browser needs to pay is handed to it, and kept nowhere."""

import uuid

import pytest
from django.test import Client

from common.models import IdempotencyKey
from tests.orders.shop import check_out, new_product
from tests.orders.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_repeated_confirm_gives_the_same_secret_and_no_key_keeps_it(stripe: Wire) -> None:
    order = check_out([(new_product(price=2000, stock=1), 1)])
    client = Client()
    session = client.session
    session["guest_token"] = "browser"
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    type(order).objects.filter(pk=order.pk).update(guest_scope=_scope("browser"))
    key = uuid.uuid4().hex
    answers = [
        client.post(
            f"/api/v1/checkouts/{order.public_id}/confirm",
            {"quote_hash": order.quote_hash},
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    secrets = {answer.json()["payment"]["client_secret"] for answer in answers}
    assert len(secrets) == 1
    assert secrets.pop().startswith("pi_")
    assert len(stripe.intents(order.public_id)) == 1
    kept = IdempotencyKey.objects.get(key=key)
    assert kept.response_body is None
    other = client.post(
        f"/api/v1/checkouts/{order.public_id}/confirm",
        {"quote_hash": "0" * 64},
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


def _scope(token: str) -> str:
    from common.guests import guest_scope

    return guest_scope({"guest_token": token})
