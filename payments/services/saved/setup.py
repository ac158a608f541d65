"""Keep a way to pay without paying: the browser gives it to the processor, and we look up what came of it."""

import datetime as dt
from dataclasses import dataclass, field

import structlog
from django.db import transaction

from common import context
from common.ids import is_public_id, new_public_id
from common.one_by_one import one_by_one
from payments.contracts import (
    PaymentDeclined,
    ProcessorError,
    ProcessorRefused,
    SetupFound,
    SetupRequest,
    UnknownMethod,
)
from payments.enums import MethodKind, RequestKind, RequestState, SetupStatus
from payments.models import ProcessorRequest, SavedMethod, Setup
from payments.processors import keeper_of
from payments.selectors.saved import methods_of
from payments.services import outgoing
from payments.services.carry_out import carry_out
from payments.services.saved.consent import CONSENT, check_consent
from payments.services.saved.customers import ensure_customer
from payments.services.saved.keep import record_method

log = structlog.get_logger(__name__)

_PROCESSOR = {MethodKind.CARD: "stripe", MethodKind.PAYPAL: "paypal"}
_OVER = (SetupStatus.SUCCEEDED, SetupStatus.CANCELED)
_FIRST_LOOK_UP = dt.timedelta(minutes=1)
_LONGEST_PAUSE = dt.timedelta(hours=6)
# PayPal lets what a buyer has agreed to be kept within three days: https://developer.paypal.com/docs/api/payment-tokens/v3/
_ASKED_FOR = dt.timedelta(days=3)
# Each may take as long as a time-out.
_PER_RUN = 5


@dataclass(frozen=True, slots=True)
class SetupOpened:
    """What the browser needs to go on."""

    setup: Setup
    client_secret: str = field(repr=False)
    approval_url: str = field(repr=False)


def begin_setup(
    *, user_id: int, kind: MethodKind, page_url: str, now: dt.datetime, consent_text: str = CONSENT
) -> SetupOpened:
    """Makes the attempt at the processor, for a user who was shown `consent_text` and agreed. Not in a transaction.

    `page_url` is where the processor's own page sends the buyer back to. Raises ConsentChanged and the errors of
    `payments.contracts`.
    """
    check_consent(consent_text)
    customer = ensure_customer(user_id=user_id, processor=_PROCESSOR[kind], now=now)
    with transaction.atomic():
        setup = Setup.objects.create(
            public_id=new_public_id("set"), customer=customer, kind=kind, consent_text=consent_text,
            created_at=now, updated_at=now, next_look_up_at=now + _FIRST_LOOK_UP,
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
                # What was agreed to before somebody pressed "cancel" is looked up all the same.
                "cancel_url": f"{page_url}?setup={setup.public_id}",
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
    if not is_public_id(setup_reference, "set"):
        raise UnknownMethod()
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


def look_after_setups(*, now: dt.datetime, limit: int = _PER_RUN) -> int:
    """Asks after attempts of which nobody has told how they ended; returns how many answers came. Not in a transaction.

    A buyer may agree at PayPal and close everything, and PayPal tells nobody until we have kept the account.
    """
    answered: list[int] = []

    def ask(setup: Setup) -> None:
        try:
            _look(setup, "sweeper", now)
            answered.append(setup.id)
        except ProcessorError as error:
            log.warning("setup_look_up_failed", setup=setup.public_id, code=error.code)

    one_by_one(_due(now, limit), ask)
    return len(answered)


def _due(now: dt.datetime, limit: int) -> list[Setup]:
    """Each is leased by setting its next time: after as long again as it has been open."""
    with transaction.atomic():
        due = list(
            Setup.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("customer")
            .filter(next_look_up_at__lte=now, processor_setup_id__isnull=False)
            .order_by("next_look_up_at")[:limit]
        )
        for setup in due:
            is_last = now - setup.created_at > _ASKED_FOR
            pause = min(max(now - setup.created_at, _FIRST_LOOK_UP), _LONGEST_PAUSE)
            Setup.objects.filter(id=setup.id).update(next_look_up_at=None if is_last else now + pause)
    return due


def _look(setup: Setup, source: str, now: dt.datetime) -> SavedMethod | None:
    keeper = keeper_of(setup.customer.processor)
    if keeper.completes_setups:
        done = outgoing.latest_request(kind=RequestKind.COMPLETE_SETUP, subject=setup.public_id)
        if done is not None and done.state == RequestState.SUCCEEDED:
            return methods_of(setup.customer.user_id).filter(processor_method_id=done.processor_id).first()
    found = keeper.retrieve_setup(str(setup.processor_setup_id))
    if keeper.completes_setups and found.status in (SetupStatus.APPROVED, SetupStatus.SUCCEEDED):
        return keep_approved(setup=setup, source=source, now=now)
    with transaction.atomic():
        return _record(setup, found, source, now)


def keep_approved(*, setup: Setup, source: str, now: dt.datetime) -> SavedMethod | None:
    """Keeps at the processor what the buyer has agreed to there, by one request. Also called by the sweeper.

    None when the processor refuses, for good: the attempt is given up then, and the buyer may begin another one. Not in
    a transaction. Raises OutcomeUnknown and ProcessorUnavailable; a sweeper comes again.
    """
    keeper, setup_id = keeper_of(setup.customer.processor), str(setup.processor_setup_id)
    request = _completion(setup, now)
    try:
        request, found = carry_out(
            request,
            send=lambda key: keeper.complete_setup(setup_id, idempotency_key=key),
            find=lambda: keeper.find_completed(setup_id),
            now=now,
        )
    except (ProcessorRefused, PaymentDeclined):
        found = SetupFound(processor_setup_id=setup_id, reference="", status=SetupStatus.CANCELED)
        with transaction.atomic():
            return _record(setup, found, source, now)
    with transaction.atomic():
        outgoing.finish_succeeded(
            request, processor_id=found.method.processor_method_id if found.method is not None else "", now=now
        )
        return _record(setup, found, source, now)


def _completion(setup: Setup, now: dt.datetime) -> ProcessorRequest:
    """The one request of this attempt. Two who bring the news at once send it under the same key."""
    with transaction.atomic():
        Setup.objects.select_for_update().get(id=setup.id)
        request = outgoing.latest_request(kind=RequestKind.COMPLETE_SETUP, subject=setup.public_id)
        return request or outgoing.prepare(
            kind=RequestKind.COMPLETE_SETUP,
            processor=setup.customer.processor,
            subject=setup.public_id,
            body={"setup": setup.public_id, "processor_setup_id": str(setup.processor_setup_id)},
            now=now,
        )


def _record(setup: Setup, found: SetupFound, source: str, now: dt.datetime) -> SavedMethod | None:
    # A finding that came late does not undo what was recorded.
    ends = {"next_look_up_at": None} if found.status in _OVER else {}
    Setup.objects.filter(id=setup.id).exclude(status__in=_OVER).update(status=found.status, updated_at=now, **ends)
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
