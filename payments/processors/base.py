"""What every processor can do, in our words. Implementations raise only the errors of `payments.contracts`."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Protocol

from payments.contracts import (
    AccountBalance,
    AccountFound,
    AccountRequest,
    BalanceFound,
    CaptureRequest,
    ChargeRequest,
    CustomerFound,
    CustomerRequest,
    DisputeFound,
    EvidenceRequest,
    HostedFound,
    HostedRequest,
    MethodChoice,
    MethodFound,
    MovementFound,
    MovementKind,
    OnboardingLink,
    PaymentFound,
    PayoutFound,
    PayoutRequest,
    PlatformPayoutFound,
    PriceFound,
    PriceRequest,
    RefundFound,
    RefundRequest,
    SetupFound,
    SetupRequest,
    TransferFound,
    TransferRequest,
    TransferReversalFound,
    TransferReversalRequest,
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

    def find_refund(self, reference: str, *, processor_payment_id: str) -> RefundFound | None:
        """The newest one under our reference; one that came back may have been sent again."""
        ...

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound: ...

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound: ...

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None: ...

    def create_transfer_reversal(
        self, request: TransferReversalRequest, *, idempotency_key: str
    ) -> TransferReversalFound: ...

    def list_transfer_reversals(self, processor_transfer_id: str) -> tuple[TransferReversalFound, ...]:
        """All reversals of one transfer, whoever made them; what is not among them was certainly not made."""
        ...

    def create_account(self, request: AccountRequest, *, idempotency_key: str) -> AccountFound: ...

    def retrieve_account(self, processor_account_id: str) -> AccountFound:
        """Not `is_connected` when it is out of our reach for good."""
        ...

    def find_account(self, reference: str) -> AccountFound | None:
        """The account whose metadata names our reference; None when there is certainly none. Reads the whole list."""
        ...

    def create_onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> OnboardingLink:
        """A page of the processor on which the artisan tells what is due, good for one visit and some minutes.

        Afterwards the artisan comes back to `return_url`, done or not: ask for the account then. A link that was used
        or is too old leads to `refresh_url`, where another one is to be made. Made afresh for every visit, so it needs
        no key and leaves no request behind.
        """
        ...

    def create_payout(self, request: PayoutRequest, *, idempotency_key: str) -> PayoutFound:
        """Send from the account's available balance to its bank. ProcessorRefused with `balance_insufficient`, or when
        the account cannot be paid out or has no bank account."""
        ...

    def retrieve_payout(self, processor_payout_id: str, *, processor_account_id: str) -> PayoutFound: ...

    def find_payout(self, reference: str, *, processor_account_id: str) -> PayoutFound | None:
        """The account's payout whose metadata names our reference; None when there is certainly none."""
        ...

    def retrieve_account_balance(self, processor_account_id: str) -> AccountBalance: ...

    def retrieve_balance(self) -> BalanceFound: ...

    def authorize_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        """Reserve what the buyer has approved (PayPal). ProcessorRefused where approval reserves by itself (Stripe)."""
        ...

    def capture_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        """Take what was approved or authorized, once; what is above `request.amount` is let go."""
        ...

    def renew_authorization(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        """Reserve the same money for longer (PayPal, once). ProcessorRefused where there is no such thing (Stripe)."""
        ...


class SavesMethods(Protocol):
    """A processor that keeps a buyer's way to pay.

    `makes_customers`: whether a customer is made before anything is kept; otherwise the processor makes one itself and
    names it in `MethodFound`. `can_choose_later`: whether an open payment can be told with which saved way it is paid
    (`choose_method`); otherwise that is said when the payment is made. `completes_setups`: whether what a buyer has
    agreed to is kept by a request of ours (`complete_setup`); otherwise it is kept by the agreement alone.
    """

    makes_customers: bool
    can_choose_later: bool
    completes_setups: bool

    def create_customer(self, request: CustomerRequest, *, idempotency_key: str) -> CustomerFound: ...

    def find_customer(self, reference: str, *, since: dt.datetime) -> CustomerFound | None: ...

    def create_setup(self, request: SetupRequest, *, idempotency_key: str) -> SetupFound: ...

    def retrieve_setup(self, processor_setup_id: str) -> SetupFound: ...

    def complete_setup(self, processor_setup_id: str, *, idempotency_key: str) -> SetupFound:
        """Turn what the buyer has approved into a saved way to pay; where that needs no call it is a look-up."""
        ...

    def find_completed(self, processor_setup_id: str) -> SetupFound | None:
        """What `complete_setup` has made of it; None when that was certainly not carried out."""
        ...

    def list_methods(self, processor_customer_id: str) -> tuple[MethodFound, ...]: ...

    def retrieve_method(self, processor_method_id: str) -> MethodFound | None:
        """None when it is gone or belongs to nobody."""
        ...

    def attach_method(
        self, processor_method_id: str, processor_customer_id: str, *, idempotency_key: str
    ) -> MethodFound:
        """Keep what a guest has paid with, with the customer that the guest has become. ProcessorRefused where that is
        not possible afterwards."""
        ...

    def detach_method(self, processor_method_id: str, *, idempotency_key: str) -> None:
        """Forget it; no error when it is gone already."""
        ...

    def choose_method(self, choice: MethodChoice, *, idempotency_key: str) -> PaymentFound:
        """Tell an open payment with which saved way it is paid, or whether the new one is kept. ProcessorRefused where
        that is said once and for all when the payment is made."""
        ...


class AnswersDisputes(Protocol):
    """A processor whose buyers, or their banks, can take a payment back."""

    def retrieve_dispute(self, processor_dispute_id: str) -> DisputeFound: ...

    def submit_evidence(self, request: EvidenceRequest, *, idempotency_key: str) -> DisputeFound: ...

    def accept_dispute(self, processor_dispute_id: str, *, idempotency_key: str) -> DisputeFound:
        """Give in: the dispute is lost."""
        ...


class HostedProcessor(Protocol):
    """A processor with a payment page of its own."""

    def create_price(self, request: PriceRequest, *, idempotency_key: str) -> PriceFound: ...

    def find_price(self, reference: str) -> PriceFound | None: ...

    def create_hosted(self, request: HostedRequest, *, idempotency_key: str) -> HostedFound: ...

    def retrieve_hosted(self, processor_session_id: str) -> HostedFound: ...

    def find_hosted(self, reference: str, *, since: dt.datetime) -> HostedFound | None: ...

    def expire_hosted(self, processor_session_id: str, *, idempotency_key: str) -> HostedFound: ...


class Reports(Protocol):
    """A processor's own account of what it holds for us.

    `complete_after` is how long it may take until a movement can be seen here. The statements are read as they come, so
    that memory does not grow with them.
    """

    complete_after: dt.timedelta

    def list_movements(self, since: dt.datetime, until: dt.datetime) -> Iterator[MovementFound]:
        """Everything from `since` to `until`, each once, in no certain order; at the ends, to the second."""
        ...

    def read_statement(self, lines: Iterable[str]) -> Iterator[MovementFound]:
        """The same from a file that the processor made. Raises MovementUnreadable."""
        ...

    def retrieve_platform_payout(self, processor_payout_id: str) -> PlatformPayoutFound | None:
        """A payout to our own bank account; None where the processor tells no more of it than its movement does."""
        ...

    def news_about(self, *, kind: MovementKind, external_id: str, subject_id: str, related_id: str) -> str:
        """The object that is looked up when news of such a movement come; empty where the processor names none.

        The payment of a charge, the transfer of a reversal; of everything else it is what moved.
        """
        ...
