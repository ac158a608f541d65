"""One unit of work on the simulated PayPal account: a request, a background job, a page or a control command."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sandbox.paypal.errors import not_found
from sandbox.store import Document, Store

# The simulated merchant; everything of PayPal's half lies in the store under this account.
ACCOUNT = "paypal"
MERCHANT_ID = "SANDBXSHP2345"
MERCHANT_EMAIL = "shop@paypal.sandbox.example"


class StateBroken(RuntimeError):
    """One object of the sandbox refers to another that is not there: a defect, never the caller's fault."""


@dataclass
class Work:
    store: Store
    now: int  # Unix seconds by the sandbox's clock
    base_url: str = ""  # under which the sandbox is reached
    body: dict[str, Any] | list[Any] = field(default_factory=dict)
    raw_body: str = ""
    query: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None
    representation: bool = False  # Prefer: return=representation

    @property
    def fields(self) -> dict[str, Any]:
        """The body, of an endpoint that takes an object."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The body, of an endpoint that takes a list."""
        return self.body if isinstance(self.body, list) else []

    def get(self, kind: str, object_id: str, *, field: str = "id") -> Document:
        """An object that the path names. Raises ApiError (no such object)."""
        found = self.store.find(object_id)
        if found is None or found[0]["object"] != kind:
            raise not_found(field, object_id)
        return found[0]

    def referred(self, object_id: str) -> Document:
        """An object that another one refers to. Raises StateBroken."""
        found = self.store.find(object_id)
        if found is None:
            raise StateBroken(object_id)
        return found[0]

    def insert(self, kind: str, document: Document) -> Document:
        document |= {"object": kind, "created": self.now}
        self.store.insert(document, account=ACCOUNT)
        return document

    def save(self, document: Document) -> None:
        document["update_time"] = self.time()
        self.store.save(document)

    def schedule(self, kind: str, subject: str, *, in_seconds: float) -> None:
        """Something that happens by itself later, by the sandbox's clock."""
        self.store.schedule(kind, subject, account=ACCOUNT, due_at=self.now + in_seconds)

    def option(self, name: str, default: float) -> float:
        """A setting that tests change through the control API."""
        return self.store.setting(name, default)

    def emit(self, event_type: str, resource_type: str, resource: Document, *, summary: str) -> None:
        """Writes the event down and queues its delivery."""
        from sandbox.paypal import events

        events.record(self, event_type, resource_type, resource, summary=summary)

    def time(self, *, in_seconds: float = 0) -> str:
        return time_text(self.now + in_seconds)

    def link(self, rel: str, path: str, method: str = "GET") -> dict[str, str]:
        return {"href": f"{self.base_url}{path}", "rel": rel, "method": method}


def time_text(unix: float) -> str:
    return f"{dt.datetime.fromtimestamp(int(unix), tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def shown(document: Document) -> Document:
    """The document without what PayPal does not show."""
    return {name: value for name, value in document.items() if name not in ("_", "object", "created")}
