"""While the first request is still under way, others that come beside it never make a second one."""

import datetime as dt

import pytest

from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from payments import services as payments
from payments.contracts import OutcomeUnknown, ProcessorUnavailable
from payments.models import Payment, ProcessorRequest
from payments.services.outgoing import LEASE
from tests.payments.fake_processor import Died, FakeProcessor, installed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> FakeProcessor:
    return installed(monkeypatch)


def test_clicking_again_and_again_while_the_processor_is_slow_makes_no_second_payment(processor: FakeProcessor) -> None:
    """Stripe answers 409 to the same key while its first request runs; that is no reason for a new key."""
    at = clock_now()
    processor.before["create_payment"] = [Died(), *(ProcessorUnavailable() for _ in range(6))]
    with pytest.raises(Died):  # stands for the first, which is being worked on at the processor all the time
        payments.create_charge(
            order_reference=new_public_id("ord"),
            amount=Money(4200, "EUR"),
            quote_hash="a" * 64,
            receipt_email="ada@example.org",
            now=at,
        )
    for second in range(1, 7):
        with pytest.raises(ProcessorUnavailable):
            payments.look_up(payment=Payment.objects.get(), now=at + dt.timedelta(seconds=second))
    assert ProcessorRequest.objects.values_list("attempt", flat=True).get() == 1


def test_a_request_that_was_never_sent_is_sent_days_later(processor: FakeProcessor) -> None:
    """The worker died before the call and nobody came by while its key was still good."""
    at = clock_now()
    processor.before["create_payment"] = [Died()]
    with pytest.raises(Died):
        payments.create_charge(
            order_reference=new_public_id("ord"),
            amount=Money(4200, "EUR"),
            quote_hash="a" * 64,
            receipt_email="ada@example.org",
            now=at,
        )
    later = at + dt.timedelta(days=2)
    # For all we know the first look-up comes right after a late first send: it waits that one out.
    for look_up in range(6):
        with pytest.raises(OutcomeUnknown):
            payments.look_up(payment=Payment.objects.get(), now=later + look_up * LEASE)
    found = payments.look_up(payment=Payment.objects.get(), now=later + 6 * LEASE)
    assert found is not None
    assert list(processor.payments) == [found.processor_payment_id]
    assert sorted(ProcessorRequest.objects.values_list("attempt", "state")) == [(1, "failed"), (2, "prepared")]
