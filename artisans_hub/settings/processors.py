"""Stripe's keys and addresses. Keys decide the mode: a live key starts only in production, a test key never does."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from artisans_hub.settings.env import IS_PRODUCTION, address, env, required, words

STRIPE_SECRET_KEY = required("STRIPE_SECRET_KEY", why="it is the key for Stripe's API (sk_test_... or rk_test_...)")
STRIPE_PUBLISHABLE_KEY = required("STRIPE_PUBLISHABLE_KEY", why="the checkout page needs it (pk_test_...)")
STRIPE_WEBHOOK_SECRETS = words("STRIPE_WEBHOOK_SECRETS")
# Empty means Stripe's own hosts; the local sandbox is the same code at another address.
STRIPE_API_BASE = str(env.str("STRIPE_API_BASE", default=""))
STRIPE_JS_URL = str(env.str("STRIPE_JS_URL", default="")) or "https://js.stripe.com/endive/stripe.js"
STRIPE_TIMEOUT_SECONDS = 20
# Where artisans tell Stripe about themselves; the button that leads there is a form of ours.
STRIPE_CONNECT_ORIGIN = "https://connect.stripe.com"
if STRIPE_API_BASE:
    STRIPE_CONNECT_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(STRIPE_API_BASE))

if not STRIPE_WEBHOOK_SECRETS or not all(secret.startswith("whsec_") for secret in STRIPE_WEBHOOK_SECRETS):
    raise ImproperlyConfigured(
        "STRIPE_WEBHOOK_SECRETS must hold one or more signing secrets (whsec_...), newest first."
    )
for _name, _key, _prefixes in (
    ("STRIPE_SECRET_KEY", STRIPE_SECRET_KEY, ("sk_", "rk_")),
    ("STRIPE_PUBLISHABLE_KEY", STRIPE_PUBLISHABLE_KEY, ("pk_",)),
):
    if not any(_key.startswith((prefix + "test_", prefix + "live_")) for prefix in _prefixes):
        raise ImproperlyConfigured(f"{_name} must start with {' or '.join(p + 'test_' for p in _prefixes)} (or live_).")
    if ("_live_" in _key[:8]) != IS_PRODUCTION:
        raise ImproperlyConfigured(
            f"{_name} is a {'test' if IS_PRODUCTION else 'live'} key, but ARTISANS_HUB_ENV is "
            f"{'production' if IS_PRODUCTION else 'not production'}. Refusing to start."
        )
if STRIPE_API_BASE:
    address("STRIPE_API_BASE", default="", schemes=("http", "https"), why="it is where Stripe's API answers")
    if IS_PRODUCTION:
        raise ImproperlyConfigured("STRIPE_API_BASE must be empty in production: live keys go to Stripe alone.")
