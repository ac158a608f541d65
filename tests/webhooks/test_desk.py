"""The desk in admin: who may do what, and what is left behind."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from common import clock
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import Money
from payments.contracts import PaymentFound, PayoutFound, ProcessorUnavailable, UnknownPayment
from payments.enums import PaymentStatus, ProcessorPayoutStatus
from payments.models import Payment
from tests.webhooks.conftest import Announced, UseCase
from tests.webhooks.deliveries import event as document
from webhooks.models import WebhookEvent
from webhooks.services import comparison, process_event
from webhooks.services.claim import MAX_FAILURES

pytestmark = pytest.mark.django_db
Received = Callable[..., WebhookEvent]
LIST = "/admin/webhooks/webhookevent/"


def staff(*codenames: str) -> Client:
    user = get_user_model().objects.create(
        **{get_user_model().USERNAME_FIELD: f"{'-'.join(codenames) or 'none'}@desk.example"}, is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert user.user_permissions.count() == len(codenames)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer() -> Client:
    return staff("view_webhookevent", "view_webhookeventchange")


@pytest.fixture
def replayer() -> Client:
    return staff("view_webhookevent", "replay_webhookevent", "view_webhookeventchange")


@pytest.fixture
def dead(received: Received, settle_payment: UseCase) -> WebhookEvent:
    event = received("charge.succeeded", payment_intent="pi_D1", metadata={"payment": new_public_id("pay")})
    settle_payment.raises = [ProcessorUnavailable("busy")] * MAX_FAILURES
    while event.status != "dead":
        event.refresh_from_db()
        process_event(event_id=event.id, now=event.due_at or clock.now())
        event.refresh_from_db()
    return event


def test_the_list_tells_what_came_and_what_became_of_it(viewer: Client, dead: WebhookEvent) -> None:
    page = viewer.get(LIST).content.decode()
    for text in (
        dead.external_id,
        "charge.succeeded",
        "given up, needs a person",
        dead.object_id,
        dead.reference,
        "busy",
    ):
        assert text in page
    assert "Replay all" not in page, "not for staff who may only look"


@pytest.mark.parametrize("part", ["external_id", "object_id", "subject_id", "reference"])
def test_it_is_found_by_every_id(viewer: Client, received: Received, dead: WebhookEvent, part: str) -> None:
    other = received()
    page = viewer.get(LIST, {"q": f" {getattr(dead, part)} "}).content.decode()
    assert dead.external_id in page
    assert other.external_id not in page


def test_an_orders_events_are_found_through_its_payment(viewer: Client, received: Received) -> None:
    order, now = new_public_id("ord"), clock.now()
    Payment.objects.create(
        public_id=new_public_id("pay"), order_reference=order, processor="stripe", processor_payment_id="pi_D7",
        amount_minor=4200, currency="EUR", quote_hash="0" * 64, created_at=now, updated_at=now,
    )  # fmt: skip
    mine, other = received("charge.updated", payment_intent="pi_D7"), received()
    page = viewer.get(LIST, {"q": order}).content.decode()
    assert mine.external_id in page
    assert other.external_id not in page


def test_the_page_of_an_event_shows_its_document_and_history(viewer: Client, received: Received) -> None:
    event = received(client_secret="pi_1_secret_2", description="<script>alert(1)</script>")
    page = viewer.get(f"{LIST}{event.id}/change/").content.decode()
    assert "&quot;currency&quot;: &quot;eur&quot;" in page
    assert "<script>alert(1)" not in page
    assert "pi_1_secret_2" not in page
    assert "Replay this event" not in page
    assert 'name="_save"' not in page


def test_the_history_is_on_the_page(viewer: Client, dead: WebhookEvent) -> None:
    page = viewer.get(f"{LIST}{dead.id}/change/").content.decode()
    assert page.count("a worker took it") == MAX_FAILURES
    assert "given up" in page


@pytest.mark.parametrize("path", ["add/", "{id}/delete/"])
def test_nobody_adds_or_deletes(admin_client: Client, received: Received, path: str) -> None:
    event = received()
    assert admin_client.get(LIST + path.format(id=event.id)).status_code == 403
    assert admin_client.post(f"{LIST}{event.id}/change/", {"status": "processed"}).status_code == 403
    event.refresh_from_db()
    assert event.status == "received"


def _act(client: Client, action: str, *events: WebhookEvent, **data: str) -> None:
    chosen = [str(event.id) for event in events]
    client.post(LIST, {"action": action, "_selected_action": chosen, **data}, follow=True)


def test_a_replay_starts_afresh_and_is_audited(
    replayer: Client, dead: WebhookEvent, settle_payment: UseCase, announced: Announced
) -> None:
    announced.event_ids.clear()
    _act(replayer, "replay", dead)
    dead.refresh_from_db()
    assert (dead.status, dead.failures, dead.finished_at) == ("received", 0, None)
    assert announced.event_ids == [dead.id]
    last = dead.changes.latest("id")
    assert (last.edge, last.actor[:6]) == ("replayed", "staff:")
    fact = AuditRecord.objects.get(event_type="webhook.replayed")
    assert (fact.processor_id, fact.subject, fact.actor) == (dead.external_id, dead.reference, last.actor)

    process_event(event_id=dead.id, now=clock.now())
    dead.refresh_from_db()
    assert dead.status == "processed"


def test_one_event_is_replayed_from_its_page(replayer: Client, dead: WebhookEvent) -> None:
    assert "Replay this event" in replayer.get(f"{LIST}{dead.id}/change/").content.decode()
    url = reverse("admin:webhooks_webhookevent_replay", args=[dead.id])
    assert replayer.get(url).status_code == 405
    assert replayer.post(url).status_code == 302
    dead.refresh_from_db()
    assert dead.status == "received"


def test_all_that_was_given_up_is_replayed_at_once(replayer: Client, dead: WebhookEvent, received: Received) -> None:
    waiting = received()
    assert "Replay all 1 that were given up" in replayer.get(LIST).content.decode()
    replayer.post(reverse("admin:webhooks_webhookevent_replay_dead"))
    dead.refresh_from_db()
    assert dead.status == "received"
    assert AuditRecord.objects.filter(event_type="webhook.replayed").count() == 1
    assert not waiting.changes.exists()


def test_what_a_worker_has_in_hand_is_left_alone(replayer: Client, received: Received, settle_payment: UseCase) -> None:
    event = received()
    settle_payment.during = lambda: _act(replayer, "replay", event)
    process_event(event_id=event.id, now=clock.now())
    event.refresh_from_db()
    assert event.status == "processed"
    assert not AuditRecord.objects.filter(event_type="webhook.replayed").exists()


def test_a_replay_reads_the_document_with_todays_eyes(replayer: Client, received: Received) -> None:
    event = received("charge.succeeded", payment_intent="pi_D2")
    WebhookEvent.objects.filter(id=event.id).update(
        concern="other", subject_id="", status="ignored", due_at=None, finished_at=clock.now()
    )
    _act(replayer, "replay", event)
    event.refresh_from_db()
    assert (event.concern, event.subject_id) == ("payment", "pi_D2")


def test_setting_aside_needs_a_reason(replayer: Client, dead: WebhookEvent) -> None:
    _act(replayer, "set_aside", dead)
    _act(replayer, "set_aside", dead, confirmed="1", reason="   ")
    dead.refresh_from_db()
    assert dead.status == "dead"
    _act(replayer, "set_aside", dead, confirmed="1", reason="refunded by hand, ticket 12")
    dead.refresh_from_db()
    assert (dead.status, dead.last_note) == ("ignored", "refunded by hand, ticket 12")
    assert AuditRecord.objects.filter(event_type="webhook.set_aside", processor_id=dead.external_id).count() == 1


def test_what_is_done_is_not_set_aside(replayer: Client, received: Received, settle_payment: UseCase) -> None:
    event = received()
    process_event(event_id=event.id, now=clock.now())
    _act(replayer, "set_aside", event, confirmed="1", reason="why not")
    event.refresh_from_db()
    assert event.status == "processed"


def test_staff_without_the_permission_change_nothing(viewer: Client, dead: WebhookEvent) -> None:
    before = AuditRecord.objects.count()
    _act(viewer, "replay", dead)
    _act(viewer, "set_aside", dead, confirmed="1", reason="mischief")
    assert viewer.post(reverse("admin:webhooks_webhookevent_replay", args=[dead.id])).status_code == 403
    assert viewer.post(reverse("admin:webhooks_webhookevent_replay_dead")).status_code == 403
    dead.refresh_from_db()
    assert dead.status == "dead"
    assert AuditRecord.objects.count() == before


def test_others_do_not_even_see_it(client: Client, received: Received) -> None:
    event = received()
    paths = [LIST, f"{LIST}{event.id}/change/", f"{LIST}{event.id}/compare/"]
    other_staff = staff("view_auditrecord")
    assert [other_staff.get(path).status_code for path in paths] == [403, 403, 403]
    assert {client.get(path).status_code for path in paths} == {302}


class Asked:
    """Stands for the processor."""

    def __init__(self, found: PaymentFound | Exception) -> None:
        self.found = found

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def test_three_views_side_by_side(viewer: Client, received: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    reference, now = new_public_id("pay"), clock.now()
    Payment.objects.create(
        public_id=reference, order_reference=new_public_id("ord"), processor="stripe", processor_payment_id="pi_D9",
        amount_minor=4200, currency="EUR", quote_hash="0" * 64, created_at=now, updated_at=now,
        status=PaymentStatus.PROCESSING,
    )  # fmt: skip
    event = received("payment_intent.processing", id="pi_D9", status="processing", metadata={"payment": reference})
    found = PaymentFound(
        processor="stripe", processor_payment_id="pi_D9", status=PaymentStatus.SUCCEEDED, amount=Money(4200, "EUR"),
        payment_reference=reference, quote_hash="", client_secret="secret", charge=None, failure=None,
    )  # fmt: skip
    monkeypatch.setattr(comparison, "processor_named", lambda name: Asked(found))
    page = viewer.get(f"{LIST}{event.id}/compare/").content.decode()
    rows = {row.name: row for row in comparison.compare(event=event).rows}
    assert (rows["status"].event_said, rows["status"].processor_says, rows["status"].we_have) == (
        "processing", "succeeded", "processing",
    )  # fmt: skip
    assert rows["status"].differs
    assert not rows["amount, minor units"].differs
    assert rows["our reference"].we_have == reference
    assert page.count(">differ<") == 1
    assert AuditRecord.objects.filter(event_type="webhook.compared", processor_id=event.external_id).count() == 2


def test_comparing_survives_an_outage(viewer: Client, received: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    event = received(document=document())
    monkeypatch.setattr(comparison, "processor_named", lambda name: Asked(ProcessorUnavailable("it is busy")))
    page = viewer.get(f"{LIST}{event.id}/compare/").content.decode()
    assert "could not be asked: it is busy" in page


@pytest.mark.parametrize(
    ("event_type", "item"),
    [("balance.available", {}), ("account.updated", {"object": "account", "id": "acct_1"}),
     ("payout.paid", {"object": "payout", "id": "po_1"}), ("payment_method.detached", {"id": "pm_1"})],
)  # fmt: skip
def test_comparing_what_is_not_looked_up(
    viewer: Client, received: Received, event_type: str, item: dict[str, str]
) -> None:
    event = received(event_type, **item)
    assert "not looked up" in viewer.get(f"{LIST}{event.id}/compare/").content.decode()


def test_an_artisans_payout_is_looked_up_on_the_artisans_account(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bank:
        def retrieve_payout(self, processor_payout_id: str, *, processor_account_id: str) -> PayoutFound:
            assert (processor_payout_id, processor_account_id) == ("po_1", "acct_7")
            return PayoutFound("po_1", "bpo_1", "acct_7", Money(900, "EUR"), ProcessorPayoutStatus.IN_TRANSIT, None)

    event = received(document=document("payout.updated", object="payout", id="po_1") | {"account": "acct_7"})
    monkeypatch.setattr(comparison, "processor_named", lambda name: Bank())
    rows = {row.name: row.processor_says for row in comparison.compare(event=event).rows}
    assert rows == {
        "status": "pending", "amount, minor units": "900 EUR", "our reference": "bpo_1", "id at the processor": "po_1",
    }  # fmt: skip


def test_parked_events_can_be_set_aside(replayer: Client, received: Received, settle_payment: UseCase) -> None:
    event = received(metadata={"payment": new_public_id("pay")})
    settle_payment.raises = [UnknownPayment()]
    process_event(event_id=event.id, now=clock.now())
    _act(replayer, "set_aside", event, confirmed="1", reason="of a test shop")
    event.refresh_from_db()
    assert event.status == "ignored"
