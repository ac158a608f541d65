"""What an artisan reads about payouts: each state in plain words, with what to do next."""

import datetime as dt

from payouts.contracts import PolicyTerms, WhyNotPaid
from payouts.enums import NotPaid, PayoutSchedule, PayoutStatus
from payouts.services.bank import reason_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST_DAY = 31


def why_in_words(why: WhyNotPaid) -> str:
    """One or two sentences: what stands in the way, and what ends it."""
    note = f" {why.note.rstrip('.')}." if why.note else ""
    until = f" on {day(why.until)}" if why.until is not None else ""
    match why.reason:
        case NotPaid.ALL_PAUSED:
            return f"Payouts to everybody are paused for now.{note} Your money is safe, and you need not do anything."
        case NotPaid.PAUSED:
            return f"Payouts to you are paused.{note} Please write to us if you don't know why."
        case NotPaid.NO_ACCOUNT:
            return "You have not set up yet how you get paid. Until then your money waits for you here."
        case NotPaid.REQUIREMENTS_DUE:
            return "The payment service needs something from you before it can pay you. Your money waits for you here."
        case NotPaid.NOTHING_RELEASED:
            return "Nothing is available yet. A sale becomes available once it has arrived and its hold is over."
        case NotPaid.BELOW_MINIMUM:
            return (
                f"{why.released} are available; we pay from {why.minimum} on, as you have chosen. It is carried over."
            )
        case NotPaid.REFUSED:
            return f"The last payout was refused by the payment service; nothing was lost. We try again{until}."
        case NotPaid.WAITS_FOR_DATE:
            return f"Your next payout is{until}."
        case NotPaid.WAITS_FOR_REQUEST:
            return "You are paid when you ask for it."


def schedule_in_words(terms: PolicyTerms) -> str:
    match terms.schedule:
        case PayoutSchedule.DAILY:
            return "every day"
        case PayoutSchedule.WEEKLY:
            return f"every {_DAYS[terms.weekday]}"
        case PayoutSchedule.MONTHLY:
            last = ", or the last of a shorter month" if terms.month_day > 28 else ""
            return (
                "on the last day of each month"
                if terms.month_day == _LAST_DAY
                else (f"on day {terms.month_day} of each month{last}")
            )
        case PayoutSchedule.MANUAL:
            return "when you ask for it"


def failure_in_words(status: PayoutStatus, code: str) -> str:
    """Why a payout is not at the bank, and what happens now; empty for one on which nothing is wrong."""
    match status:
        case PayoutStatus.REFUSED:
            return "The payment service refused it, and nothing was moved. What was in it is in a later payout."
        case PayoutStatus.BANK_FAILED:
            reason = reason_of(code)
            return (
                f"It is in your account at the payment service, and did not get to your bank, because"
                f" {reason.happened}. {reason.to_do}"
            )
        case PayoutStatus.BROUGHT_BACK:
            return "All of it was brought back for what you owed, before it reached your bank."
        case _:
            return ""


def day(date: dt.date) -> str:
    """27 November 2026"""
    return f"{date.day} {date:%B %Y}"
