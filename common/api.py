"""DRF pieces shared by the apps' APIs: the idempotent POST, and problem documents in the OpenAPI schema."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common import idempotency
from common.guests import guest_scope

Handler = Callable[..., Response]

IDEMPOTENCY_KEY_HEADER = OpenApiParameter(
    name="Idempotency-Key",
    type=str,
    location=OpenApiParameter.HEADER,
    required=True,
    description="8 to 255 characters, new for each intention and the same for each retry of it. Kept for 24 hours.",
)


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library's hook has no types
    """How the schema tells of it."""

    target_class = "common.authentication.SessionAuthentication"
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs")
    detail = serializers.CharField(help_text="For people")
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]  # RFC 9457 member of that name


def client_scope(request: Request) -> str:
    """Whose idempotency keys these are: the user's, or the guest's. A guest without a session gets one."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return guest_scope(request.session)


def idempotent(*, atomic: bool, keeps_answer: bool = True) -> Callable[[Handler], Handler]:
    """Makes a view method answer a repeated Idempotency-Key with the stored answer.

    `atomic`: the work is local, so it and its answer are stored in one transaction. Otherwise the work talks to a
    processor and is idempotent by itself; the answer is stored after it. `keeps_answer` False is for answers that
    hold a secret and must not lie in the database: the same request is then worked off again, which changes nothing
    and gives the truth of now. A refusal (any exception) gives the key back: nothing was changed, so the same request
    may come again.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = idempotency.check_key(request.headers.get("Idempotency-Key"))
            fingerprint = idempotency.request_hash(method=str(request.method), path=request.path, body=request.data)
            claimed = idempotency.claim(scope=client_scope(request), key=key, fingerprint=fingerprint)
            if claimed.status is not None:
                replay = Response(claimed.body, status=claimed.status)
                replay["Idempotent-Replayed"] = "true"
                return replay
            work = functools.partial(handler, view, request, *args, **kwargs)
            return _carry_out(work, claimed, atomic=atomic, keeps_answer=keeps_answer)

        return wrapper

    return decorate


def _carry_out(
    work: Callable[[], Response], claimed: idempotency.Claim, *, atomic: bool, keeps_answer: bool
) -> Response:
    answered = False
    try:
        if atomic:
            with transaction.atomic():
                response = work()
                idempotency.answer(claimed=claimed, status=response.status_code, body=response.data)
        else:
            response = work()
            if keeps_answer:
                idempotency.answer(claimed=claimed, status=response.status_code, body=response.data)
            else:
                idempotency.end_lease(claimed=claimed)
        answered = True
    finally:
        if not answered:
            idempotency.release(claimed=claimed)
    return response
