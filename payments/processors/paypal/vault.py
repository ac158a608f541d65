"""PayPal accounts that buyers keep with us (Vault v3)."""

from typing import Any

from payments.contracts import (
    CustomerFound,
    CustomerRequest,
    MethodFound,
    PaymentFound,
    ProcessorRefused,
    SetupFound,
    SetupRequest,
)
from payments.enums import SetupStatus
from payments.processors.paypal import mapping
from payments.processors.paypal.client import Document, PayPalClient
from payments.processors.paypal.errors import GONE
from payments.processors.paypal.orders import BRAND

_SETUP_STATUS = {
    "CREATED": SetupStatus.REQUIRES_METHOD,
    "PAYER_ACTION_REQUIRED": SetupStatus.REQUIRES_ACTION,
    # The buyer has agreed; `complete_setup` makes a saved account of it.
    "APPROVED": SetupStatus.APPROVED,
    "VAULTED": SetupStatus.SUCCEEDED,
    "TOKENIZED": SetupStatus.SUCCEEDED,
}
_PER_PAGE = 20


class PayPalKeeper:
    """`SavesMethods` at PayPal.

    PayPal makes a customer by itself when the first account is kept, and names it in `MethodFound`; until then there
    is none, and its id is empty here.
    """

    makes_customers = False
    can_choose_later = False
    completes_setups = True

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def create_customer(self, request: CustomerRequest, *, idempotency_key: str) -> CustomerFound:
        """Asks nothing of PayPal."""
        return CustomerFound(processor_customer_id="", reference=request.reference)

    def find_customer(self, reference: str, *, since: object) -> CustomerFound | None:
        """As `create_customer`: what needs not be made is never missing."""
        return CustomerFound(processor_customer_id="", reference=reference)

    def create_setup(self, request: SetupRequest, *, idempotency_key: str) -> SetupFound:
        body: Document = {
            "payment_source": {
                "paypal": {
                    "description": BRAND,
                    "usage_type": "MERCHANT",
                    "customer_type": "CONSUMER",
                    "experience_context": {
                        "brand_name": BRAND,
                        "shipping_preference": "NO_SHIPPING",
                        "return_url": request.return_url,
                        "cancel_url": request.cancel_url,
                    },
                }
            }
        }
        if request.processor_customer_id:
            body["customer"] = {"id": request.processor_customer_id}
        setup = self._client.sdk(
            "create_setup", self._client.vault.create_setup_token, {"paypal_request_id": idempotency_key, "body": body}
        )
        return _setup_found(setup, reference=request.reference)

    def retrieve_setup(self, processor_setup_id: str) -> SetupFound:
        """Its reference is empty: PayPal keeps none for us here. A token that PayPal has dropped is over."""
        setup = self._setup_token(processor_setup_id)
        if setup is None:
            return SetupFound(processor_setup_id=processor_setup_id, reference="", status=SetupStatus.CANCELED)
        return _setup_found(setup)

    def complete_setup(self, processor_setup_id: str, *, idempotency_key: str) -> SetupFound:
        """Keeps the account that the buyer has agreed to. ProcessorRefused for what was not agreed to, and is over."""
        token = self._client.sdk("complete_setup", self._client.vault.create_payment_token, {
            "paypal_request_id": idempotency_key,
            "body": {"payment_source": {"token": {"id": processor_setup_id, "type": "SETUP_TOKEN"}}},
        })  # fmt: skip
        return _kept(processor_setup_id, mapping.method_found(token))

    def find_completed(self, processor_setup_id: str) -> SetupFound | None:
        """The account that was kept by the setup token, among all that its customer keeps.

        A used token says that it was, and not by which name; its customer and the account's address tell.
        """
        setup = self._setup_token(processor_setup_id)
        if setup is None or _setup_found(setup).status != SetupStatus.SUCCEEDED:
            return None
        payer = mapping.method_found(setup)
        kept = [method for method in self.list_methods(payer.processor_customer_id) if _is_payer(method, payer)]
        return _kept(processor_setup_id, kept[0]) if kept else None

    def _setup_token(self, processor_setup_id: str) -> Document | None:
        try:
            return self._client.sdk("retrieve_setup", self._client.vault.get_setup_token, processor_setup_id)
        except ProcessorRefused as refused:
            if refused.processor_code not in GONE:
                raise
            return None

    def list_methods(self, processor_customer_id: str) -> tuple[MethodFound, ...]:
        found: list[MethodFound] = []
        page, pages = 1, 1 if processor_customer_id else 0
        while page <= pages:
            document = self._client.sdk("list_methods", self._client.vault.list_customer_payment_tokens, {
                "customer_id": processor_customer_id, "page_size": _PER_PAGE, "page": page, "total_required": True,
            })  # fmt: skip
            found += [mapping.method_found(token) for token in document.get("payment_tokens") or [] if _is_ours(token)]
            page, pages = page + 1, int(document.get("total_pages") or 1)
        return tuple(found)

    def retrieve_method(self, processor_method_id: str) -> MethodFound | None:
        try:
            token = self._client.sdk("retrieve_method", self._client.vault.get_payment_token, processor_method_id)
        except ProcessorRefused as refused:
            if refused.processor_code in GONE:
                return None
            raise
        return mapping.method_found(token)

    def attach_method(
        self, processor_method_id: str, processor_customer_id: str, *, idempotency_key: str
    ) -> MethodFound:
        """A PayPal account is kept with the payment or not at all; one that was kept then is simply found."""
        found = self.retrieve_method(processor_method_id)
        if found is None:
            raise ProcessorRefused("this PayPal account was not kept", processor_code="not_supported")
        return found

    def detach_method(self, processor_method_id: str, *, idempotency_key: str) -> None:
        try:
            self._client.sdk("detach_method", self._client.vault.delete_payment_token, processor_method_id)
        except ProcessorRefused as refused:
            if refused.processor_code not in GONE:
                raise

    def choose_method(self, choice: object, *, idempotency_key: str) -> PaymentFound:
        raise ProcessorRefused("a PayPal order is made with or without a saved account", processor_code="not_supported")


def _setup_found(setup: Document, *, reference: str = "") -> SetupFound:
    return SetupFound(
        processor_setup_id=str(setup.get("id") or ""),
        reference=reference,
        status=mapping.mapped(_SETUP_STATUS, setup.get("status"), "setup token status"),
        approval_url=mapping.link(setup, "approve"),
    )


def _kept(processor_setup_id: str, method: MethodFound) -> SetupFound:
    return SetupFound(
        processor_setup_id=processor_setup_id, reference="", status=SetupStatus.SUCCEEDED, method=method
    )  # fmt: skip


def _is_payer(method: MethodFound, payer: MethodFound) -> bool:
    return not payer.payer_email or method.payer_email == payer.payer_email


def _is_ours(token: dict[str, Any]) -> bool:
    """PayPal's vault can hold cards too, which we keep at Stripe."""
    return "paypal" in (token.get("payment_source") or {})
