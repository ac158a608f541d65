"""Somebody who would like to sell in the demo shop, waiting for staff's answer."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.demo.people import DEMO_PASSWORD
from common.clock import now
from common.money import Money
from identity.models import User
from payouts import services
from payouts.models import SellerApplication
from payouts.services.applications import ShopDetails, consent_text

EMAIL = "theo@artisans-hub.example"
_SHOP = ShopDetails(
    name="Fjord & Fibre",
    tagline="Baskets of willow, woven wet.",
    story="I grew up beside the willow beds and came back to them after ten years in an office. Every basket takes a "
    "day, and every rod is one that I have cut myself.\n\nI would like to sell here because the other makers are ones "
    "that I would like to meet.",
    town="Aarhus",
    country="DK",
    shipping_first_item=Money(790, "EUR"),
    shipping_additional_item=Money(250, "EUR"),
    dispatch_days=4,
)


class Command(BaseCommand):
    help = "Adds one application to sell to the demo shop. Safe to repeat; refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("The demo shop has log-ins that everybody knows; it is not for production.")
        user = User.objects.filter(email=EMAIL).first()
        if user is None:
            user = User.objects.create_user(EMAIL, DEMO_PASSWORD, full_name="Theo Lund")
        EmailAddress.objects.get_or_create(user=user, email=EMAIL, defaults={"verified": True, "primary": True})
        if not SellerApplication.objects.filter(user=user).exists():
            services.apply_to_sell(user=user, details=_SHOP, consent_text=consent_text(), now=now())
        self.stdout.write(f"  applies  {EMAIL}  ({_SHOP.name}, waits for staff)")
