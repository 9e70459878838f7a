"""Whom a pool lacks: how many people of each gender, year of birth and region are wanted, and how many there are.

Everybody who takes part counts once for every gender they seek, shared out over the people whom their wishes about year
of birth and region accept: equally over these people or, where nobody fits, over the years and regions they accept. So
a group is wanted more than it is there when many accept only it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from ygs.domain.matching.attribute import UNKNOWN
from ygs.domain.matching.market import Genders, Market
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance

_YEARS = VOCABULARY["birth_year"].size
_REGIONS = VOCABULARY["region"].size
_ALL_REGIONS = tuple(range(_REGIONS + 1))


@dataclass(frozen=True, slots=True, order=True)
class PoolCell:
    """One group of a pool. `from_age`: the youngest of it, None where the year of birth is unknown; `region`: a code of
    the vocabulary, 0 where it is unknown; `there`: how many there are, `wanted`: how many are wanted."""

    gender: Genders
    from_age: int | None
    region: int
    there: int
    wanted: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody accepts: years of birth `low`..`high` and regions, by their codes; 0 is unknown."""

    low: int
    high: int
    regions: tuple[int, ...]

    @classmethod
    def of(cls, years: tuple[int, int, int], region: tuple[int, int]) -> "_Wanted":
        """What wishes accept, each given as it stands in the columns of a market."""
        importance, low, high = years
        matters, accepts = region
        wishes_years = importance != Importance.IGNORE and low
        wishes_regions = matters != Importance.IGNORE and accepts
        regions = tuple(code for code in _ALL_REGIONS if code and accepts >> (code - 1) & 1)
        return cls(
            low if wishes_years else UNKNOWN,
            high if wishes_years else _YEARS,
            regions if wishes_regions else _ALL_REGIONS,
        )


@dataclass(slots=True)
class _Grid:
    """The people of one gender by region and year, and how much of each is wanted.

    `there`: people; `before`: how many there are before each year. `per_person` and `per_year`: what is wanted of each
    person, and of each year whoever is born in it, as differences from one year to the next.
    """

    there: list[list[int]] = field(default_factory=lambda: [[0] * (_YEARS + 1) for _ in _ALL_REGIONS])
    before: list[list[int]] = field(default_factory=list)
    per_person: list[list[float]] = field(default_factory=lambda: [[0.0] * (_YEARS + 2) for _ in _ALL_REGIONS])
    per_year: list[list[float]] = field(default_factory=lambda: [[0.0] * (_YEARS + 2) for _ in _ALL_REGIONS])

    def count(self) -> None:
        """Fill `before`, once everybody is in."""
        self.before = [[0, *accumulate(row)] for row in self.there]

    def want(self, wanted: _Wanted, people: int) -> None:
        """Share out what so many people want, who accept the same."""
        fitting = sum(
            self.before[region][wanted.high + 1] - self.before[region][wanted.low] for region in wanted.regions
        )
        years = (wanted.high - wanted.low + 1) * len(wanted.regions)
        target, share = (self.per_person, people / fitting) if fitting else (self.per_year, people / years)
        for region in wanted.regions:
            target[region][wanted.low] += share
            target[region][wanted.high + 1] -= share

    def sums(self) -> Iterator[tuple[int, int, int, float]]:
        """Region, year, how many are there and how many are wanted; without regions of which neither is."""
        for region in _ALL_REGIONS:
            if not (any(self.there[region]) or any(self.per_year[region])):
                continue
            per_person = list(accumulate(self.per_person[region]))
            per_year = list(accumulate(self.per_year[region]))
            for year, there in enumerate(self.there[region]):
                yield region, year, there, there * per_person[year] + per_year[year]


def pool_balance(market: Market, year: int, band: int) -> Sequence[PoolCell]:
    """The groups of a market that are there or wanted, in order. `year`: in which ages are counted; `band`: how many
    years of age are one group."""
    grids = {gender: _Grid() for gender in Genders}
    facts = zip(market.genders, market.facts["region"], market.facts["birth_year"], strict=True)
    for (gender, region, born), people in Counter(facts).items():
        grids[Genders(gender)].there[region][born] += people
    for grid in grids.values():
        grid.count()
    years, regions = market.wishes["birth_year"], market.wishes["region"]
    wishes = zip(
        market.seeks,
        zip(years.importance, years.low, years.high, strict=True),
        zip(regions.importance, regions.accepts, strict=True),
        strict=True,
    )
    # By wish and not by person: few of them differ.
    for (seeks, of_year, of_region), people in Counter(wishes).items():
        for gender in Genders(seeks):
            grids[gender].want(_Wanted.of(of_year, of_region), people)
    return sorted(_cells(grids, year, band), key=lambda each: (each.gender, each.from_age or 0, each.region))


def weeks_waited(market: Market, most: int) -> Sequence[int]:
    """How many people have waited 0, 1, 2 ... rounds since their last introduction, or since they joined; the last
    figure is of those who have waited `most` or more."""
    counts = Counter(min(weeks, most) for weeks in market.weeks_waited)
    return [counts[weeks] for weeks in range(most + 1)]


def _cells(grids: dict[Genders, _Grid], year: int, band: int) -> Iterator[PoolCell]:
    first = VOCABULARY["birth_year"].low
    for gender, grid in grids.items():
        there = Counter[tuple[int | None, int]]()
        wanted = dict[tuple[int | None, int], float]()
        for region, code, people, share in grid.sums():
            age = (year - (first + code - 1)) // band * band if code else None
            there[age, region] += people
            wanted[age, region] = wanted.get((age, region), 0.0) + share
        for (age, region), share in wanted.items():
            if there[age, region] or round(share):
                yield PoolCell(gender, age, region, there[age, region], round(share))
