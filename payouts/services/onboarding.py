"""The artisan's way to the processor's own pages, and back."""

import datetime as dt

from django.conf import settings
from django.urls import reverse

from catalog.models import Artisan
from common import audit
from common.errors import DomainError, ErrorKind
from payments.contracts import OnboardingLink
from payments.processors import processor_named
from payouts.enums import SELLER_COUNTRIES, AccountState
from payouts.models import ConnectedAccount, SellerApplication
from payouts.services.accounts import settle_account
from payouts.services.applications import check_currency
from payouts.services.connect import open_account


class CountryNeeded(DomainError):
    """Who did not apply through the form has not said where they are paid."""

    code = "country_needed"
    kind = ErrorKind.INVALID
    title = "Please say in which country you work"


class AccountClosed(DomainError):
    """The processor has closed the account; another for the same person would be closed too."""

    code = "account_closed"
    kind = ErrorKind.FORBIDDEN
    title = "Stripe has closed your account. Please write to us"


def start_onboarding(*, artisan_id: int, country: str = "", now: dt.datetime) -> OnboardingLink:
    """A link to the processor's page for one visit; the account is made first if there is none. Not in a transaction.

    `country` counts only for an artisan who has never said where they work. Raises CountryNeeded, AccountClosed,
    DetailsInvalid for a currency that is not paid there, and the errors of `payments.contracts`.
    """
    artisan = Artisan.objects.get(id=artisan_id)
    account = account_of(artisan)
    if account is not None and account.state == AccountState.REJECTED:
        raise AccountClosed
    if account is None or account.state == AccountState.DEAUTHORIZED:
        where = known_country(artisan) or country
        if where not in SELLER_COUNTRIES:
            raise CountryNeeded
        check_currency(country=where, currency=artisan.currency)
        account = open_account(artisan_id=artisan.pk, country=where, has_test_identity=False, source="page", now=now)
    link = processor_named(account.processor).create_onboarding_link(
        account.processor_account_id,
        return_url=settings.SITE_URL + reverse("selling:payments-return"),
        refresh_url=settings.SITE_URL + reverse("selling:payments-refresh"),
    )
    audit.record(
        event_type="account.onboarding", outcome="requested", subject=artisan.public_id, artisan=artisan.public_id,
        processor=account.processor, processor_id=account.processor_account_id, command="start_onboarding",
    )  # fmt: skip
    return link


def come_back(*, artisan_id: int, source: str = "page", now: dt.datetime) -> ConnectedAccount | None:
    """Asks the processor what is true now; coming back says nothing by itself. None without an account.

    Not in a transaction. Raises the errors of `payments.contracts`.
    """
    account = ConnectedAccount.objects.filter(artisan_id=artisan_id).first()
    if account is None:
        return None
    return settle_account(processor_account_id=account.processor_account_id, source=source, now=now)


def account_of(artisan: Artisan) -> ConnectedAccount | None:
    return ConnectedAccount.objects.filter(artisan=artisan).first()


def known_country(artisan: Artisan) -> str:
    """Where the artisan is paid, as far as they have said; empty otherwise."""
    account = account_of(artisan)
    if account is not None:
        return account.country
    application = SellerApplication.objects.filter(artisan=artisan).first()
    return application.country if application is not None else ""
