"""python -m sandbox --host 127.0.0.1 --port N --state FILE.sqlite3 [--smtp-port N] [--webhook-url URL] ..."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn

from sandbox import app
from sandbox.connection import Protocol


class _Server(uvicorn.Server):
    """Says when it listens, so that whoever started it need not guess."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[str], None]) -> None:
        super().__init__(config)
        self.listens = listens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self.listens(f"http://{host}:{port}")
            print(f"sandbox ready http://{host}:{port}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Simulates the payment processors.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="SQLite file that keeps everything")
    parser.add_argument("--smtp-port", type=int, help="where the mail sink listens")
    parser.add_argument("--webhook-url", help="where events are delivered")
    parser.add_argument("--webhook-secret", default="whsec_sandbox", help="signs the deliveries")
    parser.add_argument(
        "--available-after-seconds", type=float, help="how long money stays pending (as stored; at first three days)"
    )
    parser.add_argument("--paypal-webhook-url", help="where PayPal's events are delivered")
    parser.add_argument("--paypal-webhook-id", default="WH0SANDBOX0000001", help="is part of what is signed")
    parser.add_argument("--paypal-ca-file", type=Path, help="where the root certificate of PayPal's signatures is put")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    application = app.create(
        app.Configuration(
            state=arguments.state,
            host=arguments.host,
            smtp_port=arguments.smtp_port,
            webhook_url=arguments.webhook_url,
            webhook_secret=arguments.webhook_secret,
            available_after_seconds=arguments.available_after_seconds,
            paypal_webhook_url=arguments.paypal_webhook_url,
            paypal_webhook_id=arguments.paypal_webhook_id,
            paypal_ca_file=arguments.paypal_ca_file,
            trace=os.environ.get("SANDBOX_TRACE") or None,
            strict=os.environ.get("SANDBOX_STRICT") == "1",
        )
    )
    server = _Server(
        uvicorn.Config(
            application,
            host=arguments.host,
            port=arguments.port,
            http=Protocol,
            loop="asyncio",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        ),
        application.state.listens,
    )
    # The server hands the signal on once it has stopped in order; a stop on request is a success.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
