"""The one customer object that a user has at each processor, made when it is first needed."""

import datetime as dt

from django.db import transaction

from common import context
from common.ids import new_public_id
from identity.models import User
from payments.contracts import CustomerFound, CustomerRequest, ProcessorUnavailable
from payments.enums import RequestKind
from payments.models import ProcessorCustomer, ProcessorRequest
from payments.processors import keeper_of
from payments.services import outgoing
from payments.services.carry_out import carry_out


def customer_of(*, user_id: int, processor: str) -> ProcessorCustomer | None:
    """The user's customer there, if the processor knows it already."""
    return ProcessorCustomer.objects.filter(
        user_id=user_id, processor=processor, processor_customer_id__isnull=False
    ).first()


def ensure_customer(*, user_id: int, processor: str, now: dt.datetime) -> ProcessorCustomer:
    """The user's customer at the processor, made there if it is new. Not in a transaction.

    Two at once are one customer: there is one row, one request and one key. Raises the errors of `payments.contracts`.
    """
    customer = customer_of(user_id=user_id, processor=processor)
    if customer is not None:
        return customer
    if not keeper_of(processor).makes_customers:
        with transaction.atomic():
            return own_customer(user_id=user_id, processor=processor, now=now)
    customer, request = _prepare(user_id, processor, now)
    return customer if request is None else make_customer(customer=customer, request=request, now=now)


def own_customer(*, user_id: int, processor: str, now: dt.datetime) -> ProcessorCustomer:
    """The user's one row for the processor, in the caller's transaction; without an id while there is none there."""
    customer, _ = ProcessorCustomer.objects.get_or_create(
        user_id=user_id,
        processor=processor,
        defaults={"public_id": new_public_id("cus"), "created_at": now},
    )
    return customer


def make_customer(*, customer: ProcessorCustomer, request: ProcessorRequest, now: dt.datetime) -> ProcessorCustomer:
    """Carries the request out; also called by the sweeper. Not in a transaction."""
    keeper, body = keeper_of(customer.processor), request.body
    asked = CustomerRequest(body["customer"], body["email"], body["name"], body["trace_id"])

    def find() -> CustomerFound | None:
        return keeper.find_customer(asked.reference, since=customer.created_at)

    try:
        request, found = carry_out(
            request, send=lambda key: keeper.create_customer(asked, idempotency_key=key), find=find, now=now
        )
    except ProcessorUnavailable:
        # Most likely the same request, sent by another tab a moment ago, and answered by now.
        customer.refresh_from_db()
        if customer.processor_customer_id is None:
            raise
        return customer
    with transaction.atomic():
        ProcessorCustomer.objects.filter(id=customer.id).update(processor_customer_id=found.processor_customer_id)
        outgoing.finish_succeeded(request, processor_id=found.processor_customer_id, now=now)
    customer.processor_customer_id = found.processor_customer_id
    return customer


def _prepare(user_id: int, processor: str, now: dt.datetime) -> tuple[ProcessorCustomer, ProcessorRequest | None]:
    """The row and its open request; no request when the customer has been made meanwhile."""
    with transaction.atomic():
        customer = own_customer(user_id=user_id, processor=processor, now=now)
        customer = ProcessorCustomer.objects.select_for_update().get(id=customer.id)
        if customer.processor_customer_id is not None:
            return customer, None
        last = outgoing.latest_request(kind=RequestKind.CREATE_CUSTOMER, subject=customer.public_id)
        if last is not None and last.finished_at is None:
            return customer, last
        user = User.objects.get(id=user_id)
        request = outgoing.prepare(
            kind=RequestKind.CREATE_CUSTOMER,
            processor=processor,
            subject=customer.public_id,
            body={
                "customer": customer.public_id,
                "email": user.email,
                "name": user.full_name,
                "trace_id": context.current().trace_id,
            },
            now=now,
            # The earlier ones were refused, and the processor keeps that answer under their keys.
            attempt=last.attempt + 1 if last is not None else 1,
        )
    return customer, request
