"""The pair pool keeps each pair once, in the order of adding, whatever is added again."""

from array import array
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.application.rounds import pair_pool
from ygs.application.rounds.pair_pool import PairPool
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import Candidate, Column, Genders, Market, Pairs, type_mask
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Policy

PEOPLE = 9
EVERY_PAIR = list(combinations(range(PEOPLE), 2))
some_pairs = st.lists(st.sampled_from(EVERY_PAIR), unique=True).map(sorted)


def pairs_of(keys: list[tuple[int, int]]) -> Pairs:
    """These pairs, each with figures of its own."""
    pairs = Pairs.none()
    for a, b in keys:
        pairs.add(a, b, 100 * a + b, 100 * b + a, 10 * a + b, 7 * a + b)
    return pairs


def doubled(pairs: Pairs) -> Column:
    return array(type_mask, (2 * worth for worth in pairs.worth))


@pytest.mark.parametrize(("at_once", "few_of"), [(1, 50), (3, 1), (1_000, 50), (1_000, 0)])
@given(first=some_pairs, rest=st.lists(some_pairs, max_size=4), barred=some_pairs)
def test_a_pair_is_added_once_and_never_when_barred(
    at_once: int,
    few_of: int,
    first: list[tuple[int, int]],
    rest: list[list[tuple[int, int]]],
    barred: list[tuple[int, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_pool, "_AT_ONCE", at_once)
        patch.setattr(pair_pool, "_FEW_OF", few_of)
        pool = PairPool(PEOPLE, pairs_of(first), doubled)
        expected = list(first)
        for more in rest:
            fresh = [pair for pair in more if pair not in expected and pair not in barred]
            assert pool.add(pairs_of(more), frozenset(a * PEOPLE + b for a, b in barred)) == len(fresh)
            expected += fresh
    assert list(pool.pairs.rows()) == list(pairs_of(expected).rows())
    assert list(pool.weight) == [2 * (7 * a + b) for a, b in expected]
    for pair in EVERY_PAIR:
        assert pool.find(pair[0] * PEOPLE + pair[1]) == (expected.index(pair) if pair in expected else None)


def test_a_pair_takes_34_bytes() -> None:
    pool = PairPool(PEOPLE, pairs_of(EVERY_PAIR), doubled)
    columns = (*pool.pairs.columns(), pool.weight, *(keys for _, keys in pool._runs))
    assert sum(len(each) * each.itemsize for each in columns) == 34 * len(EVERY_PAIR)


@given(st.dictionaries(st.sampled_from(EVERY_PAIR), st.integers(-2_000, 2_000)))
def test_weights_of_many_pairs_are_those_of_each(shares: dict[tuple[int, int], int]) -> None:
    people = [Candidate(id=str(k), gender=Genders.MALE, seeks=Genders.MALE, weeks_waited=k) for k in range(PEOPLE)]
    market = Market.of(people)
    moved = {(str(a), str(b)): share for (a, b), share in shares.items()}
    terms = Terms.of(market.with_adjustments(moved), Policy(), Overrides())
    pairs = pairs_of(EVERY_PAIR)
    assert list(terms.weights(pairs)) == [terms.weight(*row) for row in zip(pairs.a, pairs.b, pairs.worth, strict=True)]
