"""The postback check of a received event: https://developer.paypal.com/docs/api/webhooks/v1/"""

import json
import re
from urllib.parse import urlsplit

from sandbox.paypal.signing import ALGORITHM, Certificates, Signature
from sandbox.paypal.work import Work
from sandbox.store import Document

_EVENT = re.compile(r'"webhook_event"\s*:\s*')


def verify(work: Work) -> Document:
    """The signature holds over the bytes that were delivered: an event that was written anew has others."""
    given, certificates = work.fields, Certificates(work.store)
    signature = Signature(given["transmission_id"], given["transmission_time"], given["transmission_sig"])
    good = (
        given["auth_algo"] == ALGORITHM
        and urlsplit(given["cert_url"]).path == certificates.path
        and work.store.find(given["webhook_id"]) is not None
        and certificates.verifies(signature, body=_raw_event(work.raw_body), webhook_id=given["webhook_id"])
    )
    return {"verification_status": "SUCCESS" if good else "FAILURE"}


def _raw_event(text: str) -> bytes:
    found = _EVENT.search(text)
    if found is None:
        return b""
    _, end = json.JSONDecoder().raw_decode(text, found.end())
    return text[found.end() : end].encode()
