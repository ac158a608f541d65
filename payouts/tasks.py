"""Queued and scheduled work of payouts."""

from celery import shared_task

from common.clock import now
from payouts import services
from payouts.emails import debts, letters_bank, letters_forecast, pauses
from payouts.emails import onboarding as letters
from payouts.emails import runs as run_letters
from payouts.services import bank


@shared_task(name="payouts.tasks.release_payables")
def release_payables() -> int:
    return services.release_due(now=now())


@shared_task(name="payouts.tasks.run_payouts")
def run_payouts() -> int:
    """How many transfers were carried out."""
    return services.run_scheduled(now=now()).succeeded


@shared_task(name="payouts.tasks.go_on_with_run")
def go_on_with_run(run_id: int) -> int:
    """How many transfers were carried out; what is left is the schedule's."""
    return services.go_on(run_id=run_id, now=now()).succeeded


@shared_task(name="payouts.tasks.send_run_stopped")
def send_run_stopped(run_id: int, user_id: int) -> None:
    run_letters.send_run_stopped(run_id=run_id, user_id=user_id)


@shared_task(name="payouts.tasks.send_payout_refused")
def send_payout_refused(payout_id: int) -> None:
    run_letters.send_payout_refused(payout_id=payout_id)


@shared_task(name="payouts.tasks.send_refused_to_staff")
def send_refused_to_staff(payout_id: int, user_id: int) -> None:
    run_letters.send_refused_to_staff(payout_id=payout_id, user_id=user_id)


@shared_task(name="payouts.tasks.send_reversal")
def send_reversal(reversal: str) -> str:
    """What became of it."""
    return services.send_reversal(reversal_reference=reversal, now=now()).value


@shared_task(name="payouts.tasks.resolve_reversals")
def resolve_reversals() -> int:
    """How many were carried out."""
    return services.resolve_reversals(now=now()).succeeded


@shared_task(name="payouts.tasks.send_pause_letter")
def send_pause_letter(policy_event_id: int) -> None:
    pauses.send_pause_letter(policy_event_id=policy_event_id)


@shared_task(name="payouts.tasks.release_reserves")
def release_reserves() -> int:
    return services.release_reserves(now=now())


@shared_task(name="payouts.tasks.recover_debts")
def recover_debts() -> int:
    """From how many artisans something was recovered."""
    return services.recover_debts(now=now())


@shared_task(name="payouts.tasks.reopen_debt")
def reopen_debt(debt: str, amount_minor: int) -> None:
    services.reopen_debt(debt_reference=debt, amount_minor=amount_minor, now=now())


@shared_task(name="payouts.tasks.remind_of_debts")
def remind_of_debts() -> int:
    return services.remind_of_debts(now=now())


@shared_task(name="payouts.tasks.send_debt_letter")
def send_debt_letter(artisan_id: int) -> None:
    debts.send_debt_letter(artisan_id=artisan_id)


@shared_task(name="payouts.tasks.send_repayment_letter")
def send_repayment_letter(repayment_id: int) -> None:
    debts.send_repayment_letter(repayment_id=repayment_id)


@shared_task(name="payouts.tasks.look_after_accounts")
def look_after_accounts() -> int:
    """How many were made or asked about."""
    return services.resolve_accounts(now=now()) + services.look_after_accounts(now=now())


@shared_task(name="payouts.tasks.send_application_letter")
def send_application_letter(application_id: int, status: str) -> None:
    letters.send_application_letter(application_id=application_id, status=status)


@shared_task(name="payouts.tasks.send_application_to_staff")
def send_application_to_staff(application_id: int, user_id: int) -> None:
    letters.send_application_to_staff(application_id=application_id, user_id=user_id)


@shared_task(name="payouts.tasks.send_account_letter")
def send_account_letter(event_id: int) -> None:
    letters.send_account_letter(event_id=event_id)


@shared_task(name="payouts.tasks.send_account_to_staff")
def send_account_to_staff(event_id: int, user_id: int) -> None:
    letters.send_account_to_staff(event_id=event_id, user_id=user_id)


@shared_task(name="payouts.tasks.remind_of_deadlines")
def remind_of_deadlines() -> int:
    """How many letters were asked for."""
    return services.remind_of_deadlines(now=now())


@shared_task(name="payouts.tasks.send_deadline_letter")
def send_deadline_letter(account_id: int, days: int) -> None:
    letters.send_deadline_letter(account_id=account_id, days=days, now=now())


