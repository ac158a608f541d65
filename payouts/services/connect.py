"""Connect a demo artisan to an account at the processor. Real artisans go through onboarding, not built yet."""

import datetime as dt
from functools import cache

from django.conf import settings
from django.db import transaction

from catalog.models import Artisan
from common import audit, context
from payments import services as payments
from payments.contracts import (
    AccountFound,
    AccountRequest,
    OutcomeUnknown,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import RequestKind, RequestState
from payments.models import ProcessorRequest
from payments.processors import processor_named
from payouts.contracts import ConnectionRefused
from payouts.models import ConnectedAccount

_PROCESSOR = "stripe"


def connect_demo_artisan(*, artisan_id: int, country: str, now: dt.datetime) -> ConnectedAccount:
    """The artisan's account, made at the processor if there is none. Again: asks whether it can be paid to by now.

    Not in a transaction. Raises ConnectionRefused in production, and the errors of `payments.contracts`; after any of
    those the next call goes on where this one stopped.
    """
    if settings.IS_PRODUCTION:
        raise ConnectionRefused()
    artisan = Artisan.objects.select_related("owner").get(id=artisan_id)
    known = ConnectedAccount.objects.filter(artisan=artisan).first()
    if known is not None:
        return _record(artisan, processor_named(known.processor).retrieve_account(known.processor_account_id), now)
    request = _prepared(artisan, country, now)
    return _record(artisan, _make(request, now), now)


def _prepared(artisan: Artisan, country: str, now: dt.datetime) -> ProcessorRequest:
    """The artisan's open request or a new one; the unique attempt lets only one of two callers write it."""
    with transaction.atomic():
        Artisan.objects.select_for_update().get(id=artisan.id)
        last = (
            ProcessorRequest.objects.filter(kind=RequestKind.CREATE_ACCOUNT, subject=artisan.public_id)
            .order_by("-attempt")
            .first()
        )
        if last is not None and last.finished_at is None:
            return last
        return payments.prepare(
            kind=RequestKind.CREATE_ACCOUNT,
            processor=_PROCESSOR,
            subject=artisan.public_id,
            body={
                "artisan": artisan.public_id,
                "name": artisan.name,
                "email": artisan.owner.email,
                "country": country,
                "currency": artisan.currency,
                "trace_id": context.current().trace_id,
            },
            now=now,
            attempt=last.attempt + 1 if last is not None else 1,
        )


def _make(request: ProcessorRequest, now: dt.datetime) -> AccountFound:
    processor, body = processor_named(request.processor), request.body
    asked = AccountRequest(
        reference=body["artisan"],
        display_name=body["name"],
        email=body["email"],
        country=body["country"],
        currency=body["currency"],
        has_test_identity=True,
        trace_id=body["trace_id"],
    )

    @cache
    def find() -> AccountFound | None:
        return processor.find_account(asked.reference)

    try:
        if request.state == RequestState.UNKNOWN and find() is None:
            with transaction.atomic():
                request = payments.begin_again(request, now=now) or request
        found = payments.perform(
            request, send=lambda key: processor.create_account(asked, idempotency_key=key), find=find, now=now
        )
    except (OutcomeUnknown, ProcessorUnavailable) as lost:
        payments.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorRefused as refused:
        payments.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        raise
    payments.finish_succeeded(request, processor_id=found.processor_account_id, now=now)
    return found


def _record(artisan: Artisan, found: AccountFound, now: dt.datetime) -> ConnectedAccount:
    with transaction.atomic():
        account, is_new = ConnectedAccount.objects.update_or_create(
            artisan=artisan,
            defaults={
                "processor": _PROCESSOR,
                "processor_account_id": found.processor_account_id,
                "country": found.country,
                "transfers_enabled": found.transfers_enabled,
                "updated_at": now,
            },
            create_defaults={
                "processor": _PROCESSOR,
                "processor_account_id": found.processor_account_id,
                "country": found.country,
                "transfers_enabled": found.transfers_enabled,
                "created_at": now,
                "updated_at": now,
            },
        )
        if is_new:
            audit.record(
                event_type="artisan.connected", outcome="succeeded", subject=artisan.public_id,
                artisan=artisan.public_id, processor=_PROCESSOR, processor_id=found.processor_account_id,
                command="connect_demo_artisan",
            )  # fmt: skip
    return account
