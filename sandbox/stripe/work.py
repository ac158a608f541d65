"""One unit of work on the simulated account: a request, a background job or a control command."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.store import Document, Store
from sandbox.stripe.errors import missing_object
from sandbox.stripe.ids import new_id

# Names in messages differ from the names of objects.
_KIND_IN_MESSAGES = {
    "payment_method": "PaymentMethod",
    "confirmation_token": "ConfirmationToken",
    "account": "destination",
}


class StateBroken(RuntimeError):
    """One object of the sandbox refers to another that is not there: a defect, never the caller's fault."""


@dataclass
class Work:
    store: Store
    now: int  # Unix seconds by the sandbox's clock
    api_version: str
    base_url: str = ""  # under which the browser reaches the sandbox
    account: str = ""  # a connected account's id; empty for the platform
    publishable: bool = False
    request_id: str | None = None
    idempotency_key: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Document:
        """An object of the account at work. Raises ApiError (no such object)."""
        found = self.store.find(object_id)
        if found is None or found[0]["object"] != kind or found[1] != self.account or found[0].get("deleted"):
            raise missing_object(_KIND_IN_MESSAGES.get(kind, kind), object_id, param=param)
        return found[0]

    def referred(self, object_id: str) -> Document:
        """An object that another one refers to, of whichever account. Raises StateBroken."""
        found = self.store.find(object_id)
        if found is None:
            raise StateBroken(object_id)
        return found[0]

    def insert(self, document: Document, *, account: str | None = None) -> Document:
        self.store.insert(document, account=self.account if account is None else account)
        return document

    def save(self, document: Document) -> None:
        self.store.save(document)

    def schedule(self, kind: str, subject: str, *, in_seconds: float = 0, account: str | None = None) -> None:
        """Something that happens by itself later, by the sandbox's clock."""
        self.store.schedule(
            kind, subject, account=self.account if account is None else account, due_at=self.now + in_seconds
        )

    def option(self, name: str, default: float) -> float:
        """A setting that tests change through the control API."""
        return self.store.setting(name, default)

    def emit(
        self, event_type: str, subject: Document, *, before: dict[str, Any] | None = None, account: str | None = None
    ) -> None:
        """Writes the event down and queues its delivery. `before` holds the changed fields' former values."""
        from sandbox.stripe import events

        events.record(self, event_type, subject, before=before, account=self.account if account is None else account)

    def new_id(self, prefix: str) -> str:
        return new_id(prefix)
