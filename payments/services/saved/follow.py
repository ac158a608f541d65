"""News of a saved way to pay: the processor is asked what it is now, and that is recorded."""

import datetime as dt

from django.db import transaction

from payments.contracts import MethodFound, UnknownMethod
from payments.enums import MethodStatus
from payments.models import SavedMethod
from payments.processors import keeper_of
from payments.services.saved.keep import update_method
from payments.services.saved.moves import lock_methods_of, move

_KEPT = (MethodStatus.ACTIVE, MethodStatus.EXPIRED)


def look_up_method(*, processor: str, processor_method_id: str) -> MethodFound | None:
    """As the processor has it now; None when it is gone. Not in a transaction. Raises the errors of
    `payments.contracts`."""
    return keeper_of(processor).retrieve_method(processor_method_id)


def settle_method(*, processor: str, processor_method_id: str, source: str, now: dt.datetime) -> SavedMethod:
    """Brings what we show up to date: renewed by the bank, or gone. Not in a transaction.

    What nobody has agreed to keep is not recorded by news alone: UnknownMethod. Raises the errors of
    `payments.contracts` too.
    """
    method = (
        SavedMethod.objects.select_related("customer")
        .filter(processor=processor, processor_method_id=processor_method_id)
        .first()
    )
    if method is None:
        raise UnknownMethod()
    found = look_up_method(processor=processor, processor_method_id=processor_method_id)
    with transaction.atomic():
        lock_methods_of(method.customer.user_id)
        if found is not None:
            update_method(method=method, found=found, source=source, now=now)
            return method
        method.refresh_from_db()
        if method.status in _KEPT:
            move(method, "detached", source=source, now=now)
    return method
