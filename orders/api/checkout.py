"""The checkout API. Each view makes one call."""

from typing import Any

from django.conf import settings
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import IDEMPOTENCY_KEY_HEADER, ProblemSerializer, idempotent
from common.clock import now
from common.guests import guest_scope, known_guest_scope
from identity.enums import COUNTRIES
from identity.selectors import addresses_of
from identity.services import save_address
from orders.api.serializers import (
    CheckoutSerializer,
    ConfigSerializer,
    ConfirmCheckoutSerializer,
    HostedCheckoutSerializer,
    OrderListSerializer,
    StartCheckoutSerializer,
    StartHostedCheckoutSerializer,
)
from orders.contracts.order import Buyer, ShippingAddress
from orders.models import Order
from orders.selectors.cart import cart_for_request
from orders.selectors.orders import current_payment, get_order, history
from orders.services.confirm import confirm_checkout
from orders.services.end import cancel_checkout
from orders.services.host import open_hosted_checkout
from orders.services.settle import settle
from orders.services.start import start_checkout
from payments.contracts import PaymentFound
from payments.enums import CaptureMethod, PaymentChannel
from payments.models import Payment
from payments.services.offer import paypal_takes
from payments.services.saved import CONSENT

_PROBLEMS = {400: ProblemSerializer, 404: ProblemSerializer, 409: ProblemSerializer, 422: ProblemSerializer}


def buyer_of(request: Request, *, create: bool = False) -> Buyer:
    """Who asks. `create` gives a guest without a session an identity that lasts."""
    user_id = request.user.pk if request.user.is_authenticated else None
    session = request.session
    return Buyer(user_id=user_id, guest_scope=guest_scope(session) if create else known_guest_scope(session))


def checkout_document(order: Order, payment: Payment | None, found: PaymentFound | None = None) -> dict[str, Any]:
    """An order as the API shows it, without a further query. `found` is what the processor has just told."""
    quote = order.quote
    return {
        "id": order.public_id,
        "status": order.status,
        "is_authorized_first": order.capture_method == CaptureMethod.MANUAL,
        "email": order.email,
        "shipping_address": order.shipping_address,
        "quote": {
            "hash": order.quote_hash,
            "expires_at": order.expires_at.isoformat(),
            **{name: quote[name] for name in ("currency", "goods_minor", "shipping_minor", "total_minor", "groups")},
        },
        "payment": None if payment is None else _payment_document(payment, found),
        "order_url": f"/orders/{order.public_id}/",
        "repayment_url": f"/requests/{order.cart_reference}/" if order.is_recall else None,
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "created_at": order.created_at.isoformat(),
    }


def _payment_document(payment: Payment, found: PaymentFound | None) -> dict[str, Any]:
    error = None
    if payment.failure_code and not payment.is_over:
        error = {"code": payment.decline_code or payment.failure_code, "message": payment.failure_message}
    # A secret is of use only while the buyer still has something to do with it.
    waits = found is not None and not payment.is_over
    is_paypal = payment.channel == PaymentChannel.PAYPAL
    return {
        "id": payment.public_id,
        "channel": payment.channel,
        "status": payment.status,
        "client_secret": (found.client_secret or None) if found is not None and waits else None,
        "paypal_order_id": payment.processor_payment_id if is_paypal and waits else None,
        "approval_url": (found.approval_url or None) if found is not None and waits else None,
        "last_error": error,
    }


def _paypal_document() -> dict[str, Any] | None:
    """What PayPal's buttons need; None where the shop does not take PayPal."""
    if not settings.PAYPAL_ENABLED:
        return None
    return {
        "client_id": settings.PAYPAL_CLIENT_ID,
        "js_url": settings.PAYPAL_JS_URL,
        "currencies": [currency for currency in settings.CURRENCIES if paypal_takes(currency)],
    }


@method_decorator(ensure_csrf_cookie, name="dispatch")
class ConfigView(APIView):
    """What the checkout page needs to know before it starts."""

    @extend_schema(operation_id="config", responses=ConfigSerializer)
    def get(self, request: Request) -> Response:
        user = request.user if request.user.is_authenticated else None
        return Response({
            "stripe": {"publishable_key": settings.STRIPE_PUBLISHABLE_KEY, "js_url": settings.STRIPE_JS_URL},
            "paypal": _paypal_document(),
            "currency": settings.DEFAULT_CURRENCY,
            "countries": [{"code": code, "name": name} for code, name in COUNTRIES.items()],
            "environment": settings.ENVIRONMENT,
            "buyer": {"email": user.email, "name": user.get_full_name()} if user else None,
            "addresses": [address.as_dict() for address in addresses_of(user)] if user else [],
            "save_consent": CONSENT,
        })  # fmt: skip


