"""Answers that never came, processes that died, news that came early, twice, late or never: one payout, not two."""

from importlib import import_module
from typing import Any

import pytest

from catalog.models import Artisan
from payments.contracts import OutcomeUnknown, ProcessorRefused
from payments.enums import PayoutFailure, ProcessorPayoutStatus
from payments.models import ProcessorRequest
from payments.services.outgoing import LEASE
from payouts.models import BankPayout
from payouts.services import bank
from tests.payouts.bank.fake import BUSY, DISABLED, LOST, FakeBanks
from tests.payouts.bank.hub import DAY, HOUR, MINUTE, NOW, run_due, send, settle, states, told, transferred
from tests.payouts.fake import Killed, killed_in
from tests.payouts.hub import audited

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lost", [LOST, OutcomeUnknown("500", processor_code="api_error")], ids=["time-out", "500"])
@pytest.mark.parametrize("after", [False, True], ids=["before it was made", "after it was made"])
def test_an_answer_that_was_lost_is_looked_up_and_it_is_sent_once(
    processor: FakeBanks, artisan: Artisan, lost: OutcomeUnknown, after: bool
) -> None:
    payout = transferred(artisan, processor=processor)
    (processor.after if after else processor.before).append(lost)
    assert send(payout) == "on_its_way"
    assert states(payout) == ("on_its_way", ["unknown"], ["unknown"])
    attempt = BankPayout.objects.get()
    assert audited(attempt.public_id)[1:] == [("bank_payout.unknown", "unknown")]
    # Not before the pause is over, and first it is looked for.
    assert bank.look_after_bank_payouts(now=NOW) == 0
    assert bank.look_after_bank_payouts(now=NOW + MINUTE) == 1
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert processor.sent_minor == [5000]
    key = f"create create_payout:{attempt.public_id}:1"
    found = [f"find {attempt.public_id}"] if after else [f"find {attempt.public_id}", key]
    assert processor.calls == ["balance", key, *found]


