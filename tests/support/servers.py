"""The configuration of a test run: nothing of the person's own is left in it."""

import os
import tempfile
from pathlib import Path

from dev.stack import configuration, ports
from dev.stack.shared import SharedServers

# The sandbox's port is fixed before Django reads its settings; the process itself starts when a test asks for it.
SANDBOX_PORT = ports.any_free()
SANDBOX_URL = f"http://{ports.HOST}:{SANDBOX_PORT}"
# The sandbox writes the root behind its PayPal signatures there when it starts.
PAYPAL_ROOTS = Path(tempfile.gettempdir()) / f"paypal-ca-{SANDBOX_PORT}.pem"
CONFIGURATION = {
    "SECRET_KEY": "the-tests-sign-nothing-of-worth-with-this-key-of-sixty-characters",
    "DEBUG": "false",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "CSRF_TRUSTED_ORIGINS": "http://testserver",
    "STRIPE_SECRET_KEY": configuration.SANDBOX_SECRET_KEY,
    "STRIPE_PUBLISHABLE_KEY": configuration.SANDBOX_PUBLISHABLE_KEY,
    "STRIPE_WEBHOOK_SECRETS": configuration.SANDBOX_WEBHOOK_SECRET,
    "STRIPE_API_BASE": SANDBOX_URL,
    "STRIPE_JS_URL": f"{SANDBOX_URL}/js/stripe.js",
    **configuration.paypal_in_sandbox(SANDBOX_URL, PAYPAL_ROOTS),
    "PAYPAL_WEBHOOK_VERIFICATION": "offline",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "WARNING",
    "COMMISSION_BPS": "1000",
    "QUOTE_TTL_MINUTES": "30",
    "HOLD_PERIOD_DAYS": "7",
    "CURRENCIES": "EUR,USD,GBP,JPY,KWD",
    "DEFAULT_CURRENCY": "EUR",
    "CHECKOUT_RATE": "10000/min",
}


def configure_django(servers: SharedServers) -> None:
    """Puts this run's addresses where the settings read them."""
    os.environ.update({**servers.environment(), **CONFIGURATION})
