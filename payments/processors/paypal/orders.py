"""The bodies that we send about orders. The same request gives the same bytes: a replay must not differ."""

from typing import Any

from payments.contracts import ChargeRequest, Delivery
from payments.enums import CaptureMethod
from payments.processors.paypal.amounts import amount_document

_INTENT = {CaptureMethod.AUTOMATIC: "CAPTURE", CaptureMethod.MANUAL: "AUTHORIZE"}
BRAND = "Artisan's Hub"


def order_body(request: ChargeRequest) -> dict[str, Any]:
    """One purchase unit. PayPal has no metadata: `custom_id` is our payment, `reference_id` the quote that it pays.

    `invoice_id` is unique for each payment, as PayPal refuses a second sale under the same one.
    """
    return {
        "intent": _INTENT[request.capture_method],
        "purchase_units": [
            {
                "reference_id": request.quote_hash,
                "custom_id": request.reference,
                "invoice_id": invoice_id(request.order_reference, request.reference),
                "description": f"{BRAND} order {request.order_reference}",
                "amount": amount_document(request.amount),
                **_shipping(request.delivery),
            }
        ],
        "payment_source": {"paypal": _wallet(request)},
    }


def _shipping(delivery: Delivery | None) -> dict[str, Any]:
    """Seller protection holds only for goods that were sent to the address in the order's details at PayPal.

    https://www.paypal.com/webapps/mpp/security/seller-protection
    """
    if delivery is None:
        return {}
    address = {
        "address_line_1": delivery.line1, "address_line_2": delivery.line2, "admin_area_2": delivery.city,
        "admin_area_1": delivery.region, "postal_code": delivery.postal_code, "country_code": delivery.country,
    }  # fmt: skip
    return {
        "shipping": {
            "type": "SHIPPING",
            "name": {"full_name": delivery.name},
            "address": {name: value for name, value in address.items() if value},
        }
    }


def invoice_id(order_reference: str, reference: str) -> str:
    """Order and payment in the letters that PayPal takes in an invoice number: no underscores."""
    return f"{order_reference}-{reference}".replace("_", ":")


def order_in(invoice: str) -> str:
    """The order's reference in an invoice id of ours."""
    return invoice.partition("-")[0].replace(":", "_")


def _wallet(request: ChargeRequest) -> dict[str, Any]:
    context = {
        "brand_name": BRAND,
        # The goods go where the order says; the buyer is not to choose another address at PayPal.
        "shipping_preference": "SET_PROVIDED_ADDRESS" if request.delivery is not None else "NO_SHIPPING",
        "user_action": "PAY_NOW",
        "return_url": request.return_url,
        "cancel_url": request.cancel_url,
    }
    wallet: dict[str, Any] = {"experience_context": {name: value for name, value in context.items() if value}}
    if request.method_id:
        # The buyer agreed when the account was kept: nobody is sent to PayPal, unless PayPal itself asks for it.
        return {"vault_id": request.method_id, **wallet}
    if request.saves_method:
        wallet["attributes"] = {
            "vault": {
                "store_in_vault": "ON_SUCCESS",
                "usage_type": "MERCHANT",
                "customer_type": "CONSUMER",
                # Two guests, or a guest and a user, may keep the same PayPal account; a known customer keeps it once.
                "permit_multiple_payment_tokens": not request.customer_id,
            }
        }
        if request.customer_id:
            wallet["attributes"]["customer"] = {"id": request.customer_id}
    return wallet
