"""The PayPal implementation of `Processor`: Orders v2 and Payments v2."""

import dataclasses
import datetime as dt
from typing import Any
from urllib.parse import quote

from common import clock
from common.money import Money
from payments.contracts import (
    AddressRefused,
    BalanceFound,
    CaptureRequest,
    ChargeRequest,
    OutcomeUnknown,
    PaymentDeclined,
    PaymentFailure,
    PaymentFound,
    PaymentGone,
    ProcessorRefused,
    RefundFound,
    RefundRequest,
    UnknownRefund,
)
from payments.enums import TERMINAL_PAYMENT_STATUSES, PaymentStatus
from payments.processors.paypal import mapping
from payments.processors.paypal.amounts import amount_document, money_in
from payments.processors.paypal.client import PayPalClient
from payments.processors.paypal.disputes import PayPalDisputes
from payments.processors.paypal.errors import GONE
from payments.processors.paypal.not_offered import PaysNobody
from payments.processors.paypal.orders import order_body
from payments.processors.paypal.related import order_of_capture
from payments.processors.paypal.replays import ORDER

# The report of transactions is up to three hours late, and a request may be sent as long as it can be replayed.
_REPORT_COMPLETE_AFTER = ORDER.window + dt.timedelta(hours=4)
_REPORT_SPAN = dt.timedelta(days=31)
_WHOLE = "return=representation"


