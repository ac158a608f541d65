"""What belongs to what at PayPal."""

from payments.contracts import ProcessorRefused
from payments.processors.paypal.client import PayPalClient
from payments.processors.paypal.errors import GONE


def order_of_capture(client: PayPalClient, capture_id: str) -> str:
    """The order that a capture belongs to; empty for money that came another way. One call."""
    try:
        capture = client.sdk("retrieve_capture", client.payments.get_captured_payment, {"capture_id": capture_id})
    except ProcessorRefused as refused:
        if refused.processor_code in GONE:
            return ""
        raise
    related = (capture.get("supplementary_data") or {}).get("related_ids") or {}
    return str(related.get("order_id") or "")
