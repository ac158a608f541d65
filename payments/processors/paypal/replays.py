"""What PayPal does with a request that comes again under its PayPal-Request-Id.

It answers with what the object has become since, keeps no refusals and no failures under the id, and compares no
bodies. It keeps the id for 6 hours (orders), 3 hours (vault) or 45 days (payments); half of that is ours to use, as
with every processor. https://developer.paypal.com/api/rest/reference/idempotency/
"""

import datetime as dt

from payments.enums import RequestKind
from payments.processors.replay import Replay

ORDER = Replay(window=dt.timedelta(hours=3), is_look_up=True)
# What is looked up by its order, dispute or token; the id is kept for at least as long as this.
_FOUND_OTHERWISE = Replay(window=dt.timedelta(minutes=90), is_look_up=False)
_BY_KIND = {
    RequestKind.CREATE_PAYMENT: ORDER,
    RequestKind.REFUND: Replay(window=dt.timedelta(days=22), is_look_up=True),
    RequestKind.RENEW_AUTHORIZATION: Replay(window=dt.timedelta(days=22), is_look_up=True),
    RequestKind.CREATE_SETUP: Replay(window=dt.timedelta(minutes=90), is_look_up=True),
    RequestKind.COMPLETE_SETUP: Replay(window=dt.timedelta(minutes=90), is_look_up=True),
}


def paypal_replay(kind: RequestKind) -> Replay:
    return _BY_KIND.get(kind, _FOUND_OTHERWISE)
