"""The processor's news of transfers, and what it holds that is not as we asked."""

import dataclasses
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.money import Money
from payments.contracts import ProcessorRefused
from payments.models import ProcessorRequest
from payouts import services
from payouts.contracts import TransferContradiction, TransferRun, UnknownTransfer
from payouts.enums import PayableStatus, TransferStatus
from payouts.models import Transfer
from tests.payouts.fake import LOST, FakeTransfers
from tests.payouts.hub import MINUTE, NOW, asked, audited, books, connected_artisan, released, run, states, the_transfer

pytestmark = pytest.mark.django_db


def test_the_news_may_come_before_the_answer(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)

    def news_overtake() -> None:
        processor.during = None
        request = ProcessorRequest.objects.get()
        made = processor.create_transfer(asked(request), idempotency_key=request.idempotency_key)
        services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=made.transfer_reference, now=NOW
        )

    processor.during = news_overtake
    assert run().succeeded == 1
    assert states() == ("transferred", "succeeded", "succeeded")
    assert the_transfer().events.count() == 1
    assert (len(processor.made), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_the_news_alone_settle_a_lost_answer_and_twice_is_once(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.after.append(LOST)
    run()
    transfer, [made] = the_transfer(), processor.made
    for reference in (transfer.public_id, None, transfer.public_id):
        settled = services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=reference, now=NOW
        )
        assert settled.status == TransferStatus.SUCCEEDED
    assert states() == ("transferred", "succeeded", "succeeded")
    assert [event for event, _ in audited(transfer.public_id)].count("transfer.succeeded") == 1
    assert run(NOW + 20 * MINUTE) == TransferRun(0, 0, 0, 0)


@pytest.mark.parametrize("reference", [None, "trf_somebody_elses"])
def test_somebody_elses_transfer_is_not_ours(processor: FakeTransfers, reference: str | None) -> None:
    with pytest.raises(UnknownTransfer):
        services.settle_transfer(processor_transfer_id="tr_9", transfer_reference=reference, now=NOW)
    assert processor.calls == []


def test_a_reference_that_the_look_up_does_not_confirm_is_not_ours(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 100), (connected_artisan(), 200)], now=NOW)
    processor.after.extend([LOST, LOST])
    run()
    first, second = Transfer.objects.order_by("id")
    other = next(found for found in processor.made if found.transfer_reference == second.public_id)
    with pytest.raises(UnknownTransfer):
        services.settle_transfer(
            processor_transfer_id=other.processor_transfer_id, transfer_reference=first.public_id, now=NOW
        )
    assert set(Transfer.objects.values_list("status", flat=True)) == {"unknown"}


@pytest.mark.parametrize(
    "changed",
    [{"amount": Money(1501, "EUR")}, {"amount": Money(1500, "USD")}, {"destination_account_id": "acct_other"}],
    ids=["amount", "currency", "destination"],
)
def test_what_is_not_as_asked_is_not_booked_and_raises_an_alarm(
    processor: FakeTransfers, changed: dict[str, Any]
) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.after.append(LOST)
    run()
    transfer, [(key, made)] = the_transfer(), processor.by_key.items()
    processor.by_key[key] = dataclasses.replace(made, **changed)  # type: ignore[type-var]
    with pytest.raises(TransferContradiction):
        services.settle_transfer(
            processor_transfer_id=processor.made[0].processor_transfer_id,
            transfer_reference=transfer.public_id,
            now=NOW,
        )
    assert run(NOW + MINUTE).unresolved == 1
    assert states() == ("transferring", "unknown", "unknown")
    assert books()["transfers_in_transit"] == 1500
    assert audited(transfer.public_id)[-1] == ("transfer.contradiction", "refused")


def test_a_second_object_under_our_reference_raises_an_alarm(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    run()
    transfer, [made] = the_transfer(), processor.made
    processor.by_key["by hand"] = dataclasses.replace(made, processor_transfer_id="tr_twin")
    with pytest.raises(TransferContradiction):
        services.settle_transfer(processor_transfer_id="tr_twin", transfer_reference=transfer.public_id, now=NOW)
    assert the_transfer().processor_transfer_id == made.processor_transfer_id
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_what_came_back_and_is_not_listed_raises_an_alarm(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    run()
    [(key, made)] = processor.by_key.items()
    processor.by_key[key] = dataclasses.replace(made, reversed_amount=Money(500, "EUR"))  # type: ignore[type-var]
    with pytest.raises(TransferContradiction, match=r"€5\.00"):
        services.settle_transfer(
            processor_transfer_id=processor.made[0].processor_transfer_id, transfer_reference=None, now=NOW
        )


def test_money_found_after_a_refusal_is_booked_and_not_sent_again(processor: FakeTransfers) -> None:
    """It should never happen; if it does, the books follow the money."""
    released([(connected_artisan(), 1500)], now=NOW)
    processor.before.append(ProcessorRefused("no", processor_code="account_invalid"))
    assert run().refused == 1
    transfer = the_transfer()
    request = ProcessorRequest.objects.get()
    made = processor.create_transfer(asked(request), idempotency_key="late")
    services.settle_transfer(
        processor_transfer_id=made.processor_transfer_id, transfer_reference=transfer.public_id, now=NOW
    )
    assert states()[0] == PayableStatus.TRANSFERRED
    assert books() == {"stripe_clearing": 100, "commission": 100}
    assert run(NOW + 60 * MINUTE) == TransferRun(0, 0, 0, 0)


def test_money_found_after_a_refusal_whose_shares_were_paid_again_raises_an_alarm(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    processor.before.append(ProcessorRefused("no", processor_code="account_invalid"))
    run()
    refused = the_transfer()
    assert run(NOW + 60 * MINUTE).succeeded == 1
    made = processor.create_transfer(asked(ProcessorRequest.objects.earliest("id")), idempotency_key="late")
    with pytest.raises(TransferContradiction, match="transferred to the artisan"):
        services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=refused.public_id, now=NOW
        )
    assert audited(refused.public_id)[-1] == ("transfer.contradiction", "refused")
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_a_payout_has_one_transfer(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    run()
    transfer = the_transfer()
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.create(
            public_id="trf_twin", payout=transfer.payout, processor="stripe", destination_account_id="acct_1",
            amount_minor=1500, currency="EUR", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
