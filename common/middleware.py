"""What every request passes: a trace id for all that follows from it, and the guard against card data."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import parse_qsl

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException

from common import audit, card_data, context

log = structlog.get_logger(__name__)

_TRACE_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
# Of lists and objects in each other in a JSON body; what we take has three.
_MAX_DEPTH = 100
_LONGEST_NAME = 255
_QUIET = ("/static/", "/media/", "/healthz")
Handler = Callable[[HttpRequest], HttpResponse]


class RequestTrace:
    """Binds trace id, address and actor for logs, audit and tasks; answers with the id in `X-Request-ID`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        offered = request.headers.get("X-Request-ID", "")
        usable = _TRACE_ID.match(offered) and not card_data.has_card_number(offered)
        trace_id = offered if usable else context.new_trace_id()
        context.bind(trace_id=trace_id, ip=client_ip(request), actor="guest")
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = trace_id
        if not request.path.startswith(_QUIET):
            log.info(
                "request",
                method=request.method,
                # The route and not the path: an address typed by somebody may hold anything.
                route=request.resolver_match.route if request.resolver_match else "",
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response


class NamesNothing:
    """404 for an address that can name nothing: PostgreSQL's texts can't hold the character 0, and no file's name is
    longer than 255 bytes. Views look up what stands in their address without asking that each time.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if "\0" in path or any(len(name.encode("utf-8", "replace")) > _LONGEST_NAME for name in path.split("/")):
            if path.startswith("/api/"):
                return problem(status=404, code="not_found", title="Not found.")
            raise Http404
        return self.get_response(request)


class ActorTrace:
    """After authentication: names the signed-in user as the actor, without forcing a session to load."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            context.bind(actor=f"{'staff' if request.user.is_staff else 'user'}:{request.user.pk}")
        return self.get_response(request)


class CardDataGuard:
    """Refuses a request that holds a card number, CVC or expiry in its path, query or body, and raises an alert.

    Card data goes from the browser to the processor alone (PCI DSS SAQ A). The processors' own webhooks never come
    here (`webhooks.middleware`): they are verified by signature and never hold a full number.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _declared_bytes(request) > settings.REQUEST_MAX_BYTES:
            # Before a byte is read: files would be written to the disk first.
            return problem(status=413, code="request_too_large", title="This request is too large")
        try:
            fields = list(_offending_fields(request))
        except RequestDataTooBig:
            return problem(status=413, code="request_too_large", title="This request is too large")
        except RecursionError:
            return problem(status=400, code="malformed_request", title="This request is nested too deeply to be read")
        if not fields:
            return self.get_response(request)
        audit.record(
            event_type="pci.alert", outcome="refused", command=f"{request.method} card data in {fields[0]}"[:80]
        )
        log.error("pci_alert", fields=fields[:10])
        refusal = problem(
            status=400,
            code="card_data_refused",
            title="Card details must not be sent here",
            detail="Enter card details only in the card form. Nothing of this request was kept.",
            errors=[{"field": field, "message": "holds card data"} for field in fields[:10]],
        )
        # Django logs the path of every 4xx answer, and the number may stand in it.
        refusal._has_been_logged = True  # type: ignore[attr-defined]
        return refusal


def client_ip(request: HttpRequest) -> str:
    """The peer's address, or the one named by the last proxy that we trust (TRUSTED_PROXIES)."""
    proxies: int = settings.REST_FRAMEWORK["NUM_PROXIES"]
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def problem(*, status: int, code: str, title: str, detail: str = "", **members: object) -> JsonResponse:
    """A problem document (RFC 9457)."""
    body = {"type": f"/problems/{code}", "title": title, "status": status, "code": code, "detail": detail or title}
    return JsonResponse(body | members, status=status, content_type="application/problem+json")


def _declared_bytes(request: HttpRequest) -> int:
    """What the client says; nothing is read beyond it, and a body without a length is read as none."""
    declared = str(request.META.get("CONTENT_LENGTH") or "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _offending_fields(request: HttpRequest) -> Iterator[str]:
    if card_data.has_card_number(request.path):
        yield "path"
    yield from card_data.find(_form(request.META.get("QUERY_STRING", "")), "query")
    yield from card_data.find(
        {name: request.headers.get(name, "") for name in ("Idempotency-Key", "User-Agent", "Referer")}, "header"
    )
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    kind = request.content_type or ""
    if kind.startswith("multipart/form-data"):
        yield from card_data.find({name: request.POST.getlist(name) for name in request.POST}, "")
        # What a file is called is typed by somebody too; its content is looked at where files are taken.
        names = {name: [file.name or "" for file in request.FILES.getlist(name)] for name in request.FILES}
        yield from card_data.find(names, "")
        return
    try:
        text = _decoded(request)
    except RawPostDataException:
        return
    if kind == "application/x-www-form-urlencoded":
        yield from card_data.find(_form(text), "")
        return
    try:
        document = json.loads(text, object_pairs_hook=_all_values) if text.strip() else {}
    except (ValueError, RecursionError) as error:  # the first also for a number of more digits than Python reads
        if card_data.has_card_number(text):
            yield "body"
        elif isinstance(error, RecursionError):
            raise
        return
    found = list(card_data.find(document, ""))
    yield from found
    if not found and _is_deeper(document, _MAX_DEPTH):
        # The parsers behind us, which are called from further within, would not get through what we just got through.
        raise RecursionError


def _is_deeper(document: object, levels: int) -> bool:
    """Whether lists and objects stand in each other more than so many levels deep."""
    here = [document]
    for _ in range(levels + 1):
        containers = [item for item in here if isinstance(item, dict | list)]
        if not containers:
            return False
        here = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
    return True


def _decoded(request: HttpRequest) -> str:
    """The body as the parsers behind us will read it: in the charset that the request names."""
    try:
        return request.body.decode(request.encoding or "utf-8", errors="replace")
    except (LookupError, UnicodeError):  # no charset of texts, or one that can't be read with gaps
        return request.body.decode("utf-8", errors="replace")


def _form(text: str) -> dict[str, object]:
    return _all_values(parse_qsl(text, keep_blank_values=True))


def _all_values(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """A name that comes twice keeps both values: nothing hides behind the last one."""
    fields: dict[str, list[object]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
