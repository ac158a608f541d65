"""An order with a card payment and a PayPal payment: one becomes the sale, nobody pays twice."""

import dataclasses
import datetime as dt

import pytest

from common.clock import now as clock_now
from common.models import AuditRecord
from common.money import Money
from orders.models import Order, OrderEvent
from orders.services import (
    accept_part,
    cancel_checkout,
    expire_orders,
    resolve_requests,
    settle_open_payments,
    settle_order,
    settle_payment,
)
from payments.contracts import AuthorizationFound, OutcomeUnknown, PaymentFound, ProcessorUnavailable
from payments.enums import PaymentChannel, PaymentStatus
from payments.models import Payment, ProcessorRequest, Refund
from reconciliation.selectors import local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.payments.fake_processor import FakeProcessor, both_installed, declined, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeProcessor, FakeProcessor]:
    return both_installed(monkeypatch)


def _open(order: Order, channel: PaymentChannel) -> PaymentFound:
    found = confirm(order, channel=channel).found
    assert found is not None
    return found


def _both_open() -> tuple[Order, PaymentFound, PaymentFound]:
    """Nine o'clock: a card form; a minute later: PayPal's buttons."""
    order = check_out([(new_product(price=4000, stock=3), 1)])
    return order, _open(order, PaymentChannel.ELEMENTS), _open(order, PaymentChannel.PAYPAL)


def _news(found: PaymentFound) -> Order:
    return settle_payment(
        processor=found.processor, processor_payment_id=found.processor_payment_id, payment_reference=None,
        source="webhook", now=clock_now(),
    ).order  # fmt: skip


def _approve(paypal: FakeProcessor, found: PaymentFound) -> None:
    paypal.becomes(found.processor_payment_id, status=PaymentStatus.APPROVED)


def _statuses() -> dict[str, str]:
    return dict(Payment.objects.values_list("channel", "status"))


def _books_hold() -> None:
    assert [str(finding) for finding in local_findings()] == []


# ---- PayPal alone -----------------------------------------------------------------------------------------------


