"""A process that dies at any step of a transfer: the next one finishes it, and it is sent exactly once."""

import pytest

from payments.services.outgoing import LEASE
from payouts.contracts import TransferRun
from payouts.models import Payout, PayoutRun
from tests.payouts.fake import INSUFFICIENT, FakeTransfers, Killed, killed_in
from tests.payouts.hub import MINUTE, NOW, books, connected_artisan, released, run, states

pytestmark = pytest.mark.django_db


STEPS = [
    ("payouts.services.run", "start_run", True),
    ("payouts.services.compose", "_next_artisans", True),
    ("payouts.services.compose", "_sums", True),
    ("payouts.services.compose", "_write", True),
    ("payouts.services.books", "post", True),
    ("payouts.services.run", "compose_chunk", True),
    ("payouts.services.run", "send_unsent", False),
    ("payouts.services.send", "_carry_out", False),
    ("payouts.services.send", "record_all_carried_out", False),
    ("payouts.services.record_many", "_record", False),
    ("payments.services", "finish_all_succeeded", True),
    ("payouts.services.record_many", "_record", True),
    ("payouts.services.send", "record_all_carried_out", True),
    ("payouts.services.run", "_finish", False),
    ("payouts.services.run", "_finish", True),
]


@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_killed_after_any_step_it_is_sent_exactly_once(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch, module: str, name: str, after: bool
) -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    revive = killed_in(monkeypatch, module, name, after=after)
    # What a step had committed stays, the step that dies leaves nothing: each is one atomic block.
    with pytest.raises(Killed):
        run()
    revive()
    for minutes in (1, 2, 3):
        run(NOW + minutes * MINUTE)
    assert states() == ("transferred", "succeeded", "succeeded")
    assert len(processor.made) == 1
    assert books() == {"stripe_clearing": 100, "commission": 100}
    assert (Payout.objects.count(), set(PayoutRun.objects.values_list("status", flat=True))) == (1, {"done"})


@pytest.mark.parametrize("after", [False, True], ids=["before the processor did it", "after the processor did it"])
def test_killed_while_the_call_is_out_it_is_sent_exactly_once(processor: FakeTransfers, after: bool) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    (processor.after if after else processor.before).append(Killed())
    with pytest.raises(Killed):
        run()
    assert states() == ("transferring", "requested", "prepared")
    assert books()["transfers_in_transit"] == 1500
    # Until the lease is over it may still be under way in the other process.
    assert run(NOW + LEASE / 2) == TransferRun(0, 0, 0, 0)
    assert run(NOW + MINUTE).succeeded == 1
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_killed_while_a_refusal_is_recorded_it_is_asked_again(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch
) -> None:
    artisan = connected_artisan()
    released([(artisan, 1500)], now=NOW)
    processor.refuse = lambda _: INSUFFICIENT
    revive = killed_in(monkeypatch, "payouts.services.books", "book_failure", after=False)
    with pytest.raises(Killed):
        run()
    revive()
    assert books()["transfers_in_transit"] == 1500
    assert run(NOW + MINUTE).refused == 1
    assert books()[f"seller_payable:{artisan.public_id}"] == 1500
