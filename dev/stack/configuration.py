"""The environment in which the parts run: the person's own variables, then `.env`, then what the launcher starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import environ

SANDBOX_SECRET_KEY = "sk_test_sandbox"
SANDBOX_PUBLISHABLE_KEY = "pk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"
SANDBOX_PAYPAL_WEBHOOK_ID = "WH0SANDBOX0000001"


@dataclass(frozen=True)
class Given:
    """What the person has configured; an empty value counts as not given."""

    variables: Mapping[str, str]

    @classmethod
    def read(cls, root: Path, env: Mapping[str, str] = os.environ) -> "Given":
        """The process environment, over the `.env` file beside manage.py that Django's settings read too."""
        return cls({**_read_file(root / ".env"), **env})

    def __getitem__(self, name: str) -> str:
        return self.variables.get(name, "").strip()

    @property
    def needs_postgres(self) -> bool:
        """No DATABASE_URL: the launcher starts a server of its own."""
        return not self["DATABASE_URL"]

    @property
    def needs_valkey(self) -> bool:
        """No REDIS_URL: the launcher starts a server of its own."""
        return not self["REDIS_URL"]

    @property
    def needs_sandbox(self) -> bool:
        """No Stripe keys: the processor sandbox stands in for Stripe."""
        return not self["STRIPE_SECRET_KEY"]


def _read_file(path: Path) -> dict[str, str]:
    """With the same reader as the settings, into a dictionary instead of this process's environment."""

    class Reader(environ.Env):
        ENVIRON: ClassVar[dict[str, str]] = {}  # type: ignore[assignment, misc]

    if path.exists():
        Reader.read_env(path)
    return Reader.ENVIRON


@dataclass(frozen=True)
class Addresses:
    """Where the parts answer; an empty one is not ours to give."""

    site: str
    database: str = ""
    redis: str = ""
    sandbox: str = ""
    smtp_port: int = 0


def environment_of_parts(
    given: Given, addresses: Addresses, *, state: Path, secret_key: str, extra: Mapping[str, str]
) -> dict[str, str]:
    """The full environment of web, worker, beat and manage.py.

    Every variable that the person has set stays as it is; what the launcher made fills the gaps. Each processor's
    variables go together: sandbox addresses are never mixed with somebody's real keys.
    """
    made = {
        "ARTISANS_HUB_ENV": "development",
        "SECRET_KEY": secret_key,
        "SITE_URL": addresses.site,
        "DATABASE_URL": addresses.database,
        "REDIS_URL": addresses.redis,
        "MEDIA_ROOT": str(state / "media"),
        "STATIC_ROOT": str(state / "static"),
        "DEBUG": "false",
    }
    result = {**made, **{name: value for name, value in given.variables.items() if value.strip() or name not in made}}
    if addresses.sandbox:
        result |= {
            "STRIPE_SECRET_KEY": SANDBOX_SECRET_KEY,
            "STRIPE_PUBLISHABLE_KEY": SANDBOX_PUBLISHABLE_KEY,
            "STRIPE_WEBHOOK_SECRETS": SANDBOX_WEBHOOK_SECRET,
            "STRIPE_API_BASE": addresses.sandbox,
            "STRIPE_JS_URL": f"{addresses.sandbox}/js/stripe.js",
        }
        if not given["PAYPAL_CLIENT_ID"]:
            result |= paypal_in_sandbox(addresses.sandbox, sandbox_files(state) / PAYPAL_ROOTS)
        if not given["EMAIL_URL"]:
            result["EMAIL_URL"] = f"smtp://127.0.0.1:{addresses.smtp_port}"
    return {**result, **extra, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "artisans_hub.settings"}


PAYPAL_ROOTS = "paypal-ca.pem"


def sandbox_files(state: Path) -> Path:
    """Where the sandbox of this stack keeps its state, and the root behind its PayPal signatures."""
    return state / "sandbox"


def paypal_in_sandbox(sandbox: str, roots: Path) -> dict[str, str]:
    """PayPal's variables for the sandbox at that address; it writes its root certificate to `roots`."""
    return {
        "PAYPAL_CLIENT_ID": "sandbox-client",
        "PAYPAL_CLIENT_SECRET": "sandbox-secret",
        "PAYPAL_WEBHOOK_ID": SANDBOX_PAYPAL_WEBHOOK_ID,
        "PAYPAL_API_BASE": sandbox,
        "PAYPAL_JS_URL": f"{sandbox}/paypal/sdk.js",
        "PAYPAL_CERTIFICATE_URL": f"{sandbox}/paypal/certs/",
        "PAYPAL_CERTIFICATE_ROOTS": str(roots),
    }
