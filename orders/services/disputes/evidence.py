"""Evidence: drafted from the order, completed by staff and artisans, checked before any of it is kept."""

import datetime as dt
import re
from collections.abc import Mapping

from django.db import transaction

from common import audit
from common.card_data import has_card_number
from orders.contracts.dispute import (
    FILES,
    MAX_FILE_NAME_LENGTH,
    MAX_FILES_BYTES,
    MAX_TEXT_LENGTH,
    MAX_TEXTS_LENGTH,
    TEXTS,
    DisputeNotFound,
    EvidenceRefused,
)
from orders.models import Order, SellerOrder
from orders.selectors import disputes as selectors
from orders.services.disputes.receipt import receipt_pdf
from orders.services.transition import lock_order
from payments import services as payments
from payments.enums import EvidenceKind
from payments.models import Dispute, DisputeEvidence

# As the page "Shipping and returns" tells it.
_REFUND_POLICY = (
    "Buyers may send a piece back within thirty days from the day the parcel arrives. The artisan pays for the way back"
    " if something was damaged or is not as described; otherwise the buyer does. Pieces made to order can be returned"
    " if something is wrong with them, but not because of a change of mind. Shown before the purchase, under Shipping"
    " and returns."
)
# By how the content begins; the name and the type that came with it are not believed.
_KINDS = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
}
# What makes a PDF do something by itself, or carry other files. Names may be spelt in hexadecimal.
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z0-9])")
_HEXADECIMAL = re.compile(rb"#([0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def draft_from_order(*, dispute: Dispute, order: Order, now: dt.datetime) -> None:
    """Writes down what the order tells, in the caller's transaction; what is drafted already stays."""
    parts = selectors.parts_concerned(dispute)
    rows = [
        DisputeEvidence(dispute=dispute, kind=kind, text=text[:MAX_TEXT_LENGTH], updated_at=now)
        for kind, text in _texts(order, parts).items()
        if text and not has_card_number(text)
    ]
    rows.append(
        DisputeEvidence(
            dispute=dispute, kind=EvidenceKind.RECEIPT, file_name=f"receipt-{order.public_id}.pdf",
            content_type="application/pdf", updated_at=now,
            content=receipt_pdf(order=order, parts=parts, capture=dispute.capture),
        )
    )  # fmt: skip
    DisputeEvidence.objects.bulk_create(rows, ignore_conflicts=True)


def save_draft(*, dispute_id: int, texts: Mapping[str, str], now: dt.datetime) -> None:
    """Keeps the texts that are given; an empty one is taken away. Raises EvidenceRefused, DisputeNotAnswerable."""
    for kind, text in texts.items():
        _check_text(kind, text)
    with transaction.atomic():
        dispute = _lock(dispute_id)
        for kind, text in texts.items():
            _keep_text(dispute, kind, text.strip(), now)
        kept = DisputeEvidence.objects.filter(dispute=dispute).values_list("text", flat=True)
        if sum(len(text) for text in kept) > MAX_TEXTS_LENGTH:
            raise EvidenceRefused(f"All texts together may have at most {MAX_TEXTS_LENGTH:,} characters.")
        _told(dispute, "dispute.evidence_drafted", ", ".join(sorted(texts)))


def attach_file(*, dispute_id: int, kind: str, name: str, content: bytes, now: dt.datetime, given_by: str = "") -> None:
    """Keeps a file in the place of the one of that kind. Raises EvidenceRefused, DisputeNotAnswerable.

    `given_by` is the artisan (art_...) who gives it; an artisan's file takes the place of their own only.
    """
    if kind not in FILES:
        raise EvidenceRefused("No file is taken for this.", kind_of_evidence=kind)
    content_type, ending = _checked_file(kind, content)
    with transaction.atomic():
        dispute = _lock(dispute_id)
        kept = DisputeEvidence.objects.filter(dispute=dispute, content__isnull=False)
        if given_by and kept.filter(kind=kind).exclude(given_by=given_by).exists():
            raise EvidenceRefused("Somebody else has given us one. Please send us yours by e-mail.")
        others = kept.exclude(kind=kind)
        together = len(content) + sum(len(bytes(other or b"")) for other in others.values_list("content", flat=True))
        if together > MAX_FILES_BYTES:
            raise EvidenceRefused("All files together may have at most 4.5 MB.", kind_of_evidence=kind)
        DisputeEvidence.objects.update_or_create(
            dispute=dispute,
            kind=kind,
            defaults={
                "text": "",
                "file_name": _file_name(kind, name, ending),
                "content_type": content_type,
                "content": content,
                "given_by": given_by,
                "updated_at": now,
            },
        )
        _told(dispute, "dispute.file_attached", kind, given_by)


def attach_as_artisan(
    *, dispute_reference: str, artisan_id: int, kind: str, name: str, content: bytes, now: dt.datetime
) -> None:
    """As `attach_file`, by an artisan whose part is concerned. Raises DisputeNotFound for anybody else.

    An order can have several artisans: none of them sees or replaces what another, or we, have given.
    """
    dispute = Dispute.objects.select_related("capture__payment").filter(public_id=dispute_reference).first()
    parts = selectors.parts_concerned(dispute) if dispute is not None else []
    artisan = next((part.artisan for part in parts if part.artisan_id == artisan_id), None)
    if dispute is None or artisan is None:
        raise DisputeNotFound()
    with audit.refusals(
        event_type="dispute.file_refused", subject=dispute.public_id, artisan=artisan.public_id, command=kind
    ):
        attach_file(
            dispute_id=dispute.id, kind=kind, name=name, content=content, now=now, given_by=artisan.public_id
        )  # fmt: skip


def remove_file(*, dispute_id: int, kind: str, now: dt.datetime) -> None:
    """Takes a file out of the draft. Raises DisputeNotAnswerable."""
    with transaction.atomic():
        dispute = _lock(dispute_id)
        DisputeEvidence.objects.filter(dispute=dispute, kind=kind, content__isnull=False).delete()
        _told(dispute, "dispute.file_removed", kind)


def _texts(order: Order, parts: list[SellerOrder]) -> dict[EvidenceKind, str]:
    address = order.shipping_address
    sent = [part.fulfilment for part in parts if getattr(part, "fulfilment", None) and part.fulfilment.shipped_at]
    sold = [
        f"{line.quantity} x {line.title}, made by hand by {part.artisan.name}"
        for part in parts
        for line in part.lines.order_by("position")
    ]
    return {
        EvidenceKind.PRODUCT_DESCRIPTION: "\n".join(sold),
        EvidenceKind.CUSTOMER_NAME: str(address.get("name", "")),
        EvidenceKind.CUSTOMER_EMAIL: order.email,
        EvidenceKind.SERVICE_DATE: f"{order.created_at:%Y-%m-%d}",
        EvidenceKind.SHIPPING_ADDRESS: ", ".join(
            str(address[name])
            for name in ("name", "line1", "line2", "postal_code", "city", "region", "country")
            if address.get(name)
        ),
        EvidenceKind.SHIPPING_CARRIER: "; ".join(dict.fromkeys(f.carrier for f in sent if f.carrier)),
        EvidenceKind.TRACKING_NUMBER: "; ".join(f.tracking_number for f in sent if f.tracking_number),
        EvidenceKind.SHIPPING_DATE: "; ".join(dict.fromkeys(f"{f.shipped_at:%Y-%m-%d}" for f in sent)),
        EvidenceKind.REFUND_POLICY: _REFUND_POLICY,
    }


def _lock(dispute_id: int) -> Dispute:
    """The dispute after its order, if its answer can still be changed."""
    reference = Dispute.objects.values_list("capture__payment__order_reference", flat=True).get(id=dispute_id)
    lock_order(order_id=Order.objects.values_list("id", flat=True).get(public_id=reference))
    dispute = payments.lock_dispute(dispute_id=dispute_id)
    payments.check_answerable(dispute)
    return dispute


def _keep_text(dispute: Dispute, kind: str, text: str, now: dt.datetime) -> None:
    if text:
        DisputeEvidence.objects.update_or_create(dispute=dispute, kind=kind, defaults={"text": text, "updated_at": now})
    else:
        DisputeEvidence.objects.filter(dispute=dispute, kind=kind, content__isnull=True).delete()


def _check_text(kind: str, text: str) -> None:
    if kind not in TEXTS:
        raise EvidenceRefused("No text is taken for this.", kind_of_evidence=kind)
    if len(text) > MAX_TEXT_LENGTH:
        raise EvidenceRefused(f"At most {MAX_TEXT_LENGTH:,} characters.", kind_of_evidence=kind)
    if _CONTROL.search(text):
        raise EvidenceRefused("It holds characters that are no text.", kind_of_evidence=kind)
    if has_card_number(text):
        audit.record(event_type="pci.alert", outcome="refused", command=f"card number in evidence: {kind}"[:80])
        raise EvidenceRefused("It holds a card number, which must never be kept.", kind_of_evidence=kind)


def _checked_file(kind: str, content: bytes) -> tuple[str, str]:
    """Its type and ending, told by its content."""
    if len(content) > MAX_FILES_BYTES:
        raise EvidenceRefused("A file may have at most 4.5 MB.", kind_of_evidence=kind)
    found = next((known for start, known in _KINDS.items() if content.startswith(start)), None)
    if found is None:
        raise EvidenceRefused("A file must be a PDF, a PNG or a JPEG.", kind_of_evidence=kind)
    if found[1] == "pdf":
        plain = _HEXADECIMAL.sub(lambda match: bytes([int(match[1], 16)]), content)
        if _ACTIVE.search(plain):
            raise EvidenceRefused("This PDF has scripts or other files in it.", kind_of_evidence=kind)
    return found


def _file_name(kind: str, name: str, ending: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]).strip("-")
    if not stem or has_card_number(name) or has_card_number(stem):
        stem = kind.replace("_", "-")
    return f"{stem[:MAX_FILE_NAME_LENGTH]}.{ending}"


def _told(dispute: Dispute, event_type: str, what: str, artisan: str = "") -> None:
    audit.record(
        event_type=event_type, outcome="succeeded", subject=dispute.public_id, command=what[:80], artisan=artisan,
        processor=dispute.processor, processor_id=dispute.processor_dispute_id,
    )  # fmt: skip
