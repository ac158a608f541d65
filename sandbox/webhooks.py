"""Delivers events to webhook endpoints: signed and retried; late, twice, turned round, held or dropped on request."""

import asyncio
import datetime as dt
import hmac
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox import http_client
from sandbox.clock import Clock
from sandbox.paypal import signing
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.paypal.work import shown
from sandbox.store import Document, Store

# Stripe tries for three days with growing pauses; the sandbox's pauses, in seconds of its own clock.
RETRY_SECONDS = (1, 2, 5, 10, 30, 60, 300, 1800, 3600, 7200, 14400)
_TIMEOUT_SECONDS = 10
_AT_ONCE = 8


@dataclass(frozen=True)
class Due:
    id: int
    event: str
    endpoint: str
    lane: str
    attempts: tuple[dict[str, Any], ...]


def signature(*, secret: str, body: str, signed_at: int) -> str:
    """The Stripe-Signature header: https://docs.stripe.com/webhooks#verify-manually"""
    digest = hmac.digest(secret.encode(), f"{signed_at}.{body}".encode(), "sha256").hex()
    return f"t={signed_at},v1={digest}"


def _signed_by_stripe(event: Document, endpoint: Document) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event | {"pending_webhooks": 1}, indent=2)
    # The signature carries the real time: the receiver's clock is not moved with the sandbox's.
    signed = signature(secret=endpoint["_"]["secret"], body=body, signed_at=int(time.time()))
    return body.encode(), {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signed,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }


class Deliverer:
    def __init__(self, *, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store, self._clock, self._wake = store, clock, wake
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self.paypal: PayPalGateway | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def busy(self) -> bool:
        return bool(self._lanes)

    def start_due(self) -> None:
        """Sends what is due. Deliveries of one payment go one after the other, those of others beside them."""
        by_lane: dict[str, list[Due]] = {}
        for due in self._due():
            if due.lane not in self._lanes:
                by_lane.setdefault(due.lane, []).append(due)
        for lane, dues in by_lane.items():
            self._lanes[lane] = asyncio.create_task(self._run(lane, dues))

    def _due(self) -> Iterable[Due]:
        rows = self._store.sql.execute(
            "SELECT * FROM deliveries WHERE state = 'waiting' AND due_at <= ? "
            "ORDER BY CASE WHEN backwards THEN -id ELSE id END LIMIT 200",
            (self._clock.now(),),
        )
        return [
            Due(row["id"], row["event"], row["endpoint"], row["lane"], tuple(json.loads(row["attempts"])))
            for row in rows
        ]

    async def _run(self, lane: str, dues: list[Due]) -> None:
        try:
            async with self._slots:
                for due in dues:
                    await self._deliver(due)
        finally:
            del self._lanes[lane]
            self._wake()

    async def stop(self) -> None:
        for task in list(self._lanes.values()):
            task.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _deliver(self, due: Due) -> None:
        event, endpoint = self._store.find(due.event), self._store.find(due.endpoint)
        if event is None or endpoint is None:
            self._note(due, {"at": self._clock.now(), "error": "the event or the endpoint is gone"}, state="failed")
            return
        if endpoint[0]["object"] == "paypal_webhook":
            body, headers = self._signed_by_paypal(event[0], endpoint[0])
        else:
            body, headers = _signed_by_stripe(event[0], endpoint[0])
        started = time.perf_counter()
        attempt: dict[str, Any] = {"at": self._clock.now()}
        try:
            attempt["status"] = await http_client.post(
                endpoint[0]["url"], body=body, headers=headers, timeout_seconds=_TIMEOUT_SECONDS
            )
        except http_client.NoAnswer as error:
            attempt["error"] = str(error)
        attempt["seconds"] = round(time.perf_counter() - started, 4)
        delivered = 200 <= attempt.get("status", 0) < 300
        again = len(due.attempts) < len(RETRY_SECONDS)
        self._note(due, attempt, state="delivered" if delivered else "waiting" if again else "failed")

    def _signed_by_paypal(self, event: Document, endpoint: Document) -> tuple[bytes, dict[str, str]]:
        if self.paypal is None:
            raise RuntimeError("PayPal's half has not been started")
        body = json.dumps(shown(event), separators=(",", ":"), ensure_ascii=False).encode()
        signed = self.paypal.certificates.sign(body=body, webhook_id=endpoint["id"], at=dt.datetime.now(tz=dt.UTC))
        return body, {
            "Content-Type": "application/json",
            "PAYPAL-TRANSMISSION-ID": signed.transmission_id,
            "PAYPAL-TRANSMISSION-TIME": signed.transmission_time,
            "PAYPAL-TRANSMISSION-SIG": signed.value,
            "PAYPAL-CERT-URL": f"{self.paypal.base_url}{self.paypal.certificates.path}",
            "PAYPAL-AUTH-ALGO": signing.ALGORITHM,
            "PAYPAL-AUTH-VERSION": "v2",
            "User-Agent": "PayPal/AUHR-1.0",
        }

    def _note(self, due: Due, attempt: dict[str, Any], *, state: str) -> None:
        tried = len(due.attempts)
        next_at = self._clock.now() + (RETRY_SECONDS[tried] if tried < len(RETRY_SECONDS) else 0)
        self._store.sql.execute(
            "UPDATE deliveries SET state = ?, due_at = ?, attempts = ? WHERE id = ?",
            (state, next_at, json.dumps([*due.attempts, attempt]), due.id),
        )
