"""A payout that did not arrive is sent again: by staff, by itself when the details change, and never twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection

from catalog.models import Artisan
from common.clock import now as clock_now
from common.models import OutboxMessage
from payments.contracts import PayoutFound, ProcessorError
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payouts.models import BankPayout, ConnectedAccount, Payout, PayoutSwitch
from payouts.services import bank
from payouts.services.accounts import record_found
from tests.payouts.bank.fake import ARRIVAL, BANK, BUSY, DISABLED, LOST, FakeBanks
from tests.payouts.bank.hub import DAY, HOUR, MINUTE, NOW, came_back, run_due, send, settle, states, told, transferred
from tests.payouts.hub import audited, connected_artisan

pytestmark = pytest.mark.django_db


def failed(
    processor: FakeBanks, artisan: Artisan, why: PayoutFailure = PayoutFailure.ACCOUNT_CLOSED, amount_minor: int = 5000
) -> Payout:
    """A payout that the bank sent back."""
    payout = transferred(artisan, amount_minor, processor=processor)
    send(payout)
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=why)
    settle(processor)
    return payout


def test_staff_send_it_again_as_a_new_attempt(processor: FakeBanks, artisan: Artisan) -> None:
    payout = failed(processor, artisan)
    bank.retry_payout(payout_id=payout.pk, reason="The artisan has called.", now=NOW + HOUR)
    assert states(payout) == ("on_its_way", ["failed", "requested"], ["succeeded", "prepared"])
    assert processor.sent_minor == []
    assert "send_bank_payout" in run_due(NOW + HOUR)
    assert states(payout) == ("on_its_way", ["failed", "pending"], ["succeeded", "succeeded"])
    assert processor.sent_minor == [5000]
    assert audited(payout.public_id) == [("bank_payout.retried", "requested")]
    assert payout.events.get(note="The artisan has called.").event == "bank_requested"
    assert payout.failure_code == ""


def test_what_a_later_payout_did_without_for_it_goes_with_it(processor: FakeBanks, artisan: Artisan) -> None:
    """The later one was so much smaller for what came back of this one, which the bank then sent back whole."""
    first = transferred(artisan, 10_000, processor=processor)
    send(first)
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    came_back(first, 3000, processor=processor)
    assert send(transferred(artisan, 5000, processor=processor)) == "on_its_way"
    assert processor.sent_minor == [10_000, 2000]
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.ACCOUNT_CLOSED, which=0)
    settle(processor, which=0)
    bank.retry_payout(payout_id=first.pk, reason="Another account.", now=NOW + HOUR)
    run_due(NOW + HOUR)
    assert processor.sent_minor == [2000, 10_000]


def test_only_what_certainly_failed_is_sent_again(processor: FakeBanks, artisan: Artisan) -> None:
    waiting = transferred(artisan, 700, processor=processor)
    unknown = transferred(artisan, 800, processor=processor)
    processor.after = [LOST]
    send(unknown)
    pending = transferred(artisan, 900, processor=processor)
    send(pending)
    paid = transferred(artisan, 1000, processor=processor)
    send(paid)
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    for payout in (waiting, unknown, pending, paid):
        before = (states(payout), len(processor.calls))
        with pytest.raises(bank.RetryRefused):
            bank.retry_payout(payout_id=payout.pk, reason="Again, please.", now=NOW)
        assert (states(payout), len(processor.calls)) == before
        assert audited(payout.public_id) == [("bank_payout.retry_refused", "refused")]


def test_without_a_reason_or_while_paused_nothing_is_sent_again(processor: FakeBanks, artisan: Artisan) -> None:
    payout = failed(processor, artisan)
    with pytest.raises(bank.RetryRefused, match="reason"):
        bank.retry_payout(payout_id=payout.pk, reason="  ", now=NOW)
    PayoutSwitch.objects.create(id=1, paused_at=NOW, updated_at=NOW)
    with pytest.raises(bank.RetryRefused, match="paused"):
        bank.retry_payout(payout_id=payout.pk, reason="Now.", now=NOW)
    assert states(payout)[:2] == ("bank_failed", ["failed"])
    assert audited(payout.public_id) == [("bank_payout.retry_refused", "refused")] * 2


def test_new_bank_details_send_what_had_failed_for_the_old_ones(processor: FakeBanks, artisan: Artisan) -> None:
    closed = failed(processor, artisan)
    wrong = failed(processor, artisan, PayoutFailure.HOLDER_NAME_WRONG, 700)
    odd = failed(processor, artisan, PayoutFailure.NOT_PROCESSED, 300)
    other = failed(processor, connected_artisan())
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW + DAY) == 2
    run_due(NOW + DAY)
    assert [states(payout)[0] for payout in (closed, wrong, odd, other)] == [
        "on_its_way", "on_its_way", "bank_failed", "bank_failed",
    ]  # fmt: skip
    assert processor.sent_minor == [5000, 700]
    # The news of one change may come twice.
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW + DAY) == 0


@pytest.mark.parametrize(
    ("before", "retries"),
    [
        ({"bank_fingerprint": "old", "payouts_enabled": True}, 1),
        ({"bank_fingerprint": "new", "payouts_enabled": False}, 1),
        ({"bank_fingerprint": "new", "payouts_enabled": True}, 0),
    ],
    ids=["another bank account", "paid out again", "nothing new"],
)
def test_the_news_of_the_account_send_it_again(
    processor: FakeBanks, artisan: Artisan, before: dict[str, object], retries: int
) -> None:
    ConnectedAccount.objects.filter(artisan=artisan).update(**before)
    account = ConnectedAccount.objects.get(artisan=artisan)
    found = replace(
        processor.account, processor_account_id=account.processor_account_id, account_reference=artisan.public_id,
        bank=replace(BANK, fingerprint="new"),
    )  # fmt: skip
    record_found(account_id=account.pk, found=found, source="webhook", now=clock_now())
    asked = OutboxMessage.objects.filter(task="payouts.tasks.retry_failed_payouts")
    assert [message.kwargs for message in asked] == [{"artisan_id": artisan.pk}] * retries


def test_payouts_enabled_again_send_what_had_been_refused(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    processor.refuse = lambda _: DISABLED
    send(payout)
    processor.refuse = lambda _: None
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW + DAY) == 1
    run_due(NOW + DAY)
    assert states(payout)[:2] == ("on_its_way", ["failed", "pending"])


def test_new_details_while_payouts_are_paused_are_used_afterwards(processor: FakeBanks, artisan: Artisan) -> None:
    payout = failed(processor, artisan)
    switch = PayoutSwitch.objects.create(id=1, paused_at=NOW, updated_at=NOW)
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW + HOUR) == 0
    switch.paused_at = None
    switch.save()
    run_due(NOW + 2 * HOUR)
    run_due(NOW + 2 * HOUR)
    assert (states(payout)[0], processor.sent_minor) == ("on_its_way", [5000])


def test_what_was_brought_back_meanwhile_is_not_sent_again(processor: FakeBanks, artisan: Artisan) -> None:
    payout = failed(processor, artisan)
    came_back(payout, 1200, processor=processor)
    bank.retry_payout(payout_id=payout.pk, reason="New account.", now=NOW)
    run_due(NOW)
    assert processor.sent_minor == [3800]
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.ACCOUNT_CLOSED)
    settle(processor)
    came_back(payout, 3800, processor=processor)
    bank.retry_payout(payout_id=payout.pk, reason="Once more.", now=NOW)
    assert states(payout)[:2] == ("brought_back", ["failed", "failed"])


@pytest.mark.parametrize("silence", [None, BUSY], ids=["found", "no look-up"])
def test_a_refused_one_that_is_on_its_way_all_the_same_takes_the_place_of_the_next(
    processor: FakeBanks, artisan: Artisan, silence: ProcessorError | None
) -> None:
    payout = transferred(artisan, processor=processor)
    processor.refuse = lambda _: DISABLED
    send(payout)
    first = BankPayout.objects.get()
    processor.refuse = lambda _: None
    processor.by_key["after all"] = PayoutFound(
        "po_77", first.public_id, first.processor_account_id, first.amount, ProcessorPayoutStatus.PENDING, ARRIVAL
    )
    processor.lookup_fails = [silence] if silence else []
    bank.retry_payout(payout_id=payout.pk, reason="Again.", now=NOW)
    run_due(NOW)
    for minutes in (1, 2, 4, 8):
        bank.look_after_bank_payouts(now=NOW + minutes * MINUTE)
    assert processor.sent_minor == [5000]
    assert states(payout)[:2] == ("on_its_way", ["pending", "failed"])


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave or raised, all started at the same moment, each in a thread with a connection of its own."""
    barrier = Barrier(len(calls))

    def go(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except bank.RetryRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(go, calls))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_attempt(processor: FakeBanks) -> None:
    artisan = connected_artisan()
    payout = failed(processor, artisan)
    results = at_once(*[lambda: bank.retry_payout(payout_id=payout.pk, reason="Again.", now=NOW)] * 3)
    assert sum(isinstance(result, Payout) for result in results) == 1
    assert sum(isinstance(result, bank.RetryRefused) for result in results) == 2
    run_due(NOW)
    assert states(payout)[:2] == ("on_its_way", ["failed", "pending"])
    assert processor.sent_minor == [5000]


@pytest.mark.django_db(transaction=True)
def test_a_click_and_new_details_at_once_make_one_attempt(processor: FakeBanks) -> None:
    artisan = connected_artisan()
    payout = failed(processor, artisan)
    at_once(
        lambda: bank.retry_payout(payout_id=payout.pk, reason="Again.", now=NOW),
        lambda: bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW),
        lambda: bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW),
    )
    run_due(NOW)
    assert states(payout)[:2] == ("on_its_way", ["failed", "pending"])
    assert processor.sent_minor == [5000]


@pytest.mark.django_db(transaction=True)
def test_sent_by_several_at_once_it_goes_once(processor: FakeBanks) -> None:
    payout = transferred(connected_artisan(), processor=processor)
    at_once(*[lambda: bank.send_to_bank(payout_id=payout.pk, now=NOW)] * 4)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert (processor.sent_minor, told()) == ([5000], ["send_bank_paid"])
