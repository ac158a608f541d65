"""A statement as PDF: real text in an embedded font, so that it can be searched, copied and read out."""

import datetime as dt
import io
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from common.money import Money
from orders.api.seller_serializers import CATEGORY_WORDS
from orders.contracts.statement import Places, Statement, StatementEntry

_FONTS = Path(__file__).resolve().parent.parent / "fonts"
_SANS, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_INK, _MUTED, _LINE = HexColor("#2b2420"), HexColor("#6b5d54"), HexColor("#d9cdbf")
_MARGIN = 18 * mm
# The library leaves so many points free inside the margins; tables as wide as the page are to end at the margin.
_INSIDE = 6
# Names and titles in scripts that our font does not have, in fonts that every reader of PDF brings along.
_OTHER_SCRIPTS = (
    ("HYSMyeongJo-Medium", (0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)),
    ("HeiseiKakuGo-W5", (0x2E80, 0x312F), (0x3190, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF)),
)
_PLACES = (
    ("pending", "Pending: held until the hold is over"),
    ("available", "Available: paid with the next payout"),
    ("owed", "Owed by you"),
    ("reserved", "Reserve, kept beside the balance"),
    ("disputed", "Disputed, kept beside the balance"),
)


def as_pdf(statement: Statement) -> bytes:
    """The whole statement: what it comes to, where the money lies, and each movement with the balance after it."""
    _register_fonts()
    out = io.BytesIO()
    title = f"Statement {statement.start:%B %Y}, {statement.currency}"
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN - _INSIDE, rightMargin=_MARGIN - _INSIDE, topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"{title}: {statement.artisan_name}", author="Artisan's Hub", subject="Statement of an artisan's money",
        lang="en-GB",
    )  # fmt: skip
    document.build([*_head(statement, title), *_sums(statement), *_places(statement), *_movements(statement)],
                   canvasmaker=_NumberedCanvas)  # fmt: skip
    return out.getvalue()


class _NumberedCanvas(Canvas):
    """Writes below each page whose it is, and "Page 1 of 3" once it is known how many there are."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._pages: list[dict[str, Any]] = []
        self._whose = ""

    def setTitle(self, title: str | None) -> None:  # noqa: N802 - the library's name
        self._whose = title or ""
        super().setTitle(title)

    def showPage(self) -> None:  # noqa: N802 - the library's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the types leave it out

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(_SANS, 8)
            self.setFillColor(_MUTED)
            self.drawRightString(A4[0] - _MARGIN, 10 * mm, f"Page {number} of {len(self._pages)}")
            whose = Paragraph(_in_fonts(self._whose), _SMALL)
            whose.wrap(A4[0] - 2 * _MARGIN - _PAGE_NUMBER, 20 * mm)
            whose.drawOn(self, _MARGIN, 10 * mm - _DESCENT)
            super().showPage()
        super().save()


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name in (_SANS, _BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    for name, *_ in _OTHER_SCRIPTS:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    pdfmetrics.registerFontFamily(_SANS, normal=_SANS, bold=_BOLD, italic=_SANS, boldItalic=_BOLD)


def _style(**more: Any) -> ParagraphStyle:
    given = {"fontName": _SANS, "fontSize": 8.5, "leading": 11.5, "textColor": _INK, **more}
    return ParagraphStyle("text", **given)


_TEXT, _SMALL = _style(), _style(fontSize=7.5, leading=10, textColor=_MUTED)
_NUMBER = _style(alignment=TA_RIGHT, splitLongWords=0)
_STRONG = _style(fontName=_BOLD)
_STRONG_NUMBER = _style(fontName=_BOLD, alignment=TA_RIGHT, splitLongWords=0)
_PAGE_NUMBER, _DESCENT = 25 * mm, 2.5


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_in_fonts(text), style)


def _amount(amount: Money, style: ParagraphStyle = _NUMBER) -> Paragraph:
    """On one line: an amount that is broken after its currency reads like two."""
    return _paragraph(amount.format().replace(" ", "\N{NO-BREAK SPACE}"), style)


def _in_fonts(text: str) -> str:
    """The text as markup. What no font has (emoji, mostly) is left out, so that no empty boxes are printed."""
    _register_fonts()
    runs = ((font, "".join(run)) for font, run in groupby(text, key=_font_of) if font is not None)
    return "".join(f'<font name="{font}">{escape(run)}</font>' if font else escape(run) for font, run in runs)


def _font_of(character: str) -> str | None:
    """Empty for the paragraph's own; None for none."""
    code = ord(character)
    font = pdfmetrics.getFont(_SANS)
    if isinstance(font, TTFont) and code in font.face.charToGlyph:
        return ""
    return next(
        (name for name, *ranges in _OTHER_SCRIPTS if any(first <= code <= last for first, last in ranges)), None
    )


