"""How long things are kept that are of no use for ever. Orders, payments, books and the audit trail always stay."""

import datetime as dt

from artisans_hub.settings.env import whole_number

# Not less than the 30 days for which Stripe itself still has the event, so that nothing is gone that can't be compared.
WEBHOOK_PAYLOADS_KEPT = dt.timedelta(days=whole_number("WEBHOOK_PAYLOAD_DAYS", default=90, least=30, most=3650))
# Not less than the life of a session (SESSION_COOKIE_AGE), in which the guest may come back.
GUEST_CARTS_KEPT = dt.timedelta(days=whole_number("GUEST_CART_DAYS", default=90, least=60, most=3650))
DONE_MESSAGES_KEPT = dt.timedelta(days=whole_number("OUTBOX_DONE_DAYS", default=90, least=7, most=3650))
# What a guest asked to have kept waits so long for the guest to register.
GUEST_METHODS_KEPT = dt.timedelta(days=whole_number("GUEST_METHOD_DAYS", default=30, least=1, most=365))
