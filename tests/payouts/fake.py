"""A processor in memory for transfers, with Stripe's idempotency, that fails as a test says.

It shares no code with what it tests: transfers are kept by the key they came under.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from common.money import Money
from payments.contracts import (
    OutcomeUnknown,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
    TransferFound,
    TransferRequest,
    TransferReversalFound,
    TransferReversalRequest,
)

INSUFFICIENT = ProcessorRefused("no funds", processor_code="balance_insufficient", processor_request_id="req_no")
CLOSED = ProcessorRefused("no such account", processor_code="account_invalid", processor_request_id="req_no")
TOO_MUCH = ProcessorRefused("more than is left", processor_code="amount_too_large")
LOST = OutcomeUnknown("time-out")
BUSY = ProcessorUnavailable("too many", processor_code="rate_limit")


class Killed(BaseException):
    """The process dies here: nothing of ours may catch it."""


class FakeTransfers:
    """`before` and `after` hold what happens to the next calls of `create_transfer`: an error raised, or None."""

    name = "stripe"

    def __init__(self) -> None:
        self.by_key: dict[str, TransferFound | ProcessorError] = {}
        self.before: list[BaseException | None] = []
        self.after: list[BaseException | None] = []
        self.lookup_fails: list[ProcessorError] = []
        self.refuse: Callable[[TransferRequest], ProcessorError | None] = lambda _: None
        self.reversal_before: list[BaseException | None] = []
        self.reversal_after: list[BaseException | None] = []
        self.refuse_reversal: Callable[[TransferReversalRequest], ProcessorError | None] = lambda _: None
        self.reversed_by_key: dict[str, TransferReversalFound | ProcessorError] = {}
        self.calls: list[str] = []
        self.during: Callable[[], None] | None = None
        self._numbers = itertools.count(1)

    @property
    def made(self) -> list[TransferFound]:
        return [found for found in self.by_key.values() if isinstance(found, TransferFound)]

    @property
    def came_back(self) -> list[TransferReversalFound]:
        return [found for found in self.reversed_by_key.values() if isinstance(found, TransferReversalFound)]

    def create_transfer_reversal(
        self, request: TransferReversalRequest, *, idempotency_key: str
    ) -> TransferReversalFound:
        self.calls.append(f"reverse {idempotency_key}")
        if self.during:
            self.during()
        self._next(self.reversal_before)
        if idempotency_key not in self.reversed_by_key:
            left = self._left_of(request.processor_transfer_id)
            refusal = self.refuse_reversal(request) or (TOO_MUCH if left < request.amount.amount_minor else None)
            self.reversed_by_key[idempotency_key] = refusal or self._reversed(
                request.reference, request.processor_transfer_id, request.amount
            )
        self._next(self.reversal_after)
        stored = self.reversed_by_key[idempotency_key]
        if isinstance(stored, ProcessorError):
            raise stored
        return stored

    def reverse_by_hand(self, processor_transfer_id: str, amount: Money) -> TransferReversalFound:
        """As somebody does in the processor's dashboard."""
        assert amount.amount_minor <= self._left_of(processor_transfer_id)
        found = self._reversed("", processor_transfer_id, amount)
        self.reversed_by_key[f"by hand {found.processor_reversal_id}"] = found
        return found

    def list_transfer_reversals(self, processor_transfer_id: str) -> tuple[TransferReversalFound, ...]:
        self.calls.append(f"list {processor_transfer_id}")
        if self.lookup_fails:
            raise self.lookup_fails.pop(0)
        return tuple(found for found in self.came_back if found.processor_transfer_id == processor_transfer_id)

    def _reversed(self, reference: str, processor_transfer_id: str, amount: Money) -> TransferReversalFound:
        return TransferReversalFound(
            processor_reversal_id=f"trr_{next(self._numbers)}",
            reversal_reference=reference,
            processor_transfer_id=processor_transfer_id,
            amount=amount,
        )

    def _back_of(self, processor_transfer_id: str) -> int:
        return sum(
            found.amount.amount_minor
            for found in self.came_back
            if found.processor_transfer_id == processor_transfer_id
        )

    def _left_of(self, processor_transfer_id: str) -> int:
        [made] = [found for found in self.made if found.processor_transfer_id == processor_transfer_id]
        return made.amount.amount_minor - self._back_of(processor_transfer_id)

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound:
        self.calls.append(f"create {idempotency_key}")
        if self.during:
            self.during()
        self._next(self.before)
        if idempotency_key not in self.by_key:
            self.by_key[idempotency_key] = self.refuse(request) or TransferFound(
                processor_transfer_id=f"tr_{next(self._numbers)}",
                transfer_reference=request.reference,
                amount=request.amount,
                reversed_amount=Money.zero(request.amount.currency),
                destination_account_id=request.destination_account_id,
            )
        self._next(self.after)
        stored = self.by_key[idempotency_key]
        if isinstance(stored, ProcessorError):
            raise stored
        return stored

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None:
        self.calls.append(f"find {reference}")
        if self.lookup_fails:
            raise self.lookup_fails.pop(0)
        return next((found for found in self.made if found.transfer_reference == reference), None)

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound:
        self.calls.append(f"retrieve {processor_transfer_id}")
        for found in self.made:
            if found.processor_transfer_id == processor_transfer_id:
                back = Money(self._back_of(processor_transfer_id), found.reversed_amount.currency)
                return replace(found, reversed_amount=found.reversed_amount + back)
        raise ProcessorRefused("none", processor_code="resource_missing")

    @staticmethod
    def _next(plan: list[BaseException | None]) -> None:
        error = plan.pop(0) if plan else None
        if error is not None:
            raise error


def killed_in(monkeypatch: pytest.MonkeyPatch, module: str, name: str, *, after: bool) -> Callable[[], None]:
    """The process dies at this function, once; returns how to come back to life."""
    target = import_module(module)
    real = getattr(target, name)

    def die(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        raise Killed(name)

    monkeypatch.setattr(target, name, die)
    return lambda: monkeypatch.setattr(target, name, real)