def _head(statement: Statement, title: str) -> list[Flowable]:
    period = f"{_date(statement.start)} to {_date(statement.last_moment)} (UTC)"
    return [
        _paragraph("Artisan's Hub", _SMALL),
        _paragraph(title, _style(fontName=_BOLD, fontSize=17, leading=22)),
        _paragraph(f"{statement.artisan_name} · {statement.artisan_reference}", _TEXT),
        _paragraph(period if statement.is_complete else f"{period}. This month is not over: so far.", _TEXT),
        Spacer(1, 6 * mm),
    ]


def _sums(statement: Statement) -> list[Flowable]:
    rows = [("Opening balance", statement.opening.balance)]
    rows += [(CATEGORY_WORDS[category], amount) for category, amount in statement.sums.items()]
    rows += [("Closing balance", statement.closing.balance)]
    ends = (0, len(rows) - 1)
    cells = [
        [
            _paragraph(words, _STRONG if number in ends else _TEXT),
            _amount(amount, _STRONG_NUMBER if number in ends else _NUMBER),
        ]
        for number, (words, amount) in enumerate(rows)
    ]
    return [
        _table(cells, [70 * mm, 40 * mm]),
        _paragraph("The balance is what is pending and available, less what you owe.", _SMALL),
        Spacer(1, 6 * mm),
    ]


def _places(statement: Statement) -> list[Flowable]:
    def row(name: str, words: str) -> list[Paragraph]:
        ends: tuple[Places, Places] = (statement.opening, statement.closing)
        return [_paragraph(words, _TEXT), *(_amount(getattr(end, name)) for end in ends)]

    head = [
        _paragraph(words, style)
        for words, style in (("Where it lies", _STRONG), ("Opening", _STRONG_NUMBER), ("Closing", _STRONG_NUMBER))
    ]
    return [_table([head, *(row(*place) for place in _PLACES)], [90 * mm, 35 * mm, 35 * mm]), Spacer(1, 6 * mm)]


def _movements(statement: Statement) -> list[Flowable]:
    if not statement.entries:
        return [_paragraph("Nothing moved.", _TEXT)]
    heads = ("Date", "What", "Amount", "Balance")
    cells = [[_paragraph(head, _STRONG if number < 2 else _STRONG_NUMBER) for number, head in enumerate(heads)]]
    balance = statement.opening.balance
    for entry in statement.entries:
        balance = balance + entry.amount
        cells.append(_movement(entry, balance))
    # The head is repeated on each page.
    return [_table(cells, [22 * mm, 82 * mm, 35 * mm, 35 * mm], repeat=1)]


def _movement(entry: StatementEntry, balance: Money) -> list[Any]:
    references = " · ".join(text for text in (entry.part_reference, entry.payout_reference or entry.reference) if text)
    category = CATEGORY_WORDS[entry.category]
    words = entry.text if entry.text.startswith(category) else f"{category}: {entry.text}"
    return [
        _paragraph(_date(entry.at), _TEXT),
        [_paragraph(words, _TEXT), _paragraph(references, _SMALL)],
        _amount(entry.amount),
        _amount(balance),
    ]


def _table(cells: list[list[Any]], widths: list[float], *, repeat: int = 0) -> Table:
    style: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(cells, colWidths=widths, repeatRows=repeat, hAlign="LEFT", style=TableStyle(style))


def _date(at: dt.datetime) -> str:
    return f"{at.day} {at:%b %Y}"
