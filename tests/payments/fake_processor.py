"""A processor in memory that counts what it carries out, and dies, falls silent or refuses where a test says so."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from common.ids import new_public_id
from common.money import Money
from payments.contracts import (
    AuthorizationFound,
    BalanceFound,
    CaptureRequest,
    ChargeFound,
    ChargeRequest,
    PaymentFailure,
    PaymentFound,
    ProcessorRefused,
    RefundFound,
    RefundRequest,
    TransferFound,
    TransferRequest,
)
from payments.enums import AttemptOutcome, PaymentStatus, RefundStatus

_29_DAYS = dt.timedelta(days=29)


class Died(BaseException):
    """The process ends here: nothing of ours may catch it."""


class FakeProcessor:
    """`calls` are the names of the calls in order. `before[name]` and `after[name]` hold errors, one per call."""

    def __init__(self, name: str = "stripe") -> None:
        self.name = name
        self.calls: list[str] = []
        self.keys: dict[str, Any] = {}
        self.payments: dict[str, PaymentFound] = {}
        self.refunds: dict[str, RefundFound] = {}
        self.before: dict[str, list[BaseException]] = {}
        self.after: dict[str, list[BaseException]] = {}

    def _call(self, name: str, work: Callable[[], Any]) -> Any:
        self.calls.append(name)
        if self.before.get(name):
            raise self.before[name].pop(0)
        result = work()
        if self.after.get(name):
            raise self.after[name].pop(0)
        return result

    def _once(self, key: str, work: Callable[[], Any]) -> Any:
        if key not in self.keys:
            self.keys[key] = work()
        return self.keys[key]

    def create_payment(self, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound:
        def make() -> PaymentFound:
            made = PaymentFound(
                processor=self.name,
                processor_payment_id=new_public_id("pi"),
                status=PaymentStatus.REQUIRES_PAYMENT_METHOD,
                amount=request.amount,
                payment_reference=request.reference,
                quote_hash=request.quote_hash,
                client_secret="secret",
                charge=None,
                failure=None,
            )
            self.payments[made.processor_payment_id] = made
            return made

        found: PaymentFound = self._call("create_payment", lambda: self._once(idempotency_key, make))
        return found

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound:
        found: PaymentFound = self._call("retrieve_payment", lambda: self.payments[processor_payment_id])
        return found

    def find_payment(self, reference: str, *, since: dt.datetime) -> PaymentFound | None:
        def look() -> PaymentFound | None:
            return next((one for one in self.payments.values() if one.payment_reference == reference), None)

        found: PaymentFound | None = self._call("find_payment", look)
        return found

    def cancel_payment(self, processor_payment_id: str, *, idempotency_key: str) -> PaymentFound:
        def cancel() -> PaymentFound:
            if self.payments[processor_payment_id].status in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED):
                raise ProcessorRefused(processor_code="payment_intent_unexpected_state")
            return self.becomes(processor_payment_id, status=PaymentStatus.CANCELED)

        found: PaymentFound = self._call("cancel_payment", cancel)
        return found

    def authorize_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        def authorize() -> PaymentFound:
            self._must_be(request.processor_payment_id, PaymentStatus.APPROVED)
            held = AuthorizationFound(new_public_id("auth"), request.amount, dt.datetime.now(tz=dt.UTC) + _29_DAYS)
            return self.becomes(request.processor_payment_id, status=PaymentStatus.AUTHORIZED, authorization=held)

        found: PaymentFound = self._call("authorize_payment", lambda: self._once(idempotency_key, authorize))
        return found

    def capture_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        def capture() -> PaymentFound:
            known = self._must_be(request.processor_payment_id, PaymentStatus.APPROVED, PaymentStatus.AUTHORIZED)
            self.payments[known.processor_payment_id] = dataclasses.replace(
                paid(known, amount=request.amount), amount=known.amount
            )
            return self.payments[known.processor_payment_id]

        found: PaymentFound = self._call("capture_payment", lambda: self._once(idempotency_key, capture))
        return found

    def renew_authorization(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        def renew() -> PaymentFound:
            held = AuthorizationFound(new_public_id("auth"), request.amount, dt.datetime.now(tz=dt.UTC) + _29_DAYS)
            return self.becomes(request.processor_payment_id, authorization=held)

        found: PaymentFound = self._call("renew_authorization", lambda: self._once(idempotency_key, renew))
        return found

    def _must_be(self, processor_payment_id: str, *statuses: PaymentStatus) -> PaymentFound:
        known = self.payments[processor_payment_id]
        if known.status not in statuses:
            raise ProcessorRefused(processor_code="unexpected_state")
        return known

    def create_refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundFound:
        def make() -> RefundFound:
            made = RefundFound(
                processor_refund_id=new_public_id("re"),
                refund_reference=request.reference,
                processor_payment_id=request.processor_payment_id,
                status=RefundStatus.SUCCEEDED,
                amount=request.amount,
                failure_code="",
            )
            self.refunds[made.processor_refund_id] = made
            return made

        found: RefundFound = self._call("create_refund", lambda: self._once(idempotency_key, make))
        return found

    def retrieve_refund(self, processor_refund_id: str) -> RefundFound:
        found: RefundFound = self._call("retrieve_refund", lambda: self.refunds[processor_refund_id])
        return found

    def find_refund(self, reference: str, *, processor_payment_id: str) -> RefundFound | None:
        def look() -> RefundFound | None:
            return next((one for one in self.refunds.values() if one.refund_reference == reference), None)

        found: RefundFound | None = self._call("find_refund", look)
        return found

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound:
        raise NotImplementedError

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound:
        raise NotImplementedError

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None:
        raise NotImplementedError

    def retrieve_balance(self) -> BalanceFound:
        return BalanceFound(total={})

    def becomes(self, processor_payment_id: str, **changed: Any) -> PaymentFound:
        self.payments[processor_payment_id] = dataclasses.replace(self.payments[processor_payment_id], **changed)
        return self.payments[processor_payment_id]


def paid(found: PaymentFound, *, fee_minor: int | None = 151, amount: Money | None = None) -> PaymentFound:
    """The same payment after its charge went through."""
    charged = amount or found.amount
    return dataclasses.replace(
        found,
        status=PaymentStatus.SUCCEEDED,
        amount=charged,
        charge=ChargeFound(
            processor_charge_id=found.processor_payment_id.replace("pi_", "ch_"),
            outcome=AttemptOutcome.SUCCEEDED,
            captured=True,
            amount=charged,
            fee=None if fee_minor is None else Money(fee_minor, charged.currency),
            balance_transaction_id="txn_1",
            created_at=dt.datetime.now(tz=dt.UTC),
            failure=None,
            card_brand="visa",
            card_last4="4242",
            cvc_check="pass",
        ),
    )


def declined(found: PaymentFound, *, number: int = 1) -> PaymentFound:
    """The same payment after the bank said no."""
    failure = PaymentFailure("card_declined", "insufficient_funds", "The card does not have enough funds for this.")
    return dataclasses.replace(
        found,
        status=PaymentStatus.REQUIRES_PAYMENT_METHOD,
        failure=failure,
        charge=ChargeFound(
            processor_charge_id=f"{found.processor_payment_id.replace('pi_', 'ch_')}{number}",
            outcome=AttemptOutcome.FAILED,
            captured=False,
            amount=found.amount,
            fee=None,
            balance_transaction_id="",
            created_at=dt.datetime.now(tz=dt.UTC),
            failure=failure,
        ),
    )


def installed(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    """Stands in for every processor in `payments.services`."""
    processor = FakeProcessor()
    _install(monkeypatch, lambda _: processor)
    return processor


def both_installed(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeProcessor, FakeProcessor]:
    """Stripe and PayPal, each with what it has carried out itself."""
    by_name = {"stripe": FakeProcessor("stripe"), "paypal": FakeProcessor("paypal")}
    _install(monkeypatch, by_name.__getitem__)
    return by_name["stripe"], by_name["paypal"]


def _install(monkeypatch: pytest.MonkeyPatch, named: Callable[[str], FakeProcessor]) -> None:
    for module in ("capture", "charge", "look_up", "refund", "void"):
        # The package has functions named like its modules, so the module is taken from the import system.
        monkeypatch.setattr(import_module(f"payments.services.{module}"), "processor_named", named)
