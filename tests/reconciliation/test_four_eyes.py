"""A difference is booked when two of staff agree, and not otherwise."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common.clock import now as clock_now
from common.models import AuditRecord
from identity.models import User
from ledger.selectors import balance, entry_by_source
from orders.models import Order
from reconciliation import services
from reconciliation.contracts import (
    NothingToBook,
    NotOpen,
    ProposalExists,
    ProposalOutOfDate,
    ReasonMissing,
    SecondPersonNeeded,
)
from reconciliation.enums import JournalName
from reconciliation.models import JournalProposal, ReconciliationException
from tests.orders.wire import Wire
from tests.reconciliation.shop import sale
from tests.reconciliation.statements import HOUR, command, control, found, ran, the_exception

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def row(stripe: Wire) -> ReconciliationException:
    """Stripe took 2.50 for nothing that we know."""
    sale(stripe)
    control(stripe, "/movements", {"type": "adjustment", "amount": -250, "source": "adj_1"})
    ran(later=HOUR)
    return the_exception()


def _staff(name: str, *permissions: str) -> User:
    user = User.objects.create_user(f"{name}@example.org", "x", is_staff=True)
    wanted = ["view_reconciliationexception", "view_reconciliationrun", "view_statementline", *permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return user


def _proposed(
    row: ReconciliationException, by: User, *, journal: JournalName = JournalName.SUSPENSE
) -> JournalProposal:
    return services.propose(
        exception_id=row.pk, version=row.version, journal=journal, note="Nobody knows", proposer_id=by.pk, now=NOW
    )


def test_what_two_of_staff_agree_on_is_posted_and_the_next_run_agrees(row: ReconciliationException) -> None:
    ada, ben = _staff("ada"), _staff("ben")
    before = balance("stripe_clearing:EUR").amount_minor
    proposal = _proposed(row, ada)
    assert balance("stripe_clearing:EUR").amount_minor == before
    services.approve(proposal_id=proposal.pk, approver_id=ben.pk, now=NOW)
    assert balance("stripe_clearing:EUR").amount_minor == before - 250
    assert balance("suspense:EUR").amount_minor == 250
    entry = entry_by_source(f"reconciliation:{row.public_id}")
    assert entry is not None and (entry.kind, entry.description) == ("suspense_booked", "Nobody knows")
    row.refresh_from_db()
    assert row.status == "posted"
    told = AuditRecord.objects.filter(subject=row.public_id).order_by("id").values_list("event_type", flat=True)
    assert list(told) == ["reconciliation.found", "reconciliation.proposed", "reconciliation.approved"]
    ran(later=2 * HOUR)
    assert found() == [("stripe", "missing_here", "posted", -250)]


def test_the_fee_that_was_charged_beyond_what_was_told_is_a_fee(stripe: Wire) -> None:
    order = sale(stripe)
    fee = Order.objects.get(id=order.id)
    assert fee.pk
    line = control(stripe, "/movements", {"type": "stripe_fee", "amount": -40})
    ran(later=HOUR)
    row = the_exception(subject_key=line["id"])
    before = balance("processor_fees:EUR").amount_minor
    proposal = _proposed(row, _staff("ada"), journal=JournalName.PROCESSOR_FEE)
    services.approve(proposal_id=proposal.pk, approver_id=_staff("ben").pk, now=NOW)
    assert balance("processor_fees:EUR").amount_minor == before + 40
    ran(later=2 * HOUR)
    assert [one[2] for one in found()] == ["posted"]


def test_who_proposes_can_t_approve(row: ReconciliationException) -> None:
    ada = _staff("ada")
    proposal = _proposed(row, ada)
    with pytest.raises(SecondPersonNeeded):
        services.approve(proposal_id=proposal.pk, approver_id=ada.pk, now=NOW)
    assert entry_by_source(row.journal_reference) is None
    # Nor can raw SQL.
    with pytest.raises(IntegrityError, match="proposal_has_four_eyes"), transaction.atomic():
        JournalProposal.objects.filter(pk=proposal.pk).update(status="approved", approver=ada, decided_at=NOW)
    with pytest.raises(IntegrityError, match="proposal_has_four_eyes"), transaction.atomic():
        JournalProposal.objects.filter(pk=proposal.pk).update(status="approved", approver=None, decided_at=NOW)


def test_a_proposal_for_figures_that_changed_is_out_of_date(stripe: Wire, row: ReconciliationException) -> None:
    proposal = _proposed(row, _staff("ada"))
    control(stripe, "/movements", {"type": "adjustment", "amount": -30, "source": "adj_1"})
    ran(later=2 * HOUR)
    proposal.refresh_from_db()
    assert proposal.status == "stale"
    with pytest.raises(ProposalOutOfDate):
        services.approve(proposal_id=proposal.pk, approver_id=_staff("ben").pk, now=NOW)
    with pytest.raises(ProposalOutOfDate):
        _proposed(row, _staff("cleo"))
    row.refresh_from_db()
    assert (row.status, row.version, row.effect_minor) == ("open", 2, -280)
    assert _proposed(row, _staff("dora")).amount_minor == -280


def test_one_proposal_waits_at_a_time_and_a_rejected_one_books_nothing(row: ReconciliationException) -> None:
    ada, ben = _staff("ada"), _staff("ben")
    proposal = _proposed(row, ada)
    with pytest.raises(ProposalExists):
        _proposed(row, ben)
    with pytest.raises(ReasonMissing):
        services.reject(proposal_id=proposal.pk, decider_id=ben.pk, reason="  ", now=NOW)
    services.reject(proposal_id=proposal.pk, decider_id=ben.pk, reason="Ask Stripe first", now=NOW)
    with pytest.raises(ProposalOutOfDate):
        services.approve(proposal_id=proposal.pk, approver_id=ben.pk, now=NOW)
    assert entry_by_source(row.journal_reference) is None
    assert _proposed(row, ben).status == "waiting"


def test_what_is_dismissed_is_not_named_again_until_its_figures_change(
    stripe: Wire, row: ReconciliationException
) -> None:
    with pytest.raises(ReasonMissing):
        services.dismiss(exception_id=row.pk, version=1, reason="", now=NOW)
    services.dismiss(exception_id=row.pk, version=1, reason="Known since October", now=NOW)
    with pytest.raises(NotOpen):
        services.dismiss(exception_id=row.pk, version=1, reason="Again", now=NOW)
    assert command()[0] == 0
    control(stripe, "/movements", {"type": "adjustment", "amount": -30, "source": "adj_1"})
    assert command()[0] == 1
    assert found() == [("stripe", "missing_here", "open", -280)]


def test_nothing_is_booked_where_both_sides_have_the_same_amount(row: ReconciliationException) -> None:
    row.theirs_gross_minor = row.effect_minor = 0
    row.difference = "date"
    row.save()
    with pytest.raises(NothingToBook):
        _proposed(row, _staff("ada"))


def test_in_admin_one_proposes_and_another_approves(row: ReconciliationException) -> None:
    ada, ben = _staff("ada", "propose_journal", "approve_journal"), _staff("ben", "approve_journal")
    page = reverse("admin:reconciliation_reconciliationexception_change", args=[row.pk])
    act = reverse("admin:reconciliation_reconciliationexception_act", args=[row.pk])
    first, second, nobody = Client(), Client(), Client()
    first.force_login(ada)
    second.force_login(ben)
    nobody.force_login(_staff("cleo"))
    shown = first.get(page).content.decode()
    assert "suspense:EUR" in shown and "Propose it" in shown and "adjustment txn_" in shown
    assert "Propose it" not in nobody.get(page).content.decode()
    given = {"propose": "1", "journal": "suspense_booked", "note": "Unknown", "version": "1"}
    assert nobody.post(act, given).status_code == 403
    assert first.get(act).status_code == 405
    assert first.post(act, {**given, "journal": "sale"}).status_code == 403
    first.post(act, given)
    proposal = JournalProposal.objects.get()
    assert "Approve and post" not in first.get(page).content.decode()
    assert second.post(act, {"approve": "1e9"}).status_code == 404
    first.post(act, {"approve": str(proposal.pk)})
    proposal.refresh_from_db()
    assert proposal.status == "waiting"
    assert "Approve and post" in second.get(page).content.decode()
    second.post(act, {"approve": str(proposal.pk)})
    proposal.refresh_from_db()
    assert (proposal.status, proposal.approver_id) == ("approved", ben.pk)
    assert f"reconciliation:{row.public_id}" in second.get(page).content.decode()


def test_the_lists_in_admin_show_runs_lines_and_the_queue(row: ReconciliationException) -> None:
    client = Client()
    client.force_login(_staff("ada"))
    for name in ("reconciliationexception", "reconciliationrun", "statementline"):
        assert client.get(reverse(f"admin:reconciliation_{name}_changelist")).status_code == 200
    queue = reverse("admin:reconciliation_reconciliationexception_changelist")
    assert row.public_id in client.get(queue, {"size": "100"}).content.decode()
    assert row.public_id not in client.get(queue, {"size": "more"}).content.decode()
    assert row.public_id not in client.get(queue, {"age": "7"}).content.decode()
    run = client.get(reverse("admin:reconciliation_reconciliationrun_change", args=[row.found_in_id]))
    assert "closing" in run.content.decode()
    assert clock_now() > row.found_at - HOUR * 2
