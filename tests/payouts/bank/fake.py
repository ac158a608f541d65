"""A processor in memory for payouts to banks, with Stripe's idempotency, that fails as a test says.

It shares no code with what it tests: payouts are kept by the key they came under, a balance per account.
"""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from payments.contracts import (
    AccountBalance,
    AccountFound,
    AccountRequirements,
    BankDetails,
    OutcomeUnknown,
    PayoutFound,
    PayoutRequest,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
)
from payments.enums import PayoutFailure, ProcessorPayoutStatus

LOST = OutcomeUnknown("time-out")
BUSY = ProcessorUnavailable("too many", processor_code="rate_limit")
DISABLED = ProcessorRefused("not now", processor_code="payouts_not_allowed", processor_request_id="req_no")
NO_MONEY = ProcessorRefused("too little", processor_code="balance_insufficient")
WORDLESS = ProcessorRefused("no")
ARRIVAL = dt.date(2026, 11, 24)
BANK = BankDetails(bank_name="Bank", last4="3000", country="DE", currency="EUR")
_DEAD = (ProcessorPayoutStatus.FAILED, ProcessorPayoutStatus.CANCELED)


class FakeBanks:
    """`before` and `after` hold what happens to the next calls of `create_payout`: an error raised, or None."""

    name = "stripe"

    def __init__(self) -> None:
        self.by_key: dict[str, PayoutFound | ProcessorError] = {}
        self.came_in: Counter[str] = Counter()
        self.before: list[BaseException | None] = []
        self.after: list[BaseException | None] = []
        self.lookup_fails: list[ProcessorError] = []
        self.balance_fails: list[ProcessorError] = []
        self.refuse: Callable[[PayoutRequest], ProcessorError | None] = lambda _: None
        self.account = AccountFound(
            "acct_1", "art_1", "DE", transfers_enabled=True, details_submitted=True, payouts_enabled=True,
            requirements=AccountRequirements(), bank=BANK,
        )  # fmt: skip
        self.during: Callable[[], None] | None = None
        self.calls: list[str] = []
        self._numbers = itertools.count(1)

    @property
    def made(self) -> list[PayoutFound]:
        return [found for found in self.by_key.values() if isinstance(found, PayoutFound)]

    @property
    def sent_minor(self) -> list[int]:
        """What is at banks or on its way there."""
        return [found.amount.amount_minor for found in self.made if found.status not in _DEAD]

    def create_payout(self, request: PayoutRequest, *, idempotency_key: str) -> PayoutFound:
        self.calls.append(f"create {idempotency_key}")
        if self.during:
            self.during()
        self._next(self.before)
        if idempotency_key not in self.by_key:
            short = self._available(request.processor_account_id) < request.amount.amount_minor
            self.by_key[idempotency_key] = self.refuse(request) or (NO_MONEY if short else self._made(request))
        self._next(self.after)
        stored = self.by_key[idempotency_key]
        if isinstance(stored, ProcessorError):
            raise stored
        return stored

    def retrieve_payout(self, processor_payout_id: str, *, processor_account_id: str) -> PayoutFound:
        self.calls.append(f"retrieve {processor_payout_id}")
        if self.lookup_fails:
            raise self.lookup_fails.pop(0)
        for found in self.made:
            if (found.processor_payout_id, found.processor_account_id) == (processor_payout_id, processor_account_id):
                return found
        raise ProcessorRefused("none", processor_code="resource_missing")

    def find_payout(self, reference: str, *, processor_account_id: str) -> PayoutFound | None:
        self.calls.append(f"find {reference}")
        if self.lookup_fails:
            raise self.lookup_fails.pop(0)
        return next((found for found in self.made if found.payout_reference == reference), None)

    def retrieve_account_balance(self, processor_account_id: str) -> AccountBalance:
        self.calls.append("balance")
        if self.balance_fails:
            raise self.balance_fails.pop(0)
        return AccountBalance(available={"EUR": self._available(processor_account_id)}, pending={})

    def retrieve_account(self, processor_account_id: str) -> AccountFound:
        self.calls.append("account")
        return self.account

    def becomes(
        self, status: ProcessorPayoutStatus, *, failure: PayoutFailure = PayoutFailure.NONE, which: int = -1
    ) -> PayoutFound:
        """What the bank makes of one that was sent."""
        key = [key for key, found in self.by_key.items() if isinstance(found, PayoutFound)][which]
        found = self.by_key[key]
        assert isinstance(found, PayoutFound)
        self.by_key[key] = now = replace(
            found, status=status, failure_code=failure, failure_message="The bank says no." if failure else ""
        )
        return now

    def _made(self, request: PayoutRequest) -> PayoutFound:
        return PayoutFound(
            f"po_{next(self._numbers)}", request.reference, request.processor_account_id, request.amount,
            ProcessorPayoutStatus.PENDING, ARRIVAL,
        )  # fmt: skip

    def _available(self, account_id: str) -> int:
        mine = [found for found in self.made if found.processor_account_id == account_id]
        return self.came_in[account_id] - sum(found.amount.amount_minor for found in mine if found.status not in _DEAD)

    @staticmethod
    def _next(plan: list[BaseException | None]) -> None:
        error = plan.pop(0) if plan else None
        if error is not None:
            raise error


def replace_account(processor: FakeBanks, **values: object) -> None:
    """What the processor says of the account from now on."""
    processor.account = replace(processor.account, **values)  # type: ignore[arg-type]
