"""The chance of a mutual yes of two people, and what moves it most."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import GenderRates, PersonRates, logit, mutual_chance, probability
from ygs.domain.matching.market import Genders

# A part is worth a sentence when it moves the chance by at least this share of it, percent.
LEAST_EFFECT = 5


@dataclass(frozen=True, slots=True)
class ChanceSide:
    """One person of a pair: the `common` rates of their gender, their own, and their `satisfaction` with the other,
    basis points."""

    id: str
    common: GenderRates
    rates: PersonRates
    satisfaction: int

    @classmethod
    def of(cls, parameters: ChanceParameters, id: str, gender: Genders, satisfaction: int) -> "ChanceSide":
        """The side of a person; who is unknown to the model is average."""
        return cls(id, parameters.rates[gender], parameters.person(id, gender), satisfaction)

    def yes(self, wanted: int) -> int:
        """The probability, millionths, that this person says yes, if they answer, to somebody so `wanted`."""
        return probability(logit(self.common, self.rates.says_yes, wanted, self.satisfaction))


class ChanceTrait(StrEnum):
    """What a part of a chance rests on."""

    SAYS_YES = "says_yes"
    WANTED = "wanted"
    SATISFACTION = "satisfaction"
    ANSWERING = "answering"


@dataclass(frozen=True, slots=True)
class ChancePart:
    """What one trait of `person` does to a chance; `effect`: how much less the chance would be if the trait were
    average, millionths, and negative where the chance would be more."""

    trait: ChanceTrait
    person: str
    effect: int


def chance_between(one: ChanceSide, other: ChanceSide) -> int:
    """The chance, millionths, that both people of a pair answer and say yes."""
    return mutual_chance(
        one.yes(other.rates.wanted), other.yes(one.rates.wanted), one.rates.answering, other.rates.answering
    )


def strongest_parts(one: ChanceSide, other: ChanceSide, most: int = 3) -> tuple[ChancePart, ...]:
    """The parts that move the chance of a pair most, the strongest first; none that hardly moves it."""
    chance = chance_between(one, other)
    parts = [
        *(ChancePart(trait, one.id, chance - chance_between(each, other)) for trait, each in _averages(one)),
        *(ChancePart(trait, other.id, chance - chance_between(one, each)) for trait, each in _averages(other)),
    ]
    strong = [part for part in parts if part.effect and 100 * abs(part.effect) >= LEAST_EFFECT * chance]
    return tuple(sorted(strong, key=lambda part: (-abs(part.effect), part.person, part.trait))[:most])


def _averages(side: ChanceSide) -> Iterator[tuple[ChanceTrait, ChanceSide]]:
    """The side with each of its traits made average in turn."""
    rates = side.rates
    yield ChanceTrait.SAYS_YES, replace(side, rates=replace(rates, says_yes=0))
    yield ChanceTrait.WANTED, replace(side, rates=replace(rates, wanted=0))
    yield ChanceTrait.SATISFACTION, replace(side, satisfaction=side.common.centre)
    yield ChanceTrait.ANSWERING, replace(side, rates=replace(rates, answering=side.common.answering))
