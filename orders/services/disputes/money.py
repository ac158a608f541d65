"""What a dispute does to shares and books, in the transaction that records it, under the order's lock.

Driven by what the processor has really taken and given back, not by the status: `disputed` holds what was withdrawn and
is neither given back nor lost. Artisans' shares of it are kept back meanwhile. Each step is booked once, numbered from
the second of its kind on.
"""

import datetime as dt
from collections.abc import Sequence

from common.money import Money, allocate
from ledger import journals
from ledger.journals import DisputedShare, SellerPlaces
from orders.models import DisputeAllocation, Order
from orders.selectors import disputes as selectors
from orders.services.disputes import shares
from orders.services.disputes.books import Entries
from orders.services.disputes.split import PartAtStake, portion, split_disputed
from payments.enums import CLOSED_DISPUTE_STATUSES, DisputeStatus, Liability
from payments.models import Capture, Dispute
from payments.services import DisputeRecorded
from payouts import services as payouts


def apply_money(*, order: Order, capture: Capture, recorded: DisputeRecorded, now: dt.datetime) -> None:
    """Keeps shares back, gives them back, and takes them for good, as far as the finding says so."""
    case = _Case(order, capture, recorded.dispute, now)
    if recorded.withdrawn:
        case.open(recorded.withdrawn)
    won = recorded.reinstated - recorded.regained
    if won:
        case.win(won)
    if recorded.regained:
        case.regain(recorded.regained)
    case.charge(recorded.fee_before)
    case.keep_what_is_at_stake()
    if case.dispute.status == DisputeStatus.LOST:
        case.lose()
    case.entries.post()
    if case.dispute.status == DisputeStatus.LOST:
        case.collect()


