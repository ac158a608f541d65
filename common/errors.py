"""Refusals are types. An edge turns a `DomainError` into a problem document; nothing else about it is shown outside."""

import enum


class ErrorKind(enum.Enum):
    """What a caller can do about a refusal; the edge maps it to an HTTP status."""

    INVALID = "invalid"  # 400: mend the request
    PAYMENT = "payment"  # 402: another way to pay
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not_found"  # 404: not there, or not yours
    CONFLICT = "conflict"  # 409: the state does not allow it now
    GONE = "gone"  # 410: it was there and has expired
    MISMATCH = "mismatch"  # 422: the request contradicts an earlier one
    UNAVAILABLE = "unavailable"  # 503: try the same again later


class DomainError(Exception):
    """A refusal by a rule of ours. `code` is stable and for programs, `detail` is for people and holds no secret."""

    code = "refused"
    kind = ErrorKind.CONFLICT
    title = "This can't be done"

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
