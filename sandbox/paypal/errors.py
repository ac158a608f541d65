"""Errors as PayPal answers them: https://developer.paypal.com/api/rest/responses/"""

from collections.abc import Iterable, Sequence
from typing import Any

Detail = dict[str, Any]

_MESSAGES = {
    "INVALID_REQUEST": (400, "Request is not well-formed, syntactically incorrect, or violates schema."),
    "AUTHENTICATION_FAILURE": (
        401,
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    "NOT_AUTHORIZED": (403, "Authorization failed due to insufficient permissions."),
    "RESOURCE_NOT_FOUND": (404, "The specified resource does not exist."),
    "RESOURCE_CONFLICT": (409, "The server has detected a conflict while processing this request."),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The server does not support the request payload's media type."),
    "UNPROCESSABLE_ENTITY": (
        422,
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    "RESULTSET_TOO_LARGE": (
        400,
        "Result set size is greater than the maximum limit. Change the filter criteria and try again.",
    ),
    "RATE_LIMIT_REACHED": (429, "Too many requests. Blocked due to rate limiting."),
    "INTERNAL_SERVER_ERROR": (500, "An internal server error occurred."),
}

_CURRENCY_PAGE = "https://developer.paypal.com/docs/api/reference/currency-codes/"

# PayPal's own words for each issue; where one part of the API words it differently, that part comes with a dot.
_DESCRIPTIONS = {
    "ACTION_DOES_NOT_MATCH_INTENT": "Order was created with an intent to 'CAPTURE'. Please use "
    "v2/checkout/orders/order_id/capture to complete the transaction or alternately Create an order with an intent of "
    "'AUTHORIZE'.",
    "AGREEMENT_ALREADY_CANCELLED": "The requested agreement is already canceled.",
    "AMOUNT_MISMATCH": "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - "
    "discount.",
    "AUTHORIZATION_ALREADY_CAPTURED": "Authorization has previously been captured.",
    "AUTHORIZATION_DENIED": "An denied authorization cannot be captured.",
    "AUTHORIZATION_EXPIRED": "An expired authorization cannot be captured.",
    "AUTHORIZATION_VOIDED": "A voided authorization cannot be captured or reauthorized. ",
    "AUTH_CAPTURE_CURRENCY_MISMATCH": "Currency of capture must be the same as currency of authorization.",
    "AUTH_CURRENCY_MISMATCH": "The currency specified during reauthorization should be the same as the currency "
    "specified in the original authorization. Please check the currency of the authorization for which you are trying "
    "to reauthorize and try again.",
    "CANNOT_BE_NEGATIVE": "Must be greater than or equal to 0. If the currency supports decimals, only two decimal "
    "place precision is supported.",
    "CANNOT_BE_VOIDED": "A reauthorization cannot be voided. Please void the original parent authorization.",
    "CANNOT_BE_ZERO_OR_NEGATIVE": "Must be greater than zero. If the currency supports decimals, only two decimal "
    "place precision is supported.",
    "CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded",
    "CITY_REQUIRED": "The specified country requires a city (address.admin_area_2).",
    "DECIMALS_NOT_SUPPORTED": f"Currency does not support decimals. Please refer to {_CURRENCY_PAGE} for more "
    "information.",
    "DECIMAL_PRECISION": "If the currency supports decimals, only two decimal place precision is supported.",
    "DUPLICATE_INVOICE_ID": "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account "
    "setting requires that Invoice Id be unique for each transaction.",
    "payments.DUPLICATE_INVOICE_ID": "Requested invoice_id has been previously captured. Possible duplicate "
    "transaction.",
    "payments.refund.DUPLICATE_INVOICE_ID": "Invoice ID was previously used to refund a capture.",
    "DUPLICATE_REFERENCE_ID": "`reference_id` must be unique if multiple `purchase_unit` are provided.",
    "FIELD_NOT_PATCHABLE": "Field cannot be patched.",
    "INCOMPATIBLE_PARAMETER_VALUE": "The value of the field is incompatible/redundant with other fields in the order.",
    "INSTRUMENT_DECLINED": "The instrument presented  was either declined by the processor or bank, or it can't be "
    "used for this payment.",
    "INVALID_ARRAY_MAX_ITEMS": "The number of items in an array parameter is too large.",
    "INVALID_ARRAY_MIN_ITEMS": "The number of items in an array parameter is too small.",
    "INVALID_CURRENCY_CODE": f"Currency code is invalid or is not currently supported. Please refer {_CURRENCY_PAGE} "
    "for list of supported currency codes.",
    "orders.INVALID_CURRENCY_CODE": "Currency code is invalid or is not currently supported. Please refer "
    "https://developer.paypal.com/api/rest/reference/currency-codes/ for list of supported currency codes.",
    "INVALID_JSON_POINTER_FORMAT": "Path should be a valid JSON Pointer https://tools.ietf.org/html/rfc6901 that "
    "references a location within the request where the operation is performed.",
    "INVALID_PARAMETER_SYNTAX": "The value of a field does not conform to the expected format.",
    "INVALID_PARAMETER_VALUE": "The value of a field is invalid.",
    "orders.create.INVALID_PARAMETER_VALUE": "A parameter value is not valid.",
    "orders.capture.INVALID_PARAMETER_VALUE": "A parameter value is not valid.",
    "INVALID_PATCH_OPERATION": "The operation cannot be honored. Cannot add a property that's already present, use "
    "replace. Cannot remove a property thats not present, use add. Cannot replace a property thats not present, use "
    "add.",
    "INVALID_RESOURCE_ID": "Specified resource ID does not exist. Please check the resource ID and try again.",
    "INVALID_STRING_LENGTH": "The value of a field is either too short or too long.",
    "orders.INVALID_STRING_LENGTH": "The value of a field is either too short or too long",
    "ITEM_TOTAL_MISMATCH": "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
    "ITEM_TOTAL_REQUIRED": "If item details are specified (items.unit_amount and items.quantity) corresponding "
    "amount.breakdown.item_total is required.",
    "MALFORMED_REQUEST_JSON": "The request JSON is not well formed.",
    "MAX_CAPTURE_AMOUNT_EXCEEDED": "Capture amount exceeds allowable limit. Please contact customer service or your "
    "account manager to request the change to your overage limit. The default overage limit is 115%, which allows the "
    "sum of all captures to be up to 115% of the order amount. The ability to over capture is subjected to regulatory "
    "approvals.",
    "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE": "The vault_id does not match the payment_source provided. Please verify "
    "that the vault_id token used refers to the matching payment_source and try again. For example, a PayPal token "
    "cannot be passed in the vault_id field in the payment_source.card object.",
    "MISSING_REQUIRED_PARAMETER": "A required field / parameter is missing.",
    "orders.create.MISSING_REQUIRED_PARAMETER": "A required parameter is missing.",
    "orders.capture.MISSING_REQUIRED_PARAMETER": "A required field / parameter is missing",
    "MULTI_CURRENCY_ORDER": "Multiple differing values of currency_code are not supported. Entire Order request must "
    "have the same currency_code.",
    "NOT_PATCHABLE": "Cannot be patched.",
    "NOT_SUPPORTED": "This field is not currently supported.",
    "ORDER_ALREADY_AUTHORIZED": "Order already authorized.If 'intent=AUTHORIZE' only one authorization per order is "
    "allowed.",
    "ORDER_ALREADY_CAPTURED": "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
    "ORDER_ALREADY_COMPLETED": "The order cannot be patched after it is completed.",
    "ORDER_COMPLETED_OR_VOIDED": "Order is voided or completed and hence cannot be authorized.",
    "ORDER_NOT_APPROVED": "Payer has not yet approved the Order for payment. Please redirect the payer to the "
    "'rel':'approve' url returned as part of the HATEOAS links within the Create Order call or provide a valid "
    "`payment_source` in the request.",
    "orders.authorize.ORDER_NOT_APPROVED": "Payer has not yet approved the Order for payment. Please redirect the "
    "payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call.",
    "PATCH_PATH_REQUIRED": "Please specify a 'path' for the field for which the operation needs to be performed.",
    "PATCH_VALUE_REQUIRED": "Please specify a 'value' to for the field that is being patched.",
    "PAYER_CANNOT_PAY": "Payer cannot pay for this transaction. Please contact the payer to find other ways to pay "
    "for this transaction.",
    "PAYPAL_REQUEST_ID_PREVIOUSLY_USED": "The PayPal-Request-ID has already been used for another request.",
    "PAYPAL_REQUEST_ID_REQUIRED": "A PayPal-Request-Id is required if you are trying to process payment for an Order. "
    "Please specify a PayPal-Request-Id or Create the Order without a 'payment_source' specified.",
    "PENDING_CAPTURE": "Cannot initiate a refund as the capture is pending. Capture is typically pending when the "
    "payer has funded the transaction using e-check/bank funded.",
    "POSTAL_CODE_REQUIRED": "The specified country requires a postal code.",
    "PREVIOUSLY_CAPTURED": "Authorization has been previously captured and hence cannot be voided.",
    "PREVIOUSLY_VOIDED": "Authorization has been previously voided and hence cannot be voided again.",
    "PREVIOUS_REQUEST_IN_PROGRESS": "A previous request on this resource is currently in progress. Please wait for "
    "sometime and try again. It is best to space out the initial and the subsequent request(s) to avoid receiving "
    "this error.",
    "REAUTHORIZATION_NOT_SUPPORTED": "A reauthorize cannot be attempted on an authorization_id that is the result of "
    "a prior reauthorization or on an authorization made on an Order saved using the `v2/orders/id/save` API.",
    "REAUTHORIZATION_TOO_SOON": "A reauthorization is only allowed once from Day 4 to Day 29 since the date of the "
    "original authorization.",
    "REFERENCE_ID_NOT_FOUND": "Filter expression value is incorrect. Please check the value of the reference_id and "
    "try again.",
    "REFERENCE_ID_REQUIRED": "'reference_id' is required for each 'purchase_unit' if multiple 'purchase_unit' are "
    "provided.",
    "REFUND_AMOUNT_EXCEEDED": "The refund amount must be less than or equal to the capture amount that has not yet "
    "been refunded.",
    "REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture",
    "REFUND_NOT_ALLOWED": "Capture cannot be refunded.",
    "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK": "Refunds are not allowed on this capture due to a chargeback on the "
    "card or bank. Please contact the payee to resolve the chargeback.",
    "REFUND_TIME_LIMIT_EXCEEDED": "You are over the time limit to perform a refund on this capture",
    "TAX_TOTAL_MISMATCH": "Should equal sum of (tax * quantity) across all items for a given purchase_unit.",
    "TAX_TOTAL_REQUIRED": "If item details are specified (items.tax_total and items.quantity) corresponding "
    "amount.breakdown.tax_total is required.",
    "SHIPPING_ADDRESS_INVALID": "Provided shipping address is invalid.",
    "TOKEN_ID_NOT_FOUND": "Specified token was not found. Verify the token and try the request again.",
    "TRANSACTION_DISPUTED": "Partial refunds cannot be offered at this time because there is an open case on this "
    "transaction. Visit the PayPal Resolution Center to review this case.",
    "TRANSACTION_REFUSED": "The request was refused.",
    "UNSUPPORTED_INTENT": "`intent=AUTHORIZE` is not supported for multiple purchase units. Only `intent=CAPTURE` is "
    "supported.",
}


class ApiError(Exception):
    """A request that is answered with an error, and undone."""

    def __init__(self, name: str, *details: Detail, links: Sequence[dict[str, str]] = (), message: str = "") -> None:
        self.name, self.details, self.links = name, list(details), list(links)
        self.status, standard = _MESSAGES[name]
        self.message = message or standard
        super().__init__(f"{name} {', '.join(str(detail.get('issue')) for detail in details)}")

    def document(self, *, debug_id: str, family: str) -> dict[str, Any]:
        """The body of the answer; `family` is the part of the API that was asked, e.g. "orders.capture"."""
        document: dict[str, Any] = {"name": self.name, "message": self.message, "debug_id": debug_id}
        if self.details:
            document["details"] = [
                detail if "description" in detail else {**detail, "description": described(detail["issue"], family)}
                for detail in self.details
            ]
        document["links"] = self.links or [
            {
                "href": f"https://developer.paypal.com/api/rest/reference/orders/v2/errors/#{self.name}",
                "rel": "information_link",
                "method": "GET",
            }
        ]
        return document


def described(issue: str, family: str) -> str:
    """PayPal's words for an issue, in the wording of the part of the API that was asked."""
    parts = family.split(".")
    for depth in range(len(parts), -1, -1):
        name = ".".join([*parts[:depth], issue])
        if name in _DESCRIPTIONS:
            return _DESCRIPTIONS[name]
    return issue


def invalid(details: Iterable[Detail]) -> ApiError:
    return ApiError("INVALID_REQUEST", *details)


def refused(issue: str, field: str = "", value: str | None = None, *, links: Sequence[dict[str, str]] = ()) -> ApiError:
    """What is well-formed and cannot be done."""
    detail: Detail = {"issue": issue}
    if field:
        detail = {"field": field, "location": "body", **detail}
    if value is not None:
        detail["value"] = value
    return ApiError("UNPROCESSABLE_ENTITY", detail, links=links)


def not_found(field: str = "id", value: str = "") -> ApiError:
    return ApiError(
        "RESOURCE_NOT_FOUND", {"field": field, "value": value, "location": "path", "issue": "INVALID_RESOURCE_ID"}
    )
