"""What artisans and staff are told about payouts to banks: plain words, the amount, the next step, once."""

from typing import Any

import pytest

from catalog.models import Artisan
from common.models import OutboxMessage
from identity.models import User
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payouts.emails import letters_bank
from payouts.models import BankPayout, Payout, PayoutItem
from payouts.services.bank.reasons import BankRefusal, NextStep, codes_of, reason_of
from tests.payouts.bank.fake import DISABLED, FakeBanks
from tests.payouts.bank.hub import DAY, NOW, came_back, send, settle, transferred
from tests.payouts.hub import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("boss@example.org", "a good long password")


def halves(letter: Any) -> tuple[str, str]:
    """The plain text and the HTML."""
    return letter.body, letter.alternatives[0][0]


def test_every_reason_says_what_happened_and_what_to_do() -> None:
    every = [*(failure for failure in PayoutFailure if failure), *BankRefusal]
    for code in every:
        reason = reason_of(code)
        assert (reason.code, reason.happened) == (code, code.label)
        assert reason.to_do.endswith(".")
        assert reason.step in NextStep
        # What the artisan has to change is said so, and nobody is sent away who need not do anything.
        assert reason.is_artisans == reason.to_do.startswith("Please")
    assert set(codes_of(NextStep.DETAILS)) == {
        *(set(PayoutFailure) - {
            PayoutFailure.NONE, PayoutFailure.OTHER, PayoutFailure.NOT_PROCESSED, PayoutFailure.INSUFFICIENT_FUNDS
        }),
        BankRefusal.NO_BANK_ACCOUNT, BankRefusal.BANK_UNUSABLE,
    }  # fmt: skip
    assert reason_of("something new").step is NextStep.STAFF


def test_the_artisan_reads_what_arrives_when_and_what_it_contains(
    processor: FakeBanks, artisan: Artisan, mailoutbox: list[Any]
) -> None:
    payables = released([(artisan, 3000)], now=NOW) + released([(artisan, 2000)], now=NOW)
    payout = transferred(artisan, 5000, processor=processor)
    for payable in payables:
        PayoutItem.objects.create(payout=payout, payable=payable, amount_minor=payable.amount_minor)
    came_back(payout, 1250, processor=processor)
    send(payout)
    letters_bank.send_bank_paid(bank_payout_id=BankPayout.objects.get().pk)
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == (
        [artisan.owner.email], "€37.50 on the way to your bank, arriving on 24 November 2026",
    )  # fmt: skip
    for half in halves(letter):
        for words in ("€37.50", "24 November 2026", "€30.00", "€20.00", "€12.50", payout.public_id, "ARTISANS HUB"):
            assert words in half
        assert all(payable.order_reference in half for payable in payables)


@pytest.mark.parametrize(
    ("why", "words", "is_theirs"),
    [
        (PayoutFailure.ACCOUNT_CLOSED, "because the bank account has been closed", True),
        (PayoutFailure.HOLDER_NAME_WRONG, "because the account holder's name does not match", True),
        (PayoutFailure.NOT_PROCESSED, "because the bank could not process the payment", False),
    ],
)
def test_the_artisan_reads_why_it_did_not_arrive_and_what_to_do(
    processor: FakeBanks, artisan: Artisan, mailoutbox: list[Any], why: PayoutFailure, words: str, is_theirs: bool
) -> None:
    send(transferred(artisan, 5000, processor=processor))
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=why)
    settle(processor)
    letters_bank.send_bank_failure(bank_payout_id=BankPayout.objects.get().pk)
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == ([artisan.owner.email], "Your payout of €50.00 did not reach your bank")
    for half in halves(letter):
        assert words in half.replace("&#x27;", "'")
        assert "is not lost" in half
        assert ("/selling/getting-paid/" in half) == is_theirs
        assert ("You need not do anything" in half) != is_theirs


def test_staff_read_whether_they_have_to_do_something(
    processor: FakeBanks, artisan: Artisan, staff: User, mailoutbox: list[Any]
) -> None:
    payout = transferred(artisan, 5000, processor=processor)
    processor.refuse = lambda _: DISABLED
    send(payout)
    attempt = BankPayout.objects.get()
    queued = announced(lambda: letters_bank.announce_bank_failure(bank_payout_id=attempt.pk))
    assert queued == [
        ("send_bank_failure", {"bank_payout_id": attempt.pk}),
        ("send_bank_failure_to_staff", {"bank_payout_id": attempt.pk, "user_id": staff.pk}),
    ]
    letters_bank.send_bank_failure_to_staff(bank_payout_id=attempt.pk, user_id=staff.pk)
    BankPayout.objects.update(failure_code=PayoutFailure.NOT_PROCESSED)
    letters_bank.send_bank_failure_to_staff(bank_payout_id=attempt.pk, user_id=staff.pk)
    waits, acts = mailoutbox
    assert waits.to == ["boss@example.org"]
    for letter, words in ((waits, "sent again by itself"), (acts, "Somebody has to look at it")):
        assert all(words in half and f"/admin/payouts/payout/{payout.pk}/" in half for half in halves(letter))


def test_staff_read_of_what_waits_and_of_what_is_late(
    processor: FakeBanks, artisan: Artisan, staff: User, mailoutbox: list[Any]
) -> None:
    waiting = transferred(artisan, 700)
    late = transferred(artisan, 5000, processor=processor)
    send(late)
    attempt = BankPayout.objects.get()
    assert announced(lambda: letters_bank.announce_long_wait(payout_id=waiting.pk)) == [
        ("send_long_wait", {"payout_id": waiting.pk, "user_id": staff.pk})
    ]
    assert announced(lambda: letters_bank.announce_late_bank_payout(bank_payout_id=attempt.pk)) == [
        ("send_late_bank_payout", {"bank_payout_id": attempt.pk, "user_id": staff.pk})
    ]
    letters_bank.send_long_wait(payout_id=waiting.pk, user_id=staff.pk)
    letters_bank.send_late_bank_payout(bank_payout_id=attempt.pk, user_id=staff.pk)
    first, second = mailoutbox
    assert all(waiting.destination_account_id in half and "€7.00" in half for half in halves(first))
    assert all("po_1" in half and "24 November 2026" in half for half in halves(second))


def announced(ask: Any) -> list[tuple[str, dict[str, int]]]:
    """What is queued by it, and again by asking twice: the same, once."""
    before = set(OutboxMessage.objects.values_list("id", flat=True))
    for _ in range(2):
        ask()
    return [
        (message.task.removeprefix("payouts.tasks."), message.kwargs)
        for message in OutboxMessage.objects.exclude(id__in=before).order_by("id")
    ]


def failed(processor: FakeBanks, artisan: Artisan) -> Payout:
    payout = transferred(artisan, 5000, processor=processor)
    send(payout)
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.ACCOUNT_CLOSED)
    settle(processor, now=NOW + DAY)
    return payout


def test_a_letter_says_what_was_true_of_its_own_attempt(
    processor: FakeBanks, artisan: Artisan, mailoutbox: list[Any]
) -> None:
    payout = failed(processor, artisan)
    came_back(payout, 1000, processor=processor)
    letters_bank.send_bank_failure(bank_payout_id=BankPayout.objects.get().pk)
    assert mailoutbox[0].subject == "Your payout of €50.00 did not reach your bank"