class _Case:
    """One dispute in one transaction."""

    def __init__(self, order: Order, capture: Capture, dispute: Dispute, now: dt.datetime) -> None:
        self.order, self.capture, self.dispute, self.now = order, capture, dispute, now
        self.entries = Entries(dispute=dispute, order_reference=order.public_id, now=now)
        self.processor = capture.payment.processor
        self.is_sale = selectors.is_sale(capture)
        self.rows = selectors.allocations_of(dispute)

    @property
    def open_rows(self) -> list[DisputeAllocation]:
        return [row for row in self.rows if row.lost_at is None and row.left_minor]

    @property
    def lost_rows(self) -> list[DisputeAllocation]:
        return [row for row in self.rows if row.lost_at is not None and row.left_minor]

    @property
    def at_stake(self) -> Money:
        """What artisans' shares are kept back for: what was taken and is undecided. Where the processor only holds the
        money until it decides (PayPal), all that is disputed."""
        minor = self.dispute.undecided_minor
        is_open = self.dispute.status not in CLOSED_DISPUTE_STATUSES and not self.dispute.is_inquiry
        if is_open and not self.dispute.withdrawn_minor:
            minor = self.dispute.amount_minor
        return Money(minor, self.dispute.currency)

    def open(self, withdrawn: Money) -> None:
        """Shares that are kept back already are not kept back twice."""
        missing_minor = self.dispute.undecided_minor - sum(row.left_minor for row in self.open_rows)
        missing = min(Money(max(missing_minor, 0), withdrawn.currency), withdrawn, key=lambda m: m.amount_minor)
        kept = self._keep_back(missing) if missing else []
        self.entries.add(
            "dispute_opened",
            journals.dispute_opened(disputed=withdrawn, sellers=kept, processor=self.processor),
        )

    def keep_what_is_at_stake(self) -> None:
        """More where a refund was not made after all; less where less was taken than was held, or nothing."""
        kept = Money(sum(row.left_minor for row in self.open_rows), self.dispute.currency)
        if kept < self.at_stake:
            if self.dispute.status not in CLOSED_DISPUTE_STATUSES or self._is_artisans:
                self._keep_more(self.at_stake - kept)
        elif self.at_stake < kept:
            self._release(kept - self.at_stake, kept)

    def win(self, won: Money) -> None:
        """What stood open came back."""
        number = self.entries.number("dispute_won")
        undecided = Money(self.dispute.undecided_minor, won.currency) + won
        backs = _backs(self.open_rows, won, whole=undecided)
        places = shares.give_back(backs, credit_reference=f"{self.dispute.public_id}:w{number}", now=self.now)
        self.entries.add("dispute_won", journals.dispute_won(disputed=won, sellers=places, processor=self.processor))
        for back in backs:
            self._returned(back)

    def regain(self, regained: Money) -> None:
        """What was lost before came back."""
        number = self.entries.number("dispute_regained")
        lost = Money(self.dispute.lost_minor, regained.currency) + regained
        backs = _backs(self.lost_rows, regained, whole=lost)
        places = shares.give_back(backs, credit_reference=f"{self.dispute.public_id}:r{number}", now=self.now)
        late_minor = sum(back.amount_minor for back in backs if back.row.seller_order_id is None)
        self.entries.add(
            "dispute_regained",
            journals.dispute_regained(
                regained=regained,
                sellers=places,
                commission=Money(sum(back.commission_minor for back in backs), regained.currency),
                processor=self.processor,
                late_payment=Money(late_minor, regained.currency),
            ),
        )
        for back in backs:
            self._returned(back)

    def charge(self, before: Money) -> None:
        fee = Money(self.dispute.fee_minor, self.dispute.currency)
        if fee != before:
            self.entries.fee(before=before, after=fee, processor=self.processor)

    def lose(self) -> None:
        """What is left undecided is gone: by the artisans or by us, as the reason says."""
        lost = Money(self.dispute.undecided_minor, self.dispute.currency)
        if not lost:
            return
        number = self.entries.number("dispute_lost")
        late = self._settle_late_payment(lost)
        if self._is_artisans:
            ended = [self._lost_share(row) for row in self.open_rows if row.share_left_minor]
            commission_minor = sum(row.commission_left_minor for row in self.open_rows)
        else:
            ended = self._spare_artisans(number)
            commission_minor = 0
        self.entries.add(
            "dispute_lost",
            journals.dispute_lost(
                disputed=lost,
                shares=_by_seller(ended),
                commission=Money(commission_minor, lost.currency),
                late_payment=late,
            ),
        )
        for row in self.open_rows:
            row.lost_at = self.now
            self._save(row)
        self.dispute.lost_minor += lost.amount_minor
        self.dispute.save(update_fields=["lost_minor"])

    def collect(self) -> None:
        """What had been transferred already is brought back from now on."""
        for reference in dict.fromkeys(row.reference for row in self.rows if row.share_left_minor):
            payouts.collect_debt(reference=reference, now=self.now)

    @property
    def _is_artisans(self) -> bool:
        return self.dispute.liability == Liability.ARTISAN

    def _keep_more(self, missing: Money) -> None:
        kept = self._keep_back(missing)
        if kept:
            self.entries.add("dispute_held", journals.dispute_held(sellers=kept))

    def _release(self, released: Money, kept: Money) -> None:
        number = self.entries.number("dispute_released")
        backs = _backs(self.open_rows, released, whole=kept)
        places = shares.give_back(backs, credit_reference=f"{self.dispute.public_id}:f{number}", now=self.now)
        if places:
            self.entries.add("dispute_released", journals.dispute_released(sellers=places))
        for back in backs:
            self._returned(back)

    def _keep_back(self, amount: Money) -> list[SellerPlaces]:
        """Splits an amount over what is left of the parts, and takes the artisans' shares of it."""
        if not self.is_sale:
            return []
        mine_minor = sum(row.left_minor for row in self.rows)
        left = selectors.not_taken_otherwise(self.capture, dispute=self.dispute)
        stakes = split_disputed(amount, left=left - Money(mine_minor, left.currency), parts=self._parts())
        number = max((row.number for row in self.rows), default=0) + 1
        made = [
            DisputeAllocation(
                dispute_reference=self.dispute.public_id,
                order=self.order,
                seller_order_id=stake.part.seller_order_id,
                number=number,
                currency=amount.currency,
                amount_minor=stake.amount_minor,
                commission_minor=stake.commission_minor,
                share_minor=stake.share_minor,
                created_at=self.now,
                updated_at=self.now,
            )
            for stake in stakes
        ]
        DisputeAllocation.objects.bulk_create(made)
        self.rows = selectors.allocations_of(self.dispute)
        return shares.keep_back([row for row in self.rows if row.number == number], now=self.now)

    def _parts(self) -> list[PartAtStake]:
        taken, left = selectors.parts_taken(self.order), selectors.shares_left(self.order)
        return [
            PartAtStake(
                seller_order_id=part.id,
                reference=part.public_id,
                artisan_public_id=part.artisan.public_id,
                sold_minor=part.goods_minor + part.shipping_minor,
                commission_minor=part.commission_minor,
                taken_minor=taken.get(part.id, (0, 0))[0],
                taken_commission_minor=taken.get(part.id, (0, 0))[1],
                share_left_minor=left.get(part.public_id, 0),
            )
            for part in selectors.sold_parts(self.order)
        ]

    def _settle_late_payment(self, lost: Money) -> Money:
        """Of a payment that was owed back: the bank has done what we owed. What was paid back before is our loss."""
        if self.is_sale:
            return Money.zero(lost.currency)
        owed = selectors.owed_of_late_payment(self.capture)
        late = min(lost, owed, key=lambda amount: amount.amount_minor)
        if late:
            row = DisputeAllocation.objects.create(
                dispute_reference=self.dispute.public_id, order=self.order, seller_order=None,
                number=max((row.number for row in self.rows), default=0) + 1, currency=late.currency,
                amount_minor=late.amount_minor, commission_minor=0, share_minor=0, lost_at=self.now,
                created_at=self.now, updated_at=self.now,
            )  # fmt: skip
            self.rows.append(row)
        return late

    def _lost_share(self, row: DisputeAllocation) -> DisputedShare:
        zero = Money.zero(row.currency)
        seller = shares.seller_of(row)
        return DisputedShare(
            seller=seller,
            lost=Money(row.share_left_minor, row.currency),
            returned=SellerPlaces(seller, held=zero, payable=zero, reserved=zero, receivable=zero),
        )

    def _spare_artisans(self, number: int) -> list[DisputedShare]:
        """We bear it: the shares go back, and our commission was never given up."""
        backs = [shares.Back(row, 0, row.commission_left_minor, row.share_left_minor) for row in self.open_rows]
        places = shares.give_back(backs, credit_reference=f"{self.dispute.public_id}:l{number}", now=self.now)
        for back in backs:
            self._returned(back)
        zero = Money.zero(self.dispute.currency)
        return [DisputedShare(seller=place.seller, lost=zero, returned=place) for place in places]

    def _returned(self, back: shares.Back) -> None:
        back.row.returned_minor += back.amount_minor
        back.row.returned_commission_minor += back.commission_minor
        back.row.returned_share_minor += back.share_minor
        self._save(back.row)

    def _save(self, row: DisputeAllocation) -> None:
        row.updated_at = self.now
        row.save(
            update_fields=[
                "returned_minor", "returned_commission_minor", "returned_share_minor", "lost_at", "updated_at",
            ]
        )  # fmt: skip


