"""The sweeper of this package's requests: what got no answer is taken up again."""

import datetime as dt

import structlog

from common.one_by_one import one_by_one
from payments.contracts import ProcessorError
from payments.enums import RequestKind
from payments.models import Payment, ProcessorCustomer, ProcessorRequest, Setup
from payments.services import outgoing
from payments.services.saved.choose import resume_choice
from payments.services.saved.customers import make_customer
from payments.services.saved.guests import attach_method
from payments.services.saved.manage import carry_out_detaching
from payments.services.saved.setup import keep_approved, open_setup

log = structlog.get_logger(__name__)

_KINDS = [
    RequestKind.CREATE_CUSTOMER,
    RequestKind.CREATE_SETUP,
    RequestKind.COMPLETE_SETUP,
    RequestKind.ATTACH_METHOD,
    RequestKind.DETACH_METHOD,
    RequestKind.CHOOSE_METHOD,
]
# Each call may take as long as a time-out, and all of them must fit into their leases.
_PER_RUN = 2


def resolve_saved_requests(*, now: dt.datetime, limit: int = _PER_RUN) -> int:
    """Takes up the requests that are due; returns how many ended. Called by the schedule; not in a transaction."""
    ended: list[str] = []

    def resolve(request: ProcessorRequest) -> None:
        try:
            _take_up(request, now)
            ended.append(request.idempotency_key)
        except ProcessorError as error:
            log.warning("request_unresolved", kind=request.kind, subject=request.subject, code=error.code)

    one_by_one(outgoing.claim_due(kinds=_KINDS, now=now, limit=limit), resolve)
    return len(ended)


def _take_up(request: ProcessorRequest, now: dt.datetime) -> None:
    match RequestKind(request.kind):
        case RequestKind.CREATE_CUSTOMER:
            customer = ProcessorCustomer.objects.get(public_id=request.subject)
            make_customer(customer=customer, request=request, now=now)
        case RequestKind.CREATE_SETUP:
            open_setup(setup=Setup.objects.get(public_id=request.subject), request=request, now=now)
        case RequestKind.COMPLETE_SETUP:
            setup = Setup.objects.select_related("customer").get(public_id=request.subject)
            keep_approved(setup=setup, source="sweeper", now=now)
        case RequestKind.ATTACH_METHOD:
            attach_method(payment=Payment.objects.get(public_id=request.subject), request=request, now=now)
        case RequestKind.DETACH_METHOD:
            carry_out_detaching(request, now=now)
        case _:
            resume_choice(payment=Payment.objects.get(public_id=request.subject), request=request, now=now)
