"""An attempt that was recorded as refused is at the processor after all: in any order of news it is sent once."""

import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core import mail
from django.db import connection

from catalog.models import Artisan
from common.models import OutboxMessage
from common.money import Money
from payments.contracts import PayoutFound
from payments.enums import ProcessorPayoutStatus
from payouts.models import BankPayout, Payout
from payouts.services import bank
from payouts.tasks import send_bank_find
from reconciliation.selectors.bank_payouts import RULES
from tests.orders.shop import new_user
from tests.payouts.bank.fake import ARRIVAL, BUSY, DISABLED, LOST, FakeBanks
from tests.payouts.bank.hub import DAY, HOUR, MINUTE, NOW, run_due, send, settle, states, told, transferred
from tests.payouts.hub import audited, connected_artisan
from tests.payouts.test_races import at_once

pytestmark = pytest.mark.django_db
PENDING, PAID = ProcessorPayoutStatus.PENDING, ProcessorPayoutStatus.PAID
# About when something was looked at last; these tests have a time of their own.
BY_THE_CLOCK = "a payout that has not reached a bank is being seen to"


def refused(processor: FakeBanks, artisan: Artisan) -> Payout:
    processor.refuse = lambda _: DISABLED
    payout = transferred(artisan, processor=processor)
    send(payout)
    processor.refuse = lambda _: None
    assert states(payout) == ("bank_failed", ["failed"], ["failed"])
    return payout


def turns_up(processor: FakeBanks, payout: Payout, status: ProcessorPayoutStatus = PENDING) -> PayoutFound:
    """The first attempt is at the processor, although it had answered that it would not do it."""
    first = payout.bank_payouts.get(attempt=1)
    found = PayoutFound("po_lost", first.public_id, first.processor_account_id, first.amount, status, ARRIVAL)
    processor.by_key[f"create_payout:{first.public_id}:1"] = found
    return found


def retried(payout: Payout) -> None:
    bank.retry_payout(payout_id=payout.pk, reason="Again, please.", now=NOW + DAY)


def broken_rules() -> list[str]:
    broken = []
    with connection.cursor() as cursor:
        for name, rule in RULES.items():
            cursor.execute(rule)
            broken += [name] if name != BY_THE_CLOCK and cursor.fetchall() else []
    return broken


@pytest.mark.parametrize(("status", "ends"), [(PENDING, ("on_its_way", "pending")), (PAID, ("paid", "paid"))])
def test_news_of_it_make_it_the_payouts_attempt_again(
    processor: FakeBanks, artisan: Artisan, status: ProcessorPayoutStatus, ends: tuple[str, str]
) -> None:
    payout = refused(processor, artisan)
    turns_up(processor, payout, status)
    for _ in range(2):
        settle(processor, which=-1)
    assert states(payout) == (ends[0], [ends[1]], ["failed"])
    attempt = BankPayout.objects.get()
    assert (attempt.processor_payout_id, attempt.failure_code, payout.failure_code) == ("po_lost", "", "")
    assert ("bank_payout.adopted", "requested") in audited(attempt.public_id)
    assert attempt.events.filter(event="found_after_refusal").count() == 1
    assert told() == ["announce_bank_failure", "send_bank_paid", "announce_bank_find"]
    assert broken_rules() == []
    with pytest.raises(bank.RetryRefused):
        retried(payout)
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=NOW + DAY) == 0
    assert processor.sent_minor == [5000]


