"""Changes to the addresses that a person keeps."""

from django.db import transaction

from common.errors import DomainError, ErrorKind
from identity.models import Address, User

MAX_ADDRESSES = 20
_FIELDS = ("name", "line1", "line2", "city", "region", "postal_code", "country", "phone")


class AddressBookFull(DomainError):
    """A person keeps at most 20 addresses."""

    code = "address_book_full"
    kind = ErrorKind.CONFLICT
    title = f"You can keep at most {MAX_ADDRESSES} addresses"


def save_address(
    *,
    user: User,
    name: str,
    line1: str,
    city: str,
    country: str,
    line2: str = "",
    region: str = "",
    postal_code: str = "",
    phone: str = "",
    is_default: bool = False,
) -> Address:
    """Keeps an address; one that is there already, word for word, is kept once. The first becomes the usual one.

    Raises AddressBookFull.
    """
    given = dict(zip(_FIELDS, (name, line1, line2, city, region, postal_code, country, phone), strict=True))
    with transaction.atomic():
        _lock(user)
        kept = list(Address.objects.filter(user=user))
        address = next((one for one in kept if all(getattr(one, field) == given[field] for field in _FIELDS)), None)
        if address is None:
            if len(kept) >= MAX_ADDRESSES:
                raise AddressBookFull
            address = Address.objects.create(user=user, **given)
        if is_default or not kept:
            _make_default(address)
    return address


def change_address(*, address: Address, is_default: bool, **values: str) -> Address:
    """New values for an address. Orders keep the copy that they took."""
    with transaction.atomic():
        _lock(address.user)
        for field in _FIELDS:
            setattr(address, field, values[field])
        address.save(update_fields=list(_FIELDS))
        if is_default:
            _make_default(address)
    return address


def delete_address(*, address: Address) -> None:
    """Forgets an address. If it was the usual one, the oldest of the others takes its place."""
    with transaction.atomic():
        _lock(address.user)
        address.delete()
        rest = Address.objects.filter(user=address.user)
        oldest = rest.order_by("created_at", "id").first()
        if oldest is not None and not rest.filter(is_default=True).exists():
            _make_default(oldest)


def _lock(user: User) -> None:
    """One change of an address book at a time."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _make_default(address: Address) -> None:
    Address.objects.filter(user=address.user, is_default=True).exclude(pk=address.pk).update(is_default=False)
    Address.objects.filter(pk=address.pk).update(is_default=True)
    address.is_default = True
