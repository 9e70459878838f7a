"""What people wish for and what the agency weighs: wishes, affinities, the policy, and how well a value fits.

Every fit, satisfaction and score is an integer in basis points, 0..10000, so that the readable specification and the
array engine agree exactly and ties are real ties.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from ygs.domain.errors import InvalidPolicy, InvalidWish, UnknownValue
from ygs.domain.matching.vocabulary import UNKNOWN, VOCABULARY, Attribute, Kind

FULL = 10_000
NEIGHBOUR_FIT = 5_000


class Importance(IntEnum):
    """How much a wish matters to the person who has it."""

    IGNORE = 0
    SLIGHT = 1
    FAIR = 2
    STRONG = 3
    MUST = 4

    @property
    def weight(self) -> int:
        """Its weight in the satisfaction; a `MUST` weighs like `STRONG` and refuses a fit of 0 besides."""
        return _WEIGHTS[self]

    @property
    def code(self) -> str:
        """Its name in the API."""
        return self.name.lower()


_WEIGHTS = (0, 1, 3, 9, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one person accepts of another for one attribute.

    An ordinal's wish is a range of codes, `low`..`high`, both included. A category's or set's wish is the mask
    `accepts` (bit ``code - 1``); a set fits when it holds at least one accepted value.
    """

    attribute: str
    importance: Importance
    low: int = 0
    high: int = 0
    accepts: int = 0

    def __post_init__(self) -> None:
        attribute = known_attribute(self.attribute)
        if attribute.kind is Kind.ORDINAL:
            if self.accepts or not 1 <= self.low <= self.high <= attribute.size:
                raise InvalidWish(self.attribute, "needs a range whose first value is not after its last")
        elif self.low or self.high or not 0 < self.accepts < 1 << attribute.size:
            raise InvalidWish(self.attribute, "needs at least one accepted value")

    @classmethod
    def between(cls, attribute: str, low: str | int, high: str | int, importance: Importance) -> "Wish":
        """A wish for an ordinal's values from `low` to `high`, both included, e.g. ``between("height_cm", 165, 180,
        FAIR)``."""
        known = known_attribute(attribute)
        return cls(attribute=attribute, importance=importance, low=known.code_of(low), high=known.code_of(high))

    @classmethod
    def among(cls, attribute: str, values: Iterable[str], importance: Importance) -> "Wish":
        """A wish for any of `values` of a category or set."""
        known = known_attribute(attribute)
        if known.kind is Kind.ORDINAL:
            raise InvalidWish(attribute, "is ordered: give its first and last accepted value")
        return cls(attribute=attribute, importance=importance, accepts=known.mask_of(values))


def known_attribute(code: str) -> Attribute:
    """The attribute of that code, or `UnknownValue`."""
    if code not in VOCABULARY:
        raise UnknownValue("attribute", code)
    return VOCABULARY[code]


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
            raise InvalidPolicy(f"affinity for {self.attribute}: {self.nearness} does not apply to a {kind}")
        if not (1 <= self.weight <= 100 and 1 <= self.span <= 255):
            raise InvalidPolicy(f"affinity for {self.attribute}: weight must be 1..100 and span 1..255")


class Objective(StrEnum):
    """What a round maximises after the promises due and the longest waits."""

    TOTAL = "total"
    COVERAGE = "coverage"


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

    `unknown_fit`: fit of a fact nobody told, basis points. `strict_unknown`: a `MUST` refuses unknown facts. `floor`:
    least satisfaction, in either direction, of an eligible pair, basis points. `wait_bonus`: basis points per person
    and week waited, counted up to `longest_wait` weeks; whoever waited at least that long comes before the total.
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
                raise InvalidPolicy(f"{name} must be 0..{most}")
        if not 1 <= self.capacity <= MOST_CAPACITY or not self.longest_wait >= 1:
            raise InvalidPolicy(f"capacity must be 1..{MOST_CAPACITY} and longest_wait at least 1")
        attributes = [affinity.attribute for affinity in self.affinities]
        if len(attributes) != len(set(attributes)):
            raise InvalidPolicy("two affinities for one attribute: keep one")


MOST_CAPACITY = 7


def fit(wish: Wish, value: int, policy: Policy) -> int:
    """How well a value (a code, or a set's mask; 0 is unknown) meets a wish, basis points."""
    if value == UNKNOWN:
        return policy.unknown_fit
    attribute = VOCABULARY[wish.attribute]
    if attribute.kind is Kind.ORDINAL:
        return falling(max(wish.low - value, value - wish.high, 0), attribute.slack)
    if attribute.kind is Kind.SET:
        return FULL if wish.accepts & value else 0
    return _category_fit(wish.accepts, value, attribute)


def _category_fit(accepts: int, code: int, attribute: Attribute) -> int:
    if accepts >> (code - 1) & 1:
        return FULL
    return NEIGHBOUR_FIT if accepts & neighbour_mask(attribute, code) else 0


def neighbour_mask(attribute: Attribute, code: int) -> int:
    """The values next to `code` in the attribute's table of neighbours, as a mask."""
    return attribute.mask_of(attribute.neighbours.get(str(attribute.value_of(code)), ()))


def falling(steps: int, span: int) -> int:
    """Full at 0 steps, falling linearly to 0 at `span` steps (at once when `span` is 0)."""
    if steps == 0:
        return FULL
    return FULL - FULL * steps // span if steps < span else 0


def affinity_fit(affinity: Affinity, mine: int, theirs: int, policy: Policy) -> int:
    """How near two people's values are, basis points; symmetric; `policy.unknown_fit` when either is unknown."""
    if mine == UNKNOWN or theirs == UNKNOWN:
        return policy.unknown_fit
    if affinity.nearness is Nearness.NEAR:
        return falling(abs(mine - theirs), affinity.span)
    if affinity.nearness is Nearness.SHARED:
        return FULL * min((mine & theirs).bit_count(), affinity.span) // affinity.span
    return _category_fit(1 << (mine - 1), theirs, VOCABULARY[affinity.attribute])


def refuses(wish: Wish, value: int, policy: Policy) -> bool:
    """Whether a wish makes the pair ineligible: a `MUST` that fits not at all, or, under a strict policy, an unknown
    fact."""
    if wish.importance is not Importance.MUST:
        return False
    if value == UNKNOWN:
        return policy.strict_unknown
    return fit(wish, value, policy) == 0
