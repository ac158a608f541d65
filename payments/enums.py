"""The words of payments, the same for every processor."""

from django.db import models


class PaymentStatus(models.TextChoices):
    CREATED = "created", "created, not yet known to the processor"
    REQUIRES_PAYMENT_METHOD = "requires_payment_method", "waiting for a way to pay"
    REQUIRES_ACTION = "requires_action", "waiting for the buyer's bank"
    APPROVED = "approved", "approved by the buyer, to be taken by us"
    AUTHORIZED = "authorized", "authorized, not captured"
    PROCESSING = "processing", "processing"
    SUCCEEDED = "succeeded", "paid"
    CANCELED = "canceled", "canceled"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


TERMINAL_PAYMENT_STATUSES = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED, PaymentStatus.FAILED})


class AttemptOutcome(models.TextChoices):
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", "requested"
    PENDING = "pending", "accepted by the processor"
    SUCCEEDED = "succeeded", "paid back"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "outcome unknown, being looked up"


# Asked for, and no answer yet.
OPEN_REFUND_STATUSES = frozenset({RefundStatus.REQUESTED, RefundStatus.UNKNOWN})


class CaptureMethod(models.TextChoices):
    AUTOMATIC = "automatic", "taken at once"
    MANUAL = "manual", "authorized first"


class PaymentChannel(models.TextChoices):
    """The way on which a buyer pays; an order has at most one living payment on each."""

    ELEMENTS = "elements", "card fields on our page"
    HOSTED = "hosted", "the processor's own page"
    PAYPAL = "paypal", "PayPal"
    OFF_SESSION = "off_session", "a saved method, without the buyer"


class MethodKind(models.TextChoices):
    CARD = "card", "card"
    PAYPAL = "paypal", "PayPal"


class MethodStatus(models.TextChoices):
    ACTIVE = "active", "can be used"
    EXPIRED = "expired", "expired"
    REMOVED = "removed", "removed by its owner"
    DETACHED = "detached", "gone at the processor"


class SetupStatus(models.TextChoices):
    REQUIRES_METHOD = "requires_method", "waiting for a way to pay"
    REQUIRES_ACTION = "requires_action", "waiting for the buyer"
    APPROVED = "approved", "agreed to by the buyer, to be kept by us"
    SUCCEEDED = "succeeded", "saved"
    CANCELED = "canceled", "given up"


class HostedStatus(models.TextChoices):
    OPEN = "open", "waiting for the buyer"
    COMPLETE = "complete", "sent by the buyer"
    EXPIRED = "expired", "closed"


class DisputeStatus(models.TextChoices):
    NEEDS_RESPONSE = "needs_response", "waiting for our answer"
    UNDER_REVIEW = "under_review", "being decided"
    WON = "won", "decided for us"
    LOST = "lost", "decided against us"
    INQUIRY_NEEDS_RESPONSE = "inquiry_needs_response", "inquiry, waiting for our answer"
    INQUIRY_UNDER_REVIEW = "inquiry_under_review", "inquiry, being looked at"
    INQUIRY_CLOSED = "inquiry_closed", "inquiry closed without a dispute"


INQUIRY_STATUSES = frozenset({
    DisputeStatus.INQUIRY_NEEDS_RESPONSE, DisputeStatus.INQUIRY_UNDER_REVIEW, DisputeStatus.INQUIRY_CLOSED,
})  # fmt: skip
ANSWERABLE_STATUSES = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.INQUIRY_NEEDS_RESPONSE})
CLOSED_DISPUTE_STATUSES = frozenset({DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.INQUIRY_CLOSED})


class DisputeReason(models.TextChoices):
    FRAUDULENT = "fraudulent", "the cardholder did not pay this"
    NOT_RECEIVED = "not_received", "the goods did not arrive"
    NOT_AS_DESCRIBED = "not_as_described", "the goods are not what was sold"
    DUPLICATE = "duplicate", "paid twice"
    CREDIT_NOT_PROCESSED = "credit_not_processed", "a refund was promised and did not come"
    UNRECOGNIZED = "unrecognized", "the cardholder does not know the payment"
    CANCELED = "canceled", "a subscription or order was canceled"
    OTHER = "other", "another reason"


class Liability(models.TextChoices):
    """Who bears a lost dispute."""

    ARTISAN = "artisan", "the artisan"
    PLATFORM = "platform", "the platform"


