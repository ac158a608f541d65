"""The API of saved ways to pay: of the user who is logged in, and of nobody else. Each view makes one call."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import IDEMPOTENCY_KEY_HEADER, ProblemSerializer, idempotent
from common.clock import now
from payments.api.serializers import (
    BeginSetupSerializer,
    SavedMethodSerializer,
    SavedMethodsSerializer,
    SetupCompletedSerializer,
    SetupSerializer,
)
from payments.enums import MethodKind, SetupStatus
from payments.models import SavedMethod
from payments.selectors.saved import methods_of
from payments.services import saved

_PROBLEMS = {
    400: ProblemSerializer, 403: ProblemSerializer, 404: ProblemSerializer, 409: ProblemSerializer,
    422: ProblemSerializer,
}  # fmt: skip
_PAGE = "/account/payment-methods/"


def method_document(method: SavedMethod) -> dict[str, Any]:
    """A saved way to pay as the API shows it: never the processor's id of it."""
    return {
        "id": method.public_id,
        "label": method.label,
        "payer_email": method.shown_email,
        **{
            name: getattr(method, name)
            for name in ("kind", "status", "brand", "last4", "expiry_month", "expiry_year", "is_default")
        },
    }  # fmt: skip


def _user_id(request: Request) -> int:
    return int(str(request.user.pk))


class SavedMethodsView(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="payment_methods", responses={200: SavedMethodsSerializer, 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        methods = [method_document(method) for method in methods_of(_user_id(request))]
        return Response({"consent_text": saved.CONSENT, "methods": methods})


class BeginSetupView(APIView):
    permission_classes = (IsAuthenticated,)
    # Tighter than the rest: each setup is a try of a card, and thieves try cards.
    throttle_scope = "method_setups"

    @extend_schema(
        operation_id="begin_payment_method_setup",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=BeginSetupSerializer,
        responses={201: SetupSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False, keeps_answer=False)
    def post(self, request: Request) -> Response:
        data = BeginSetupSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        kind = MethodKind(data.validated_data["kind"])
        opened = saved.begin_setup(
            user_id=_user_id(request), kind=kind, page_url=f"{settings.SITE_URL}{_PAGE}", now=now(),
            consent_text=data.validated_data["consent_text"],
        )  # fmt: skip
        document = {
            "id": opened.setup.public_id,
            "kind": kind.value,
            "client_secret": opened.client_secret or None,
            "approval_url": opened.approval_url or None,
            "processor_setup_id": opened.setup.processor_setup_id if kind == MethodKind.PAYPAL else None,
        }
        return Response(document, status=201)


class CompleteSetupView(APIView):
    permission_classes = (IsAuthenticated,)
    throttle_scope = "saved_methods"

    @extend_schema(
        operation_id="complete_payment_method_setup",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=None,
        responses={200: SetupCompletedSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=False, keeps_answer=False)
    def post(self, request: Request, public_id: str) -> Response:
        method = saved.complete_setup(user_id=_user_id(request), setup_reference=public_id, now=now())
        status = SetupStatus.SUCCEEDED if method is not None else SetupStatus.REQUIRES_METHOD
        return Response({"status": status, "method": None if method is None else method_document(method)})


class SavedMethodView(APIView):
    permission_classes = (IsAuthenticated,)
    throttle_scope = "saved_methods"

    @extend_schema(operation_id="remove_payment_method", responses={204: None, **_PROBLEMS})
    def delete(self, request: Request, public_id: str) -> Response:
        saved.remove_method(user_id=_user_id(request), public_id=public_id, now=now())
        return Response(status=204)


class DefaultMethodView(APIView):
    permission_classes = (IsAuthenticated,)
    throttle_scope = "saved_methods"

    @extend_schema(
        operation_id="make_payment_method_default",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=None,
        responses={200: SavedMethodSerializer, **_PROBLEMS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, public_id: str) -> Response:
        method = saved.make_default(user_id=_user_id(request), public_id=public_id, now=now())
        return Response(method_document(method))
