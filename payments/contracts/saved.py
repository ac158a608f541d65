"""Ways to pay that buyers keep with a processor, and the customer they belong to there."""

from dataclasses import dataclass, field

from payments.enums import MethodKind, SetupStatus


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """The customer object of one of our users. `reference` is ours, and unguessable."""

    reference: str
    email: str
    name: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class CustomerFound:
    processor_customer_id: str
    reference: str


@dataclass(frozen=True, slots=True)
class MethodFound:
    """A saved way to pay as the processor tells it: never a number, only what the buyer needs to recognise it."""

    processor_method_id: str
    processor_customer_id: str
    kind: MethodKind
    brand: str = ""
    last4: str = ""
    expiry_month: int | None = None
    expiry_year: int | None = None
    payer_email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """With what an open payment is to be paid. The ids are the processor's; all empty: with a new one, not kept."""

    processor_payment_id: str
    customer_id: str
    method_id: str
    saves_method: bool


@dataclass(frozen=True, slots=True)
class SetupRequest:
    """Keep a way to pay without paying now. `reference` is our public id of the attempt."""

    reference: str
    kind: MethodKind
    processor_customer_id: str
    return_url: str
    cancel_url: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class SetupFound:
    """`client_secret` is for the processor's script, `approval_url` its own page; `method` once it has succeeded."""

    processor_setup_id: str
    reference: str
    status: SetupStatus
    client_secret: str = field(default="", repr=False)
    approval_url: str = ""
    method: MethodFound | None = None
