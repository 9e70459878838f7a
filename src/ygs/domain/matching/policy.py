"""The agency's policy for a round: its affinities, what it forbids, and what it maximises."""

from dataclasses import dataclass, field
from enum import StrEnum

from ygs.domain.errors import N_, InvalidPolicy
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.vocabulary import known_attribute
from ygs.domain.matching.wishes import FULL


class Nearness(StrEnum):
    """How an affinity compares two people's values of one attribute."""

    SAME = "same"
    NEAR = "near"
    SHARED = "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """A symmetric term the agency adds to both sides' satisfaction.

    `SAME` (categories): full when equal, half for neighbours. `NEAR` (ordinals): falls linearly from equal to 0 at
    `span` steps apart. `SHARED` (sets): rises linearly to full at `span` values in common.
    """

    attribute: str
    nearness: Nearness
    weight: int
    span: int = 1

    def __post_init__(self) -> None:
        kind = known_attribute(self.attribute).kind
        fitting = {Nearness.SAME: Kind.CATEGORY, Nearness.NEAR: Kind.ORDINAL, Nearness.SHARED: Kind.SET}
        if fitting[self.nearness] is not kind:
            raise InvalidPolicy(
                N_("affinity for {attribute}: {nearness} does not apply to a {kind}"),
                attribute=self.attribute,
                nearness=self.nearness,
                kind=kind,
            )
        if not (1 <= self.weight <= 100 and 1 <= self.span <= 255):
            raise InvalidPolicy(
                N_("affinity for {attribute}: weight must be 1..100 and span 1..255"), attribute=self.attribute
            )


class Objective(StrEnum):
    """What a round maximises after the promises due and the longest waits: the total of the mutual scores, first the
    number of people introduced, or the total of the chances of a mutual yes."""

    TOTAL = "total"
    COVERAGE = "coverage"
    CHANCE = "chance"


class Strategy(StrEnum):
    """How a round is solved: the proven optimum, deferred acceptance, or the greedy pairing others use."""

    OPTIMAL = "optimal"
    STABLE = "stable"
    GREEDY = "greedy"


AFFINITIES = (
    Affinity(attribute="birth_year", nearness=Nearness.NEAR, weight=3, span=10),
    Affinity(attribute="interests", nearness=Nearness.SHARED, weight=3, span=3),
    Affinity(attribute="personality", nearness=Nearness.SHARED, weight=1, span=3),
    Affinity(attribute="drinking", nearness=Nearness.NEAR, weight=1, span=2),
    Affinity(attribute="exercise", nearness=Nearness.NEAR, weight=1, span=3),
    Affinity(attribute="weekend", nearness=Nearness.SAME, weight=1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The agency's rules for a round; stored with it, so that a plan can be made again.

    `unknown_fit`: fit of an unknown fact, basis points. `strict_unknown`: a `MUST` refuses unknown facts. `floor`:
    least satisfaction, in either direction, of an eligible pair, basis points. `wait_bonus`: basis points per person
    and week waited, of the score or of the chance, counted up to `longest_wait` weeks; people who waited that long come
    before the total.
    `capacity`: introductions a person may have this week unless their own capacity says otherwise.
    """

    version: str = "2026.1"
    unknown_fit: int = 5_000
    strict_unknown: bool = False
    floor: int = 3_000
    wait_bonus: int = 20
    longest_wait: int = 4
    capacity: int = 1
    objective: Objective = Objective.TOTAL
    strategy: Strategy = Strategy.OPTIMAL
    affinities: tuple[Affinity, ...] = field(default=AFFINITIES)

    def __post_init__(self) -> None:
        limits = {"unknown_fit": FULL, "floor": FULL, "wait_bonus": 2_000, "longest_wait": 52}
        for name, most in limits.items():
            if not 0 <= getattr(self, name) <= most:
                raise InvalidPolicy(N_("{name} must be 0..{most}"), name=name, most=most)
        if not 1 <= self.capacity <= MOST_CAPACITY or not self.longest_wait >= 1:
            raise InvalidPolicy(
                N_("capacity must be 1..{most_capacity} and longest_wait at least 1"), most_capacity=MOST_CAPACITY
            )
        attributes = [affinity.attribute for affinity in self.affinities]
        if len(attributes) != len(set(attributes)):
            raise InvalidPolicy(N_("two affinities for one attribute: keep one"))


MOST_CAPACITY = 7
