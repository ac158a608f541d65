"""What the processor says of an artisan's account: looked up, stored, and told to whom it concerns.

News of the processor only say that it is worth asking. Whoever asks later knows better: an answer to an earlier
question does not overwrite a later one's.
"""

import datetime as dt

from django.db import transaction

from catalog.models import Artisan
from common import audit, context, outbox
from common.errors import DomainError, ErrorKind
from common.one_by_one import one_by_one
from identity.selectors import staff_who_may
from payments.contracts import AccountFound, OutcomeUnknown, ProcessorUnavailable
from payments.enums import AccountHalt, RequestKind, Requirement
from payments.models import ProcessorRequest
from payments.processors import processor_named
from payouts.enums import AccountState
from payouts.models import ConnectedAccount, ConnectedAccountEvent

MAY_ASK = "payouts.ask_connectedaccount"
COMMAND = "command"

# The processor tells us of changes; this is how long we wait for news that may never come.
_LOOK_AGAIN_AFTER = {
    AccountState.INCOMPLETE: dt.timedelta(hours=6),
    AccountState.PENDING_VERIFICATION: dt.timedelta(minutes=15),
    AccountState.REQUIREMENTS_DUE: dt.timedelta(hours=1),
    AccountState.PAST_DUE: dt.timedelta(hours=1),
    AccountState.RESTRICTED: dt.timedelta(hours=1),
    AccountState.ENABLED: dt.timedelta(hours=24),
    AccountState.REJECTED: dt.timedelta(hours=24),
    AccountState.DEAUTHORIZED: dt.timedelta(hours=24),
}
# Begun long ago and left alone: asked about as seldom as one that is all set.
_LEFT_ALONE = dt.timedelta(days=14)
_LEASE = dt.timedelta(minutes=5)
_LOST_ANSWERS = 3
_TELLS_ARTISAN = frozenset({
    AccountState.REQUIREMENTS_DUE, AccountState.PAST_DUE, AccountState.RESTRICTED, AccountState.ENABLED,
    AccountState.REJECTED, AccountState.DEAUTHORIZED,
})  # fmt: skip
_TELLS_STAFF = frozenset({AccountState.RESTRICTED, AccountState.REJECTED, AccountState.DEAUTHORIZED})


class UnknownAccount(DomainError):
    """No artisan has this account. `may_come`: one is being made at this moment, and it may be that one."""

    code = "unknown_account"
    kind = ErrorKind.NOT_FOUND
    title = "This account is not known"

    def __init__(self, *, may_come: bool) -> None:
        super().__init__()
        self.may_come = may_come


class AccountContradiction(DomainError):
    """The processor says that the account is of somebody else. A person has to look."""

    code = "account_contradiction"
    kind = ErrorKind.MISMATCH
    title = "The processor's account belongs to another artisan"


def state_of(found: AccountFound) -> AccountState:
    """Where an account stands, of what the processor says about it; the first that fits."""
    due = found.requirements
    if not found.is_connected:
        return AccountState.DEAUTHORIZED
    if due.disabled_reason is AccountHalt.REJECTED:
        return AccountState.REJECTED
    if not found.details_submitted:
        return AccountState.INCOMPLETE
    if due.past_due or due.disabled_reason is AccountHalt.PAST_DUE:
        return AccountState.PAST_DUE
    if due.disabled_reason in (AccountHalt.UNDER_REVIEW, AccountHalt.PAUSED, AccountHalt.OTHER):
        return AccountState.RESTRICTED
    if due.currently_due:
        return AccountState.REQUIREMENTS_DUE
    if found.transfers_enabled and found.payouts_enabled:
        return AccountState.ENABLED
    if due.disabled_reason is AccountHalt.ACTION_REQUIRED:
        return AccountState.RESTRICTED
    return AccountState.PENDING_VERIFICATION


