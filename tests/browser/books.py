"""What must be true behind the pages, whatever was pressed."""

import contextlib
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

from django.core.management import call_command

from orders.models import Order, OrderEvent
from payments.models import Capture, Payment
from tests.browser.money import processor_of
from tests.support.live import LiveStack


def ledger_check(stack: LiveStack) -> str:
    """What the command says of the stack's books, its processors' balances included; the findings when they do not
    hold. Run here, where Django is loaded already: a process of its own takes seconds after each purchase.
    """
    said = StringIO()
    with processor_of(stack), contextlib.suppress(SystemExit):
        call_command("ledger_check", stdout=said, stderr=said)
    return said.getvalue()


def charges_of(stack: LiveStack, order_id: str) -> list[dict[str, object]]:
    """The order's successful charges as the processor has them."""
    summary = stack.sandbox.summary()
    return [
        charge
        for charge in summary["charges"]
        if charge["status"] == "succeeded" and charge.get("transfer_group") == order_id
    ]


def assert_paid_once(stack: LiveStack, order_id: str) -> Order:
    """One order, one capture, one charge at the processor, of the order's total; and the books hold."""
    order = Order.objects.get(public_id=order_id)
    assert order.status == "paid"
    charges = charges_of(stack, order_id)
    assert [charge["amount"] for charge in charges] == [order.total_minor]
    captures = Capture.objects.filter(payment__order_reference=order_id)
    assert [capture.amount_minor for capture in captures] == [order.total_minor]
    assert "every invariant holds" in ledger_check(stack)
    return order


def paypal_captures_of(stack: LiveStack, order_id: str) -> list[dict[str, Any]]:
    """What PayPal has taken for the order."""
    references = Payment.objects.filter(order_reference=order_id, channel="paypal").values_list("public_id", flat=True)
    return [
        capture
        for capture in stack.sandbox.summary()["paypal"]["captures"]
        if capture["status"] == "COMPLETED" and capture["custom_id"] in set(references)
    ]


def assert_paid_once_by_paypal(stack: LiveStack, order_id: str) -> Order:
    """As `assert_paid_once`, at PayPal, and nothing at the card's processor."""
    order = Order.objects.get(public_id=order_id)
    assert order.status == "paid"
    assert charges_of(stack, order_id) == []
    assert len(paypal_captures_of(stack, order_id)) == 1
    captures = Capture.objects.filter(payment__order_reference=order_id)
    assert [(capture.payment.channel, capture.amount_minor) for capture in captures] == [("paypal", order.total_minor)]
    assert "every invariant holds" in ledger_check(stack)
    return order


def assert_nothing_charged(stack: LiveStack, order_id: str) -> None:
    assert charges_of(stack, order_id) == []
    assert paypal_captures_of(stack, order_id) == []
    assert not Capture.objects.filter(payment__order_reference=order_id).exists()


def wait_until(look: Callable[[], object], wanted: object, *, seconds: float = 40) -> None:
    """Until what is seen is what is wanted; AssertionError with the last that was seen."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"{seen!r} and not {wanted!r} after {seconds} s"
        time.sleep(0.2)


def wait_until_paid(order_id: str, *, seconds: float = 40) -> str:
    """Until the order is paid; who brought the news."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        event = OrderEvent.objects.filter(order__public_id=order_id, event="paid").first()
        if event is not None:
            return event.source
        time.sleep(0.2)
    payment = Payment.objects.filter(order_reference=order_id).first()
    raise AssertionError(f"not paid after {seconds} s; payment {payment and payment.status}")