# Fraud and mistakes in charging are ours to prevent; what was sent, and how, is the artisan's.
LIABLE_FOR: dict[DisputeReason, Liability] = {
    DisputeReason.FRAUDULENT: Liability.PLATFORM,
    DisputeReason.UNRECOGNIZED: Liability.PLATFORM,
    DisputeReason.DUPLICATE: Liability.PLATFORM,
    DisputeReason.CREDIT_NOT_PROCESSED: Liability.PLATFORM,
    DisputeReason.NOT_RECEIVED: Liability.ARTISAN,
    DisputeReason.NOT_AS_DESCRIBED: Liability.ARTISAN,
    DisputeReason.CANCELED: Liability.ARTISAN,
    DisputeReason.OTHER: Liability.ARTISAN,
}


class EvidenceKind(models.TextChoices):
    """What can be told to a processor about a dispute; each processor's adapter knows its own name for it."""

    PRODUCT_DESCRIPTION = "product_description", "what was sold"
    CUSTOMER_NAME = "customer_name", "the buyer's name"
    CUSTOMER_EMAIL = "customer_email", "the buyer's e-mail address"
    SHIPPING_ADDRESS = "shipping_address", "where it was sent"
    SHIPPING_CARRIER = "shipping_carrier", "carrier"
    TRACKING_NUMBER = "tracking_number", "tracking number"
    SHIPPING_DATE = "shipping_date", "when it was sent"
    SERVICE_DATE = "service_date", "when it was ordered"
    REFUND_POLICY = "refund_policy", "our refund policy"
    EXPLANATION = "explanation", "what happened, in our words"
    RECEIPT = "receipt", "receipt"
    CORRESPONDENCE = "correspondence", "letters with the buyer"
    PROOF_OF_DELIVERY = "proof_of_delivery", "proof of delivery"


class RefundReason(models.TextChoices):
    RETURNED = "returned", "the goods were sent back"
    NOT_RECEIVED = "not_received", "the goods did not arrive"
    NOT_AS_DESCRIBED = "not_as_described", "the goods were damaged or not as described"
    OUT_OF_STOCK = "out_of_stock", "the artisan could not deliver"
    CHANGED_MIND = "changed_mind", "the buyer changed their mind"
    GOODWILL = "goodwill", "goodwill"
    FRAUD = "fraud", "suspected fraud"
    PROCESSOR = "processor", "made at the processor"
    SOLD_OUT = "sold_out", "paid after the order had expired and the goods were sold"
    AMOUNT_MISMATCH = "amount_mismatch", "the amount paid was not the amount quoted"
    DUPLICATE = "duplicate", "the order was paid already"


# Why money goes back that never became the sale: it has no allocation, and the order it was for may be paid already.
LATE_PAYMENT_REASONS = frozenset({RefundReason.SOLD_OUT, RefundReason.AMOUNT_MISMATCH, RefundReason.DUPLICATE})


class RequestKind(models.TextChoices):
    CREATE_PAYMENT = "create_payment"
    CANCEL_PAYMENT = "cancel_payment"
    REFUND = "refund"
    TRANSFER = "transfer"
    CREATE_ACCOUNT = "create_account"
    CAPTURE_PAYMENT = "capture_payment"
    AUTHORIZE_PAYMENT = "authorize_payment"
    RENEW_AUTHORIZATION = "renew_authorization"
    CREATE_CUSTOMER = "create_customer"
    CREATE_SETUP = "create_setup"
    COMPLETE_SETUP = "complete_setup"
    ATTACH_METHOD = "attach_method"
    DETACH_METHOD = "detach_method"
    CHOOSE_METHOD = "choose_method"
    CREATE_HOSTED = "create_hosted"
    EXPIRE_HOSTED = "expire_hosted"
    CREATE_PRICE = "create_price"
    TRANSFER_REVERSAL = "transfer_reversal"
    SUBMIT_EVIDENCE = "submit_evidence"
    ACCEPT_DISPUTE = "accept_dispute"
    CREATE_PAYOUT = "create_payout"


class RequestState(models.TextChoices):
    PREPARED = "prepared", "committed, perhaps being sent"
    SUCCEEDED = "succeeded", "carried out"
    FAILED = "failed", "refused by the processor, nothing happened"
    UNKNOWN = "unknown", "answer lost, being looked up"


class CheckResult(models.TextChoices):
    """Result of an address (AVS) or security code (CVC) check."""

    PASS = "pass"
    FAIL = "fail"
    UNAVAILABLE = "unavailable"
    UNCHECKED = "unchecked"
    NOT_PROVIDED = "", "not provided"


