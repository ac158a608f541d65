"""What the checkout page is told before it starts."""

import pytest
from django.conf import settings
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


def test_paypal_is_offered_for_the_currencies_that_it_takes_and_its_secret_is_kept() -> None:
    answer = Client().get("/api/v1/config")
    paypal = answer.json()["paypal"]
    assert "KWD" in settings.CURRENCIES
    assert paypal == {
        "client_id": settings.PAYPAL_CLIENT_ID,
        "js_url": settings.PAYPAL_JS_URL,
        "currencies": ["EUR", "USD", "GBP", "JPY"],
    }
    assert settings.PAYPAL_CLIENT_SECRET not in answer.content.decode()


@override_settings(PAYPAL_ENABLED=False)
def test_a_shop_without_paypals_keys_does_not_offer_it() -> None:
    assert Client().get("/api/v1/config").json()["paypal"] is None
