"""The short way to the intake."""

from collections.abc import Callable
from functools import lru_cache

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from common import context

_PREFIX = "/webhooks/"
_resolve = lru_cache(maxsize=8)(resolve)


class DirectIntake:
    """First of all middleware: takes a delivery straight to its view, past what only people's requests need.

    Sessions, users, CSRF, messages, content policy and the log line per request cost more than storing the event, and
    mean nothing to a processor: it has no cookie, reads no page, and is known by its signature. What was accepted is
    written in the inbox with its trace id, what was refused in the log. A delivery over plain HTTP, where the shop
    insists on HTTPS, goes the long way and is redirected there; so does what is sent to an address that takes none,
    past the guard against card data.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_PREFIX) or (settings.SECURE_SSL_REDIRECT and not request.is_secure()):
            return self.get_response(request)
        try:
            match = _resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        trace_id = context.new_trace_id()
        structlog.contextvars.clear_contextvars()
        context.bind(trace_id=trace_id, actor="processor")
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response["X-Request-ID"] = trace_id
        return response
