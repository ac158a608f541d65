"""Record a way to pay as the processor tells it: kept for the first time, or known and changed since."""

import datetime as dt

import structlog

from common.ids import new_public_id
from payments.contracts import MethodFound
from payments.enums import MethodStatus
from payments.models import ProcessorCustomer, SavedMethod
from payments.services.saved.customers import own_customer
from payments.services.saved.moves import become_default, lock_methods_of, move, note

log = structlog.get_logger(__name__)

_SHOWN = ("brand", "last4", "expiry_month", "expiry_year", "payer_email")


def record_method(
    *,
    processor: str,
    user_id: int,
    found: MethodFound,
    consent_text: str,
    consented_at: dt.datetime,
    source: str,
    now: dt.datetime,
) -> SavedMethod | None:
    """Keeps it for the user, in the caller's transaction; twice is the same as once.

    None when it belongs to another customer at the processor, or to none (yet). One that its owner has removed stays
    removed. The first that can be used becomes the usual one.
    """
    customer = own_customer(user_id=user_id, processor=processor, now=now)
    lock_methods_of(user_id)
    if not _belongs(customer, found):
        log.warning("method_of_another_customer", customer=customer.public_id)
        return None
    method = SavedMethod.objects.filter(processor_method_id=found.processor_method_id).first()
    if method is not None:
        update_method(method=method, found=found, source=source, now=now)
        return method
    method = SavedMethod.objects.create(
        public_id=new_public_id("pmt"),
        customer=customer,
        processor=processor,
        processor_method_id=found.processor_method_id,
        kind=found.kind,
        status=MethodStatus.ACTIVE,
        consented_at=consented_at,
        consent_text=consent_text,
        created_at=now,
        updated_at=now,
        **{name: getattr(found, name) for name in _SHOWN},
    )
    note(method, "kept", previous="", source=source, now=now)
    others = SavedMethod.objects.filter(customer__user_id=user_id, is_default=True)
    if not others.exists():
        become_default(method, source=source, now=now)
    return method


def _belongs(customer: ProcessorCustomer, found: MethodFound) -> bool:
    """Whether it is kept with this customer; one that the processor made just now is the user's from here on."""
    if not found.processor_customer_id:
        return False
    customer.refresh_from_db()
    if customer.processor_customer_id is not None:
        return customer.processor_customer_id == found.processor_customer_id
    if ProcessorCustomer.objects.filter(processor_customer_id=found.processor_customer_id).exists():
        return False
    customer.processor_customer_id = found.processor_customer_id
    customer.save(update_fields=["processor_customer_id"])
    return True


def update_method(*, method: SavedMethod, found: MethodFound, source: str, now: dt.datetime) -> None:
    """What the bank has changed: another number or date on a new card. The caller has locked the user's methods."""
    method.refresh_from_db()
    changed = [name for name in _SHOWN if getattr(method, name) != getattr(found, name)]
    if changed:
        for name in changed:
            setattr(method, name, getattr(found, name))
        method.updated_at = now
        method.save(update_fields=[*changed, "updated_at"])
        note(method, "updated", previous=method.status, source=source, now=now)
    if method.status == MethodStatus.EXPIRED and not is_past(method, now):
        move(method, "renewed", source=source, now=now)


def is_past(method: SavedMethod, now: dt.datetime) -> bool:
    """A card is good to the end of the month that is printed on it."""
    if method.expiry_year is None or method.expiry_month is None:
        return False
    return (method.expiry_year, method.expiry_month) < (now.year, now.month)
