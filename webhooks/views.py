"""Where processors deliver their events. A plain view: nothing here needs more, and it is asked very often."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from common import clock, context
from common.errors import DomainError, ErrorKind
from common.middleware import client_ip, problem
from payments.processors.paypal.events import Transmission
from webhooks import services
from webhooks.contracts import Received

_RECEIVED = b'{"received":true}'


_Receive = Callable[[bytes, str, dt.datetime], Received]


@csrf_exempt
def stripe(request: HttpRequest) -> HttpResponse:
    """Answers 200 once the event is stored, be it new or known already; a problem document otherwise."""

    def receive(body: bytes, user_agent: str, now: dt.datetime) -> Received:
        header = request.META.get("HTTP_STRIPE_SIGNATURE", "")
        return services.receive_stripe_event(body=body, signature_header=header, user_agent=user_agent, now=now)

    return _take_in(request, "stripe", receive)


@csrf_exempt
def paypal(request: HttpRequest) -> HttpResponse:
    """As `stripe`; 404 where the shop does not take PayPal."""
    if not settings.PAYPAL_ENABLED:
        return problem(status=404, code="not_found", title="PayPal is not taken here")

    def receive(body: bytes, user_agent: str, now: dt.datetime) -> Received:
        header = request.META.get
        transmission = Transmission(
            algorithm=header("HTTP_PAYPAL_AUTH_ALGO", ""),
            certificate_url=header("HTTP_PAYPAL_CERT_URL", ""),
            transmission_id=header("HTTP_PAYPAL_TRANSMISSION_ID", ""),
            transmission_time=header("HTTP_PAYPAL_TRANSMISSION_TIME", ""),
            signature=header("HTTP_PAYPAL_TRANSMISSION_SIG", ""),
        )
        return services.receive_paypal_event(body=body, transmission=transmission, user_agent=user_agent, now=now)

    return _take_in(request, "paypal", receive)


def _take_in(request: HttpRequest, source: str, receive: _Receive) -> HttpResponse:
    if request.method != "POST":
        answer = problem(status=405, code="method_not_allowed", title="Events are delivered by POST")
        answer["Allow"] = "POST"
        return answer
    now = clock.now()
    body = _body_within_limit(request)
    if isinstance(body, JsonResponse):
        _note_refusal(request, source, f"http_{body.status_code}", 0, now)
        return body
    try:
        received = receive(body, request.META.get("HTTP_USER_AGENT", ""), now)
    except DomainError as error:
        if error.kind is ErrorKind.UNAVAILABLE:
            return problem(status=503, code=error.code, title=error.title)
        _note_refusal(request, source, error.code, len(body), now)
        return problem(status=400, code=error.code, title=error.title, detail=error.detail)
    if received.event_id is not None:
        services.announce(received.event_id)
    return HttpResponse(_RECEIVED, content_type="application/json")


def _note_refusal(request: HttpRequest, source: str, code: str, size_bytes: int, now: dt.datetime) -> None:
    # Who it was is worth finding out only for what is refused.
    context.bind(ip=client_ip(request))
    services.note_refusal(source=source, code=code, size_bytes=size_bytes, unix_time=now.timestamp())


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
