"""Stripe's published test cards and what each of them does: https://docs.stripe.com/testing"""

from dataclasses import dataclass, replace
from typing import Any

from sandbox.stripe.errors import ApiError, doc_url


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str
    message: str
    param: str = ""
    network_decline_code: str = ""
    advice_code: str = ""
    blocked: bool = False  # stopped by Stripe's own fraud rules; the issuer was never asked


def _declined(decline_code: str, *, message: str = "Your card was declined.", network: str = "01") -> Decline:
    advice = "do_not_try_again" if decline_code in ("lost_card", "stolen_card") else "try_again_later"
    return Decline("card_declined", decline_code, message, network_decline_code=network, advice_code=advice)


GENERIC = _declined("generic_decline")
INSUFFICIENT_FUNDS = _declined("insufficient_funds", message="Your card has insufficient funds.", network="51")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month", "54", "do_not_try_again")
INCORRECT_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc", "N7", "confirm_card_data"
)
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "",
    "96",
    "try_again_later",
)
VELOCITY = _declined(
    "card_velocity_exceeded",
    message="Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    network="65",
)
FRAUD_BLOCK = Decline("card_declined", "fraudulent", "Your card was declined.", blocked=True)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    network_decline_code="1A",
)


@dataclass(frozen=True)
class TestCard:
    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    # Declines payments only. The others that decline cannot be saved either.
    can_be_saved: bool = False
    # "no": never; "yes": always; "optional": when the PaymentIntent asks for it; "off_session_free": not for a card
    # that was set up for it and is charged off session; "set_up_before": not off session, whoever set it up
    three_d_secure: str = "no"
    three_d_secure_fails: bool = False  # the authentication itself runs into an error
    cvc_check: str = "pass"
    line1_check: str = "pass"
    postal_code_check: str = "pass"
    risk_level: str = "normal"
    dispute: str = ""  # reason of the dispute that follows at once
    inquiry: bool = False
    refund: str = ""  # "pending": succeeds later; "fails": succeeds, then fails
    instantly_available: bool = False

    __test__ = False  # its name looks like a test class to pytest

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _cards(*cards: TestCard) -> dict[str, TestCard]:
    return {card.number: card for card in cards}


CARDS = _cards(
    # brands
    TestCard("4242424242424242"),
    TestCard("4000056655665556", funding="debit"),
    TestCard("5555555555554444", "mastercard"),
    TestCard("2223003122003222", "mastercard"),
    TestCard("5200828282828210", "mastercard", "debit"),
    TestCard("5105105105105100", "mastercard", "prepaid"),
    TestCard("378282246310005", "amex"),
    TestCard("371449635398431", "amex"),
    TestCard("6011111111111117", "discover"),
    TestCard("6011000990139424", "discover"),
    TestCard("3056930009020004", "diners"),
    TestCard("36227206271667", "diners"),
    TestCard("3566002020360505", "jcb"),
    TestCard("6200000000000005", "unionpay"),
    # countries of Europe
    TestCard("4000000400000008", country="AT"),
    TestCard("4000000560000004", country="BE"),
    TestCard("4000002080000001", country="DK"),
    TestCard("4000002460000001", country="FI"),
    TestCard("4000002500000003", country="FR"),
    TestCard("4000002760000016", country="DE"),
    TestCard("4000003000000030", country="GR"),
    TestCard("4000003720000005", country="IE"),
    TestCard("4000003800000008", country="IT"),
    TestCard("4000005280000002", country="NL"),
    TestCard("4000005780000007", country="NO"),
    TestCard("4000006160000005", country="PL"),
    TestCard("4000006200000007", country="PT"),
    TestCard("4000007240000007", country="ES"),
    TestCard("4000007520000008", country="SE"),
    TestCard("4000007560000009", country="CH"),
    TestCard("4000008260000000", country="GB"),
    TestCard("4000000360000006", country="AU"),
    TestCard("4000003920000003", country="JP"),
    # declines
    TestCard("4000000000000002", decline=GENERIC),
    TestCard("4000000000009995", decline=INSUFFICIENT_FUNDS),
    TestCard("4000000000009987", decline=_declined("lost_card", network="41")),
    TestCard("4000000000009979", decline=_declined("stolen_card", network="43")),
    TestCard("4000000000000069", decline=EXPIRED),
    TestCard("4000000000000127", decline=INCORRECT_CVC, cvc_check="fail"),
    TestCard("4000000000000119", decline=PROCESSING_ERROR),
    TestCard("4000000000006975", decline=VELOCITY),
    TestCard("4000000000000341", decline=GENERIC, can_be_saved=True),
    # fraud and checks
    TestCard("4100000000000019", decline=FRAUD_BLOCK, risk_level="highest"),
    TestCard("4000000000004954", decline=FRAUD_BLOCK, risk_level="highest"),
    TestCard("4000000000009235", risk_level="elevated"),
    TestCard("4000000000000101", cvc_check="fail"),
    TestCard("4000000000000036", postal_code_check="fail"),
    TestCard("4000000000000028", line1_check="fail"),
    TestCard("4000000000000010", line1_check="fail", postal_code_check="fail"),
    TestCard("4000000000000044", line1_check="unavailable", postal_code_check="unavailable"),
    # disputes, refunds, balance
    TestCard("4000000000000259", dispute="fraudulent"),
    TestCard("4000000000002685", dispute="product_not_received"),
    TestCard("4000000000001976", dispute="fraudulent", inquiry=True),
    TestCard("4000000000007726", refund="pending"),
    TestCard("4000000000005126", refund="fails"),
    TestCard("4000000000000077", instantly_available=True),
    TestCard("4000003720000278", country="IE", instantly_available=True),
    # 3D Secure
    TestCard("4000000000003220", country="IE", three_d_secure="yes"),
    TestCard("4000000000003063", three_d_secure="yes"),
    TestCard("4000008400001629", three_d_secure="yes", decline=GENERIC),
    TestCard("4000008400001280", three_d_secure="yes", three_d_secure_fails=True),
    TestCard("4000000000003055", three_d_secure="optional"),
    TestCard("4000000000003097", three_d_secure="optional", three_d_secure_fails=True),
    TestCard("4000002500003155", country="FR", three_d_secure="off_session_free"),
    TestCard("4000002760003184", country="DE", three_d_secure="yes"),
    TestCard("4000003800000446", country="IT", three_d_secure="set_up_before"),
    TestCard(
        "4000008260003178",
        country="GB",
        three_d_secure="off_session_free",
        decline=INSUFFICIENT_FUNDS,
        can_be_saved=True,
    ),
)

