"""Stripe's hosted page (Checkout Sessions) and the prices that it needs to know. Implements `HostedProcessor`."""

import datetime as dt
from typing import cast

import stripe

from common.money import Money
from payments.contracts import HostedFound, HostedRequest, PriceFound, PriceRequest
from payments.enums import HostedStatus
from payments.processors.stripe import mapping
from payments.processors.stripe.client import errors_are_ours
from payments.processors.stripe.delivery import shipping_of

# Clocks differ; a look-up by time starts this much earlier than our own record says.
_CLOCK_SKEW = dt.timedelta(minutes=5)
# https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-status
_STATUS = {"open": HostedStatus.OPEN, "complete": HostedStatus.COMPLETE, "expired": HostedStatus.EXPIRED}


class StripeHostedPage:
    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def create_price(self, request: PriceRequest, *, idempotency_key: str) -> PriceFound:
        with errors_are_ours("create_price"):
            price = self._client.v1.prices.create(
                {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": request.amount.amount_minor,
                    "product_data": {"name": request.name},
                    # Our reference, by which the price is found again when the answer is lost.
                    "lookup_key": request.reference,
                    "metadata": {"price": request.reference, "trace_id": request.trace_id},
                },
                {"idempotency_key": idempotency_key},
            )
        return _price_found(price)

    def find_price(self, reference: str) -> PriceFound | None:
        with errors_are_ours("find_price"):
            page = self._client.v1.prices.list({"lookup_keys": [reference], "limit": 1})
        return _price_found(page.data[0]) if page.data else None

    def create_hosted(self, request: HostedRequest, *, idempotency_key: str) -> HostedFound:
        metadata = {
            "order": request.order_reference,
            "payment": request.reference,
            "quote_hash": request.quote_hash,
            "trace_id": request.trace_id,
        }
        params: stripe.params.checkout.SessionCreateParams = {
            "mode": "payment",
            "line_items": [{"price": line.processor_price_id, "quantity": line.quantity} for line in request.lines],
            "client_reference_id": request.reference,
            "customer_email": request.receipt_email,
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            "metadata": metadata,
            "payment_intent_data": {
                "metadata": metadata,
                "transfer_group": request.order_reference,
                "receipt_email": request.receipt_email,
                "description": f"Artisan's Hub order {request.order_reference}",
                "capture_method": mapping.CAPTURE_METHOD[request.capture_method],
            },
        }
        if request.delivery is not None:
            params["payment_intent_data"]["shipping"] = cast(
                "stripe.params.checkout.SessionCreateParamsPaymentIntentDataShipping", shipping_of(request.delivery)
            )
        with errors_are_ours("create_hosted"):
            session = self._client.v1.checkout.sessions.create(params, {"idempotency_key": idempotency_key})
        return _hosted_found(session)

    def retrieve_hosted(self, processor_session_id: str) -> HostedFound:
        with errors_are_ours("retrieve_hosted"):
            return _hosted_found(self._client.v1.checkout.sessions.retrieve(processor_session_id))

    def find_hosted(self, reference: str, *, since: dt.datetime) -> HostedFound | None:
        with errors_are_ours("find_hosted"):
            page = self._client.v1.checkout.sessions.list(
                {"created": {"gte": int((since - _CLOCK_SKEW).timestamp())}, "limit": 100}
            )
            for session in page.auto_paging_iter():
                if session.client_reference_id == reference:
                    return _hosted_found(session)
        return None

    def expire_hosted(self, processor_session_id: str, *, idempotency_key: str) -> HostedFound:
        with errors_are_ours("expire_hosted"):
            session = self._client.v1.checkout.sessions.expire(
                processor_session_id, options={"idempotency_key": idempotency_key}
            )
        return _hosted_found(session)


def _price_found(price: stripe.Price) -> PriceFound:
    return PriceFound(
        processor_price_id=price.id,
        reference=mapping.reference_in(price.metadata, "price"),
        amount=Money(price.unit_amount or 0, price.currency.upper()),
        is_active=price.active,
    )


def _hosted_found(session: stripe.checkout.Session) -> HostedFound:
    intent = session.payment_intent
    status = mapping.mapped(_STATUS, session.status, "session status")
    return HostedFound(
        processor_session_id=session.id,
        reference=session.client_reference_id or "",
        status=status,
        url=session.url or "",
        total=Money(session.amount_total or 0, str(session.currency).upper()),
        processor_payment_id=(intent if isinstance(intent, str) else intent.id) if intent else "",
    )
