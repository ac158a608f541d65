"""Metadata: https://docs.stripe.com/api/metadata (50 keys, 40 characters a key, 500 a value)"""

from typing import Any

from sandbox.stripe.errors import ApiError


def merged(old: dict[str, str], given: dict[str, str] | str | None) -> dict[str, str]:
    """`given` over `old`: an empty value removes its key, an empty text removes all. Raises ApiError."""
    if given is None:
        return old
    if isinstance(given, str):
        return {}
    result: dict[str, Any] = dict(old)
    for key, value in given.items():
        if len(key) > 40:
            raise ApiError(
                400,
                f"Metadata keys must be 40 characters or less, but got '{key}' ({len(key)} characters).",
                param="metadata",
            )
        if len(value) > 500:
            raise ApiError(
                400,
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(value)} "
                f"characters. Invalid value: {value}",
                param=f"metadata[{key}]",
            )
        if value == "":
            result.pop(key, None)
        else:
            result[key] = value
    if len(result) > 50:
        raise ApiError(400, "Metadata can have at most 50 keys.", param="metadata")
    return result
