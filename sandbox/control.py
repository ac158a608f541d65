"""The control API under /_sandbox/: faults, webhooks, clock, settings, and what is on the books."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.background import Background
from sandbox.clock import Clock
from sandbox.faults import FaultInvalid, Faults
from sandbox.paypal import summary as paypal_summary
from sandbox.paypal.errors import ApiError as PayPalError
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.store import Document, Store
from sandbox.stripe import balance, disputes, events, payouts, requirements, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.gateway import Gateway

_MODES = ("deliver", "hold", "drop")
# What it is about: events whose kind fits one of the patterns `types`, and of `processor`, stripe or paypal. None: all.
_MODE: dict[str, Any] = {
    "mode": "deliver", "duplicate": 0, "reorder": False, "delay_seconds": 0, "types": None, "processor": None,
}  # fmt: skip
# In seconds, or 1 for yes and 0 for no.
SETTINGS = (
    "available_after_seconds",
    "capture_async_seconds",
    "search_delay_seconds",
    "dispute_fee_kept",
    "refunds_wait_for_funds",
    "check_seconds",
    "payout_arrives_after_seconds",
    *paypal_summary.SETTINGS,
)

Endpoint = Callable[[Request], Awaitable[Response]]


# kind of event: where it has its type
_EVENTS = {"event": "type", "paypal_event": "event_type"}


class Refused(Exception):
    """The control API was asked for something that makes no sense."""


def spoken(endpoint: Endpoint) -> Endpoint:
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (Refused, FaultInvalid) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except ApiError as error:
            return JSONResponse({"error": error.error["message"]}, status_code=error.status)
        except PayPalError as error:
            return JSONResponse({"error": str(error)}, status_code=error.status)

    return answered


async def json_of(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise Refused("The body must be a JSON object.")
    return given


def _subject(event: Document) -> Document:
    """What the event is about."""
    subject: Document = event["resource"] if event["object"] == "paypal_event" else event["data"]["object"]
    return subject


class Control:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        faults: Faults,
        gateway: Gateway,
        paypal: PayPalGateway,
        background: Background,
        reset: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._faults = store, clock, faults
        self._gateway, self._background, self._reset = gateway, background, reset
        self._paypal = paypal

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/webhooks", self.list_webhooks),
            ("POST", "/webhooks/mode", self.set_mode),
            ("POST", "/webhooks/release", self.release),
            ("POST", "/webhooks/{event}/send", self.send),
            ("GET", "/clock", self.show_clock),
            ("POST", "/clock", self.move_clock),
            ("GET", "/settings", self.show_settings),
            ("POST", "/settings", self.change_settings),
            ("GET", "/health", self.health),
            ("GET", "/summary", self.summary),
            ("POST", "/reset", self.reset),
            ("GET", "/idle", self.idle),
            ("POST", "/disputes/{dispute}/decide", self.decide_dispute),
        ]
        return [
            Route(f"/_sandbox{path}", spoken(endpoint), methods=[method], name=f"{method} {path}")
            for method, path, endpoint in table
        ]

    # ------------------------------------------------------------------ faults
    async def list_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._faults.all()})

    async def add_fault(self, request: Request) -> Response:
        fault = self._faults.add(await json_of(request))
        return JSONResponse({"id": fault.id, "faults": self._faults.all()}, status_code=201)

    async def clear_faults(self, request: Request) -> Response:
        self._faults.clear()
        return JSONResponse({"faults": []})

    # ------------------------------------------------------------------ webhooks
    async def list_webhooks(self, request: Request) -> Response:
        """Events, newest first, with every delivery and its attempts. `?type=` and `?limit=` narrow it down."""
        wanted = request.query_params.get("type")
        limit = request.query_params.get("limit", "200")
        if not limit.isdigit():
            raise Refused("limit must be a number.")
        found: list[Document] = []
        for kind, field in _EVENTS.items():
            where = [(f"json_extract(document, '$.{field}') = ?", wanted)] if wanted else []
            found += self._store.select(kind, account=None, where=where, limit=int(limit))
        found = sorted(found, key=lambda event: event["created"], reverse=True)[: int(limit)]
        return JSONResponse(
            {
                "mode": self._mode(),
                "events": [
                    {
                        "id": event["id"],
                        "type": event[_EVENTS[event["object"]]],
                        "created": event["created"],
                        "subject": _subject(event).get("id") or _subject(event).get("dispute_id"),
                        "deliveries": self._deliveries(event["id"]),
                    }
                    for event in found
                ],
            }
        )

    def _deliveries(self, event_id: str) -> list[dict[str, Any]]:
        rows = self._store.sql.execute("SELECT * FROM deliveries WHERE event = ? ORDER BY id", (event_id,))
        return [
            {
                "id": row["id"],
                "endpoint": row["endpoint"],
                "state": row["state"],
                "due_at": row["due_at"],
                "attempts": json.loads(row["attempts"]),
            }
            for row in rows
        ]

    def _mode(self) -> dict[str, Any]:
        return _MODE | dict(self._store.document_setting("webhook_mode", {}))

    async def set_mode(self, request: Request) -> Response:
        """What is not given goes back to its default."""
        given = await json_of(request)
        mode = _MODE | given
        if mode["mode"] not in _MODES or len(mode) > len(_MODE):
            raise Refused(f"mode must be one of {', '.join(_MODES)}; the rest: {', '.join(list(_MODE)[1:])}")
        if type(mode["duplicate"]) is not int or not 0 <= mode["duplicate"] <= 10:
            raise Refused("duplicate must be a number of copies from 0 to 10")
        if not isinstance(mode["delay_seconds"], int | float) or mode["delay_seconds"] < 0:
            raise Refused("delay_seconds must be a number, not negative")
        types = mode["types"]
        if types is not None and not (isinstance(types, list) and types and all(isinstance(t, str) for t in types)):
            raise Refused("types must be a list of kinds of events; * stands for any letters")
        if mode["processor"] not in (None, "stripe", "paypal"):
            raise Refused("processor must be stripe or paypal")
        self._store.set_document_setting("webhook_mode", mode)
        return JSONResponse(mode)

    async def release(self, request: Request) -> Response:
        """Delivers what is held: all of it or the events in `ids` (in that order); `order` is created or reverse."""
        given = await json_of(request)
        rows = self._store.sql.execute("SELECT id, event FROM deliveries WHERE state = 'held' ORDER BY id").fetchall()
        ids, order = given.get("ids"), given.get("order", "created")
        if order not in ("created", "reverse"):
            raise Refused("order must be created or reverse")
        if ids is not None:
            rows = [row for event_id in ids for row in rows if row["event"] == event_id]
        elif order == "reverse":
            rows.reverse()
        with self._store.transaction():
            for row in rows:
                # A new row at the end of one lane, so that the order asked for is the order of delivery.
                self._store.sql.execute(
                    "INSERT INTO deliveries (event, endpoint, lane, state, due_at) "
                    "SELECT event, endpoint, 'released', 'waiting', ? FROM deliveries WHERE id = ?",
                    (self._clock.now(), row["id"]),
                )
                self._store.sql.execute("DELETE FROM deliveries WHERE id = ?", (row["id"],))
        self._background.wake()
        return JSONResponse({"released": len(rows)})

    async def send(self, request: Request) -> Response:
        """Delivers one event once more, now, whatever the mode and whatever happened to it before."""
        work = self._gateway.work()
        found = self._store.find(request.path_params["event"])
        if found is None or found[0]["object"] not in _EVENTS:
            raise Refused("There is no such event.")
        event, of_paypal = found[0], found[0]["object"] == "paypal_event"
        kind = "paypal_webhook" if of_paypal else "webhook_endpoint"
        endpoints = self._store.select(kind, account=None, newest_first=False)
        lane = event["_"]["lane"] if of_paypal else events.lane_of(event["data"]["object"])
        with self._store.transaction():
            for endpoint in endpoints:
                self._store.sql.execute(
                    "INSERT INTO deliveries (event, endpoint, lane, state, due_at) VALUES (?, ?, ?, 'waiting', ?)",
                    (event["id"], endpoint["id"], lane, self._clock.now()),
                )
        self._background.wake()
        return JSONResponse({"sent": len(endpoints), "at": work.now})

    # ------------------------------------------------------------------ clock and settings
    async def show_clock(self, request: Request) -> Response:
        now = self._clock.now()
        return JSONResponse({"now": dt.datetime.fromtimestamp(now, tz=dt.UTC).isoformat(), "unix": now})

    async def move_clock(self, request: Request) -> Response:
        given = await json_of(request)
        if "advance_seconds" in given:
            self._clock.advance(float(given["advance_seconds"]))
        elif "now" in given:
            try:
                moment = dt.datetime.fromisoformat(str(given["now"]))
            except ValueError as error:
                raise Refused("now must be an ISO 8601 time.") from error
            self._clock.set(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))
        else:
            raise Refused("Give advance_seconds or now.")
        self._background.wake()
        return await self.show_clock(request)

    async def show_settings(self, request: Request) -> Response:
        defaults = {
            "available_after_seconds": balance.DEFAULT_DELAY_SECONDS,
            "check_seconds": requirements.CHECK_SECONDS,
            "payout_arrives_after_seconds": payouts.ARRIVES_AFTER_SECONDS,
        } | paypal_summary.SETTINGS
        return JSONResponse({name: self._store.setting(name, defaults.get(name, 0)) for name in SETTINGS})

    async def change_settings(self, request: Request) -> Response:
        given = await json_of(request)
        for name, value in given.items():
            if name not in SETTINGS or not isinstance(value, int | float) or value < 0:
                raise Refused(f"Settings are {', '.join(SETTINGS)}, numbers, not negative.")
        for name, value in given.items():
            self._store.set_setting(name, value)
        return await self.show_settings(request)

    # ------------------------------------------------------------------ state
    async def health(self, request: Request) -> Response:
        return JSONResponse({"ready": True, "api_version": self._gateway.api_version})

    async def summary(self, request: Request) -> Response:
        """What is on the books, for comparing with somebody else's."""
        work = self._gateway.work()
        owners = [
            row["account"] for row in self._store.sql.execute("SELECT DISTINCT account FROM money ORDER BY account")
        ]

        def of(kind: str) -> list[dict[str, Any]]:
            return [views.public(work, item) for item in self._store.select(kind, newest_first=False)]

        return JSONResponse(
            {
                "payment_intents": of("payment_intent"),
                "setup_intents": of("setup_intent"),
                "customers": [customer for customer in of("customer") if "deleted" not in customer],
                # Of customers: the others are used up with their payment.
                "payment_methods": [method for method in of("payment_method") if method["customer"]],
                "charges": of("charge"),
                "refunds": of("refund"),
                "transfers": of("transfer"),
                "payouts": [views.public(work, item) for item in self._store.select("payout", account=None)],
                "topups": of("topup"),
                "disputes": of("dispute"),
                "files": of("file"),
                "checkout_sessions": of("checkout.session"),
                "paypal": paypal_summary.summary(self._paypal.work()),
                "balances": {owner or "platform": balance.totals(work, owner) for owner in owners},
            }
        )

    async def reset(self, request: Request) -> Response:
        self._reset()
        return JSONResponse({"reset": True})

    async def idle(self, request: Request) -> Response:
        """Waits until nothing is due and nothing is under way, at most `?timeout=` seconds (10)."""
        deadline = asyncio.get_running_loop().time() + float(request.query_params.get("timeout", "10"))
        while not self._background.idle:
            if asyncio.get_running_loop().time() > deadline:
                return JSONResponse({"idle": False}, status_code=503)
            await asyncio.sleep(0.01)
        return JSONResponse({"idle": True})

    # ------------------------------------------------------------------ disputes
    async def decide_dispute(self, request: Request) -> Response:
        """{"won": true or false}"""
        given, work = await json_of(request), self._gateway.work()
        if not isinstance(given.get("won"), bool):
            raise Refused("Give won: true or false.")
        with self._store.transaction():
            dispute = work.get("dispute", request.path_params["dispute"])
            disputes.decide(work, dispute, won=given["won"])
        self._background.wake()
        return JSONResponse(views.public(work, dispute))
