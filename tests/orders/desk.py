"""A processor's dispute desk that says what a test wants, for what the sandbox does not do."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from orders.models import Order
from orders.services import settle_dispute
from payments.contracts import DisputeFound
from payments.enums import DisputeReason, DisputeStatus
from payments.models import Capture, Dispute


class Desk:
    """`now` is what it tells; `during` is called once, while somebody looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, order: Order, reason: DisputeReason) -> None:
        capture = Capture.objects.select_related("payment").get(payment__order_reference=order.public_id)
        zero = Money.zero(capture.currency)
        self.currency = capture.currency
        self.now = DisputeFound(
            processor=capture.payment.processor,
            processor_dispute_id=new_public_id("du"),
            processor_charge_id=capture.processor_charge_id,
            status=DisputeStatus.NEEDS_RESPONSE,
            reason=reason,
            processor_reason=reason,
            amount=Money(capture.amount_minor, capture.currency),
            withdrawn=zero,
            reinstated=zero,
            fee=zero,
            evidence_due_at=clock_now() + dt.timedelta(days=7),
            is_inquiry=False,
            opened_at=clock_now(),
        )
        self.during: Callable[[], None] | None = None
        self.look_ups = 0
        monkeypatch.setattr("payments.services.dispute.dispute_desk_of", lambda _: self)

    def retrieve_dispute(self, processor_dispute_id: str) -> DisputeFound:
        assert processor_dispute_id == self.now.processor_dispute_id
        self.look_ups += 1
        found, during, self.during = self.now, self.during, None
        if during is not None:
            during()
        return found

    def says(self, status: DisputeStatus, **minor: Any) -> None:
        """`minor`: withdrawn, reinstated, fee, amount in minor units, or any other field."""
        values: dict[str, Any] = {
            name: Money(v, self.currency) if isinstance(v, int) else v for name, v in minor.items()
        }
        self.now = dataclasses.replace(self.now, status=status, **values)

    def settle(self, status: DisputeStatus | None = None, **minor: Any) -> Dispute:
        if status is not None:
            self.says(status, **minor)
        return settle_dispute(
            processor=self.now.processor, processor_dispute_id=self.now.processor_dispute_id, source="webhook",
            now=clock_now(),
        )  # fmt: skip
