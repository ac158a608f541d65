"""How long an artisan's share is held: it counts from the day on which the buyer has the goods."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from common import audit
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import Payable
from payouts.services.history import move_payables
from payouts.services.policies import policies_of


def parts_shipped(*, seller_order_references: Sequence[str], now: dt.datetime) -> None:
    """These parts of orders were sent at `now`; their shares are released some days after they must have arrived.

    In the caller's transaction, which holds the order's lock. The days on hold are those of each artisan's policy at
    this moment: a policy that is changed later is for parts that are sent later.
    """
    _hold(seller_order_references, PayableEdge.PART_SHIPPED, arrives_at=now + settings.ASSUMED_DELIVERY, now=now)


def part_delivered(*, seller_order_reference: str, now: dt.datetime) -> None:
    """The part has arrived: it is released some days from now, but no later than was known before.

    As `parts_shipped`. Twice changes nothing the second time.
    """
    _hold([seller_order_reference], PayableEdge.PART_DELIVERED, arrives_at=now, now=now)


def _hold(parts: Sequence[str], edge: PayableEdge, *, arrives_at: dt.datetime, now: dt.datetime) -> None:
    """Also of payables that are no longer held: what a part gets again later is held until then."""
    payables = list(
        Payable.objects.select_for_update(of=("self",))
        .select_related("artisan")
        .filter(seller_order_reference__in=parts)
        .order_by("id")
    )
    policies = policies_of(artisan_ids={payable.artisan_id for payable in payables}, now=now) if payables else {}
    for artisan_id, policy in policies.items():
        until = arrives_at + dt.timedelta(days=policy.hold_days)
        ends_sooner = [
            payable
            for payable in payables
            if payable.artisan_id == artisan_id and (payable.hold_until is None or until < payable.hold_until)
        ]
        held = [payable for payable in ends_sooner if payable.status == PayableStatus.HELD]
        move_payables(held, edge, now=now, hold_until=until)
        gone = [payable.pk for payable in ends_sooner if payable.status != PayableStatus.HELD]
        if gone:
            Payable.objects.filter(id__in=gone).update(hold_until=until, updated_at=now)
        audit.record_all(
            [
                audit.entry(
                    event_type="payable.hold_set", outcome="succeeded", subject=payable.public_id, amount=payable.left,
                    artisan=payable.artisan.public_id, command=f"{edge}:{payable.seller_order_reference}",
                )
                for payable in held
            ]
        )  # fmt: skip
