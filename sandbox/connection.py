"""Connections that break: an answer that closes or resets the connection instead of being sent."""

import asyncio
import socket
import struct
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_NO_LINGER = struct.pack("ii", 1, 0)


class Protocol(H11Protocol):
    """Uvicorn's own, which also hands each request its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            scope["sandbox.connection"] = transport
            await app(scope, receive, send)

        self.app = with_connection


class _Dropped(Response):
    def __init__(self, transport: asyncio.Transport, *, reset: bool) -> None:
        super().__init__()
        self._transport, self._reset = transport, reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._reset:
            connection = self._transport.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()
        else:
            self._transport.close()
        # Until the server has noticed that the client is gone; otherwise it would report a missing answer.
        while (await receive())["type"] != "http.disconnect":
            pass


def dropped(request: Request, *, reset: bool) -> Response:
    return _Dropped(request.scope["sandbox.connection"], reset=reset)
