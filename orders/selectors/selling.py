"""An artisan's parts of orders. Every look-up starts from the artisan."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from catalog.models import Artisan
from orders.contracts.order import PartNotFound
from orders.enums import FulfilmentStatus
from orders.models import OrderLine, SellerOrder

TO_DO = (FulfilmentStatus.TO_ACCEPT, FulfilmentStatus.TO_SHIP)


def artisan_of(user: AbstractBaseUser | AnonymousUser) -> Artisan | None:
    """The workshop of this user; None for one who only buys."""
    return Artisan.objects.filter(owner_id=user.pk).first() if user.is_authenticated else None


def parts_sold_by(artisan: Artisan) -> QuerySet[SellerOrder]:
    """What was sold or waits to be accepted: what has to be done first, then the newest."""
    return (
        SellerOrder.objects.filter(artisan=artisan, fulfilment__isnull=False)
        .select_related("order", "fulfilment")
        .annotate(pieces=Count("lines"), is_to_do=Count("id", filter=Q(fulfilment__status__in=TO_DO)))
        .order_by("-is_to_do", "-id")
    )


def part_sold_by(*, artisan: Artisan, public_id: str) -> SellerOrder:
    """One of them with its lines. Raises PartNotFound, also for another artisan's."""
    lines = OrderLine.objects.select_related("product").order_by("position")
    part = (
        SellerOrder.objects.filter(artisan=artisan, public_id=public_id, fulfilment__isnull=False)
        .select_related("order", "fulfilment", "artisan")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .first()
    )
    if part is None:
        raise PartNotFound()
    return part
