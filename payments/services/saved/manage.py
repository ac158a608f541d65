"""What its owner does with a saved way to pay."""

import datetime as dt

from django.db import transaction

from common import outbox
from common.errors import DomainError, ErrorKind
from payments.enums import MethodStatus, RequestKind
from payments.models import ProcessorRequest, SavedMethod
from payments.processors import keeper_of
from payments.services import outgoing
from payments.services.carry_out import carry_out
from payments.services.saved.moves import become_default, lock_methods_of, method_of, move


class MethodUnusable(DomainError):
    """It has expired, or was removed."""

    code = "method_unusable"
    kind = ErrorKind.CONFLICT
    title = "This way to pay can't be used any more"


def make_default(*, user_id: int, public_id: str, now: dt.datetime) -> SavedMethod:
    """The one that is offered first. Raises UnknownMethod and MethodUnusable."""
    with transaction.atomic():
        lock_methods_of(user_id)
        method = method_of(user_id=user_id, public_id=public_id)
        if method.status != MethodStatus.ACTIVE:
            raise MethodUnusable()
        if not method.is_default:
            become_default(method, source="api", now=now)
    return method


def remove_method(*, user_id: int, public_id: str, now: dt.datetime) -> None:
    """Forgets it: gone from the list at once, at the processor right after. Twice is the same as once.

    A payment that is running with it goes on. Raises UnknownMethod.
    """
    with transaction.atomic():
        lock_methods_of(user_id)
        method = method_of(user_id=user_id, public_id=public_id)
        if method.status not in (MethodStatus.ACTIVE, MethodStatus.EXPIRED):
            return
        move(method, "removed", source="api", now=now)
        outgoing.prepare(
            kind=RequestKind.DETACH_METHOD,
            processor=method.processor,
            subject=method.public_id,
            body={"processor_method_id": method.processor_method_id},
            now=now,
        )
        outbox.enqueue(
            task="payments.tasks.detach_method", kwargs={"method_id": method.id}, key=f"detach:{method.public_id}"
        )


def detach_method(*, method_id: int, now: dt.datetime) -> None:
    """Carries out at the processor what `remove_method` wrote down. Not in a transaction.

    Raises the errors of `payments.contracts`; a sweeper comes again.
    """
    method = SavedMethod.objects.get(id=method_id)
    request = outgoing.latest_request(kind=RequestKind.DETACH_METHOD, subject=method.public_id)
    if request is not None and request.finished_at is None:
        carry_out_detaching(request, now=now)


def carry_out_detaching(request: ProcessorRequest, *, now: dt.datetime) -> None:
    """Has the processor forget what the request names. Not in a transaction. Raises as `detach_method`."""
    keeper, processor_method_id = keeper_of(request.processor), request.body["processor_method_id"]

    def send(key: str) -> bool:
        keeper.detach_method(processor_method_id, idempotency_key=key)
        return True

    def find() -> bool | None:
        return True if keeper.retrieve_method(processor_method_id) is None else None

    request, _ = carry_out(request, send=send, find=find, now=now)
    outgoing.finish_succeeded(request, processor_id=processor_method_id, now=now)
