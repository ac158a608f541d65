"""Ids and secrets in Stripe's formats."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


# Bytes below the largest multiple of 62 fall on the alphabet evenly; the others are thrown away.
_EVEN = 256 - 256 % len(_ALPHABET)


def random_text(length: int) -> str:
    """Letters and digits that nobody can guess."""
    text = ""
    while len(text) < length:
        text += "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length + 8) if byte < _EVEN)
    return text[:length]


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
