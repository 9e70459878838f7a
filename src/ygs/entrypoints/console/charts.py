"""Charts as SVG, made by the server: they need no script, scale with the page, and print."""

from collections.abc import Sequence

from markupsafe import Markup

_HEIGHT = 120
_COLUMN = 36
_LABEL = 18


def columns(values: Sequence[tuple[str, int]], title: str) -> Markup:
    """A column for each value, with its figure above and its name below. `title`: what a screen reader says it is."""
    most = max((value for _, value in values), default=0) or 1
    drawn = [_column(place, name, value, most) for place, (name, value) in enumerate(values)]
    width = max(len(values), 1) * _COLUMN
    box = Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">'
    ).format(width=width, height=_HEIGHT + 2 * _LABEL, title=title)
    return box + Markup("").join(drawn) + Markup("</svg>")


def _column(place: int, name: str, value: int, most: int) -> Markup:
    height = round(value / most * _HEIGHT)
    middle = place * _COLUMN + _COLUMN // 2
    return Markup(
        '<rect class="bar" x="{left}" y="{top}" width="{width}" height="{height}" rx="2"/>'
        '<text x="{middle}" y="{above}" text-anchor="middle">{value}</text>'
        '<text x="{middle}" y="{below}" text-anchor="middle">{name}</text>'
    ).format(
        left=place * _COLUMN + 6,
        top=_LABEL + _HEIGHT - height,
        width=_COLUMN - 12,
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
