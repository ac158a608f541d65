"""The floor for webhook intake: the least a Django view can do and still verify a delivery and store one row.

No middleware, no checks, no logging, one table with one unique column. Nobody should run this as a shop.
"""

import hashlib
import hmac
import json
import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            **environ.Env.db_url_config(os.environ["DATABASE_URL"]),  # type: ignore[no-untyped-call]
            "CONN_MAX_AGE": 300,
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3},
        }
    },
)


def deliver(request: HttpRequest) -> HttpResponse:
    """Verifies the signature under one secret and inserts one row."""
    from django.db import connection

    body = request.body
    parts = dict(part.split("=", 1) for part in request.headers["Stripe-Signature"].split(","))
    secret = os.environ["BENCH_WEBHOOK_SECRET"].encode()
    expected = hmac.new(secret, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, parts["v1"]):
        return HttpResponse(status=400)
    external_id = json.loads(body)["id"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_webhook_floor (external_id, payload) VALUES (%s, %s::jsonb)"
            " ON CONFLICT (external_id) DO NOTHING",
            [external_id, body.decode()],
        )
    return HttpResponse(b"ok")


urlpatterns = [path("webhooks/stripe/", deliver)]
application = get_wsgi_application()
