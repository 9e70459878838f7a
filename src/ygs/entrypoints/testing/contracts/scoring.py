"""The contract of `Scorer`: it finds exactly the pairs, scores and order of the specification."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.matching.eligibility import compatible, deal_breakers
from ygs.domain.matching.market import Candidate, Column, Genders, Market, Pairs, type_mask, zeros
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.scoring import combined, mutual, satisfaction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.entrypoints.testing.people import candidates, markets, policies, with_chances
from ygs.ports.scoring_and_solving import Found, OneToAllScores, Scorer, Test

MEN = Genders.MALE
WOMEN = Genders.FEMALE
LARGEST = 1 << 61


class Scored(NamedTuple):
    """An eligible pair as the specification scores it."""

    a: int
    b: int
    a_to_b: int
    b_to_a: int
    mutual: int
    worth: int


def eligible_pairs(market: Market, policy: Policy) -> list[Scored]:
    """Every eligible pair, ascending, straight from the specification."""
    people = [market.person(place) for place in range(len(market))]
    apart = {divmod(key, len(market)) for key in (*market.met, *market.blocked)}
    return [
        _scored(market, policy, a, b, people[a], people[b])
        for a, b in combinations(range(len(people)), 2)
        if (a, b) not in apart and compatible(people[a], people[b], policy)
    ]


def _scored(market: Market, policy: Policy, a: int, b: int, one: Candidate, other: Candidate) -> Scored:
    there = satisfaction(one, other, policy)
    back = satisfaction(other, one, policy)
    score = mutual(one, other, policy)
    if policy.objective is not Objective.CHANCE or market.chances is None:
        return Scored(a, b, there, back, score, score)
    return Scored(a, b, there, back, score, market.chances.pair(market.genders, a, b, there, back))


def the_best(pairs: Iterable[Scored], most: int, offsets: Sequence[int]) -> list[Scored]:
    """The pairs among the `most` best of either person by worth plus the partner's offset, ties by place."""
    return _strongest(pairs, most, lambda pair, partner: pair.worth + offsets[partner])


def those_beyond(
    pairs: Iterable[Scored], test: Test, t: Sequence[int], most: int, scale: int
) -> tuple[list[Scored], int]:
    """The strongest pairs that pass a test, and how many pass."""
    passing = {
        Test.IMPROVES: [pair for pair in pairs if scale * pair.worth > t[pair.a] + t[pair.b]],
        Test.BLOCKS: [pair for pair in pairs if pair.a_to_b > t[pair.a] and pair.b_to_a > t[pair.b]],
        Test.BEATS: [pair for pair in pairs if pair.worth > max(t[pair.a], t[pair.b])],
    }[test]

    def excess(pair: Scored, partner: int) -> int:
        gain = {
            Test.IMPROVES: scale * pair.worth,
            Test.BLOCKS: pair.a_to_b + pair.b_to_a,
            Test.BEATS: 2 * pair.worth,
        }
        return gain[test] - t[pair.a] - t[pair.b]

    return _strongest(passing, most, excess), len(passing)


def _strongest(pairs: Iterable[Scored], most: int, value: Callable[[Scored, int], int]) -> list[Scored]:
    choices: dict[int, list[tuple[int, int, Scored]]] = {}
    for pair in pairs:
        choices.setdefault(pair.a, []).append((-value(pair, pair.b), pair.b, pair))
        choices.setdefault(pair.b, []).append((-value(pair, pair.a), pair.a, pair))
    return sorted({choice[2] for ranking in choices.values() for choice in sorted(ranking)[:most]})


def listed(pairs: Pairs) -> list[Scored]:
    """A scorer's pairs as rows, to be compared."""
    return [Scored(*row) for row in pairs.rows()]


def sought_pairs(market: Market) -> int:
    """How many unordered pairs seek each other's gender."""
    people = list(zip(market.genders, market.seeks, strict=True))
    return sum(1 for one, other in combinations(people, 2) if one[1] & other[0] and other[1] & one[0])


def agrees_with_specification(scorer: Scorer) -> Callable[[], None]:
    """A test that a scorer finds exactly the pairs, scores, order and counts of the specification."""
    numbers = st.one_of(st.integers(-3_000, 11_000), st.sampled_from([-LARGEST, LARGEST, 0, 1 << 40, -(1 << 40)]))
    return _agrees(scorer, numbers)


