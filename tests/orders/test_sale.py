"""A purchase from three artisans, against the real sandbox, to the cent: order, payment, books, payables, e-mails."""

import datetime as dt

import pytest
from django.core import mail
from django.test import Client

from catalog.models import Product, StockReservation
from common.models import AuditRecord
from orders.models import CartItem, Order, OrderEvent
from orders.services import settle_order, settle_payment
from payments.contracts import UnknownPayment
from payments.models import Capture, Payment, PaymentAttempt
from payouts.models import Payable
from tests.orders.books import balances, charged_once, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, fill_cart, new_artisan, new_guest, new_product, three_artisans
from tests.orders.wire import INSUFFICIENT_FUNDS, Wire

pytestmark = pytest.mark.django_db


def _paid(stripe: Wire, items: list[tuple[Product, int]]) -> Order:
    order = check_out(items)
    settled = confirm(order)
    assert settled.found is not None
    assert stripe.pay(settled.found.client_secret).status_code == 200
    return settle_order(order_id=order.id, source="browser", now=dt.datetime.now(tz=dt.UTC)).order


def test_every_party_gets_what_the_quote_said(stripe: Wire, no_broker: None) -> None:
    basket = three_artisans()
    order = _paid(stripe, basket)
    assert (order.status, order.total_minor, order.goods_minor, order.shipping_minor) == ("paid", 17094, 15994, 1100)
    charged_once(stripe, order)

    [fee] = {charge.fee_minor for charge in Capture.objects.all()}
    assert fee == stripe_fee(stripe)
    clay, wool, wood = (product.artisan.public_id for product, _ in basket)
    assert balances() == {
        "stripe_clearing:EUR": 17094 - fee,
        "processor_fees:EUR": fee,
        f"seller_held:{clay}:EUR": -5100,
        f"seller_held:{wool}:EUR": -9495,
        f"seller_held:{wood}:EUR": -899,
        "commission:EUR": -1600,
    }
    parts = list(order.seller_orders.order_by("id"))
    assert [(p.goods_minor, p.shipping_minor, p.commission_minor, p.share_minor) for p in parts] == [
        (5000, 600, 500, 5100), (9995, 500, 1000, 9495), (999, 0, 100, 899),
    ]  # fmt: skip
    payables = Payable.objects.order_by("id")
    assert [(p.seller_order_reference, p.amount_minor, p.status) for p in payables] == [
        (part.public_id, part.share_minor, "held") for part in parts
    ]
    assert {payable.hold_until for payable in payables} == {None}, "held until the goods have arrived, whenever that is"
    everything_agrees(stripe)


def stripe_fee(stripe: Wire) -> int:
    """From the processor's own books: what it charged less what it put on our balance."""
    charged: int = sum(charge["amount"] for charge in stripe.summary()["charges"] if charge["status"] == "succeeded")
    return charged - stripe.platform_balance()["EUR"]


def test_stock_leaves_the_shelf_and_the_cart_is_empty(stripe: Wire, no_broker: None) -> None:
    product = new_product(stock=3)
    order = check_out([(product, 2)])
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (3, 2)
    secret = confirm(order).found.client_secret  # type: ignore[union-attr]
    stripe.pay(secret)
    assert CartItem.objects.count() == 1
    settle_order(order_id=order.id, source="browser", now=dt.datetime.now(tz=dt.UTC))
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (1, 0)
    assert set(StockReservation.objects.values_list("state", flat=True)) == {"consumed"}
    assert not CartItem.objects.exists()
    everything_agrees(stripe)


