"""What is read in PayPal's events: where to look, and whose it is."""

from typing import Any

import pytest

from payments.processors.events import EventConcern, EventMalformed
from payments.processors.paypal.events import describe
from tests.webhooks.paypal_deliveries import event

_ORDER = {
    "id": "ORDER7",
    "purchase_units": [{"custom_id": "pay_abc", "invoice_id": "ord:def-pay:abc"}],
    "custom_id": None,
    "invoice_id": None,
    "supplementary_data": None,
}


@pytest.mark.parametrize(
    ("event_type", "resource", "concern", "subject", "reference"),
    [
        ("CHECKOUT.ORDER.APPROVED", _ORDER, EventConcern.PAYMENT, "ORDER7", "pay_abc"),
        ("CHECKOUT.ORDER.COMPLETED", _ORDER, EventConcern.PAYMENT, "ORDER7", "pay_abc"),
        ("CHECKOUT.PAYMENT-APPROVAL.REVERSED", {"order_id": "ORDER8", "supplementary_data": {}}, EventConcern.PAYMENT,
         "ORDER8", "pay_abc"),
        ("PAYMENT.AUTHORIZATION.CREATED", {"id": "AUTH1"}, EventConcern.PAYMENT, "ORDER1", "pay_abc"),
        ("PAYMENT.AUTHORIZATION.VOIDED", {"id": "AUTH1"}, EventConcern.PAYMENT, "ORDER1", "pay_abc"),
        ("PAYMENT.CAPTURE.COMPLETED", {"id": "CAP1"}, EventConcern.PAYMENT, "ORDER1", "pay_abc"),
        ("PAYMENT.CAPTURE.PENDING", {"id": "CAP1"}, EventConcern.PAYMENT, "ORDER1", "pay_abc"),
        ("PAYMENT.CAPTURE.DENIED", {"id": "CAP1"}, EventConcern.PAYMENT, "ORDER1", "pay_abc"),
        ("PAYMENT.CAPTURE.REFUNDED", {"id": "REF1", "custom_id": "ref_x.2"}, EventConcern.REFUND, "REF1", "ref_x"),
        ("PAYMENT.CAPTURE.REVERSED", {"id": "REF2", "custom_id": "pay_abc"}, EventConcern.REFUND, "REF2", ""),
        ("PAYMENT.REFUND.PENDING", {"id": "REF1", "custom_id": "ref_x.1"}, EventConcern.REFUND, "REF1", "ref_x"),
        ("PAYMENT.REFUND.FAILED", {"id": "REF1", "custom_id": "ref_x.1"}, EventConcern.REFUND, "REF1", "ref_x"),
        ("CUSTOMER.DISPUTE.CREATED", {"id": None, "dispute_id": "PP-D-1"}, EventConcern.DISPUTE, "PP-D-1", ""),
        ("CUSTOMER.DISPUTE.RESOLVED", {"id": None, "dispute_id": "PP-D-1"}, EventConcern.DISPUTE, "PP-D-1", ""),
        ("VAULT.PAYMENT-TOKEN.CREATED", {"id": "tok_1"}, EventConcern.METHOD, "tok_1", ""),
        ("VAULT.PAYMENT-TOKEN.DELETED", {"id": "tok_1"}, EventConcern.METHOD, "tok_1", ""),
        ("BILLING.SUBSCRIPTION.CREATED", {"id": "I-1"}, EventConcern.OTHER, "", ""),
    ],
)  # fmt: skip
def test_every_kind_of_event_says_where_to_look(
    event_type: str, resource: dict[str, Any], concern: EventConcern, subject: str, reference: str
) -> None:
    found = describe(event(event_type, **resource), livemode=False)
    assert (found.concern, found.subject_id, found.reference) == (concern, subject, reference)
    assert (found.processor, found.connected_account_id) == ("paypal", "")


def test_our_order_is_read_from_the_invoice_number() -> None:
    assert describe(event(), livemode=False).order_reference == "ord_def"
    assert describe(event("CHECKOUT.ORDER.APPROVED", **_ORDER), livemode=False).order_reference == "ord_def"


@pytest.mark.parametrize("subject", ["a/b", "../x", "ORDER1?x=1", "", None, 7, "x" * 300])
def test_a_subject_that_is_no_id_is_never_asked_after(subject: Any) -> None:
    found = describe(event(supplementary_data={"related_ids": {"order_id": subject}}), livemode=False)
    assert found.subject_id == ""


@pytest.mark.parametrize("resource", [{"purchase_units": "x"}, {"purchase_units": [7]}, {"supplementary_data": []}])
def test_a_resource_of_another_shape_names_nothing(resource: dict[str, Any]) -> None:
    found = describe(event("CHECKOUT.ORDER.APPROVED", **{"id": "ORDER1", "custom_id": None, **resource}), livemode=True)
    assert (found.subject_id, found.reference, found.livemode) == ("ORDER1", "", True)


def test_texts_are_clipped_and_without_what_postgres_refuses() -> None:
    found = describe(event(custom_id="p" * 5000, id="a\x00b"), livemode=False)
    assert (len(found.reference), found.object_id) == (255, "")


def test_what_is_no_event_is_refused() -> None:
    documents: tuple[object, ...] = (None, [], {"id": "WH-1"})
    for document in documents:
        with pytest.raises(EventMalformed):
            describe(document, livemode=False)
