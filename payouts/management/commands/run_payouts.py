"""Pays artisans what is due now, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Artisan
from common import context
from common.clock import now
from payouts import services
from payouts.contracts import TransferRun, UnknownRun
from payouts.models import PayoutRun


class Command(BaseCommand):
    help = (
        "Pays what is due now: by the schedules, or with an option to one artisan or everybody, or goes on with a run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--artisan", default="", metavar="SLUG", help="this artisan, whatever their schedule")
        chosen.add_argument("--everybody", action="store_true", help="everybody, whatever their schedules")
        chosen.add_argument("--resume", default="", metavar="RUN", help="a run that has stopped (run_...)")

    def handle(self, *args: Any, **options: Any) -> None:
        context.bind(trace_id=context.new_trace_id(), actor="command:run_payouts")
        before = PayoutRun.objects.order_by("-id").values_list("id", flat=True).first() or 0
        done = self._run(**options)
        runs = PayoutRun.objects.filter(id__gt=before)
        if options["resume"]:
            runs = PayoutRun.objects.filter(public_id=options["resume"])
        for run in runs.order_by("id"):
            self.stdout.write(
                f"{run}: {run.get_status_display()}, {run.payout_count} payouts of {run.item_count} payables {run.note}"
            )
        self.stdout.write(
            f"requested {done.requested}, carried out {done.succeeded}, refused {done.refused},"
            f" not known yet {done.unresolved}"
        )
        if done.unresolved or done.refused:
            self.stderr.write("some transfers are not through; the schedule goes on with them")

    def _run(self, *, artisan: str, everybody: bool, resume: str, **_: Any) -> TransferRun:
        if resume:
            try:
                run = services.resume_run(run_reference=resume, now=now())
            except UnknownRun as unknown:
                raise CommandError(f"{resume} is no payout run") from unknown
            return services.go_on(run_id=run.pk, now=now(), tell=self._tell)
        if artisan:
            chosen = Artisan.objects.filter(slug=artisan).first()
            if chosen is None:
                raise CommandError(f"there is no artisan {artisan}")
            return services.run_payouts(now=now(), artisan_id=chosen.pk, tell=self._tell)
        if everybody:
            return services.run_payouts(now=now(), tell=self._tell)
        return services.run_scheduled(now=now(), tell=self._tell)

    def _tell(self, run: PayoutRun) -> None:
        self.stdout.write(f"{run}: {run.payout_count} payouts of {run.item_count} payables")
        self.stdout.flush()
