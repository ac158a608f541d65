"""Ids in PayPal's formats."""

import secrets
import string

_UPPER = string.ascii_uppercase + string.digits
_LOWER = string.ascii_lowercase + string.digits
# No look-alikes in the ids of accounts: neither 0, 1, I nor O.
_ACCOUNT = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def transaction_id() -> str:
    """Orders, authorizations, captures and refunds: 17 capital letters and digits."""
    return _random(_UPPER, 17)


def account_id() -> str:
    return _random(_ACCOUNT, 13)


def vault_id() -> str:
    return _random(_LOWER, 8)


def setup_token_id() -> str:
    return _random(_UPPER, 17)


def customer_id() -> str:
    return _random(string.ascii_letters, 10)


def event_id() -> str:
    return f"WH-{_random(_UPPER, 17)}-{_random(_UPPER, 17)}"


def dispute_id() -> str:
    return f"PP-R-{_random(string.ascii_uppercase, 3)}-{_random(string.digits, 8)}"


def debug_id() -> str:
    return secrets.token_hex(7)[:13]


def access_token() -> str:
    return f"A21AA{_random(string.ascii_letters + string.digits, 60)}"
