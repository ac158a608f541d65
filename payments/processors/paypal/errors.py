"""What PayPal's refusals mean, in one place.

An error document is `{name, message, debug_id, details: [{issue, ...}]}`; the issue says more than the name.
https://developer.paypal.com/api/rest/reference/orders/v2/errors/
"""

import json

from payments.contracts import (
    AddressRefused,
    AuthenticationRequired,
    OutcomeUnknown,
    PaymentDeclined,
    ProcessorError,
    ProcessorRefused,
    ProcessorUnavailable,
)

_OTHER_WAY = "PayPal could not take this payment. Choose another way to pay in your PayPal account, or pay by card."
_BUYER_WORDS = {
    "INSTRUMENT_DECLINED": "Your bank or card declined this in PayPal. Choose another card or bank account there.",
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": "PayPal asks you to choose another card or bank account there.",
    "CARD_EXPIRED": "The card in your PayPal account has expired. Choose another one there.",
    "PAYER_CANNOT_PAY": _OTHER_WAY,
    "PAYER_ACCOUNT_RESTRICTED": "Your PayPal account is restricted. Ask PayPal, or pay by card.",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": "Your PayPal account can't be used. Ask PayPal, or pay by card.",
    "PAYEE_BLOCKED_TRANSACTION": _OTHER_WAY,
    "TRANSACTION_REFUSED": _OTHER_WAY,
    "TRANSACTION_LIMIT_EXCEEDED": "This is above the limit of your PayPal account. Pay by card instead.",
    "TRANSACTION_RECEIVING_LIMIT_EXCEEDED": _OTHER_WAY,
    "TRANSACTION_BLOCKED_BY_PAYEE": _OTHER_WAY,
    "COMPLIANCE_VIOLATION": _OTHER_WAY,
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": "PayPal has refused too many attempts. Wait a while, or pay by card.",
    "BILLING_AGREEMENT_NOT_FOUND": "PayPal is no longer connected to this shop. Connect it again, or pay by card.",
    "AGREEMENT_ALREADY_CANCELLED": "PayPal is no longer connected to this shop. Connect it again, or pay by card.",
    "TOKEN_ID_NOT_FOUND": "PayPal is no longer connected to this shop. Connect it again, or pay by card.",
}
# https://developer.paypal.com/docs/api/orders/v2/ : the payment itself was not looked at.
_ADDRESS_WORDS = {
    "SHIPPING_ADDRESS_INVALID": "PayPal can't find the delivery address. Check street, postcode, city and country, or "
    "pay by card.",
    "POSTAL_CODE_REQUIRED": "PayPal asks for a postcode in the delivery address. Add it, or pay by card.",
    "CITY_REQUIRED": "PayPal asks for a city in the delivery address. Add it, or pay by card.",
}
_BUYER_MUST_COME = frozenset({"PAYER_ACTION_REQUIRED", "PAYER_CONSENT_REQUIRED"})
# The first request under the same id is still being carried out, or there were too many: nothing was done for this one.
_BUSY = frozenset({"PREVIOUS_REQUEST_IN_PROGRESS", "RATE_LIMIT_REACHED", "RESOURCE_LOCKED"})
# What was asked for is not there (any more).
GONE = frozenset({"RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", "ORDER_EXPIRED", "TOKEN_NOT_FOUND"})
_OTHER_BODY = frozenset({"PAYPAL_REQUEST_ID_PREVIOUSLY_USED", "DUPLICATE_REQUEST_ID"})


def refusal(status: int, text: str, debug_id: str) -> ProcessorError:
    """Our error for an answer that is no success. 5xx: it may have been carried out."""
    name, message, issue = _told(text)
    code = (issue or name or f"http_{status}")[:80]
    if status >= 500 or 300 <= status < 400:
        return OutcomeUnknown(processor_code=code, processor_request_id=debug_id)
    if status == 429 or code in _BUSY:
        return ProcessorUnavailable(processor_code=code, processor_request_id=debug_id)
    if status in (401, 403):
        return ProcessorUnavailable(
            "the processor does not accept our key", processor_code=code, processor_request_id=debug_id
        )
    if code in _BUYER_MUST_COME:
        return AuthenticationRequired(
            "PayPal asks you to confirm this payment.", processor_code=code, processor_request_id=debug_id
        )
    if code in _BUYER_WORDS:
        return PaymentDeclined(_BUYER_WORDS[code], processor_code=code, processor_request_id=debug_id)
    if code in _ADDRESS_WORDS:
        return AddressRefused(_ADDRESS_WORDS[code], processor_code=code, processor_request_id=debug_id)
    if code in _OTHER_BODY:
        message = "another body was sent under the same key"
    return ProcessorRefused(message, processor_code=code, processor_request_id=debug_id)


def _told(text: str) -> tuple[str, str, str]:
    """Name, message and first issue of an error document; empty texts where it is none."""
    try:
        document = json.loads(text)
    except ValueError:
        return "", "", ""
    if not isinstance(document, dict):
        return "", "", ""
    details = document.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    said = first.get("description") or document.get("message") or document.get("error_description") or ""
    return str(document.get("name") or document.get("error") or ""), str(said)[:300], str(first.get("issue") or "")
