"""Made-up markets of any size, as columns: correlated facts, wishes of every kind and importance, gaps, deal-breakers.

Believable enough to be hard: people wish for what is near themselves, and one pair in six or so is feasible both ways.
"""

from array import array
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.chance import MOST_LOGIT, Chances, GenderRates
from ygs.domain.matching.market import Column, Genders, Market, type_fact, type_flag, type_mask
from ygs.domain.matching.vocabulary import FACTS, SETS, VOCABULARY
from ygs.domain.matching.wishes import Importance

Array = NDArray[Any]
Random = np.random.Generator

_DTYPES = {type_flag: np.uint8, type_fact: np.uint16, type_mask: np.int64}

# Inhabitants of the 17 provinces and of nowhere in Korea, in hundred thousands; the order is the vocabulary's.
_REGIONS = (94, 33, 23, 30, 14, 14, 11, 4, 137, 15, 16, 21, 18, 18, 25, 32, 7, 2)
_SHARES = {
    "region": _REGIONS,
    "education": (18, 22, 45, 12, 3),
    "income_band": (12, 22, 24, 22, 12, 5, 2, 1),
    "religion": (56, 20, 11, 11, 1, 0.1, 0.1, 0.1, 0.8),
    "marital_history": (90, 9, 1),
    "children": (94, 3, 3),
    "wants_children": (20, 35, 45),
    "nationality": (96, 1, 0.3, 0.7, 0.7, 0.3, 1),
    "smoking": (72, 4, 8, 8, 8),
    "diet": (92, 3, 2, 1, 2),
}
# How often an attribute is wished for, and of those wishes the shares slight, fair, strong, must.
_WISHES = {
    "birth_year": (0.97, (0.0, 0.05, 0.1, 0.85)),
    "height_cm": (0.6, (0.2, 0.2, 0.2, 0.4)),
    "region": (0.8, (0.05, 0.15, 0.3, 0.5)),
    "education": (0.5, (0.2, 0.3, 0.3, 0.2)),
    "job_group": (0.25, (0.4, 0.4, 0.2, 0.0)),
    "income_band": (0.45, (0.3, 0.4, 0.25, 0.05)),
    "religion": (0.5, (0.1, 0.15, 0.3, 0.45)),
    "marital_history": (0.6, (0.1, 0.1, 0.2, 0.6)),
    "children": (0.5, (0.1, 0.1, 0.2, 0.6)),
    "wants_children": (0.3, (0.2, 0.4, 0.3, 0.1)),
    "smoking": (0.7, (0.05, 0.15, 0.25, 0.55)),
    "drinking": (0.35, (0.4, 0.4, 0.2, 0.0)),
    "languages": (0.05, (0.3, 0.3, 0.2, 0.2)),
    "interests": (0.3, (0.5, 0.4, 0.1, 0.0)),
    "personality": (0.3, (0.5, 0.4, 0.1, 0.0)),
}
_USUAL = (0.12, (0.5, 0.4, 0.1, 0.0))
_UNKNOWN = 0.08


def city(people: int, seed: int = 0, *, seeks_both: float = 0.0, seeks_same: float = 0.0) -> Market:
    """A market of `people` men and as many women, about whom almost everything is known.

    `seeks_both`, `seeks_same`: shares of people who seek both genders, or their own; without them it is bipartite.
    """
    random = np.random.default_rng(seed)
    market = Market.blank(f"p{person:07}" for person in range(2 * people))
    count = 2 * people
    women = random.permutation(count) % 2 == 1
    draw = random.random(count)
    own, other = np.where(women, 2, 1), np.where(women, 1, 2)
    seeks = np.where(draw < seeks_both, 3, np.where(draw < seeks_both + seeks_same, own, other))
    _write(market.genders, own)
    _write(market.seeks, seeks)
    facts = _facts(random, women)
    for attribute in FACTS:
        told = random.random(count) >= (0.0 if attribute.code == "birth_year" else _UNKNOWN)
        _write(market.facts[attribute.code], facts[attribute.code] * told)
    for attribute in SETS:
        told = random.random(count) >= _UNKNOWN
        _write(market.sets[attribute.code], _some(random, count, attribute.size, 2, 7) * told)
    for code in VOCABULARY:
        _wish(random, market, code, facts, women)
    _write(market.weeks_waited, np.minimum(random.geometric(0.5, count) - 1, 9))
    _write(market.due, random.random(count) < 0.02)
    return market


