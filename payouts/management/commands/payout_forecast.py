"""How much must be topped up at Stripe, per currency, and by when: the same figures as the page in admin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from common.clock import now
from payouts.services.forecast import DAYS, forecast, sentence


class Command(BaseCommand):
    help = "Plays the scheduled payouts of the next days against what is available at Stripe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        ahead = forecast(now=now(), days=options["days"])
        if not ahead.is_known:
            self.stdout.write("Stripe did not tell its balance.")
        if ahead.paused_at is not None:
            self.stdout.write(
                f"All payouts are paused since {ahead.paused_at:%Y-%m-%d %H:%M} UTC: {ahead.paused_reason}"
            )
        for currency in ahead.currencies:
            self.stdout.write(f"{currency.currency}: {sentence(currency) if ahead.is_known else 'not known'}")
            self.stdout.write(f"  available at Stripe {currency.available}, owed without a day {currency.undated}")
            if currency.paused:
                self.stdout.write(f"  waits for the end of a pause {currency.paused}")
            for day in currency.days:
                if day.goes_out or day.comes_in:
                    self.stdout.write(f"  {day.date}  out {day.goes_out}  in {day.comes_in}  left {day.left}")
