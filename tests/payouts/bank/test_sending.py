"""A transferred payout goes to the bank once: asked for, refused, waiting, and what came back of it before."""

import pytest

from catalog.models import Artisan
from payments.contracts import ProcessorError
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payments.models import ProcessorRequest
from payouts.enums import PayoutStatus
from payouts.models import BankPayout, Payout, PayoutPolicy, PayoutSwitch
from payouts.services import bank
from payouts.services.bank.reasons import BankRefusal
from tests.payouts.bank.fake import ARRIVAL, BUSY, DISABLED, NO_MONEY, WORDLESS, FakeBanks, replace_account
from tests.payouts.bank.hub import DAY, HOUR, MINUTE, NOW, came_back, run_due, send, settle, states, told, transferred
from tests.payouts.hub import audited, connected_artisan

pytestmark = pytest.mark.django_db


def test_a_transferred_payout_is_sent_to_the_bank_whole(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, 5000, processor=processor)
    assert send(payout) == "on_its_way"
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    sent = BankPayout.objects.get()
    assert (sent.attempt, sent.amount_minor, sent.processor_payout_id, sent.arrival_date) == (1, 5000, "po_1", ARRIVAL)
    request = ProcessorRequest.objects.get(subject=sent.public_id)
    assert request.idempotency_key == f"create_payout:{sent.public_id}:1"
    assert request.body == {
        "bank_payout": sent.public_id, "account": payout.destination_account_id, "amount_minor": 5000,
        "currency": "EUR", "statement": "ARTISANS HUB", "trace_id": request.body["trace_id"],
    }  # fmt: skip
    assert audited(sent.public_id) == [("bank_payout.requested", "requested"), ("bank_payout.accepted", "requested")]
    assert told() == ["send_bank_paid"]

    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor, now=NOW + 3 * DAY)
    assert states(payout) == ("paid", ["paid"], ["succeeded"])
    assert payout.paid_at == NOW + 3 * DAY
    assert audited(sent.public_id)[2:] == [("bank_payout.paid", "succeeded")]
    assert [event.event for event in sent.events.order_by("id")] == ["accepted", "paid"]
    assert [event.event for event in payout.events.order_by("id")] == ["bank_requested", "bank_paid"]
    # One letter, whether it is told of twice or not.
    assert told() == ["send_bank_paid"]


def test_sent_again_by_a_repeated_task_it_stays_one(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    for _ in range(3):
        assert send(payout) == "on_its_way"
    assert processor.sent_minor == [5000]
    assert BankPayout.objects.count() == 1


def test_what_came_back_before_is_not_sent(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, 5000, processor=processor)
    came_back(payout, 1999, processor=processor)
    assert send(payout) == "on_its_way"
    assert processor.sent_minor == [3001]


def test_with_nothing_left_it_is_over_and_nothing_is_sent(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, 5000, processor=processor)
    came_back(payout, 5000, processor=processor)
    assert send(payout) == "brought_back"
    assert (processor.calls, BankPayout.objects.count()) == ([], 0)
    assert audited(payout.public_id) == [("payout.brought_back", "succeeded")]


def test_what_is_not_available_yet_is_looked_for_after_growing_pauses(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, 5000)
    assert send(payout) == "transferred"
    looked, at = [], NOW
    for _ in range(60 * 24):
        at += MINUTE
        if bank.look_after_bank_payouts(now=at):
            looked.append((at - NOW) // MINUTE)
    assert looked == [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1360]
    assert (processor.calls, told(), BankPayout.objects.count()) == (["balance"] * 11, [], 0)
    processor.came_in[payout.destination_account_id] += 5000
    assert bank.look_after_bank_payouts(now=at + 6 * HOUR) == 1
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])


def test_what_is_not_available_for_days_is_shown_to_staff_once(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan)
    send(payout, NOW + 3 * DAY)
    assert told() == []
    for days in (4, 5, 6):
        send(payout, NOW + days * DAY)
    assert told() == ["announce_long_wait"]


@pytest.mark.parametrize("silence", [BUSY], ids=["busy"])
def test_without_a_balance_it_waits(processor: FakeBanks, artisan: Artisan, silence: ProcessorError) -> None:
    payout = transferred(artisan, processor=processor)
    processor.balance_fails = [silence]
    assert send(payout) == "transferred"
    assert bank.look_after_bank_payouts(now=NOW + 6 * MINUTE) == 1
    assert states(payout)[0] == "on_its_way"


def test_refused_for_money_between_the_look_and_the_request_it_is_asked_for_again_and_nobody_is_bothered(
    processor: FakeBanks, artisan: Artisan
) -> None:
    payout = transferred(artisan, processor=processor)
    processor.refuse = lambda _: NO_MONEY
    assert send(payout) == "bank_failed"
    assert (payout_of(payout).failure_code, told()) == ("not_yet_available", [])
    assert run_due(NOW + 4 * MINUTE) == []
    processor.refuse = lambda _: None
    assert run_due(NOW + 5 * MINUTE) == ["ask_bank_again"]
    assert run_due(NOW + 5 * MINUTE) == ["send_bank_payout"]
    assert states(payout) == ("on_its_way", ["failed", "pending"], ["failed", "succeeded"])
    assert processor.sent_minor == [5000]
    # Each attempt has a key of its own; the refused one was looked for before.
    first, second = BankPayout.objects.order_by("attempt")
    assert [call for call in processor.calls if call != "balance"] == [
        f"create create_payout:{first.public_id}:1", f"find {first.public_id}",
        f"create create_payout:{second.public_id}:1",
    ]  # fmt: skip