def test_a_retry_looks_for_it_first_and_gives_way_to_it(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    turns_up(processor, payout)
    retried(payout)
    run_due(NOW + DAY)
    assert states(payout) == ("on_its_way", ["pending", "failed"], ["failed", "failed"])
    assert BankPayout.objects.get(attempt=2).failure_code == "superseded"
    assert processor.sent_minor == [5000]
    assert broken_rules() == []
    processor.becomes(PAID)
    settle(processor)
    assert states(payout)[:2] == ("paid", ["paid", "failed"])
    assert broken_rules() == []


def test_news_of_it_while_a_retry_waits_to_be_sent_wait_for_the_retry(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    retried(payout)
    turns_up(processor, payout)
    with pytest.raises(bank.BankPayoutContradiction):
        settle(processor)
    assert "announce_bank_find" not in told()
    run_due(NOW + DAY)
    assert states(payout)[:2] == ("on_its_way", ["pending", "failed"])
    settle(processor)
    assert (processor.sent_minor, states(payout)[0]) == ([5000], "on_its_way")


def test_after_a_retry_was_sent_staff_are_told_in_plain_words_and_nothing_is_changed(
    processor: FakeBanks, artisan: Artisan
) -> None:
    payout = refused(processor, artisan)
    processor.came_in[payout.destination_account_id] += 5000
    retried(payout)
    run_due(NOW + DAY)
    turns_up(processor, payout)
    for _ in range(2):
        with pytest.raises(bank.BankPayoutContradiction, match="meanwhile"):
            settle(processor, which=0)
    assert states(payout)[:2] == ("on_its_way", ["failed", "pending"])
    first = BankPayout.objects.get(attempt=1)
    assert OutboxMessage.objects.filter(task="payouts.tasks.announce_bank_find").count() == 1
    send_bank_find(bank_payout_id=first.pk, user_id=new_user().pk, is_twice=True)
    [letter] = mail.outbox
    assert "may have been sent to the bank twice" in letter.subject
    assert f"attempt 2 of €50.00 was sent as {BankPayout.objects.get(attempt=2).processor_payout_id}" in letter.body


def looked_for(processor: FakeBanks) -> list[str]:
    """What was looked for since the last time."""
    calls = [call for call in processor.calls if call.startswith("find ")]
    processor.calls.clear()
    return calls


def test_without_news_and_without_a_retry_it_is_found_within_a_day(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    turns_up(processor, payout)
    looked_for(processor)
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY - MINUTE) == 0
    assert looked_for(processor) == []
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY) == 1
    assert states(payout) == ("on_its_way", ["pending"], ["failed"])
    assert told() == ["announce_bank_failure", "send_bank_paid", "announce_bank_find"]
    assert broken_rules() == []
    assert bank.look_for_refused_bank_payouts(now=NOW + 3 * DAY) == 0


def test_what_is_not_there_is_looked_for_once_a_day_for_thirty_days(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    looked_for(processor)
    hours = [hour for hour in range(0, 40 * 24, 6) if bank.look_for_refused_bank_payouts(now=NOW + hour * HOUR)]
    assert hours == [24 * day for day in range(1, 30)]
    assert len(looked_for(processor)) == 29
    assert states(payout)[:2] == ("bank_failed", ["failed"])


def test_one_that_failed_there_too_stays_as_it_is(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    turns_up(processor, payout, ProcessorPayoutStatus.CANCELED)
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY) == 1
    assert states(payout)[:2] == ("bank_failed", ["failed"])


def test_many_are_looked_for_in_sets_and_an_odd_one_keeps_nobody_waiting(processor: FakeBanks) -> None:
    odd, *others = [refused(processor, connected_artisan()) for _ in range(5)]
    for payout in others:
        turns_up(processor, payout)
    first = odd.bank_payouts.get()
    processor.by_key["odd"] = PayoutFound(
        "po_odd", first.public_id, first.processor_account_id, Money(1, "EUR"), PENDING, ARRIVAL
    )
    for number, payout in enumerate(others):
        key = f"create_payout:{payout.bank_payouts.get().public_id}:1"
        processor.by_key[key] = replace(turns_up(processor, payout), processor_payout_id=f"po_{number}_lost")
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY, limit=2) == 5
    assert [states(payout)[0] for payout in (odd, *others)] == ["bank_failed", *["on_its_way"] * 4]


def test_a_processor_that_does_not_answer_is_asked_again_in_the_next_turn(processor: FakeBanks) -> None:
    payouts = [refused(processor, connected_artisan()) for _ in range(4)]
    looked_for(processor)
    processor.lookup_fails = [LOST, BUSY, LOST]
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY) == 0
    assert len(looked_for(processor)) == 3
    assert bank.look_for_refused_bank_payouts(now=NOW + DAY) == 4
    assert {states(payout)[0] for payout in payouts} == {"bank_failed"}


def test_what_was_retried_is_not_looked_for_beside_the_retry(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    retried(payout)
    run_due(NOW + DAY)
    assert states(payout)[0] == "on_its_way"
    looked_for(processor)
    assert bank.look_for_refused_bank_payouts(now=NOW + 2 * DAY) == 0
    assert looked_for(processor) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_news_retries_and_workers_at_once_send_it_once(processor: FakeBanks, artisan: Artisan) -> None:
    payout = refused(processor, artisan)
    turns_up(processor, payout)

    def may_be_refused(work: Callable[[], object]) -> Callable[[], None]:
        def go() -> None:
            with contextlib.suppress(bank.RetryRefused, bank.BankPayoutContradiction):
                work()

        return go

    at_once(
        may_be_refused(lambda: settle(processor)),
        may_be_refused(lambda: retried(payout)),
        may_be_refused(lambda: settle(processor)),
        may_be_refused(lambda: bank.look_after_bank_payouts(now=NOW + DAY)),
    )
    run_due(NOW + DAY)
    bank.look_after_bank_payouts(now=NOW + 2 * DAY)
    settle(processor)
    assert processor.sent_minor == [5000]
    status, attempts, _ = states(payout)
    assert (status, attempts[0], set(attempts[1:]) <= {"failed"}) == ("on_its_way", "pending", True)
    assert broken_rules() == []