def test_what_was_put_into_the_cart_during_the_payment_stays(stripe: Wire, no_broker: None) -> None:
    product, later = new_product(), new_product()
    buyer = new_guest()
    order = check_out([(product, 2)], buyer=buyer)
    secret = confirm(order).found.client_secret  # type: ignore[union-attr]
    fill_cart(buyer, [(product, 1), (later, 1)])
    stripe.pay(secret)
    settle_order(order_id=order.id, source="browser", now=dt.datetime.now(tz=dt.UTC))
    assert dict(CartItem.objects.values_list("product_id", "quantity")) == {product.id: 1, later.id: 1}


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_currencies_with_other_digits_balance_too(stripe: Wire, no_broker: None, currency: str) -> None:
    artisan = new_artisan(currency=currency, shipping=(335, 0))
    order = _paid(stripe, [(new_product(artisan, price=12345), 3)])
    assert (order.status, order.total_minor, order.currency) == ("paid", 37370, currency)
    assert balances()[f"commission:{currency}"] == -3704  # 3703.5 goes to the even unit
    assert balances()[f"seller_held:{artisan.public_id}:{currency}"] == -(37370 - 3704)
    everything_agrees(stripe)


def test_history_audit_and_attempt_tell_the_whole_story(stripe: Wire, no_broker: None) -> None:
    order = _paid(stripe, three_artisans())
    assert list(OrderEvent.objects.order_by("id").values_list("event", "from_status", "to_status", "source")) == [
        ("started", "", "awaiting_payment", "api"),
        ("paid", "awaiting_payment", "paid", "browser"),
    ]
    payment = Payment.objects.get()
    assert list(payment.events.order_by("id").values_list("event", "to_status")) == [
        ("accepted", "requires_payment_method"),
        ("captured", "succeeded"),
    ]
    told = AuditRecord.objects.order_by("id").values_list("event_type", "outcome", "amount_minor", "currency")
    assert list(told)[:2] == [
        ("payment.requested", "requested", 17094, "EUR"),
        ("payment.captured", "succeeded", 17094, "EUR"),
    ]
    attempt = PaymentAttempt.objects.get()
    assert (attempt.card_brand, attempt.card_last4, attempt.cvc_check) == ("visa", "4242", "pass")
    assert order.paid_at is not None


def test_whoever_settles_second_changes_nothing(stripe: Wire, no_broker: None) -> None:
    order = _paid(stripe, three_artisans())
    intent = stripe.intents(order.public_id)[0]
    before = (balances(), OrderEvent.objects.count(), Payable.objects.count(), AuditRecord.objects.count())
    now = dt.datetime.now(tz=dt.UTC)
    settle_order(order_id=order.id, source="sweeper", now=now)
    settle_payment(
        processor="stripe", processor_payment_id=intent["id"], payment_reference=None, source="webhook", now=now
    )
    assert before == (balances(), OrderEvent.objects.count(), Payable.objects.count(), AuditRecord.objects.count())
    everything_agrees(stripe)


def test_a_webhook_alone_completes_the_order_of_a_closed_tab(stripe: Wire, no_broker: None) -> None:
    order = check_out(three_artisans())
    settled = confirm(order)
    stripe.pay(settled.found.client_secret)  # type: ignore[union-attr]
    settle_payment(
        processor="stripe",
        processor_payment_id=stripe.intents(order.public_id)[0]["id"],
        payment_reference=settled.payment.public_id,  # type: ignore[union-attr]
        source="webhook",
        now=dt.datetime.now(tz=dt.UTC),
    )
    charged_once(stripe, order)
    everything_agrees(stripe)


def test_a_payment_of_somebody_else_s_is_refused(stripe: Wire, no_broker: None) -> None:
    with pytest.raises(UnknownPayment):
        settle_payment(
            processor="stripe", processor_payment_id="pi_foreign", payment_reference="pay_foreign", source="webhook",
            now=dt.datetime.now(tz=dt.UTC),
        )  # fmt: skip


def test_a_decline_and_another_card_is_one_payment(stripe: Wire, no_broker: None) -> None:
    order = check_out(three_artisans())
    secret = confirm(order).found.client_secret  # type: ignore[union-attr]
    assert stripe.pay(secret, INSUFFICIENT_FUNDS).status_code == 402
    after = settle_order(order_id=order.id, source="browser", now=dt.datetime.now(tz=dt.UTC))
    assert after.order.status == "awaiting_payment"
    assert after.payment is not None
    assert after.payment.decline_code == "insufficient_funds"
    assert "enough funds" in after.payment.failure_message
    assert balances() == {}
    again = confirm(order)
    assert again.found is not None
    assert again.found.client_secret == secret
    stripe.pay(secret)
    settle_order(order_id=order.id, source="browser", now=dt.datetime.now(tz=dt.UTC))
    charged_once(stripe, order)
    assert list(PaymentAttempt.objects.order_by("id").values_list("outcome", flat=True)) == ["failed", "succeeded"]
    assert AuditRecord.objects.filter(event_type="payment.declined").count() == 1
    everything_agrees(stripe)


