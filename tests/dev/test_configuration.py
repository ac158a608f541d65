"""What the person has set always wins, and what is set is not started."""

from pathlib import Path

import pytest

from dev.stack.configuration import Addresses, Given, environment_of_parts

ADDRESSES = Addresses(
    site="http://127.0.0.1:8000",
    database="postgres://ours",
    redis="redis://ours",
    sandbox="http://127.0.0.1:9",
    smtp_port=25,
)


def parts(given: Given, addresses: Addresses = ADDRESSES) -> dict[str, str]:
    return environment_of_parts(given, addresses, state=Path("/state"), secret_key="generated", extra={})


def test_nothing_set_means_everything_is_ours() -> None:
    given = Given({})
    assert (given.needs_postgres, given.needs_valkey, given.needs_sandbox) == (True, True, True)
    env = parts(given)
    assert env["DATABASE_URL"] == "postgres://ours"
    assert env["REDIS_URL"] == "redis://ours"
    assert env["STRIPE_API_BASE"] == "http://127.0.0.1:9"
    assert env["STRIPE_JS_URL"] == "http://127.0.0.1:9/js/stripe.js"
    assert env["STRIPE_SECRET_KEY"] == "sk_test_sandbox"
    assert env["EMAIL_URL"] == "smtp://127.0.0.1:25"
    assert env["SECRET_KEY"] == "generated"


@pytest.mark.parametrize(
    ("variable", "need"),
    [("DATABASE_URL", "needs_postgres"), ("REDIS_URL", "needs_valkey"), ("STRIPE_SECRET_KEY", "needs_sandbox")],
)
def test_a_part_that_is_configured_is_not_started(variable: str, need: str) -> None:
    assert getattr(Given({variable: "theirs"}), need) is False
    assert getattr(Given({variable: "  "}), need) is True


def test_their_values_win() -> None:
    theirs = {
        "DATABASE_URL": "postgres://theirs",
        "SITE_URL": "https://theirs",
        "SECRET_KEY": "theirs",
        "EMAIL_URL": "x",
    }
    env = parts(Given(theirs))
    assert {name: env[name] for name in theirs} == theirs
    assert env["REDIS_URL"] == "redis://ours"


def test_an_empty_value_counts_as_not_set() -> None:
    assert parts(Given({"DATABASE_URL": "", "SECRET_KEY": " "}))["DATABASE_URL"] == "postgres://ours"


def test_real_keys_are_never_mixed_with_sandbox_addresses() -> None:
    given = Given({"STRIPE_SECRET_KEY": "sk_test_real", "STRIPE_PUBLISHABLE_KEY": "pk_test_real"})
    env = parts(given, Addresses(site="http://127.0.0.1:8000", database="postgres://ours", redis="redis://ours"))
    assert env["STRIPE_SECRET_KEY"] == "sk_test_real"
    assert not {"STRIPE_API_BASE", "STRIPE_JS_URL", "STRIPE_WEBHOOK_SECRETS", "EMAIL_URL"}.intersection(env)


def test_the_process_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://file\nREDIS_URL='redis://file'\n# SECRET_KEY=comment\n")
    given = Given.read(tmp_path, env={"DATABASE_URL": "postgres://environment"})
    assert given["DATABASE_URL"] == "postgres://environment"
    assert given["REDIS_URL"] == "redis://file"
    assert given["SECRET_KEY"] == ""


def test_two_env_files_do_not_mix(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / ".env").write_text("REDIS_URL=redis://first\n")
    (second / ".env").write_text("DATABASE_URL=postgres://second\n")
    assert Given.read(first, env={})["REDIS_URL"] == "redis://first"
    assert Given.read(second, env={})["REDIS_URL"] == ""


def test_paypal_is_the_sandboxes_too_unless_somebody_has_keys() -> None:
    env = parts(Given({}))
    assert env["PAYPAL_API_BASE"] == "http://127.0.0.1:9"
    assert env["PAYPAL_JS_URL"] == "http://127.0.0.1:9/paypal/sdk.js"
    assert env["PAYPAL_CERTIFICATE_URL"] == "http://127.0.0.1:9/paypal/certs/"
    assert env["PAYPAL_CERTIFICATE_ROOTS"] == "/state/sandbox/paypal-ca.pem"
    assert env["PAYPAL_CLIENT_ID"].startswith("sandbox")
    theirs = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "s", "PAYPAL_WEBHOOK_ID": "WH1"}
    env = parts(Given(theirs))
    assert {name: env[name] for name in theirs} == theirs
    assert not any(name.startswith("PAYPAL_") for name in env if name not in theirs)


def test_without_the_sandbox_nobody_is_given_its_paypal() -> None:
    env = parts(Given({"STRIPE_SECRET_KEY": "sk_test_theirs"}), Addresses(site="http://127.0.0.1:8000"))
    assert not any(name.startswith("PAYPAL_") for name in env)
