"""The address book: one usual address, and nobody sees anybody else's."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework import serializers

from identity.models import Address, User
from identity.selectors import addresses_of
from identity.services import MAX_ADDRESSES, AddressBookFull, delete_address, save_address
from orders.api.serializers import AddressSerializer
from tests.catalog.shop import make_user

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Ada Byron", "line1": "1 Loom Lane", "line2": "", "postal_code": "D02", "city": "Dublin", "region": "",
    "country": "IE", "phone": "",
}  # fmt: skip


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def save(user: User, line1: str, *, is_default: bool = False) -> Address:
    return save_address(user=user, name="Ada", line1=line1, city="Dublin", country="IE", is_default=is_default)


def test_add_change_and_delete_by_forms() -> None:
    user = make_user()
    client = browser_of(user)
    assert "1 Loom Lane" in client.post("/account/addresses/add/", FORM, follow=True).content.decode()
    address = Address.objects.get(user=user)
    assert address.is_default
    client.post(f"/account/addresses/{address.public_id}/", {**FORM, "line1": "2 Loom Lane"})
    address.refresh_from_db()
    assert (address.line1, address.is_default) == ("2 Loom Lane", True)
    client.post(f"/account/addresses/{address.public_id}/delete/")
    assert not Address.objects.exists()


def test_the_same_address_is_kept_once() -> None:
    user = make_user()
    assert save(user, "1 Loom Lane") == save(user, "1 Loom Lane")
    assert Address.objects.count() == 1


def test_there_is_one_usual_address() -> None:
    user = make_user()
    first, second = save(user, "1"), save(user, "2", is_default=True)
    third = save(user, "3")
    assert [address.line1 for address in addresses_of(user)] == ["2", "1", "3"]
    delete_address(address=second)
    assert addresses_of(user).get(is_default=True) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.filter(pk=third.pk).update(is_default=True)


def test_the_book_is_full_at_twenty() -> None:
    user = make_user()
    for number in range(MAX_ADDRESSES):
        save(user, str(number))
    with pytest.raises(AddressBookFull):
        save(user, "one more")
    page = browser_of(user).post("/account/addresses/add/", FORM).content.decode()
    assert "at most 20 addresses" in page


def test_somebody_elses_address_does_not_exist() -> None:
    owner, other = make_user(), make_user()
    address = save(owner, "1 Loom Lane")
    path = f"/account/addresses/{address.public_id}/"
    client = browser_of(other)
    assert client.get(path).status_code == 404
    assert client.post(path, FORM).status_code == 404
    assert client.post(path + "delete/").status_code == 404
    assert "1 Loom Lane" not in client.get("/account/").content.decode()
    assert Client().get(path).status_code == 302
    assert Address.objects.get().line1 == "1 Loom Lane"


def test_an_unknown_country_is_refused() -> None:
    user = make_user()
    assert browser_of(user).post("/account/addresses/add/", {**FORM, "country": "XX"}).status_code == 200
    assert not Address.objects.exists()


def test_an_address_without_a_postal_code_is_refused_as_at_the_checkout() -> None:
    page = browser_of(make_user()).post("/account/addresses/add/", {**FORM, "postal_code": " "}).content.decode()
    assert '<ul class="errorlist" id="id_postal_code_error"><li>This field is required.' in page
    assert "Postal code</label>" in page
    assert not Address.objects.exists()


def test_whatever_address_the_checkout_takes_can_be_kept() -> None:
    fields = AddressSerializer().fields
    longest = {name: field.max_length for name, field in fields.items() if isinstance(field, serializers.CharField)}
    kept = {field.name: field.max_length for field in Address._meta.fields}
    assert longest == {name: kept[name] for name in longest}
    assert longest["postal_code"] == 16