# Ready-made payment methods for server code: `pm_card_...` (and the older `tok_...`).
_TOKENS = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "mastercard_prepaid": "5105105105105100",
    "amex": "378282246310005",
    "amex_threeDSecureNotSupported": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "at": "4000000400000008", "be": "4000000560000004", "dk": "4000002080000001", "fi": "4000002460000001",
    "fr": "4000002500000003", "de": "4000002760000016", "gr": "4000003000000030", "ie": "4000003720000005",
    "it": "4000003800000008", "nl": "4000005280000002", "no": "4000005780000007", "pl": "4000006160000005",
    "pt": "4000006200000007", "es": "4000007240000007", "se": "4000007520000008", "ch": "4000007560000009",
    "gb": "4000008260000000", "au": "4000000360000006", "jp": "4000003920000003",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeCustomerFail": "4000000000000341",
    "radarBlock": "4100000000000019",
    "chargeDeclinedFraudulent": "4100000000000019",
    "riskLevelHighest": "4000000000004954",
    "riskLevelElevated": "4000000000009235",
    "cvcCheckFail": "4000000000000101",
    "avsZipFail": "4000000000000036",
    "avsLine1Fail": "4000000000000028",
    "avsFail": "4000000000000010",
    "avsUnchecked": "4000000000000044",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "createDisputeInquiry": "4000000000001976",
    "pendingRefund": "4000000000007726",
    "refundFail": "4000000000005126",
    "bypassPending": "4000000000000077",
    "bypassPendingInternational": "4000003720000278",
    "threeDSecure2Required": "4000000000003220",
    "threeDSecureRequired": "4000000000003063",
    "threeDSecureRequiredChargeDeclined": "4000008400001629",
    "threeDSecureRequiredProcessingError": "4000008400001280",
    "threeDSecureOptional": "4000000000003055",
    "threeDSecureOptionalProcessingError": "4000000000003097",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
}  # fmt: skip


def card_of_token(token: str) -> TestCard | None:
    """The card behind `pm_card_visa`, `tok_visa`, ... or None."""
    for prefix in ("pm_card_", "tok_"):
        if token.startswith(prefix):
            number = _TOKENS.get(token.removeprefix(prefix))
            return CARDS[number] if number else None
    return None


def card_of_number(number: str) -> TestCard:
    """Raises ApiError for a number that no card can have, or that is no test card."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or not 12 <= len(digits) <= 19 or not passes_luhn(digits):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="number")
    card = CARDS.get(digits)
    if card is None:
        # The answer to a real card number in test mode. The number is not kept.
        raise card_error(
            "card_declined",
            "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of "
            "valid test cards, visit: https://stripe.com/docs/testing.",
            decline_code="test_mode_live_card",
        )
    return card


def check_expiry(month: int, year: int, *, today: tuple[int, int]) -> int:
    """The four-digit year; `today` is (year, month). Raises ApiError."""
    if not 1 <= month <= 12:
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    full_year = year + 2000 if 0 <= year < 100 else year
    if not today[0] <= full_year <= today[0] + 50 or (full_year, month) < today:
        raise card_error("invalid_expiry_year", "Your card's expiration year is invalid.", param="exp_year")
    return full_year


def check_cvc(cvc: str, card: TestCard) -> None:
    lengths = (3, 4) if card.brand == "amex" else (3,)
    if not cvc.isdigit() or len(cvc) not in lengths:
        raise card_error("invalid_cvc", "Your card's security code is invalid.", param="cvc")


def passes_luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card_error(code: str, message: str, *, param: str = "", decline_code: str = "") -> ApiError:
    more: dict[str, Any] = {"decline_code": decline_code} if decline_code else {}
    return ApiError(402, message, type="card_error", code=code, param=param, stored=True, **more)


def decline_error(decline: Decline, *, charge: str = "") -> dict[str, Any]:
    """The error of a declined card, as it stands in the answer and in `last_payment_error` or `last_setup_error`."""
    error: dict[str, Any] = {
        "type": "card_error",
        "code": decline.code,
        "message": decline.message,
        "doc_url": doc_url(decline.code),
    }
    if charge:
        error["charge"] = charge
    if decline.code in ("card_declined", "authentication_required"):
        error["decline_code"] = decline.decline_code
    if decline.param:
        error["param"] = decline.param
    if decline.network_decline_code:
        error["network_decline_code"] = decline.network_decline_code
    if decline.advice_code:
        error["advice_code"] = decline.advice_code
    return error


def refusal_to_save(card: TestCard) -> Decline | None:
    """Why the card cannot be set up for later, or None."""
    return None if card.can_be_saved else card.decline


def with_wrong_authentication(card: TestCard) -> TestCard:
    """The same card once its 3D Secure look-up has failed: the charge is refused with a processing error."""
    return replace(card, decline=PROCESSING_ERROR)
