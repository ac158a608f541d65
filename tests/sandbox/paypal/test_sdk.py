"""PayPal's own package against the sandbox: what it sends is understood, what it gets it can read."""

import pytest
from paypalserversdk.configuration import Configuration
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.checkout_payment_intent import CheckoutPaymentIntent
from paypalserversdk.models.money import Money
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest
from paypalserversdk.models.refund_request import RefundRequest
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from tests.sandbox.paypal.shop import PayPal
from tests.sandbox.process import Box


def client_of(box: Box) -> PaypalServersdkClient:
    class Redirected(Configuration):  # type: ignore[misc]  # the SDK has no types
        def get_base_uri(self, server: object = None) -> str:
            return box.url

    credentials = ClientCredentialsAuthCredentials("sandbox-client", "sandbox-secret")
    return PaypalServersdkClient(config=Redirected(client_credentials_auth_credentials=credentials))


def test_the_package_buys_and_refunds(box: Box, paypal: PayPal) -> None:
    client = client_of(box)
    unit = PurchaseUnitRequest(amount=AmountWithBreakdown("EUR", "20.00"), custom_id="order-1")
    request = OrderRequest(intent=CheckoutPaymentIntent.CAPTURE, purchase_units=[unit])
    made = client.orders.create_order({"body": request, "paypal_request_id": "made-1", "prefer": "return=minimal"})
    assert made.status_code == 201 and made.body.status == "CREATED"
    paypal.approve(made.body.id)
    paid = client.orders.capture_order({"id": made.body.id, "paypal_request_id": "paid-1"})
    capture = paid.body.purchase_units[0].payments.captures[0]
    assert (paid.body.status, capture.status) == ("COMPLETED", "COMPLETED")
    back = client.payments.refund_captured_payment(
        {
            "capture_id": capture.id,
            "paypal_request_id": "back-1",
            "body": RefundRequest(amount=Money("EUR", "5.00")),
            "prefer": "return=representation",
        }
    )
    assert (back.body.status, back.body.seller_payable_breakdown.total_refunded_amount.value) == ("COMPLETED", "5.00")
    read = client.payments.get_captured_payment({"capture_id": capture.id})
    assert read.body.status == "PARTIALLY_REFUNDED"
    assert read.body.seller_receivable_breakdown.paypal_fee.value == "0.95"


def test_the_package_reads_errors(box: Box) -> None:
    with pytest.raises(ErrorException) as caught:
        client_of(box).orders.capture_order({"id": "5O190127TN364715T", "paypal_request_id": "none-1"})
    assert caught.value.response_code == 404
    assert caught.value.details[0].issue == "INVALID_RESOURCE_ID"
