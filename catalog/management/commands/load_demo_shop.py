"""`manage.py load_demo_shop`: artisans, goods, pictures and log-ins to look around with. Runs again without harm."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.demo.goods import PRODUCTS
from catalog.demo.loader import load
from catalog.demo.makers import ARTISANS
from catalog.demo.people import ADMIN_EMAIL, BUYER_EMAIL, DEMO_PASSWORD
from common import clock


class Command(BaseCommand):
    help = "Loads the demo shop: artisans, goods, pictures and log-ins. Never in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production":
            raise CommandError("The demo shop has log-ins that everybody knows; it is not for production.")
        load(now=clock.now())
        self.stdout.write(f"Demo shop: {len(ARTISANS)} artisans, {len(PRODUCTS)} products.")
        self.stdout.write(f"Log-ins, all with the password {DEMO_PASSWORD}:")
        self.stdout.write(f"  buyer    {BUYER_EMAIL}")
        for maker in ARTISANS:
            self.stdout.write(f"  artisan  {maker.email}  ({maker.name})")
        self.stdout.write(f"  staff    {ADMIN_EMAIL}")
