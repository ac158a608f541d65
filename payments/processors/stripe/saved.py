"""The Stripe implementation of `SavesMethods`: customers, SetupIntents, customer sessions and their payment methods."""

import datetime as dt

import stripe

from payments.contracts import (
    CustomerFound,
    CustomerRequest,
    MethodChoice,
    MethodFound,
    PaymentFound,
    ProcessorRefused,
    SetupFound,
    SetupRequest,
)
from payments.enums import MethodKind, SetupStatus
from payments.processors.stripe import mapping
from payments.processors.stripe.client import errors_are_ours
from payments.processors.stripe.processor import EXPAND_INTENT

# Clocks differ; a look-up by time starts this much earlier than our own record says.
_CLOCK_SKEW = dt.timedelta(minutes=5)
_EXPAND_SETUP = ["payment_method"]
_GONE = "resource_missing"
# https://docs.stripe.com/payments/setupintents/lifecycle
_SETUP_STATUS = {
    "requires_payment_method": SetupStatus.REQUIRES_METHOD,
    "requires_confirmation": SetupStatus.REQUIRES_METHOD,
    "requires_action": SetupStatus.REQUIRES_ACTION,
    "processing": SetupStatus.REQUIRES_ACTION,
    "succeeded": SetupStatus.SUCCEEDED,
    "canceled": SetupStatus.CANCELED,
}


class StripeKeeper:
    """Keeps cards with customers."""

    makes_customers = True
    can_choose_later = True
    completes_setups = False

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def create_customer(self, request: CustomerRequest, *, idempotency_key: str) -> CustomerFound:
        params: stripe.params.CustomerCreateParams = {
            "email": request.email,
            "metadata": {"customer": request.reference, "trace_id": request.trace_id},
        }
        if request.name:
            params["name"] = request.name
        with errors_are_ours("create_customer"):
            customer = self._client.v1.customers.create(params, {"idempotency_key": idempotency_key})
        return CustomerFound(customer.id, mapping.reference_in(customer.metadata, "customer"))

    def find_customer(self, reference: str, *, since: dt.datetime) -> CustomerFound | None:
        # The list is current; Stripe's search lags, so it can't say "certainly none".
        with errors_are_ours("find_customer"):
            page = self._client.v1.customers.list(
                {"created": {"gte": int((since - _CLOCK_SKEW).timestamp())}, "limit": 100}
            )
            for customer in page.auto_paging_iter():
                if mapping.reference_in(customer.metadata, "customer") == reference:
                    return CustomerFound(customer.id, reference)
        return None

    def create_setup(self, request: SetupRequest, *, idempotency_key: str) -> SetupFound:
        with errors_are_ours("create_setup"):
            setup = self._client.v1.setup_intents.create(
                {
                    "customer": request.processor_customer_id,
                    "usage": "off_session",
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "metadata": {"setup": request.reference, "trace_id": request.trace_id},
                    "expand": _EXPAND_SETUP,
                },
                {"idempotency_key": idempotency_key},
            )
        return _setup_found(setup)

    def retrieve_setup(self, processor_setup_id: str) -> SetupFound:
        with errors_are_ours("retrieve_setup"):
            return _setup_found(self._client.v1.setup_intents.retrieve(processor_setup_id, {"expand": _EXPAND_SETUP}))

    def find_completed(self, processor_setup_id: str) -> SetupFound | None:
        """A SetupIntent is complete by the buyer's confirmation alone."""
        found = self.retrieve_setup(processor_setup_id)
        return found if found.method is not None else None

    def complete_setup(self, processor_setup_id: str, *, idempotency_key: str) -> SetupFound:
        # A SetupIntent is confirmed in the browser; what came of it is only looked up.
        return self.retrieve_setup(processor_setup_id)

    def list_methods(self, processor_customer_id: str) -> tuple[MethodFound, ...]:
        with errors_are_ours("list_methods"):
            page = self._client.v1.payment_methods.list(
                {"customer": processor_customer_id, "type": "card", "limit": 100}
            )
            return tuple(_method_found(method) for method in page.auto_paging_iter())

    def retrieve_method(self, processor_method_id: str) -> MethodFound | None:
        try:
            with errors_are_ours("retrieve_method"):
                method = self._client.v1.payment_methods.retrieve(processor_method_id)
        except ProcessorRefused as refused:
            if refused.processor_code == _GONE:
                return None
            raise
        return _method_found(method) if method.customer and method.type == "card" else None

    def attach_method(
        self, processor_method_id: str, processor_customer_id: str, *, idempotency_key: str
    ) -> MethodFound:
        with errors_are_ours("attach_method"):
            method = self._client.v1.payment_methods.attach(
                processor_method_id, {"customer": processor_customer_id}, {"idempotency_key": idempotency_key}
            )
        return _method_found(method)

    def detach_method(self, processor_method_id: str, *, idempotency_key: str) -> None:
        if self.retrieve_method(processor_method_id) is None:
            return
        try:
            with errors_are_ours("detach_method"):
                self._client.v1.payment_methods.detach(processor_method_id, {}, {"idempotency_key": idempotency_key})
        except ProcessorRefused:
            # Somebody else may have detached it in between, and Stripe refuses to do it twice.
            if self.retrieve_method(processor_method_id) is not None:
                raise

    def choose_method(self, choice: MethodChoice, *, idempotency_key: str) -> PaymentFound:
        params: stripe.params.PaymentIntentUpdateParams = {
            "setup_future_usage": "off_session" if choice.saves_method else "",
            "expand": EXPAND_INTENT,
        }
        if choice.customer_id:
            params["customer"] = choice.customer_id
        if choice.method_id:
            params["payment_method"] = choice.method_id
        with errors_are_ours("choose_method"):
            intent = self._client.v1.payment_intents.update(
                choice.processor_payment_id, params, {"idempotency_key": idempotency_key}
            )
        return mapping.payment_found(intent)


def _setup_found(setup: stripe.SetupIntent) -> SetupFound:
    method = setup.payment_method
    customer = setup.customer
    customer_id = (customer if isinstance(customer, str) else customer.id) if customer else ""
    kept = isinstance(method, stripe.PaymentMethod) and setup.status == "succeeded"
    return SetupFound(
        processor_setup_id=setup.id,
        reference=mapping.reference_in(setup.metadata, "setup"),
        status=mapping.mapped(_SETUP_STATUS, setup.status, "setup status"),
        client_secret=setup.client_secret or "",
        method=_method_found(method, customer_id) if kept and isinstance(method, stripe.PaymentMethod) else None,
    )


def _method_found(method: stripe.PaymentMethod, customer_id: str = "") -> MethodFound:
    owner = method.customer
    card = method.card
    return MethodFound(
        processor_method_id=method.id,
        processor_customer_id=customer_id or ((owner if isinstance(owner, str) else owner.id) if owner else ""),
        kind=MethodKind.CARD,
        brand=str(card.brand or "") if card is not None else "",
        last4=str(card.last4 or "") if card is not None else "",
        expiry_month=card.exp_month if card is not None else None,
        expiry_year=card.exp_year if card is not None else None,
    )
