"""Wishes by rule: the assumed wishes of imported people, because files rarely hold wishes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ygs.application.toml_faults import TomlFault
from ygs.domain.errors import N_, Listed, YgsError
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Group, Kind
from ygs.domain.matching.vocabulary import GENDERS, VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

# Both are the codes of `Genders` too: male is 1, female 2, either is 3.
GENDER = Attribute(code="gender", kind=Kind.CATEGORY, group=Group.IDENTITY, ko="성별", en="Gender", values=GENDERS)
SEEKS = Attribute(code="seeks", kind=Kind.SET, group=Group.IDENTITY, ko="희망 성별", en="Seeks", values=GENDERS)
_OF_A_PERSON = {"gender": GENDER, "seeks": SEEKS}


class MappingPart(BaseModel):
    """A part of a mapping: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WishRule(MappingPart):
    """A rule that gives people a wish: the first rule for an attribute whose `when` fits a person counts.

    `when`: "gender" or an attribute -> answers, one of which a person must have given, and "seeks" -> exactly the
    genders sought (empty: everybody). The wish is one of `between` (an ordinal's first and last answer),
    `among` (a category's or set's), `around` (an ordinal, from the own answer: [-1, 5] is one less to five more) and
    `same` (the own answer). `at_least`: how many of a set's answers are wanted in common; those who gave fewer want all
    of theirs. A person without the own answer that a wish needs has no such wish.
    """

    attribute: str
    importance: Literal["slight", "fair", "strong", "must"]
    when: dict[str, list[str]] = Field(default_factory=dict)
    between: tuple[str | int, str | int] | None = None
    among: list[str] | None = None
    around: tuple[int, int] | None = None
    same: bool = False
    at_least: Annotated[int, Field(ge=1, le=64)] = 1

    @model_validator(mode="after")
    def _possible(self) -> Self:
        attribute = attribute_named(self.attribute)
        if sum((self.between is not None, self.among is not None, self.around is not None, self.same)) != 1:
            raise TomlFault(N_("give exactly one of: between, among, around, same"))
        if self.around is not None and (attribute.kind is not Kind.ORDINAL or self.around[0] > self.around[1]):
            raise TomlFault(N_("around: needs an ordered attribute, and its first step not above its last"))
        if self.at_least > 1 and attribute.kind is not Kind.SET:
            raise TomlFault(N_("at_least: needs an attribute with several answers"))
        try:
            self.wish(None)
        except YgsError as error:
            raise TomlFault(N_("{problems}"), problems=Listed([error])) from error
        return self

    @field_validator("when")
    @classmethod
    def _answers(cls, when: dict[str, list[str]]) -> dict[str, list[str]]:
        for code, answers in when.items():
            attribute = _OF_A_PERSON.get(code) or attribute_named(code)
            allowed = [value.code for value in attribute.values if code == "seeks" or attribute.kind is not Kind.SET]
            if not set(answers) <= set(allowed):
                raise _not_allowed(code, answers, allowed)
        return when

    @property
    def weight(self) -> Importance:
        """The importance as a value of the matching domain."""
        return Importance[self.importance.upper()]

    @cached_property
    def codes(self) -> Mapping[str, frozenset[int]]:
        """`when` in codes."""
        return {code: frozenset(_own(code, answers)) for code, answers in self.when.items()}

    def fits(self, facts: Mapping[str, int]) -> bool:
        """Whether the rule fits a person with these codes (masks for sets), "gender" and "seeks" included."""
        return all(facts.get(code, UNKNOWN) in codes for code, codes in self.codes.items())

    def wish(self, own: int | None) -> Wish | None:
        """The wish of a person whose own answer has this code (or mask); None when it needs an unknown answer."""
        attribute = VOCABULARY[self.attribute]
        if self.between is not None:
            return Wish.between(self.attribute, *self.between, self.weight)
        if self.among is not None:
            return Wish.among(self.attribute, self.among, self.weight, at_least=self.at_least)
        if not own:
            return None
        if attribute.kind is not Kind.ORDINAL:
            mask = own if attribute.kind is Kind.SET else 1 << (own - 1)
            return Wish.of_mask(self.attribute, mask, self.weight, at_least=self.at_least)
        down, up = self.around or (0, 0)
        low = max(1, own + down)
        high = min(attribute.size, own + up)
        return Wish(attribute=self.attribute, importance=self.weight, low=low, high=high) if low <= high else None


def _own(code: str, answers: Sequence[str]) -> Iterator[int]:
    if code == "seeks":
        yield SEEKS.mask_of(answers)
    else:
        yield from map((_OF_A_PERSON.get(code) or VOCABULARY[code]).code_of, answers)


def _not_allowed(code: str, answers: Sequence[str], allowed: Sequence[str]) -> TomlFault:
    if not allowed:
        return TomlFault(N_("{code!r} tells nobody apart; remove it from when"), code=code)
    given = ", ".join(map(repr, answers))
    template = N_("{code!r} cannot be {given}; it may be {allowed}")
    return TomlFault(template, code=code, given=given, allowed=", ".join(map(repr, allowed)))


def attribute_named(code: str) -> Attribute:
    """The attribute of that code, or `ValueError`, to which pydantic adds the place."""
    if code not in VOCABULARY:
        raise TomlFault(N_("{code!r} is no attribute; `ygs vocabulary` lists them"), code=code)
    return VOCABULARY[code]
