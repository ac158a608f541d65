"""The chart of accounts: one function per kind of account, each giving all that is needed to open it.

Codes read kind[:owner]:currency. docs/ledger.md explains each account; a test compares that page with this file.
"""

from functools import lru_cache

from ledger.contracts import AccountSpec
from ledger.enums import AccountType

# Specs are asked for at every posting; the platform's are few, the sellers' bounded by this.
_KEPT_SPECS = 4096


@lru_cache(maxsize=_KEPT_SPECS)
def clearing(processor: str, currency: str) -> AccountSpec:
    """What the processor holds for us: captured, less its fees, refunds and transfers. Equals its balance."""
    return AccountSpec(
        code=f"{processor}_clearing:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name=f"Held for us by {processor}",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def processor_fees(currency: str) -> AccountSpec:
    """What processors have charged us."""
    return AccountSpec(
        code=f"processor_fees:{currency}",
        type=AccountType.EXPENSE,
        currency=currency,
        name="Processor fees",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def commission(currency: str) -> AccountSpec:
    """What we have earned on sales."""
    return AccountSpec(
        code=f"commission:{currency}",
        type=AccountType.REVENUE,
        currency=currency,
        name="Commission",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def seller_held(seller: str, currency: str) -> AccountSpec:
    """An artisan's share of sales during the hold period. Never below zero: no more is released than is held."""
    return AccountSpec(
        code=f"seller_held:{seller}:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Owed to the artisan, on hold",
        owner_reference=seller,
        may_go_negative=False,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def seller_payable(seller: str, currency: str) -> AccountSpec:
    """An artisan's share that may be transferred now. Never below zero: no more is transferred than is owed."""
    return AccountSpec(
        code=f"seller_payable:{seller}:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Owed to the artisan, released",
        owner_reference=seller,
        may_go_negative=False,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def seller_reserved(seller: str, currency: str) -> AccountSpec:
    """An artisan's released share that is kept back as a reserve for a time. Never below zero."""
    return AccountSpec(
        code=f"seller_reserved:{seller}:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Owed to the artisan, reserved",
        owner_reference=seller,
        may_go_negative=False,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def transfers_in_transit(currency: str) -> AccountSpec:
    """Transfers asked for and not yet confirmed by the processor."""
    return AccountSpec(
        code=f"transfers_in_transit:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Transfers in transit",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def late_payments(currency: str) -> AccountSpec:
    """Money captured for orders that can't be completed, which goes back to the buyer."""
    return AccountSpec(
        code=f"late_payments:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Late payments to be refunded",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def seller_receivable(seller: str, currency: str) -> AccountSpec:
    """What an artisan owes us: a refund or dispute of a share that had left already. Never below zero."""
    return AccountSpec(
        code=f"seller_receivable:{seller}:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="Owed by the artisan",
        owner_reference=seller,
        may_go_negative=False,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def seller_disputed(seller: str, currency: str) -> AccountSpec:
    """An artisan's share that is kept back until a dispute is decided. Never below zero."""
    return AccountSpec(
        code=f"seller_disputed:{seller}:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Owed to the artisan, disputed",
        owner_reference=seller,
        may_go_negative=False,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def refunds_in_transit(currency: str) -> AccountSpec:
    """Refunds owed to buyers and not yet confirmed by the processor; a bounced one is owed again."""
    return AccountSpec(
        code=f"refunds_in_transit:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Refunds in transit",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def disputed(currency: str) -> AccountSpec:
    """What processors have withdrawn for disputes that are not decided yet."""
    return AccountSpec(
        code=f"disputed:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="Withdrawn for open disputes",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def dispute_fees(currency: str) -> AccountSpec:
    """What processors have charged us for disputes."""
    return AccountSpec(
        code=f"dispute_fees:{currency}",
        type=AccountType.EXPENSE,
        currency=currency,
        name="Dispute fees",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def dispute_losses(currency: str) -> AccountSpec:
    """Lost disputes, or parts of them, that we bear and not the artisan."""
    return AccountSpec(
        code=f"dispute_losses:{currency}",
        type=AccountType.EXPENSE,
        currency=currency,
        name="Lost disputes at our cost",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def goodwill(currency: str) -> AccountSpec:
    """Refunds that we bear and not the artisan."""
    return AccountSpec(
        code=f"goodwill:{currency}",
        type=AccountType.EXPENSE,
        currency=currency,
        name="Refunds at our cost",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def unallocated_refunds(currency: str) -> AccountSpec:
    """Refunds made at a processor that fit no order; staff find out what they were."""
    return AccountSpec(
        code=f"unallocated_refunds:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="Refunds without an order",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def paid_otherwise(currency: str) -> AccountSpec:
    """What was paid to buyers from our own bank account; settled when that is refilled from a processor."""
    return AccountSpec(
        code=f"paid_otherwise:{currency}",
        type=AccountType.LIABILITY,
        currency=currency,
        name="Paid to buyers from our bank account",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def bank(currency: str) -> AccountSpec:
    """Our own bank account, as far as processors and artisans pay into it and processors are topped up from it."""
    return AccountSpec(
        code=f"bank:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="Our bank account",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def bank_in_transit(currency: str) -> AccountSpec:
    """Payouts of processors to our bank account that no bank statement has shown yet."""
    return AccountSpec(
        code=f"bank_in_transit:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="On its way to our bank account",
        is_hot=True,
    )


@lru_cache(maxsize=_KEPT_SPECS)
def suspense(currency: str) -> AccountSpec:
    """Movements at processors that are no fact of ours; staff find out what they were. Debit: money that is missing."""
    return AccountSpec(
        code=f"suspense:{currency}",
        type=AccountType.ASSET,
        currency=currency,
        name="Unexplained movements at processors",
        is_hot=True,
    )
