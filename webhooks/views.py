"""Where processors deliver their events. A plain view: nothing here needs more, and it is asked very often."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from common import clock, context
from common.errors import DomainError, ErrorKind
from common.middleware import client_ip, problem
from webhooks import services

_RECEIVED = b'{"received":true}'


@csrf_exempt
def stripe(request: HttpRequest) -> HttpResponse:
    """Answers 200 once the event is stored, be it new or known already; a problem document otherwise."""
    if request.method != "POST":
        answer = problem(status=405, code="method_not_allowed", title="Events are delivered by POST")
        answer["Allow"] = "POST"
        return answer
    now = clock.now()
    body = _body_within_limit(request)
    if isinstance(body, JsonResponse):
        _note_refusal(request, f"http_{body.status_code}", 0, now)
        return body
    try:
        received = services.receive_stripe_event(
            body=body,
            signature_header=request.META.get("HTTP_STRIPE_SIGNATURE", ""),
            user_agent=request.META.get("HTTP_USER_AGENT", ""),
            now=now,
        )
    except DomainError as error:
        if error.kind is ErrorKind.UNAVAILABLE:
            return problem(status=503, code=error.code, title=error.title)
        _note_refusal(request, error.code, len(body), now)
        return problem(status=400, code=error.code, title=error.title, detail=error.detail)
    if received.event_id is not None:
        services.announce(received.event_id)
    return HttpResponse(_RECEIVED, content_type="application/json")


def _note_refusal(request: HttpRequest, code: str, size_bytes: int, now: dt.datetime) -> None:
    # Who it was is worth finding out only for what is refused.
    context.bind(ip=client_ip(request))
    services.note_refusal(source="stripe", code=code, size_bytes=size_bytes, unix_time=now.timestamp())


def _body_within_limit(request: HttpRequest) -> bytes | JsonResponse:
    """The whole body, or why it is refused. The declared length is checked first and never read beyond."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    if not declared.isdecimal():
        return problem(status=411, code="length_required", title="Say the length of the body in Content-Length")
    if int(declared[:20]) > settings.WEBHOOK_MAX_BYTES:
        return problem(status=413, code="event_too_large", title="This is larger than any event")
    try:
        body = request.body
    except UnreadablePostError:
        return problem(status=400, code="body_incomplete", title="The body ended too early")
    if len(body) != int(declared):
        return problem(status=400, code="body_incomplete", title="The body is not as long as Content-Length says")
    return body
