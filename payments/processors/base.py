"""What every processor can do, in our words. Implementations raise only the errors of `payments.contracts`."""

import datetime as dt
from typing import Protocol

from payments.contracts import (
    AccountFound,
    AccountRequest,
    BalanceFound,
    ChargeRequest,
    PaymentFound,
    RefundFound,
    RefundRequest,
    TransferFound,
    TransferRequest,
)


class Processor(Protocol):
    """Every mutating call takes our idempotency key. None of them may be called inside a database transaction."""

    name: str

    def create_payment(self, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound: ...

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound: ...

    def find_payment(self, reference: str, *, since: dt.datetime) -> PaymentFound | None:
        """The payment whose metadata names our reference, made after `since`; None when there is certainly none."""
        ...

    def cancel_payment(self, processor_payment_id: str, *, idempotency_key: str) -> PaymentFound: ...

    def create_refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundFound: ...

    def retrieve_refund(self, processor_refund_id: str) -> RefundFound: ...

    def find_refund(self, reference: str, *, processor_payment_id: str) -> RefundFound | None: ...

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound: ...

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound: ...

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None: ...

    def create_account(self, request: AccountRequest, *, idempotency_key: str) -> AccountFound: ...

    def retrieve_account(self, processor_account_id: str) -> AccountFound: ...

    def find_account(self, reference: str) -> AccountFound | None:
        """The account whose metadata names our reference; None when there is certainly none. Reads the whole list."""
        ...

    def retrieve_balance(self) -> BalanceFound: ...
