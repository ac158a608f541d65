"""Ids that the outside sees: a prefix that names the kind, and 128 random bits. Nobody can guess the next one."""

import secrets

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 22
_IDS = len(_ALPHABET) ** _LENGTH  # more than 2 ** 128
MAX_LENGTH = 32


def new_public_id(prefix: str) -> str:
    """`ord_8kJm...`: prefix, underscore, 22 base-58 characters."""
    number = secrets.randbelow(_IDS)
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return prefix + "_" + "".join(digits)


def is_public_id(text: object, prefix: str) -> bool:
    """Whether the text has the form of one of our ids of this kind."""
    if not isinstance(text, str) or not text.startswith(prefix + "_"):
        return False
    body = text[len(prefix) + 1 :]
    return len(body) == _LENGTH and all(character in _ALPHABET for character in body)
