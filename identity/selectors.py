"""Reads about people. Every query starts from the person who asks."""

from django.db.models import QuerySet

from identity.models import Address, User


def addresses_of(user: User) -> QuerySet[Address]:
    """The usual address first."""
    return Address.objects.filter(user=user)


def address_of(user: User, *, public_id: str) -> Address:
    """Raises Address.DoesNotExist for an address that is not there or is somebody else's."""
    return addresses_of(user).get(public_id=public_id)