REFUSALS = [
    (DISABLED, {}, BankRefusal.PAYOUTS_DISABLED),
    (WORDLESS, {"bank": None}, BankRefusal.NO_BANK_ACCOUNT),
    (WORDLESS, {"payouts_enabled": False}, BankRefusal.PAYOUTS_DISABLED),
    (WORDLESS, {"is_connected": False}, BankRefusal.ACCOUNT_GONE),
    (WORDLESS, {}, BankRefusal.REFUSED),
]


@pytest.mark.parametrize(("refusal", "account", "word"), REFUSALS, ids=lambda value: getattr(value, "value", None))
def test_a_refusal_is_kept_with_its_reason_and_told(
    processor: FakeBanks, artisan: Artisan, refusal: ProcessorError, account: dict[str, object], word: BankRefusal
) -> None:
    payout = transferred(artisan, processor=processor)
    processor.refuse = lambda _: refusal
    replace_account(processor, **account)
    assert send(payout) == "bank_failed"
    assert states(payout) == ("bank_failed", ["failed"], ["failed"])
    attempt = BankPayout.objects.get()
    assert (attempt.failure_code, payout.failure_code, attempt.processor_payout_id) == (word, word, None)
    assert audited(attempt.public_id)[1:] == [("bank_payout.refused", "failed")]
    assert told() == ["announce_bank_failure"]
    # It waits for somebody to do something.
    assert bank.look_after_bank_payouts(now=NOW + 2 * DAY) == 0
    assert processor.sent_minor == []


def test_paused_it_stays_where_it_is_and_goes_on_afterwards(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    switch = PayoutSwitch.objects.create(id=1, paused_at=NOW, paused_reason="A look first", updated_at=NOW)
    assert send(payout) == "transferred"
    switch.paused_at = None
    switch.save()
    policy = PayoutPolicy.objects.filter(artisan=artisan)
    if not policy.exists():
        PayoutPolicy.objects.create(artisan=artisan, hold_days=7, next_payout_date=NOW.date(), updated_at=NOW)
    policy.update(paused_at=NOW)
    assert bank.look_after_bank_payouts(now=NOW + 5 * MINUTE) == 1
    assert (states(payout)[0], processor.sent_minor) == ("transferred", [])
    policy.update(paused_at=None)
    assert bank.look_after_bank_payouts(now=NOW + 10 * MINUTE) == 1
    assert (states(payout)[0], processor.sent_minor) == ("on_its_way", [5000])


def test_what_came_back_of_a_payout_that_had_reached_the_bank_is_missing_from_the_next(
    processor: FakeBanks, artisan: Artisan
) -> None:
    first = transferred(artisan, 5000, processor=processor)
    send(first)
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    second = transferred(artisan, 4000, processor=processor)
    # Brought back of the first, and paid by the processor from the second's money, for it is one balance.
    came_back(first, 1500, processor=processor)
    assert send(second) == "on_its_way"
    assert processor.sent_minor == [5000, 2500]
    # The third is not charged for it once more.
    third = transferred(artisan, 1000, processor=processor)
    assert send(third) == "on_its_way"
    assert processor.sent_minor == [5000, 2500, 1000]


def test_more_came_back_than_the_next_payout_holds(processor: FakeBanks, artisan: Artisan) -> None:
    first = transferred(artisan, 5000, processor=processor)
    send(first)
    second = transferred(artisan, 1000, processor=processor)
    third = transferred(artisan, 800, processor=processor)
    came_back(first, 1300, processor=processor)
    assert send(second) == "brought_back"
    assert send(third) == "on_its_way"
    assert processor.sent_minor == [5000, 500]


def test_what_came_back_concerns_nobody_else(processor: FakeBanks, artisan: Artisan) -> None:
    first = transferred(artisan, 5000, processor=processor)
    send(first)
    came_back(first, 1300)
    other = transferred(connected_artisan(), 700, processor=processor)
    send(other)
    assert processor.sent_minor == [5000, 700]


def test_a_failure_of_the_bank_after_it_was_paid_is_followed(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.ACCOUNT_CLOSED)
    settle(processor, now=NOW + 2 * DAY)
    assert states(payout) == ("bank_failed", ["failed"], ["succeeded"])
    assert (payout.failure_code, payout.paid_at) == ("account_closed", None)
    attempt = BankPayout.objects.get()
    assert (attempt.failure_code, attempt.failure_message) == ("account_closed", "The bank says no.")
    assert told() == ["send_bank_paid", "announce_bank_failure"]
    assert audited(attempt.public_id)[-1] == ("bank_payout.failed", "failed")


def payout_of(payout: Payout) -> Payout:
    payout.refresh_from_db()
    assert payout.status in PayoutStatus
    return payout
