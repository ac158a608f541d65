"""People who apply to sell, artisans' accounts, and a processor in memory that keeps accounts."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from identity.models import User
from payments.contracts import (
    AccountFound,
    AccountRequest,
    AccountRequirements,
    BankDetails,
    OnboardingLink,
    ProcessorError,
    ProcessorRefused,
    RequirementError,
)
from payments.enums import AccountHalt, Requirement, RequirementProblem
from payouts.models import ConnectedAccount, SellerApplication
from payouts.services.applications import ShopDetails, apply_to_sell
from tests.orders.shop import new_user

CONSENT = "I agree."
BANK = BankDetails(bank_name="Stripe Test Bank", last4="3000", country="DE", currency="EUR", fingerprint="print1")


def applicant(**fields: Any) -> User:
    """Somebody whose e-mail address is verified."""
    user = new_user(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def details(**other: Any) -> ShopDetails:
    given = ShopDetails(
        name="Kiln and Kin",
        tagline="Pots for two",
        story="We throw together.",
        town="Cork",
        country="IE",
        shipping_first_item=Money(690, "EUR"),
        shipping_additional_item=Money(150, "EUR"),
        dispatch_days=3,
    )
    return dataclasses.replace(given, **other)


def applied(user: User | None = None, *, now: dt.datetime | None = None, **other: Any) -> SellerApplication:
    user = user or applicant()
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return apply_to_sell(user=user, details=details(**other), consent_text=CONSENT, now=now or clock_now())


def connected(artisan: Artisan, account_id: str, **fields: Any) -> ConnectedAccount:
    """An account that can be paid, as a row."""
    return ConnectedAccount.objects.create(
        **{
            "artisan": artisan,
            "processor_account_id": account_id,
            "country": "IE",
            "state": "enabled",
            "transfers_enabled": True,
            "payouts_enabled": True,
            "details_submitted": True,
            "created_at": clock_now(),
            "updated_at": clock_now(),
            **fields,
        }
    )


class FakeAccounts:
    """Keeps accounts by the key they came under. `before` and `after` hold what happens to the next creations."""

    name = "stripe"

    def __init__(self) -> None:
        self.by_key: dict[str, AccountFound] = {}
        self.asked: list[AccountRequest] = []
        self.before: list[BaseException | None] = []
        self.after: list[BaseException | None] = []
        self.look_up_fails: list[ProcessorError] = []
        self.links: list[str] = []
        self.during: Callable[[], None] | None = None
        self._numbers = itertools.count(1)

    @property
    def made(self) -> list[AccountFound]:
        return list(self.by_key.values())

    def create_account(self, request: AccountRequest, *, idempotency_key: str) -> AccountFound:
        if self.during:
            self.during()
        _next(self.before)
        self.asked.append(request)
        if idempotency_key not in self.by_key:
            self.by_key[idempotency_key] = new_account(f"acct_{next(self._numbers)}", request)
        _next(self.after)
        return self.by_key[idempotency_key]

    def retrieve_account(self, processor_account_id: str) -> AccountFound:
        if self.look_up_fails:
            raise self.look_up_fails.pop(0)
        for found in self.made:
            if found.processor_account_id == processor_account_id:
                return found
        raise ProcessorRefused("none", processor_code="resource_missing")

    def find_account(self, reference: str) -> AccountFound | None:
        return next((found for found in self.made if found.account_reference == reference), None)

    def create_onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> OnboardingLink:
        url = f"https://connect.stripe.com/setup/e/{account_id}/{len(self.links)}"
        self.links.append(f"{url} {return_url} {refresh_url}")
        return OnboardingLink(url=url, expires_at=clock_now() + dt.timedelta(minutes=5))

    def change(self, account_id: str, **values: Any) -> None:
        """What the processor would say of it from now on."""
        for key, found in self.by_key.items():
            if found.processor_account_id == account_id:
                self.by_key[key] = dataclasses.replace(found, **values)


def new_account(account_id: str, request: AccountRequest) -> AccountFound:
    """As it is right after it was made: everything is asked for."""
    return AccountFound(
        processor_account_id=account_id,
        account_reference=request.reference,
        country=request.country,
        transfers_enabled=False,
        details_submitted=False,
        payouts_enabled=False,
        requirements=AccountRequirements(
            currently_due=(Requirement.BANK_ACCOUNT, Requirement.TERMS),
            past_due=(Requirement.BANK_ACCOUNT, Requirement.TERMS),
            disabled_reason=AccountHalt.PAST_DUE,
        ),
        bank=None,
    )


ALL_SET: dict[str, Any] = {
    "details_submitted": True,
    "transfers_enabled": True,
    "payouts_enabled": True,
    "requirements": AccountRequirements(),
    "bank": BANK,
}
DEADLINE = dt.datetime(2026, 12, 24, 12, 0, tzinfo=dt.UTC)
DOCUMENT_DUE: dict[str, Any] = {
    **ALL_SET,
    "requirements": AccountRequirements(
        currently_due=(Requirement.IDENTITY_DOCUMENT,),
        current_deadline=DEADLINE,
        errors=(
            RequirementError(
                requirement=Requirement.IDENTITY_DOCUMENT,
                code=RequirementProblem.DOCUMENT_UNREADABLE,
                reason="The document was not readable.",
            ),
        ),
    ),
}
CLOSED: dict[str, Any] = {
    **ALL_SET,
    "transfers_enabled": False,
    "payouts_enabled": False,
    "requirements": AccountRequirements(disabled_reason=AccountHalt.REJECTED),
}


def _next(plan: list[BaseException | None]) -> None:
    error = plan.pop(0) if plan else None
    if error is not None:
        raise error
