"""Asking to sell in the shop: what an applicant tells becomes an artisan once it is approved."""

import datetime as dt
import secrets
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.models import Artisan
from catalog.services.shop import DISPATCH_DAYS_AT_MOST
from common import audit, context, outbox
from common.errors import DomainError, ErrorKind
from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor
from identity.models import User
from identity.selectors import staff_who_may
from payouts.enums import SELLER_COUNTRIES, ApplicationEdge, ApplicationStatus, payable_currencies
from payouts.models import SellerApplication
from payouts.transitions import application_after

MAY_REVIEW = "payouts.review_sellerapplication"
_SLUG_LENGTH = 60


class EmailNotVerified(DomainError):
    """An applicant has to have shown that the address is theirs: letters about money go there."""

    code = "email_not_verified"
    kind = ErrorKind.FORBIDDEN
    title = "Please confirm your e-mail address first"


class SellsAlready(DomainError):
    """A person has one shop."""

    code = "sells_already"
    title = "You have a shop already"


class ApplicationWaits(DomainError):
    """One application at a time."""

    code = "application_waits"
    title = "Your application is with us already"


class ApplicationDecided(DomainError):
    """Somebody else was faster."""

    code = "application_decided"
    title = "This application has been decided already"


class DetailsInvalid(DomainError):
    """Something that was told can't be so; `field` says what."""

    code = "details_invalid"
    kind = ErrorKind.INVALID
    title = "Please check what you have told us"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class ReasonMissing(DomainError):
    """Who is turned down reads why."""

    code = "reason_missing"
    kind = ErrorKind.INVALID
    title = "Please tell the applicant why"


@dataclass(frozen=True, slots=True)
class ShopDetails:
    """What somebody tells about the shop that they would like to have. Both postages are in the shop's currency."""

    name: str
    tagline: str
    story: str
    town: str
    country: str
    shipping_first_item: Money
    shipping_additional_item: Money
    dispatch_days: int

    @property
    def currency(self) -> str:
        return self.shipping_first_item.currency


def consent_text() -> str:
    """The words that an applicant agrees to, as they stand on the page and in the application."""
    percent = f"{settings.COMMISSION_BPS / 100:g} %"
    return (
        f"I agree to the terms for artisans: the shop keeps {percent} of the price of what I sell, I send each order "
        "within the days I promise here, buyers are paid back as the law and the shop's rules say, and my money comes "
        "through Stripe, with whom I set that up myself."
    )


def apply_to_sell(*, user: User, details: ShopDetails, consent_text: str, now: dt.datetime) -> SellerApplication:
    """Writes the application down with the words that were agreed to; letters to the applicant and to who may review.

    Approved at once where SELLERS_APPROVED_BY_THEMSELVES is set. Raises EmailNotVerified, SellsAlready,
    ApplicationWaits or DetailsInvalid.
    """
    _check(details)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
            raise EmailNotVerified
        if Artisan.objects.filter(owner=user).exists():
            raise SellsAlready
        if SellerApplication.objects.filter(user=user, status=ApplicationStatus.WAITING).exists():
            raise ApplicationWaits
        application = SellerApplication.objects.create(
            user=user,
            name=details.name,
            tagline=details.tagline,
            story=details.story,
            town=details.town,
            country=details.country,
            currency=details.currency,
            shipping_first_item_minor=details.shipping_first_item.amount_minor,
            shipping_additional_item_minor=details.shipping_additional_item.amount_minor,
            dispatch_days=details.dispatch_days,
            consent_text=consent_text,
            consented_at=now,
            created_at=now,
        )
        audit.record(
            event_type="seller.applied", outcome="requested", subject=application.public_id, command="apply_to_sell"
        )
        if settings.SELLERS_APPROVED_BY_THEMSELVES:
            return _approve(application, by="system", now=now)
        _write_to("applicant", application)
        for person in staff_who_may(MAY_REVIEW):
            outbox.enqueue(
                task="payouts.tasks.send_application_to_staff",
                kwargs={"application_id": application.pk, "user_id": person.pk},
                key=f"application-staff:{application.public_id}:{person.pk}",
            )
    return application


def approve_application(*, application_id: int, now: dt.datetime) -> SellerApplication:
    """The applicant is an artisan from now on. Raises ApplicationDecided, or DetailsInvalid for a name taken since."""
    with transaction.atomic():
        application = _waiting(application_id)
        _check_name(application.name)
        return _approve(application, by=context.current().actor, now=now)