def test_an_answer_that_stays_lost_is_never_asked_for_afresh(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    processor.after = [LOST]
    processor.lookup_fails = [LOST] * 4
    send(payout)
    for minutes in (1, 2, 4, 8):
        bank.look_after_bank_payouts(now=NOW + minutes * MINUTE)
        assert states(payout) == ("on_its_way", ["unknown"], ["unknown"])
    bank.look_after_bank_payouts(now=NOW + 20 * MINUTE)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert [call for call in processor.calls if call.startswith("create")] == [
        f"create create_payout:{BankPayout.objects.get().public_id}:1"
    ]


def test_a_look_up_that_is_refused_is_no_refusal_of_the_payout(processor: FakeBanks, artisan: Artisan) -> None:
    """The artisan has withdrawn our access meanwhile; the money is on its way to the bank all the same."""
    payout = transferred(artisan, processor=processor)
    processor.after = [LOST]
    send(payout)
    processor.lookup_fails = [ProcessorRefused("gone", processor_code="account_invalid")]
    bank.look_after_bank_payouts(now=NOW + MINUTE)
    assert states(payout) == ("on_its_way", ["unknown"], ["unknown"])
    assert told() == []
    bank.look_after_bank_payouts(now=NOW + 10 * MINUTE)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert processor.sent_minor == [5000]


def test_a_stored_500_gets_a_new_key_only_after_it_was_looked_for(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    stored = OutcomeUnknown("500", processor_code="api_error")
    processor.refuse = lambda _: stored
    send(payout)
    for hours in (1, 2):
        bank.look_after_bank_payouts(now=NOW + hours * HOUR)
    processor.refuse = lambda _: None
    bank.look_after_bank_payouts(now=NOW + 5 * HOUR)
    assert states(payout)[:2] == ("on_its_way", ["pending"])
    reference = BankPayout.objects.get().public_id
    keys = [call.split()[1] for call in processor.calls if call.startswith("create")]
    assert set(keys) == {f"create_payout:{reference}:1", f"create_payout:{reference}:2"}
    assert processor.calls[-2:] == [f"find {reference}", f"create create_payout:{reference}:2"]
    assert processor.sent_minor == [5000]


def test_too_busy_is_no_answer_lost_and_no_refusal(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    processor.before = [BUSY]
    send(payout)
    assert states(payout) == ("on_its_way", ["requested"], ["unknown"])
    bank.look_after_bank_payouts(now=NOW + MINUTE)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert told() == ["send_bank_paid"]


def test_the_news_may_come_before_our_answer_and_again_and_again(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    processor.during = lambda: None
    processor.after = [LOST]
    send(payout)
    processor.becomes(ProcessorPayoutStatus.PAID)
    for days in (1, 2):
        settle(processor, now=NOW + days * DAY)
    assert states(payout) == ("paid", ["paid"], ["succeeded"])
    # What the sweeper or the answer itself bring afterwards changes nothing.
    bank.look_after_bank_payouts(now=NOW + 2 * DAY)
    assert states(payout) == ("paid", ["paid"], ["succeeded"])
    assert payout.paid_at == NOW + DAY
    attempt = BankPayout.objects.get()
    assert [event.event for event in attempt.events.order_by("id")] == ["answer_lost", "paid"]
    assert [event.event for event in payout.events.order_by("id")] == ["bank_requested", "bank_paid"]


def test_the_news_of_a_failure_may_come_while_the_call_is_out(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    create = processor.create_payout

    def slowly(*args: Any, **kwargs: Any) -> Any:
        answer = create(*args, **kwargs)
        processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.NUMBER_INVALID)
        settle(processor)
        # The answer was written before it failed, and comes after.
        return answer

    processor.create_payout = slowly  # type: ignore[method-assign]
    send(payout)
    assert states(payout) == ("bank_failed", ["failed"], ["succeeded"])
    assert payout.failure_code == "number_invalid"
    assert told() == ["announce_bank_failure"]


def test_news_in_the_wrong_order_end_the_same(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    old = processor.made[0]
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    # A look-up that had read it before it was paid ends after the one that had not.
    import_module("payouts.services.bank.record").record_found(found=old, now=NOW + MINUTE)
    assert states(payout)[:2] == ("paid", ["paid"])


def test_without_any_news_the_sweeper_finds_out_with_growing_pauses(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    looked, at = [], NOW
    while at < NOW + 1 * DAY:
        at += 5 * MINUTE
        if bank.look_after_bank_payouts(now=at):
            looked.append((at - NOW) // MINUTE)
    assert looked == [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1360]
    processor.becomes(ProcessorPayoutStatus.PAID)
    assert bank.look_after_bank_payouts(now=at + 6 * HOUR) == 1
    assert states(payout)[:2] == ("paid", ["paid"])
    assert bank.look_after_bank_payouts(now=at + 12 * HOUR) == 0


def test_one_that_came_back_later_is_found_without_any_news(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    processor.becomes(ProcessorPayoutStatus.PAID)
    settle(processor)
    processor.becomes(ProcessorPayoutStatus.FAILED, failure=PayoutFailure.ACCOUNT_CLOSED)
    assert "ask_after_bank_payout" not in run_due(NOW + 7 * DAY)
    assert "ask_after_bank_payout" in run_due(NOW + 8 * DAY)
    assert states(payout)[:2] == ("bank_failed", ["failed"])


def test_one_that_is_late_is_shown_to_staff_once(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    for days in (1, 2, 6):
        bank.look_after_bank_payouts(now=NOW + days * DAY)
    assert told() == ["send_bank_paid"]
    for days in (7, 8):
        assert bank.look_after_bank_payouts(now=NOW + days * DAY) == 1
    assert told() == ["send_bank_paid", "announce_late_bank_payout"]
    assert states(payout)[0] == "on_its_way"


def test_one_that_somebody_called_off_at_the_processor_has_failed(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    processor.becomes(ProcessorPayoutStatus.CANCELED)
    settle(processor)
    assert states(payout) == ("bank_failed", ["canceled"], ["succeeded"])
    assert (payout.failure_code, told()) == ("canceled", ["send_bank_paid", "announce_bank_failure"])


def test_what_is_not_ours_or_not_as_we_asked_is_said_so(processor: FakeBanks, artisan: Artisan) -> None:
    payout = transferred(artisan, processor=processor)
    send(payout)
    attempt = BankPayout.objects.get()
    known = {"processor_payout_id": "po_1", "processor_account_id": payout.destination_account_id}
    for wrong in (
        {**known, "processor_payout_id": "po_9"},
        {**known, "processor_account_id": "acct_other", "bank_payout_reference": attempt.public_id},
    ):
        with pytest.raises(bank.UnknownBankPayout):
            bank.settle_bank_payout(**wrong, now=NOW)
    # Under our reference, and another one.
    processor.by_key["by hand"] = processor.made[0].__class__(
        "po_2", attempt.public_id, payout.destination_account_id, attempt.amount, ProcessorPayoutStatus.PAID, None
    )
    with pytest.raises(bank.BankPayoutContradiction):
        settle(processor)
    assert audited(attempt.public_id)[-1] == ("bank_payout.contradiction", "refused")
    assert states(payout)[:2] == ("on_its_way", ["pending"])


def test_a_payout_that_the_processor_does_not_know_any_more_is_asked_after_ever_more_rarely(
    processor: FakeBanks, artisan: Artisan
) -> None:
    send(transferred(artisan, processor=processor))
    processor.lookup_fails = [ProcessorRefused("none", processor_code="resource_missing")] * 2
    for minutes in (5, 10):
        assert bank.look_after_bank_payouts(now=NOW + minutes * MINUTE) == 0
    assert bank.look_after_bank_payouts(now=NOW + 19 * MINUTE) == 0
    assert len([call for call in processor.calls if call.startswith("retrieve")]) == 2
    assert bank.look_after_bank_payouts(now=NOW + 20 * MINUTE) == 1


STEPS = [
    ("send", "_is_available", True),
    ("send", "lock_payout", True),
    ("request", "_prepare", True),
    ("request", "move_payout", True),
    ("send", "_request_first", True),
    ("send", "record_found", False),
    ("record", "move_bank_payout", True),
    ("record", "_tell_success", True),
    ("send", "record_found", True),
]


@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=str)
def test_killed_after_any_step_it_is_sent_exactly_once(
    processor: FakeBanks, artisan: Artisan, monkeypatch: pytest.MonkeyPatch, module: str, name: str, after: bool
) -> None:
    payout = transferred(artisan, processor=processor)
    revive = killed_in(monkeypatch, f"payouts.services.bank.{module}", name, after=after)
    with pytest.raises(Killed):
        send(payout)
    revive()
    for minutes in (1, 5, 6, 7):
        bank.look_after_bank_payouts(now=NOW + minutes * MINUTE)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert (processor.sent_minor, told()) == ([5000], ["send_bank_paid"])


@pytest.mark.parametrize("after", [False, True], ids=["before the processor did it", "after the processor did it"])
def test_killed_while_the_call_is_out_it_is_sent_exactly_once(
    processor: FakeBanks, artisan: Artisan, after: bool
) -> None:
    payout = transferred(artisan, processor=processor)
    (processor.after if after else processor.before).append(Killed())
    with pytest.raises(Killed):
        send(payout)
    assert states(payout) == ("on_its_way", ["requested"], ["prepared"])
    # Until the lease is over it may still be under way in the other process.
    assert bank.look_after_bank_payouts(now=NOW + LEASE / 2) == 0
    assert bank.look_after_bank_payouts(now=NOW + MINUTE) == 1
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    assert processor.sent_minor == [5000]


@pytest.mark.parametrize("name", ["move_bank_payout", "_fail", "_audit"])
def test_killed_while_a_refusal_is_recorded_it_is_refused_once(
    processor: FakeBanks, artisan: Artisan, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    payout = transferred(artisan, processor=processor)
    processor.refuse = lambda _: DISABLED
    revive = killed_in(monkeypatch, "payouts.services.bank.record", name, after=True)
    with pytest.raises(Killed):
        send(payout)
    revive()
    assert states(payout)[:2] == ("on_its_way", ["requested"])
    bank.look_after_bank_payouts(now=NOW + MINUTE)
    assert states(payout) == ("bank_failed", ["failed"], ["failed"])
    assert told() == ["announce_bank_failure"]
    assert ProcessorRequest.objects.filter(kind="create_payout").count() == 1
