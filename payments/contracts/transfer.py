"""Money sent on to artisans, and our own balance."""

from dataclasses import dataclass, field

from common.money import Money


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Send an artisan's share from the platform's balance to the connected account.

    It is paid from what is available there. `group`, under which it can be found again, is our payout's id.
    """

    reference: str
    destination_account_id: str
    amount: Money
    group: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class TransferFound:
    processor_transfer_id: str
    transfer_reference: str
    amount: Money
    reversed_amount: Money
    destination_account_id: str


@dataclass(frozen=True, slots=True)
class TransferReversalRequest:
    """Bring `amount` of one transfer back from the connected account. `reference` is our reversal's public id."""

    reference: str
    processor_transfer_id: str
    amount: Money
    trace_id: str


@dataclass(frozen=True, slots=True)
class TransferReversalFound:
    """A reversal that was carried out. `reversal_reference` is empty for one that we did not ask for."""

    processor_reversal_id: str
    reversal_reference: str
    processor_transfer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class BalanceFound:
    """The platform's balance at the processor, in minor units per currency.

    `total` is `available` (can be sent on now) and `pending` (cannot yet) together.
    """

    total: dict[str, int]
    available: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
