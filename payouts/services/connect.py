"""Make the account at the processor to which an artisan is paid: one each, whatever happens on the way."""

import datetime as dt
from functools import cache

from django.conf import settings
from django.db import transaction

from catalog.models import Artisan
from common import context
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
from payments.services.outgoing import finish_busy, latest_request
from payouts.contracts import ConnectionRefused
from payouts.enums import AccountState
from payouts.models import ConnectedAccount, ConnectedAccountEvent
from payouts.services.accounts import COMMAND, record_found, record_made

_PROCESSOR = "stripe"


def connect_demo_artisan(*, artisan_id: int, country: str, now: dt.datetime) -> ConnectedAccount:
    """The artisan's account with the processor's test identity, made if there is none. Again: asks about it.

    Not in a transaction. Raises ConnectionRefused in production, and the errors of `payments.contracts`; after any of
    those the next call goes on where this one stopped.
    """
    account = open_account(artisan_id=artisan_id, country=country, has_test_identity=True, source=COMMAND, now=now)
    if account.updated_at >= now:
        return account
    found = processor_named(account.processor).retrieve_account(account.processor_account_id)
    return record_found(account_id=account.pk, found=found, source=COMMAND, now=now)


def open_account(
    *, artisan_id: int, country: str, has_test_identity: bool, source: str, now: dt.datetime
) -> ConnectedAccount:
    """The artisan's account: the one there is, or one made at the processor now. Not in a transaction.

    One that was disconnected is no account; another is made in its place. A test identity is refused in production.
    Raises ConnectionRefused and the errors of `payments.contracts`; after any of those the next call goes on where this
    one stopped.
    """
    if has_test_identity and settings.IS_PRODUCTION:
        raise ConnectionRefused()
    artisan = Artisan.objects.select_related("owner").get(id=artisan_id)
    request = _prepared(artisan, country, has_test_identity, now)
    if request is not None:
        try:
            return _carry_out(request, artisan, source=source, now=now)
        except ProcessorUnavailable:
            # Somebody clicked twice, and the other one is having it made, or has just had.
            if _usable(artisan) is None:
                raise
    return ConnectedAccount.objects.get(artisan=artisan)


def resolve_accounts(*, now: dt.datetime, limit: int = 20) -> int:
    """Takes up accounts whose making got no answer; returns how many there are now. Called by the schedule.

    Not in a transaction. What the processor does not know is made under the same key, and by no other way.
    """
    made = 0
    for request in payments.claim_due(kinds=[RequestKind.CREATE_ACCOUNT], now=now, limit=limit):
        artisan = Artisan.objects.select_related("owner").get(public_id=request.subject)
        try:
            _carry_out(request, artisan, source="sweeper", now=now)
            made += 1
        except (OutcomeUnknown, ProcessorUnavailable, ProcessorRefused):
            continue  # it is written on the request
    return made


def _usable(artisan: Artisan) -> ConnectedAccount | None:
    return ConnectedAccount.objects.filter(artisan=artisan).exclude(state=AccountState.DEAUTHORIZED).first()


def _prepared(artisan: Artisan, country: str, has_test_identity: bool, now: dt.datetime) -> ProcessorRequest | None:
    """The artisan's open request or a new one; None when there is an account. One of two callers at a time."""
    with transaction.atomic():
        Artisan.objects.select_for_update().get(id=artisan.id)
        if _usable(artisan) is not None:
            return None
        last = latest_request(kind=RequestKind.CREATE_ACCOUNT, subject=artisan.public_id)
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
                "has_test_identity": int(has_test_identity),
                "trace_id": context.current().trace_id,
            },
            now=now,
            attempt=last.attempt + 1 if last is not None else 1,
        )


def _carry_out(request: ProcessorRequest, artisan: Artisan, *, source: str, now: dt.datetime) -> ConnectedAccount:
    """Sends or looks up, and records the outcome with the account in one transaction."""
    found = _made(request, artisan, now)
    with transaction.atomic():
        Artisan.objects.select_for_update().get(id=artisan.id)
        payments.finish_succeeded(request, processor_id=found.processor_account_id, now=now)
        return record_made(artisan=artisan, found=found, processor=request.processor, source=source, now=now)


def _made(request: ProcessorRequest, artisan: Artisan, now: dt.datetime) -> AccountFound:
    processor, body = processor_named(request.processor), request.body
    asked = AccountRequest(
        reference=body["artisan"],
        display_name=body["name"],
        email=body["email"],
        country=body["country"],
        currency=body["currency"],
        # Requests of before there was onboarding do not say it.
        has_test_identity=bool(body.get("has_test_identity", 1)),
        trace_id=body["trace_id"],
    )

    @cache
    def find() -> AccountFound | None:
        """Not one that was disconnected before."""
        found = processor.find_account(asked.reference)
        former = ConnectedAccountEvent.objects.filter(account__artisan=artisan)
        if found is None or former.filter(processor_account_id=found.processor_account_id).exists():
            return None
        return found

    try:
        if request.state == RequestState.UNKNOWN and find() is None:
            with transaction.atomic():
                request = payments.begin_again(request, now=now) or request
        return payments.perform(
            request, send=lambda key: processor.create_account(asked, idempotency_key=key), find=find, now=now
        )
    except OutcomeUnknown as lost:
        payments.finish_unknown(request, error_code=lost.processor_code or lost.code, now=now)
        raise
    except ProcessorUnavailable as busy:
        finish_busy(request, error_code=busy.processor_code or busy.code, now=now)
        raise
    except ProcessorRefused as refused:
        payments.finish_failed(
            request, error_code=refused.processor_code, processor_request_id=refused.processor_request_id, now=now
        )
        raise
