"""News of payouts from artisans' accounts to their banks: ours are settled, others are kept and left alone."""

from collections.abc import Callable
from typing import Any

import pytest

from common import clock
from common.ids import new_public_id
from payments.contracts import ProcessorRefused, ProcessorUnavailable
from payouts.services import bank
from tests.webhooks.conftest import UseCase
from tests.webhooks.deliveries import event as document
from webhooks.enums import EventStatus
from webhooks.models import WebhookEvent
from webhooks.services import process_event

pytestmark = pytest.mark.django_db
Received = Callable[..., WebhookEvent]


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch) -> UseCase:
    use_case = UseCase()
    monkeypatch.setattr("payouts.services.bank.settle_bank_payout", use_case)
    return use_case


def news(event_type: str = "payout.paid", *, account: str = "acct_seller", **item: Any) -> dict[str, Any]:
    made = document(event_type, id="po_1", **item)
    return made | {"account": account} if account else made


def processed(received: Received, made: dict[str, Any]) -> WebhookEvent:
    event = received(document=made)
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    return event


@pytest.mark.parametrize(
    "event_type", ["payout.paid", "payout.failed", "payout.canceled", "payout.updated", "payout.created"]
)
def test_a_payout_of_ours_is_settled(received: Received, settle: UseCase, event_type: str) -> None:
    reference = new_public_id("bpo")
    event = processed(received, news(event_type, metadata={"payout": reference}))
    assert event.status == EventStatus.PROCESSED
    [call] = settle.calls
    del call["now"]
    assert call == {
        "processor_payout_id": "po_1", "processor_account_id": "acct_seller", "bank_payout_reference": reference,
    }  # fmt: skip


def test_one_that_somebody_else_made_is_kept_and_left_alone(received: Received, settle: UseCase) -> None:
    settle.raises = [bank.UnknownBankPayout()]
    event = processed(received, news())
    assert (event.status, event.last_note) == (EventStatus.IGNORED, "not made by this shop")
    assert settle.calls[0]["bank_payout_reference"] is None


def test_one_under_our_reference_that_is_not_known_yet_is_tried_again(received: Received, settle: UseCase) -> None:
    settle.raises = [bank.UnknownBankPayout()]
    event = processed(received, news(metadata={"payout": new_public_id("bpo")}))
    assert event.status not in (EventStatus.IGNORED, EventStatus.PROCESSED)


def test_a_processor_that_does_not_answer_is_asked_again_and_one_that_refuses_is_shown(
    received: Received, settle: UseCase
) -> None:
    settle.raises = [ProcessorUnavailable()]
    assert processed(received, news()).status not in (EventStatus.IGNORED, EventStatus.PROCESSED, EventStatus.DEAD)
    settle.raises = [ProcessorRefused(processor_code="resource_missing")]
    assert processed(received, news()).status == EventStatus.DEAD


def test_payouts_to_our_own_bank_are_another_matter(received: Received, settle: UseCase) -> None:
    processed(received, news(account=""))
    assert settle.calls == []
