"""Events: written in the transaction of what they tell of, delivered afterwards by sandbox.webhooks."""

from typing import Any

from sandbox.paypal.errors import not_found
from sandbox.paypal.ids import event_id
from sandbox.paypal.work import Work, shown
from sandbox.store import Document
from sandbox.stripe.events import queue_deliveries

TYPES = (
    "CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED", "PAYMENT.AUTHORIZATION.CREATED",
    "PAYMENT.AUTHORIZATION.VOIDED", "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED",
    "VAULT.PAYMENT-TOKEN.CREATED", "VAULT.PAYMENT-TOKEN.DELETED", "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED",
)  # fmt: skip

_VERSIONS = {"dispute": None, "payment_token": "3.0"}


def record(work: Work, event_type: str, resource_type: str, resource: Document, *, summary: str) -> None:
    new_id = event_id()
    event: Document = {
        "id": new_id,
        "event_version": "1.0",
        "create_time": work.time(),
        "resource_type": resource_type,
        "resource_version": _VERSIONS.get(resource_type, "2.0"),
        "event_type": event_type,
        "summary": summary,
        "resource": resource,
        "links": [
            work.link("self", f"/v1/notifications/webhooks-events/{new_id}"),
            work.link("resend", f"/v1/notifications/webhooks-events/{new_id}/resend", "POST"),
        ],
    }
    if event["resource_version"] is None:
        del event["resource_version"]
    event["_"] = {"lane": _lane(work, resource)}
    work.insert("paypal_event", event)
    queue_deliveries(
        work.store,
        now=work.now,
        event_id=new_id,
        event_type=event_type,
        processor="paypal",
        endpoint_ids=[endpoint["id"] for endpoint in work.store.select("paypal_webhook", account=None)],
        lane=event["_"]["lane"],
    )


def _lane(work: Work, resource: Document) -> str:
    """Events of one order leave one after the other; those of different orders do not wait for each other."""
    found = work.store.find(str(resource.get("id", "")))
    order = found[0].get("_", {}).get("order") if found is not None else None
    return str(order or resource.get("id") or resource.get("dispute_id"))


# ---------------------------------------------------------------------- /v1/notifications/webhooks-events
def retrieve(work: Work, event_id_: str) -> Document:
    return shown(work.get("paypal_event", event_id_))


def list_(work: Work) -> Document:
    found = work.store.select("paypal_event", account=None, limit=500)
    for name, field in (("event_type", "event_type"), ("transaction_id", "")):
        wanted = work.query.get(name)
        if wanted and field:
            found = [event for event in found if event[field] == wanted]
        elif wanted:
            found = [event for event in found if event["resource"].get("id") == wanted]
    start, end = work.query.get("start_time", ""), work.query.get("end_time", "9")
    found = [event for event in found if start <= event["create_time"] <= end]
    size = int(work.query.get("page_size", "10"))
    return {
        "events": [shown(event) for event in found[:size]],
        "count": len(found[:size]),
        "links": [work.link("self", "/v1/notifications/webhooks-events")],
    }


def resend(work: Work, event_id_: str) -> Document:
    event = work.get("paypal_event", event_id_)
    wanted = work.fields.get("webhook_ids")
    for endpoint in work.store.select("paypal_webhook", account=None):
        if not wanted or endpoint["id"] in wanted:
            work.store.sql.execute(
                "INSERT INTO deliveries (event, endpoint, lane, state, due_at) VALUES (?, ?, ?, 'waiting', ?)",
                (event["id"], endpoint["id"], event["_"]["lane"], work.now),
            )
    return shown(event)


# ---------------------------------------------------------------------- /v1/notifications/webhooks
def configure(work: Work, *, url: str | None, webhook_id: str) -> None:
    """Makes the command line's endpoint the only one; it receives all events."""
    if url is None:
        return
    work.store.sql.execute("DELETE FROM objects WHERE object = 'paypal_webhook' AND id <> ?", (webhook_id,))
    endpoint: Document = {
        "id": webhook_id,
        "url": url,
        "event_types": [{"name": name, "description": name.replace(".", " ").lower()} for name in TYPES],
        "links": [work.link("self", f"/v1/notifications/webhooks/{webhook_id}")],
    }
    if work.store.find(webhook_id) is None:
        work.insert("paypal_webhook", endpoint)
    else:
        work.store.save(endpoint | {"object": "paypal_webhook", "created": work.now})


def list_webhooks(work: Work) -> Document:
    return {"webhooks": [shown(endpoint) for endpoint in work.store.select("paypal_webhook", account=None)]}


def retrieve_webhook(work: Work, webhook_id: str) -> Document:
    found = work.store.find(webhook_id)
    if found is None or found[0]["object"] != "paypal_webhook":
        raise not_found("webhook_id", webhook_id)
    return shown(found[0])


def described(money: dict[str, Any]) -> str:
    """As in the summaries of events."""
    return f"{money['value']} {money['currency_code']}"
