"""The one allocator: which lines a refund is for and who bears it. Pure; all figures are those frozen at the sale.

Nothing is ever paid back beyond what was captured, of a line, of a part and in sum. Commission goes back in proportion
to the goods, counted over all refunds of a line together, so that after its last cent exactly its commission is back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from common.money import Money, allocate, charge_step_minor
from orders.contracts.refund import (
    Allocation,
    AmountOnly,
    EverythingLeft,
    GoodwillWish,
    InvalidRefund,
    Items,
    LineWish,
    NothingToRefund,
    PartLeft,
    Refundable,
    RefundableLine,
    RefundablePart,
    RefundPlan,
    RefundTooLarge,
    RefundWish,
    ShippingWish,
)
from orders.enums import Bearer, RefundPart


@dataclass(frozen=True, slots=True)
class _Piece:
    """An amount for one thing; `artisan` is None for our own goodwill. `exact` was named by a person."""

    kind: RefundPart
    bearer: Bearer
    artisan: RefundablePart | None
    line: RefundableLine | None
    amount_minor: int
    quantity: int | None = None
    exact: bool = False


def plan_refund(*, refundable: Refundable, wish: RefundWish, returns_commission: bool) -> RefundPlan:
    """Splits the wish. Without `returns_commission` our commission stays ours and the artisan bears the whole.

    "All that is left", and pieces by their number, are cut where less is left; an amount that a person named is not.
    An amount that the processor can't pay to the last digit (KWD) is rounded up at our cost. Raises InvalidRefund,
    RefundTooLarge and NothingToRefund.
    """
    pieces, restocks = _pieces(refundable, wish)
    if refundable.left_minor <= 0 or not any(piece.amount_minor for piece in pieces):
        raise NothingToRefund()
    pieces = _within_parts(pieces, refundable.currency)
    pieces = _within(pieces, refundable.left_minor, refundable.currency)
    pieces = _payable_to_the_last_digit(pieces, refundable)
    return RefundPlan(refundable.currency, _allocations(pieces, refundable.currency, returns_commission), restocks)


def _pieces(refundable: Refundable, wish: RefundWish) -> tuple[list[_Piece], tuple[tuple[int, int], ...]]:
    if isinstance(wish, EverythingLeft):
        restocked = refundable.parts if wish.restocks else ()
        return _all_of(refundable.parts, wish.bearer) + _ours(refundable), _all_pieces(restocked)
    if isinstance(wish, PartLeft):
        artisan = _part(refundable, wish.reference)
        return _all_of([artisan], wish.bearer), _all_pieces([artisan] if wish.restocks else ())
    if isinstance(wish, AmountOnly):
        return _spread(refundable, wish.amount), ()
    return _items(refundable, wish), tuple((line.line_id, line.restocks) for line in wish.lines if line.restocks)


def _all_of(parts: Iterable[RefundablePart], bearer: Bearer) -> list[_Piece]:
    pieces = []
    for artisan in parts:
        pieces += [
            _Piece(RefundPart.GOODS, bearer, artisan, line, line.left_minor, line.quantity_left or None)
            for line in artisan.lines
            if line.left_minor
        ]
        if artisan.shipping_left_minor:
            pieces.append(_Piece(RefundPart.SHIPPING, bearer, artisan, None, artisan.shipping_left_minor))
    return pieces


def _ours(refundable: Refundable) -> list[_Piece]:
    """What was paid to us alone, by an order that paid a refund back: it goes back from us alone."""
    left_minor = refundable.platform_left_minor
    return [_Piece(RefundPart.GOODWILL, Bearer.PLATFORM, None, None, left_minor)] if left_minor else []


def _all_pieces(parts: Iterable[RefundablePart]) -> tuple[tuple[int, int], ...]:
    return tuple((line.line_id, line.quantity_left) for part in parts for line in part.lines if line.quantity_left)


def _spread(refundable: Refundable, amount: Money) -> list[_Piece]:
    """In proportion to what is left of each thing, by largest remainder."""
    _check_amount(amount, refundable.currency)
    pieces = _within_parts(_all_of(refundable.parts, Bearer.ARTISAN) + _ours(refundable), refundable.currency)
    left_minor = min(refundable.left_minor, sum(piece.amount_minor for piece in pieces))
    if amount.amount_minor > left_minor:
        raise _too_large(left_minor, refundable.currency)
    return [replace(piece, quantity=None) for piece in _cut(pieces, amount.amount_minor, refundable.currency)]


def _items(refundable: Refundable, wish: Items) -> list[_Piece]:
    named = [line.line_id for line in wish.lines]
    shipped = [shipping.reference for shipping in wish.shipping]
    if len(set(named)) != len(named) or len(set(shipped)) != len(shipped):
        raise InvalidRefund("A line or a shipping is named twice.")
    return [
        *(_of_line(refundable, line, wish.bearer) for line in wish.lines),
        *(_of_shipping(refundable, shipping, wish.bearer) for shipping in wish.shipping),
        *(_of_goodwill(refundable, goodwill) for goodwill in wish.goodwill),
    ]


def _of_line(refundable: Refundable, wish: LineWish, bearer: Bearer) -> _Piece:
    found = [(part, line) for part in refundable.parts for line in part.lines if line.line_id == wish.line_id]
    if not found or (wish.quantity is None) == (wish.amount is None):
        raise InvalidRefund("A line of this order is refunded by its pieces or by an amount.")
    [(artisan, line)] = found
    if not 0 <= wish.restocks <= (wish.quantity or 0):
        raise InvalidRefund(f"No more pieces of “{line.title}” go back on the shelf than are paid back.")
    if wish.amount is not None:
        _check_amount(wish.amount, refundable.currency)
        if wish.amount.amount_minor > line.left_minor:
            raise _too_large(line.left_minor, refundable.currency, f" for “{line.title}”")
        return _Piece(RefundPart.GOODS, bearer, artisan, line, wish.amount.amount_minor, exact=True)
    if wish.quantity is None or wish.quantity < 1:
        raise InvalidRefund("At least one piece is paid back.")
    if wish.quantity > line.quantity_left:
        raise RefundTooLarge(
            f"{line.quantity_left} of {line.quantity} pieces of “{line.title}” are left.", left=line.quantity_left
        )
    amount_minor = min(wish.quantity * line.unit_price_minor, line.left_minor)
    return _Piece(RefundPart.GOODS, bearer, artisan, line, amount_minor, wish.quantity)


def _of_shipping(refundable: Refundable, wish: ShippingWish, bearer: Bearer) -> _Piece:
    artisan = _part(refundable, wish.reference)
    if wish.amount is None:
        return _Piece(RefundPart.SHIPPING, bearer, artisan, None, artisan.shipping_left_minor)
    _check_amount(wish.amount, refundable.currency)
    if wish.amount.amount_minor > artisan.shipping_left_minor:
        raise _too_large(artisan.shipping_left_minor, refundable.currency, " for shipping")
    return _Piece(RefundPart.SHIPPING, bearer, artisan, None, wish.amount.amount_minor, exact=True)


def _of_goodwill(refundable: Refundable, wish: GoodwillWish) -> _Piece:
    _check_amount(wish.amount, refundable.currency)
    if not wish.reference:
        return _Piece(RefundPart.GOODWILL, Bearer.PLATFORM, None, None, wish.amount.amount_minor, exact=True)
    artisan = _part(refundable, wish.reference)
    left_minor = min(artisan.share_left_minor, artisan.left_minor)
    if wish.amount.amount_minor > left_minor:
        raise _too_large(left_minor, refundable.currency, f" by {artisan.artisan_name}")
    return _Piece(RefundPart.GOODWILL, Bearer.ARTISAN, artisan, None, wish.amount.amount_minor, exact=True)


def _part(refundable: Refundable, reference: str) -> RefundablePart:
    for part in refundable.parts:
        if part.reference == reference:
            return part
    raise InvalidRefund("This part was not paid for in this order.")


def _check_amount(amount: Money, currency: str) -> None:
    if amount.currency != currency or amount.amount_minor <= 0:
        raise InvalidRefund(f"An amount above zero in {currency} is needed.")


def _too_large(left_minor: int, currency: str, of: str = "") -> RefundTooLarge:
    left = Money(max(left_minor, 0), currency)
    return RefundTooLarge(f"At most {left} can still be paid back{of}.", left_minor=left.amount_minor)


def _within_parts(pieces: list[_Piece], currency: str) -> list[_Piece]:
    """An artisan's goodwill has paid back of the part before: its lines together have that much less left."""
    found: list[_Piece] = []
    for reference in dict.fromkeys(piece.artisan.reference if piece.artisan else "" for piece in pieces):
        of_part = [piece for piece in pieces if (piece.artisan.reference if piece.artisan else "") == reference]
        artisan = of_part[0].artisan
        found += of_part if artisan is None else _within(of_part, artisan.left_minor, currency)
    return found


