"""The chance of a mutual yes: the specification, in integers, of what the agency learned from answers.

A score says how well wishes are met and is no probability. The chance is one: of both people answering, and both
saying yes. Everything is an integer, so every machine computes the same chance: a *logit* is in thousandths, a
probability and a chance are in millionths, a rate of answering is in basis points.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from typing import Any

from ygs.domain.errors import N_, BadFile, InvalidFact
from ygs.domain.matching.snapshots import Column
from ygs.domain.matching.wishes import FULL

MILLION = 1_000_000
MOST_LOGIT = 12_000  # thousandths: a yes in 163,000 answers; further out no history is long enough to tell
MOST_SLOPE = 100_000

type_logit = "i"
type_rate = "H"
_TYPES = (type_logit, type_logit, type_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenderRates:
    """What the answers of one gender have in common.

    `base`: the logit of a yes, thousandths. `slope`: what 10,000 basis points of satisfaction more than `centre` (basis
    points) add to it; at least 0, so a better-met wish never lowers a chance. `answering`: the rate at which these
    people answer, basis points, for people of whom nothing else is known.
    """

    base: int
    slope: int
    centre: int
    answering: int

    def __post_init__(self) -> None:
        _require("base", self.base, -MOST_LOGIT, MOST_LOGIT)
        _require("slope", self.slope, 0, MOST_SLOPE)
        _require("centre", self.centre, 0, FULL)
        _require("answering", self.answering, 0, FULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRates:
    """How one person departs from their gender: `says_yes` and `wanted` in thousandths of a logit, and how often they
    answer, basis points."""

    says_yes: int
    wanted: int
    answering: int

    def __post_init__(self) -> None:
        _require("says_yes", self.says_yes, -MOST_LOGIT, MOST_LOGIT)
        _require("wanted", self.wanted, -MOST_LOGIT, MOST_LOGIT)
        _require("answering", self.answering, 0, FULL)


def _require(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidFact(name, N_("must be {least}..{most}"), least=least, most=most)


def logit(rates: GenderRates, says_yes: int, wanted: int, satisfaction: int) -> int:
    """The logit, thousandths, of a person of a gender with these `rates` saying yes to a `wanted` partner.

    `satisfaction`: the person's own with the partner, basis points. The product is rounded down.
    """
    known = rates.slope * (satisfaction - rates.centre) // FULL
    return max(-MOST_LOGIT, min(rates.base + says_yes + wanted + known, MOST_LOGIT))


def probability(logit: int) -> int:
    """The probability of a yes, millionths, of a logit within the limits."""
    return sigmoid_table()[logit + MOST_LOGIT]


def mutual_chance(yes: int, yes_back: int, answering: int, answering_back: int) -> int:
    """The chance of a mutual yes, millionths: both probabilities and both rates of answering, rounded down twice."""
    return yes * yes_back // MILLION * (answering * answering_back) // FULL**2


@cache
def sigmoid_table() -> Column:
    """The probability of each logit from -12,000 to 12,000 thousandths, in millionths, rounded half to even.

    The decimal module rounds exponentials correctly, so the table has the same bytes on every machine.
    """
    exact = Context(prec=40, rounding=ROUND_HALF_EVEN)
    negative = [_sigmoid(Decimal(step).scaleb(-3), exact) for step in range(-MOST_LOGIT, 0)]
    return array(type_logit, [*negative, MILLION // 2, *(MILLION - each for each in reversed(negative))])


def _sigmoid(x: Decimal, exact: Context) -> int:
    power = exact.exp(x)
    share = exact.divide(power, exact.add(power, Decimal(1)))
    return int(exact.to_integral_value(exact.multiply(share, Decimal(MILLION))))


@dataclass(frozen=True, slots=True)
class Chances:
    """What was learned about the people of one market: `rates` per gender, and columns over the people's places.

    `rates`: under the bit of each gender, as in `Genders`. `version`: of the stored parameters. `says_yes`, `wanted`:
    int32, thousandths of a logit. `answering`: uint16, basis points. A person of whom nothing was learned has 0, 0 and
    the rate of their gender.
    """

    version: str
    rates: Mapping[int, GenderRates]
    says_yes: Column
    wanted: Column
    answering: Column

    @classmethod
    def of(
        cls,
        ids: tuple[str, ...],
        genders: Column,
        *,
        version: str,
        rates: Mapping[int, GenderRates],
        people: Mapping[str, PersonRates],
    ) -> "Chances":
        """The columns for a market's `ids` and `genders`; skips people who are not in the market."""
        unknown = {
            gender: PersonRates(says_yes=0, wanted=0, answering=each.answering) for gender, each in rates.items()
        }
        known = [people.get(person) or unknown[gender] for person, gender in zip(ids, genders, strict=True)]
        return cls(
            version=version,
            rates=dict(sorted(rates.items())),
            says_yes=array(type_logit, (each.says_yes for each in known)),
            wanted=array(type_logit, (each.wanted for each in known)),
            answering=array(type_rate, (each.answering for each in known)),
        )

    def pair(self, genders: Column, a: int, b: int, a_to_b: int, b_to_a: int) -> int:
        """The chance, millionths, that the people at two places both say yes, given both satisfactions."""
        yes = probability(self.logit(genders[a], a, b, a_to_b))
        back = probability(self.logit(genders[b], b, a, b_to_a))
        return mutual_chance(yes, back, self.answering[a], self.answering[b])

    def logit(self, gender: int, me: int, them: int, satisfaction: int) -> int:
        """The logit of the person of this gender at `me` saying yes to the person at `them`."""
        return logit(self.rates[gender], self.says_yes[me], self.wanted[them], satisfaction)

    def header(self) -> dict[str, Any]:
        """What is no column, for the snapshot of a market."""
        rates = {str(gender): [r.base, r.slope, r.centre, r.answering] for gender, r in self.rates.items()}
        return {"version": self.version, "rates": rates}

    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of a snapshot."""
        return self.says_yes, self.wanted, self.answering

    @classmethod
    def from_snapshot(cls, header: Mapping[str, Any], columns: tuple[Column, ...], people: int) -> "Chances":
        """The chances of a stored header and columns; `BadFile` when they are damaged."""
        if [(column.typecode, len(column)) for column in columns] != [(kind, people) for kind in _TYPES]:
            raise BadFile(N_("the stored market is damaged: lock the week again"))
        try:
            rates = {int(gender): _stored_rates(*row) for gender, row in header["rates"].items()}
            return cls(header["version"], rates, *columns)
        except (KeyError, TypeError, ValueError, InvalidFact) as error:
            raise BadFile(N_("the stored market is damaged: lock the week again")) from error


def _stored_rates(base: int, slope: int, centre: int, answering: int) -> GenderRates:
    return GenderRates(base=base, slope=slope, centre=centre, answering=answering)
