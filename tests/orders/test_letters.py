"""Letters about orders: whatever stands in a title or a name, they arrive, with no more headers."""

import pytest
from django.core import mail
from django.template.loader import render_to_string

from common.clock import now as clock_now
from orders.emails import letters as emails
from orders.services import settle_order
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def test_a_line_break_in_a_title_or_a_name_adds_no_header_and_keeps_no_letter_back(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    clay = new_artisan(name="Clay\r\nBcc: everybody@evil.example")
    order = check_out([(new_product(clay, title="Vase\nBcc: everybody@evil.example"), 1)])
    stripe.pay(confirm(order).found.client_secret)  # type: ignore[union-attr]
    settle_order(order_id=order.id, source="browser", now=clock_now())
    run_outbox()
    emails.send_shipped(seller_order_id=order.seller_orders.get().id)
    assert {(letter.subject, *letter.to) for letter in mail.outbox} == {
        ("Your order at Artisan's Hub: €25.00 paid", "ada@example.org"),
        ("You sold Vase Bcc: everybody@evil.example for €20.00", clay.owner.email),
        ("Clay Bcc: everybody@evil.example has sent your order", "ada@example.org"),
    }
    for letter in mail.outbox:
        assert letter.message()["Bcc"] is None
        assert len(letter.recipients()) == 1


@pytest.mark.parametrize("half", ["txt", "html"])
def test_the_receipt_says_how_it_was_paid(half: str) -> None:
    card = {"card_brand": "visa", "card_last4": "4242"}
    by_card = render_to_string(f"orders/email/receipt.{half}", {"payment": {"channel": "elements"}, "attempt": card})
    by_paypal = render_to_string(f"orders/email/receipt.{half}", {"payment": {"channel": "paypal"}, "attempt": {}})
    assert "to your Visa card ending in 4242." in by_card
    assert "by PayPal." in by_paypal
