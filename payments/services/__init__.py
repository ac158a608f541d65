"""The facade. Callers import from here; which processor does the work is not theirs to know.

Every call that goes out is three phases: `prepare_*` commits what will be sent, `open_*`, `void_*` or `send_*` calls
outside any transaction, `record_*` stores what was found in the caller's transaction.
"""

from payments.services.answer import (
    Answered,
    DisputeNotAnswerable,
    check_answerable,
    close_answer,
    last_answer,
    lock_dispute,
    open_answer,
    prepare_answer,
    send_answer,
)
from payments.services.capture import open_capture, prepare_capture, send_capture
from payments.services.charge import PreparedCharge, create_charge, open_charge, prepare_charge
from payments.services.dispute import (
    DisputeContradiction,
    DisputeRecorded,
    dispute_version,
    look_up_dispute,
    record_dispute_found,
    take_silent_disputes,
)
from payments.services.hosted import ensure_prices, open_hosted
from payments.services.look_up import due_payments, look_up, look_up_at, postpone_look_up, processor_balance
from payments.services.outgoing import (
    begin_again,
    claim_due,
    finish_failed,
    finish_succeeded,
    finish_unknown,
    perform,
    prepare,
)
from payments.services.record import Recorded, lock_payment, record_found
from payments.services.refund import (
    RefundRecorded,
    adopt_refund,
    get_refund,
    known_refund,
    lock_refund,
    look_up_refund,
    prepare_refund,
    prepare_resend,
    record_as,
    record_refund_found,
    refuse_refund,
    send_refund,
    take_silent_refunds,
    withdraw_refund,
)
from payments.services.void import close_void, prepare_void, record_never_created, void_payment

__all__ = [
    "Answered",
    "DisputeContradiction",
    "DisputeNotAnswerable",
    "DisputeRecorded",
    "PreparedCharge",
    "Recorded",
    "RefundRecorded",
    "adopt_refund",
    "begin_again",
    "check_answerable",
    "claim_due",
    "close_answer",
    "close_void",
    "create_charge",
    "dispute_version",
    "due_payments",
    "ensure_prices",
    "finish_failed",
    "finish_succeeded",
    "finish_unknown",
    "get_refund",
    "known_refund",
    "last_answer",
    "lock_dispute",
    "lock_payment",
    "lock_refund",
    "look_up",
    "look_up_at",
    "look_up_dispute",
    "look_up_refund",
    "open_answer",
    "open_capture",
    "open_charge",
    "open_hosted",
    "perform",
    "postpone_look_up",
    "prepare",
    "prepare_answer",
    "prepare_capture",
    "prepare_charge",
    "prepare_refund",
    "prepare_resend",
    "prepare_void",
    "processor_balance",
    "record_as",
    "record_dispute_found",
    "record_found",
    "record_never_created",
    "record_refund_found",
    "refuse_refund",
    "send_answer",
    "send_capture",
    "send_refund",
    "take_silent_disputes",
    "take_silent_refunds",
    "void_payment",
    "withdraw_refund",
]
