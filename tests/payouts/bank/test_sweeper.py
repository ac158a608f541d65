"""One payout on which the sweeper fails does not keep the others from their turn."""

import datetime as dt
from dataclasses import replace
from importlib import import_module

import pytest

from catalog.models import Artisan
from payments.enums import ProcessorPayoutStatus
from payouts.models import BankPayout
from payouts.services import bank
from tests.payouts.bank.fake import FakeBanks
from tests.payouts.bank.hub import MINUTE, NOW, send, states, transferred
from tests.payouts.hub import connected_artisan

pytestmark = pytest.mark.django_db


def test_one_whose_name_was_taken_off_at_the_processor_keeps_nobody_waiting(
    processor: FakeBanks, artisan: Artisan
) -> None:
    """Somebody edited its metadata in the processor's dashboard: what is found says nothing of us any more."""
    odd, other = (transferred(one, processor=processor) for one in (artisan, connected_artisan()))
    for payout in (odd, other):
        send(payout)
    processor.becomes(ProcessorPayoutStatus.PAID, which=1)
    key = f"create_payout:{BankPayout.objects.get(payout=odd).public_id}:1"
    processor.by_key[key] = replace(processor.made[0], payout_reference="")
    bank.look_after_bank_payouts(now=NOW + 5 * MINUTE)
    assert states(other)[0] == "paid"
    assert states(odd)[0] == "on_its_way"


def test_one_that_cannot_be_sent_on_keeps_nobody_waiting(
    processor: FakeBanks, artisan: Artisan, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = (transferred(one, processor=processor) for one in (artisan, connected_artisan()))

    def send_to_bank(*, payout_id: int, now: dt.datetime) -> str:
        if payout_id == broken.pk:
            raise ValueError("a defect")
        return bank.send_to_bank(payout_id=payout_id, now=now)

    monkeypatch.setattr(import_module("payouts.services.bank.look_after"), "send_to_bank", send_to_bank)
    with pytest.raises(ValueError, match="a defect"):
        bank.look_after_bank_payouts(now=NOW + 5 * MINUTE)
    assert states(other)[0] == "on_its_way"
