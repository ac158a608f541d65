"""Keep a way to pay without paying: the browser gives it to the processor, and we look up what came of it."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction

from common import context
from common.ids import new_public_id
from payments.contracts import ProcessorRefused, SetupFound, SetupRequest, UnknownMethod
from payments.enums import MethodKind, RequestKind, SetupStatus
from payments.models import ProcessorRequest, SavedMethod, Setup
from payments.processors import keeper_of
from payments.services import outgoing
from payments.services.saved.calls import carry_out
from payments.services.saved.consent import CONSENT
from payments.services.saved.customers import ensure_customer
from payments.services.saved.keep import record_method

_PROCESSOR = {MethodKind.CARD: "stripe", MethodKind.PAYPAL: "paypal"}


@dataclass(frozen=True, slots=True)
class SetupOpened:
    """What the browser needs to go on."""

    setup: Setup
    client_secret: str = field(repr=False)
    approval_url: str = field(repr=False)


def begin_setup(*, user_id: int, kind: MethodKind, page_url: str, now: dt.datetime) -> SetupOpened:
    """Makes the attempt at the processor, for a user who has agreed to `CONSENT`. Not in a transaction.

    `page_url` is where the processor's own page sends the buyer back to. Raises the errors of
    `payments.contracts`.
    """
    customer = ensure_customer(user_id=user_id, processor=_PROCESSOR[kind], now=now)
    with transaction.atomic():
        setup = Setup.objects.create(
            public_id=new_public_id("set"), customer=customer, kind=kind, consent_text=CONSENT,
            created_at=now, updated_at=now,
        )  # fmt: skip
        request = outgoing.prepare(
            kind=RequestKind.CREATE_SETUP,
            processor=customer.processor,
            subject=setup.public_id,
            body={
                "setup": setup.public_id,
                "kind": kind.value,
                "customer_id": customer.processor_customer_id or "",
                "return_url": f"{page_url}?setup={setup.public_id}",
                "cancel_url": page_url,
                "trace_id": context.current().trace_id,
            },
            now=now,
        )
    found = open_setup(setup=setup, request=request, now=now)
    return SetupOpened(setup, found.client_secret, found.approval_url)


def open_setup(*, setup: Setup, request: ProcessorRequest, now: dt.datetime) -> SetupFound:
    """Carries the request out; also called by the sweeper. Not in a transaction.

    Nothing is taken by a setup, and a lost one is found by its key alone: sent again under it, it is the same one.
    """
    keeper, body = keeper_of(request.processor), request.body
    asked = SetupRequest(
        reference=body["setup"],
        kind=MethodKind(body["kind"]),
        processor_customer_id=body["customer_id"],
        return_url=body["return_url"],
        cancel_url=body["cancel_url"],
        trace_id=body["trace_id"],
    )
    request, found = carry_out(
        request, send=lambda key: keeper.create_setup(asked, idempotency_key=key), find=lambda: None, now=now
    )
    with transaction.atomic():
        Setup.objects.filter(id=setup.id).update(
            processor_setup_id=found.processor_setup_id, status=found.status, updated_at=now
        )
        outgoing.finish_succeeded(request, processor_id=found.processor_setup_id, now=now)
    setup.processor_setup_id = found.processor_setup_id
    return found


def complete_setup(*, user_id: int, setup_reference: str, now: dt.datetime) -> SavedMethod | None:
    """By the buyer, back from the processor: what was kept, or None while nothing is. Not in a transaction.

    Raises UnknownMethod, also for somebody else's attempt, and the errors of `payments.contracts`.
    """
    setup = (
        Setup.objects.select_related("customer")
        .filter(public_id=setup_reference, customer__user_id=user_id, processor_setup_id__isnull=False)
        .first()
    )
    if setup is None:
        raise UnknownMethod()
    return _look(setup, "browser", now)


def settle_setup(*, processor: str, processor_setup_id: str, now: dt.datetime) -> SavedMethod | None:
    """As `complete_setup`, for news that name the processor's id. Raises UnknownMethod for an attempt not ours."""
    setup = (
        Setup.objects.select_related("customer")
        .filter(processor_setup_id=processor_setup_id, customer__processor=processor)
        .first()
    )
    if setup is None:
        raise UnknownMethod()
    return _look(setup, "webhook", now)


def _look(setup: Setup, source: str, now: dt.datetime) -> SavedMethod | None:
    keeper = keeper_of(setup.customer.processor)
    try:
        found = keeper.complete_setup(
            str(setup.processor_setup_id), idempotency_key=f"complete_setup:{setup.public_id}:1"
        )
    except ProcessorRefused:
        # Not approved (yet), or run out: the attempt itself says which.
        found = keeper.retrieve_setup(str(setup.processor_setup_id))
    with transaction.atomic():
        # A finding that came late does not undo what was recorded.
        Setup.objects.filter(id=setup.id).exclude(status__in=[SetupStatus.SUCCEEDED, SetupStatus.CANCELED]).update(
            status=found.status, updated_at=now
        )
        if found.method is None:
            return None
        return record_method(
            processor=setup.customer.processor,
            user_id=setup.customer.user_id,
            found=found.method,
            consent_text=setup.consent_text,
            consented_at=setup.created_at,
            source=source,
            now=now,
        )
