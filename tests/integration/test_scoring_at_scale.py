"""The vectorised scorer against every pair of markets large enough for its blocks, bounds and threads to matter.

The specification takes 50 microseconds a pair; so the oracle here is a third scorer, the specification's arithmetic
written once more over int64 columns, pair by pair and without any table or bound, and itself checked against the
specification.
"""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.chance import MOST_LOGIT, GenderRates, PersonRates, sigmoid_table
from ygs.domain.matching.eligibility import deal_breakers
from ygs.domain.matching.fit import neighbour_mask
from ygs.domain.matching.market import Column, Genders, Market, Pairs, type_fact, type_mask
from ygs.domain.matching.policy import Affinity, Nearness, Objective, Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.domain.matching.vocabulary import FACTS, SETS, VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance
from ygs.ports.scoring_and_solving import Test

Array = NDArray[Any]

_KINDS = {"B": np.uint8, type_fact: np.uint16, type_mask: np.int64, "i": np.int32}
_NEARNESS = {Kind.ORDINAL: Nearness.NEAR, Kind.CATEGORY: Nearness.SAME, Kind.SET: Nearness.SHARED}
EVERYTHING = tuple(
    Affinity(attribute=one.code, nearness=_NEARNESS[one.kind], weight=1 + 7 * k % 100, span=1 + k % 5)
    for k, one in enumerate(VOCABULARY.values())
)
POLICIES = {
    "default": Policy(),
    "strict": Policy(strict_unknown=True, unknown_fit=3_333, floor=4_500),
    "everything": Policy(affinities=EVERYTHING, floor=0, unknown_fit=9_999),
    "nothing": Policy(affinities=(), floor=0, unknown_fit=0),
    "chances": Policy(objective=Objective.CHANCE),
}
PEOPLE = 1_500  # 1,124,250 pairs


def column(array_of: Column) -> Array:
    """A market's column."""
    return np.frombuffer(array_of, _KINDS[array_of.typecode])


