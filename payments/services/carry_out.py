"""Requests whose refusals need nothing more than to be recorded; success is recorded together with what it changes."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from payments.contracts import OutcomeUnknown, PaymentDeclined, ProcessorRefused, ProcessorUnavailable
from payments.models import ProcessorRequest
from payments.services import outgoing

Found = TypeVar("Found")


def carry_out(
    request: ProcessorRequest,
    *,
    send: Callable[[str], Found],
    find: Callable[[], Found | None],
    now: dt.datetime,
) -> tuple[ProcessorRequest, Found]:
    """Exactly once; the request, or the attempt that replaced it, and what the processor has then.

    Not in a transaction. The caller finishes the request where it records the rest; lost answers and refusals are
    recorded here. Raises the errors of `payments.contracts`.
    """
    try:
        request = outgoing.resume(request, find=find, now=now)
        return request, outgoing.perform(request, send=send, find=find, now=now)
    except OutcomeUnknown as lost:
        outgoing.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        outgoing.finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    except (ProcessorRefused, PaymentDeclined) as refused:
        outgoing.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        raise