def with_chances(market: Market, seed: int = 0) -> Market:
    """The market with rates for everybody, spread as in published speed dating: who says yes varies more than who is
    wanted, and satisfaction counts for little."""
    random = np.random.default_rng(seed)
    count = len(market)
    says_yes = random.normal(0, 1_300, count).clip(-MOST_LOGIT, MOST_LOGIT).astype(np.int32)
    wanted = random.normal(0, 900, count).clip(-MOST_LOGIT, MOST_LOGIT).astype(np.int32)
    answering = (10_000 * random.beta(8, 2, count)).astype(np.uint16)
    rates = {
        int(Genders.MALE): GenderRates(base=-100, slope=1_250, centre=7_000, answering=8_000),
        int(Genders.FEMALE): GenderRates(base=-700, slope=1_250, centre=7_000, answering=8_000),
    }
    columns = (array("i", says_yes.tobytes()), array("i", wanted.tobytes()), array("H", answering.tobytes()))
    return replace(market, chances=Chances("benchmark", rates, *columns))


def _write(column: Column, values: Array) -> None:
    np.frombuffer(column, _DTYPES[column.typecode])[:] = values


def _facts(random: Random, women: Array) -> dict[str, Array]:
    """Codes from 1; taste and standing run through several of them, so that facts go together as they do in life."""
    count = len(women)
    standing = random.normal(size=count)
    facts = {}
    for attribute in FACTS:
        shares = np.array(_SHARES.get(attribute.code, np.ones(attribute.size)), float)
        luck = random.random(count)
        if attribute.kind is Kind.ORDINAL and attribute.size < 20:
            luck = _rank(0.6 * standing + random.normal(size=count))
        facts[attribute.code] = np.searchsorted(np.cumsum(shares / shares.sum()), luck).clip(0, attribute.size - 1) + 1
    born = random.normal(1991, 5.5, count) + np.where(women, 1, -1)
    facts["birth_year"] = np.rint(born).clip(1960, 2005).astype(int) - 1939
    tall = random.normal(np.where(women, 161.5, 174.5), 5.5)
    facts["height_cm"] = np.rint(tall).clip(140, 205).astype(int) - 129
    return facts


def _rank(values: Array) -> Array:
    """Each value's place among all, from 0 to 1."""
    return np.argsort(np.argsort(values)) / len(values)


def _some(random: Random, count: int, size: int, least: int, most: int) -> Array:
    """Masks with `least` to `most` bits, the first values more often than the last."""
    masks = np.zeros(count, np.int64)
    wanted = random.integers(least, most + 1, count)
    for k in range(most):
        value = (size * random.random(count) ** 1.5).astype(np.int64)
        masks |= np.where(k < wanted, np.int64(1) << value, 0)
    return masks


def _wish(random: Random, market: Market, code: str, facts: dict[str, Array], women: Array) -> None:
    """Everybody's wishes for one attribute, around their own value."""
    attribute, columns = VOCABULARY[code], market.wishes[code]
    often, shares = _WISHES.get(code, _USUAL)
    count = len(women)
    wished = random.random(count) < often
    importance = random.choice(np.array([*Importance][1:]), count, p=shares)
    _write(columns.importance, importance * wished)
    if attribute.kind is Kind.ORDINAL:
        low, high = _range(random, code, facts, women, attribute.size)
        _write(columns.low, low * wished)
        _write(columns.high, high * wished)
    else:
        _write(columns.accepts, _accepted(random, code, facts, attribute.size, count) * wished)


def _range(random: Random, code: str, facts: dict[str, Array], women: Array, size: int) -> tuple[Array, Array]:
    own = facts[code]
    count = len(own)
    if code == "birth_year":  # up to some years, and rather the man older
        centre = own + np.where(women, -2, 2)
        reach = random.integers(1, 5, count)
        return (centre - reach).clip(1, size), (centre + reach).clip(1, size)
    if code == "height_cm":
        least = np.where(women, random.integers(170, 179, count), random.integers(155, 163, count)) - 129
        return least, np.full(count, size)
    if code == "smoking":
        return np.ones(count, int), random.integers(1, 3, count)
    low = (own - random.integers(0, 2, count)).clip(1, size)
    return low, np.maximum(low, np.where(random.random(count) < 0.6, size, own + 1)).clip(1, size)


def _accepted(random: Random, code: str, facts: dict[str, Array], size: int, count: int) -> Array:
    if code not in facts:
        return _some(random, count, size, 2, 5)
    others = {"region": (1, 3), "job_group": (5, 9)}.get(code, (1, 3))
    return (np.int64(1) << (facts[code] - 1).astype(np.int64)) | _some(random, count, size, *others)
