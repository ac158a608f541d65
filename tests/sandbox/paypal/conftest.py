"""A shop that talks to the PayPal half of the sandbox."""

import pytest

from tests.sandbox.paypal.shop import PayPal
from tests.sandbox.process import Box


@pytest.fixture
def paypal(box: Box) -> PayPal:
    return PayPal(box)
