"""Events: written in the transaction of what they tell of, delivered afterwards by sandbox.webhooks."""

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from sandbox.store import Document, Store
from sandbox.stripe import lists, views
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work


def record(work: Work, event_type: str, subject: Document, *, before: dict[str, Any] | None, account: str) -> None:
    data: dict[str, Any] = {"object": views.public(work, subject)}
    if before is not None:
        data["previous_attributes"] = before
    event: Document = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": work.api_version,
        "created": work.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": work.request_id, "idempotency_key": work.idempotency_key},
        "type": event_type,
    }
    if account:
        event["account"] = account
    endpoints = _listening(work, event_type, account)
    event["pending_webhooks"] = len(endpoints)
    work.insert(event, account=account)
    queue(work, event, endpoints, lane=lane_of(subject))


def _listening(work: Work, event_type: str, account: str) -> list[Document]:
    """An endpoint made through the API hears of the platform's own account, or (`connect`) of connected ones."""
    return [
        endpoint
        for endpoint in work.store.select("webhook_endpoint", newest_first=False)
        if endpoint["status"] == "enabled"
        and ("*" in endpoint["enabled_events"] or event_type in endpoint["enabled_events"])
        and endpoint["_"].get("connect", bool(account)) is bool(account)
    ]


def lane_of(subject: Document) -> str:
    """Events of one payment leave one after the other; different payments do not wait for each other."""
    return str(subject.get("payment_intent") or subject.get("transfer") or subject.get("id") or subject["object"])


def queue(work: Work, event: Document, endpoints: list[Document], *, lane: str) -> None:
    """Deliveries of one event, in the mode that the control API has set."""
    queue_deliveries(
        work.store,
        now=work.now,
        event_id=event["id"],
        event_type=event["type"],
        processor="stripe",
        endpoint_ids=[endpoint["id"] for endpoint in endpoints],
        lane=lane,
    )


def queue_deliveries(
    store: Store,
    *,
    now: float,
    event_id: str,
    event_type: str,
    processor: str,
    endpoint_ids: Sequence[str],
    lane: str,
) -> None:
    """The same for the events of either processor. An event that the mode is not about is delivered."""
    mode = store.document_setting("webhook_mode", {})
    types = mode.get("types") or ["*"]
    if mode.get("processor") not in (None, processor) or not any(fnmatchcase(event_type, name) for name in types):
        mode = {}
    state = {"hold": "held", "drop": "dropped"}.get(mode.get("mode", "deliver"), "waiting")
    due_at = now + float(mode.get("delay_seconds", 0))
    backwards = bool(mode.get("reorder"))
    for endpoint_id in endpoint_ids:
        for _ in range(1 + int(mode.get("duplicate", 0))):
            # Turned round, events wait for those that follow them shortly, and then leave newest first.
            store.sql.execute(
                "INSERT INTO deliveries (event, endpoint, lane, state, due_at, backwards) VALUES (?, ?, ?, ?, ?, ?)",
                (event_id, endpoint_id, lane, state, due_at + (0.7 if backwards else 0), int(backwards)),
            )


def retrieve(work: Work, event_id: str) -> Document:
    return _with_pending(work, work.get("event", event_id))


def list_(work: Work) -> Document:
    params = work.params
    where: list[tuple[str, Any]] = []
    if "type" in params:
        where.append(("json_extract(document, '$.type') GLOB ?", params["type"]))
    if "types" in params:
        where.append(
            ("json_extract(document, '$.type') IN (SELECT value FROM json_each(?))", json.dumps(params["types"]))
        )
    page = lists.page(work, "event", url="/v1/events", where=where)
    page["data"] = [_with_pending(work, event) for event in page["data"]]
    return page


def _with_pending(work: Work, event: Document) -> Document:
    row = work.store.sql.execute(
        "SELECT COUNT(*) AS pending FROM deliveries WHERE event = ? AND state IN ('waiting', 'held')", (event["id"],)
    ).fetchone()
    return event | {"pending_webhooks": row["pending"]}
