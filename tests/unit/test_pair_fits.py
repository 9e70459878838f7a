"""Pairs compared by columns: exactly what the readable predicate and proof say of two candidates."""

from itertools import combinations

from hypothesis import given

from ygs.application.rounds.pair_fits import PairFits
from ygs.application.rounds.proofs import proof
from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.entrypoints.testing.people import markets, policies


@given(markets(least=2), policies())
def test_columns_say_of_every_pair_what_two_candidates_say(market: Market, policy: Policy) -> None:
    fits = PairFits(market, policy)
    pairs = [*combinations(range(len(market)), 2), (0, 0)]

    for (a, b), (one, other) in zip(pairs, fits.of(pairs), strict=True):
        me, them = market.person(a), market.person(b)
        assert fits.allow(one, other) is compatible(me, them, policy)
        assert one.satisfaction == satisfaction(me, them, policy)
        assert other.satisfaction == satisfaction(them, me, policy)
        assert tuple(one.conditions) == proof(me, them, policy)
        assert tuple(other.conditions) == proof(them, me, policy)


def test_nobody_and_no_pairs_are_compared_too() -> None:
    assert list(PairFits(Market.blank([]), Policy()).of([])) == []
