"""Two of everything at once, on real PostgreSQL with real threads: each amount moves exactly once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from payments.models import ProcessorRequest
from payouts import services
from payouts.enums import PayableStatus
from payouts.models import Payable, PayableEvent, Transfer, TransferEvent
from tests.payouts.fake import LOST, FakeTransfers
from tests.payouts.hub import HOLD, MINUTE, NOW, asked, books, connected_artisan, released, run, sell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ARTISANS = 3
PAYABLES = 12


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Runs all of them in threads that start together; gives their results, raises the first error."""
    gate, results, errors = threading.Barrier(len(works)), [None] * len(works), []

    def go(index: int, work: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=10)
            results[index] = work()
        except Exception as error:  # noqa: BLE001 it is raised again below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if errors:
        raise errors[0]
    return results


def parts() -> list[tuple[Any, int]]:
    artisans = [connected_artisan() for _ in range(ARTISANS)]
    return [(artisans[number % ARTISANS], 100 + number) for number in range(PAYABLES)]


OWED = sum(100 + number for number in range(PAYABLES))
SENT = {"stripe_clearing": PAYABLES * 100, "commission": PAYABLES * 100}


def test_two_runs_of_release_release_each_once() -> None:
    for artisan, amount_minor in parts():
        sell([(artisan, amount_minor)], now=NOW)
    done = at_once(*[lambda: services.release_due(now=NOW + HOLD) for _ in range(4)])
    assert sum(done) == PAYABLES
    assert PayableEvent.objects.count() == PAYABLES
    assert sum(minor for code, minor in books().items() if code.startswith("seller_payable")) == OWED


def test_two_runs_of_requests_make_one_transfer_each(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    done = at_once(*[lambda: services.request_transfers(now=NOW, limit=5) for _ in range(4)])
    while Payable.objects.filter(status=PayableStatus.RELEASED).exists():
        done.append(services.request_transfers(now=NOW, limit=5))
    assert sum(len(requests) for requests in done) == PAYABLES
    assert Transfer.objects.count() == ProcessorRequest.objects.count() == PAYABLES
    assert books() == {**SENT, "stripe_clearing": OWED + PAYABLES * 100, "transfers_in_transit": OWED}


def test_whole_runs_at_once_send_each_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    at_once(*[run for _ in range(4)])
    run()
    assert len(processor.made) == PAYABLES
    assert not [call for call in processor.calls if call.startswith("find")]
    assert TransferEvent.objects.count() == PAYABLES
    assert books() == SENT


def test_resolving_in_two_places_at_once_takes_each_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts()[:3]:
        released([(artisan, amount_minor)], now=NOW)
    processor.after.extend([LOST] * 3)
    run()
    del processor.calls[:]
    at_once(*[lambda: services.resolve_due(now=NOW + MINUTE) for _ in range(4)])
    assert sorted(call.split()[0] for call in processor.calls) == ["find"] * 3
    assert len(processor.made) == 3


def test_the_answer_and_the_news_at_once_are_recorded_once(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    [request] = services.request_transfers(now=NOW)
    made = processor.create_transfer(asked(request), idempotency_key=request.idempotency_key)

    def news() -> Any:
        return services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=made.transfer_reference, now=NOW
        )

    at_once(*[news] * 4, lambda: services.send_requested(requests=[request], now=NOW))
    assert TransferEvent.objects.count() == 1
    assert len(processor.made) == 1
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_staff_and_schedule_release_at_once() -> None:
    sell([(connected_artisan(), 1500)], now=NOW)
    payable = Payable.objects.get()
    done = at_once(
        *[lambda: services.release_now(payable_ids=[payable.pk], now=NOW + HOLD)] * 3,
        *[lambda: services.release_due(now=NOW + HOLD)] * 3,
    )
    assert sum(done) == 1
    assert PayableEvent.objects.count() == 1


def test_a_payable_in_hand_is_passed_over_and_not_waited_for() -> None:
    """The run says SKIP LOCKED and FOR UPDATE: it finishes while another transaction holds one row."""
    for artisan, amount_minor in parts()[:2]:
        sell([(artisan, amount_minor)], now=NOW)
    first = Payable.objects.order_by("id")[0]
    locked, go_on = threading.Event(), threading.Event()

    def hold_it() -> None:
        with transaction.atomic():
            Payable.objects.select_for_update().get(id=first.pk)
            locked.set()
            assert go_on.wait(timeout=20)

    def release() -> int:
        assert locked.wait(timeout=20)
        done = services.release_due(now=NOW + HOLD)
        go_on.set()
        return done

    assert at_once(hold_it, release)[1] == 1
    first.refresh_from_db()
    assert first.status == PayableStatus.HELD
