"""Transfer reversals with a processor that fails on purpose: what is owed comes back once, and the books follow."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings

from common import outbox
from common.clock import now as clock_now
from common.models import OutboxMessage
from common.money import Money
from payments.contracts import ProcessorRefused
from payments.enums import RequestState
from payments.models import ProcessorRequest
from payments.services.outgoing import LEASE
from payouts import services, tasks
from payouts.contracts import TransferContradiction, TransferRun
from payouts.models import DebtRecovery, Payable, PayoutItem, SellerDebt, TransferReversal, TransferReversalEvent
from tests.payouts.fake import BUSY, INSUFFICIENT, LOST, FakeTransfers, Killed, killed_in
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    NOW,
    audited,
    books,
    connected_artisan,
    credit,
    debit,
    minor,
    released,
    reversals,
    run,
    send_reversals,
    the_transfer,
)

pytestmark = pytest.mark.django_db
OWED = {"stripe_clearing": 100, "commission": 100, "refunds_in_transit": 600}
BACK = {**OWED, "stripe_clearing": 700}


def owing(amount_minor: int = 600, *, collects: bool = True) -> Payable:
    """A share of 15.00 that was transferred, and then refunded in part."""
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    assert run().succeeded == 1
    debit(payable, amount_minor, collects=collects)
    payable.refresh_from_db()
    return payable


def news() -> None:
    made = the_transfer()
    services.settle_transfer(
        processor_transfer_id=str(made.processor_transfer_id), transfer_reference=None, now=NOW + MINUTE
    )


def status() -> tuple[str, str]:
    """Of the one reversal and its newest request."""
    request = ProcessorRequest.objects.filter(kind="transfer_reversal").latest("attempt")
    return TransferReversal.objects.get().status, request.state


def test_what_is_owed_is_brought_back_from_the_transfer(processor: FakeTransfers) -> None:
    payable = owing()
    seller = payable.artisan.public_id
    [reversal] = reversals()
    message = OutboxMessage.objects.get(task="payouts.tasks.send_reversal")
    assert message.kwargs == {"reversal": reversal.public_id}
    request = ProcessorRequest.objects.get(subject=reversal.public_id)
    assert request.idempotency_key == f"transfer_reversal:{reversal.public_id}:1"
    assert request.body == {
        "reversal": reversal.public_id, "transfer": processor.made[0].processor_transfer_id, "amount_minor": 600,
        "currency": "EUR", "trace_id": request.body["trace_id"],
    }  # fmt: skip
    assert books() == {**OWED, f"seller_receivable:{seller}": 600}

    assert send_reversals() == ["succeeded"]
    assert [(found.amount.amount_minor, found.reversal_reference) for found in processor.came_back] == [
        (600, reversal.public_id)
    ]
    assert books() == BACK
    debt, [reversal] = SellerDebt.objects.get(), reversals()
    assert (debt.open_minor, debt.recovered_minor, reversal.transfer.reversed_minor) == (0, 600, 600)
    assert reversal.processor_reversal_id == processor.came_back[0].processor_reversal_id
    recovery = DebtRecovery.objects.get()
    assert (recovery.reversal, recovery.payable, recovery.amount_minor) == (reversal, None, 600)
    request.refresh_from_db()
    assert (request.state, request.processor_id) == (RequestState.SUCCEEDED, reversal.processor_reversal_id)
    assert audited(reversal.public_id) == [
        ("transfer_reversal.requested", "requested"), ("transfer_reversal.succeeded", "succeeded")
    ]  # fmt: skip
    assert [event.event for event in TransferReversalEvent.objects.all()] == ["carried_out"]
    # Again, by the outbox or by the sweeper, changes nothing.
    assert services.send_reversal(reversal_reference=reversal.public_id, now=NOW) == "succeeded"
    assert services.resolve_reversals(now=NOW + HOLD) == TransferRun(0, 0, 0, 0)
    assert len(processor.came_back) == 1


def test_the_outbox_sends_it_right_after_commit(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=clock_now())
    run(clock_now())
    debit(payable, 600, now=clock_now())
    message = OutboxMessage.objects.get(task="payouts.tasks.send_reversal")
    outbox.run_message(message.pk)
    message.refresh_from_db()
    assert (message.status, status(), books()) == ("done", ("succeeded", "succeeded"), BACK)


def test_the_schedule_takes_up_what_the_outbox_did_not_send(processor: FakeTransfers) -> None:
    then = clock_now() - MINUTE
    [payable] = released([(connected_artisan(), 1500)], now=then)
    run(then)
    debit(payable, 600, now=then)
    assert settings.CELERY_BEAT_SCHEDULE["payouts.tasks.resolve_reversals"]["schedule"] == 30
    assert tasks.resolve_reversals.run() == 1
    assert books() == BACK


def test_too_little_in_the_artisans_account_leaves_the_debt_open_for_netting(processor: FakeTransfers) -> None:
    payable = owing()
    seller = payable.artisan.public_id
    processor.refuse_reversal = lambda _: INSUFFICIENT
    assert send_reversals() == ["failed"]
    assert status() == ("failed", "failed")
    assert TransferReversal.objects.get().failure_code == "balance_insufficient"
    assert books() == {**OWED, f"seller_receivable:{seller}": 600}
    assert SellerDebt.objects.get().open_minor == 600
    released([(payable.artisan, 1000)], now=NOW)
    assert SellerDebt.objects.get().open_minor == 0
    assert books() == {
        "stripe_clearing": 1200, "commission": 200, "refunds_in_transit": 600, f"seller_payable:{seller}": 400
    }  # fmt: skip


@pytest.mark.parametrize(
    ("carried_out", "calls_after"),
    [(True, ["list"]), (False, ["list", "reverse"])],
    ids=["carried out", "not carried out"],
)
def test_a_lost_answer_is_looked_up_and_never_guessed(
    processor: FakeTransfers, carried_out: bool, calls_after: list[str]
) -> None:
    owing()
    (processor.reversal_after if carried_out else processor.reversal_before).append(LOST)
    assert send_reversals() == ["unknown"]
    assert status() == ("unknown", "unknown")
    assert SellerDebt.objects.get().open_minor == 600
    del processor.calls[:]
    assert services.resolve_reversals(now=NOW + MINUTE) == TransferRun(0, 1, 0, 0)
    assert [call.split()[0] for call in processor.calls] == calls_after
    assert status() == ("succeeded", "succeeded")
    assert (len(processor.came_back), books()) == (1, BACK)


def test_a_busy_processor_changes_no_status_and_is_asked_again(processor: FakeTransfers) -> None:
    owing()
    processor.reversal_before.append(BUSY)
    assert send_reversals() == ["requested"]
    assert services.resolve_reversals(now=NOW + MINUTE).succeeded == 1
    assert (len(processor.came_back), books()) == (1, BACK)


def test_a_refusal_after_a_lost_answer_is_certain(processor: FakeTransfers) -> None:
    owing()
    processor.reversal_before.append(LOST)
    send_reversals()
    processor.refuse_reversal = lambda _: INSUFFICIENT
    assert services.resolve_reversals(now=NOW + MINUTE).refused == 1
    assert status() == ("failed", "failed")


def test_a_key_that_never_answers_is_given_up_for_a_new_one_after_the_look_up(processor: FakeTransfers) -> None:
    owing()
    processor.reversal_before.extend([LOST] * 3)
    send_reversals()
    for minutes in (20, 40, 60):
        services.resolve_reversals(now=NOW + minutes * MINUTE)
    reversal = TransferReversal.objects.get()
    assert list(processor.reversed_by_key) == [f"transfer_reversal:{reversal.public_id}:2"]
    assert (status(), books()) == (("succeeded", "succeeded"), BACK)


def test_nothing_is_resent_while_the_look_up_fails(processor: FakeTransfers) -> None:
    owing()
    processor.reversal_after.append(LOST)
    send_reversals()
    processor.lookup_fails.extend([LOST, BUSY])
    for minutes in (1, 20):
        assert services.resolve_reversals(now=NOW + minutes * MINUTE).unresolved == 1
    assert services.resolve_reversals(now=NOW + 60 * MINUTE).succeeded == 1
    assert len(processor.came_back) == 1


def test_a_message_that_comes_too_late_is_left_to_the_sweeper(processor: FakeTransfers) -> None:
    owing()
    assert send_reversals(NOW + LEASE / 2 + MINUTE / 60) == ["requested"]
    assert processor.reversed_by_key == {}
    assert services.resolve_reversals(now=NOW + MINUTE).succeeded == 1


def test_a_message_that_comes_again_after_a_lost_answer_is_left_to_the_sweeper(processor: FakeTransfers) -> None:
    """Its pause has a reason: the processor may still be at it."""
    owing()
    processor.reversal_before.append(LOST)
    send_reversals()
    del processor.calls[:]
    assert services.send_reversal(reversal_reference=TransferReversal.objects.get().public_id, now=NOW) == "unknown"
    assert processor.calls == []


def test_old_news_of_what_is_booked_takes_no_second_look(processor: FakeTransfers) -> None:
    owing()
    send_reversals()
    del processor.calls[:]
    news()
    assert [call.split()[0] for call in processor.calls] == ["retrieve"]


def test_the_news_may_come_before_the_answer(processor: FakeTransfers) -> None:
    owing()

    def news_overtake() -> None:
        processor.during = None
        request = ProcessorRequest.objects.get(kind="transfer_reversal")
        send = import_module("payouts.services.send_reversals")
        processor.create_transfer_reversal(send._as_asked(request), idempotency_key=request.idempotency_key)
        news()

    processor.during = news_overtake
    assert send_reversals() == ["succeeded"]
    assert (len(processor.came_back), TransferReversalEvent.objects.count(), books()) == (1, 1, BACK)


def test_the_news_alone_settle_a_lost_answer_and_twice_is_once(processor: FakeTransfers) -> None:
    owing()
    processor.reversal_after.append(LOST)
    send_reversals()
    for _ in range(3):
        news()
    assert (status(), books()) == (("succeeded", "succeeded"), BACK)
    assert DebtRecovery.objects.count() == 1
    assert services.resolve_reversals(now=NOW + HOLD) == TransferRun(0, 0, 0, 0)


def test_an_outcome_of_a_request_that_is_over_changes_nothing(processor: FakeTransfers) -> None:
    owing()
    request = ProcessorRequest.objects.get(kind="transfer_reversal")
    send_reversals()
    record = import_module("payouts.services.record_reversal")
    record.record_reversal_refused(request=request, refusal=INSUFFICIENT, now=NOW)
    record.record_reversal_unresolved(request=request, lost=LOST, now=NOW)
    assert (status(), books()) == (("succeeded", "succeeded"), BACK)


def test_another_amount_under_our_reference_is_not_booked_and_raises_an_alarm(processor: FakeTransfers) -> None:
    payable = owing()
    reversal = TransferReversal.objects.get()
    processor.reversed_by_key["other"] = processor._reversed(
        reversal.public_id, processor.made[0].processor_transfer_id, Money(599, "EUR")
    )
    with pytest.raises(TransferContradiction):
        news()
    assert audited(reversal.public_id)[-1] == ("transfer_reversal.contradiction", "refused")
    assert books() == {**OWED, f"seller_receivable:{payable.artisan.public_id}": 600}
    assert services.resolve_reversals(now=NOW + MINUTE).unresolved == 1


def test_a_reversal_of_another_transfer_is_not_taken_for_ours(processor: FakeTransfers) -> None:
    owing()
    reversal = TransferReversal.objects.get()
    found = processor._reversed(reversal.public_id, "tr_other", Money(600, "EUR"))
    with pytest.raises(TransferContradiction, match="tr_other"):
        import_module("payouts.services.record_reversal").record_reversed(found=found, now=NOW)
    assert TransferReversal.objects.get().status == "requested"


# ---- between debts, reversals and credits --------------------------------------------------------------------------


def test_each_refund_is_asked_back_and_never_more_than_was_sent(processor: FakeTransfers) -> None:
    payable = owing(600)
    debit(payable, 900, reference="ref_2")
    assert [reversal.amount_minor for reversal in reversals()] == [600, 900]
    assert send_reversals() == ["succeeded", "succeeded"]
    assert the_transfer().reversed_minor == 1500
    assert books() == {"stripe_clearing": 1600, "commission": 100, "refunds_in_transit": 1500}


def test_only_what_this_part_sent_is_asked_back_the_rest_is_netted(processor: FakeTransfers) -> None:
    """A part of the share had been kept for an older debt, so less was sent than is refunded now."""
    first = owing(400, collects=False)
    [second] = released([(first.artisan, 1000)], now=NOW)
    run()
    assert minor(debit(second, 500, reference="ref_2")) == (0, 0, 500)
    assert minor(debit(second, 500, reference="ref_3")) == (0, 0, 500)
    assert [reversal.amount_minor for reversal in reversals()] == [500, 100]
    assert send_reversals() == ["succeeded", "succeeded"]
    assert SellerDebt.objects.get(reference="ref_3").open_minor == 400


def test_what_came_back_already_is_not_asked_for_again_but_from_the_transfer_that_sent_it_anew(
    processor: FakeTransfers,
) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    run()
    processor.reverse_by_hand(processor.made[0].processor_transfer_id, Money(500, "EUR"))
    news()
    services.release_due(now=NOW + MINUTE + HOLD)
    run(NOW + MINUTE + HOLD)
    assert [found.amount.amount_minor for found in processor.made] == [1500, 500]
    debit(payable, 1500, now=NOW + MINUTE + HOLD)
    asked = [reversal for reversal in reversals() if reversal.debt is not None]
    assert [(reversal.amount_minor, reversal.transfer.amount_minor) for reversal in asked] == [(1000, 1500), (500, 500)]
    assert send_reversals(NOW + MINUTE + HOLD) == ["succeeded", "succeeded"]
    assert books() == {"stripe_clearing": 1600, "commission": 100, "refunds_in_transit": 1500}


def test_given_back_while_the_reversal_is_under_way_comes_as_another_payable(processor: FakeTransfers) -> None:
    payable = owing()
    processor.reversal_after.append(LOST)
    send_reversals()
    assert minor(credit(payable, 600)) == (600, 0, 0)
    assert services.resolve_reversals(now=NOW + MINUTE).succeeded == 1
    assert books() == {"stripe_clearing": 700, "commission": 100, f"seller_held:{payable.artisan.public_id}": 600}
    services.release_due(now=NOW + HOLD)
    run(NOW + HOLD)
    assert [found.amount.amount_minor for found in processor.made] == [1500, 600]
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_given_back_while_a_reversal_is_under_way_that_fails_is_netted_against_itself(processor: FakeTransfers) -> None:
    payable = owing()
    processor.reversal_before.append(LOST)
    send_reversals()
    credit(payable, 600)
    processor.refuse_reversal = lambda _: INSUFFICIENT
    assert services.resolve_reversals(now=NOW + MINUTE).refused == 1
    services.release_due(now=NOW + HOLD)
    assert run(NOW + HOLD).requested == 0
    assert len(processor.made) == 1
    assert (SellerDebt.objects.get().open_minor, books()) == (0, {"stripe_clearing": 100, "commission": 100})


def test_money_found_after_a_refusal_is_booked_and_what_was_netted_meanwhile_given_back(
    processor: FakeTransfers,
) -> None:
    """It should never happen; if it does, the books follow the money."""
    payable = owing()
    seller = payable.artisan.public_id
    processor.reversal_before.append(ProcessorRefused("no", processor_code="account_invalid"))
    assert send_reversals() == ["failed"]
    released([(payable.artisan, 200)], now=NOW)
    assert SellerDebt.objects.get().open_minor == 400
    reversal = TransferReversal.objects.get()
    processor.reversed_by_key["late"] = processor._reversed(
        reversal.public_id, processor.made[0].processor_transfer_id, Money(600, "EUR")
    )
    news()
    assert SellerDebt.objects.get().open_minor == 0
    assert books() == {
        "stripe_clearing": 1000, "commission": 200, "refunds_in_transit": 600, f"seller_held:{seller}": 200
    }  # fmt: skip
    assert Payable.objects.get(origin_reference=reversal.public_id).amount_minor == 200


# ---- made by others ------------------------------------------------------------------------------------------------


def test_a_reversal_made_at_the_processor_is_the_artisans_money_on_hold(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    run()
    by_hand = processor.reverse_by_hand(processor.made[0].processor_transfer_id, Money(500, "EUR"))
    for _ in range(2):
        news()
    reversal = TransferReversal.objects.get()
    assert (reversal.debt, reversal.status, reversal.processor_reversal_id) == (
        None, "succeeded", by_hand.processor_reversal_id
    )  # fmt: skip
    assert audited(reversal.public_id) == [("transfer_reversal.adopted", "succeeded")]
    more = Payable.objects.get(origin_reference=reversal.public_id)
    assert (more.status, more.amount_minor, more.hold_until, more.seller_order_reference) == (
        "held", 500, NOW + MINUTE + HOLD, payable.seller_order_reference
    )  # fmt: skip
    assert (the_first_transfer().reversed_minor, SellerDebt.objects.count()) == (500, 0)
    seller = payable.artisan.public_id
    assert books() == {"stripe_clearing": 600, "commission": 100, f"seller_held:{seller}": 500}
    # A refund of it after that is taken from there.
    assert minor(debit(payable, 1500)) == (500, 0, 1000)


def test_a_reversal_by_hand_of_what_is_owed_already_ends_up_in_the_debt(processor: FakeTransfers) -> None:
    payable = owing()
    processor.refuse_reversal = lambda _: INSUFFICIENT
    send_reversals()
    processor.reverse_by_hand(processor.made[0].processor_transfer_id, Money(600, "EUR"))
    news()
    services.release_due(now=NOW + MINUTE + HOLD)
    assert SellerDebt.objects.get().open_minor == 0
    assert run(NOW + MINUTE + HOLD).requested == 0
    assert books() == BACK
    assert Payable.objects.get(origin_reference__startswith="trr_").status == "canceled"
    assert payable.status == "transferred"


def test_a_second_reversal_that_carries_our_reference_is_adopted_as_well(processor: FakeTransfers) -> None:
    payable = owing()
    send_reversals()
    [reversal] = reversals()
    processor.reversed_by_key["twin"] = processor._reversed(
        reversal.public_id, processor.made[0].processor_transfer_id, Money(600, "EUR")
    )
    news()
    assert books() == {**BACK, "stripe_clearing": 1300, f"seller_held:{payable.artisan.public_id}": 600}


def test_a_reversal_by_hand_is_first_of_what_no_other_reversal_brings_back(processor: FakeTransfers) -> None:
    """Both parts are in one transfer; that of the first is being fetched for its refund, so by hand came the second."""
    artisan = connected_artisan()
    first, second = released([(artisan, 900)], now=NOW)[0], released([(artisan, 600)], now=NOW)[0]
    run()
    debit(first, 900)
    processor.reverse_by_hand(processor.made[0].processor_transfer_id, Money(600, "EUR"))
    news()
    more = Payable.objects.get(origin_reference__startswith="trr_")
    assert (more.seller_order_reference, more.amount_minor) == (second.seller_order_reference, 600)
    assert send_reversals() == ["succeeded"]
    assert sorted(PayoutItem.objects.values_list("payable_id", "brought_back_minor")) == [
        (first.pk, 900), (second.pk, 600)
    ]  # fmt: skip


def the_first_transfer() -> Any:
    return TransferReversal.objects.select_related("transfer").latest("id").transfer


# ---- killed --------------------------------------------------------------------------------------------------------

STEPS = [
    ("payouts.services.send_reversals", "record_reversed", False),
    ("payouts.services.record_reversal", "move_reversal", True),
    ("payouts.services.record_reversal", "_came_back", False),
    ("payouts.services.books", "post", False),
    ("payouts.services.books", "post", True),
    ("payouts.services.send_reversals", "record_reversed", True),
]


@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_killed_after_any_step_it_comes_back_exactly_once(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch, module: str, name: str, after: bool
) -> None:
    owing()
    revive: Callable[[], None] = killed_in(monkeypatch, module, name, after=after)
    with pytest.raises(Killed):
        send_reversals()
    revive()
    for minutes in (1, 2):
        services.resolve_reversals(now=NOW + minutes * MINUTE)
    assert (len(processor.came_back), status(), books()) == (1, ("succeeded", "succeeded"), BACK)


@pytest.mark.parametrize("after", [False, True], ids=["before the processor did it", "after the processor did it"])
def test_killed_while_the_call_is_out_it_comes_back_exactly_once(processor: FakeTransfers, after: bool) -> None:
    owing()
    (processor.reversal_after if after else processor.reversal_before).append(Killed())
    with pytest.raises(Killed):
        send_reversals()
    assert services.resolve_reversals(now=NOW + LEASE / 2) == TransferRun(0, 0, 0, 0)
    assert services.resolve_reversals(now=NOW + MINUTE).succeeded == 1
    assert (len(processor.came_back), books()) == (1, BACK)
