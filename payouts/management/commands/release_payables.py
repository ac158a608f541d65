"""Ends holds by hand, so that a transfer can be seen without waiting for the hold period."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import context
from common.clock import now
from payouts import services
from payouts.enums import PayableStatus
from payouts.models import Payable


class Command(BaseCommand):
    help = "Releases what artisans are owed and pays it at once. Without options: what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", action="store_true", help="all held ones, without waiting for their hold period")
        parser.add_argument("--order", default="", metavar="ORD", help="only those of this order (ord_...), at once")

    def handle(self, *args: Any, **options: Any) -> None:
        context.bind(trace_id=context.new_trace_id(), actor="command:release_payables")
        if options["order"] or options["now"]:
            chosen = Payable.objects.filter(status__in=[PayableStatus.HELD, PayableStatus.RELEASED])
            if options["order"]:
                chosen = chosen.filter(order_reference=options["order"])
                if not Payable.objects.filter(order_reference=options["order"]).exists():
                    raise CommandError(f"{options['order']} has nothing that artisans are owed")
            released = services.release_now(payable_ids=list(chosen.values_list("id", flat=True)), now=now())
        else:
            released = services.release_due(now=now())
        run = services.run_payouts(now=now())
        self.stdout.write(
            f"released {released}; transfers: requested {run.requested}, carried out {run.succeeded},"
            f" refused {run.refused}, not known yet {run.unresolved}"
        )
        if run.unresolved or run.refused:
            self.stderr.write("some transfers are not through; the schedule goes on with them")