def reject_application(*, application_id: int, reason: str, now: dt.datetime) -> SellerApplication:
    """The applicant gets a letter with the reason, and may apply again. Raises ApplicationDecided or ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        application = _waiting(application_id)
        _decide(application, ApplicationEdge.REJECTED, by=context.current().actor, now=now, reason=reason.strip()[:500])
    return application


def withdraw_application(*, user: User, now: dt.datetime) -> None:
    """The applicant does not want to any more; nothing happens where nothing waits."""
    with transaction.atomic():
        waiting = SellerApplication.objects.filter(user=user, status=ApplicationStatus.WAITING)
        application = waiting.select_for_update().first()
        if application is not None:
            _decide(application, ApplicationEdge.WITHDRAWN, by=f"user:{user.pk}", now=now)


def latest_application(user: User) -> SellerApplication | None:
    """The newest of theirs, whatever became of it."""
    return SellerApplication.objects.filter(user=user).order_by("-id").first()


def _waiting(application_id: int) -> SellerApplication:
    application = (
        SellerApplication.objects.select_for_update(of=("self",)).select_related("user").get(id=application_id)
    )
    if application.status != ApplicationStatus.WAITING:
        raise ApplicationDecided
    return application


def _approve(application: SellerApplication, *, by: str, now: dt.datetime) -> SellerApplication:
    if Artisan.objects.filter(owner=application.user).exists():
        raise SellsAlready
    artisan = _open_shop(application, now)
    _decide(application, ApplicationEdge.APPROVED, by=by, now=now, artisan=artisan)
    return application


def _open_shop(application: SellerApplication, now: dt.datetime) -> Artisan:
    """Published, but nobody meets a shop without goods: lists leave it out."""
    base = slugify(application.name)[:_SLUG_LENGTH].strip("-") or "workshop"
    slug = base
    while True:
        try:
            with transaction.atomic():
                return Artisan.objects.create(
                    owner=application.user,
                    slug=slug,
                    name=application.name,
                    tagline=application.tagline,
                    story=application.story,
                    location=f"{application.town}, {SELLER_COUNTRIES[application.country]}",
                    currency=application.currency,
                    shipping_first_item_minor=application.shipping_first_item_minor,
                    shipping_additional_item_minor=application.shipping_additional_item_minor,
                    dispatch_days=application.dispatch_days,
                    created_at=now,
                )
        except IntegrityError:
            if not Artisan.objects.filter(slug=slug).exists():
                raise
            slug = f"{base}-{secrets.token_hex(2)}"


def _decide(
    application: SellerApplication,
    edge: ApplicationEdge,
    *,
    by: str,
    now: dt.datetime,
    reason: str = "",
    artisan: Artisan | None = None,
) -> None:
    application.status = application_after(application.status, edge)
    application.reviewed_by, application.reviewed_at = by[:80], now
    application.reason, application.artisan = reason, artisan
    application.save(update_fields=["status", "reviewed_by", "reviewed_at", "reason", "artisan"])
    audit.record(
        event_type=f"seller.{edge.value}", outcome="refused" if edge is ApplicationEdge.REJECTED else "succeeded",
        subject=application.public_id, artisan=artisan.public_id if artisan else "", command="review_application",
    )  # fmt: skip
    if edge is not ApplicationEdge.WITHDRAWN:
        _write_to("applicant", application)


def _write_to(whom: str, application: SellerApplication) -> None:
    """Once for each status."""
    outbox.enqueue(
        task="payouts.tasks.send_application_letter",
        kwargs={"application_id": application.pk, "status": application.status},
        key=f"application-{whom}:{application.public_id}:{application.status}",
    )


def _check(details: ShopDetails) -> None:
    """What a form has checked before, for every other caller. Raises DetailsInvalid."""
    for name in ("name", "tagline", "story", "town"):
        if not getattr(details, name).strip():
            raise DetailsInvalid(name, "Please fill this in.")
    _check_name(details.name)
    if details.country not in SELLER_COUNTRIES:
        raise DetailsInvalid("country", "We can't pay artisans in this country yet.")
    check_currency(country=details.country, currency=details.currency)
    for name in ("shipping_first_item", "shipping_additional_item"):
        postage: Money = getattr(details, name)
        if postage.currency != details.currency or not 0 <= postage.amount_minor <= MAX_AMOUNT_MINOR:
            raise DetailsInvalid(name, "Please give an amount of zero or more.")
        if postage.amount_minor % charge_step_minor(details.currency):
            raise DetailsInvalid(name, f"The last digit of an amount in {details.currency} is 0.")
    if not 1 <= details.dispatch_days <= DISPATCH_DAYS_AT_MOST:
        raise DetailsInvalid("dispatch_days", f"Please give 1 to {DISPATCH_DAYS_AT_MOST} working days.")


def check_currency(*, country: str, currency: str) -> None:
    """Raises DetailsInvalid when an artisan of that country can't be paid in that currency."""
    payable = [one for one in payable_currencies(country) if one in settings.CURRENCIES]
    if currency not in payable:
        ways = " or ".join(payable)
        where = SELLER_COUNTRIES.get(country, country)
        raise DetailsInvalid("currency", f"In {where} we can pay you in {ways}." if ways else "We can't pay you there.")


def _check_name(name: str) -> None:
    """Buyers know a shop by its name, so nobody takes another's."""
    if Artisan.objects.filter(name__iexact=name.strip()).exists():
        raise DetailsInvalid("name", "There is a shop of this name already. Please choose another one.")
