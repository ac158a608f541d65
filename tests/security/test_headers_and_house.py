"""Headers of every page, flags of every cookie, and the order of the house."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from tests.orders.shop import new_artisan, new_product, new_user

ROOT = Path(__file__).resolve().parent.parent.parent
LAYERS: list[list[str]] = [
    [app.strip() for app in layer.split("|")]
    for layer in next(
        contract
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        if contract["name"] == "apps are layered"
    )["layers"]
]
OURS = [app for layer in LAYERS for app in layer]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/cart/", "/checkout/", "/orders/", "/accounts/login/", "/admin/login/", "/api/v1/cart", "/nothing-here"],
)
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = Client().get(path).headers
    policy = headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    for name in ("script-src", "style-src", "default-src", "connect-src", "frame-src"):
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:"} & set(directives[name]), name
    assert directives["frame-ancestors"] == directives["object-src"] == directives["base-uri"] == ["'none'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    # with "same-origin" alone PayPal's window could not tell the checkout what the buyer did
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["X-Request-ID"]


@pytest.mark.django_db
def test_card_fields_come_from_the_processor_s_origin_only() -> None:
    policy = Client().get("/checkout/").headers["Content-Security-Policy"]
    frames = next(part for part in policy.split(";") if part.strip().startswith("frame-src")).split()[1:]
    assert frames == [settings.STRIPE_JS_URL.rsplit("/js/", 1)[0]]


@pytest.mark.django_db
def test_cookies_are_for_the_server_and_this_site_only() -> None:
    client = Client()
    body = {"product_id": new_product(new_artisan()).public_id, "quantity": 1}
    client.post("/api/v1/cart/items", body, content_type="application/json")
    client.get("/checkout/")
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"] is True
    assert session["samesite"] == token["samesite"] == "Lax"


@pytest.mark.django_db
def test_what_belongs_to_a_buyer_is_never_kept_by_a_cache() -> None:
    client = Client()
    client.force_login(new_user())
    for path in ("/checkout/", "/orders/", "/account/"):
        assert "no-store" in client.get(path).headers.get("Cache-Control", ""), path


def test_foreign_keys_point_down_the_house() -> None:
    height = {app: len(LAYERS) - number for number, layer in enumerate(LAYERS) for app in layer}
    upward = []
    for model in apps.get_models():
        app = model._meta.app_label
        for field in model._meta.get_fields():
            other = getattr(field, "remote_field", None) and field.related_model
            if app in height and other and field.concrete and not isinstance(other, str):
                target = other._meta.app_label
                if target in height and target != app and height[target] >= height[app]:
                    upward.append(f"{model.__name__}.{field.name} -> {other.__name__}")
    assert upward == []


def test_the_ledger_is_bound_to_nobody() -> None:
    for model in apps.get_app_config("ledger").get_models():
        foreign = [f for f in model._meta.get_fields() if f.is_relation and f.related_model and f.concrete]
        assert {field.related_model._meta.label.split(".")[0] for field in foreign if field.related_model} <= {"ledger"}


def test_installed_apps_are_the_layers_from_top_to_bottom() -> None:
    """All of them but the sandbox, which is a process of its own."""
    installed = [app for app in settings.INSTALLED_APPS if app in OURS]
    assert installed == [app for app in OURS if app != "sandbox"]
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"artisans_hub", "sandbox"}
    assert folders == set(OURS)


def test_every_money_column_is_whole_minor_units() -> None:
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        for field in model._meta.concrete_fields:
            kind = field.get_internal_type()
            assert kind not in ("FloatField", "DecimalField"), f"{model.__name__}.{field.name}"
            if field.name.endswith("_minor"):
                assert kind == "BigIntegerField", f"{model.__name__}.{field.name}"
