"""Webhook endpoints: the one given on the command line, and those made through the API."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import lists, metadata, views
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.work import Work

COMMAND_LINE_ID = "we_sandboxcommandline"


def configure(work: Work, *, url: str | None, secret: str) -> None:
    """Makes the command line's endpoint the stored one; it receives all events, those of connected accounts too."""
    if url is None:
        return
    endpoint = _document(work, COMMAND_LINE_ID, url=url, secret=secret, enabled_events=["*"])
    if work.store.find(COMMAND_LINE_ID) is None:
        work.insert(endpoint)
    else:
        work.save(endpoint)


def _document(work: Work, endpoint_id: str, *, url: str, secret: str, enabled_events: list[str]) -> Document:
    return {
        "id": endpoint_id,
        "object": "webhook_endpoint",
        "api_version": work.api_version,
        "application": None,
        "created": work.now,
        "description": None,
        "enabled_events": enabled_events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_": {"secret": secret},
    }


def create(work: Work) -> Document:
    params = work.params
    secret = f"whsec_{random_text(32)}"
    endpoint = _document(
        work, new_id("we"), url=params["url"], secret=secret, enabled_events=list(params["enabled_events"])
    )
    endpoint["_"]["connect"] = bool(params.get("connect", False))
    _apply(endpoint, params)
    work.insert(endpoint)
    # Only this answer ever shows the secret.
    return views.public(work, endpoint) | {"secret": secret}


def _apply(endpoint: Document, params: dict[str, Any]) -> None:
    for name in ("url", "enabled_events", "description"):
        if name in params:
            endpoint[name] = params[name]
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = metadata.merged(endpoint["metadata"], params.get("metadata"))


def update(work: Work, endpoint_id: str) -> Document:
    endpoint = work.get("webhook_endpoint", endpoint_id)
    _apply(endpoint, work.params)
    work.save(endpoint)
    return views.public(work, endpoint)


def retrieve(work: Work, endpoint_id: str) -> Document:
    return views.public(work, work.get("webhook_endpoint", endpoint_id))


def list_(work: Work) -> Document:
    return lists.page(work, "webhook_endpoint", url="/v1/webhook_endpoints")


def delete(work: Work, endpoint_id: str) -> Document:
    work.get("webhook_endpoint", endpoint_id)
    work.store.sql.execute("DELETE FROM objects WHERE id = ?", (endpoint_id,))
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}
