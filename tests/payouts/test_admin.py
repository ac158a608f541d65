"""The desk: staff see everything and change nothing but the end of a hold, with the permission for it."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from common.models import AuditRecord
from common.money import Money
from identity.models import User
from payouts import services
from payouts.enums import PayableStatus
from payouts.models import Payable, PayableEvent, SellerDebt, ShareDebit, TransferReversal
from tests.orders.shop import new_artisan, new_user
from tests.payouts.desk import agree
from tests.payouts.fake import INSUFFICIENT, FakeTransfers
from tests.payouts.hub import NOW, connected_artisan, credit, debit, released, run, sell, send_reversals, transfer_of

pytestmark = pytest.mark.django_db
PAYABLES = "admin:payouts_payable_changelist"
VIEW = (
    "view_payable", "view_transfer", "view_connectedaccount", "view_payableevent", "view_transferevent",
    "view_sharedebit", "view_sharecredit", "view_sellerdebt", "view_debtrecovery", "view_transferreversal",
    "view_transferreversalevent", "view_payout", "view_payoutitem", "view_payoutevent", "view_payoutrun",
)  # fmt: skip


def staff_client(*permissions: str) -> tuple[Client, User]:
    user = new_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert user.user_permissions.count() == len(permissions)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def viewer() -> Client:
    return staff_client(*VIEW)[0]


@pytest.fixture
def sent(processor: FakeTransfers) -> Payable:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    run()
    payable.refresh_from_db()
    return payable


def test_lists_say_where_the_money_is_in_words(viewer: Client, processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1500)], now=NOW)
    run()
    processor.refuse = lambda _: INSUFFICIENT
    released([(connected_artisan(), 200)], now=NOW)
    run()
    released([(new_artisan(), 300)], now=NOW)
    released([(connected_artisan(enabled=False), 400)], now=NOW)
    sell([(connected_artisan(), 500)], now=NOW)
    page = viewer.get(reverse(PAYABLES)).content.decode()
    for words in (
        "€15.00", "transferred to the artisan", "held until the hold period is over", "refused: balance_insufficient",
        "the artisan has no connected account", "the artisan&#x27;s account can&#x27;t receive yet",
    ):  # fmt: skip
        assert words in page
    page = viewer.get(reverse("admin:payouts_transfer_changelist")).content.decode()
    assert "carried out" in page
    assert "refused, nothing was moved" in page


@pytest.mark.parametrize("name", ["payable", "transfer", "payout"])
def test_found_by_order_artisan_and_the_processors_ids(viewer: Client, sent: Payable, name: str) -> None:
    released([(connected_artisan(), 999)], now=NOW, charge_id="ch_other")
    run()
    transfer = transfer_of(sent)
    texts = {
        "payable": [sent.order_reference, sent.seller_order_reference, sent.source_charge_id],
        "transfer": [transfer.public_id, str(transfer.processor_transfer_id)],
        "payout": [transfer.public_id, sent.order_reference, transfer.payout.run.public_id],
    }
    for text in [sent.artisan.public_id, sent.artisan.name, transfer.payout.public_id, *texts[name]]:
        page = viewer.get(reverse(f"admin:payouts_{name}_changelist"), {"q": text}).content.decode()
        assert f"1 {name}" in page, text
        assert "€15.00" in page


def test_a_page_shows_history_request_and_journal(sent: Payable) -> None:
    client, _ = staff_client(*VIEW)
    transfer = transfer_of(sent)
    page = client.get(reverse("admin:payouts_transfer_change", args=[transfer.pk])).content.decode()
    for text in (
        f"transfer:{transfer.public_id}:1", f"transfer_requested:{transfer.public_id}:1",
        f"transfer_succeeded:{transfer.public_id}", "the processor carried it out", str(transfer.processor_transfer_id),
    ):  # fmt: skip
        assert text in page
    page = client.get(reverse("admin:payouts_payable_change", args=[sent.pk])).content.decode()
    for text in (
        "the hold period was over", "the transfer was carried out", transfer.payout.public_id,
        f"release:{sent.public_id}", "ledger/journalentry",
    ):  # fmt: skip
        assert text in page
    page = client.get(reverse("admin:payouts_payout_change", args=[transfer.payout.pk])).content.decode()
    for text in (
        "€15.00", sent.public_id, sent.order_reference, transfer.public_id, transfer.payout.run.public_id,
        "in the artisan&#x27;s account at the processor",
    ):  # fmt: skip
        assert text in page
    page = client.get(reverse("admin:payouts_payoutrun_change", args=[transfer.payout.run.pk])).content.decode()
    assert "1 payout of 1 share; 0 not sent yet, 0 refused" in page


def test_lists_take_as_many_statements_for_many_rows_as_for_few(
    viewer: Client, processor: FakeTransfers, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        released([(connected_artisan(), 100 + number)], now=NOW)
    run()
    for name in ("payable", "transfer", "payout", "payoutrun"):
        with django_assert_max_num_queries(16):  # type: ignore[operator]
            viewer.get(reverse(f"admin:payouts_{name}_changelist"))


@pytest.mark.parametrize("name", ["payable", "transfer", "connectedaccount"])
def test_nothing_is_added_changed_or_deleted(sent: Payable, name: str) -> None:
    client = Client()
    client.force_login(new_user(is_staff=True, is_superuser=True))
    keys = {"payable": sent.pk, "transfer": transfer_of(sent).pk, "connectedaccount": sent.artisan.connected_account.pk}
    pk = keys[name]
    assert client.get(reverse(f"admin:payouts_{name}_add")).status_code == 403
    assert client.post(reverse(f"admin:payouts_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse(f"admin:payouts_{name}_change", args=[pk]), {"status": "held"}).status_code == 403


# ---- refunds, debts, reversals -------------------------------------------------------------------------------------


@pytest.fixture
def owing(sent: Payable, processor: FakeTransfers) -> Payable:
    """Refunded after the transfer: 6.00 came back by a reversal, 4.00 more were refused, and 3.00 given back."""
    debit(sent, 600, reference="ref_1")
    send_reversals()
    processor.refuse_reversal = lambda _: INSUFFICIENT
    debit(sent, 400, reference="ref_2")
    send_reversals()
    credit(sent, 300, reference="ref_2")
    return sent


def page_of(client: Client, row: Model) -> str:
    name = row._meta.model_name
    return client.get(reverse(f"admin:payouts_{name}_change", args=[row.pk])).content.decode()


def test_staff_see_what_an_artisan_owes_and_why(viewer: Client, owing: Payable) -> None:
    listed = viewer.get(reverse("admin:payouts_sellerdebt_changelist")).content.decode()
    for words in ("ref_1", "ref_2", "settled", "€1.00", owing.artisan.name):
        assert words in listed
    still_open = viewer.get(reverse("admin:payouts_sellerdebt_changelist"), {"open": "yes"}).content.decode()
    assert "ref_2" in still_open
    assert "1 seller debt" in still_open
    assert (
        "1 seller debt" in viewer.get(reverse("admin:payouts_sellerdebt_changelist"), {"open": "no"}).content.decode()
    )
    paid, unpaid = SellerDebt.objects.order_by("id")
    [came_back] = TransferReversal.objects.filter(debt=paid)
    page = page_of(viewer, paid)
    for words in (f"transfer_reversed:{came_back.public_id}", came_back.public_id, "carried out", "ref_1 of sel_"):
        assert words in page
    assert "refused, nothing came back" in page_of(viewer, unpaid)


def test_staff_see_what_was_taken_from_a_part_and_given_back(viewer: Client, owing: Payable) -> None:
    page = page_of(viewer, owing)
    for words in ("ref_1", "€6.00, given back €0.00", "€4.00, given back €3.00"):
        assert words in page
    taken = ShareDebit.objects.get(reference="ref_2")
    page = page_of(viewer, taken)
    for words in ("€4.00 left already", "€1.00 open of €4.00", owing.public_id):
        assert words in page
    for query in ("ref_2", owing.seller_order_reference, owing.artisan.public_id):
        listed = viewer.get(reverse("admin:payouts_sharedebit_changelist"), {"q": query}).content.decode()
        assert "€4.00" in listed


def test_staff_see_what_was_kept_from_a_payable_for_a_debt(viewer: Client, owing: Payable) -> None:
    [payable] = released([(owing.artisan, 1000)], now=NOW)
    debt = SellerDebt.objects.get(reference="ref_2")
    page = page_of(viewer, payable)
    for words in ("€9.00", "part of it was kept for what the artisan owes us", debt.public_id, f"recovery:{debt}:"):
        assert words in page
    assert payable.public_id in page_of(viewer, debt)


def test_staff_see_a_reversal_that_nobody_here_asked_for(
    viewer: Client, sent: Payable, processor: FakeTransfers
) -> None:
    [made] = processor.made
    processor.reverse_by_hand(made.processor_transfer_id, Money(500, "EUR"))
    services.settle_transfer(processor_transfer_id=made.processor_transfer_id, transfer_reference=None, now=NOW)
    listed = viewer.get(reverse("admin:payouts_transferreversal_changelist")).content.decode()
    assert "made at the processor, not asked for by us" in listed
    reversal = TransferReversal.objects.get()
    page = page_of(viewer, reversal)
    for words in ("€5.00", f"transfer_returned:{reversal.public_id}", "held until the hold period is over", "none"):
        assert words in page
    transfer = page_of(viewer, transfer_of(sent))
    assert reversal.public_id in transfer
    assert "came back" in transfer.lower()


def test_a_reversals_page_shows_history_request_and_links(viewer: Client, owing: Payable) -> None:
    first, second = TransferReversal.objects.order_by("id")
    page = page_of(viewer, first)
    for words in (
        f"transfer_reversal:{first.public_id}:1", transfer_of(owing).public_id, "the processor carried it out", "ref_1",
        str(first.debt),
    ):  # fmt: skip
        assert words in page
    assert "balance_insufficient" in page_of(viewer, second)


@pytest.mark.parametrize("model", [SellerDebt, ShareDebit, TransferReversal])
def test_debts_and_reversals_are_only_read(owing: Payable, model: type[Model]) -> None:
    client = Client()
    client.force_login(new_user(is_staff=True, is_superuser=True))
    name, pk = model._meta.model_name, model._default_manager.all()[0].pk
    assert client.get(reverse(f"admin:payouts_{name}_add")).status_code == 403
    assert client.post(reverse(f"admin:payouts_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse(f"admin:payouts_{name}_change", args=[pk]), {"amount_minor": 1}).status_code == 403


def test_lists_of_debts_and_reversals_take_as_many_statements_for_many_rows(
    viewer: Client, processor: FakeTransfers, django_assert_max_num_queries: object
) -> None:
    for number in range(8):
        [payable] = released([(connected_artisan(), 100)], now=NOW)
        run()
        debit(payable, 50, reference=f"ref_{number}")
    for name in ("sellerdebt", "sharedebit", "transferreversal"):
        with django_assert_max_num_queries(16):  # type: ignore[operator]
            assert "8 " in viewer.get(reverse(f"admin:payouts_{name}_changelist")).content.decode()


def release_by(client: Client, *payables: Payable) -> str:
    data = {"action": "release_now", "_selected_action": [payable.pk for payable in payables]}
    return agree(client, reverse(PAYABLES), data)


def test_release_now_needs_its_permission(viewer: Client) -> None:
    sell([(connected_artisan(), 1500)], now=NOW)
    payable = Payable.objects.get()
    assert "release_now" not in viewer.get(reverse(PAYABLES)).content.decode()
    release_by(viewer, payable)
    payable.refresh_from_db()
    assert payable.status == PayableStatus.HELD


def test_release_now_is_audited_with_who_did_it() -> None:
    sell([(connected_artisan(), 1500), (connected_artisan(), 100)], now=NOW)
    first, second = Payable.objects.order_by("id")
    services.release_due(now=NOW)
    client, user = staff_client(*VIEW, "release_payable")
    assert "Release now" in client.get(reverse(PAYABLES)).content.decode()
    assert "Released 1." in release_by(client, first)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (PayableStatus.RELEASED, PayableStatus.HELD)
    assert PayableEvent.objects.get().actor == f"staff:{user.pk}"
    record = AuditRecord.objects.get(event_type="payable.released")
    assert (record.actor, record.subject, record.amount_minor) == (f"staff:{user.pk}", first.public_id, 1500)
    assert (record.command, record.artisan) == ("release:released_early", first.artisan.public_id)
    assert "1 were not waiting for anything" in release_by(client, first)  # and nothing is asked


def test_buyers_and_artisans_are_not_let_in(sent: Payable) -> None:
    for user in (new_user(), sent.artisan.owner):
        client = Client()
        client.force_login(user)
        assert client.get(reverse(PAYABLES)).status_code == 302
        assert client.post(reverse(PAYABLES), {"action": "release_now"}).status_code == 302
