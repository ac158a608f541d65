"""API keys: https://docs.stripe.com/keys. Any test key is good; live keys never are."""

import base64
import binascii
import re
from collections.abc import Mapping

from sandbox.stripe.errors import ApiError

_TEST_KEY = re.compile(r"(sk|rk|pk)_test_[A-Za-z0-9_]+\Z", re.ASCII)


def key_of(headers: Mapping[str, str], parameters: Mapping[str, object]) -> str:
    """The key in the Authorization header (Bearer or Basic) or, from browsers, in the parameter `key`."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    given = parameters.get("key")
    return given if isinstance(given, str) else ""


def check(key: str) -> bool:
    """Whether the key is a publishable one. Raises ApiError."""
    if not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
        )
    if not _TEST_KEY.match(key):
        raise ApiError(401, f"Invalid API Key provided: {_masked(key)}")
    return key.startswith("pk_")


def secret_key_required() -> ApiError:
    return ApiError(
        401,
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
        "your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}" if len(key) > 12 else "*" * len(key)
