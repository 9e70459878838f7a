"""A guess at the dual prices of a round by chances, before any solution: whom to give the solver first.

Chances depend far more on the two people than on how they suit each other, so everybody's best partners are the same
few, whom only few get. Ranked by what a partner leaves beyond their price, people find those of their own standing, as
in the best plan. The guess solves a sample of the market, and asks of everybody what they would add to it. It only
saves searches of the market: which plan is proven the best does not depend on it.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from ygs.domain.matching.chance import MILLION, Chances, logit, probability
from ygs.domain.matching.market import Column, Market, type_mask
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.reference_matching import best_pairing
from ygs.domain.matching.wishes import FULL

_USUAL = 8_500  # The satisfaction, basis points, of most pairs of a plan.
# The sample is one in so many people, within these bounds. A larger one leaves the first searches less to find, but all
# people are compared with all of it, in Python.
_SAMPLED = 300
_LEAST_SAMPLE = 96
_MOST_SAMPLE = 192


class _Odds(NamedTuple):
    """A person's odds against a yes, millionths: `against` their own to an average partner, `unwanted` a factor of a
    partner's; and how often they answer, basis points."""

    against: int
    unwanted: int
    answering: int


def first_prices(market: Market, worth: PairWorth) -> Column:
    """What each person would add to a sample of the market, at its dual prices.

    All 0 where pairs are worth their mutual score: there everybody's best partners differ.
    """
    prices = array(type_mask, [0]) * len(market)
    if worth.chances is None:
        return prices
    everybody = [_odds(worth.chances, market.genders[place], place) for place in range(len(market))]
    sample = _sample(market, everybody)
    pairs = [
        (one, other, _chance(everybody[a], everybody[b]))
        for one, a in enumerate(sample)
        for other, b in enumerate(sample[:one])
        if market.seeks[a] & market.genders[b] and market.seeks[b] & market.genders[a]
    ]
    solved = best_pairing([1] * len(sample), [0] * len(sample), pairs)
    sampled = [(a, everybody[a], price // solved.scale) for a, price in zip(sample, solved.prices, strict=True)]
    partners = {seeks: [(own, price) for a, own, price in sampled if market.genders[a] & seeks] for seeks in (1, 2, 3)}
    for place, own in enumerate(everybody):
        gains = (_chance(own, other) - price for other, price in partners[market.seeks[place]])
        prices[place] = max(0, max(gains, default=0))
    return prices


def _odds(chances: Chances, gender: int, place: int) -> _Odds:
    rates = chances.rates[gender]
    yes = probability(logit(rates, chances.says_yes[place], 0, _USUAL))
    wanted = probability(chances.wanted[place])
    return _Odds((MILLION - yes) * MILLION // yes, (MILLION - wanted) * MILLION // wanted, chances.answering[place])


def _chance(one: _Odds, other: _Odds) -> int:
    """About the chance of a mutual yes, millionths: both rates, over one more than the odds against either yes."""
    there = MILLION + one.against * other.unwanted // MILLION
    back = MILLION + other.against * one.unwanted // MILLION
    return one.answering * other.answering * 10_000_000_000 // (there * back)


def _sample(market: Market, everybody: Sequence[_Odds]) -> Sequence[int]:
    """The places of a sample of both genders, spread over those whose pair with an average partner is worth more and
    less."""
    average = _Odds(MILLION, MILLION, FULL)
    order = sorted(
        range(len(market)),
        key=lambda place: (market.genders[place], _chance(everybody[place], average), place),
    )
    size = min(max(len(order) // _SAMPLED, _LEAST_SAMPLE), _MOST_SAMPLE)
    step = max(1, len(order) // size)
    return order[step // 2 :: step]
