"""The environment is the only configuration: a bad or missing value stops the start and is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "ARTISANS_HUB_ENV": "test",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STRIPE_SECRET_KEY": "sk_test_settings",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_settings",
    "STRIPE_WEBHOOK_SECRETS": "whsec_settings",
    "STRIPE_API_BASE": "http://127.0.0.1:1",
    "STRIPE_JS_URL": "http://127.0.0.1:1/js/stripe.js",
}
PRODUCTION = {
    **GOOD,
    "ARTISANS_HUB_ENV": "production",
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "STRIPE_SECRET_KEY": "sk_" + "live_settings",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_settings",
    "STRIPE_API_BASE": "",
    "STRIPE_JS_URL": "",
}
_SHOW = (
    "import json, artisans_hub.settings as s; print(json.dumps({n: getattr(s, n) for n in %r.split()}, default=str))"
)


def _start(environment: dict[str, str], show: str = "ENVIRONMENT") -> subprocess.CompletedProcess[str]:
    """Reads the settings as a process of its own would."""
    return subprocess.run(
        [sys.executable, "-c", _SHOW % show],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_good_ones_start() -> None:
    for environment in (GOOD, PRODUCTION):
        assert _start(environment).returncode == 0, _start(environment).stderr


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRETS"]
)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in GOOD.items() if key != name}
    if value is not None:
        environment[name] = value
    _refused(_start(environment), name)


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS"])
def test_what_production_needs_is_named(name: str) -> None:
    _refused(_start({key: text for key, text in PRODUCTION.items() if key != name}), name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARTISANS_HUB_ENV", "staging"),
        ("DATABASE_URL", "mysql://x/y"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("STRIPE_SECRET_KEY", "pk_test_swapped"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_test_swapped"),
        ("STRIPE_WEBHOOK_SECRETS", "secret"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_good,bad"),
        ("STRIPE_API_BASE", "ftp://127.0.0.1"),
        ("SITE_URL", "shop.example"),
        ("ALLOWED_HOSTS", ","),
        ("COMMISSION_BPS", "ten"),
        ("COMMISSION_BPS", "10001"),
        ("COMMISSION_BPS", "-1"),
        ("COMMISSION_BPS", "1.5"),
        ("QUOTE_TTL_MINUTES", "0"),
        ("HOLD_PERIOD_DAYS", "91"),
        ("ASSUMED_DELIVERY_DAYS", "0"),
        ("DEBT_LETTER_DAYS", "0"),
        ("DEFAULT_CURRENCY", "XXX"),
        ("TRUSTED_PROXIES", "many"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    _refused(_start({**GOOD, name: value}), name)


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"])
def test_a_live_key_outside_production_and_a_test_key_in_production_stop_the_start(name: str) -> None:
    for environment in ("development", "test"):
        live = {**GOOD, "ARTISANS_HUB_ENV": environment, name: PRODUCTION[name]}
        done = _start(live)
        _refused(done, name)
        assert "live key" in done.stderr
        assert "live_settings" not in done.stderr, "the key itself must not be printed"
    done = _start({**PRODUCTION, name: GOOD[name]})
    _refused(done, name)
    assert "test key" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "true"), ("SECRET_KEY", "short"), ("SITE_URL", "http://shop.example"), ("STRIPE_API_BASE", "http://x")],
)
def test_production_takes_nothing_that_weakens_it(name: str, value: str) -> None:
    _refused(_start({**PRODUCTION, name: value}), name)


def test_production_is_hardened() -> None:
    import json

    names = (
        "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS"
        " SECURE_HSTS_INCLUDE_SUBDOMAINS DEBUG STRIPE_API_BASE STRIPE_JS_URL"
    )
    shown = json.loads(_start(PRODUCTION, names).stdout)
    assert shown["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert shown["STRIPE_JS_URL"].startswith("https://js.stripe.com/")
    assert (shown["DEBUG"], shown["STRIPE_API_BASE"]) == (False, "")
    assert all(
        shown[name] is True
        for name in names.split()
        if name.startswith(("SESSION", "CSRF", "SECURE_SSL", "SECURE_HSTS_I"))
    )


def _refused(done: subprocess.CompletedProcess[str], name: str) -> None:
    assert done.returncode != 0, "the start went through"
    assert "ImproperlyConfigured" in done.stderr
    assert name in done.stderr.strip().splitlines()[-1]


PAYPAL = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "secret", "PAYPAL_WEBHOOK_ID": "WH1"}
_PAYPAL_PLACES = "PAYPAL_ENABLED PAYPAL_API_BASE PAYPAL_JS_URL PAYPAL_CERTIFICATE_URL PAYPAL_CERTIFICATE_NAME"


def test_paypal_is_live_in_production_and_nowhere_else() -> None:
    live = json.loads(_start({**PRODUCTION, **PAYPAL}, _PAYPAL_PLACES).stdout)
    assert live == {
        "PAYPAL_ENABLED": True,
        "PAYPAL_API_BASE": "https://api-m.paypal.com",
        "PAYPAL_JS_URL": "https://www.paypal.com/sdk/js",
        "PAYPAL_CERTIFICATE_URL": "https://api.paypal.com/v1/notifications/certs/",
        "PAYPAL_CERTIFICATE_NAME": "messageverificationcerts.paypal.com",
    }
    test = json.loads(_start({**GOOD, **PAYPAL}, _PAYPAL_PLACES).stdout)
    assert {name: value for name, value in test.items() if value == live[name]} == {
        "PAYPAL_ENABLED": True,
        "PAYPAL_JS_URL": "https://www.paypal.com/sdk/js",
    }
    assert "sandbox.paypal.com" in test["PAYPAL_API_BASE"]


def test_a_shop_without_paypals_keys_starts_without_it() -> None:
    assert json.loads(_start(GOOD, "PAYPAL_ENABLED").stdout) == {"PAYPAL_ENABLED": False}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"PAYPAL_CLIENT_SECRET": ""}, "PAYPAL_CLIENT_SECRET"),
        ({"PAYPAL_WEBHOOK_ID": " "}, "PAYPAL_WEBHOOK_ID"),
        ({"PAYPAL_API_BASE": "http://127.0.0.1:1"}, "PAYPAL_API_BASE"),
        ({"PAYPAL_API_BASE": "https://api-m.sandbox.paypal.com"}, "PAYPAL_API_BASE"),
        ({"PAYPAL_JS_URL": "http://127.0.0.1:1/sdk.js"}, "PAYPAL_JS_URL"),
        ({"PAYPAL_CERTIFICATE_URL": "https://api.sandbox.paypal.com/certs/"}, "PAYPAL_CERTIFICATE_URL"),
        ({"PAYPAL_CERTIFICATE_ROOTS": "roots.pem"}, "PAYPAL_CERTIFICATE_ROOTS"),
        ({"PAYPAL_WEBHOOK_VERIFICATION": "never"}, "PAYPAL_WEBHOOK_VERIFICATION"),
        ({"PAYPAL_WEBHOOK_TOLERANCE_SECONDS": "999999"}, "PAYPAL_WEBHOOK_TOLERANCE_SECONDS"),
    ],
)  # fmt: skip
def test_a_wrong_paypal_setting_stops_the_start_in_production(changed: dict[str, str], named: str) -> None:
    answer = _start({**PRODUCTION, **PAYPAL, **changed})
    assert answer.returncode != 0
    assert named in answer.stderr


def _policy(environment: dict[str, str]) -> dict[str, list[str]]:
    """The content security policy that these settings make, with the nonce of a page that asks for one."""
    shown = json.loads(_start(environment, "CONTENT_SECURITY_POLICY").stdout)
    directives: dict[str, list[str]] = shown["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    return directives


def _hosts(directives: dict[str, list[str]], name: str) -> set[str]:
    return {source for source in directives[name] if "paypal" in source}


def test_paypals_hosts_are_in_the_policy_where_its_buttons_need_them_and_nowhere_else() -> None:
    with_paypal, without = _policy({**PRODUCTION, **PAYPAL}), _policy(PRODUCTION)
    for name in ("script-src", "frame-src", "connect-src"):
        assert _hosts(with_paypal, name) == {"https://www.paypal.com"}, name
    assert _hosts(with_paypal, "img-src") == {"https://*.paypal.com", "https://www.paypalobjects.com"}
    changed = {name for name, sources in with_paypal.items() if sources != without[name]}
    assert changed == {"script-src", "frame-src", "connect-src", "img-src", "style-src"}
    assert with_paypal["style-src"] == ["'self'", "csp.constants.NONCE"]
    assert with_paypal["form-action"] == ["'self'"]
    assert not any(_hosts(without, name) for name in without)
    # Test keys open PayPal's test pages, which live ones never do.
    assert _hosts(_policy({**GOOD, **PAYPAL}), "frame-src") == {
        "https://www.paypal.com",
        "https://www.sandbox.paypal.com",
    }


def test_another_script_of_paypals_gets_its_own_origin_and_no_nonce() -> None:
    policy = _policy({**GOOD, **PAYPAL, "PAYPAL_JS_URL": "http://127.0.0.1:2/paypal/sdk.js"})
    assert policy["script-src"] == ["'self'", "http://127.0.0.1:1", "http://127.0.0.1:2"]
    assert policy["style-src"] == ["'self'"]