def a_crowd(people: int, seed: int) -> Market:
    """People of both genders who seek either or both; any fact, any wish, any importance, much unknown."""
    random = np.random.default_rng(seed)
    market = Market.blank(f"p{k:05}" for k in range(people))
    column(market.genders)[:] = random.integers(1, 3, people)
    column(market.seeks)[:] = random.integers(1, 4, people)
    for attribute in FACTS:
        told = random.random(people) > 0.15
        column(market.facts[attribute.code])[:] = random.integers(1, attribute.size + 1, people) * told
    for attribute in SETS:
        column(market.sets[attribute.code])[:] = masks(random, people, attribute.size) * (random.random(people) > 0.15)
    for code, attribute in VOCABULARY.items():
        wishes = market.wishes[code]
        wished = random.random(people) < random.choice([0.1, 0.4, 0.8])
        column(wishes.importance)[:] = wished * random.choice(5, people, p=[0.05, 0.3, 0.3, 0.31, 0.04])
        if attribute.kind is Kind.ORDINAL:
            ends = np.sort(random.integers(1, attribute.size + 1, (2, people)), axis=0)
            column(wishes.low)[:], column(wishes.high)[:] = ends * wished
        else:
            accepted = masks(random, people, attribute.size) * wished
            column(wishes.accepts)[:] = accepted
            if attribute.kind is Kind.SET:
                several = np.minimum(np.bitwise_count(accepted), random.integers(0, 5, people))
                column(wishes.low)[:] = several * (several > 1)
    keys = np.sort(random.choice(people * people, 4_000, replace=False))
    keys = keys[keys // people < keys % people]
    market.met.extend(keys[::2].tolist())
    market.blocked.extend(keys[1::2].tolist())
    return market


def masks(random: np.random.Generator, people: int, size: int) -> Array:
    """Masks of one value and more."""
    bits = random.random((people, size)) < random.choice([0.05, 0.3, 0.7], (people, 1))
    bits[np.arange(people), random.integers(0, size, people)] = True
    return bits @ (np.int64(1) << np.arange(size, dtype=np.int64))


@dataclass(frozen=True)
class Brute:
    """Every pair of a market, a row for each: who, how satisfied, who refuses, who is eligible."""

    a: Array
    b: Array
    a_to_b: Array
    b_to_a: Array
    mutual: Array
    worth: Array
    eligible: Array

    @classmethod
    def of(cls, market: Market, policy: Policy) -> "Brute":
        """Work it all out."""
        a, b = np.triu_indices(len(market), 1)
        there, refused = satisfactions(market, policy, a, b)
        back, refused_back = satisfactions(market, policy, b, a)
        genders, seeks = column(market.genders), column(market.seeks)
        sought = (seeks[a] & genders[b] > 0) & (seeks[b] & genders[a] > 0)
        apart = np.isin(a * len(market) + b, np.concatenate([column(market.met), column(market.blocked)]))
        liked = (np.minimum(there, back) >= policy.floor) & ~refused & ~refused_back
        mutual = np.floor(np.sqrt(there * back)).astype(np.int64)
        worth = chances(market, a, b, there, back) if policy.objective is Objective.CHANCE else mutual
        return cls(a, b, there, back, mutual, worth, sought & ~apart & liked)

    def strongest(self, chosen: Array, most: int, to_a: Array, to_b: Array) -> Array:
        """Of the chosen rows, those among the `most` of greatest value to either person, ties by partner's place."""
        rows = np.flatnonzero(chosen)
        me, them = np.concatenate([self.a[rows], self.b[rows]]), np.concatenate([self.b[rows], self.a[rows]])
        order = np.lexsort([them, -np.concatenate([to_a[rows], to_b[rows]]), me])
        first = np.searchsorted(me[order], me[order])
        return np.unique(np.concatenate([rows, rows])[order[np.arange(len(order)) - first < most]])

    def rows(self, which: Array) -> list[Array]:
        """Some rows, as a scorer returns them."""
        return [one[which] for one in (self.a, self.b, self.a_to_b, self.b_to_a, self.mutual, self.worth)]


def chances(market: Market, a: Array, b: Array, there: Array, back: Array) -> Array:
    """`Chances.pair` of many pairs."""
    learned = market.chances
    assert learned is not None
    gender, answering = column(market.genders), column(learned.answering).astype(np.int64)
    sigmoid = column(sigmoid_table()).astype(np.int64)

    def yes(me: Array, them: Array, satisfaction: Array) -> Array:
        rates = [learned.rates[int(bit)] for bit in Genders]
        base, slope, centre = np.array([(each.base, each.slope, each.centre) for each in rates])[gender[me] - 1].T
        logit = base + column(learned.says_yes)[me] + column(learned.wanted)[them]
        logit += slope * (satisfaction - centre) // FULL
        share: Array = sigmoid[np.clip(logit, -MOST_LOGIT, MOST_LOGIT) + MOST_LOGIT]
        return share

    both: Array = yes(a, b, there) * yes(b, a, back) // 10**6
    answered: Array = both * (answering[a] * answering[b]) // 10**8
    return answered


def somebody_learned(market: Market, seed: int) -> Market:
    """The market with rates as different as people are, and some people with the most extreme."""
    random = np.random.default_rng(seed)
    rates = {
        Genders.MALE: GenderRates(base=-300, slope=1_250, centre=7_000, answering=8_000),
        Genders.FEMALE: GenderRates(base=-900, slope=4_000, centre=6_000, answering=9_000),
    }
    spread = np.rint(random.normal(0, (1_300, 900), (len(market), 2))).astype(int)
    spread[random.random(spread.shape) < 0.03] = MOST_LOGIT
    spread[random.random(spread.shape) < 0.03] = -MOST_LOGIT
    answering = random.integers(0, 10_001, len(market))
    people = {
        person: PersonRates(says_yes=int(own[0]), wanted=int(own[1]), answering=int(often))
        for person, own, often in zip(market.ids, spread, answering, strict=True)
    }
    return market.with_chances("1", rates, people)


def satisfactions(market: Market, policy: Policy, me: Array, them: Array) -> tuple[Array, Array]:
    """How satisfied the one of each row is with the other, and whether they refuse."""
    total, weight = np.zeros(len(me), np.int64), np.zeros(len(me), np.int64)
    refused = np.zeros(len(me), np.bool_)
    affinities = {affinity.attribute: affinity for affinity in policy.affinities}
    for code, attribute in VOCABULARY.items():
        values = column((market.sets if attribute.kind is Kind.SET else market.facts)[code]).astype(np.int64)
        importance = column(market.wishes[code].importance)[me]
        fit = fits(attribute, market, me, values[them])
        fit[values[them] == 0] = policy.unknown_fit
        share = np.array([0, 1, 3, 9, 9])[importance]
        total, weight = total + share * fit, weight + share
        kept = np.where(values[them] == 0, not policy.strict_unknown, fit > 0)
        refused |= (importance == Importance.MUST) & ~kept
        if code in affinities:
            near = nearness(affinities[code], attribute, values[me], values[them])
            near[(values[me] == 0) | (values[them] == 0)] = policy.unknown_fit
            total, weight = total + affinities[code].weight * near, weight + affinities[code].weight
    return np.where(weight > 0, total // np.maximum(weight, 1), FULL), refused


def fits(attribute: Attribute, market: Market, me: Array, values: Array) -> Array:
    """`rules.fit` of known values."""
    wishes = market.wishes[attribute.code]
    if attribute.kind is Kind.ORDINAL:
        low, high = column(wishes.low).astype(np.int64)[me], column(wishes.high).astype(np.int64)[me]
        return falling(np.maximum(np.maximum(low - values, values - high), 0), attribute.slack)
    accepts = column(wishes.accepts)[me]
    if attribute.kind is Kind.SET:
        wanted = np.maximum(column(wishes.low)[me], 1).astype(np.int64)
        return FULL * np.minimum(np.bitwise_count(accepts & values), wanted) // wanted
    return category(attribute, accepts, values)


def category(attribute: Attribute, accepts: Array, values: Array) -> Array:
    """The fit of known values of a category."""
    near = np.array([0, *(neighbour_mask(attribute, code) for code in range(1, attribute.size + 1))])
    return np.where(accepts >> np.maximum(values - 1, 0) & 1, FULL, np.where(accepts & near[values], 5_000, 0))


def nearness(affinity: Affinity, attribute: Attribute, mine: Array, theirs: Array) -> Array:
    """`rules.affinity_fit` of known values."""
    if affinity.nearness is Nearness.NEAR:
        return falling(np.abs(mine - theirs), affinity.span)
    if affinity.nearness is Nearness.SHARED:
        return FULL * np.minimum(np.bitwise_count(mine & theirs).astype(np.int64), affinity.span) // affinity.span
    return category(attribute, np.int64(1) << np.maximum(mine - 1, 0), theirs)


def falling(steps: Array, span: int) -> Array:
    """`rules.falling`."""
    return np.where(steps == 0, FULL, np.where(steps < span, FULL - FULL * steps // max(span, 1), 0))


def numbers(values: Array) -> Column:
    """A column of thresholds or offsets."""
    made = array(type_mask)
    made.frombytes(values.astype(np.int64).tobytes())
    return made


def same(found: Pairs, expected: list[Array]) -> bool:
    """Whether a scorer's pairs are exactly those."""
    columns = [column(one) for one in found.columns()]
    return all(np.array_equal(one, other) for one, other in zip(columns, expected, strict=True))


# The others take ten seconds more.
EVERY_TIME = {"default", "everything", "chances"}
CASES = [pytest.param(each, marks=() if each in EVERY_TIME else pytest.mark.long) for each in sorted(POLICIES)]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Market, Policy, Brute]:
    policy = POLICIES[request.param]
    market = somebody_learned(a_crowd(PEOPLE, seed=len(request.param)), seed=1)
    return market, policy, Brute.of(market, policy)


@pytest.mark.long
def test_the_oracle_is_the_specification(case: tuple[Market, Policy, Brute]) -> None:
    market, policy, brute = case
    for row in np.random.default_rng(1).integers(0, len(brute.a), 400):
        one, other = market.person(brute.a[row]), market.person(brute.b[row])
        assert brute.a_to_b[row] == satisfaction(one, other, policy)
        assert brute.b_to_a[row] == satisfaction(other, one, policy)
        if any(deal_breakers(one, other, policy)):
            assert not brute.eligible[row]


def test_every_pair_of_a_million_scores_exactly(case: tuple[Market, Policy, Brute]) -> None:
    market, policy, brute = case
    assert len(brute.a) > 1_000_000
    assert brute.eligible.sum() > 50_000
    scores = VectorisedScorer().scores(market, policy)
    found = scores.beyond(Test.IMPROVES, numbers(np.full(PEOPLE, -1)), PEOPLE)
    assert found.count == brute.eligible.sum()
    assert same(found.pairs, brute.rows(np.flatnonzero(brute.eligible)))


def test_the_best_are_the_best(case: tuple[Market, Policy, Brute]) -> None:
    market, policy, brute = case
    scores, random = VectorisedScorer().scores(market, policy), np.random.default_rng(2)
    usual, folded = random.integers(-3_000, 3_000, PEOPLE), random.choice([-(2**61), 0, 7], PEOPLE)
    for offsets in (np.zeros(PEOPLE, np.int64), usual, folded):
        expected = brute.strongest(brute.eligible, 6, brute.worth + offsets[brute.b], brute.worth + offsets[brute.a])
        assert same(scores.best(6, numbers(offsets)), brute.rows(expected))


@pytest.mark.parametrize("test", list(Test))
def test_those_beyond_thresholds_are_all_found(case: tuple[Market, Policy, Brute], test: Test) -> None:
    market, policy, brute = case
    scores, random = VectorisedScorer().scores(market, policy), np.random.default_rng(3)
    low, high = np.quantile(brute.worth[brute.eligible], [0.2, 0.98]).astype(int)
    usual = random.integers(low, high, PEOPLE)
    folded = usual + random.choice([-(2**60), 0, 2**60], PEOPLE, p=[0.1, 0.8, 0.1])
    for thresholds, scale in ((usual, 1), (usual // 2, 1), (folded, 1), (usual * 1_501 // 2, 1_501)):
        if scale > 1 and test is not Test.IMPROVES:
            continue
        a, b = thresholds[brute.a], thresholds[brute.b]
        passes, gain = {
            Test.IMPROVES: (scale * brute.worth > a + b, scale * brute.worth),
            Test.BLOCKS: ((brute.a_to_b > a) & (brute.b_to_a > b), brute.a_to_b + brute.b_to_a),
            Test.BEATS: (brute.worth > np.maximum(a, b), 2 * brute.worth),
        }[test]
        chosen = brute.eligible & passes
        found = scores.beyond(test, numbers(thresholds), 5, scale=scale)
        assert found.count == chosen.sum()
        assert same(found.pairs, brute.rows(brute.strongest(chosen, 5, gain - a - b, gain - a - b)))


def test_one_thread_and_three_find_the_same(case: tuple[Market, Policy, Brute]) -> None:
    market, policy, _ = case
    offsets = numbers(np.random.default_rng(4).integers(-500, 500, PEOPLE))
    one, three = (VectorisedScorer(threads).scores(market, policy).best(9, offsets) for threads in (1, 3))
    assert one == three