class ProcessorPayoutStatus(models.TextChoices):
    """A payout from a connected account to its bank, as the processor tells it."""

    PENDING = "pending", "accepted, not yet handed to the bank"
    IN_TRANSIT = "in_transit", "handed to the bank"
    PAID = "paid", "arrived"
    FAILED = "failed", "came back"
    CANCELED = "canceled", "called off"


class PayoutFailure(models.TextChoices):
    """Why a payout came back from the bank; the words are for the artisan."""

    NONE = "", "did not fail"
    ACCOUNT_CLOSED = "account_closed", "the bank account has been closed"
    ACCOUNT_FROZEN = "account_frozen", "the bank account has been frozen"
    ACCOUNT_RESTRICTED = "account_restricted", "the bank account does not take this kind of payment"
    ACCOUNT_NOT_FOUND = "account_not_found", "the bank knows no account with these details"
    OWNER_CHANGED = "owner_changed", "the bank account belongs to somebody else now"
    NUMBER_INVALID = "number_invalid", "the account number is not right"
    HOLDER_NAME_WRONG = "holder_name_wrong", "the account holder's name does not match the bank's records"
    HOLDER_ADDRESS_WRONG = "holder_address_wrong", "the account holder's address does not match the bank's records"
    HOLDER_TAX_ID_WRONG = "holder_tax_id_wrong", "the account holder's tax number does not match the bank's records"
    DEBIT_REFUSED = "debit_refused", "the bank account does not allow debits"
    DECLINED = "declined", "the bank declined the payment"
    CURRENCY_REFUSED = "currency_refused", "the bank account does not take this currency"
    CARD_UNSUPPORTED = "card_unsupported", "the card does not take payments in"
    NOT_PROCESSED = "not_processed", "the bank could not process the payment"
    INSUFFICIENT_FUNDS = "insufficient_funds", "there was not enough money for it at the processor"
    OTHER = "other", "the bank gave no reason that we know"


class Requirement(models.TextChoices):
    """What a processor wants to know about an artisan; the words follow "Please tell us ..."."""

    NAME = "name", "your full legal name"
    BIRTH_DATE = "birth_date", "your date of birth"
    ADDRESS = "address", "your address"
    EMAIL = "email", "your e-mail address"
    PHONE = "phone", "your phone number"
    ID_NUMBER = "id_number", "your tax or identity number"
    NATIONALITY = "nationality", "your nationality"
    IDENTITY_DOCUMENT = "identity_document", "a photo of your identity document"
    ADDRESS_DOCUMENT = "address_document", "a document that shows your address"
    BANK_ACCOUNT = "bank_account", "the bank account that you are paid to"
    TERMS = "terms", "that you accept the payment processor's terms"
    BUSINESS_TYPE = "business_type", "whether you work as a person or a company"
    BUSINESS_PROFILE = "business_profile", "what you sell, and where"
    COMPANY = "company", "your company's details"
    COMPANY_DOCUMENT = "company_document", "a document about your company"
    PEOPLE = "people", "who owns and runs your company"
    OTHER = "other", "something else that the payment processor asks for"


class RequirementProblem(models.TextChoices):
    """Why something has to be told again."""

    MISSING = "missing", "it is missing"
    INVALID = "invalid", "it is not valid"
    NOT_CONFIRMED = "not_confirmed", "it could not be confirmed"
    DOCUMENT_UNREADABLE = "document_unreadable", "the document cannot be read"
    DOCUMENT_EXPIRED = "document_expired", "the document has expired"
    DOCUMENT_INCOMPLETE = "document_incomplete", "a part of the document is missing"
    DOCUMENT_MISMATCH = "document_mismatch", "the document says something else than was told"
    DOCUMENT_REFUSED = "document_refused", "the document was not accepted"
    TOO_YOUNG = "too_young", "the person is too young"
    NOT_SUPPORTED = "not_supported", "the payment processor does not serve this business"
    OTHER = "other", "the payment processor did not accept it"


class AccountHalt(models.TextChoices):
    """Why a connected account cannot be paid to or paid out."""

    NONE = "", "it is not stopped"
    PAST_DUE = "past_due", "something that was due has not been told"
    PENDING_VERIFICATION = "pending_verification", "what was told is being checked"
    UNDER_REVIEW = "under_review", "the payment processor is reviewing the account"
    ACTION_REQUIRED = "action_required", "something has to be done at the payment processor first"
    PAUSED = "paused", "it has been paused by us"
    REJECTED = "rejected", "the payment processor has closed it"
    OTHER = "other", "the payment processor gave no reason that we know"
