"""SIGKILL to a worker in the middle of a call to the processor: the next worker does the rest, and nothing twice.

Nothing is hurried by hand here: the leases run out and the sweepers come as they would in the shop, which takes most of
a minute each time.
"""

import contextlib
import datetime as dt

import pytest
from django.db import transaction

from common.clock import now as clock_now
from common.models import OutboxMessage
from orders.models import Order
from orders.services.start import withdraw
from payments.models import Capture, ProcessorRequest, Refund
from payouts.contracts import NothingToPay
from payouts.models import Payable, Transfer
from payouts.services import request_payout
from tests.faults.live import Shopper, until
from tests.orders.books import charged_once, everything_agrees
from tests.orders.wire import Wire
from tests.support.live import LiveStack
from tests.support.parcels import deliver
from webhooks.models import WebhookEvent, WebhookEventChange

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# The call is surely still out when the worker dies, and over before anybody asks again under its key.
SLOW_SECONDS = 15
_DAY = dt.timedelta(days=1)


def _status(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def _kill_worker_in_the_call(live: LiveStack, wire: Wire) -> None:
    """Once the call that was slowed down is out; what the worker would have done next nobody does for now."""
    until(lambda: wire.fault_hits() > 0, what="the call")
    live.kill("worker")
    wire.clear_faults()


def _outbox_empty(since: dt.datetime) -> bool:
    return not OutboxMessage.objects.filter(created_at__gte=since).exclude(status="done").exists()


def _inbox_done(order: Order) -> bool:
    events = WebhookEvent.objects.filter(order_reference=order.public_id)
    return events.exists() and not events.exclude(status__in=["processed", "ignored"]).exists()


def test_killed_while_it_settles_a_payment_that_a_webhook_told(
    live_stack: LiveStack, shopper: Shopper, wire: Wire
) -> None:
    since = clock_now()
    order, secret = shopper.order()
    wire.idle()
    until(lambda: not WebhookEvent.objects.filter(due_at__isnull=False).exists(), what="the end of earlier work")
    wire.fault("slow", "^/v1/payment_intents/pi_", method="GET", times=20, seconds=SLOW_SECONDS)
    wire.pay(secret)
    _kill_worker_in_the_call(live_stack, wire)
    in_hand = list(WebhookEvent.objects.filter(order_reference=order.public_id, status="processing"))
    assert in_hand, "the worker died with the event in its hands"
    assert _status(order) == "awaiting_payment"
    assert not Capture.objects.filter(payment__order_reference=order.public_id).exists()

    live_stack.start_part("worker")
    until(lambda: _status(order) == "paid", what="the sale")
    until(lambda: _inbox_done(order), what="the end of the inbox's work")
    until(lambda: _outbox_empty(since), what="the end of the outbox's work")
    taken_over = WebhookEventChange.objects.filter(event__in=in_hand, edge="taken_over")
    assert taken_over.exists(), "by its lease, and not by chance"
    charged_once(wire, order)
    assert Capture.objects.filter(payment__order_reference=order.public_id).count() == 1
    assert Payable.objects.filter(order_reference=order.public_id).count() == 3
    everything_agrees(wire)


@pytest.mark.usefixtures("no_broker")
def test_killed_while_it_sends_the_refund_of_a_late_payment(
    live_stack: LiveStack, shopper: Shopper, wire: Wire
) -> None:
    since = clock_now()
    wire.webhooks("drop")
    order, secret = shopper.order()
    wire.pay(secret)
    with transaction.atomic():  # as if the buyer had left in another tab in the moment of paying
        withdraw(order, now=clock_now())
    wire.fault("slow", "^/v1/refunds$", times=20, seconds=SLOW_SECONDS)
    assert shopper.settle(order).json()["status"] == "refunding"
    _kill_worker_in_the_call(live_stack, wire)
    refund = Refund.objects.get(capture__payment__order_reference=order.public_id)
    assert (_status(order), refund.processor_refund_id) == ("refunding", None), "the answer never came"
    assert not _outbox_empty(since)

    live_stack.start_part("worker")
    until(lambda: _status(order) == "refunded", what="the refund")
    until(lambda: _outbox_empty(since), what="the end of the outbox's work")
    [made] = [item for item in wire.summary()["refunds"] if item["metadata"].get("refund") == refund.public_id]
    [charge] = wire.charges(order.public_id)
    assert (made["amount"], charge["amount_refunded"]) == (order.total_minor, order.total_minor)
    requests = ProcessorRequest.objects.filter(subject=refund.public_id)
    assert [request.state for request in requests] == ["succeeded"]
    assert not Payable.objects.filter(order_reference=order.public_id).exists()
    everything_agrees(wire)


def _nothing_to_send(live: LiveStack) -> bool:
    """Shares of other orders would be transferred first, and the worker would die in one of their calls."""
    due = Payable.objects.filter(status="held", hold_until__lte=clock_now())
    due = due | Payable.objects.filter(status__in=["released", "transferring"])
    if not due.filter(artisan__connected_account__transfers_enabled=True).exists():
        return True
    live.run_task("payouts.tasks.release_payables")
    _pay_everybody()
    return False


def _pay_everybody() -> None:
    """A worker does, at once: the day's scheduled run may be over."""
    with contextlib.suppress(NothingToPay):
        request_payout(artisan_id=None, actor="staff:1", now=clock_now())


def test_killed_while_it_sends_a_transfer(live_stack: LiveStack, shopper: Shopper, wire: Wire) -> None:
    live_stack.manage("connect_demo_artisans")
    until(lambda: _nothing_to_send(live_stack), what="the transfers of earlier orders", pause_seconds=1)
    since = clock_now()
    order, secret = shopper.order()
    wire.pay(secret)
    until(lambda: _status(order) == "paid", what="the sale")
    wire.idle()
    wire.webhooks("drop")  # or a webhook would tell of the transfer before the worker is dead
    wire.fault("slow", "^/v1/transfers$", times=20, seconds=SLOW_SECONDS)
    payables = Payable.objects.filter(order_reference=order.public_id)
    deliver(order, now=clock_now() - 8 * _DAY)
    live_stack.run_task("payouts.tasks.release_payables")
    until(lambda: payables.filter(status="held").count() == 0, what="the release")
    _pay_everybody()
    _kill_worker_in_the_call(live_stack, wire)
    transfers = Transfer.objects.filter(payout__items__payable__in=payables)
    assert {transfer.status for transfer in transfers} == {"requested"}
    references = {transfer.public_id for transfer in transfers}
    assert len(_transfers_at_the_processor(wire, references)) == 1, "carried out, but nobody was told"

    live_stack.start_part("worker")

    def all_sent() -> bool:
        # The schedule asks every 30 seconds; a test may ask more often.
        live_stack.run_task("payouts.tasks.run_payouts")
        return not transfers.exclude(status="succeeded").exists()

    until(all_sent, what="the transfers", pause_seconds=3)
    until(lambda: _outbox_empty(since), what="the end of the outbox's work")
    # One for each of the order's artisans whose account can receive: other tests may have closed a bank account.
    made = _transfers_at_the_processor(wire, references)
    assert sorted(made) == sorted((transfer.public_id, transfer.amount_minor) for transfer in transfers)
    assert len(made) == len(references) >= 1
    everything_agrees(wire)


def _transfers_at_the_processor(wire: Wire, references: set[str]) -> list[tuple[str, int]]:
    return [
        (item["metadata"]["transfer"], item["amount"])
        for item in wire.summary()["transfers"]
        if item["metadata"].get("transfer") in references
    ]