def settle_account(*, processor_account_id: str, source: str = "webhook", now: dt.datetime) -> ConnectedAccount | None:
    """Asks the processor about an account and stores the answer. Not in a transaction.

    None for one that was disconnected and has another in its place. Raises UnknownAccount, AccountContradiction, and
    the errors of `payments.contracts`.
    """
    account = ConnectedAccount.objects.filter(processor_account_id=processor_account_id).first()
    if account is None:
        if ConnectedAccountEvent.objects.filter(processor_account_id=processor_account_id).exists():
            return None
        # A request is written down before the account is made, and ended together with the row of the account.
        being_made = ProcessorRequest.objects.filter(kind=RequestKind.CREATE_ACCOUNT, finished_at__isnull=True)
        raise UnknownAccount(may_come=being_made.exists())
    found = processor_named(account.processor).retrieve_account(processor_account_id)
    return record_found(account_id=account.pk, found=found, source=source, now=now)


def look_after_accounts(*, now: dt.datetime, limit: int = 50) -> int:
    """Asks about accounts of which nothing was heard for too long; returns how many. Called by the schedule.

    Not in a transaction. A processor that does not answer is left alone; the rest has its turn later.
    """
    with transaction.atomic():
        due = list(
            ConnectedAccount.objects.select_for_update(skip_locked=True)
            .filter(next_look_at__lte=now)
            .order_by("next_look_at")
            .values_list("id", "processor_account_id")[:limit]
        )
        ConnectedAccount.objects.filter(id__in=[row for row, _ in due]).update(next_look_at=now + _LEASE)
    asked: list[str] = []
    lost: list[str] = []

    def ask(row: tuple[int, str]) -> None:
        if len(lost) >= _LOST_ANSWERS:
            return
        try:
            settle_account(processor_account_id=row[1], source="sweeper", now=now)
            asked.append(row[1])
        except (ProcessorUnavailable, OutcomeUnknown):
            lost.append(row[1])

    one_by_one(due, ask)
    return len(asked)


def record_found(*, account_id: int, found: AccountFound, source: str, now: dt.datetime) -> ConnectedAccount:
    """Stores what was found when the processor was asked at `now`. Raises AccountContradiction."""
    with transaction.atomic():
        account = ConnectedAccount.objects.select_for_update(of=("self",)).select_related("artisan").get(id=account_id)
        if account.processor_account_id != found.processor_account_id or account.updated_at > now:
            return account
        if found.is_connected and found.account_reference != account.artisan.public_id:
            raise AccountContradiction
        _move(account, found, from_state=AccountState(account.state), source=source, now=now)
    return account


def record_made(
    *, artisan: Artisan, found: AccountFound, processor: str, source: str, now: dt.datetime
) -> ConnectedAccount:
    """The artisan's account from now on, in the caller's transaction, which has locked the artisan."""
    account = ConnectedAccount.objects.select_for_update().filter(artisan=artisan).first()
    if account is not None and account.processor_account_id == found.processor_account_id:
        return account
    from_state = AccountState.NOT_STARTED if account is None else AccountState(account.state)
    if account is None:
        account = ConnectedAccount(artisan=artisan, created_at=now)
    account.artisan = artisan
    account.processor, account.processor_account_id = processor, found.processor_account_id
    account.bank_name = account.bank_last4 = account.bank_currency = account.bank_fingerprint = ""
    audit.record(
        event_type="artisan.connected", outcome="succeeded", subject=artisan.public_id, artisan=artisan.public_id,
        processor=processor, processor_id=found.processor_account_id, command=source,
    )  # fmt: skip
    _move(account, found, from_state=from_state, source=source, now=now)
    return account


