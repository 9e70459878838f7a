"""What one person accepts of another, and how much it matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from ygs.domain.errors import N_, ImpossibleWish, InvalidWish
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.vocabulary import known_attribute

FULL = 10_000
LEAST_COUNTED = 2  # A wish for one value in common is the wish for any.


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
    `accepts` (bit ``code - 1``). A set fits when it holds at least one accepted value; where `low` is 2 or more, it
    fits fully when it holds at least so many, and by its share when it holds fewer.
    """

    attribute: str
    importance: Importance
    low: int = 0
    high: int = 0
    accepts: int = 0

    def __post_init__(self) -> None:
        attribute = known_attribute(self.attribute)
        if attribute.kind is Kind.ORDINAL:
            if self.accepts or not (1 <= self.low <= attribute.size and 1 <= self.high <= attribute.size):
                raise InvalidWish(self.attribute, N_("needs a first and a last value of the attribute"))
            if self.low > self.high:
                raise ImpossibleWish(self.attribute, N_("the first value is after the last: nobody can meet that"))
        elif self.high or not 0 <= self.accepts < 1 << attribute.size:
            raise InvalidWish(self.attribute, N_("needs values of the attribute"))
        elif self.low and (attribute.kind is not Kind.SET or self.low < LEAST_COUNTED):
            raise InvalidWish(self.attribute, N_("only a set can be wished to have several values in common"))
        elif not self.accepts:
            raise ImpossibleWish(self.attribute, N_("accepts no value: nobody can meet that"))
        elif self.low > self.accepts.bit_count():
            raise ImpossibleWish(self.attribute, N_("wants more in common than the values that are given"))

    @classmethod
    def between(cls, attribute: str, low: str | int | None, high: str | int | None, importance: Importance) -> "Wish":
        """A wish for an ordinal's values from `low` to `high`, both included, e.g. ``between("height_cm", 165, 180,
        FAIR)``. None leaves that end open."""
        known = known_attribute(attribute)
        if low is None and high is None:
            raise InvalidWish(attribute, N_("give the first accepted value, the last, or both"))
        first = 1 if low is None else known.code_of(low)
        last = known.size if high is None else known.code_of(high)
        return cls(attribute=attribute, importance=importance, low=first, high=last)

    @classmethod
    def among(cls, attribute: str, values: Iterable[str], importance: Importance, *, at_least: int = 1) -> "Wish":
        """A wish for any of `values` of a category or set, or for `at_least` so many of them of a set."""
        known = known_attribute(attribute)
        if known.kind is Kind.ORDINAL:
            raise InvalidWish(attribute, N_("is ordered: give its first and last accepted value"))
        low = 0 if at_least == 1 else at_least
        return cls(attribute=attribute, importance=importance, low=low, accepts=known.mask_of(values))

    @classmethod
    def of_mask(cls, attribute: str, accepts: int, importance: Importance, *, at_least: int = 1) -> "Wish":
        """As `among`, from a mask; all of its values are wanted where there are fewer than `at_least`."""
        wanted = min(at_least, accepts.bit_count())
        return cls(attribute=attribute, importance=importance, low=wanted if wanted > 1 else 0, accepts=accepts)

    @property
    def is_for_any(self) -> bool:
        """Whether one value of a set in common meets it."""
        return known_attribute(self.attribute).kind is Kind.SET and not self.low

    @property
    def wanted(self) -> int:
        """How many of the accepted values a set must hold to fit fully."""
        return max(self.low, 1)