class StartCheckoutView(APIView):
    throttle_scope = "checkout"

    @extend_schema(
        operation_id="start_checkout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=StartCheckoutSerializer,
        responses={201: CheckoutSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        data = StartCheckoutSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        address = ShippingAddress(**data.validated_data["shipping_address"])
        order = start_checkout(
            buyer=buyer_of(request, create=True),
            cart=cart_for_request(request._request),
            expected_cart_hash=data.validated_data["cart_hash"],
            email=data.validated_data["email"],
            shipping_address=address,
            now=now(),
        )
        if data.validated_data["save_address"] and request.user.is_authenticated:
            save_address(user=request.user, **data.validated_data["shipping_address"])
        return Response(checkout_document(order, None), status=201)


class CheckoutView(APIView):
    @extend_schema(operation_id="checkout", responses={200: CheckoutSerializer, 404: ProblemSerializer})
    def get(self, request: Request, public_id: str) -> Response:
        order = get_order(public_id=public_id, buyer=buyer_of(request))
        return Response(checkout_document(order, current_payment(order)))


class ConfirmCheckoutView(APIView):
    throttle_scope = "checkout"

    @extend_schema(
        operation_id="confirm_checkout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=ConfirmCheckoutSerializer,
        responses={200: CheckoutSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False, keeps_answer=False)
    def post(self, request: Request, public_id: str) -> Response:
        data = ConfirmCheckoutSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        settled = confirm_checkout(
            public_id=public_id,
            buyer=buyer_of(request),
            quote_hash=data.validated_data["quote_hash"],
            channel=PaymentChannel(data.validated_data["channel"]),
            method_reference=data.validated_data["method"],
            saves_method=data.validated_data["save_method"] and not data.validated_data["method"],
            consent_text=data.validated_data["consent_text"],
            now=now(),
        )
        return Response(checkout_document(settled.order, settled.payment, settled.found))


class HostedCheckoutView(APIView):
    """Pay on Stripe's own page: an alternative to the card fields on ours."""

    throttle_scope = "checkout"

    @extend_schema(
        operation_id="start_hosted_checkout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=StartHostedCheckoutSerializer,
        responses={201: HostedCheckoutSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False, keeps_answer=False)
    def post(self, request: Request) -> Response:
        data = StartHostedCheckoutSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        page = open_hosted_checkout(
            public_id=data.validated_data["checkout"],
            buyer=buyer_of(request),
            quote_hash=data.validated_data["quote_hash"],
            now=now(),
        )
        return Response({"payment": page.reference, "status": page.status, "url": page.url or None}, status=201)


class SettleCheckoutView(APIView):
    throttle_scope = "checkout"

    @extend_schema(
        operation_id="settle_checkout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=None,
        responses={200: CheckoutSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False, keeps_answer=False)
    def post(self, request: Request, public_id: str) -> Response:
        order = get_order(public_id=public_id, buyer=buyer_of(request))
        settled = settle(order=order, source="browser", now=now())
        return Response(checkout_document(settled.order, settled.payment, settled.found))


class CancelCheckoutView(APIView):
    throttle_scope = "checkout"

    @extend_schema(
        operation_id="cancel_checkout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=None,
        responses={200: CheckoutSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False)
    def post(self, request: Request, public_id: str) -> Response:
        order = get_order(public_id=public_id, buyer=buyer_of(request))
        order = cancel_checkout(order_id=order.id, now=now())
        return Response(checkout_document(order, current_payment(order)))


class OrdersView(APIView):
    @extend_schema(operation_id="orders", responses=OrderListSerializer)
    def get(self, request: Request) -> Response:
        mine = history(buyer_of(request))[:100]
        return Response({"orders": [checkout_document(order, None) for order in mine]})


class OrderView(APIView):
    @extend_schema(operation_id="order", responses={200: CheckoutSerializer, 404: ProblemSerializer})
    def get(self, request: Request, public_id: str) -> Response:
        order = get_order(public_id=public_id, buyer=buyer_of(request), access_key=request.query_params.get("key", ""))
        return Response(checkout_document(order, current_payment(order)))
