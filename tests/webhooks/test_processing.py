"""From the inbox to the use case, and what becomes of the event."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.ids import new_public_id
from payments.contracts import (
    OutcomeUnknown,
    PaymentInTheWay,
    ProcessorRefused,
    ProcessorUnavailable,
    UnknownPayment,
    UnknownRefund,
)
from payouts.contracts import UnknownTransfer
from tests.webhooks.conftest import UseCase
from webhooks.contracts import Outcome
from webhooks.enums import EventEdge, EventStatus
from webhooks.models import WebhookEvent
from webhooks.services import process_event
from webhooks.services.claim import LEASE, MAX_FAILURES, PARKED_FOR, claim, finish, pause_after
from webhooks.tasks import process_events

pytestmark = pytest.mark.django_db
Received = Callable[..., WebhookEvent]


def later(event: WebhookEvent, *, by: dt.timedelta = dt.timedelta(0)) -> dt.datetime:
    event.refresh_from_db()
    assert event.due_at is not None
    return event.due_at + by


def edges(event: WebhookEvent) -> list[str]:
    return list(event.changes.order_by("id").values_list("edge", flat=True))


def test_a_payments_event_is_settled_by_its_use_case(received: Received, settle_payment: UseCase) -> None:
    reference = new_public_id("pay")
    event = received("charge.succeeded", payment_intent="pi_T1", metadata={"payment": reference})
    now = clock.now()

    process_event(event_id=event.id, now=now)

    assert settle_payment.calls == [
        {"processor": "stripe", "processor_payment_id": "pi_T1", "payment_reference": reference, "source": "webhook",
         "now": now}
    ]  # fmt: skip
    event.refresh_from_db()
    assert (event.status, event.attempts, event.due_at, event.lease) == ("processed", 1, None, None)
    assert event.finished_at is not None
    assert edges(event) == ["claimed", "settled"]


def test_a_refunds_event(received: Received, settle_refund: UseCase) -> None:
    event = received("refund.updated", id="re_T1")
    process_event(event_id=event.id, now=clock.now())
    assert [(call["processor"], call["processor_refund_id"]) for call in settle_refund.calls] == [("stripe", "re_T1")]


def test_a_transfers_event(received: Received, settle_transfer: UseCase) -> None:
    reference = new_public_id("trf")
    event = received("transfer.reversed", id="tr_T1", metadata={"transfer": reference})
    process_event(event_id=event.id, now=clock.now())
    assert settle_transfer.calls[0]["processor_transfer_id"] == "tr_T1"
    assert settle_transfer.calls[0]["transfer_reference"] == reference


def test_a_reference_of_another_form_is_not_passed_on(received: Received, settle_payment: UseCase) -> None:
    process_event(event_id=received(metadata={"payment": "ours-in-another-shop"}).id, now=clock.now())
    assert settle_payment.calls[0]["payment_reference"] is None


@pytest.mark.parametrize(
    "event_type",
    ["charge.dispute.created", "account.updated", "balance.available", "charge.refunded", "charge.expired"],
)
def test_what_nothing_depends_on_is_kept_with_a_reason(
    received: Received, settle_payment: UseCase, settle_refund: UseCase, event_type: str
) -> None:
    event = received(event_type)
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == EventStatus.IGNORED
    assert event.last_note
    assert not settle_payment.calls + settle_refund.calls


def test_an_event_of_a_sellers_own_account_is_not_ours(received: Received, settle_payment: UseCase) -> None:
    from tests.webhooks.deliveries import event as document

    event = received(document=document() | {"account": "acct_seller"})
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == EventStatus.IGNORED
    assert not settle_payment.calls


def test_a_finished_event_is_not_worked_on_again(received: Received, settle_payment: UseCase) -> None:
    event = received()
    for _ in range(3):
        process_events([event.id])
    assert len(settle_payment.calls) == 1


def test_no_transaction_is_open_while_the_processor_is_asked(
    received: Received, settle_payment: UseCase, django_assert_num_queries: Any
) -> None:
    event = received()
    depth = len(connection.savepoint_ids)
    seen: list[int] = []
    settle_payment.during = lambda: seen.append(len(connection.savepoint_ids))
    process_event(event_id=event.id, now=clock.now())
    assert seen == [depth]


def test_the_claim_really_locks_and_skips(received: Received) -> None:
    event = received()
    with CaptureQueriesContext(connection) as queries:
        claim(event_id=event.id, now=clock.now())
    [locking] = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert locking.count("FOR UPDATE SKIP LOCKED") == locking.count("FOR UPDATE") == 2, "the event, and its siblings"
    assert '"payload"' not in locking


def test_the_work_carries_the_trace_of_the_delivery(received: Received, settle_payment: UseCase) -> None:
    event = received()
    seen: dict[str, Any] = {}
    settle_payment.during = lambda: seen.update(structlog.contextvars.get_contextvars())
    process_event(event_id=event.id, now=clock.now())
    assert (seen["trace_id"], seen["actor"]) == (event.trace_id, "stripe")
    assert len(event.trace_id) == 32


def test_one_look_up_serves_all_events_of_a_payment(received: Received, settle_payment: UseCase) -> None:
    reference = new_public_id("pay")
    first = received("charge.updated", payment_intent="pi_T9")
    others = [
        received("payment_intent.created", id="pi_T9", metadata={"payment": reference}),
        received("charge.succeeded", payment_intent="pi_T9"),
        received("payment_intent.succeeded", id="pi_T9", metadata={"payment": reference}),
    ]
    stranger = received("payment_intent.succeeded", id="pi_T8")

    process_events([first.id])

    assert len(settle_payment.calls) == 1
    assert settle_payment.calls[0]["payment_reference"] == reference
    for event in [first, *others]:
        event.refresh_from_db()
        assert event.status == EventStatus.PROCESSED
        assert event.last_note == "one look-up for 4 events."
    stranger.refresh_from_db()
    assert stranger.status == EventStatus.RECEIVED


def test_an_event_that_comes_during_the_look_up_gets_its_own(received: Received, settle_payment: UseCase) -> None:
    first = received("payment_intent.processing", id="pi_T7")
    late: list[WebhookEvent] = []
    settle_payment.during = lambda: late.append(received(id="pi_T7")) if not late else None
    process_event(event_id=first.id, now=clock.now())
    late[0].refresh_from_db()
    assert late[0].status == EventStatus.RECEIVED, "what it tells may be newer than what the look-up saw"
    process_event(event_id=late[0].id, now=clock.now())
    assert len(settle_payment.calls) == 2


@pytest.mark.parametrize("error", [ProcessorUnavailable("busy"), OutcomeUnknown("lost"), PaymentInTheWay("no")])
def test_an_outage_is_tried_again_later(received: Received, settle_payment: UseCase, error: Exception) -> None:
    event = received()
    settle_payment.raises = [error]
    now = clock.now()
    process_event(event_id=event.id, now=now)
    event.refresh_from_db()
    assert (event.status, event.failures) == ("failed", 1)
    assert error.code in event.last_note  # type: ignore[attr-defined]
    assert event.due_at is not None
    assert dt.timedelta(seconds=2) < event.due_at - now < dt.timedelta(seconds=7)

    assert process_event(event_id=event.id, now=now) is None, "not before it is due"
    process_event(event_id=event.id, now=later(event))
    event.refresh_from_db()
    assert event.status == EventStatus.PROCESSED
    assert edges(event) == ["claimed", "attempt_failed", "claimed", "settled"]


def test_it_is_given_up_after_so_many_failures(received: Received, settle_payment: UseCase) -> None:
    event = received()
    settle_payment.raises = [ProcessorUnavailable("busy")] * 50
    runs = 0
    while event.status != EventStatus.DEAD:
        process_event(event_id=event.id, now=later(event))
        event.refresh_from_db()
        runs += 1
    assert runs == MAX_FAILURES == len(settle_payment.calls)
    assert edges(event)[-1] == "gave_up"
    assert process_event(event_id=event.id, now=clock.now() + dt.timedelta(days=365)) is None


def test_pauses_grow_and_end_at_an_hour() -> None:
    for failures, longest_seconds in ((1, 5), (2, 10), (3, 20), (4, 40), (20, 3600), (1000, 3600)):
        pauses = [pause_after(failures).total_seconds() for _ in range(300)]
        assert longest_seconds / 2 <= min(pauses) < max(pauses) <= longest_seconds
        assert max(pauses) > longest_seconds * 0.9
    assert len({pause_after(5) for _ in range(20)}) > 10, "retries must not come together"


def test_what_the_processor_refuses_is_for_a_person(received: Received, settle_payment: UseCase) -> None:
    event = received()
    settle_payment.raises = [ProcessorRefused("No such payment_intent", processor_code="resource_missing")]
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == EventStatus.DEAD
    assert "resource_missing" in event.last_note


def test_a_defect_is_kept_on_the_event_and_raised(received: Received, settle_payment: UseCase) -> None:
    event = received()
    settle_payment.raises = [ZeroDivisionError("division by zero")]
    with pytest.raises(ZeroDivisionError):
        process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert (event.status, event.last_note) == ("failed", "ZeroDivisionError: division by zero")


def test_one_defect_does_not_keep_the_others_waiting(received: Received, settle_payment: UseCase) -> None:
    bad, good = received(), received()
    settle_payment.raises = [ZeroDivisionError("division by zero")]
    with pytest.raises(ZeroDivisionError):
        process_events([bad.id, good.id])
    good.refresh_from_db()
    assert good.status == EventStatus.PROCESSED


@pytest.mark.parametrize(
    ("event_type", "key", "prefix", "error"),
    [
        ("payment_intent.succeeded", "payment", "pay", UnknownPayment()),
        ("refund.created", "refund", "ref", UnknownRefund()),
        ("transfer.created", "transfer", "trf", UnknownTransfer()),
    ],
)
def test_an_unknown_object_of_ours_is_parked_and_a_foreign_one_ignored(
    received: Received, settle_payment: UseCase, settle_refund: UseCase, settle_transfer: UseCase,
    event_type: str, key: str, prefix: str, error: Exception,
) -> None:  # fmt: skip
    for use_case in (settle_payment, settle_refund, settle_transfer):
        use_case.raises = [error, error, error]
    ours = received(event_type, metadata={key: new_public_id(prefix)})
    foreign = received(event_type, metadata={key: "theirs"})
    for event in (ours, foreign):
        process_event(event_id=event.id, now=clock.now())
        event.refresh_from_db()
    assert (ours.status, foreign.status) == ("parked", "ignored")
    assert ours.first_parked_at is not None
    assert ours.failures == 0


def test_a_parked_event_is_tried_again_and_dead_after_a_day(received: Received, settle_payment: UseCase) -> None:
    event = received(metadata={"payment": new_public_id("pay")})
    settle_payment.raises = [UnknownPayment()] * 100
    process_event(event_id=event.id, now=clock.now())
    while event.status != EventStatus.DEAD:
        due = later(event)
        process_event(event_id=event.id, now=due)
        event.refresh_from_db()
        if event.status == EventStatus.PARKED:
            # The pause is counted from the end of the work, which is now; the test's clock is ahead of it.
            assert event.first_parked_at is not None
            WebhookEvent.objects.filter(id=event.id).update(
                due_at=due + pause_after(event.attempts), first_parked_at=event.first_parked_at - dt.timedelta(hours=1)
            )
    assert event.attempts > 10
    assert "still unknown" in event.last_note
    assert event.first_parked_at is not None
    assert clock.now() - event.first_parked_at >= PARKED_FOR


def test_a_killed_worker_loses_its_lease_and_another_finishes(received: Received, settle_payment: UseCase) -> None:
    event = received()
    now = clock.now()
    dead_workers = claim(event_id=event.id, now=now)
    assert dead_workers is not None
    assert process_event(event_id=event.id, now=now + LEASE - dt.timedelta(seconds=1)) is None

    process_event(event_id=event.id, now=now + LEASE)
    assert len(settle_payment.calls) == 1
    assert edges(event) == ["claimed", "taken_over", "settled"]

    # It was not dead but slow: its outcome comes too late to count.
    finish(claim=dead_workers, outcome=Outcome(EventEdge.ATTEMPT_FAILED, "late"), now=now + LEASE)
    event.refresh_from_db()
    assert (event.status, event.failures) == ("processed", 1)


def test_a_slow_worker_does_not_record_over_its_successor(received: Received) -> None:
    event = received()
    now = clock.now()
    slow, successor = claim(event_id=event.id, now=now), claim(event_id=event.id, now=now + LEASE)
    assert slow is not None
    assert successor is not None
    finish(claim=slow, outcome=Outcome(EventEdge.SETTLED), now=now + LEASE)
    event.refresh_from_db()
    assert (event.status, event.lease) == ("processing", successor.lease)


def test_an_event_that_kills_its_workers_is_given_up(received: Received) -> None:
    event = received()
    now = clock.now()
    for _ in range(MAX_FAILURES):
        assert claim(event_id=event.id, now=now) is not None
        now += LEASE
    assert claim(event_id=event.id, now=now) is None
    event.refresh_from_db()
    assert event.status == EventStatus.DEAD


def test_the_soft_time_limit_leaves_the_lease_to_run_out(received: Received, settle_payment: UseCase) -> None:
    event = received()
    settle_payment.raises = [SoftTimeLimitExceeded()]
    with pytest.raises(SoftTimeLimitExceeded):
        process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == EventStatus.PROCESSING


def test_an_event_that_does_not_exist_is_no_error() -> None:
    process_events([10**12])
