"""The map of supply and demand: for each gender, regions by ages, as a picture and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ygs.application.rounds.pool_balance import PoolCellView, PoolView
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.console.charts import MapCell

_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class PoolMap:
    """The groups of one gender. `ages`: the columns; `rows`: each region's name with its cells, None where nobody is
    there or wanted."""

    gender: str
    ages: Sequence[str]
    rows: Sequence[tuple[str, Sequence[PoolCellView | None]]]

    @property
    def picture(self) -> Sequence[tuple[str, Sequence[MapCell | None]]]:
        """The rows as the picture draws them."""
        return [(name, [_drawn(each) for each in cells]) for name, cells in self.rows]


def pool_maps(pool: PoolView, language: Language) -> list[PoolMap]:
    """One map for each gender that is there. People whose age or region is unknown have no place on it."""
    return [_map(pool, gender, language) for gender in sorted({each.gender for each in pool.cells})]


def _map(pool: PoolView, gender: str, language: Language) -> PoolMap:
    cells: Mapping[tuple[str, int], PoolCellView] = {
        (each.region, each.from_age): each
        for each in pool.cells
        if each.gender == gender and each.region is not None and each.from_age is not None
    }
    ages = sorted({age for _, age in cells})
    here = {region for region, _ in cells}
    regions = [value.code for value in VOCABULARY["region"].values if value.code in here]
    rows = [(VOCABULARY["region"].label(code, language), [cells.get((code, age)) for age in ages]) for code in regions]
    to_ages = {each.from_age: each.to_age for each in cells.values()}
    return PoolMap(gender, [f"{age}\N{EN DASH}{to_ages[age]}" for age in ages], rows)


def _drawn(cell: PoolCellView | None) -> MapCell | None:
    if cell is None:
        return None
    more = cell.there - cell.wanted
    figure = f"+{more}" if more > 0 else f"{_MINUS}{-more}" if more else "0"
    return MapCell(figure, more / max(cell.there, cell.wanted))
