"""What happens by itself when its time has come."""

from collections.abc import Callable

from sandbox.paypal import authorizations, captures, vault
from sandbox.paypal.work import Work

_JOBS: dict[str, Callable[[Work, str], None]] = {
    "capture_completes": captures.complete,
    "capture_denied": captures.deny,
    "refund_succeeds": captures.succeed,
    "refund_fails": captures.fail,
    "vault_completes": vault.complete,
    "authorization_expires": authorizations.expire,
}


def run(work: Work, kind: str, subject: str) -> None:
    _JOBS[kind](work, subject)
