"""Money given back."""

from dataclasses import dataclass

from common.money import Money
from payments.enums import RefundStatus


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back `amount` of one capture. `reference` is our refund's public id.

    `attempt` is above one for a refund that came back and is sent once more; both are in the processor's metadata.
    """

    reference: str
    processor_charge_id: str
    processor_payment_id: str
    amount: Money
    trace_id: str
    attempt: int = 1
    note_to_payer: str = ""


@dataclass(frozen=True, slots=True)
class RefundFound:
    """A refund as the processor tells it. `refund_reference` is empty for one that was made in its dashboard."""

    processor_refund_id: str
    refund_reference: str
    processor_payment_id: str
    status: RefundStatus
    amount: Money
    failure_code: str
    processor_charge_id: str = ""
    attempt: int = 1
