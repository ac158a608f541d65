"""At the desk: what Stripe took for nothing that we know is named, proposed by one of staff and posted by another."""

import re

import requests
from playwright.sync_api import Browser, expect

from common.clock import now as clock_now
from common.ids import new_public_id
from ledger.selectors import entry_by_source
from reconciliation.models import ReconciliationException
from reconciliation.services import reconcile
from tests.browser.books import ledger_check
from tests.browser.desk import at_the_desk, new_staff, pictures
from tests.browser.money import processor_of
from tests.support.live import LiveStack

BOTH = (
    "view_reconciliationexception", "view_journalproposal", "view_exceptionevent", "view_journalentry",
    "propose_journal", "approve_journal",
)  # fmt: skip


def _found(stack: LiveStack) -> ReconciliationException:
    """Stripe takes 2.50, and a reconciliation finds it."""
    source = new_public_id("adj")
    body = {"type": "adjustment", "amount": -250, "source": source}
    requests.post(f"{stack.sandbox.url}/_sandbox/movements", json=body, timeout=15).raise_for_status()
    with processor_of(stack):
        reconcile(now=clock_now(), processors=["stripe"])
    return ReconciliationException.objects.get(subject_key=source)


def test_a_suggested_journal_is_refused_to_who_proposed_it_and_posted_by_a_second_person(
    browser: Browser, live_stack: LiveStack
) -> None:
    row = _found(live_stack)
    address = f"/admin/reconciliation/reconciliationexception/{row.pk}/change/"
    with at_the_desk(browser, live_stack, new_staff("Ada Prime", *BOTH)) as ada:
        page = ada.page
        ada.open(f"/admin/reconciliation/reconciliationexception/?q={row.public_id}")
        expect(page.locator("#result_list tbody tr")).to_contain_text("-€2.50")
        pictures(ada, "admin-exceptions")
        page.get_by_role("link", name=row.public_id).press("Enter")
        expect(page.get_by_role("heading", name=re.compile("^Suggested: Not explained yet"))).to_be_visible()
        pictures(ada, "admin-exception")
        page.get_by_label("Why").fill("Stripe does not say; asked them today.")
        page.get_by_role("button", name="Propose it").press("Enter")
        expect(page.get_by_text("Proposed. Somebody else has to approve it.")).to_be_visible()
        expect(page.get_by_role("button", name="Approve and post")).to_have_count(0)
        pictures(ada, "admin-exception-proposed")
    with at_the_desk(browser, live_stack, new_staff("Ben Second", *BOTH)) as ben:
        page = ben.page
        ben.open(address)
        expect(page.get_by_text("Stripe does not say; asked them today.").first).to_be_visible()
        page.get_by_role("button", name="Approve and post").press("Enter")
        expect(page.get_by_text("Approved and posted.")).to_be_visible()
        expect(page.get_by_role("link", name=f"reconciliation:{row.public_id}").first).to_be_visible()
        pictures(ben, "admin-exception-posted")
    row.refresh_from_db()
    assert row.status == "posted"
    assert entry_by_source(row.journal_reference) is not None
    assert "every invariant holds" in ledger_check(live_stack)
