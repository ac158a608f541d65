"""Letters to those who sell, or would like to: their application, and their account at the processor."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse

from common.letters import send_letter
from identity.selectors import staff_who_may
from payouts.enums import AccountState, ApplicationStatus
from payouts.models import ConnectedAccount, ConnectedAccountEvent, SellerApplication
from payouts.services.accounts import MAY_ASK
from payouts.services.applications import MAY_REVIEW
from payouts.services.guidance import asked_of, deadline_notice, sentence
from payouts.services.reminders import still_due

_TEMPLATES = "payouts/email/"
_OF_APPLICATION = {
    ApplicationStatus.WAITING: "We have your application to sell at Artisan's Hub",
    ApplicationStatus.APPROVED: "Welcome: your shop at Artisan's Hub is open",
    ApplicationStatus.REJECTED: "Your application to sell at Artisan's Hub",
}
_OF_ACCOUNT = {
    AccountState.REQUIREMENTS_DUE: "Something is needed so that we can go on paying you",
    AccountState.PAST_DUE: "Stripe can't pay you now: something is missing",
    AccountState.RESTRICTED: "Your payouts are on hold",
    AccountState.ENABLED: "All set: you can be paid",
    AccountState.REJECTED: "Stripe has closed your account",
    AccountState.DEAUTHORIZED: "Your Stripe account is no longer connected",
}


def send_application_letter(*, application_id: int, status: str) -> None:
    """To the applicant: it has arrived, it was approved, or not and why. Not sent if more has happened since."""
    application = SellerApplication.objects.select_related("user", "artisan").get(id=application_id)
    if application.status != status:
        return
    _send(
        f"application_{status}",
        to=application.user.email,
        subject=_OF_APPLICATION[ApplicationStatus(status)],
        context={
            "application": application,
            "goods_url": _url("catalog:goods"),
            "paid_url": _url("selling:payments-setup"),
            "apply_url": _url("selling:apply"),
        },
    )


def send_application_to_staff(*, application_id: int, user_id: int) -> None:
    """To one of staff: somebody would like to sell. Not sent if it is decided, or they may not decide any more."""
    application = SellerApplication.objects.select_related("user").get(id=application_id)
    person = staff_who_may(MAY_REVIEW).filter(pk=user_id).first()
    if person is None or application.status != ApplicationStatus.WAITING:
        return
    _send(
        "application_staff",
        to=person.email,
        subject=f"{application.name} would like to sell",
        context={
            "application": application,
            "review_url": settings.SITE_URL + reverse("admin:payouts_sellerapplication_change", args=[application.pk]),
        },
    )


def send_account_letter(*, event_id: int) -> None:
    """To the artisan: what has changed, what to do until when. Not sent if it has changed again since."""
    event = _event(event_id)
    if event is None:
        return
    account = event.account
    _send(
        "account",
        to=account.artisan.owner.email,
        subject=_OF_ACCOUNT[AccountState(event.to_state)],
        context={
            "account": account,
            "sentence": sentence(account),
            "asked": asked_of(account),
            "can_act": event.to_state not in (AccountState.ENABLED, AccountState.REJECTED),
            "page_url": _url("selling:payments-setup"),
        },
    )


def send_deadline_letter(*, account_id: int, days: int, now: dt.datetime) -> None:
    """To the artisan: what has to be told by when, and what happens otherwise. Not sent if it is settled meanwhile."""
    account = still_due(account_id=account_id, days=days, now=now)
    notice = deadline_notice(account, now=now)
    if account is None or notice is None:
        return
    _send(
        "deadline",
        to=account.artisan.owner.email,
        subject=notice.title,
        context={"notice": notice, "page_url": _url("selling:payments-setup")},
    )


def send_account_to_staff(*, event_id: int, user_id: int) -> None:
    """To one of staff: an artisan can't be paid any more, and why."""
    event = _event(event_id)
    person = staff_who_may(MAY_ASK).filter(pk=user_id).first()
    if event is None or person is None:
        return
    account = event.account
    _send(
        "account_staff",
        to=person.email,
        subject=f"{account.artisan.name} can't be paid: {account.get_state_display()}",
        context={
            "account": account,
            "page_url": settings.SITE_URL + reverse("admin:payouts_connectedaccount_change", args=[account.pk]),
        },
    )


def send_bank_changed(*, account_id: int) -> None:
    """To the artisan: money goes to another bank account from now on."""
    account = ConnectedAccount.objects.select_related("artisan__owner").get(id=account_id)
    _send(
        "bank_changed",
        to=account.artisan.owner.email,
        subject="Your bank details were changed",
        context={"account": account, "page_url": _url("selling:payments-setup")},
    )


def _event(event_id: int) -> ConnectedAccountEvent | None:
    """The event, if the account is still where it has led."""
    event = ConnectedAccountEvent.objects.select_related("account__artisan__owner").get(id=event_id)
    is_now = event.account.state == event.to_state
    return event if is_now and event.account.processor_account_id == event.processor_account_id else None


def _url(name: str) -> str:
    return settings.SITE_URL + reverse(name)


def _send(template: str, *, to: str, subject: str, context: dict[str, Any]) -> None:
    send_letter(_TEMPLATES + template, to=to, subject=subject, context=context)
