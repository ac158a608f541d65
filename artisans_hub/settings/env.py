"""Reads the environment, the only source of configuration, and refuses to start on a bad value by naming it.

`.env.example` explains every variable. A `.env` file beside manage.py is read for development; real environment
variables win over it.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

ENVIRONMENTS = ("development", "test", "production")
ENVIRONMENT: str = env.str("ARTISANS_HUB_ENV", default="development")
if ENVIRONMENT not in ENVIRONMENTS:
    raise ImproperlyConfigured(
        f"ARTISANS_HUB_ENV is {ENVIRONMENT!r}; it must be one of {', '.join(ENVIRONMENTS)}. See .env.example."
    )
IS_PRODUCTION = ENVIRONMENT == "production"


def required(name: str, *, why: str) -> str:
    """The value of a variable that has no default; raises ImproperlyConfigured naming the variable."""
    value: str = env.str(name, default="")
    if not value.strip():
        raise ImproperlyConfigured(
            f"{name} is not set: {why}. See .env.example, or run `make demo`, which sets everything up."
        )
    return value.strip()


def required_in_production(name: str, *, default: str, why: str) -> str:
    """As `required` in production, with a default elsewhere."""
    return required(name, why=why) if IS_PRODUCTION else str(env.str(name, default=default) or default)


def address(name: str, *, default: str, schemes: tuple[str, ...], why: str) -> str:
    """A URL with one of the given schemes; an empty default means that the variable is required."""
    value: str = env.str(name, default=default) or default
    if not value:
        value = required(name, why=why)
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise ImproperlyConfigured(
            f"{name} must be an address starting with {' or '.join(s + '://' for s in schemes)}."
        )
    return value


def whole_number(name: str, *, default: int, least: int, most: int) -> int:
    """An integer within bounds."""
    text = str(env.str(name, default=str(default))).strip() or str(default)
    try:
        value = int(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from error
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} is {value}; it must be between {least} and {most}.")
    return value


def words(name: str, *, default: str = "") -> list[str]:
    """A comma-separated list, empty items dropped."""
    return [word.strip() for word in str(env.str(name, default=default)).split(",") if word.strip()]


def amounts(name: str) -> dict[str, int]:
    """Amounts by currency, as in `EUR:50000,JPY:80000`: minor units, above zero."""
    found = {}
    for word in words(name):
        currency, _, figure = word.partition(":")
        if not (len(currency) == 3 and currency.isupper() and figure.isdecimal() and int(figure) > 0):
            raise ImproperlyConfigured(f"{name} must read like EUR:50000,JPY:80000 (minor units), not {word!r}.")
        found[currency] = int(figure)
    return found
