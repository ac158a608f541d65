"""The API of an artisan's own money: exact figures, nobody else's, and what is asked wrongly."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from catalog.models import Artisan
from common.clock import now as clock_now
from common.money import Money
from orders.contracts.refund import Items, LineWish
from orders.models import SellerOrder
from payouts.contracts import PolicyTerms
from payouts.enums import PayoutSchedule
from payouts.models import Payable, PayoutPolicy, PayoutRun
from payouts.services import change_policy, choose_schedule
from tests.orders.refunds import ask, lines_of, paid
from tests.orders.shop import new_artisan, new_product, new_user
from tests.orders.wire import Wire
from tests.payouts.hub import connected_artisan, sell
from tests.selling.paid_out import release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

API = "/api/v1/seller/"
READS = ["money", "money/days", "sales", "next-payout", "payouts", "repayments", "statements"]
NOTHING = {
    "reserved_minor": 0, "disputed_minor": 0, "on_its_way_minor": 0, "stuck_minor": 0, "paid_minor": 0, "owed_minor": 0,
}  # fmt: skip


def client_of(artisan: Artisan) -> Client:
    client = Client()
    client.force_login(artisan.owner)
    return client


def read(client: Client, path: str) -> Any:
    answer = client.get(API + path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_sale_and_its_refund_are_told_in_exact_figures(stripe: Wire) -> None:
    artisan, other = new_artisan(shipping=(500, 100)), new_artisan()
    order = paid(stripe, [(new_product(artisan, price=2000, title="Salad bowl"), 2), (new_product(other), 1)])
    part = SellerOrder.objects.get(order=order, artisan=artisan)
    line = next(line for line in lines_of(order) if line.seller_order_id == part.pk)
    ask(order, Items(lines=[LineWish(line.pk, quantity=1)]))
    client = client_of(artisan)
    assert read(client, "money") == {
        "artisan": artisan.public_id, "name": artisan.name, "currency": "EUR",
        "balances": [{"currency": "EUR", "pending_minor": 2400, "available_minor": 0, **NOTHING}],
    }  # fmt: skip
    [sale] = read(client, "sales")["sales"]
    assert (sale["id"], sale["url"], sale["titles"]) == (
        part.public_id,
        f"/selling/orders/{part.public_id}/",
        ["Salad bowl"],
    )
    amounts = ("goods", "commission", "shipping", "share", "taken")
    assert [sale[f"{name}_minor"] for name in amounts] == [4000, 400, 600, 4200, 1800]
    assert (sale["status"], sale["payout"]) == ("held", None)
    today = clock_now().date()
    days = read(client, f"money/days?first={today - dt.timedelta(days=2)}&last={today}")
    assert [(point["pending_minor"], point["sold_minor"]) for point in days["points"]] == [(0, 0), (0, 0), (2400, 4200)]
    assert read(client, "money/days?currency=USD")["points"][-1]["pending_minor"] == 0


def test_a_new_artisan_sees_empty_lists_and_no_error(db: None) -> None:
    client = client_of(new_artisan(currency="JPY"))
    assert read(client, "money")["balances"] == [
        {"currency": "JPY", "pending_minor": 0, "available_minor": 0, **NOTHING}
    ]
    assert len(read(client, "money/days")["points"]) == 90
    assert read(client, "sales") == {"count": 0, "page": 1, "pages": 1, "sales": []}
    assert read(client, "payouts") == {"count": 0, "page": 1, "pages": 1, "payouts": []}
    assert read(client, "repayments") == {"count": 0, "page": 1, "pages": 1, "repayments": [], "owed": []}
    assert read(client, "statements") == {"statements": []}
    coming = read(client, "next-payout")
    assert [why["reason"] for why in coming["why_not"]] == ["no_account", "nothing_released"]
    assert (coming["expected"], coming["can_be_asked_for"]) == ([], False)


@pytest.mark.parametrize("path", [*READS, "payouts/pyt_1", "statements/2026-11.pdf"])
def test_who_sells_nothing_gets_no_answer(db: None, path: str) -> None:
    assert Client().get(API + path).status_code == 403
    buyer = Client()
    buyer.force_login(new_user())
    assert buyer.get(API + path).status_code == 403


def test_another_artisan_s_money_is_not_shown(stripe: Wire) -> None:
    artisan = new_artisan()
    paid(stripe, [(new_product(artisan), 1)])
    stranger = client_of(new_artisan())
    assert read(stranger, "sales")["sales"] == []
    assert read(stranger, "money")["balances"][0]["pending_minor"] == 0
    assert read(stranger, "statements") == {"statements": []}
    assert stranger.get(f"{API}statements/{clock_now():%Y-%m}.csv").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("sales?page=0", 400),
        ("sales?page=x", 400),
        ("sales?page=99999999999999", 400),
        ("sales?page=7", 200),
        ("payouts?page=-1", 400),
        ("money/days?first=2026-13-01", 400),
        ("money/days?first=2020-01-01", 400),
        ("money/days?last=2999-01-01", 400),
        ("money/days?first=2026-02-02&last=2026-02-01", 400),
        ("money/days?currency=eur", 400),
        ("money/days?currency=EUR%00", 400),
        ("payouts/pyt_nobody", 404),
        ("payouts/%00", 404),
        ("statements/2026-13.pdf", 404),
        ("statements/2026-11.exe", 404),
        ("statements/1999-01.csv", 404),
        ("statements/2026-11.csv?currency=XX", 400),
    ],
)
def test_what_is_asked_wrongly_is_refused(db: None, path: str, status: int) -> None:
    answer = client_of(new_artisan()).get(API + path)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_artisan_chooses_when_they_are_paid_once_for_a_key(db: None) -> None:
    artisan = new_artisan()
    client = client_of(artisan)
    body = {"schedule": "monthly", "month_day": 31, "minimum_minor": 2500}
    asked: dict[str, Any] = {"data": body, "content_type": "application/json"}
    assert client.post(f"{API}payout-schedule", **asked).status_code == 400, "it needs a key"
    answer = client.post(f"{API}payout-schedule", **asked, headers={"Idempotency-Key": "choose-once-1"})
    assert answer.status_code == 200
    assert answer.json()["schedule"] == {
        "schedule": "monthly", "weekday": 0, "month_day": 31, "minimum_minor": 2500, "currency": "EUR",
        "text": "on the last day of each month",
    }  # fmt: skip
    again = client.post(f"{API}payout-schedule", **asked, headers={"Idempotency-Key": "choose-once-1"})
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (answer.json(), "true")
    assert artisan.payout_policy.minimum_minor == 2500
    for wrong in (
        {"schedule": "hourly"},
        {"schedule": "weekly", "weekday": 7},
        {"schedule": "daily", "minimum_minor": 1.5},
    ):
        refused = client.post(
            f"{API}payout-schedule", wrong, content_type="application/json", headers={"Idempotency-Key": f"w-{wrong}"}
        )
        assert refused.status_code == 400
    assert read(client, "next-payout")["schedule"]["schedule"] == "monthly"


def test_who_is_paid_when_asking_asks_once_and_is_refused_in_words_otherwise(db: None) -> None:
    artisan = connected_artisan()
    client = client_of(artisan)

    def ask_for(key: str) -> Any:
        return client.post(f"{API}payouts", {}, content_type="application/json", headers={"Idempotency-Key": key})

    assert client.post(f"{API}payouts", {}, content_type="application/json").status_code == 400, "it needs a key"
    by_schedule = ask_for("by-schedule")
    assert (by_schedule.status_code, by_schedule.json()["code"]) == (409, "payout_not_possible")
    choose_schedule(
        artisan_id=artisan.pk, schedule=PayoutSchedule.MANUAL, weekday=0, month_day=1, minimum=Money(0, "EUR"),
        now=clock_now(),
    )  # fmt: skip
    nothing = ask_for("nothing-there")
    assert (nothing.status_code, nothing.json()["detail"]) == (
        409, "You can't be paid at this moment: nothing is released yet.",
    )  # fmt: skip
    sell([(artisan, 5000)])
    release()
    coming = read(client, "next-payout")
    assert (coming["can_be_asked_for"], coming["date"]) == (True, None)
    assert [(one["amount_minor"], one["available_minor"]) for one in coming["expected"]] == [(5000, 5000)]
    first, again, other = ask_for("pay-me-now-1"), ask_for("pay-me-now-1"), ask_for("pay-me-now-2")
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert first.json() == again.json() == other.json()
    [run] = PayoutRun.objects.all()
    assert (run.public_id, run.artisan, run.kind) == (first.json()["run"], artisan, "on_demand")
    assert (
        client_of(new_artisan())
        .post(f"{API}payouts", {}, content_type="application/json", headers={"Idempotency-Key": "somebody-else"})
        .status_code
        == 409
    )


def test_the_next_payout_is_what_is_there_what_comes_and_what_is_kept(db: None) -> None:
    artisan = connected_artisan()
    now = clock_now()
    change_policy(
        artisan_id=artisan.pk,
        terms=PolicyTerms(
            hold_days=7, schedule=PayoutSchedule.DAILY, weekday=0, month_day=1, minimum=Money(0, "EUR"),
            reserve_bps=0, reserve_days=0,
        ),
        now=now,
    )  # fmt: skip
    sell([(artisan, 3000)])
    release()
    sell([(artisan, 4205)])
    sell([(artisan, 9999)])
    soon, later = Payable.objects.filter(status="held").order_by("id")
    Payable.objects.filter(pk=soon.pk).update(hold_until=now)
    Payable.objects.filter(pk=later.pk).update(hold_until=now + dt.timedelta(days=9))
    PayoutPolicy.objects.update(reserve_bps=1000, reserve_days=90, next_payout_date=now.date() + dt.timedelta(days=2))
    coming = read(client_of(artisan), "next-payout")
    assert coming["date"] == f"{now.date() + dt.timedelta(days=2)}"
    [expected] = coming["expected"]
    names = ("available", "coming", "reserves_ending", "reserve", "debts", "amount")
    assert [expected[f"{name}_minor"] for name in names] == [3000, 4205, 0, 420, 0, 6785]
    assert [(item["amount_minor"], item["is_available"]) for item in expected["items"]] == [(3000, True), (4205, False)]
