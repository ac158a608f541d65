"""Money that is the artisan's again after the payable of the sale had left: a supplementary payable."""

import datetime as dt

from common import audit
from common.ids import new_public_id
from payouts.models import Payable


def add_supplementary(
    *, like: Payable, amount_minor: int, origin_reference: str, hold_until: dt.datetime | None, now: dt.datetime
) -> Payable:
    """A held payable for the part that `like` belongs to; it is released and transferred as any other.

    It waits for no charge: the funds of the sale's charge have been sent once already, so this comes from the
    available balance. The caller books the amount into the artisan's held account.
    """
    payable = Payable.objects.create(
        public_id=new_public_id("pbl"), order_reference=like.order_reference,
        seller_order_reference=like.seller_order_reference, origin_reference=origin_reference, artisan=like.artisan,
        amount_minor=amount_minor, currency=like.currency, processor=like.processor, source_charge_id="",
        hold_until=hold_until, created_at=now, updated_at=now,
    )  # fmt: skip
    audit.record(
        event_type="payable.supplemented", outcome="succeeded", subject=payable.public_id, amount=payable.amount,
        artisan=like.artisan.public_id, command=f"supplement:{origin_reference}",
    )  # fmt: skip
    return payable