class PayPalProcessor(PaysNobody):
    """A payment of ours is a PayPal order. The buyer approves it at PayPal; then it is for us to take the money.

    Every mutating call carries our idempotency key as PayPal-Request-Id; see `replays` for what that does.
    """

    name = mapping.PROCESSOR

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def create_payment(self, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound:
        return self._order("create_payment", self._client.orders.create_order, body=order_body(request),
                           paypal_request_id=idempotency_key, prefer=_WHOLE)  # fmt: skip

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound:
        return mapping.payment_found(self._read("retrieve_payment", processor_payment_id))

    def _read(self, call: str, processor_payment_id: str) -> mapping.Document:
        try:
            return self._client.sdk(call, self._client.orders.get_order, {"id": processor_payment_id})
        except ProcessorRefused as refused:
            if refused.processor_code not in GONE:
                raise
            raise PaymentGone(
                refused.detail,
                processor_code=refused.processor_code,
                processor_request_id=refused.processor_request_id,
            ) from refused

    def find_payment(self, reference: str, *, since: dt.datetime) -> PaymentFound | None:
        """What was paid under our reference, from the report of transactions.

        Orders can't be listed. While its key is kept, a lost order is found by sending it again (`replays.ORDER`);
        this is for afterwards. An order that nobody was sent to approve is not paid and ends by itself, so only one
        that took money at once, with a saved method, matters, and that one is in the report. Raises OutcomeUnknown as
        long as the report may be incomplete.
        """
        now = clock.now()
        if now < since + _REPORT_COMPLETE_AFTER:
            raise OutcomeUnknown("PayPal's report does not cover this time yet", processor_code="report_incomplete")
        page, pages, is_named = 1, 1, False
        while page <= pages:
            document = self._client.sdk("find_payment", self._client.reports.search_transactions, {
                "start_date": (since - dt.timedelta(hours=1)).isoformat(timespec="seconds"),
                "end_date": min(now, since + _REPORT_SPAN - dt.timedelta(hours=2)).isoformat(timespec="seconds"),
                "fields": "transaction_info", "page_size": 500, "page": page,
            })  # fmt: skip
            for entry in document.get("transaction_details") or []:
                told = entry.get("transaction_info") or {}
                if told.get("custom_field") == reference:
                    is_named = True
                    order = order_of_capture(self._client, str(told.get("transaction_id")))
                    if order:
                        return self.retrieve_payment(order)
            page, pages = page + 1, int(document.get("total_pages") or 1)
        if is_named:
            # Money moved under our reference: that no order is told of it is no proof that there is none.
            raise OutcomeUnknown("PayPal's report names this payment, but no order", processor_code="order_not_told")
        return None

    def authorize_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        return self._take(request, "authorize_payment", self._client.orders.authorize_order, idempotency_key)

    def capture_payment(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        """Takes an approved order as a whole, or of an authorization the part asked for and lets the rest go.

        A declined instrument of an approved order is a finding: REQUIRES_PAYMENT_METHOD with the failure, since the
        buyer can choose another one at `approval_url`. So is an address that is refused only now. On an authorization,
        where nobody can choose, it is ProcessorRefused.
        """
        if not request.processor_authorization_id:
            return self._take(request, "capture_payment", self._client.orders.capture_order, idempotency_key)
        try:
            self._client.sdk("capture_payment", self._client.payments.capture_authorized_payment, {
                "authorization_id": request.processor_authorization_id, "paypal_request_id": idempotency_key,
                "prefer": _WHOLE, "body": {"amount": amount_document(request.amount), "final_capture": True},
            })  # fmt: skip
        except (ProcessorRefused, PaymentDeclined) as refused:
            found = self.retrieve_payment(request.processor_payment_id)
            if found.status in TERMINAL_PAYMENT_STATUSES:
                return found
            raise ProcessorRefused(
                refused.detail,
                processor_code=refused.processor_code,
                processor_request_id=refused.processor_request_id,
            ) from refused
        return self.retrieve_payment(request.processor_payment_id)

    def renew_authorization(self, request: CaptureRequest, *, idempotency_key: str) -> PaymentFound:
        """PayPal vouches for an authorization for three days, and once more for three from the fourth to the 29th."""
        renewed = self._client.sdk("renew_authorization", self._client.payments.reauthorize_payment, {
            "authorization_id": request.processor_authorization_id, "paypal_request_id": idempotency_key,
            "prefer": _WHOLE, "body": {"amount": amount_document(request.amount)},
        })  # fmt: skip
        found = self.retrieve_payment(request.processor_payment_id)
        if found.status != PaymentStatus.AUTHORIZED:
            return found
        return dataclasses.replace(found, authorization=mapping.authorization_found(renewed))

    def cancel_payment(self, processor_payment_id: str, *, idempotency_key: str) -> PaymentFound:
        """Lets an authorization go. An order without one can't be canceled at PayPal and needs not be.

        Only we can take its money, by a request that is written down first, and it ends by itself some hours later;
        so it counts as canceled once nothing was taken. A buyer who approves it still is told by our own page.
        """
        try:
            order = self._read("retrieve_payment", processor_payment_id)
        except PaymentGone:
            return _gone(processor_payment_id)
        found = mapping.payment_found(order)
        if found.status in (PaymentStatus.REQUIRES_PAYMENT_METHOD, PaymentStatus.APPROVED):
            return dataclasses.replace(found, status=PaymentStatus.CANCELED)
        if found.authorization is None:
            return found
        self._client.sdk("cancel_payment", self._client.payments.void_payment, {
            "authorization_id": mapping.first_authorization_id(order), "paypal_request_id": idempotency_key,
        })  # fmt: skip
        return self.retrieve_payment(processor_payment_id)

    def create_refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundFound:
        body: dict[str, Any] = {
            "amount": amount_document(request.amount),
            "custom_id": mapping.refund_custom_id(request.reference, request.attempt),
        }
        if request.note_to_payer:
            body["note_to_payer"] = request.note_to_payer[:255]
        refund = self._client.sdk("create_refund", self._client.payments.refund_captured_payment, {
            "capture_id": request.processor_charge_id, "paypal_request_id": idempotency_key, "prefer": _WHOLE,
            "body": body,
        })  # fmt: skip
        return mapping.refund_found(refund, processor_payment_id=request.processor_payment_id)

    def retrieve_refund(self, processor_refund_id: str) -> RefundFound:
        refund = self._client.sdk(
            "retrieve_refund", self._client.payments.get_refund, {"refund_id": processor_refund_id}
        )
        found = mapping.refund_found(refund)
        if not found.refund_reference and self._is_of_a_dispute(found):
            raise UnknownRefund("taken back for a dispute, which is booked as such")
        return dataclasses.replace(
            found, processor_payment_id=order_of_capture(self._client, found.processor_charge_id)
        )

    def find_refund(self, reference: str, *, processor_payment_id: str) -> RefundFound | None:
        """The last attempt at it, from the order, which lists its refunds."""
        order = self._client.sdk("find_refund", self._client.orders.get_order, {"id": processor_payment_id})
        payments = [unit.get("payments") or {} for unit in order.get("purchase_units") or []]
        refunds = [refund for made in payments for refund in made.get("refunds") or []]
        found = [mapping.refund_found(refund, processor_payment_id=processor_payment_id) for refund in refunds]
        ours = [refund for refund in found if refund.refund_reference == reference]
        return max(ours, key=lambda refund: refund.attempt, default=None)

    def retrieve_balance(self) -> BalanceFound:
        document = self._client.sdk("retrieve_balance", self._client.reports.search_balances, {})
        total: dict[str, int] = {}
        available: dict[str, int] = {}
        for entry in document.get("balances") or []:
            whole = money_in(entry.get("total_balance"))
            free = money_in(entry["available_balance"]) if entry.get("available_balance") else whole
            total[whole.currency], available[whole.currency] = whole.amount_minor, free.amount_minor
        # What is withheld for disputes and reviews is not ours to use yet.
        pending = {currency: total[currency] - available[currency] for currency in total}
        return BalanceFound(total=total, available=available, pending=pending)

    def _order(self, call: str, operation: Any, **options: Any) -> PaymentFound:
        return mapping.payment_found(self._client.sdk(call, operation, options))

    def _take(self, request: CaptureRequest, call: str, operation: Any, key: str) -> PaymentFound:
        try:
            return self._order(call, operation, id=request.processor_payment_id, paypal_request_id=key, prefer=_WHOLE,
                               body={})  # fmt: skip
        except (PaymentDeclined, AddressRefused) as declined:
            found = self.retrieve_payment(request.processor_payment_id)
            if found.status not in (PaymentStatus.APPROVED, PaymentStatus.REQUIRES_PAYMENT_METHOD):
                return found
            failure = PaymentFailure(code=declined.processor_code.lower(), decline_code="", message=declined.detail)
            return dataclasses.replace(found, status=PaymentStatus.REQUIRES_PAYMENT_METHOD, failure=failure)
        except ProcessorRefused:
            # Refused because it was done already, or is not approved any more: see which it is.
            found = self.retrieve_payment(request.processor_payment_id)
            if found.status == PaymentStatus.APPROVED:
                raise
            return found

    def _is_of_a_dispute(self, refund: RefundFound) -> bool:
        """Whether PayPal shows as a refund what it has withdrawn for a dispute.

        A lost dispute takes the money back as a reversal of the capture, with news of its own. The money must not be
        counted twice.
        """
        path = f"/v1/customer/disputes?disputed_transaction_id={quote(refund.processor_charge_id, safe='')}"
        listed = self._client.rest("find_dispute", "GET", path).get("items") or []
        desk = PayPalDisputes(self._client)
        found = [desk.retrieve_dispute(str(item.get("dispute_id"))) for item in listed]
        return any(dispute.withdrawn == refund.amount for dispute in found)


def _gone(processor_payment_id: str) -> PaymentFound:
    """An order that PayPal has dropped: it was never approved, or never taken, and nobody can do so any more."""
    return PaymentFound(
        processor=mapping.PROCESSOR, processor_payment_id=processor_payment_id, status=PaymentStatus.CANCELED,
        amount=Money.zero("XXX"),  # ISO 4217: no currency; PayPal does not say how much it would have been
        payment_reference="", quote_hash="", client_secret="", charge=None, failure=None,
    )  # fmt: skip
