"""The inbox's use cases: receive, process, sweep, and what staff do at the desk."""

from webhooks.services.announcer import announce
from webhooks.services.comparison import Comparison, compare
from webhooks.services.desk import ReasonMissing, replay, set_aside
from webhooks.services.process import process_event, process_events
from webhooks.services.receive import receive_paypal_event, receive_stripe_event
from webhooks.services.refusals import note_refusal
from webhooks.services.retention import empty_old_payloads
from webhooks.services.sweep import release_parked, sweep_inbox

__all__ = [
    "Comparison",
    "ReasonMissing",
    "announce",
    "compare",
    "empty_old_payloads",
    "note_refusal",
    "process_event",
    "process_events",
    "receive_paypal_event",
    "receive_stripe_event",
    "release_parked",
    "replay",
    "set_aside",
    "sweep_inbox",
]