def _within(pieces: list[_Piece], left_minor: int, currency: str) -> list[_Piece]:
    if sum(piece.amount_minor for piece in pieces) <= left_minor:
        return pieces
    if any(piece.exact for piece in pieces):
        raise _too_large(left_minor, currency)
    return _cut(pieces, left_minor, currency)


def _cut(pieces: Sequence[_Piece], amount_minor: int, currency: str) -> list[_Piece]:
    """The same pieces in proportion, together `amount_minor`; no piece grows."""
    if amount_minor <= 0 or not any(piece.amount_minor for piece in pieces):
        return []
    amounts = allocate(Money(amount_minor, currency), [piece.amount_minor for piece in pieces])
    return [replace(piece, amount_minor=amount.amount_minor) for piece, amount in zip(pieces, amounts, strict=True)]


def _payable_to_the_last_digit(pieces: list[_Piece], refundable: Refundable) -> list[_Piece]:
    """Processors take amounts in steps. The buyer gets no less than was wished, if that much is left."""
    step_minor = charge_step_minor(refundable.currency)
    amount_minor = sum(piece.amount_minor for piece in pieces)
    over_minor = amount_minor % step_minor
    if not over_minor:
        return pieces
    more_minor = step_minor - over_minor
    if amount_minor + more_minor <= refundable.left_minor:
        return [*pieces, _Piece(RefundPart.GOODWILL, Bearer.PLATFORM, None, None, more_minor)]
    return _cut(pieces, amount_minor - over_minor, refundable.currency)


