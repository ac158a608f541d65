"""Settings, assembled from one module per concern. Every value that differs between machines is read in these files."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured

from artisans_hub.settings.auth import *  # noqa: F403
from artisans_hub.settings.env import (
    BASE_DIR,
    ENVIRONMENT,
    IS_PRODUCTION,
    address,
    amounts,
    env,
    required_in_production,
    whole_number,
    words,
)
from artisans_hub.settings.logs import LOGGING as LOGGING
from artisans_hub.settings.paypal import *  # noqa: F403
from artisans_hub.settings.paypal import PAYPAL_ENABLED, PAYPAL_JS_URL
from artisans_hub.settings.processors import *  # noqa: F403
from artisans_hub.settings.processors import STRIPE_API_BASE, STRIPE_JS_URL
from artisans_hub.settings.retention import *  # noqa: F403
from artisans_hub.settings.tasks import *  # noqa: F403
from artisans_hub.settings.tasks import REDIS_URL

DEBUG: bool = env.bool("DEBUG", default=False)
if DEBUG and IS_PRODUCTION:
    raise ImproperlyConfigured("DEBUG must not be on in production.")
SECRET_KEY = required_in_production(
    "SECRET_KEY", default="development-only-key-that-signs-nothing-of-worth", why="it signs sessions and links"
)
if IS_PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters in production.")
SITE_URL = address(
    "SITE_URL",
    default="" if IS_PRODUCTION else "http://127.0.0.1:8000",
    schemes=("https",) if IS_PRODUCTION else ("http", "https"),
    why="links in e-mails and return addresses are made from it",
).rstrip("/")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", default="" if IS_PRODUCTION else "127.0.0.1,localhost,testserver")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that the shop answers for.")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", default=SITE_URL)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "pgtrigger",
    "django_structlog",
    "django_vite",
    "csp",
    # ours, top to bottom as the layers in pyproject.toml
    "artisans_hub",
    "webhooks",
    "reconciliation",
    "orders",
    "payouts",
    "payments",
    "catalog",
    "ledger",
    "identity",
    "common",
]

MIDDLEWARE = [
    # Deliveries of the processors go straight to the inbox; see docs/decisions/0007-webhook-intake.md.
    "webhooks.middleware.DirectIntake",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.RequestTrace",
    "common.middleware.CardDataGuard",
    "common.middleware.NamesNothing",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.middleware.ActorTrace",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "artisans_hub.urls"
WSGI_APPLICATION = "artisans_hub.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "artisans_hub" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orders.context_processors.cart_summary",
            ]
        },
    }
]

_database: dict[str, Any] = env.db_url_config(
    address("DATABASE_URL", default="", schemes=("postgres", "postgresql"), why="all data is in PostgreSQL")
)
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        # Parameters are bound by the server and statements prepared after the third use: 0.60 instead of 0.39 of
        # the server's limit for a ledger entry. Not with a pooler in transaction mode.
        "OPTIONS": {**_database.get("OPTIONS", {}), "server_side_binding": True, "prepare_threshold": 3},
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "common.sessions"
SESSION_COOKIE_AGE = int(dt.timedelta(days=60).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static"))
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
WHITENOISE_MANIFEST_STRICT = False
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / ".local" / "media"))
DJANGO_VITE = {"default": {"manifest_path": str(FRONTEND_DIST / ".vite" / "manifest.json"), "dev_mode": False}}

EMAIL_CONFIG: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Artisan's Hub <hello@artisans-hub.example>")
EMAIL_TIMEOUT = 10

# Errors of ours are RFC 9457 problem documents; see artisans_hub/problems.py
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["common.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "artisans_hub.problems.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "checkout": env.str("CHECKOUT_RATE", default="60/min"),
        "cart": "240/min",
        "saved_methods": "60/min",
        "seller": "240/min",
        "method_setups": "10/min",
        "onboarding_links": "10/min",
    },
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": whole_number("TRUSTED_PROXIES", default=0, least=0, most=5),
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Artisan's Hub API",
    "DESCRIPTION": "Cart, checkout and orders. Amounts are integers in minor units of the currency beside them.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Fields of one name whose choices differ.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "payments.enums.MethodKind.values",
        "StoryKindEnum": "orders.api.seller_serializers.STORY_KINDS",
    },
}

_stripe_script = urlsplit(STRIPE_JS_URL)
_stripe_origins = {f"{_stripe_script.scheme}://{_stripe_script.netloc}"}
if not STRIPE_API_BASE:
    _stripe_origins |= {"https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"}
# PayPal's own pages need its other hosts too; another script (the sandbox's) speaks to its own origin alone.
_paypal_script = urlsplit(PAYPAL_JS_URL)
_paypal_is_own = _paypal_script.hostname == "www.paypal.com"
_paypal_origins = {f"{_paypal_script.scheme}://{_paypal_script.netloc}"} if PAYPAL_ENABLED else set()
_paypal_is_there = PAYPAL_ENABLED and _paypal_is_own
if _paypal_is_there and not IS_PRODUCTION:
    _paypal_origins |= {"https://www.sandbox.paypal.com"}
_paypal_images = ["https://*.paypal.com", "https://www.paypalobjects.com"] if _paypal_is_there else []
# PayPal's script puts style and script elements into the page; the checkout gives it its nonce (`data-csp-nonce`).
_paypal_elements = [NONCE] if _paypal_is_there else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", *_paypal_elements, *sorted(_stripe_origins | _paypal_origins)],
        "frame-src": sorted(_stripe_origins | _paypal_origins),
        "connect-src": [
            "'self'",
            *sorted(_stripe_origins | _paypal_origins | ({"https://api.stripe.com"} if not STRIPE_API_BASE else set())),
        ],
        "img-src": ["'self'", "data:", *(["https://*.stripe.com"] if not STRIPE_API_BASE else []), *_paypal_images],
        "style-src": ["'self'", *_paypal_elements],
        "font-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# PayPal's window tells the page that opened it what the buyer did; "same-origin" would cut it off.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups" if PAYPAL_ENABLED else "same-origin"
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = int(dt.timedelta(days=365).total_seconds()) if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.int("TRUSTED_PROXIES", default=0) else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# The most that anybody sends: files of a dispute's answer, of together 4.5 MB, and a form around them.
REQUEST_MAX_BYTES = 6_000_000

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = None

# The shop's rules. What an order froze at its sale is never derived from these again.
CURRENCIES = words("CURRENCIES", default="EUR,USD,GBP,JPY,KWD")
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="EUR")
if DEFAULT_CURRENCY not in CURRENCIES:
    raise ImproperlyConfigured("DEFAULT_CURRENCY must be one of CURRENCIES.")
# Whether a refund gives our commission back too; if not, the artisan pays the whole refund.
REFUND_RETURNS_COMMISSION = env.bool("REFUND_RETURNS_COMMISSION", default=True)
COMMISSION_BPS = whole_number("COMMISSION_BPS", default=1000, least=0, most=10_000)
QUOTE_TTL = dt.timedelta(minutes=whole_number("QUOTE_TTL_MINUTES", default=30, least=1, most=24 * 60))
# How long an artisan's share is held after the goods have arrived, for artisans whose policy says nothing else; and
# after how many days goods that were sent are taken to have arrived where nobody says so.
HOLD_PERIOD = dt.timedelta(days=whole_number("HOLD_PERIOD_DAYS", default=7, least=0, most=90))
# From which hour on (UTC) a day of payouts is closed: what was released since its run is paid to whom it is due.
PAYOUT_CLOSING_HOUR = whole_number("PAYOUT_CLOSING_HOUR", default=20, least=0, most=23)
# After how long an artisan who owes us is asked by letter to settle it.
DEBT_LETTER_AFTER = dt.timedelta(days=whole_number("DEBT_LETTER_DAYS", default=30, least=1, most=365))
ASSUMED_DELIVERY = dt.timedelta(days=whole_number("ASSUMED_DELIVERY_DAYS", default=14, least=1, most=90))
# Whether whoever applies to sell is an artisan at once; if not, staff read each application.
SELLERS_APPROVED_BY_THEMSELVES = env.bool("SELLERS_APPROVED_BY_THEMSELVES", default=False)
# How many days before Stripe's deadline an artisan is reminded of what it asks for: once, and once more.
ACCOUNT_REMINDER_DAYS = (
    whole_number("ACCOUNT_REMINDER_DAYS", default=7, least=1, most=60),
    whole_number("ACCOUNT_LAST_REMINDER_DAYS", default=1, least=1, most=60),
)
# How long what buyers pay at Stripe is pending there before it can be sent on: for the forecast of top-ups.
STRIPE_AVAILABLE_AFTER = dt.timedelta(days=whole_number("STRIPE_AVAILABLE_AFTER_DAYS", default=7, least=0, most=30))
WEBHOOK_MAX_BYTES = 512 * 1024
# How long artisans have to accept what is made to order; PayPal stands by an authorization for 3 days, Stripe for 7.
ACCEPT_PERIOD = dt.timedelta(hours=whole_number("ACCEPT_PERIOD_HOURS", default=72, least=1, most=144))
# How long a buyer can agree to pay back what was refunded by mistake, and how long before the end we remind them.
RECALL_PERIOD = dt.timedelta(days=whole_number("RECALL_PERIOD_DAYS", default=14, least=1, most=90))
RECALL_REMINDER = dt.timedelta(days=whole_number("RECALL_REMINDER_DAYS", default=3, least=0, most=89))
# currency -> minor units: orders of this size and more are reviewed by staff before they are charged
REVIEW_FROM_MINOR = amounts("REVIEW_FROM")
