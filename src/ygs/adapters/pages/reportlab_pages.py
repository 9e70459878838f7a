"""Pages as PDF by reportlab, in a Korean font that PDF readers bring themselves: no font file is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from ygs.domain.errors import N_, BadFile
from ygs.ports.page_printer import PrintedPage

FONT = "HYSMyeongJo-Medium"
# Points: A4, and what stays blank around the text.
WIDTH, HEIGHT = 595.28, 841.89
MARGIN = 57
# Room for amounts at the right.
AMOUNT_WIDTH = 110
SIZES = (11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
_LEADING = 1.45


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    amount: str = ""
    scale: float = 1.0
    ruled: bool = False


class ReportlabPages:
    """`PagePrinter` over reportlab, which is imported when the first page is printed."""

    def pdf(self, page: PrintedPage) -> bytes:
        """Takes the largest letters with which everything fits on one page."""
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfbase.pdfmetrics import registerFont
        from reportlab.pdfgen.canvas import Canvas

        registerFont(UnicodeCIDFont(FONT))
        target = BytesIO()
        canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)
        canvas.setTitle(page.title)
        for size in SIZES:
            lines = list(_lines(page, size))
            if _height(lines, size) <= HEIGHT - 2 * MARGIN:
                _draw(canvas, lines, size)
                canvas.save()
                return target.getvalue()
        raise BadFile(N_("the text is too long for one page: shorten it"))


def _lines(page: PrintedPage, size: float) -> Iterator[_Line]:
    full = WIDTH - 2 * MARGIN
    yield _Line(page.title, scale=1.6)
    yield _Line("")
    for fact in page.facts:
        yield from (_Line(text) for text in _wrapped(fact, full, size))
    yield _Line("", ruled=True)
    for sentence, amount in page.rows:
        first, *rest = _wrapped(sentence, full - AMOUNT_WIDTH, size)
        yield _Line(first, amount)
        yield from map(_Line, rest)
    yield _Line("", ruled=True)
    yield _Line(page.result, scale=1.25)
    yield _Line("")
    for note in page.notes:
        yield from (_Line(text) for text in _wrapped(note, full, size))


def _wrapped(text: str, width: float, size: float) -> Sequence[str]:
    """The text in lines of that width, broken between words, or within one that is wider."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if _width(joined, size) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if _width(lines[-1] + letter, size) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _width(text: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, FONT, size))


def _height(lines: Sequence[_Line], size: float) -> float:
    return sum(size * line.scale * _LEADING for line in lines)


def _draw(canvas: Any, lines: Sequence[_Line], size: float) -> None:
    top = HEIGHT - MARGIN
    for line in lines:
        top -= size * line.scale * _LEADING
        canvas.setFont(FONT, size * line.scale)
        canvas.drawString(MARGIN, top, line.text)
        canvas.drawRightString(WIDTH - MARGIN, top, line.amount)
        if line.ruled:
            canvas.line(MARGIN, top + size / 2, WIDTH - MARGIN, top + size / 2)