def _allocations(pieces: Sequence[_Piece], currency: str, returns_commission: bool) -> tuple[Allocation, ...]:
    taken: dict[str, tuple[int, int]] = {}
    found = []
    for piece in pieces:
        if not piece.amount_minor:
            continue
        reference = piece.artisan.reference if piece.artisan is not None else ""
        before = taken.get(reference, (0, 0))
        commission_minor, share_minor = _borne(piece, before, returns_commission)
        taken[reference] = (before[0] + commission_minor, before[1] + share_minor)
        found.append(
            Allocation(
                part=piece.kind,
                bearer=piece.bearer,
                reference=reference,
                line_id=piece.line.line_id if piece.line is not None else None,
                quantity=piece.quantity,
                amount=Money(piece.amount_minor, currency),
                commission=Money(commission_minor, currency),
                share=Money(share_minor, currency),
                platform=Money(piece.amount_minor - commission_minor - share_minor, currency),
            )
        )
    if not found:
        raise NothingToRefund()
    return tuple(found)


def _borne(piece: _Piece, taken: tuple[int, int], returns_commission: bool) -> tuple[int, int]:
    """What of the piece our commission and the artisan's share bear; the rest is ours.

    `taken` is what other pieces of this refund take of both. What the share can't bear (a dispute or goodwill has taken
    of it before) is borne by what is left of the line's commission, and then by us.
    """
    if piece.artisan is None:
        return 0, 0
    of_part_minor = max(piece.artisan.commission_left_minor - taken[0], 0)
    commission_minor = min(_commission(piece), of_part_minor) if returns_commission else 0
    rest_minor = piece.amount_minor - commission_minor
    if piece.bearer == Bearer.PLATFORM:
        return commission_minor, 0
    share_minor = max(min(rest_minor, piece.artisan.share_left_minor - taken[1]), 0)
    if piece.line is not None and returns_commission:
        of_line_minor = piece.line.commission_minor - piece.line.refunded_commission_minor
        left_minor = min(of_line_minor, of_part_minor) - commission_minor
        commission_minor += max(min(rest_minor - share_minor, left_minor), 0)
    return commission_minor, share_minor


def _commission(piece: _Piece) -> int:
    """Cumulative: what should be back after this piece, less what is back; half a unit is rounded to even."""
    line = piece.line
    if line is None:
        return 0
    refunded_minor = line.refunded_minor + piece.amount_minor
    due_minor = _share_half_even(line.commission_minor * refunded_minor, line.sold_minor)
    return min(max(due_minor - line.refunded_commission_minor, 0), piece.amount_minor)


def _share_half_even(numerator: int, denominator: int) -> int:
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
