"""Two of everything at once, on real PostgreSQL with real threads: each amount moves exactly once."""

import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common.money import Money
from payments.models import ProcessorRequest
from payouts import services
from payouts.contracts import ReferenceTaken, ShareExceeded
from payouts.enums import PayableStatus, RunKind
from payouts.models import (
    DebtRecovery,
    DebtRepayment,
    Payable,
    PayableEvent,
    Payout,
    PayoutItem,
    PayoutRun,
    SellerDebt,
    ShareDebit,
    Transfer,
    TransferEvent,
)
from tests.payouts.fake import LOST, FakeTransfers
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    NOW,
    asked,
    books,
    compose,
    connected_artisan,
    credit,
    debit,
    minor,
    released,
    reversals,
    run,
    sell,
    send,
    send_reversals,
)

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


def test_two_runs_at_once_compose_one_payout_each(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    at_once(*[compose] * 4)
    compose()
    assert sum(payout.amount_minor for payout in Payout.objects.all()) == OWED
    assert PayoutItem.objects.count() == PAYABLES
    assert Transfer.objects.count() == ProcessorRequest.objects.count() == Payout.objects.count()
    assert books() == {**SENT, "stripe_clearing": OWED + PAYABLES * 100, "transfers_in_transit": OWED}


def test_one_run_in_several_hands_composes_each_artisan_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    going = import_module("payouts.services.run")
    started = going.start_run(kind=RunKind.SCHEDULED, artisan_id=None, now=NOW)
    at_once(*[lambda: going.go_on(run_id=started.pk, now=NOW)] * 4)
    going.look_after_runs(now=NOW + MINUTE)
    assert sorted(Payout.objects.values_list("artisan_id", flat=True)) == sorted(
        set(Payable.objects.values_list("artisan_id", flat=True))
    )
    assert len(processor.made) == ARTISANS
    assert books() == SENT


def test_todays_run_is_started_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    at_once(*[lambda: services.run_scheduled(now=NOW)] * 4)
    services.run_scheduled(now=NOW + MINUTE)
    assert [run.status for run in PayoutRun.objects.all()] == ["done"]
    assert len(processor.made) == ARTISANS
    assert books() == SENT


def test_whole_runs_at_once_send_each_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts():
        released([(artisan, amount_minor)], now=NOW)
    at_once(*[run for _ in range(4)])
    run()
    assert sum(found.amount.amount_minor for found in processor.made) == OWED
    assert not [call for call in processor.calls if call.startswith("find")]
    assert TransferEvent.objects.count() == len(processor.made)
    assert books() == SENT


def test_resolving_in_two_places_at_once_takes_each_once(processor: FakeTransfers) -> None:
    for artisan, amount_minor in parts()[:3]:
        released([(artisan, amount_minor)], now=NOW)
    processor.after.extend([LOST] * 3)
    run()
    del processor.calls[:]
    at_once(*[lambda: services.look_after_runs(now=NOW + MINUTE) for _ in range(4)])
    assert sorted(call.split()[0] for call in processor.calls) == ["find"] * 3
    assert len(processor.made) == 3


def test_the_answer_and_the_news_at_once_are_recorded_once(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    [request] = compose()
    made = processor.create_transfer(asked(request), idempotency_key=request.idempotency_key)

    def news() -> Any:
        return services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=made.transfer_reference, now=NOW
        )

    at_once(*[news] * 4, send)
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


# ---- refunds, disputes, debts --------------------------------------------------------------------------------------


def test_two_refunds_at_once_take_no_more_than_the_share(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)

    def refund(number: int) -> Callable[[], bool]:
        def take() -> bool:
            try:
                debit(payable, 600, reference=f"ref_{number}", now=NOW)
            except ShareExceeded:
                return False
            return True

        return take

    assert sorted(at_once(*[refund(number) for number in range(4)])) == [False, False, False, True]
    payable.refresh_from_db()
    assert payable.debited_minor == 600
    assert books()["refunds_in_transit"] == 600


def test_the_same_refund_at_once_takes_once() -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    places = at_once(*[lambda: minor(debit(payable, 600))] * 5)
    assert places == [(0, 600, 0)] * 5
    assert ShareDebit.objects.count() == 1
    assert books()["refunds_in_transit"] == 600


def test_a_won_dispute_at_once_gives_back_once() -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    debit(payable, 1000, reference="dsp_1", collects=False)
    at_once(*[lambda: credit(payable, 1000, reference="dsp_1")] * 5)
    assert Payable.objects.filter(origin_reference="dsp_1").count() == 1
    assert books()[f"seller_held:{payable.artisan.public_id}"] == 1000


def test_a_refund_while_the_transfer_is_requested_is_taken_from_it_or_owed(processor: FakeTransfers) -> None:
    for number in range(6):
        [payable] = released([(connected_artisan(), 1000)], now=NOW)
        take = partial(debit, payable, 600, reference=f"ref_{number}", now=NOW)
        taken, requests = at_once(take, compose)
        places = minor(taken)
        requests = requests or compose()
        [request] = requests
        assert (places, request.body["amount_minor"]) in [((0, 600, 0), 400), ((0, 0, 600), 1000)]
        send()
        services.resolve_reversals(now=NOW + MINUTE)
        assert processor._left_of(processor.made[-1].processor_transfer_id) == 400
    assert books() == {"stripe_clearing": 6 * 700, "commission": 600, "refunds_in_transit": 3600}


def test_netting_in_several_places_at_once_recovers_once(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [gone] = released([(artisan, 1000)], now=NOW)
    run()
    debit(gone, 700, collects=False)
    for _ in range(6):
        sell([(artisan, 300)], now=NOW)
    at_once(
        *[lambda: services.release_due(now=NOW + HOLD, limit=2)] * 3,
        *[lambda: compose(NOW + HOLD)] * 2,
    )
    while services.release_due(now=NOW + HOLD):
        pass
    run(NOW + HOLD)
    assert sum(recovery.amount_minor for recovery in DebtRecovery.objects.all()) == 700
    assert SellerDebt.objects.get().open_minor == 0
    assert sum(found.amount.amount_minor for found in processor.made) == 1000 + 6 * 300 - 700
    assert books() == {"stripe_clearing": 700 + 700, "commission": 700, "refunds_in_transit": 700}


def test_netting_and_a_won_dispute_at_once_neither_lose_nor_double_anything(processor: FakeTransfers) -> None:
    rounds = 5
    for number in range(rounds):
        artisan, dispute = connected_artisan(), f"dsp_{number}"
        [gone] = released([(artisan, 1000)], now=NOW)
        run()
        debit(gone, 700, reference=dispute, collects=False)
        sell([(artisan, 300), (artisan, 300)], now=NOW)
        at_once(
            lambda: services.release_due(now=NOW + HOLD),
            partial(credit, gone, 700, reference=dispute, now=NOW + HOLD),
            partial(credit, gone, 700, reference=dispute, now=NOW + HOLD),
        )
        for _ in range(2):
            services.release_due(now=NOW + HOLD)
            run(NOW + HOLD)
    assert sum(found.amount.amount_minor for found in processor.made) == rounds * 1600
    assert books() == {"stripe_clearing": rounds * 300, "commission": rounds * 300}


def test_the_answer_the_news_and_the_sweeper_at_once_book_a_reversal_once(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600)
    processor.reversal_after.append(LOST)
    send_reversals()
    [made] = processor.made

    def news() -> Any:
        return services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=made.transfer_reference, now=NOW
        )

    at_once(*[news] * 3, *[lambda: services.resolve_reversals(now=NOW + MINUTE)] * 2)
    assert (len(processor.came_back), DebtRecovery.objects.count()) == (1, 1)
    assert books() == {"stripe_clearing": 700, "commission": 100, "refunds_in_transit": 600}


def test_a_reversal_by_hand_told_of_at_once_is_adopted_once(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    [made] = processor.made
    processor.reverse_by_hand(made.processor_transfer_id, Money(400, "EUR"))
    at_once(
        *[
            lambda: services.settle_transfer(
                processor_transfer_id=made.processor_transfer_id, transfer_reference=None, now=NOW
            )
        ]
        * 5
    )
    assert Payable.objects.exclude(origin_reference="").count() == 1
    assert books()[f"seller_held:{payable.artisan.public_id}"] == 400


def test_a_lost_dispute_told_at_once_is_collected_once(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    run()
    debit(payable, 600, reference="dsp_1", collects=False)

    def lose() -> int:
        with transaction.atomic():
            return services.collect_debt(reference="dsp_1", now=NOW)

    assert sorted(at_once(*[lose] * 4)) == [0, 0, 0, 1]
    assert [reversal.amount_minor for reversal in reversals()] == [600]


def test_the_parts_of_an_order_are_locked_and_the_debts_too() -> None:
    """Netting and crediting wait for each other: the statements say FOR UPDATE."""
    [payable] = released([(connected_artisan(), 1000)], now=NOW)
    with CaptureQueriesContext(connection) as made:
        debit(payable, 1)
        credit(payable, 1)
        sell([(payable.artisan, 1)], now=NOW)
        services.release_due(now=NOW + HOLD)
    locking = [query["sql"] for query in made if "FOR UPDATE" in query["sql"]]
    for table in ("payouts_payable", "payouts_sellerdebt"):
        assert any(f'FROM "{table}"' in sql for sql in locking), table
    # One of their own would be a deadlock with netting (see credit_parts).
    assert not any('FROM "payouts_sharedebit"' in sql for sql in locking)


def test_one_line_of_the_bank_is_recorded_once_whoever_it_is_taken_for(processor: FakeTransfers) -> None:
    """Two of staff at once, twice each: for the artisan who paid, and for another one who owes as much."""
    artisans = [connected_artisan(), connected_artisan()]
    payables = [released([(artisan, 1000)], now=NOW)[0] for artisan in artisans]
    run()
    for payable in payables:
        debit(payable, 600, reference=f"ref_{payable.pk}", collects=False)

    def record(artisan_id: int) -> str:
        try:
            return services.record_repayment(
                artisan_id=artisan_id, amount=Money(600, "EUR"), bank_reference="B-1", received_on=NOW.date(), now=NOW
            ).public_id
        except ReferenceTaken:
            return "taken"

    told = at_once(*[partial(record, artisan.pk) for artisan in artisans for _ in range(2)])
    repayment = DebtRepayment.objects.get()
    assert sorted(told) == sorted([repayment.public_id, repayment.public_id, "taken", "taken"])
    assert books()["bank"] == 600
    undo = partial(services.undo_repayment, repayment_reference=repayment.public_id, reason="Mistake", now=NOW)
    again = partial(services.recover_debts, now=NOW)
    at_once(undo, again, undo)
    assert books().get("bank", 0) == 0
    assert sorted(DebtRecovery.objects.values_list("amount_minor", flat=True)) == [-600, 600]
