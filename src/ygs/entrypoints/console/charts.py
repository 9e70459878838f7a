"""Charts as SVG, made by the server: they need no script, scale with the page, and print."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_HEIGHT = 120
# Of a column: the least width, and what each character of its name or figure takes.
_COLUMN = 28
_CHARACTER = 8
_LABEL = 18
# Of a map: the names of its rows, a cell, a row, and the deepest colour, on which text can still be read.
_NAME = 96
_CELL = 54
_ROW = 26
_DEEPEST = 0.45
# Of a funnel: a stage, its name, the longest bar, and its figure. As wide as a telephone shows.
_STAGE = 30
_STAGE_NAME = 92
_FUNNEL = 132
_STAGE_FIGURE = 86
# Of a chart of shares against shares: its square, and what is left of and below it.
_SQUARE = 240
_MARGIN = 40
# Of bars to both sides: how long they may be, and the names between them.
_SIDE = 100
_MIDDLE = 120


def columns(values: Sequence[tuple[str, int]], title: str) -> Markup:
    """A column for each value, with its figure above and its name below. `title`: what a screen reader says it is."""
    most = max((value for _, value in values), default=0) or 1
    widest = max((len(word) for name, value in values for word in (name, f"{value}")), default=0)
    wide = max(_COLUMN, (widest + 1) * _CHARACTER)
    drawn = [_column(place, name, value, most, wide) for place, (name, value) in enumerate(values)]
    width = max(len(values), 1) * wide
    box = Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">'
    ).format(width=width, height=_HEIGHT + 2 * _LABEL, title=title)
    return box + Markup("").join(drawn) + Markup("</svg>")


def _column(place: int, name: str, value: int, most: int, wide: int) -> Markup:
    height = round(value / most * _HEIGHT)
    middle = place * wide + wide // 2
    return Markup(
        '<rect class="bar" x="{left}" y="{top}" width="{width}" height="{height}" rx="2"/>'
        '<text x="{middle}" y="{above}" text-anchor="middle">{value}</text>'
        '<text x="{middle}" y="{below}" text-anchor="middle">{name}</text>'
    ).format(
        left=place * wide + 6,
        top=_LABEL + _HEIGHT - height,
        width=wide - 12,
        height=height,
        middle=middle,
        above=_LABEL + _HEIGHT - height - 4,
        below=_HEIGHT + 2 * _LABEL - 4,
        value=value,
        name=name,
    )


def bar(share: float) -> Markup:
    """A horizontal bar; `share` 0..1 of its length is filled."""
    filled = round(max(0.0, min(share, 1.0)) * 100)
    return Markup(
        '<svg viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">'
        '<rect class="bar-ground" width="100" height="8" rx="4"/>'
        '<rect class="bar" width="{filled}" height="8" rx="4"/></svg>'
    ).format(filled=filled)


def funnel(stages: Sequence[tuple[str, int]], title: str) -> Markup:
    """A funnel: a centred bar for each stage, with its figure and how much that is of the first. `title`: what a screen
    reader says it is, which reads a table beside it."""
    most = max((value for _, value in stages), default=0) or 1
    width = _STAGE_NAME + _FUNNEL + _STAGE_FIGURE
    box = Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">'
    ).format(width=width, height=len(stages) * _STAGE, title=title)
    drawn = [_stage(place, name, value, most) for place, (name, value) in enumerate(stages)]
    return box + Markup("").join(drawn) + Markup("</svg>")


def _stage(place: int, name: str, value: int, most: int) -> Markup:
    top = place * _STAGE
    # Thin where few are left, but never nothing where there is somebody.
    length = max(round(value / most * _FUNNEL), 2 if value else 0)
    return Markup(
        '<text x="{before}" y="{middle}" text-anchor="end">{name}</text>'
        '<rect class="bar" x="{left}" y="{top}" width="{length}" height="{height}" rx="3"/>'
        '<text x="{after}" y="{middle}">{value} · {share}%</text>'
    ).format(
        before=_STAGE_NAME - 8,
        middle=top + _STAGE // 2 + 4,
        name=name,
        left=_STAGE_NAME + (_FUNNEL - length) // 2,
        top=top + 2,
        length=length,
        height=_STAGE - 4,
        after=_STAGE_NAME + _FUNNEL + 8,
        value=f"{value:,}",
        share=round(100 * value / most),
    )


@dataclass(frozen=True, slots=True)
class MapCell:
    """A cell of a map: its figure, and its colour. `share`: from -1, far too few, to 1, far too many."""

    figure: str
    share: float


def heat_map(columns: Sequence[str], rows: Sequence[tuple[str, Sequence[MapCell | None]]], title: str) -> Markup:
    """A map of figures; None for a cell where nobody is. Its colours say no more than its figures. `title`: what a
    screen reader says it is, which reads a table beside it."""
    width = _NAME + len(columns) * _CELL
    height = (len(rows) + 1) * _ROW
    box = Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">'
    ).format(width=width, height=height, title=title)
    heads = [_text(_NAME + place * _CELL + _CELL // 2, 0, name, "middle") for place, name in enumerate(columns)]
    drawn = [_map_row(place, name, cells) for place, (name, cells) in enumerate(rows, start=1)]
    return box + Markup("").join([*heads, *drawn]) + Markup("</svg>")


def _map_row(place: int, name: str, cells: Sequence[MapCell | None]) -> Markup:
    drawn = [_map_cell(number, place, cell) for number, cell in enumerate(cells) if cell]
    return _text(_NAME - 6, place, name, "end") + Markup("").join(drawn)


def _map_cell(column: int, row: int, cell: MapCell) -> Markup:
    left = _NAME + column * _CELL
    kind = "lack" if cell.share < 0 else "plenty"
    opacity = round(min(abs(cell.share), 1.0) * _DEEPEST, 2)
    ground = Markup(
        '<rect class="{kind}" fill-opacity="{opacity}" x="{x}" y="{y}" width="{width}" height="{height}" rx="3"/>'
    ).format(kind=kind, opacity=opacity, x=left + 1, y=row * _ROW + 1, width=_CELL - 2, height=_ROW - 2)
    return ground + _text(left + _CELL // 2, row, cell.figure, "middle")


def _text(x: int, row: int, words: str, anchor: str) -> Markup:
    return Markup('<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>').format(
        x=x, y=row * _ROW + 17, anchor=anchor, words=words
    )


@dataclass(frozen=True, slots=True)
class TwoSided:
    """One wish from both sides: how much of each person's score it gives, of how much it could; basis points."""

    name: str
    left: tuple[int, int] = (0, 0)
    right: tuple[int, int] = (0, 0)


