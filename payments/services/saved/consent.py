"""The words to which buyers agree. They are stored with each way to pay that is kept; changed words are new words."""

CONSENT = (
    "Keep this for my next orders. If the money reserved for a piece made for me is released before the piece is "
    "confirmed, Artisan's Hub may charge this order again without asking me first. I can remove it at any time."
)
