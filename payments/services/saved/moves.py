"""The only place where a saved method changes: by an edge of the table, or with its own history row."""

import datetime as dt

from common import audit, context
from identity.models import User
from payments.contracts import UnknownMethod
from payments.enums import MethodStatus
from payments.models import ProcessorCustomer, SavedMethod, SavedMethodEvent
from payments.transitions import METHOD_TRANSITIONS


def lock_methods_of(user_id: int) -> None:
    """One change of a user's saved methods at a time. In the caller's transaction; after order and payment.

    The user's row too: of somebody who keeps a card and a PayPal account for the first time, at the same moment,
    neither customer is there yet for the other, and each would become the usual one.
    """
    User.objects.select_for_update(no_key=True).get(id=user_id)
    list(ProcessorCustomer.objects.select_for_update().filter(user_id=user_id).order_by("id"))


def method_of(*, user_id: int, public_id: str) -> SavedMethod:
    """Raises UnknownMethod, also for somebody else's."""
    method = (
        SavedMethod.objects.select_related("customer").filter(public_id=public_id, customer__user_id=user_id).first()
    )
    if method is None:
        raise UnknownMethod()
    return method


def move(method: SavedMethod, event: str, *, source: str, now: dt.datetime) -> None:
    """Takes the edge; one that can't be used any more is not the usual one either, and the newest left takes over.

    KeyError for an edge that is not in the table. The caller has locked the user's methods.
    """
    previous = MethodStatus(method.status)
    method.status = METHOD_TRANSITIONS[previous, event]
    was_default, method.is_default = method.is_default, method.is_default and method.status == MethodStatus.ACTIVE
    method.updated_at = now
    method.save(update_fields=["status", "is_default", "updated_at"])
    note(method, event, previous=previous, source=source, now=now)
    if was_default and not method.is_default:
        _pass_on(method, source, now)


def note(method: SavedMethod, event: str, *, previous: str, source: str, now: dt.datetime) -> None:
    """The history row, and the audit's."""
    SavedMethodEvent.objects.create(
        method=method, event=event, from_status=previous, to_status=method.status, source=source,
        trace_id=context.current().trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type=f"method.{event}", outcome="succeeded", subject=method.public_id, processor=method.processor,
        processor_id=method.processor_method_id, command=f"saved:{source}",
    )  # fmt: skip


def become_default(method: SavedMethod, *, source: str, now: dt.datetime) -> None:
    """The user's usual one; there is one over all processors."""
    SavedMethod.objects.filter(customer__user_id=method.customer.user_id, is_default=True).exclude(id=method.id).update(
        is_default=False, updated_at=now
    )
    method.is_default, method.updated_at = True, now
    method.save(update_fields=["is_default", "updated_at"])
    note(method, "made_default", previous=method.status, source=source, now=now)


def _pass_on(method: SavedMethod, source: str, now: dt.datetime) -> None:
    heir = (
        SavedMethod.objects.select_related("customer")
        .filter(customer__user_id=method.customer.user_id, status=MethodStatus.ACTIVE)
        .order_by("-id")
        .first()
    )
    if heir is not None:
        become_default(heir, source=source, now=now)
