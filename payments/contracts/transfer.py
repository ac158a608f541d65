"""Money sent on to artisans, their accounts, and our own balance."""

from dataclasses import dataclass

from common.money import Money


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Send an artisan's share from the platform's balance to the connected account.

    `source_charge_id` ties it to the charge it came from, so that it waits for those funds. `group` is the order's id.
    """

    reference: str
    destination_account_id: str
    amount: Money
    group: str
    source_charge_id: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Make the account that an artisan is paid to. `reference` is the artisan's public id.

    `has_test_identity` fills in the processor's published test data, so that a demo artisan can be paid without going
    through onboarding; it is for test mode only.
    """

    reference: str
    display_name: str
    email: str
    country: str
    currency: str
    has_test_identity: bool
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
class AccountFound:
    """A connected account as the processor tells it. `transfers_enabled`: whether it can be paid to now."""

    processor_account_id: str
    account_reference: str
    country: str
    transfers_enabled: bool


@dataclass(frozen=True, slots=True)
class BalanceFound:
    """The platform's balance at the processor, per currency: available and pending together."""

    total: dict[str, int]
