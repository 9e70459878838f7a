"""What a pair is worth, for the kernels: its mutual score, or the chance of a mutual yes, exactly and as a bound.

A chance never exceeds ``answers[a] * answers[b] / (odds against a's yes + 1) / (odds against b's yes + 1)``. The odds
against a yes are a product of one number of each person and one of the satisfaction, so a bound of the satisfactions
gives a bound of the chance without a logarithm or a table. Multiplied out, it takes no division either.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.table_kernels import Array
from ygs.domain.matching.chance import MILLION, MOST_LOGIT, Chances, sigmoid_table
from ygs.domain.matching.wishes import FULL

# More than all of these together, millionths: the rounding of both probabilities and of their product, and what the
# least probability, of the logit -12,000, adds to either.
_ROUNDING = 16.0
# The numbers of people are float32, so their products may be off by some 10**-6; this makes up for it, twice a pair.
_INEXACT = 1 + 5e-6


class WorthTables(NamedTuple):
    """The parameters of chances, person by person in the order of the blocks; without people for mutual scores."""

    by_chance: bool
    own: Array  # int64[people]: thousandths of the logit of my yes, besides partner and satisfaction
    wanted: Array  # int64[people]: what I add to the logit of a partner's yes
    slope: Array  # int64[people]: what 10,000 basis points of satisfaction add
    centre: Array  # int64[people]: basis points
    answering: Array  # int64[people]: basis points
    sigmoid: Array  # int64: millionths, from the logit -12,000
    against: Array  # float32[people]: odds against my yes to a partner who is fully what I wish for
    unwanted: Array  # float32[people]: by what I multiply the odds against a partner's yes
    answers: Array  # float32[people]: 1000 times the rate of answering, and a little more


def worth_tables(chances: Chances | None, genders: Array, place: Array) -> WorthTables:
    """The tables of a market's people; `chances`: None for mutual scores. `place`: of each person, -1 for padding."""
    if chances is None:
        ints = np.zeros(0, np.int64)
        floats = np.zeros(0, np.float32)
        return WorthTables(False, *[ints] * 6, *[floats] * 3)
    people = np.maximum(place, 0)
    gender = genders[people] if len(genders) else genders
    base, slope, centre = (_by_gender(chances, gender, name) for name in ("base", "slope", "centre"))
    says_yes, wanted, answering = (_ranked(column, people) for column in chances.columns())
    own = base + says_yes
    return WorthTables(
        by_chance=True,
        own=own,
        wanted=wanted,
        slope=slope,
        centre=centre,
        answering=answering,
        sigmoid=np.array(sigmoid_table(), np.int64),
        against=np.exp(-(own + slope * (FULL - centre) / FULL) / 1_000).astype(np.float32),
        unwanted=np.exp(-wanted / 1_000).astype(np.float32),
        answers=(_INEXACT * 1_000 * answering / FULL).astype(np.float32),
    )


def worths(chances: Chances | None, genders: Array, a: Array, b: Array, there: Array, back: Array) -> Array:
    """The worth of many pairs, given as int64 columns of places and satisfactions."""
    if chances is None:
        exact: Array = np.sqrt(there * back).astype(np.int64)
        return exact
    says_yes, wanted, answering = (np.array(column, np.int64) for column in chances.columns())
    sigmoid = np.array(sigmoid_table(), np.int64)

    def yes(me: Array, them: Array, satisfaction: Array) -> Array:
        base, slope, centre = (_by_gender(chances, genders[me], name) for name in ("base", "slope", "centre"))
        logit = base + says_yes[me] + wanted[them] + slope * (satisfaction - centre) // FULL
        share: Array = sigmoid[np.clip(logit, -MOST_LOGIT, MOST_LOGIT) + MOST_LOGIT]
        return share

    both: Array = yes(a, b, there) * yes(b, a, back) // MILLION * (answering[a] * answering[b]) // FULL**2
    return both


def _by_gender(chances: Chances, gender: Array, name: str) -> Array:
    values: Array = np.zeros(len(gender), np.int64)
    for bit, rates in chances.rates.items():
        values[gender == bit] = getattr(rates, name)
    return values


def _ranked(column: object, people: Array) -> Array:
    values: Array = np.asarray(column, np.int64)
    return values[people] if len(values) else np.zeros(len(people), np.int64)


@kernel
def pair_worth(worth: WorthTables, one: int, other: int, there: int, back: int) -> int:
    """The specification's worth of a pair with these satisfactions."""
    if not worth.by_chance:
        return int(sqrt(there * back))  # exact: there * back is at most 10**8
    both = probability(worth, one, other, there) * probability(worth, other, one, back) // MILLION
    return both * (worth.answering[one] * worth.answering[other]) // (FULL * FULL)


@kernel
def probability(worth: WorthTables, me: int, them: int, satisfaction: int) -> int:
    """The specification's probability, millionths, that I say yes to them."""
    known = worth.slope[me] * (satisfaction - worth.centre[me]) // FULL
    logit = worth.own[me] + worth.wanted[them] + known
    return worth.sigmoid[max(-MOST_LOGIT, min(logit, MOST_LOGIT)) + MOST_LOGIT]


@kernel
def worth_less(worth: WorthTables, one: int, other: int, there: float, back: float, wanted: float) -> bool:
    """Whether a pair with at most these satisfactions is certainly worth less than `wanted`."""
    if wanted <= 0:
        return False
    if not worth.by_chance:
        return there * back * (1 + 1e-9) < wanted * wanted
    answers = 1.0 * worth.answers[one] * worth.answers[other]
    product = odds(worth, one, other, there) * odds(worth, other, one, back)
    return (wanted - _ROUNDING) * product > answers


@kernel
def odds(worth: WorthTables, me: int, them: int, satisfaction: float) -> float:
    """One more than the odds against my yes to them, at least, if I am satisfied at most so far."""
    short = worth.slope[me] * max(FULL - satisfaction, 0.0) / (1_000 * FULL)
    growth = 1 + short * (1 + short * (0.5 + short / 6))  # never above exp(short)
    return 1 + 1.0 * worth.against[me] * worth.unwanted[them] * growth


@kernel
def lowered(wanted: float, by_chance: bool) -> float:
    """A summand of what a pair must be worth, as a float32 that is no greater, less half of the rounding of chances."""
    return wanted - abs(wanted) * 2e-7 - (_ROUNDING / 2 if by_chance else 0.0)
