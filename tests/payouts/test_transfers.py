"""Transfers with a processor that fails on purpose: one transfer each, and the books right after every step."""

import datetime as dt
from importlib import import_module
from typing import Any

import pytest

from common.money import Money
from payments.enums import RequestState
from payments.models import ProcessorRequest
from payments.services.outgoing import LEASE
from payouts import services
from payouts.contracts import TransferRun
from payouts.enums import PayableStatus, TransferStatus
from payouts.models import ConnectedAccount, Payable, Payout, PayoutRun, Transfer
from payouts.selectors import earnings_of_order, totals_of_artisan
from tests.orders.shop import new_artisan
from tests.payouts.fake import BUSY, CLOSED, LOST, FakeTransfers, Killed
from tests.payouts.hub import (
    MINUTE,
    NOW,
    audited,
    books,
    compose,
    connected_artisan,
    released,
    run,
    send,
    states,
    the_transfer,
    transfer_of,
)

pytestmark = pytest.mark.django_db


def test_released_shares_are_sent_whole_to_their_artisans(processor: FakeTransfers) -> None:
    first, second, third = (connected_artisan() for _ in range(3))
    payables = released([(first, 1500), (second, 333), (third, 9999)], now=NOW)
    assert run() == TransferRun(requested=3, succeeded=3, refused=0, unresolved=0)

    assert sorted(found.amount.amount_minor for found in processor.made) == [333, 1500, 9999]
    assert books() == {"stripe_clearing": 300, "commission": 300}
    for payable in payables:
        payable.refresh_from_db()
        transfer = transfer_of(payable)
        assert (payable.status, payable.transferred_at is not None, payable.next_transfer_at) == (
            PayableStatus.TRANSFERRED, True, None
        )  # fmt: skip
        assert transfer.status == TransferStatus.SUCCEEDED
        request = ProcessorRequest.objects.get(subject=transfer.public_id)
        assert request.idempotency_key == f"transfer:{transfer.public_id}:1"
        assert (request.state, request.processor_id) == (RequestState.SUCCEEDED, transfer.processor_transfer_id)
        account = ConnectedAccount.objects.get(artisan=payable.artisan)
        assert request.body == {
            "transfer": transfer.public_id,
            "payout": transfer.payout.public_id,
            "destination": account.processor_account_id,
            "amount_minor": payable.amount_minor,
            "currency": "EUR",
            "trace_id": request.body["trace_id"],
        }
        assert audited(transfer.public_id) == [("transfer.requested", "requested"), ("transfer.succeeded", "succeeded")]
        assert [(event.event, event.to_status) for event in transfer.events.all()] == [("carried_out", "succeeded")]
    totals = totals_of_artisan(artisan_id=first.pk)["EUR"]
    assert (totals.transferred, totals.earned) == (Money(1500, "EUR"), Money(1500, "EUR"))
    earning = earnings_of_order(order_reference=payables[0].order_reference)[0]
    assert earning.processor_transfer_id == transfer_of(payables[0]).processor_transfer_id

    assert run(NOW + MINUTE) == TransferRun(0, 0, 0, 0)
    assert len(processor.calls) == 3


