"""What crosses the border of `payouts`."""

import datetime as dt
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money
from payouts.enums import PayableStatus, TransferStatus


@dataclass(frozen=True, slots=True)
class SellerShare:
    """What one artisan is owed for their part of an order: goods less commission, plus shipping. More than zero."""

    artisan_id: int
    artisan_public_id: str
    seller_order_reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ArtisanEarning:
    """What one artisan earned with one order, and where that money is now."""

    artisan_public_id: str
    artisan_name: str
    seller_order_reference: str
    payable_reference: str
    amount: Money
    status: PayableStatus
    hold_until: dt.datetime
    transfer_reference: str
    transfer_status: TransferStatus | None
    processor_transfer_id: str
    failure_code: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in one currency. `earned` is the other four together."""

    held: Money
    released: Money
    in_transit: Money
    transferred: Money

    @property
    def earned(self) -> Money:
        return self.held + self.released + self.in_transit + self.transferred


@dataclass(frozen=True, slots=True)
class TransferRun:
    """What one run of the transfer schedule did."""

    requested: int
    succeeded: int
    refused: int
    unresolved: int

    def __add__(self, other: "TransferRun") -> "TransferRun":
        return TransferRun(
            self.requested + other.requested,
            self.succeeded + other.succeeded,
            self.refused + other.refused,
            self.unresolved + other.unresolved,
        )


class UnknownTransfer(DomainError):
    """No transfer of ours has this id or reference (yet)."""

    code = "unknown_transfer"
    kind = ErrorKind.NOT_FOUND
    title = "This transfer is not known"


class UnknownPayable(DomainError):
    """No such payable, or none for this part of an order."""

    code = "unknown_payable"
    kind = ErrorKind.NOT_FOUND
    title = "This payable is not known"


class TransferContradiction(DomainError):
    """The processor holds something under our reference that is not what we asked for. A person has to look."""

    code = "transfer_contradiction"
    kind = ErrorKind.MISMATCH
    title = "The processor's transfer is not the one we asked for"


class PayableInTheWay(DomainError):
    """The payable's status does not allow what was asked."""

    code = "payable_state"
    title = "The payable's status does not allow this"


class ConnectionRefused(DomainError):
    """Demo accounts are made outside production only."""

    code = "demo_accounts_refused"
    kind = ErrorKind.FORBIDDEN
    title = "Demo accounts are not made in production"
