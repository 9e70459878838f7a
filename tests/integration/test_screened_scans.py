"""A scan that earlier scans and deal-breakers shorten finds what a scan of every pair finds, whatever the prices do."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from tests.integration.test_scoring_at_scale import (
    Array,
    Brute,
    a_crowd,
    column,
    numbers,
    same,
    somebody_learned,
)
from ygs.adapters.scoring.numba_scorer import VectorisedScorer, VectorisedScores
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import new_scratch
from ygs.adapters.scoring.sweep import Rectangle, SweptMarket
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import BEST, PairQuery, TopPartners
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.wishes import Importance
from ygs.ports.scoring_and_solving import Progress, Test

POLICIES = {"scores": Policy(floor=3_000), "chances": Policy(objective=Objective.CHANCE)}
Case = tuple[Market, Policy, Brute]


class WholeClasses:
    """A `Sweep` that scans two classes as one rectangle, however many blocks they have.

    Markets as small as these would have rectangles of one block, and nothing that a thread keeps of a block would be
    brought anew for the next.
    """

    workers = 1

    def run(
        self,
        swept: SweptMarket,
        query: PairQuery,
        screen: Screen,
        rectangles: Sequence[Rectangle],
        top: TopPartners,
        progress: Progress,
    ) -> Array:
        tables = swept.prepared.tables
        scratch = new_scratch(tables)
        classes = swept.prepared.classes
        for k, one in enumerate(classes):
            for other in filter(one.suits, classes[k:]):
                rows, columns = (one, other) if query.test == BEST else (other, one)
                scan(tables, query, top, scratch, screen, rows.first, rows.last, columns.first, columns.last)
        return scratch.counts


def a_market(people: int, men: int | None) -> Market:
    """Anybody who seeks anybody, or so many men and else women who seek the other gender."""
    market = somebody_learned(a_crowd(people, seed=people), seed=2)
    if men is not None:
        women = np.random.default_rng(5).permutation(people) >= men
        column(market.genders)[:] = np.where(women, 2, 1)
        column(market.seeks)[:] = np.where(women, 1, 2)
    return market


@pytest.fixture(scope="module", params=[(600, None), (769, 256), (514, 257)], ids=["anybody", "full block", "one more"])
def market(request: pytest.FixtureRequest) -> Market:
    return a_market(*request.param)


@pytest.fixture(scope="module", params=sorted(POLICIES))
def case(request: pytest.FixtureRequest, market: Market) -> Case:
    policy = POLICIES[request.param]
    return market, policy, Brute.of(market, policy)


def prices(brute: Brute, people: int, random: np.random.Generator) -> Iterator[Array]:
    """Dual prices as they come and as they never should: falling, rising, tied, falling for a single person, folded."""
    worth = brute.worth[brute.eligible]
    low, high = np.quantile(worth, [0.3, 0.75]).astype(int)
    price = random.integers(low, high, people) // 2 + int(np.median(worth)) // 4
    step = max(int(worth.max()) // 300, 2)
    one_side = np.arange(people) % 2 * 2 - 1
    yield price
    yield price
    yield price + random.choice([-1, 0, 0, 0, 1], people)
    yield price + step * one_side
    yield price + random.integers(-step, step + 1, people)
    yield price - step * (np.arange(people) == people // 3) * 40
    yield (price // step) * step
    yield price + random.choice([-(2**60), 0, 2**60], people, p=[0.02, 0.96, 0.02])
    yield price + step * 9
    yield price - step * 3 * one_side
    yield np.full(people, int(np.quantile(worth, 0.9)) // 2)
    yield price - step * 5


def expected(brute: Brute, test: Test, t: Array, most: int, scale: int) -> tuple[list[Array], int]:
    """The pairs that a scan must return, and how many pass."""
    a, b = t[brute.a], t[brute.b]
    passes, gain = {
        Test.IMPROVES: (scale * brute.worth > a + b, scale * brute.worth),
        Test.BLOCKS: ((brute.a_to_b > a) & (brute.b_to_a > b), brute.a_to_b + brute.b_to_a),
        Test.BEATS: (brute.worth > np.maximum(a, b), 2 * brute.worth),
    }[test]
    chosen = brute.eligible & passes
    return brute.rows(brute.strongest(chosen, most, gain - a - b, gain - a - b)), int(chosen.sum())


def holds(
    scores: VectorisedScores, brute: Brute, test: Test, t: Array, most: int, scale: int, *, counted: bool
) -> bool:
    found = scores.beyond(test, numbers(t), most, scale=scale, counted=counted)
    pairs, count = expected(brute, test, t, most, scale)
    fits = found.count == count if counted else len(found.pairs) <= found.count <= count
    return fits and same(found.pairs, pairs)


@pytest.mark.parametrize(("most", "sweep"), [(1, None), (4, WholeClasses())], ids=["one block", "all blocks"])
def test_whatever_prices_do_a_shortened_search_finds_what_a_full_one_finds(
    case: Case, most: int, sweep: WholeClasses | None
) -> None:
    market, policy, brute = case
    random = np.random.default_rng(most)
    scores = VectorisedScorer(threads=2, sweep=sweep).scores(market, policy)
    scores.best(3, numbers(random.integers(-3_000, 3_000, len(market))))
    for k, price in enumerate(prices(brute, len(market), random)):
        scale = 2 if k % 4 == 3 else 1
        assert holds(scores, brute, Test.IMPROVES, scale * price, most, scale, counted=bool(k % 2))


@pytest.mark.parametrize("test", [Test.BLOCKS, Test.BEATS])
def test_the_lists_of_the_best_shorten_other_searches_rightly(case: Case, test: Test) -> None:
    market, policy, brute = case
    random = np.random.default_rng(7)
    scores = VectorisedScorer(sweep=WholeClasses()).scores(market, policy)
    offsets = random.integers(0, 2_000, len(market))
    scores.best(3, numbers(offsets))
    values = (brute.a_to_b if test is Test.BLOCKS else brute.worth)[brute.eligible]
    for share in (0.0, 0.5, 0.9, 0.99):
        usual = np.quantile(values, share) + random.integers(-9, 9, len(market))
        folded = np.where(random.random(len(market)) < 0.05, random.choice([-(2**61), 2**61], len(market)), usual)
        for t in (usual.astype(np.int64), folded.astype(np.int64)):
            assert holds(scores, brute, test, t, 2, 1, counted=True)


def test_who_are_satisfied_one_more_than_their_thresholds_block() -> None:
    market = a_market(300, 43)
    for code, wishes in market.wishes.items():
        column(wishes.importance)[:] *= code == "birth_year"
    policy = Policy(floor=0, affinities=())  # With one wish at most, bounds are hardly above satisfactions.
    brute = Brute.of(market, policy)
    for satisfied in np.unique(brute.a_to_b[brute.eligible])[-3:]:
        scores = VectorisedScorer(threads=1).scores(market, policy)
        thresholds = np.full(len(market), int(satisfied) - 1)
        assert holds(scores, brute, Test.BLOCKS, thresholds, 2, 1, counted=True)
        assert scores.stats.passed > 0


def test_searches_without_lists_of_the_best_prove_enough_for_the_next(case: Case) -> None:
    market, policy, brute = case
    scores = VectorisedScorer(threads=2).scores(market, policy)
    for price in prices(brute, len(market), np.random.default_rng(9)):
        assert holds(scores, brute, Test.IMPROVES, price, 2, 1, counted=False)


def test_at_prices_that_proved_a_round_once_nothing_is_looked_at_again(case: Case) -> None:
    market, policy, brute = case
    scores = VectorisedScorer(threads=2).scores(market, policy)
    high = numbers(np.full(len(market), int(np.quantile(brute.worth[brute.eligible], 0.999)) // 2 + 1))
    scores.beyond(Test.IMPROVES, high, 50)
    looked = scores.stats.looked
    assert looked > 0
    scores.beyond(Test.IMPROVES, high, 50)
    assert scores.stats.looked == 0


def test_a_pair_exactly_at_both_prices_is_found_when_one_falls_by_one(case: Case) -> None:
    market, policy, brute = case
    for row in np.random.default_rng(6).choice(np.flatnonzero(brute.eligible), 4):
        scores = VectorisedScorer(threads=1).scores(market, policy)
        a, b, worth = int(brute.a[row]), int(brute.b[row]), int(brute.worth[row])
        thresholds = np.full(len(market), 1 << 30)
        thresholds[a] = worth // 2
        thresholds[b] = worth - worth // 2
        assert scores.beyond(Test.IMPROVES, numbers(thresholds), 3).count == 0
        thresholds[b] -= 1
        found = scores.beyond(Test.IMPROVES, numbers(thresholds), 3)
        assert (list(found.pairs.a), list(found.pairs.b)) == ([a], [b])


def test_the_last_person_of_a_block_counts_in_what_rules_the_block_out() -> None:
    market = a_market(300, 43)
    for wishes in market.wishes.values():
        column(wishes.importance)[:] = 0
    women = np.flatnonzero(column(market.genders) == 2)
    year = column(market.facts["birth_year"])
    year[:] = 40
    year[women[-2:]] = 60  # two of another cell: the first of them, by price, is the last person of the first block
    insisting = market.wishes["birth_year"]  # somebody refuses them, which makes the year the order of the cells
    man = np.flatnonzero(column(market.genders) == 1)[0]
    column(insisting.importance)[man] = Importance.MUST
    for end in (insisting.low, insisting.high):
        column(end)[man] = 40
    policy = Policy(floor=0)
    brute = Brute.of(market, policy)
    for fallen in women[-2:]:
        scores = VectorisedScorer(threads=1).scores(market, policy)
        thresholds = np.full(len(market), 1 << 20)
        assert scores.beyond(Test.IMPROVES, numbers(thresholds), 3).count == 0
        thresholds[fallen] = -(1 << 21)
        assert holds(scores, brute, Test.IMPROVES, thresholds, 3, 1, counted=True)


def test_one_thread_and_three_find_the_same_in_a_shortened_search(case: Case) -> None:
    market, policy, brute = case
    found = []
    for threads in (1, 3):
        scores = VectorisedScorer(threads).scores(market, policy)
        scores.best(3, numbers(np.zeros(len(market), np.int64)))
        found.append(
            [
                scores.beyond(Test.IMPROVES, numbers(price), 3)
                for price in prices(brute, len(market), np.random.default_rng(3))
            ]
        )
    assert found[0] == found[1]


def test_whom_few_may_choose_still_counts_in_what_bounds_satisfactions() -> None:
    """The men, lanes of the search for the best, are summed alone with the women who insist on a year."""
    men, insisting, others = 36, 40, 50  # two men of each year
    market = Market.blank(f"p{k:03}" for k in range(men + insisting + others))
    women = np.arange(len(market)) >= men
    insist = women & (np.arange(len(market)) < men + insisting)
    column(market.genders)[:] = np.where(women, 2, 1)
    column(market.seeks)[:] = np.where(women, 1, 2)
    year = np.arange(len(market)) % 18 * 3 + 1  # too far apart for half a fit
    column(market.facts["birth_year"])[:] = year
    column(market.facts["education"])[:] = np.where(insist, 5, 1)
    own_year = market.wishes["birth_year"]
    column(own_year.importance)[:] = insist * int(Importance.MUST)
    column(own_year.low)[:] = column(own_year.high)[:] = insist * year
    education = market.wishes["education"]
    column(education.importance)[:] = ~women * int(Importance.STRONG)
    column(education.low)[:] = column(education.high)[:] = ~women * 5
    policy = Policy(floor=0, affinities=())
    brute = Brute.of(market, policy)
    scores = VectorisedScorer(threads=1).scores(market, policy)
    scores.best(1, numbers((women & ~insist) * 20_000))  # so that the men's lists hold none who insist
    just_below = np.where(women, 5_000, 4_999)  # Both people of a pair may be fully satisfied, and then it passes.
    assert holds(scores, brute, Test.IMPROVES, just_below, 9, 1, counted=True)
    assert scores.stats.passed > insist.sum()