@shared_task(name="payouts.tasks.send_bank_changed")
def send_bank_changed(account_id: int) -> None:
    letters.send_bank_changed(account_id=account_id)


@shared_task(name="payouts.tasks.send_to_bank")
def send_to_bank(payout_id: int) -> str:
    """What the payout is then."""
    return bank.send_to_bank(payout_id=payout_id, now=now()).value


@shared_task(name="payouts.tasks.send_bank_payout")
def send_bank_payout(bank_payout: str) -> str:
    """What became of it."""
    return bank.send_bank_payout(bank_payout_reference=bank_payout, now=now()).value


@shared_task(name="payouts.tasks.ask_bank_again")
def ask_bank_again(payout_id: int, after_attempt: int) -> bool:
    return bank.ask_bank_again(payout_id=payout_id, after_attempt=after_attempt, now=now())


@shared_task(name="payouts.tasks.ask_after_bank_payout")
def ask_after_bank_payout(bank_payout_id: int) -> str:
    """What became of it."""
    return bank.ask_after_bank_payout(bank_payout_id=bank_payout_id, now=now()).value


@shared_task(name="payouts.tasks.look_after_bank_payouts")
def look_after_bank_payouts() -> int:
    """How many were asked after."""
    return bank.look_after_bank_payouts(now=now())


@shared_task(name="payouts.tasks.look_for_refused_bank_payouts")
def look_for_refused_bank_payouts() -> int:
    """How many were looked for."""
    return bank.look_for_refused_bank_payouts(now=now())


@shared_task(name="payouts.tasks.send_bank_paid")
def send_bank_paid(bank_payout_id: int) -> None:
    letters_bank.send_bank_paid(bank_payout_id=bank_payout_id)


@shared_task(name="payouts.tasks.announce_bank_failure")
def announce_bank_failure(bank_payout_id: int) -> None:
    letters_bank.announce_bank_failure(bank_payout_id=bank_payout_id)


@shared_task(name="payouts.tasks.send_bank_failure")
def send_bank_failure(bank_payout_id: int) -> None:
    letters_bank.send_bank_failure(bank_payout_id=bank_payout_id)


@shared_task(name="payouts.tasks.send_bank_failure_to_staff")
def send_bank_failure_to_staff(bank_payout_id: int, user_id: int) -> None:
    letters_bank.send_bank_failure_to_staff(bank_payout_id=bank_payout_id, user_id=user_id)


@shared_task(name="payouts.tasks.announce_long_wait")
def announce_long_wait(payout_id: int) -> None:
    letters_bank.announce_long_wait(payout_id=payout_id)


@shared_task(name="payouts.tasks.send_long_wait")
def send_long_wait(payout_id: int, user_id: int) -> None:
    letters_bank.send_long_wait(payout_id=payout_id, user_id=user_id)


@shared_task(name="payouts.tasks.announce_late_bank_payout")
def announce_late_bank_payout(bank_payout_id: int) -> None:
    letters_bank.announce_late_bank_payout(bank_payout_id=bank_payout_id)


@shared_task(name="payouts.tasks.send_late_bank_payout")
def send_late_bank_payout(bank_payout_id: int, user_id: int) -> None:
    letters_bank.send_late_bank_payout(bank_payout_id=bank_payout_id, user_id=user_id)


@shared_task(name="payouts.tasks.announce_bank_find")
def announce_bank_find(bank_payout_id: int, is_twice: bool) -> None:
    letters_bank.announce_bank_find(bank_payout_id=bank_payout_id, is_twice=is_twice)


@shared_task(name="payouts.tasks.send_bank_find")
def send_bank_find(bank_payout_id: int, user_id: int, is_twice: bool) -> None:
    letters_bank.send_bank_find(bank_payout_id=bank_payout_id, user_id=user_id, is_twice=is_twice)


@shared_task(name="payouts.tasks.announce_uncovered_run")
def announce_uncovered_run() -> int:
    """How many currencies are short."""
    return letters_forecast.announce_uncovered_run(now=now())


@shared_task(name="payouts.tasks.send_top_up_letter")
def send_top_up_letter(user_id: int) -> None:
    letters_forecast.send_top_up_letter(user_id=user_id, now=now())


@shared_task(name="payouts.tasks.retry_failed_payouts")
def retry_failed_payouts(artisan_id: int) -> int:
    """How many were asked for again."""
    return bank.retry_failed_payouts(artisan_id=artisan_id, now=now())
