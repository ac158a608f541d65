"""Evidence for disputes: what is taken, and the refusals."""

from common.errors import DomainError, ErrorKind
from payments.enums import EvidenceKind

TEXTS = (
    EvidenceKind.PRODUCT_DESCRIPTION,
    EvidenceKind.CUSTOMER_NAME,
    EvidenceKind.CUSTOMER_EMAIL,
    EvidenceKind.SERVICE_DATE,
    EvidenceKind.SHIPPING_ADDRESS,
    EvidenceKind.SHIPPING_CARRIER,
    EvidenceKind.TRACKING_NUMBER,
    EvidenceKind.SHIPPING_DATE,
    EvidenceKind.REFUND_POLICY,
    EvidenceKind.EXPLANATION,
)
FILES = (EvidenceKind.RECEIPT, EvidenceKind.PROOF_OF_DELIVERY, EvidenceKind.CORRESPONDENCE)

# Stripe takes 150,000 characters in all and files of together 4.5 MB; PayPal takes more of both.
MAX_TEXT_LENGTH = 20_000
MAX_TEXTS_LENGTH = 150_000
MAX_FILES_BYTES = 4_500_000
MAX_FILE_NAME_LENGTH = 100


class EvidenceRefused(DomainError):
    """A text or a file that is not taken; `kind_of_evidence` says which."""

    code = "evidence_refused"
    kind = ErrorKind.INVALID
    title = "This can't be used as evidence"

    def __init__(self, detail: str, *, kind_of_evidence: str = "") -> None:
        super().__init__(detail)
        self.kind_of_evidence = kind_of_evidence


class DisputeNotFound(DomainError):
    """None with this id, or not about anything of whoever asks."""

    code = "dispute_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "There is no such dispute"