def two_sided(rows: Sequence[TwoSided], left: str, right: str, title: str) -> Markup:
    """Bars to the left and to the right of each wish's name: filled as far as it is met, on a ground as long as it
    could be. `left`, `right`: whose wishes; `title`: what a screen reader says it is, which reads the tables below."""
    longest = max((most for row in rows for _, most in (row.left, row.right)), default=0) or 1
    middle = _SIDE + _MIDDLE // 2
    width, height = 2 * _SIDE + _MIDDLE, (len(rows) + 1) * _ROW
    box = Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">'
    ).format(width=width, height=height, title=title)
    heads = _text(_SIDE, 0, left, "end") + _text(_SIDE + _MIDDLE, 0, right, "start")
    drawn = [
        _text(middle, place, row.name, "middle")
        + _side(place, row.left, longest, leftwards=True)
        + _side(place, row.right, longest, leftwards=False)
        for place, row in enumerate(rows, start=1)
    ]
    return box + heads + Markup("").join(drawn) + Markup("</svg>")


def _side(row: int, share: tuple[int, int], longest: int, *, leftwards: bool) -> Markup:
    met, most = (round(each / longest * _SIDE) for each in share)
    return _bar(row, most, "bar-ground", leftwards=leftwards) + _bar(row, met, "bar", leftwards=leftwards)


def _bar(row: int, length: int, kind: str, *, leftwards: bool) -> Markup:
    x = _SIDE - length if leftwards else _SIDE + _MIDDLE
    return Markup('<rect class="{kind}" x="{x}" y="{y}" width="{length}" height="12" rx="3"/>').format(
        kind=kind, x=x, y=row * _ROW + 7, length=length
    )


@dataclass(frozen=True, slots=True)
class Observed:
    """What was predicted, what happened, and the interval of what happened; each 0..1."""

    predicted: float
    happened: float
    low: float
    high: float


def reliability_chart(points: Sequence[Observed], across: str, up: str, title: str) -> Markup:
    """A point for each group: predicted to the right, happened upwards, with its interval. On the dashed line both are
    equal. `across`, `up`: what the axes say; `title`: what a screen reader says it is, which reads the table beside."""
    most = _rounded_up(max((max(each.predicted, each.high) for each in points), default=1.0))
    size = _SQUARE + _MARGIN + 10
    box = Markup(
        '<svg viewBox="0 0 {size} {size}" width="{size}" height="{size}" role="img" aria-label="{title}">'
    ).format(size=size, title=title)
    drawn = [_point(each, most) for each in points]
    return box + _axes(most, across, up) + Markup("").join(drawn) + Markup("</svg>")


def _rounded_up(share: float) -> float:
    """The axis ends at the next tenth."""
    return min((int(share * 10 - 1e-9) + 1) / 10, 1.0)


def _x(share: float, most: float) -> int:
    return _MARGIN + round(share / most * _SQUARE)


def _y(share: float, most: float) -> int:
    return 10 + _SQUARE - round(share / most * _SQUARE)


def _axes(most: float, across: str, up: str) -> Markup:
    bottom, right = 10 + _SQUARE, _MARGIN + _SQUARE
    return Markup(
        '<path class="axis" d="M{left} 10V{bottom}H{right}"/>'
        '<path class="axis dashed" d="M{left} {bottom}L{right} 10"/>'
        '<text x="{right}" y="{below}" text-anchor="end">{across} {end} %</text>'
        '<text x="{left}" y="{below}" text-anchor="middle">0</text>'
        '<text x="{beside}" y="22">{up} {end} %</text>'
    ).format(
        left=_MARGIN,
        bottom=bottom,
        right=right,
        below=bottom + 18,
        beside=_MARGIN + 6,
        across=across,
        up=up,
        end=round(100 * most),
    )


def _point(each: Observed, most: float) -> Markup:
    return Markup('<path class="interval" d="M{x} {low}V{high}"/><circle class="bar" cx="{x}" cy="{y}" r="4"/>').format(
        x=_x(each.predicted, most), y=_y(each.happened, most), low=_y(each.low, most), high=_y(each.high, most)
    )
