"""Facts and wishes as people and front ends write them: values of the vocabulary, not codes."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.domain.errors import N_, InvalidFact, InvalidWish
from ygs.domain.matching.attribute import UNKNOWN, Kind
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY, known_attribute
from ygs.domain.matching.wishes import Importance, Wish

# No number is meant by true, nor by "165".
FactValue: TypeAlias = StrictInt | str | list[str]
Gender: TypeAlias = Literal["male", "female"]
HowMuch: TypeAlias = Literal["ignore", "slight", "fair", "strong", "must"]


def to_genders(names: Iterable[Gender]) -> Genders:
    """Genders from how the API spells them."""
    genders = Genders(0)
    for name in names:
        genders |= Genders[name.upper()]
    return genders


class WishModel(BaseModel):
    """What is accepted for one attribute: from `low` to `high` of an ordered one (an end left out is open), `any_of` of
    the others, `at_least` so many of them of a set; and how much it matters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    importance: HowMuch
    low: StrictInt | str | None = Field(default=None, examples=[165])
    high: StrictInt | str | None = Field(default=None, examples=[180])
    any_of: list[str] | None = Field(default=None, max_length=64)
    at_least: StrictInt | None = Field(default=None, ge=1, le=64)

    @classmethod
    def of(cls, wish: Wish) -> "WishModel":
        """A wish in values; an end at the attribute's own is open."""
        attribute = VOCABULARY[wish.attribute]
        importance = cast(HowMuch, wish.importance.code)
        if attribute.kind is Kind.ORDINAL:
            # One end is always given: both open would be no wish.
            low = None if wish.low == 1 and wish.high < attribute.size else attribute.value_of(wish.low)
            high = None if wish.high == attribute.size else attribute.value_of(wish.high)
            return cls(importance=importance, low=low, high=high)
        return cls(importance=importance, any_of=list(attribute.values_in(wish.accepts)), at_least=wish.low or None)

    def wish(self, attribute: str) -> Wish:
        """The wish, or `InvalidWish` or `UnknownValue`."""
        importance = Importance[self.importance.upper()]
        if known_attribute(attribute).kind is not Kind.ORDINAL:
            if self.any_of is None or self.low is not None or self.high is not None:
                raise InvalidWish(attribute, N_("give the accepted values as any_of"))
            return Wish.among(attribute, self.any_of, importance, at_least=self.at_least or 1)
        if self.any_of is not None or self.at_least is not None:
            raise InvalidWish(attribute, N_("give the first accepted value as low, the last as high, or both"))
        return Wish.between(attribute, self.low, self.high, importance)


def coded(code: str, value: FactValue | None) -> int:
    """A value as its code or mask; None, and an empty list, are unknown (0).

    `InvalidFact` for a list where there is one value, and the other way round; `UnknownValue` for no value of it.
    """
    attribute = known_attribute(code)
    if value is None or value == []:
        return UNKNOWN
    if (attribute.kind is Kind.SET) is not isinstance(value, list):
        raise InvalidFact(code, N_("is a list of values") if attribute.kind is Kind.SET else N_("is a single value"))
    return attribute.mask_of(value) if isinstance(value, list) else attribute.code_of(value)


def values(facts: Mapping[str, int]) -> dict[str, FactValue]:
    """Codes and masks as values."""
    return {code: value_told(code, stored) for code, stored in facts.items()}


def value_told(code: str, stored: int) -> FactValue:
    """A known fact's code or mask as its value."""
    value = VOCABULARY[code].read(stored)
    return list(value) if isinstance(value, tuple) else value


def merged(old: Mapping[str, int], changes: Mapping[str, FactValue | None]) -> dict[str, int]:
    """`old` facts with `changes`, without those that became unknown."""
    changed = {code: coded(code, value) for code, value in changes.items()}
    return {code: value for code, value in {**old, **changed}.items() if value}
