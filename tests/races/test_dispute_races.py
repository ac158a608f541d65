"""Disputes with real threads: whoever comes at the same time, each movement is booked once and nobody pays twice."""

from collections.abc import Callable
from typing import Any

import pytest

from common.clock import now as clock_now
from orders.contracts.refund import EverythingLeft, RefundWhileDisputed
from orders.models import Order
from orders.services import request_refund, submit_evidence
from orders.services.disputes import send_answer
from payments.enums import RefundReason
from payments.models import Dispute, DisputeEvent, ProcessorRequest, Refund
from payouts import services as payouts
from payouts.models import Payable
from tests.orders.books import balances, everything_agrees
from tests.orders.disputed import decided, news, opened, sold, stays_in_accounts, three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.wire import Wire
from tests.races.at_once import at_once, kinds

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker")]
MINE = ("seller_", "commission", "disputed", "dispute_losses", "refunds_in_transit")


def _news(dispute: str) -> Callable[[], Any]:
    return lambda: news(dispute)


def test_two_events_at_once_make_one_dispute_and_one_withdrawal(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, reason="product_not_received")
    assert kinds(at_once([_news(dispute)] * 4)) == {"Dispute": 4}
    assert (Dispute.objects.count(), DisputeEvent.objects.count()) == (1, 1)
    assert balances("disputed") == {"disputed:EUR": 10500}
    everything_agrees(stripe)


def test_a_win_told_by_four_at_once_credits_once(stripe: Wire) -> None:
    order = sold(stripe, three_shares())
    at_rest = balances()
    dispute = opened(stripe, order)
    news(dispute)
    decided(stripe, dispute, won=True)
    assert kinds(at_once([_news(dispute)] * 4)) == {"Dispute": 4}
    assert balances() == at_rest
    assert DisputeEvent.objects.filter(event="won").count() == 1
    everything_agrees(stripe)


def test_a_refund_and_the_news_of_a_dispute_at_once_debit_nobody_twice(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    dispute = opened(stripe, order, reason="product_not_received")

    def refund() -> Refund:
        return request_refund(
            order_id=order.id, wish=EverythingLeft(), reason=RefundReason.RETURNED, note="", initiator="staff:1",
            now=clock_now(),
        )  # fmt: skip

    told, refunded = at_once([_news(dispute), refund])
    assert isinstance(told, Dispute), told
    assert isinstance(refunded, Refund | RefundWhileDisputed), refunded
    assert sum(balances("seller_held").values()) == 0, "taken once, by whichever came first"
    everything_agrees(stripe)
    run_outbox()
    news(dispute)
    assert sum(balances("seller_disputed").values()) == -9545
    decided(stripe, dispute, won=False)
    news(dispute)
    assert balances(*MINE) == {}
    everything_agrees(stripe)


def test_a_transfer_and_the_news_of_a_dispute_at_once_lose_no_share(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = sold(stripe, three_shares())
    _released(order)
    dispute = opened(stripe, order, reason="product_not_received")
    told, run = at_once([_news(dispute), lambda: payouts.run_payouts(now=clock_now())])
    assert isinstance(told, Dispute), told
    assert not isinstance(run, Exception), run
    kept = balances("seller_held", "seller_payable", "seller_receivable", "seller_disputed")
    assert -sum(minor for code, minor in kept.items() if code.startswith("seller_disputed")) == 9545
    everything_agrees(stripe)
    decided(stripe, dispute, won=False)
    news(dispute)
    stays_in_accounts()
    run_outbox()
    # Where the dispute has emptied our balance first, transfers wait, and what is on its way is owed back.
    assert sum(balances(*MINE, "transfers_in_transit").values()) == 0
    everything_agrees(stripe)


def test_an_answer_sent_by_two_at_once_is_one_answer(stripe: Wire) -> None:
    dispute = news(opened(stripe, sold(stripe, three_shares())))

    def submit() -> str:
        submit_evidence(dispute_id=dispute.id, now=clock_now())
        return "submitted"

    assert kinds(at_once([submit, submit])) == {"DisputeNotAnswerable": 1, "str": 1}

    def send() -> str:
        send_answer(dispute_id=dispute.id, source="task", now=clock_now())
        return "sent"

    results = at_once([send, send])
    # The one that finds the key in flight comes again; neither sends a second answer.
    assert all(isinstance(result, str) or type(result).__name__ == "ProcessorUnavailable" for result in results)
    send_answer(dispute_id=dispute.id, source="sweeper", now=clock_now())
    dispute.refresh_from_db()
    assert (dispute.status, dispute.submitted_at is not None) == ("under_review", True)
    assert ProcessorRequest.objects.filter(subject=dispute.public_id).count() == 1
    assert len(stripe.summary()["files"]) == 1
    everything_agrees(stripe)


def _released(order: Order) -> None:
    for part in order.seller_orders.all():
        payouts.connect_demo_artisan(artisan_id=part.artisan_id, country="IE", now=clock_now())
    ids = list(Payable.objects.filter(order_reference=order.public_id).values_list("id", flat=True))
    payouts.release_now(payable_ids=ids, now=clock_now())
