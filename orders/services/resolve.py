"""The sweeper of what was asked of processors: what got no answer is taken up again for as long as it takes.

The queue tries a message some dozen times and then gives it up; a buyer's money must not stay here because of that.
"""

import datetime as dt
import time
from collections.abc import Iterator

import structlog

from common.one_by_one import one_by_one
from orders.models import Order
from orders.services.end import is_to_be_voided, void_payments
from orders.services.refunds import send_refund, settle_refund
from orders.services.settle import apply_found
from payments import services as payments
from payments.contracts import ProcessorError
from payments.enums import RequestKind
from payments.models import Payment, ProcessorRequest, Refund

log = structlog.get_logger(__name__)

_CAPTURES = (RequestKind.CAPTURE_PAYMENT, RequestKind.AUTHORIZE_PAYMENT)
# A payment on our own page is made by who asks after payments; the processor's page has nothing to be asked after.
_PAGES = (RequestKind.CREATE_PRICE, RequestKind.CREATE_HOSTED)
_KINDS = [RequestKind.REFUND, RequestKind.CANCEL_PAYMENT, *_CAPTURES, *_PAGES]
# A processor that does not answer is left alone for the rest of a run.
_LOST_ANSWERS_PER_RUN = 3
_RUN_SECONDS = 60


def resolve_requests(*, now: dt.datetime, limit: int = 50) -> int:
    """Takes up the requests that are due, and asks after refunds of which nothing was heard; returns how many ended.

    Called by the schedule; not in a transaction. A request that is still without an answer comes again after a pause.
    """
    run = _Run(now, limit)
    one_by_one(run.requests(), run.resolve)
    one_by_one(run.silent_refunds(), run.ask_after)
    return run.resolved


class _Run:
    """Counts, and says when to stop. Its clock starts at `now` and goes on."""

    def __init__(self, now: dt.datetime, limit: int) -> None:
        self._start, self._ticks, self._limit = now, time.monotonic(), limit
        self._lost = 0
        self.resolved = 0

    @property
    def _now(self) -> dt.datetime:
        return self._start + dt.timedelta(seconds=time.monotonic() - self._ticks)

    @property
    def _is_over(self) -> bool:
        return self._lost >= _LOST_ANSWERS_PER_RUN or time.monotonic() - self._ticks > _RUN_SECONDS

    def requests(self) -> Iterator[ProcessorRequest]:
        """Each is claimed right before its call, so that its lease covers the call."""
        for _ in range(self._limit):
            claimed = [] if self._is_over else payments.claim_due(kinds=_KINDS, now=self._now, limit=1)
            if not claimed:
                return
            yield claimed[0]

    def silent_refunds(self) -> Iterator[Refund]:
        for refund in payments.take_silent_refunds(now=self._now, limit=self._limit):
            if not self._is_over:
                yield refund

    def resolve(self, request: ProcessorRequest) -> None:
        try:
            _take_up(request, self._now)
            self.resolved += 1
        except ProcessorError as error:
            self._lost += 1
            log.warning("request_unresolved", kind=request.kind, subject=request.subject, code=error.code)

    def ask_after(self, refund: Refund) -> None:
        try:
            settle_refund(
                processor=refund.capture.payment.processor,
                processor_refund_id=str(refund.processor_refund_id),
                source="sweeper",
                now=self._now,
            )
        except ProcessorError as error:
            self._lost += 1
            log.warning("refund_look_up_failed", refund=refund.public_id, code=error.code)


def _take_up(request: ProcessorRequest, now: dt.datetime) -> None:
    if request.kind == RequestKind.REFUND:
        refund = Refund.objects.get(public_id=request.subject)
        send_refund(refund_id=refund.id, source="sweeper", now=now)
        return
    if request.kind == RequestKind.CREATE_PRICE:
        payments.register_price(request=request, now=now)
        return
    payment = Payment.objects.get(public_id=request.subject)
    if request.kind in _CAPTURES:
        order = Order.objects.get(public_id=payment.order_reference)
        if is_to_be_voided(order, payment):
            # Paid in another way meanwhile. What was taken all the same comes to light there.
            void_payments(order_id=order.id, now=now)
            return
        found = payments.send_capture(payment=payment, now=now)
        apply_found(order=order, found=found, source="sweeper", now=now)
    elif request.kind == RequestKind.CREATE_HOSTED:
        _make_page_or_call_it_off(request, payment, now)
    else:
        void_payments(order_id=Order.objects.get(public_id=payment.order_reference).id, now=now)


def _make_page_or_call_it_off(request: ProcessorRequest, payment: Payment, now: dt.datetime) -> None:
    order = Order.objects.get(public_id=payment.order_reference)
    if not is_to_be_voided(order, payment):
        payments.open_hosted(payment=payment, request=None, now=now)
        return
    # Nobody is sending it, or its lease had kept it from us: said before the void, which waits for what is on its way.
    payments.finish_unknown(request, error_code="order_has_ended", now=now)
    void_payments(order_id=order.id, now=now)
