"""Uploads: requests in `multipart/form-data`, which only files use (https://docs.stripe.com/file-upload)."""

import base64
import re
from typing import Any
from urllib.parse import urlencode

from sandbox.stripe.contract import ParameterInvalid

LARGEST_BODY = 16_000_000
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_HEADER = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def is_upload(content_type: str) -> bool:
    return content_type.startswith("multipart/form-data")


def parse(body: bytes, content_type: str) -> dict[str, Any]:
    """Parameters by name. A file is an object: filename, type, content (in base64). Raises ParameterInvalid."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ParameterInvalid("Invalid multipart/form-data: no boundary", param="file")
    parsed: dict[str, Any] = {}
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        names = dict(_HEADER.findall(next((line for line in lines if _is(line, "content-disposition")), "")))
        if not separator or "name" not in names:
            raise ParameterInvalid("Invalid multipart/form-data", param="file")
        content = content.removesuffix(b"\r\n")
        if "filename" not in names:
            parsed[names["name"]] = content.decode("utf-8", "replace")
            continue
        kind = next((line.partition(":")[2].strip() for line in lines if _is(line, "content-type")), "")
        parsed[names["name"]] = {
            "filename": names["filename"],
            "type": kind,
            "content": base64.b64encode(content).decode(),
        }
    return parsed


def for_trace(parameters: dict[str, Any]) -> str:
    """The same in form encoding, a file by its name."""
    return urlencode(
        {name: value["filename"] if isinstance(value, dict) else value for name, value in parameters.items()}
    )


def _is(line: str, header: str) -> bool:
    return line.lower().startswith(header + ":")
