"""The receipt of an order as a PDF of one page, as banks take it. Plain text; nothing in it is active."""

from collections.abc import Sequence

from common.money import Money
from orders.models import Order, SellerOrder
from payments.models import Capture

_WIDTH, _HEIGHT = 595, 842  # A4 in points
_MARGIN, _LINE, _SIZE = 56, 15, 10
_LINES_PER_PAGE = (_HEIGHT - 2 * _MARGIN) // _LINE
_CHARACTERS = 92


def receipt_pdf(*, order: Order, parts: Sequence[SellerOrder], capture: Capture) -> bytes:
    """What was bought, of whom, where it was to be sent, and what was charged when."""
    return _pdf(_lines(order, parts, capture))


def _lines(order: Order, parts: Sequence[SellerOrder], capture: Capture) -> list[str]:
    address = order.shipping_address
    lines = [
        "Artisan's Hub: receipt",
        "",
        f"Order {order.public_id} of {order.created_at:%d %B %Y, %H:%M} UTC",
        f"Paid {capture.captured_at:%d %B %Y, %H:%M} UTC, payment {capture.processor_charge_id}",
        f"Buyer {address.get('name', '')}, {order.email}",
        "Sent to " + ", ".join(str(address[name]) for name in _ADDRESS if address.get(name)),
        "",
    ]
    for part in parts:
        lines.append(f"Sold by {part.artisan.name}")
        lines += [
            f"  {line.quantity} x {line.title}: {Money(line.line_total_minor, line.currency)}"
            for line in part.lines.order_by("position")
        ]
        lines.append(f"  Shipping: {Money(part.shipping_minor, part.currency)}")
    return [*lines, "", f"Charged: {Money(capture.amount_minor, capture.currency)}"]


_ADDRESS = ("line1", "line2", "postal_code", "city", "region", "country")


def _pdf(lines: Sequence[str]) -> bytes:
    """A PDF 1.4 document of one font. What does not fit on its page is cut, and says so."""
    if len(lines) > _LINES_PER_PAGE:
        lines = [*lines[: _LINES_PER_PAGE - 1], "... (shortened)"]
    text = [f"BT /F1 {_SIZE} Tf {_LINE} TL {_MARGIN} {_HEIGHT - _MARGIN} Td"]
    text += [f"({_escaped(line[:_CHARACTERS])}) Tj T*" for line in lines]
    stream = "\n".join([*text, "ET"]).encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    document, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(document)
    document += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    document += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    document += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(document)


def _escaped(line: str) -> str:
    """For a PDF string; what Windows-1252 has no character for becomes a question mark."""
    known = line.encode("cp1252", "replace").decode("cp1252")
    return known.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
