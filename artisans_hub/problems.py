"""Errors -> HTTP: every refusal leaves the API as one problem document (RFC 9457)."""

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from common.errors import DomainError, ErrorKind

log = structlog.get_logger(__name__)

STATUS_OF_KIND = {
    ErrorKind.INVALID: 400,
    ErrorKind.PAYMENT: 402,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.GONE: 410,
    ErrorKind.MISMATCH: 422,
    ErrorKind.UNAVAILABLE: 503,
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. Returns None for what is a defect of ours, which becomes a 500 and is logged with its trace."""
    if isinstance(error, DomainError):
        log.info("refused", code=error.code)
        return _problem(STATUS_OF_KIND[error.kind], error.code, error.title, error.detail, error.members)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = drf_exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    answer = _of_api_exception(error)
    for name in ("Retry-After", "WWW-Authenticate", "Allow"):
        if name in response.headers:
            answer[name] = response.headers[name]
    return answer


def _of_api_exception(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        return _problem(
            400, "invalid_request", "Some of this is not right", "Check the fields named below.",
            {"errors": list(_field_errors(error.detail))},
        )  # fmt: skip
    detail = str(error.detail) if isinstance(error.detail, str) else error.default_detail
    return _problem(error.status_code, str(error.default_code), str(error.default_detail), str(detail), {})


def _field_errors(detail: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            found
            for name, inner in detail.items()
            for found in _field_errors(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
        ]
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        return [found for index, inner in enumerate(detail) for found in _field_errors(inner, f"{path}[{index}]")]
    messages = detail if isinstance(detail, list) else [detail]
    return [{"field": path, "message": str(message)} for message in messages]


def _problem(status: int, code: str, title: str, detail: str, members: dict[str, object]) -> Response:
    body = {"type": f"/problems/{code}", "title": title, "status": status, "code": code, "detail": detail}
    return Response(body | members, status=status, content_type="application/problem+json")
