"""Ids and secrets in Stripe's formats."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """Most of Stripe's ids are a prefix and 24 letters and digits."""
    return f"{prefix}_{random_text(24)}"


def new_account_id() -> str:
    return f"acct_{random_text(16)}"


def new_customer_id() -> str:
    return f"cus_{random_text(14)}"


def new_request_id() -> str:
    return f"req_{random_text(14)}"


def new_client_secret(object_id: str) -> str:
    return f"{object_id}_secret_{random_text(25)}"
