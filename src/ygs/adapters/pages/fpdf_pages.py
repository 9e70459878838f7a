"""Pages as PDF by fpdf2, with the letters that they show of a Korean font: readers need not have one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from ygs.domain.errors import N_, BadFile
from ygs.ports.page_printer import PrintedPage

FONT = "Noto Sans KR"
# Points: A4, and what stays blank around the text.
WIDTH, HEIGHT = 595.28, 841.89
MARGIN = 57
# Room for amounts at the right.
AMOUNT_WIDTH = 110
SIZES = (11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
_LEADING = 1.45
# Points: a size at which widths are exact enough.
_MEASURED_AT = 100.0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    amount: str = ""
    scale: float = 1.0
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class _Canvas:
    """An empty page, and how wide each letter is on it: one point of a letter's size, remembered."""

    file: Any
    widths: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, title: str) -> Self:
        """A page of a new file with that title."""
        from fpdf import FPDF
        from pylopdf_fonts_ko import sans_path

        file = FPDF(unit="pt", format="A4")
        file.set_auto_page_break(auto=False)
        file.add_font(FONT, fname=sans_path())
        file.add_page()
        file.set_font(FONT)
        file.set_title(title)
        # The time at which it is printed would make the same page another file each time.
        file.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        return cls(file)

    def width(self, text: str, size: float) -> float:
        """The width of a text, points."""
        return size * sum(map(self._width_of, text))

    def _width_of(self, letter: str) -> float:
        if letter not in self.widths:
            self.file.set_font_size(_MEASURED_AT)
            self.widths[letter] = self.file.get_string_width(letter) / _MEASURED_AT
        return self.widths[letter]


class FpdfPages:
    """`PagePrinter` over fpdf2, which is imported when the first page is printed."""

    def pdf(self, page: PrintedPage) -> bytes:
        """Takes the largest letters with which everything fits on one page."""
        canvas = _Canvas.of(page.title)
        with ExitStack() as closing:
            for font in canvas.file.fonts.values():
                closing.callback(font.close)
            return _printed(canvas, page)


def _printed(canvas: _Canvas, page: PrintedPage) -> bytes:
    for size in SIZES:
        lines = list(_lines(canvas, page, size))
        if _height(lines, size) <= HEIGHT - 2 * MARGIN:
            _draw(canvas, lines, size)
            return bytes(canvas.file.output())
    raise BadFile(N_("the text is too long for one page: shorten it"))


def _lines(canvas: _Canvas, page: PrintedPage, size: float) -> Iterator[_Line]:
    full = WIDTH - 2 * MARGIN
    yield _Line(page.title, scale=1.6)
    yield _Line("")
    for fact in page.facts:
        yield from (_Line(text) for text in _wrapped(canvas, fact, full, size))
    yield _Line("", ruled=True)
    for sentence, amount in page.rows:
        first, *rest = _wrapped(canvas, sentence, full - AMOUNT_WIDTH, size)
        yield _Line(first, amount)
        yield from map(_Line, rest)
    yield _Line("", ruled=True)
    yield _Line(page.result, scale=1.25)
    yield _Line("")
    for note in page.notes:
        yield from (_Line(text) for text in _wrapped(canvas, note, full, size))


def _wrapped(canvas: _Canvas, text: str, width: float, size: float) -> Sequence[str]:
    """The text in lines of that width, broken between words, or within one that is wider."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if canvas.width(joined, size) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if canvas.width(lines[-1] + letter, size) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _height(lines: Sequence[_Line], size: float) -> float:
    return sum(size * line.scale * _LEADING for line in lines)


def _draw(canvas: _Canvas, lines: Sequence[_Line], size: float) -> None:
    base: float = MARGIN
    for line in lines:
        scaled = size * line.scale
        base += scaled * _LEADING
        right = WIDTH - MARGIN - canvas.width(line.amount, scaled)
        canvas.file.set_font_size(scaled)
        for left, text in ((MARGIN, line.text), (right, line.amount)):
            if text:
                canvas.file.text(left, base, text)
        if line.ruled:
            canvas.file.line(MARGIN, base - size / 2, WIDTH - MARGIN, base - size / 2)
