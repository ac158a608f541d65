"""PayPal's keys and addresses. The environment decides the mode: live addresses in production only, and there alone."""

import datetime as dt
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from artisans_hub.settings.env import IS_PRODUCTION, address, env, whole_number, words

PAYPAL_CLIENT_ID = str(env.str("PAYPAL_CLIENT_ID", default="")).strip()
PAYPAL_CLIENT_SECRET = str(env.str("PAYPAL_CLIENT_SECRET", default="")).strip()
# The webhook's id in PayPal's dashboard: it is part of what is signed.
PAYPAL_WEBHOOK_ID = str(env.str("PAYPAL_WEBHOOK_ID", default="")).strip()
_given = {
    "PAYPAL_CLIENT_ID": PAYPAL_CLIENT_ID,
    "PAYPAL_CLIENT_SECRET": PAYPAL_CLIENT_SECRET,
    "PAYPAL_WEBHOOK_ID": PAYPAL_WEBHOOK_ID,
}
_missing = [name for name, value in _given.items() if not value]
if 0 < len(_missing) < len(_given):
    raise ImproperlyConfigured(f"PayPal's three variables go together; {' and '.join(_missing)} is not set.")
# Without keys the shop takes cards only.
PAYPAL_ENABLED = not _missing

_API = ("https://api-m.paypal.com", "https://api-m.sandbox.paypal.com")
_CERTIFICATES = (
    "https://api.paypal.com/v1/notifications/certs/",
    "https://api.sandbox.paypal.com/v1/notifications/certs/",
)
_SCRIPT = "https://www.paypal.com/sdk/js"
_SIGNER = ("messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com")


def _own(pair: tuple[str, str]) -> str:
    return pair[0] if IS_PRODUCTION else pair[1]


_WEB = ("http", "https")
PAYPAL_API_BASE = address("PAYPAL_API_BASE", default=_own(_API), schemes=_WEB, why="PayPal's API answers there")
# Where the script of the buttons comes from; the client id tells it which mode it is in.
PAYPAL_JS_URL = address("PAYPAL_JS_URL", default=_SCRIPT, schemes=_WEB, why="PayPal's buttons come from there")
# Only what begins with this is ever fetched as the certificate of a webhook's signature.
PAYPAL_CERTIFICATE_URL = address(
    "PAYPAL_CERTIFICATE_URL", default=_own(_CERTIFICATES), schemes=_WEB, why="webhook certificates come from there"
)
for _name, _value, _paypals in (
    ("PAYPAL_API_BASE", PAYPAL_API_BASE, _own(_API)),
    ("PAYPAL_JS_URL", PAYPAL_JS_URL, _SCRIPT),
    ("PAYPAL_CERTIFICATE_URL", PAYPAL_CERTIFICATE_URL, _own(_CERTIFICATES)),
):
    if IS_PRODUCTION and _value != _paypals:
        raise ImproperlyConfigured(f"{_name} must be empty in production: live keys go to PayPal alone.")
if not PAYPAL_CERTIFICATE_URL.endswith("/"):
    raise ImproperlyConfigured("PAYPAL_CERTIFICATE_URL must end with a slash.")
PAYPAL_CERTIFICATE_NAME = _own(_SIGNER)
# PEM file of the roots that may stand behind that certificate; empty: those that browsers trust.
PAYPAL_CERTIFICATE_ROOTS = str(env.str("PAYPAL_CERTIFICATE_ROOTS", default="")).strip()
if PAYPAL_CERTIFICATE_ROOTS and not Path(PAYPAL_CERTIFICATE_ROOTS).is_absolute():
    raise ImproperlyConfigured("PAYPAL_CERTIFICATE_ROOTS must be a full path.")
PAYPAL_WEBHOOK_VERIFICATION = (words("PAYPAL_WEBHOOK_VERIFICATION") or ["offline"])[0]
if PAYPAL_WEBHOOK_VERIFICATION not in ("offline", "postback"):
    raise ImproperlyConfigured("PAYPAL_WEBHOOK_VERIFICATION must be offline or postback.")
PAYPAL_WEBHOOK_TOLERANCE = dt.timedelta(
    seconds=whole_number("PAYPAL_WEBHOOK_TOLERANCE_SECONDS", default=300, least=60, most=4 * 24 * 3600)
)
PAYPAL_TIMEOUT_SECONDS = 20
