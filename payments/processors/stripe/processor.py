"""The Stripe implementation of `Processor`, over the official SDK."""

import datetime as dt

import stripe

from payments.contracts import (
    AccountFound,
    AccountRequest,
    BalanceFound,
    CaptureRequest,
    ChargeRequest,
    OnboardingLink,
    PaymentDeclined,
    PaymentFound,
    ProcessorRefused,
    RefundFound,
    RefundRequest,
    TransferFound,
    TransferRequest,
    TransferReversalFound,
    TransferReversalRequest,
)
from payments.processors.stripe import accounts, mapping
from payments.processors.stripe.client import ACCOUNT_INVALID, make_client, refused_payment
from payments.processors.stripe.client import errors_are_ours as _errors_are_ours
from payments.processors.stripe.delivery import shipping_of
from payments.processors.stripe.payouts import PaysToBanks, sums

EXPAND_INTENT = ["latest_charge.balance_transaction"]
# Clocks differ; a look-up by time starts this much earlier than our own record says.
_CLOCK_SKEW = dt.timedelta(minutes=5)


class StripeProcessor(PaysToBanks):
    name = "stripe"

    def __init__(self, *, api_key: str, api_base: str, timeout_seconds: int) -> None:
        self._client = make_client(api_key=api_key, api_base=api_base, timeout_seconds=timeout_seconds)

    def create_payment(self, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound:
        params: stripe.params.PaymentIntentCreateParams = {
            "capture_method": mapping.CAPTURE_METHOD[request.capture_method],
            "amount": request.amount.amount_minor,
            "currency": request.amount.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "receipt_email": request.receipt_email,
            "transfer_group": request.order_reference,
            "description": f"Artisan's Hub order {request.order_reference}",
            "metadata": {
                "order": request.order_reference,
                "payment": request.reference,
                "quote_hash": request.quote_hash,
                "trace_id": request.trace_id,
            },
            "expand": EXPAND_INTENT,
        }
        _say_with_what(params, request)
        try:
            with _errors_are_ours("create_payment"):
                intent = self._client.v1.payment_intents.create(params, {"idempotency_key": idempotency_key})
        except PaymentDeclined as declined:
            # A saved card that was charged off session: the payment was made, and waits for another way to pay.
            payment_id = refused_payment(declined)
            if not payment_id:
                raise
            return self.retrieve_payment(payment_id)
        return mapping.payment_found(intent)

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound:
        with _errors_are_ours("retrieve_payment"):
            intent = self._client.v1.payment_intents.retrieve(processor_payment_id, {"expand": EXPAND_INTENT})
        return mapping.payment_found(intent)

    def find_payment(self, reference: str, *, since: dt.datetime) -> PaymentFound | None:
        # Stripe's search lags by up to a minute and more; the list is current, so it alone can say "certainly none".
        with _errors_are_ours("find_payment"):
            page = self._client.v1.payment_intents.list(
                {"created": {"gte": int((since - _CLOCK_SKEW).timestamp())}, "limit": 100}
            )
            for intent in page.auto_paging_iter():
                if mapping.reference_in(intent.metadata, "payment") == reference:
                    return self.retrieve_payment(intent.id)
        return None

    def cancel_payment(self, processor_payment_id: str, *, idempotency_key: str) -> PaymentFound:
        with _errors_are_ours("cancel_payment"):
            intent = self._client.v1.payment_intents.cancel(
                processor_payment_id,
                {"cancellation_reason": "abandoned", "expand": EXPAND_INTENT},
                {"idempotency_key": idempotency_key},
            )
        return mapping.payment_found(intent)

    def authorize_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        raise ProcessorRefused("a card's confirmation reserves the money by itself", processor_code="not_supported")

    def capture_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        with _errors_are_ours("capture_payment"):
            intent = self._client.v1.payment_intents.capture(
                request.processor_payment_id,
                {"amount_to_capture": request.amount.amount_minor, "expand": EXPAND_INTENT},
                {"idempotency_key": idempotency_key},
            )
        return mapping.payment_found(intent)

    def renew_authorization(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        # A card's authorization can't be prolonged; the buyer authorizes a new payment.
        raise ProcessorRefused("card authorizations are not prolonged", processor_code="not_supported")

    def create_refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundFound:
        with _errors_are_ours("create_refund"):
            refund = self._client.v1.refunds.create(
                {
                    "charge": request.processor_charge_id,
                    "amount": request.amount.amount_minor,
                    "metadata": {
                        "refund": request.reference,
                        "attempt": str(request.attempt),
                        "trace_id": request.trace_id,
                    },
                },
                {"idempotency_key": idempotency_key},
            )
        return mapping.refund_found(refund)

    def retrieve_refund(self, processor_refund_id: str) -> RefundFound:
        with _errors_are_ours("retrieve_refund"):
            return mapping.refund_found(self._client.v1.refunds.retrieve(processor_refund_id))

    def find_refund(self, reference: str, *, processor_payment_id: str) -> RefundFound | None:
        with _errors_are_ours("find_refund"):
            # Newest first: of several attempts the last is found.
            page = self._client.v1.refunds.list({"payment_intent": processor_payment_id, "limit": 100})
            for refund in page.auto_paging_iter():
                if mapping.reference_in(refund.metadata, "refund") == reference:
                    return mapping.refund_found(refund)
        return None

    def create_transfer(self, request: TransferRequest, *, idempotency_key: str) -> TransferFound:
        params: stripe.params.TransferCreateParams = {
            "amount": request.amount.amount_minor,
            "currency": request.amount.currency.lower(),
            "destination": request.destination_account_id,
            "transfer_group": request.group,
            "metadata": {"transfer": request.reference, "payout": request.group, "trace_id": request.trace_id},
        }
        with _errors_are_ours("create_transfer"):
            transfer = self._client.v1.transfers.create(params, {"idempotency_key": idempotency_key})
        return mapping.transfer_found(transfer)

    def retrieve_transfer(self, processor_transfer_id: str) -> TransferFound:
        with _errors_are_ours("retrieve_transfer"):
            return mapping.transfer_found(self._client.v1.transfers.retrieve(processor_transfer_id))

    def find_transfer(self, reference: str, *, group: str) -> TransferFound | None:
        with _errors_are_ours("find_transfer"):
            page = self._client.v1.transfers.list({"transfer_group": group, "limit": 100})
            for transfer in page.auto_paging_iter():
                if mapping.reference_in(transfer.metadata, "transfer") == reference:
                    return mapping.transfer_found(transfer)
        return None

    def create_transfer_reversal(
        self, request: TransferReversalRequest, *, idempotency_key: str
    ) -> TransferReversalFound:
        with _errors_are_ours("create_transfer_reversal"):
            reversal = self._client.v1.transfers.reversals.create(
                request.processor_transfer_id,
                {
                    "amount": request.amount.amount_minor,
                    "metadata": {"reversal": request.reference, "trace_id": request.trace_id},
                },
                {"idempotency_key": idempotency_key},
            )
        return mapping.transfer_reversal_found(reversal)

    def list_transfer_reversals(self, processor_transfer_id: str) -> tuple[TransferReversalFound, ...]:
        with _errors_are_ours("list_transfer_reversals"):
            page = self._client.v1.transfers.reversals.list(processor_transfer_id, {"limit": 100})
            return tuple(mapping.transfer_reversal_found(reversal) for reversal in page.auto_paging_iter())

    def create_account(self, request: AccountRequest, *, idempotency_key: str) -> AccountFound:
        with _errors_are_ours("create_account"):
            account = self._client.v1.accounts.create(
                accounts.create_params(request), {"idempotency_key": idempotency_key}
            )
        return accounts.account_found(account)

    def retrieve_account(self, processor_account_id: str) -> AccountFound:
        try:
            with _errors_are_ours("retrieve_account"):
                return accounts.account_found(self._client.v1.accounts.retrieve(processor_account_id))
        except ProcessorRefused as refused:
            if refused.processor_code != ACCOUNT_INVALID:
                raise
            return accounts.account_gone(processor_account_id)

    def create_onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> OnboardingLink:
        with _errors_are_ours("create_onboarding_link"):
            link = self._client.v1.account_links.create(
                {
                    "account": account_id,
                    "type": "account_onboarding",
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                }
            )
        return OnboardingLink(url=link.url, expires_at=mapping.moment(link.expires_at))

    def find_account(self, reference: str) -> AccountFound | None:
        with _errors_are_ours("find_account"):
            for account in self._client.v1.accounts.list({"limit": 100}).auto_paging_iter():
                if mapping.reference_in(account.metadata, "artisan") == reference:
                    return accounts.account_found(account)
        return None

    def retrieve_balance(self) -> BalanceFound:
        with _errors_are_ours("retrieve_balance"):
            balance = self._client.v1.balance.retrieve()
        available, pending = sums(balance)
        total = {name: available.get(name, 0) + pending.get(name, 0) for name in available | pending}
        return BalanceFound(total=total, available=available, pending=pending)


def _say_with_what(params: stripe.params.PaymentIntentCreateParams, request: ChargeRequest) -> None:
    """A saved way to pay, or that the new one is kept; whether the buyer is there to be asked; where the goods go.

    Without a customer `setup_future_usage` still lets what a guest pays with be kept later, once there is one:
    https://docs.stripe.com/api/payment_intents/create#create_payment_intent-setup_future_usage
    """
    if request.delivery is not None:
        params["shipping"] = shipping_of(request.delivery)
    if request.customer_id:
        params["customer"] = request.customer_id
    if request.method_id:
        params["payment_method"] = request.method_id
    if request.saves_method:
        params["setup_future_usage"] = "off_session"
    if request.is_off_session:
        params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
        params["off_session"] = True
        params["confirm"] = True
