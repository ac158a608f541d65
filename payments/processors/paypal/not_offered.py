"""What PayPal does not do for us: artisans are paid by Stripe, whichever way the buyer paid."""

from typing import NoReturn

from payments.contracts import (
    AccountBalance,
    AccountFound,
    AccountRequest,
    OnboardingLink,
    PayoutFound,
    PayoutRequest,
    ProcessorRefused,
    TransferFound,
    TransferRequest,
    TransferReversalFound,
    TransferReversalRequest,
)


class PaysNobody:
    """The part of `Processor` that sends money on."""

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound:
        _refuse()

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound:
        _refuse()

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None:
        _refuse()

    def create_transfer_reversal(
        self, request: TransferReversalRequest, *, idempotency_key: str
    ) -> TransferReversalFound:
        _refuse()

    def list_transfer_reversals(self, processor_transfer_id: str) -> tuple[TransferReversalFound, ...]:
        _refuse()

    def create_account(self, request: AccountRequest, *, idempotency_key: str) -> AccountFound:
        _refuse()

    def retrieve_account(self, processor_account_id: str) -> AccountFound:
        _refuse()

    def find_account(self, reference: str) -> AccountFound | None:
        _refuse()

    def create_onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> OnboardingLink:
        _refuse()

    def create_payout(self, request: PayoutRequest, *, idempotency_key: str) -> PayoutFound:
        _refuse()

    def retrieve_payout(self, processor_payout_id: str, *, processor_account_id: str) -> PayoutFound:
        _refuse()

    def find_payout(self, reference: str, *, processor_account_id: str) -> PayoutFound | None:
        _refuse()

    def retrieve_account_balance(self, processor_account_id: str) -> AccountBalance:
        _refuse()


def _refuse() -> NoReturn:
    raise ProcessorRefused("artisans are paid by Stripe, never by PayPal", processor_code="not_supported")