def test_what_the_buyer_approves_is_taken_once_whoever_brings_the_news(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    _, paypal = processors
    order = check_out([(new_product(price=4000), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    for _ in range(2):
        assert _news(found).status == "paid"
        assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    run_outbox()
    assert paypal.calls.count("capture_payment") == 1
    assert balances("paypal_clearing", "stripe_clearing") == {"paypal_clearing:EUR": 4500 - 151}
    events = list(OrderEvent.objects.order_by("id").values_list("event", flat=True))
    assert events == ["started", "payment_processing", "paid"]
    _books_hold()


def test_an_approval_and_a_closed_tab_is_found_by_the_sweeper(processors: tuple[FakeProcessor, FakeProcessor]) -> None:
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    _approve(paypal, _open(order, PaymentChannel.PAYPAL))
    settle_open_payments(now=clock_now() + 2 * MINUTE)
    order.refresh_from_db()
    assert order.status == "paid"


def test_an_approval_after_the_offer_has_ended_takes_nothing(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    assert expire_orders(now=order.expires_at) == 1
    _approve(paypal, found)
    assert _news(found).status == "expired"
    run_outbox()
    assert "capture_payment" not in paypal.calls
    assert (_statuses(), balances()) == ({"paypal": "canceled"}, {})
    _books_hold()


def test_an_instrument_that_is_declined_is_told_and_another_one_pays(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    real = paypal.capture_payment
    paypal.capture_payment = lambda request, *, idempotency_key: paypal.payments.setdefault(  # type: ignore[method-assign]
        "", declined(paypal.becomes(found.processor_payment_id, status=PaymentStatus.REQUIRES_PAYMENT_METHOD))
    )
    settled = settle_order(order_id=order.id, source="browser", now=clock_now())
    assert (settled.order.status, _statuses()) == ("awaiting_payment", {"paypal": "requires_payment_method"})
    assert Payment.objects.get().failure_message == "The card does not have enough funds for this."
    paypal.capture_payment = real  # type: ignore[method-assign]
    _approve(paypal, found)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert list(
        ProcessorRequest.objects.filter(kind="capture_payment").order_by("id").values_list("attempt", "state")
    ) == [(1, "failed"), (2, "succeeded")]
    _books_hold()


@pytest.mark.parametrize("answer", ["lost, done", "lost, not done"])
def test_a_lost_answer_to_the_capture_is_looked_up_and_taken_once(
    processors: tuple[FakeProcessor, FakeProcessor], answer: str
) -> None:
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    (paypal.after if answer == "lost, done" else paypal.before)["capture_payment"] = [OutcomeUnknown()]
    with pytest.raises(OutcomeUnknown):
        settle_order(order_id=order.id, source="browser", now=clock_now())
    assert Order.objects.get().status == "processing"
    assert expire_orders(now=order.expires_at + MINUTE) == 0, "money may have been taken for it"
    assert resolve_requests(now=clock_now() + 60 * MINUTE) == 1
    order.refresh_from_db()
    assert (order.status, len(paypal.payments)) == ("paid", 1)
    assert balances("paypal_clearing") == {"paypal_clearing:EUR": order.total_minor - 151}
    _books_hold()


def test_while_one_takes_the_money_the_other_waits(processors: tuple[FakeProcessor, FakeProcessor]) -> None:
    """Browser and webhook at once: the second does not send the capture beside the first."""
    _, paypal = processors
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    real, seen = paypal.capture_payment, []

    def capture(request: object, *, idempotency_key: str) -> PaymentFound:
        seen.append(_news(found).status)
        return real(request, idempotency_key=idempotency_key)  # type: ignore[arg-type]

    paypal.capture_payment = capture  # type: ignore[method-assign]
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    assert seen == ["processing"]
    assert paypal.calls.count("capture_payment") == 1


def test_goods_made_to_order_are_authorized_and_captured_at_paypal_too(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    _, paypal = processors
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    order = check_out([(bowl, 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    order = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    assert (order.status, Payment.objects.get().authorized_minor) == ("authorized", 4500)
    accept_part(seller_order_id=order.seller_orders.get().public_id, artisan_id=bowl.artisan_id, now=clock_now())
    run_outbox()
    order.refresh_from_db()
    assert order.status == "paid"
    assert [call for call in paypal.calls if call.endswith("e_payment")][1:] == [
        "retrieve_payment", "authorize_payment", "retrieve_payment", "capture_payment"
    ]  # fmt: skip
    _books_hold()


# ---- card and PayPal ----------------------------------------------------------------------------------------------


def test_the_way_that_was_not_taken_is_closed(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, paypal = processors
    order, card, wallet = _both_open()
    _approve(paypal, wallet)
    assert settle_order(order_id=order.id, source="browser", now=clock_now()).order.status == "paid"
    run_outbox()
    assert _statuses() == {"elements": "canceled", "paypal": "succeeded"}
    assert stripe.payments[card.processor_payment_id].status == "canceled"
    _books_hold()


def test_paid_by_card_after_opening_paypal_is_found_by_asking_after_the_order(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    """PayPal's payment is the newer one, and says that nothing has moved: that is not the whole truth."""
    stripe, _ = processors
    order, card, _wallet = _both_open()
    stripe.payments[card.processor_payment_id] = paid(card)
    settled = settle_order(order_id=order.id, source="browser", now=clock_now())
    assert settled.order.status == "paid"
    assert settled.payment is not None
    assert settled.payment.channel == PaymentChannel.ELEMENTS
    assert _statuses()["elements"] == "succeeded"


def test_an_approval_after_the_card_has_paid_takes_nothing(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, paypal = processors
    _order, card, wallet = _both_open()
    stripe.payments[card.processor_payment_id] = paid(card)
    assert _news(card).status == "paid"
    _approve(paypal, wallet)
    assert _news(wallet).status == "paid"
    run_outbox()
    assert "capture_payment" not in paypal.calls
    assert _statuses() == {"elements": "succeeded", "paypal": "canceled"}
    _books_hold()


def test_a_second_payment_begun_while_the_first_completes_is_refused(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    stripe, _ = processors
    order = check_out([(new_product(), 1)])
    card = _open(order, PaymentChannel.ELEMENTS)
    stripe.payments[card.processor_payment_id] = paid(card)
    _news(card)
    with pytest.raises(Exception, match="paid already"):
        confirm(order, channel=PaymentChannel.PAYPAL)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("way", [PaymentChannel.ELEMENTS, PaymentChannel.PAYPAL])
def test_a_late_cancellation_after_the_payment_changes_nothing(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox, way: PaymentChannel
) -> None:
    stripe, paypal = processors
    _order, card, wallet = _both_open()
    processor, found = (stripe, card) if way == PaymentChannel.ELEMENTS else (paypal, wallet)
    if way == PaymentChannel.PAYPAL:
        _approve(paypal, wallet)
    else:
        stripe.payments[card.processor_payment_id] = paid(card)
    assert _news(found).status == "paid"
    books = balances()
    processor.becomes(found.processor_payment_id, status=PaymentStatus.CANCELED, charge=None)
    assert _news(found).status == "paid"
    assert (_statuses()[way], balances()) == ("succeeded", books)
    assert Refund.objects.count() == 0


def test_a_decline_of_the_card_leaves_paypal_s_payment_under_way(
    processors: tuple[FakeProcessor, FakeProcessor],
) -> None:
    stripe, paypal = processors
    _order, card, wallet = _both_open()
    paypal.becomes(wallet.processor_payment_id, status=PaymentStatus.PROCESSING)
    assert _news(wallet).status == "processing"
    stripe.becomes(card.processor_payment_id, status=PaymentStatus.REQUIRES_ACTION)
    _news(card)
    stripe.payments[card.processor_payment_id] = declined(card)
    assert _news(card).status == "processing"


def test_leaving_the_checkout_closes_both_ways(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    order, _, _ = _both_open()
    cancel_checkout(order_id=order.id, now=clock_now())
    run_outbox()
    assert _statuses() == {"elements": "canceled", "paypal": "canceled"}
    _books_hold()


def test_a_processor_that_is_away_does_not_keep_the_other_payment_open(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _paypal = processors
    order, _, _ = _both_open()
    cancel_checkout(order_id=order.id, now=clock_now())
    stripe.before["cancel_payment"] = [ProcessorUnavailable()]
    with pytest.raises(ProcessorUnavailable):
        run_outbox()
    assert _statuses()["paypal"] == "canceled"
    run_outbox()
    assert _statuses()["elements"] == "canceled"


def test_card_and_paypal_both_paid_is_one_sale_and_one_refund(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    """The refund of the duplicate does not touch the good order."""
    stripe, paypal = processors
    order, card, wallet = _both_open()
    _approve(paypal, wallet)
    stripe.payments[card.processor_payment_id] = paid(card)
    assert _news(wallet).status == "paid"
    assert _news(card).status == "paid"
    run_outbox()
    order.refresh_from_db()
    assert (order.status, order.payment_reference) == ("paid", Payment.objects.get(channel="paypal").public_id)
    refund = Refund.objects.get()
    assert (refund.reason, refund.status, refund.amount_minor) == ("duplicate", "succeeded", 4500)
    assert (len(stripe.refunds), len(paypal.refunds)) == (1, 0)
    product = order.seller_orders.get().lines.get().product
    assert (product.stock_on_hand, product.stock_reserved) == (2, 0)
    assert balances("late_payments", "stripe_clearing", "paypal_clearing") == {
        "stripe_clearing:EUR": -151, "paypal_clearing:EUR": 4500 - 151
    }  # fmt: skip
    _books_hold()


def test_while_the_bank_has_the_card_in_hand_nothing_is_taken_at_paypal(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, paypal = processors
    order, card, wallet = _both_open()
    stripe.becomes(card.processor_payment_id, status=PaymentStatus.PROCESSING)
    assert _news(card).status == "processing"
    _approve(paypal, wallet)
    assert _news(wallet).status == "processing"
    assert "capture_payment" not in paypal.calls
    stripe.payments[card.processor_payment_id] = declined(card)
    assert _news(card).status in ("awaiting_payment", "processing")
    assert _news(wallet).status == "paid"
    run_outbox()
    order.refresh_from_db()
    assert order.payment_reference == Payment.objects.get(channel="paypal").public_id
    _books_hold()


def test_money_reserved_in_another_amount_than_quoted_is_let_go(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox
) -> None:
    stripe, _ = processors
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    order = check_out([(bowl, 1)])
    card = _open(order, PaymentChannel.ELEMENTS)
    held = AuthorizationFound("", Money(4400, "EUR"), clock_now() + dt.timedelta(days=7))
    stripe.becomes(card.processor_payment_id, status=PaymentStatus.AUTHORIZED, authorization=held)
    _news(card)
    run_outbox()
    assert stripe.payments[card.processor_payment_id].status == "canceled"
    order.refresh_from_db()
    assert (order.status, order.payment_reference) == ("awaiting_payment", "")
    _books_hold()


@pytest.mark.parametrize("answer", ["told", "lost"])
def test_an_authorization_that_paypal_does_not_stand_by_any_more_is_renewed_once_before_it_is_captured(
    processors: tuple[FakeProcessor, FakeProcessor], run_outbox: RunOutbox, answer: str
) -> None:
    _, paypal = processors
    bowl = new_product(price=4000, is_made_to_order=True, lead_time_days=9, stock=0)
    order = check_out([(bowl, 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found)
    order = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    held = paypal.payments[found.processor_payment_id].authorization
    assert held is not None
    old = dataclasses.replace(held, honored_until=clock_now() - MINUTE)
    paypal.becomes(found.processor_payment_id, authorization=old)
    if answer == "lost":
        paypal.after["renew_authorization"] = [OutcomeUnknown()]
    accept_part(seller_order_id=order.seller_orders.get().public_id, artisan_id=bowl.artisan_id, now=clock_now())
    if answer == "lost":
        with pytest.raises(OutcomeUnknown):
            run_outbox()
    run_outbox()
    resolve_requests(now=clock_now() + 60 * MINUTE)
    order.refresh_from_db()
    assert (order.status, paypal.calls.count("renew_authorization")) == ("paid", 1)
    renewed = paypal.payments[found.processor_payment_id].authorization
    assert renewed is not None and renewed.processor_authorization_id != old.processor_authorization_id
    [told] = AuditRecord.objects.filter(event_type="payment.authorization_renewed")
    assert (told.outcome, told.processor_id) == ("succeeded", renewed.processor_authorization_id)
    assert told.amount_minor == order.total_minor
    assert not ProcessorRequest.objects.filter(finished_at__isnull=True).exists()
    _books_hold()
