"""Ways to pay that buyers keep: saved with a payment or without one, listed, made the usual one, removed, renewed.

What was kept is recorded from what the processor tells, never from what a browser says. A client names our own ids
only, and only those of its own user.
"""

from payments.services.saved.choose import prepare_choice, send_choice, with_method
from payments.services.saved.consent import CONSENT, ConsentChanged
from payments.services.saved.customers import customer_of, ensure_customer
from payments.services.saved.expire import expire_methods
from payments.services.saved.follow import look_up_method, settle_method
from payments.services.saved.forget import forget_later, forget_unclaimed_method
from payments.services.saved.guests import keep_guest_method
from payments.services.saved.keep import record_method
from payments.services.saved.manage import MethodUnusable, detach_method, make_default, remove_method
from payments.services.saved.resolve import resolve_saved_requests
from payments.services.saved.setup import SetupOpened, begin_setup, complete_setup, look_after_setups, settle_setup

__all__ = [
    "CONSENT",
    "ConsentChanged",
    "MethodUnusable",
    "SetupOpened",
    "begin_setup",
    "complete_setup",
    "customer_of",
    "detach_method",
    "ensure_customer",
    "expire_methods",
    "forget_later",
    "forget_unclaimed_method",
    "keep_guest_method",
    "look_after_setups",
    "look_up_method",
    "make_default",
    "prepare_choice",
    "record_method",
    "remove_method",
    "resolve_saved_requests",
    "send_choice",
    "settle_method",
    "settle_setup",
    "with_method",
]