def _backs(rows: Sequence[DisputeAllocation], amount: Money, *, whole: Money) -> list[shares.Back]:
    """What of each row comes back with `amount` of `whole`; what no row names is ours."""
    weights = [row.left_minor for row in rows]
    ours = whole.amount_minor - sum(weights)
    amounts = allocate(amount, [*weights, ours])[:-1]
    return [_back(row, part.amount_minor) for row, part in zip(rows, amounts, strict=True) if part]


def _back(row: DisputeAllocation, amount_minor: int) -> shares.Back:
    """Commission and share in proportion; what rounding leaves goes to the artisan, never beyond what is left."""
    commission_minor = portion(row.commission_left_minor, amount_minor, row.left_minor)
    stays_minor = row.left_minor - amount_minor
    share_minor = max(
        portion(row.share_left_minor, amount_minor, row.left_minor),
        row.share_left_minor + row.commission_left_minor - commission_minor - stays_minor,
    )
    return shares.Back(row, amount_minor, commission_minor, share_minor)


def _by_seller(ended: Sequence[DisputedShare]) -> list[DisputedShare]:
    """One for each artisan: an entry names an account once."""
    together: dict[str, DisputedShare] = {}
    for share in ended:
        known = together.get(share.seller)
        together[share.seller] = (
            share
            if known is None
            else DisputedShare(share.seller, known.lost + share.lost, shares.added(known.returned, share.returned))
        )
    return list(together.values())
