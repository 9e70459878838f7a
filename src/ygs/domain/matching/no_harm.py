"""The no-harm rule: what a plan by chances gains must not be paid for by a group of members, or by one who waits.

The week is planned by scores too, and the two plans are compared. Where the rule breaks, each introduction of a harmed
group is made to count more, and more again, until the rule holds; the plan by scores is taken where it never does. The
best plan with a bonus for each introduction of a group is the best one, without bonuses, of all plans that introduce
these groups as often or more often: such a plan has at least as many bonuses, so it cannot have more besides.
A group is a gender and five years of birth; groups of fewer than 20 people of a gender are one. By chances a group
keeps at least 95 % of the introductions (or all but one) and 95 % of the expected mutual yeses that it has by scores.
Nobody who has waited for eight weeks is left out whom the plan by scores introduces.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ygs.domain.matching.market import Genders, Market
from ygs.domain.matching.vocabulary import VOCABULARY

LEAST_SHARE = 95  # percent
LEAST_GROUP = 20
WEEKS = 8
YEARS = 5
OTHERS = 0  # The `born` of the group of all that are too few, or whose year of birth is unknown.

# The bonus of a group that is harmed, millionths; it doubles each time the group still is.
FIRST_BONUS = 20_000
MOST_RAISES = 6

# Gender and first year of birth.
Group: TypeAlias = tuple[str, int]
# What each introduction of a group's people adds to the total of chances, millionths.
Bonuses: TypeAlias = Mapping[Group, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOutcome:
    """What a group has by each plan: people introduced, and expected mutual yeses, millionths.

    `gender`: male or female. `born`: the first of the group's five years of birth; 0 for all other years. `bonus`: what
    an introduction of one of its people adds to the total that the plan by chances maximises, millionths.
    """

    gender: str
    born: int
    people: int
    introduced_by_chance: int
    introduced_by_score: int
    expected_by_chance: int
    expected_by_score: int
    bonus: int = 0

    @property
    def harmed(self) -> bool:
        """Whether the group loses more by the plan by chances than the rule allows."""
        fewer = self.introduced_by_chance + 1 < self.introduced_by_score
        enough = 100 * self.introduced_by_chance >= LEAST_SHARE * self.introduced_by_score
        return (fewer and not enough) or 100 * self.expected_by_chance < LEAST_SHARE * self.expected_by_score


@dataclass(frozen=True, slots=True, kw_only=True)
class NoHarm:
    """The comparison of both plans of a week.

    `overlooked`: people in at least their eighth week of waiting whom only the plan by scores introduces. The two Gini
    coefficients are of everybody's introductions so far, basis points.
    """

    groups: tuple[GroupOutcome, ...]
    overlooked: int
    gini_by_chance: int
    gini_by_score: int

    @property
    def kept(self) -> bool:
        """Whether the plan by chances keeps the rule."""
        return not self.overlooked and not self.harmed

    @property
    def harmed(self) -> tuple[GroupOutcome, ...]:
        """The groups that lose more than the rule allows."""
        return tuple(group for group in self.groups if group.harmed)

    @property
    def bonuses(self) -> Bonuses:
        """The groups with a bonus."""
        return {(group.gender, group.born): group.bonus for group in self.groups if group.bonus}

    def raised(self) -> Bonuses:
        """The bonuses to try next: those of the harmed groups begin, or double."""
        bonuses = dict(self.bonuses)
        for group in self.harmed:
            bonuses[group.gender, group.born] = 2 * group.bonus or FIRST_BONUS
        return bonuses

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "NoHarm":
        """The comparison that `dataclasses.asdict` made a document of."""
        groups = tuple(GroupOutcome(**group) for group in document["groups"])
        return cls(**{**document, "groups": groups})


@dataclass(frozen=True, slots=True)
class ComparedPlan:
    """What the rule looks at: two places and the chance of each pair, and the plan's Gini coefficient."""

    pairs: tuple[tuple[int, int, int], ...]
    gini: int

    @property
    def chances(self) -> int:
        """The total of the chances."""
        return sum(chance for _, _, chance in self.pairs)

    def introduced(self) -> frozenset[int]:
        """The places of the people in a pair."""
        return frozenset(person for a, b, _ in self.pairs for person in (a, b))


def compare_plans(
    market: Market, by_chance: ComparedPlan, by_score: ComparedPlan, bonuses: Bonuses | None = None
) -> NoHarm:
    """Compare the two plans of a market, group by group, and find whom only the plan by chances overlooks. `bonuses`:
    those with which the plan by chances was made."""
    groups = groups_of(market)
    left_out = by_score.introduced() - by_chance.introduced()
    introduced = [Counter(groups[each] for each in plan.introduced()) for plan in (by_chance, by_score)]
    expected = [_expected(plan, groups) for plan in (by_chance, by_score)]
    return NoHarm(
        groups=tuple(
            GroupOutcome(
                gender=gender,
                born=born,
                people=people,
                introduced_by_chance=introduced[0][gender, born],
                introduced_by_score=introduced[1][gender, born],
                expected_by_chance=expected[0][gender, born],
                expected_by_score=expected[1][gender, born],
                bonus=(bonuses or {}).get((gender, born), 0),
            )
            for (gender, born), people in sorted(Counter(groups).items())
        ),
        overlooked=sum(1 for each in left_out if market.weeks_waited[each] >= WEEKS - 1),
        gini_by_chance=by_chance.gini,
        gini_by_score=by_score.gini,
    )


def groups_of(market: Market) -> list[Group]:
    """The group of each place."""
    born = [_born(code) for code in market.facts["birth_year"]]
    own = [(_GENDERS[gender], year) for gender, year in zip(market.genders, born, strict=True)]
    sizes = Counter(own)
    return [group if sizes[group] >= LEAST_GROUP else (group[0], OTHERS) for group in own]


_GENDERS: Mapping[int, str] = {Genders.MALE: "male", Genders.FEMALE: "female"}


def _born(code: int) -> int:
    year = VOCABULARY["birth_year"].value_of(code) if code else None
    return year - year % YEARS if isinstance(year, int) else OTHERS


def _expected(plan: ComparedPlan, groups: Iterable[Group]) -> Counter[Group]:
    """The sum of the chances of each group's pairs; a pair counts for the groups of both its people."""
    by_place = list(groups)
    expected = Counter[Group]()
    for a, b, chance in plan.pairs:
        expected[by_place[a]] += chance
        expected[by_place[b]] += chance
    return expected
