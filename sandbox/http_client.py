"""One POST over asyncio, for webhooks: no redirects, a deadline for the whole exchange."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit


class NoAnswer(Exception):
    """The receiver could not be reached, hung up, answered nonsense or took too long."""


async def post(url: str, *, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> int:
    """The status that the receiver answered with. Raises NoAnswer."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _post(url, body, headers)
    except TimeoutError as error:
        raise NoAnswer("timed out") from error
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=True if secure else None
    )
    try:
        lines = [
            f"POST {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        words = (await reader.readline()).split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/"):
            raise ValueError("no HTTP answer")
        return int(words[1])
    finally:
        writer.close()