def test_a_double_click_and_a_second_tab_are_one_payment(stripe: Wire, no_broker: None) -> None:
    order = check_out(three_artisans())
    secrets = {confirm(order).found.client_secret for _ in range(3)}  # type: ignore[union-attr]
    assert len(secrets) == 1
    assert len(stripe.intents(order.public_id)) == 1


def test_the_buyer_and_each_artisan_are_written_to(
    stripe: Wire, run_outbox: RunOutbox, client: Client, settings: object
) -> None:
    basket = three_artisans()
    order = _paid(stripe, basket)
    assert mail.outbox == [], "an e-mail is sent by a worker, not in the settlement"
    ran = run_outbox()
    assert ran.count("orders.tasks.send_receipt") == 1
    assert ran.count("orders.tasks.send_sale_notice") == 3
    assert run_outbox() == []
    by_recipient = {message.to[0]: message for message in mail.outbox}
    assert set(by_recipient) == {"ada@example.org", *(product.artisan.owner.email for product, _ in basket)}

    receipt = by_recipient["ada@example.org"]
    html = str(receipt.alternatives[0][0])  # type: ignore[attr-defined]
    assert receipt.subject == "Your order at Artisan's Hub: €170.94 paid"
    for text in (str(receipt.body), html):
        for expected in (
            "€170.94",
            "€50.00",
            "€99.95",
            "€9.99",
            "Dublin, Ireland",
            *(product.title for product, _ in basket),
            order.public_id,
        ):
            assert expected in text, expected
    notice = by_recipient[basket[1][0].artisan.owner.email]
    notice_html = str(notice.alternatives[0][0])  # type: ignore[attr-defined]
    for text in (str(notice.body), notice_html):
        assert "€94.95" in text, "what the artisan earns"
        assert "1 Loom Lane" in text
        assert "Ireland" in text, "a country by its name"
        for other in ("€170.94", basket[0][0].title, "ada@example.org"):
            assert other not in text, "an artisan sees only their own part"


def test_the_link_in_the_e_mail_opens_its_order_and_no_other(
    stripe: Wire, run_outbox: RunOutbox, client: Client
) -> None:
    first, second = _paid(stripe, [(new_product(), 1)]), _paid(stripe, [(new_product(), 1)])
    run_outbox()
    body = next(str(message.body) for message in mail.outbox if first.public_id in str(message.body))
    link = next(word for word in body.split() if f"/orders/{first.public_id}/?key=" in word)
    key = link.split("key=")[1]
    stranger = Client()
    assert stranger.get(f"/orders/{first.public_id}/").status_code == 404
    opened = stranger.get(f"/orders/{first.public_id}/?key={key}")
    assert opened.status_code == 200
    assert "€25.00" in opened.content.decode()
    assert stranger.get(f"/orders/{second.public_id}/?key={key}").status_code == 404
    assert stranger.get(f"/api/v1/orders/{first.public_id}?key={key}").status_code == 200
    assert stranger.get(f"/api/v1/orders/{second.public_id}?key={key}").status_code == 404
    for wrong in (key[:-1], key + "x", "", "x", key.lower(), "é"):
        assert stranger.get(f"/orders/{first.public_id}/", {"key": wrong}).status_code == 404
    # The key reads; it confirms, settles and cancels nothing.
    for action in ("confirm", "settle", "cancel"):
        answer = stranger.post(
            f"/api/v1/checkouts/{first.public_id}/{action}?key={key}", {"quote_hash": first.quote_hash},
            content_type="application/json", headers={"Idempotency-Key": f"key-for-{action}"},
        )  # fmt: skip
        assert answer.status_code == 404
