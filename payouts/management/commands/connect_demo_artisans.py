"""Gives every demo artisan an account at the processor, so that transfers have somewhere to go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Artisan
from common.clock import now
from common.errors import DomainError
from payouts import services


class Command(BaseCommand):
    help = "Connects all artisans to test accounts at the processor. Safe to repeat; refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--country", default="DE", help="country of the accounts (default: DE)")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = 0
        for artisan in Artisan.objects.order_by("id"):
            try:
                account = services.connect_demo_artisan(artisan_id=artisan.id, country=options["country"], now=now())
            except DomainError as error:
                raise CommandError(f"{artisan.name} was not connected: {error.detail} ({error.code})") from error
            waiting += not account.transfers_enabled
            state = "can be paid" if account.transfers_enabled else "not verified yet, run this again in a moment"
            self.stdout.write(f"{artisan.name}: {account.processor_account_id}, {state}")
        if waiting:
            self.stderr.write(f"{waiting} artisans can't be paid yet")