def test_composing_alone_puts_the_money_in_transit_and_sends_nothing(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    [request] = compose()
    assert states() == ("transferring", "requested", "prepared")
    assert books() == {"stripe_clearing": 1600, "commission": 100, "transfers_in_transit": 1500}
    assert (processor.calls, request.tries, request.next_try_at) == ([], 0, NOW + LEASE)
    assert compose() == []


def test_one_payout_and_one_transfer_for_all_that_an_artisan_is_owed(processor: FakeTransfers) -> None:
    one, other = connected_artisan(), connected_artisan()
    payables = released([(one, 1500), (other, 70), (one, 333)], now=NOW) + released([(one, 9)], now=NOW)
    assert run() == TransferRun(requested=2, succeeded=2, refused=0, unresolved=0)
    assert sorted(found.amount.amount_minor for found in processor.made) == [70, 1842]
    payout = Payout.objects.get(artisan=one)
    assert (payout.status, payout.amount_minor, payout.transferred_at is None) == ("transferred", 1842, False)
    assert [(item.payable, item.amount_minor) for item in payout.items.order_by("id")] == [
        (payables[0], 1500), (payables[2], 333), (payables[3], 9)
    ]  # fmt: skip
    assert [(event.event, event.to_status) for event in payout.events.all()] == [("transfer_succeeded", "transferred")]
    made = PayoutRun.objects.get()
    assert (made.kind, made.status, made.payout_count, made.item_count, made.finished_at) == (
        "on_demand", "done", 2, 4, made.updated_at
    )  # fmt: skip
    assert [(event.event, event.reference) for event in payables[3].events.order_by("id")] == [
        ("hold_over", ""), ("transfer_requested", payout.public_id), ("transfer_succeeded", payout.public_id)
    ]  # fmt: skip


def test_composing_takes_as_many_statements_for_many_as_for_few(
    processor: FakeTransfers, django_assert_max_num_queries: Any
) -> None:
    released([(connected_artisan(), 100) for _ in range(30)], now=NOW)
    with django_assert_max_num_queries(20):
        assert len(compose()) == 30


def test_who_cannot_receive_waits_and_is_paid_once_they_can(processor: FakeTransfers) -> None:
    nobody, unverified, fine = new_artisan(), connected_artisan(enabled=False), connected_artisan()
    released([(nobody, 100), (unverified, 200), (fine, 300)], now=NOW)
    assert run().succeeded == 1
    assert books() == {
        "stripe_clearing": 600,
        "commission": 300,
        f"seller_payable:{nobody.public_id}": 100,
        f"seller_payable:{unverified.public_id}": 200,
    }
    ConnectedAccount.objects.filter(artisan=unverified).update(transfers_enabled=True)
    assert run(NOW + MINUTE).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [300, 200]


def test_a_refusal_ends_the_payout_and_the_next_ones_come_with_growing_pauses(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [payable] = released([(artisan, 1500)], now=NOW)
    due = {"stripe_clearing": 1600, "commission": 100, f"seller_payable:{artisan.public_id}": 1500}
    processor.refuse = lambda _: CLOSED
    at = NOW
    for refusals, pause in enumerate([5, 10, 20, 40, 80, 160, 320, 640, 720, 720], start=1):
        assert run(at) == TransferRun(requested=1, succeeded=0, refused=1, unresolved=0)
        assert books() == due
        assert states() == ("released", "failed", "failed")
        payable.refresh_from_db()
        assert (payable.refusals, payable.failure_code) == (refusals, "account_invalid")
        assert payable.next_transfer_at is not None
        waited = payable.next_transfer_at - at
        assert dt.timedelta() <= waited - pause * MINUTE < dt.timedelta(seconds=20)
        assert run(payable.next_transfer_at - dt.timedelta(seconds=1)) == TransferRun(0, 0, 0, 0)
        at = payable.next_transfer_at
    processor.refuse = lambda _: None
    assert run(at).succeeded == 1
    assert books() == {"stripe_clearing": 100, "commission": 100}
    payable.refresh_from_db()
    assert (payable.status, payable.failure_code) == (PayableStatus.TRANSFERRED, "")
    assert len(processor.made) == 1
    # Each payout has a transfer and a key of its own, and stays as it ended.
    assert [(payout.status, payout.failure_code) for payout in Payout.objects.order_by("id")] == [
        *[("refused", "account_invalid")] * 10, ("transferred", "")
    ]  # fmt: skip
    assert processor.calls == [
        f"create transfer:{transfer.public_id}:1" for transfer in Transfer.objects.order_by("id")
    ]  # fmt: skip
    refused = Transfer.objects.earliest("id")
    assert audited(refused.public_id) == [("transfer.requested", "requested"), ("transfer.refused", "failed")]


def test_each_payable_pauses_as_long_as_its_own_refusals_say(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    [old] = released([(artisan, 1500)], now=NOW)
    processor.refuse = lambda _: CLOSED
    run()
    [new] = released([(artisan, 700)], now=NOW)
    assert run(NOW + 6 * MINUTE).refused == 1
    pauses = {}
    for payable in Payable.objects.all():
        assert payable.next_transfer_at is not None
        pauses[payable.pk] = round((payable.next_transfer_at - NOW - 6 * MINUTE) / MINUTE)
    assert pauses == {old.pk: 10, new.pk: 5}


def test_staff_end_the_pause_after_a_refusal(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    processor.refuse = lambda _: CLOSED
    run()
    processor.refuse = lambda _: None
    assert run(NOW + MINUTE) == TransferRun(0, 0, 0, 0)
    assert services.release_now(payable_ids=[payable.pk], now=NOW + MINUTE) == 1
    assert audited(payable.public_id)[-1] == ("payable.pause_ended", "succeeded")
    assert run(NOW + MINUTE).succeeded == 1


@pytest.mark.parametrize(
    ("carried_out", "calls_after"),
    [(True, ["find"]), (False, ["find", "create"])],
    ids=["carried out", "not carried out"],
)
def test_a_lost_answer_is_looked_up_and_never_guessed(
    processor: FakeTransfers, carried_out: bool, calls_after: list[str]
) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    (processor.after if carried_out else processor.before).append(LOST)
    assert run() == TransferRun(requested=1, succeeded=0, refused=0, unresolved=1)
    assert states() == ("transferring", "unknown", "unknown")
    assert books() == {"stripe_clearing": 1600, "commission": 100, "transfers_in_transit": 1500}
    transfer = the_transfer()
    assert audited(transfer.public_id)[-1] == ("transfer.unknown", "unknown")

    del processor.calls[:]
    assert run(NOW + MINUTE).succeeded == 1
    assert [call.split()[0] for call in processor.calls] == calls_after
    assert all(key.endswith(":1") for key in processor.by_key)
    assert states() == ("transferred", "succeeded", "succeeded")
    assert books() == {"stripe_clearing": 100, "commission": 100}
    assert len(processor.made) == 1


def test_a_busy_processor_changes_no_status_and_is_asked_again(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.before.append(BUSY)
    assert run().unresolved == 1
    assert states() == ("transferring", "requested", "unknown")
    assert run(NOW + MINUTE).succeeded == 1
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_a_refusal_after_a_lost_answer_is_certain(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    processor.before.append(LOST)
    run()
    processor.refuse = lambda _: CLOSED
    assert run(NOW + MINUTE).refused == 1
    assert states() == ("released", "failed", "failed")
    assert books()[f"seller_payable:{artisan.public_id}"] == 1500


def test_a_look_up_that_is_refused_is_no_refusal_of_the_transfer(processor: FakeTransfers) -> None:
    """The transfer was carried out; freed by mistake, its shares would be sent again under another name."""
    released([(connected_artisan(), 1500)], now=NOW)
    processor.after.append(LOST)
    run()
    processor.lookup_fails.append(CLOSED)
    assert run(NOW + MINUTE).unresolved == 1
    assert states() == ("transferring", "unknown", "unknown")
    assert run(NOW + 10 * MINUTE).succeeded == 1
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_what_pauses_after_a_refusal_is_not_taken_along_by_a_new_share(processor: FakeTransfers) -> None:
    [refused] = released([(connected_artisan(), 1500)], now=NOW)
    processor.refuse = lambda _: CLOSED
    run()
    processor.refuse = lambda _: None
    released([(refused.artisan, 700)], now=NOW)
    assert run(NOW + MINUTE).succeeded == 1
    assert [found.amount for found in processor.made] == [Money(700, "EUR")]
    assert run(NOW + 6 * MINUTE).succeeded == 1
    assert [found.amount for found in processor.made] == [Money(700, "EUR"), Money(1500, "EUR")]


def test_a_key_that_never_answers_is_given_up_for_a_new_one_after_the_look_up(processor: FakeTransfers) -> None:
    """As with a 500 that Stripe has stored under the key: replaying it gives the same 500 for ever."""
    released([(connected_artisan(), 1500)], now=NOW)
    transfers_before = [LOST] * 3
    processor.before.extend(transfers_before)
    at = NOW
    for _ in range(3):
        assert run(at).unresolved == 1
        at += 20 * MINUTE
    assert run(at).succeeded == 1
    transfer = the_transfer()
    assert list(processor.by_key) == [f"transfer:{transfer.public_id}:2"]
    assert [(row.attempt, row.state) for row in ProcessorRequest.objects.order_by("attempt")] == [
        (1, "failed"), (2, "succeeded")
    ]  # fmt: skip
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_killed_while_the_new_attempt_is_out_it_is_looked_up(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.before.extend([LOST, LOST, LOST])
    at = NOW
    for _ in range(3):
        run(at)
        at += 20 * MINUTE
    processor.after.append(Killed())
    with pytest.raises(Killed):
        run(at)
    assert run(at + MINUTE).succeeded == 1
    assert [call.split()[0] for call in processor.calls][-2:] == ["create", "find"]
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_a_refusal_of_the_new_attempt_ends_the_payout(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    processor.before.extend([LOST] * 3)
    processor.refuse = lambda _: CLOSED
    at = NOW
    for _ in range(4):
        run(at)
        at += 20 * MINUTE
    assert states() == ("released", "failed", "failed")
    processor.refuse = lambda _: None
    assert run(at).succeeded == 1
    assert sorted(key.rsplit(":", 1)[1] for key in processor.by_key) == ["1", "2"]
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})
    assert Payable.objects.get(id=payable.pk).status == PayableStatus.TRANSFERRED


def test_nothing_is_resent_while_the_look_up_fails(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.after.append(LOST)
    run()
    processor.lookup_fails.extend([LOST, BUSY])
    for minutes in (1, 20):
        assert run(NOW + minutes * MINUTE).unresolved == 1
    assert [call.split()[0] for call in processor.calls] == ["create", "find", "find"]
    assert run(NOW + 60 * MINUTE).succeeded == 1
    assert len(processor.made) == 1


def test_nothing_new_is_requested_while_the_processor_is_silent(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 100) for _ in range(6)], now=NOW)
    processor.before.extend([LOST] * 4)
    assert run() == TransferRun(requested=6, succeeded=0, refused=0, unresolved=3)
    released([(connected_artisan(), 100)], now=NOW)
    assert run(NOW + MINUTE).requested == 0
    at = NOW + 20 * MINUTE
    while Payable.objects.exclude(status="transferred").exists():
        run(at)
        at += 20 * MINUTE
    assert len(processor.made) == 7


def test_what_was_written_long_ago_and_never_sent_is_sent_without_a_look_up(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    compose()
    assert send(NOW + dt.timedelta(days=2)).succeeded == 1
    assert [call.split()[0] for call in processor.calls] == ["create"]


def test_sent_days_after_it_was_written_down_a_lost_answer_is_waited_for(processor: FakeTransfers) -> None:
    """Its key is too old to be replayed, and the first send may still be under way: another key would pay twice."""
    released([(connected_artisan(), 1500)], now=NOW)
    compose()
    at = NOW + dt.timedelta(days=2)
    processor.before.append(LOST)
    assert send(at).unresolved == 1
    first = at
    while not processor.made:
        at += dt.timedelta(seconds=30)
        services.look_after_runs(now=at)
    # Looked for in vain for long enough: certainly it was never carried out.
    assert 5 * MINUTE <= at - first <= 15 * MINUTE
    assert [call.split()[0] for call in processor.calls] == ["create", *["find"] * 6, "create"]
    assert list(processor.by_key) == [f"transfer:{the_transfer().public_id}:2"]


def test_left_alone_for_days_after_a_lost_answer_one_look_up_is_enough(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.before.append(LOST)
    run()
    assert services.look_after_runs(now=NOW + dt.timedelta(days=2)).succeeded == 1
    assert [call.split()[0] for call in processor.calls] == ["create", "find", "create"]


def test_what_is_not_sent_within_half_of_the_lease_is_put_back(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease may end while the call is out, and then two hands would have it."""
    released([(connected_artisan(), 100) for _ in range(3)], now=NOW)
    compose()
    monkeypatch.setattr("payouts.services.send.LEASE", dt.timedelta())
    assert (send(), processor.calls) == (TransferRun(0, 0, 0, 0), [])
    assert ProcessorRequest.objects.filter(tries=0, state="prepared").count() == 3
    monkeypatch.setattr("payouts.services.send.LEASE", LEASE)
    assert send().succeeded == 3
    assert [call.split()[0] for call in processor.calls] == ["create"] * 3


def test_an_outcome_of_a_request_that_is_over_changes_nothing(processor: FakeTransfers) -> None:
    """A process that slept through everything wakes up with an old refusal, and with an old time-out."""
    released([(connected_artisan(), 1500)], now=NOW)
    [request] = compose()
    send()
    record = import_module("payouts.services.record")
    record.record_refused(request=request, refusal=CLOSED, now=NOW)
    record.record_unresolved(request=request, lost=LOST, now=NOW)
    assert states() == ("transferred", "succeeded", "succeeded")
    assert books() == {"stripe_clearing": 100, "commission": 100}