def _move(
    account: ConnectedAccount, found: AccountFound, *, from_state: AccountState, source: str, now: dt.datetime
) -> None:
    state, was_paid_out = state_of(found), account.payouts_enabled
    is_closed = state in (AccountState.REJECTED, AccountState.DEAUTHORIZED)
    due = found.requirements
    account.country = found.country or account.country
    account.payouts_enabled = found.payouts_enabled and not is_closed
    account.transfers_enabled = found.transfers_enabled and account.payouts_enabled
    account.details_submitted = found.details_submitted
    account.requirements = {
        "currently_due": list(due.currently_due),
        "past_due": list(due.past_due),
        "pending_verification": list(due.pending_verification),
        "eventually_due": list(due.eventually_due),
        "errors": [{"requirement": error.requirement, "problem": error.code} for error in due.errors],
    }
    account.deadline_at, account.halt = due.current_deadline, due.disabled_reason
    other_bank = _store_bank(account, found, now)
    if state is not from_state:
        account.state, account.state_since = state, now
    account.updated_at = now
    account.next_look_at = now + _until_next_look(account, now)
    account.save()
    if other_bank:
        _tell_of_bank(account, now)
    if account.payouts_enabled and (other_bank or not was_paid_out):
        # What had failed for the old details, or for want of any, is sent again.
        outbox.enqueue(task="payouts.tasks.retry_failed_payouts", kwargs={"artisan_id": account.artisan_id})
    if state is not from_state:
        _tell_of_state(account, from_state, source, now)


def _store_bank(account: ConnectedAccount, found: AccountFound, now: dt.datetime) -> bool:
    """Whether it is another bank account than the one known before; the first is no other."""
    bank = found.bank
    if bank is None:
        return False
    is_other = bool(account.bank_fingerprint) and account.bank_fingerprint != bank.fingerprint
    account.bank_name, account.bank_last4 = bank.bank_name[:120], bank.last4[-4:]
    account.bank_currency, account.bank_fingerprint = bank.currency[:3], bank.fingerprint[:64]
    account.bank_is_usable = bank.is_usable
    if is_other:
        account.bank_changed_at = now
    return is_other


def _until_next_look(account: ConnectedAccount, now: dt.datetime) -> dt.timedelta:
    longest = _LOOK_AGAIN_AFTER[AccountState.ENABLED]
    if account.state_since is not None and now - account.state_since > _LEFT_ALONE:
        return longest
    return _LOOK_AGAIN_AFTER.get(AccountState(account.state), longest)


def _tell_of_state(account: ConnectedAccount, from_state: AccountState, source: str, now: dt.datetime) -> None:
    """History, trail, and letters: once for each change."""
    work, state = context.current(), AccountState(account.state)
    event = ConnectedAccountEvent.objects.create(
        account=account, processor_account_id=account.processor_account_id, from_state=from_state, to_state=state,
        source=source, note=_note(account)[:300], actor=work.actor[:80], trace_id=work.trace_id, occurred_at=now,
    )  # fmt: skip
    audit.record(
        event_type=f"account.{state.value}", outcome="succeeded", subject=account.artisan.public_id,
        artisan=account.artisan.public_id, processor=account.processor, processor_id=account.processor_account_id,
        command=source,
    )  # fmt: skip
    if source == COMMAND:
        return  # somebody sets a shop up and looks on
    if state in _TELLS_ARTISAN:
        outbox.enqueue(
            task="payouts.tasks.send_account_letter",
            kwargs={"event_id": event.pk},
            key=f"account-letter:{event.pk}",
        )
    if state in _TELLS_STAFF:
        for person in staff_who_may(MAY_ASK):
            outbox.enqueue(
                task="payouts.tasks.send_account_to_staff",
                kwargs={"event_id": event.pk, "user_id": person.pk},
                key=f"account-staff:{event.pk}:{person.pk}",
            )


def _tell_of_bank(account: ConnectedAccount, now: dt.datetime) -> None:
    """Where money goes has changed: if it was not the artisan, they should know at once."""
    audit.record(
        event_type="account.bank_changed", outcome="succeeded", subject=account.artisan.public_id,
        artisan=account.artisan.public_id, processor=account.processor, processor_id=account.processor_account_id,
        command="settle_account",
    )  # fmt: skip
    outbox.enqueue(
        task="payouts.tasks.send_bank_changed",
        kwargs={"account_id": account.pk},
        key=f"bank-changed:{account.processor_account_id}:{now.isoformat()}",
    )


def _note(account: ConnectedAccount) -> str:
    names = dict.fromkeys([*account.requirements["past_due"], *account.requirements["currently_due"]])
    asked = ", ".join(Requirement(name).label for name in names)
    halt = AccountHalt(account.halt).label if account.halt else ""
    return "; ".join(part for part in (halt, f"asked for: {asked}" if asked else "") if part)
