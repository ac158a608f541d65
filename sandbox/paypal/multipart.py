"""Multipart bodies: a JSON part called `input` and files."""

import json
from email import policy
from email.parser import BytesParser
from typing import Any

from sandbox.paypal.errors import invalid


def read(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of the part `input`, and under `_files` the name, type and size of each file. Raises ApiError."""
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    given: dict[str, Any] = {}
    files: list[dict[str, Any]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if name == "input":
            try:
                given = json.loads(content)
            except ValueError as error:
                raise invalid([{"field": "/input", "location": "body", "issue": "MALFORMED_REQUEST_JSON"}]) from error
        else:
            files.append(
                {"name": part.get_filename() or str(name), "type": part.get_content_type(), "size": len(content)}
            )
    if not isinstance(given, dict):
        raise invalid([{"field": "/input", "location": "body", "issue": "INVALID_PARAMETER_SYNTAX"}])
    return {**given, "_files": files}