def agrees_on_chances(scorer: Scorer) -> Callable[[], None]:
    """The same test for pairs that are worth their chance."""
    numbers = st.one_of(st.integers(-20_000, 300_000), st.integers(-9, 99), st.sampled_from([-LARGEST, LARGEST, 0]))
    return _agrees(scorer, numbers, chances=True)


def _agrees(scorer: Scorer, numbers: st.SearchStrategy[int], *, chances: bool = False) -> Callable[[], None]:
    @given(st.data(), markets(), policies(), st.integers(0, 3))
    def test(data: st.DataObject, market: Market, policy: Policy, most: int) -> None:
        if chances:
            market = data.draw(with_chances(market))
            policy = replace(policy, objective=Objective.CHANCE)
        numbered = array(type_mask, data.draw(st.lists(numbers, min_size=len(market), max_size=len(market))))
        scores = scorer.scores(market, policy)
        pairs = eligible_pairs(market, policy)
        assert listed(scores.best(most, numbered)) == the_best(pairs, most, numbered)
        for kind in Test:
            scale = data.draw(st.sampled_from([1, 2, 7, 200_001])) if kind is Test.IMPROVES else 1
            found = scores.beyond(kind, numbered, most, scale=scale)
            expected = those_beyond(pairs, kind, numbered, most, scale)
            assert (listed(found.pairs), found.count) == expected
            assert found.scanned == sought_pairs(market)
            uncounted = scores.beyond(kind, numbered, most, scale=scale, counted=False)
            assert uncounted.pairs == found.pairs
            assert len(found.pairs) <= uncounted.count <= found.count

    return test


def holds_candidates_against_everybody(scorer: Scorer) -> Callable[[], None]:
    """A test that `against` gives the specification's figures, for members, changed members and strangers."""

    @given(st.data(), markets(), policies())
    def test(data: st.DataObject, market: Market, policy: Policy) -> None:
        member = st.integers(0, len(market) - 1)
        changed = member.flatmap(lambda place: candidates(market.ids[place]))
        me = data.draw(st.one_of(member.map(market.person), changed, candidates("stranger")))
        against = scorer.scores(market, policy).against(me)
        assert list(rows(against)) == list(expected_rows(market, policy, me))

    return test


def rows(against: OneToAllScores) -> Iterator[tuple[int, ...]]:
    """The result of `against`, person by person."""
    columns = (against.sought, against.i_refuse, against.they_refuse, against.mine, against.theirs, against.mutual)
    return zip(*columns, against.met, against.blocked, strict=True)


def expected_rows(market: Market, policy: Policy, me: Candidate) -> Iterator[tuple[int, ...]]:
    """The result that `against` must have."""
    bits = {code: 1 << bit for bit, code in enumerate(VOCABULARY)}
    mine = market.places().get(me.id, -1)
    for place in range(len(market)):
        them = market.person(place)
        key = min(mine, place) * len(market) + max(mine, place) if mine >= 0 else -1
        there = satisfaction(me, them, policy)
        back = satisfaction(them, me, policy)
        yield (
            bool(me.seeks & them.gender and them.seeks & me.gender and place != mine),
            sum(bits[code] for code in deal_breakers(me, them, policy)),
            sum(bits[code] for code in deal_breakers(them, me, policy)),
            there,
            back,
            combined(there, back),
            key in market.met,
            key in market.blocked,
        )


def a_man(id: str, **more: int) -> Candidate:
    """A man of these facts who seeks women and wishes for nothing."""
    return Candidate(id=id, gender=MEN, seeks=WOMEN, facts=more)


def a_woman(id: str, **more: int) -> Candidate:
    """A woman of these facts who seeks men and wishes for nothing."""
    return Candidate(id=id, gender=WOMEN, seeks=MEN, facts=more)


