"""The words to which buyers agree. They are stored with each way to pay that is kept; changed words are new words."""

from common.errors import DomainError, ErrorKind

CONSENT = (
    "Keep this for my next orders. If the money reserved for a piece made for me is released before the piece is "
    "confirmed, Artisan's Hub may charge this order again without asking me first. I can remove it at any time."
)


class ConsentChanged(DomainError):
    """A page that was opened before the words were changed: what it showed is not what would be agreed to."""

    code = "consent_changed"
    kind = ErrorKind.CONFLICT
    title = "The words you agree to have changed. Load the page again and read them"


def check_consent(consent_text: str) -> None:
    """Raises ConsentChanged unless these words, which the buyer was shown, are ours."""
    if consent_text != CONSENT:
        raise ConsentChanged()
