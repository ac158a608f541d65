"""Rows from before payout runs, when holds were counted from the sale, come along when a shop is brought up to date."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps.registry import Apps
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.plugin import DjangoDbBlocker

from dev.bench.databases import scratch_database
from reconciliation.selectors.payouts import RULES

BEFORE = [
    ("payouts", "0005_onboarding"),
    ("payments", "0007_setups_looked_after"),
    ("orders", "0008_recalls"),
]
KEEP = [
    "a share has an end of its hold where its goods were sent, and only there",
    "a payout is its items and its transfer",
    "every item's payable is as the payout is",
    "nothing is in two living payouts",
    "a run's counters are its payouts",
    "what came back of a payout is what came back of its items",
]
SOLD = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
HOLD_OF_OLD = SOLD + dt.timedelta(days=7)
LATER = SOLD + dt.timedelta(days=8)
LOOKED_UP = SOLD + dt.timedelta(days=9)


@pytest.mark.slow
def test_shares_and_transfers_of_old_are_what_they_would_be_today(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), _empty_database():
        ids = _old_rows(_create(BEFORE))
        apps = _migrate_to_the_newest()
        _assert_holds(apps)
        _assert_payouts(apps, ids)
        assert {name: _found(RULES[name]) for name in KEEP} == {name: [] for name in KEEP}


@contextmanager
def _empty_database() -> Iterator[None]:
    """Within it this thread's ORM works on a database of its own; the test run's stays as it is."""
    own = connections["default"]
    access = own.settings_dict
    server = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/postgres".format(**access)
    # Named as the run's own databases are: what a killed run left of it is dropped by the next (dev/stack/shared.py).
    with scratch_database(server, "old_rows_hub") as url:
        scratch = connections.create_connection("default")
        scratch.settings_dict = {**access, "NAME": urlsplit(url).path.removeprefix("/")}
        connections["default"] = scratch
        try:
            yield
        finally:
            scratch.close()
            connections["default"] = own


def _create(targets: list[tuple[str, str]]) -> Apps:
    """Tables, constraints and triggers of all models as they were there; gives the models.

    Made in one step: to walk there through forty migrations takes three times as long and ends at the same.
    """
    loader = MigrationExecutor(connection).loader
    state = loader.project_state(targets)
    with connection.schema_editor() as editor:
        editor.execute("CREATE EXTENSION pg_trgm")
        for model in state.apps.get_models():
            editor.create_model(model)
    with connection.schema_editor() as editor:
        for model_state in state.models.values():
            for trigger in model_state.options.get("triggers", ()):
                editor.execute(trigger.install_sql, params=None)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    for node in {node for target in targets for node in loader.graph.forwards_plan(target)}:
        recorder.record_applied(*node)
    apps: Apps = state.apps
    return apps


def _migrate_to_the_newest() -> Apps:
    executor = MigrationExecutor(connection)
    newest = [node for app, _ in BEFORE for node in executor.loader.graph.leaf_nodes(app)]
    executor.migrate(newest)
    apps: Apps = executor.loader.project_state(newest).apps
    return apps


def _made(apps: Apps, model: str, **values: Any) -> Any:
    return apps.get_model(model)._default_manager.create(**values)


def _found(rule: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(rule)
        found: list[Any] = cursor.fetchall()
    return found


# ---- before


def _old_rows(apps: Apps) -> dict[str, int]:
    """An order of two parts, one of them sent, and three parts that were released a week after their sale, sent or not.

    Gives the ids of the payables and of the artisan by name.
    """
    anna, ben = _artisan(apps, "anna"), _artisan(apps, "ben")
    shared = _order(apps, "shared", 4500)
    unsent = _share(apps, "unsent", 2500, _part(apps, shared, ben, "unsent", 2500, "to_ship"), status="held")
    sent = _share(apps, "sent", 2000, _part(apps, shared, anna, "sent", 2000, "shipped"), status="held")
    ids = {"anna": anna.pk, "unsent": unsent.pk, "sent": sent.pk}
    for name, amount, part_status, transfer_status in (
        ("done", 3100, "to_ship", "succeeded"),
        ("refused", 3200, "delivered", "failed"),
        ("asked", 3300, "to_ship", "requested"),
    ):
        part = _part(apps, _order(apps, name, amount), anna, name, amount, part_status)
        ids[name] = _transferred(apps, name, amount, part, transfer_status).pk
    _request(apps, "refund", "ref_asked", finished=False, tries=0)
    return ids


def _artisan(apps: Apps, name: str) -> Any:
    owner = _made(apps, "identity.User", email=f"{name}@example.com")
    return _made(
        apps, "catalog.Artisan", public_id=f"art_{name}", slug=name, name=name, currency="EUR", owner=owner,
        shipping_first_item_minor=0, shipping_additional_item_minor=0, dispatch_days=2, created_at=SOLD,
    )  # fmt: skip


def _order(apps: Apps, name: str, total: int) -> Any:
    return _made(
        apps, "orders.Order", public_id=f"ord_{name}", email="buyer@example.com", status="paid", currency="EUR",
        goods_minor=total, shipping_minor=0, total_minor=total, cart_reference=f"crt_{name}", quote={},
        shipping_address={}, payment_reference=f"pay_{name}", expires_at=SOLD, paid_at=SOLD, created_at=SOLD,
        updated_at=SOLD,
    )  # fmt: skip


def _part(apps: Apps, order: Any, artisan: Any, name: str, amount: int, status: str) -> Any:
    part = _made(
        apps, "orders.SellerOrder", public_id=f"sor_{name}", order=order, artisan=artisan, currency="EUR",
        goods_minor=amount, shipping_minor=0, commission_minor=0, share_minor=amount,
    )  # fmt: skip
    _made(apps, "orders.Fulfilment", seller_order=part, status=status, created_at=SOLD, updated_at=SOLD)
    return part


def _share(apps: Apps, name: str, amount: int, part: Any, **values: Any) -> Any:
    """Held until a week after the sale, whatever becomes of the goods."""
    return _made(
        apps, "payouts.Payable", public_id=f"pbl_{name}", order_reference=part.order.public_id,
        seller_order_reference=part.public_id, artisan_id=part.artisan_id, amount_minor=amount, currency="EUR",
        processor="stripe", source_charge_id=f"ch_{name}", hold_until=HOLD_OF_OLD, created_at=SOLD, updated_at=SOLD,
        **values,
    )  # fmt: skip


def _transferred(apps: Apps, name: str, amount: int, part: Any, status: str) -> Any:
    """A payable with its own transfer, and the request for it: with an outcome, or written down and not sent yet."""
    values: dict[str, dict[str, Any]] = {
        "succeeded": {"status": "transferred", "transferred_at": LATER},
        "failed": {"status": "released", "next_transfer_at": LOOKED_UP, "failure_code": "account_closed"},
        "requested": {"status": "transferring"},
    }
    payable = _share(apps, name, amount, part, released_at=HOLD_OF_OLD, **values[status])
    done = status == "succeeded"
    _made(
        apps, "payouts.Transfer", public_id=f"trf_{name}", payable=payable, processor="stripe",
        destination_account_id="acct_anna", amount_minor=amount, currency="EUR", status=status,
        processor_transfer_id="tr_1" if done else None, failure_code=payable.failure_code,
        reversed_minor=600 if done else 0, created_at=LATER, updated_at=LOOKED_UP,
    )  # fmt: skip
    finished = status != "requested"
    _request(apps, "transfer", f"trf_{name}", finished=finished, tries=2 if finished else 0)
    return payable


def _request(apps: Apps, kind: str, subject: str, *, finished: bool, tries: int) -> None:
    _made(
        apps, "payments.ProcessorRequest", idempotency_key=f"key-{subject}", kind=kind, processor="stripe",
        subject=subject, body={}, body_hash="0", tries=tries, state="succeeded" if finished else "prepared",
        next_try_at=None if finished else LATER, created_at=LATER, finished_at=LATER if finished else None,
    )  # fmt: skip


# ---- after


def _assert_holds(apps: Apps) -> None:
    shares = apps.get_model("payouts.Payable")._default_manager.values_list("public_id", "hold_until")
    assert dict(shares) == {
        "pbl_unsent": None,
        "pbl_sent": HOLD_OF_OLD,
        # released already, when nobody asked whether it was sent
        "pbl_done": HOLD_OF_OLD,
        "pbl_refused": HOLD_OF_OLD,
        "pbl_asked": HOLD_OF_OLD,
    }


def _assert_payouts(apps: Apps, ids: dict[str, int]) -> None:
    """Each transfer is the payout of one item now, in a run of its own that is over."""
    runs = apps.get_model("payouts.PayoutRun")._default_manager
    run = {
        "kind": "on_demand", "for_date": LATER.date(), "artisan_id": ids["anna"], "status": "done", "stopped_for": "",
        "composed_up_to": ids["anna"], "payout_count": 1, "item_count": 1, "started_by": "system",
        "note": "before payout runs", "created_at": LATER, "updated_at": LOOKED_UP, "finished_at": LOOKED_UP,
    }  # fmt: skip
    assert list(runs.order_by("id").values("public_id", *run)) == [
        {"public_id": f"run_{name}", **run} for name in ("done", "refused", "asked")
    ]

    payouts = apps.get_model("payouts.Payout")._default_manager.order_by("id")
    common = {
        "artisan_id": ids["anna"], "currency": "EUR", "processor": "stripe", "destination_account_id": "acct_anna",
        "created_at": LATER, "updated_at": LOOKED_UP,
    }  # fmt: skip
    outcome = ("status", "failure_code", "transferred_at", "paid_at")
    assert list(payouts.values_list("public_id", "run__public_id", "amount_minor", *outcome)) == [
        ("pyt_done", "run_done", 3100, "paid", "", LATER, LATER),
        ("pyt_refused", "run_refused", 3200, "refused", "account_closed", None, None),
        ("pyt_asked", "run_asked", 3300, "requested", "", None, None),
    ]
    assert list(payouts.values(*common)) == [common] * 3

    items = apps.get_model("payouts.PayoutItem")._default_manager.order_by("id")
    assert list(items.values_list("payout__public_id", "payable_id", "amount_minor", "brought_back_minor")) == [
        ("pyt_done", ids["done"], 3100, 600),
        ("pyt_refused", ids["refused"], 3200, 0),
        ("pyt_asked", ids["asked"], 3300, 0),
    ]
    transfers = apps.get_model("payouts.Transfer")._default_manager.order_by("id")
    assert list(transfers.values_list("public_id", "payout__public_id", "status")) == [
        ("trf_done", "pyt_done", "succeeded"),
        ("trf_refused", "pyt_refused", "failed"),
        ("trf_asked", "pyt_asked", "requested"),
    ]
    # What was written down without an outcome may have been sent; other requests are as they were.
    requests = apps.get_model("payments.ProcessorRequest")._default_manager.values_list("subject", "tries")
    assert dict(requests) == {"trf_done": 2, "trf_refused": 2, "trf_asked": 1, "ref_asked": 0}