class ScorerContract:
    """The promises of `Scorer` and `Scores` that examples show best. Give the fixture `scorer`."""

    policy = Policy()

    def test_a_market_without_people_has_no_pairs(self, scorer: Scorer) -> None:
        scores = scorer.scores(Market.of([]), self.policy)
        assert scores.best(3, zeros(type_mask, 0)) == Pairs.none()
        assert scores.beyond(Test.BEATS, zeros(type_mask, 0), 3) == Found(Pairs.none(), 0, 0)
        assert list(rows(scores.against(a_man("x")))) == []

    def test_people_who_do_not_seek_each_other_are_no_pair(self, scorer: Scorer) -> None:
        market = Market.of([a_man("a"), a_man("b"), Candidate(id="c", gender=WOMEN, seeks=WOMEN)])
        found = scorer.scores(market, self.policy).beyond(Test.IMPROVES, _everybody(market, -1), 3)
        assert (found.count, found.scanned) == (0, 0)

    def test_people_who_met_or_have_a_block_are_never_found(self, scorer: Scorer) -> None:
        people = [a_man("a"), a_man("c"), a_woman("b"), a_woman("d")]
        market = Market.of(people, met=[("b", "a")], blocked=[("c", "d"), ("d", "c")])
        scores = scorer.scores(market, self.policy)
        assert _places(scores.best(4, _everybody(market, 0))) == [(0, 3), (1, 2)]
        for test in Test:
            assert scores.beyond(test, _everybody(market, -1), 4).count == 2

    def test_of_equal_partners_the_first_by_place_are_kept(self, scorer: Scorer) -> None:
        market = Market.of([a_man("m"), *(a_woman(f"w{k}") for k in range(5))])
        scores = scorer.scores(market, self.policy)
        # Each woman has only one man and keeps him; either person's choice counts.
        assert _places(scores.best(1, _everybody(market, 0))) == [(0, k) for k in range(1, 6)]
        market = Market.of([*(a_man(f"m{k}") for k in range(3)), *(a_woman(f"w{k}") for k in range(3))])
        best = scorer.scores(market, self.policy).best(1, _everybody(market, 0))
        assert _places(best) == [(0, 3), (0, 4), (0, 5), (1, 3), (2, 3)]

    def test_offsets_move_whom_others_rank_first(self, scorer: Scorer) -> None:
        market = Market.of([*(a_man(f"m{k}") for k in range(3)), *(a_woman(f"w{k}") for k in range(3))])
        offsets = array(type_mask, [0, 0, 5, 0, LARGEST, -LARGEST])
        best = scorer.scores(market, self.policy).best(1, offsets)
        assert _places(best) == [(0, 4), (1, 4), (2, 3), (2, 4), (2, 5)]

    def test_without_listed_pairs_the_count_is_right(self, scorer: Scorer) -> None:
        market = Market.of([a_man("a"), a_woman("b"), a_woman("c")])
        found = scorer.scores(market, self.policy).beyond(Test.IMPROVES, _everybody(market, 0), 0)
        assert (found.pairs, found.count, found.scanned) == (Pairs.none(), 2, 2)

    def test_a_threshold_must_be_passed_not_met(self, scorer: Scorer) -> None:
        market = Market.of([a_man("a", region=1, weekend=2), a_woman("b", region=1, weekend=2)])
        scores = scorer.scores(market, self.policy)
        score = scores.best(1, _everybody(market, 0)).mutual[0]
        for test, scale in ((Test.IMPROVES, 2), (Test.BLOCKS, 1), (Test.BEATS, 1)):
            assert scores.beyond(test, _everybody(market, score), 1, scale=scale).count == 0
            assert scores.beyond(test, _everybody(market, score - 1), 1, scale=scale).count == 1

    def test_a_pair_exactly_at_the_floor_is_eligible(self, scorer: Scorer) -> None:
        policy = Policy(floor=5_000, affinities=())
        wish = Wish.among("region", ["seoul"], Importance.FAIR)
        pair = [
            Candidate(id="a", gender=MEN, seeks=WOMEN, wishes={"region": wish}, facts={"region": 2}),
            a_woman("b"),  # her region is unknown: half a fit
        ]
        market = Market.of(pair)
        assert len(scorer.scores(market, policy).best(1, _everybody(market, 0))) == 1
        above = Policy(floor=5_001, affinities=())
        assert len(scorer.scores(market, above).best(1, _everybody(market, 0))) == 0

    def test_progress_runs_from_nothing_to_everything(self, scorer: Scorer) -> None:
        market = Market.of([*(a_man(f"m{k}") for k in range(9)), *(a_woman(f"w{k}") for k in range(9))])
        reported: list[tuple[str, int, int]] = []
        scorer.scores(market, self.policy).best(2, _everybody(market, 0), lambda *now: reported.append(now))
        assert {stage for stage, _, _ in reported} == {"scoring"}
        assert [finished for _, finished, _ in reported] == sorted(finished for _, finished, _ in reported)
        assert reported[0][1] == 0
        assert reported[-1][1] == reported[-1][2]


def _everybody(market: Market, number: int) -> Column:
    return array(type_mask, [number]) * len(market)


def _places(pairs: Pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.a, pairs.b, strict=True))
