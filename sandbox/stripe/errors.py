"""Errors as Stripe answers them: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes"""

from typing import Any


class ApiError(Exception):
    """A request that is answered with an error, and undone.

    `stored` says whether the answer is kept under the request's idempotency key: Stripe keeps what an endpoint
    answered once it had started, and nothing of requests that were refused before that.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        stored: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.stored = status, stored
        self.error: dict[str, Any] = {"type": type, "message": message, **more}
        if code:
            self.error |= {"code": code, "doc_url": doc_url(code)}
        if param:
            self.error["param"] = param


def doc_url(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def missing_object(kind: str, object_id: str, *, param: str) -> ApiError:
    """404 where the object is the request's subject (its id stands in the path), 400 where a parameter names it."""
    in_path = param in ("id", "intent", "account")
    return ApiError(
        404 if in_path else 400,
        f"No such {kind}: '{object_id}'",
        code="resource_missing",
        param=param,
        stored=True,
    )


class Declined(Exception):
    """A payment that was refused by the card or its issuer. Unlike other errors, what happened stays written down."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error
