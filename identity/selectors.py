"""Reads about people. Every query starts from the person who asks."""

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from identity.models import Address, User


def addresses_of(user: User) -> QuerySet[Address]:
    """The usual address first."""
    return Address.objects.filter(user=user)


def address_of(user: User, *, public_id: str) -> Address:
    """Raises Address.DoesNotExist for an address that is not there or is somebody else's."""
    return addresses_of(user).get(public_id=public_id)


def staff_who_may(permission: str) -> QuerySet[User]:
    """Those who work here and have the permission (`app.codename`), by themselves, by a group, or as superusers."""
    app_label, _, codename = permission.partition(".")
    granted = Permission.objects.filter(codename=codename, content_type__app_label=app_label)
    return (
        User.objects.filter(is_staff=True, is_active=True)
        .filter(Q(is_superuser=True) | Q(user_permissions__in=granted) | Q(groups__permissions__in=granted))
        .distinct()
        .order_by("id")
    )
