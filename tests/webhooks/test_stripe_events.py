"""What is read from Stripe's documents."""

from typing import Any

import pytest

from payments.processors.events import EventConcern
from payments.processors.stripe.events import describe, read_event
from tests.webhooks.deliveries import body_of, event


@pytest.mark.parametrize(
    ("event_type", "item", "concern", "subject_id"),
    [
        ("payment_intent.created", {"id": "pi_1"}, EventConcern.PAYMENT, "pi_1"),
        ("payment_intent.succeeded", {"id": "pi_1"}, EventConcern.PAYMENT, "pi_1"),
        ("charge.succeeded", {"payment_intent": "pi_1"}, EventConcern.PAYMENT, "pi_1"),
        (
            "charge.updated",
            {"payment_intent": {"id": "pi_1", "object": "payment_intent"}},
            EventConcern.PAYMENT,
            "pi_1",
        ),
        ("charge.failed", {"payment_intent": None}, EventConcern.PAYMENT, ""),
        ("charge.refund.updated", {"object": "refund", "id": "re_1"}, EventConcern.REFUND, "re_1"),
        ("charge.refunded", {"payment_intent": "pi_1"}, EventConcern.REFUND, ""),
        ("charge.refunded", {"refunds": {"data": [{"id": "re_1"}]}}, EventConcern.REFUND, "re_1"),
        ("refund.created", {"id": "re_1", "payment_intent": "pi_1"}, EventConcern.REFUND, "re_1"),
        ("refund.failed", {"id": "pyr_1"}, EventConcern.REFUND, "pyr_1"),
        ("transfer.created", {"id": "tr_1"}, EventConcern.TRANSFER, "tr_1"),
        ("charge.dispute.created", {"object": "dispute", "payment_intent": "pi_1"}, EventConcern.DISPUTE, ""),
        ("account.updated", {"object": "account", "id": "acct_1"}, EventConcern.SELLER_ACCOUNT, "acct_1"),
        ("capability.updated", {"id": "transfers", "account": "acct_1"}, EventConcern.SELLER_ACCOUNT, "acct_1"),
        (
            "account.external_account.updated",
            {"id": "ba_1", "account": "acct_1"},
            EventConcern.SELLER_ACCOUNT,
            "acct_1",
        ),
        ("payout.paid", {"object": "payout", "id": "po_1"}, EventConcern.PLATFORM_PAYOUT, "po_1"),
        ("payout.paid", {"object": "payout", "id": "tr_1"}, EventConcern.PLATFORM_PAYOUT, ""),
        ("balance.available", {"id": None}, EventConcern.OTHER, ""),
        ("payment_intents.unheard_of", {"id": "pi_1"}, EventConcern.OTHER, ""),
        # The id goes into an address of the processor's API, so it must look like one.
        ("payment_intent.succeeded", {"id": "pi_1/../../v1/refunds"}, EventConcern.PAYMENT, ""),
        ("payment_intent.succeeded", {"id": "pi_1\n"}, EventConcern.PAYMENT, ""),
        ("payment_intent.succeeded", {"id": "ch_1"}, EventConcern.PAYMENT, ""),
        ("payment_intent.succeeded", {"id": ["pi_1"]}, EventConcern.PAYMENT, ""),
    ],
)
def test_what_is_to_be_looked_up(event_type: str, item: dict[str, Any], concern: EventConcern, subject_id: str) -> None:
    found = describe(event(event_type, **item))
    assert (found.concern, found.subject_id) == (concern, subject_id)


@pytest.mark.parametrize(
    ("event_type", "item", "concern", "subject_id"),
    [
        # Of a withdrawn access the object is the application, and the event alone names the account.
        ("account.application.deauthorized", {"object": "application", "id": "ca_1"}, EventConcern.SELLER_ACCOUNT,
         "acct_1"),
        ("capability.updated", {"object": "capability", "id": "transfers"}, EventConcern.SELLER_ACCOUNT, "acct_1"),
        ("account.external_account.deleted", {"id": "ba_1"}, EventConcern.SELLER_ACCOUNT, "acct_1"),
        ("payout.failed", {"object": "payout", "id": "po_1"}, EventConcern.SELLER_PAYOUT, "po_1"),
    ],
)  # fmt: skip
def test_what_happens_on_an_artisans_account_names_it(
    event_type: str, item: dict[str, Any], concern: EventConcern, subject_id: str
) -> None:
    found = describe(event(event_type, metadata={"payout": "bpo_1"}, **item) | {"account": "acct_1"})
    assert (found.concern, found.subject_id, found.connected_account_id) == (concern, subject_id, "acct_1")
    assert found.reference == ("bpo_1" if concern is EventConcern.SELLER_PAYOUT else "")


@pytest.mark.parametrize(
    ("event_type", "reference"),
    [("payment_intent.succeeded", "pay_1"), ("charge.failed", "pay_1"), ("refund.updated", "ref_1"),
     ("transfer.reversed", "trf_1"), ("account.updated", "")],
)  # fmt: skip
def test_our_reference_is_the_one_of_the_subject(event_type: str, reference: str) -> None:
    metadata = {"payment": "pay_1", "refund": "ref_1", "transfer": "trf_1", "order": "ord_1"}
    found = read_event(body_of(event(event_type, metadata=metadata)))
    assert (found.reference, found.order_reference) == (reference, "ord_1")


@pytest.mark.parametrize("metadata", [None, [], "x", {"payment": 7}, {"payment": None}, {"payment": ["pay_1"]}])
def test_metadata_of_any_shape_is_survived(metadata: object) -> None:
    assert describe(event(metadata=metadata)).reference == ""


def test_long_texts_are_cut_to_what_the_table_holds() -> None:
    found = describe(event(metadata={"payment": "p" * 5000}) | {"api_version": "v" * 5000})
    assert (len(found.reference), len(found.api_version)) == (255, 255)
