"""A search for the best that guesses at lists beforehand finds what one without guesses finds."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.markets import city
from tests.integration.test_scoring_at_scale import Array, Brute, numbers, same
from tests.integration.test_screened_scans import POLICIES, a_market
from tests.integration.test_sweeps import WatchedWorkers
from ygs.adapters.scoring import list_guesses
from ygs.adapters.scoring.list_guesses import few_of, guesses
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.score_tables import GenderClass, at_once, prepare
from ygs.adapters.scoring.sharded_sweep import ShardedSweep
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.sweep import rectangles_of
from ygs.adapters.scoring.top_partners import COMPLETE, NOBODY, empty_top_partners
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Test

MOST = 4
NOTHING = np.zeros(700, np.int64)


@pytest.fixture(autouse=True)
def small_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses are made in classes as small as these, however many lists are not full."""
    monkeypatch.setattr(list_guesses, "LEAST_PEOPLE", 100)
    monkeypatch.setattr(list_guesses, "_FEW", 40)
    monkeypatch.setattr(list_guesses, "_FULL", 0.0)


def some_offsets() -> list[Array]:
    random = np.random.default_rng(3)
    folded = random.choice([-(2**60), 0, 2**60], len(NOTHING), p=[0.2, 0.6, 0.2])
    return [NOTHING, random.integers(-3_000, 3_000, len(NOTHING)), folded]


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("men", [None, 300])
def test_guesses_change_nothing_that_is_found(men: int | None, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    market = a_market(len(NOTHING), men)
    brute = Brute.of(market, POLICIES[policy])
    scores = VectorisedScorer(threads=2).scores(market, POLICIES[policy])
    for offsets in some_offsets():
        chosen = brute.strongest(brute.eligible, MOST, brute.worth + offsets[brute.b], brute.worth + offsets[brute.a])
        for too_high in (0.0, 0.5, 1.0):
            monkeypatch.setattr(list_guesses, "_TOO_HIGH", too_high)
            assert same(scores.best(MOST, numbers(offsets)), brute.rows(chosen))


def test_later_searches_find_what_guesses_left_out() -> None:
    market = a_market(len(NOTHING), 300)
    brute = Brute.of(market, Policy())
    scores = VectorisedScorer(threads=2).scores(market, Policy())
    scores.best(MOST, numbers(NOTHING))
    price = np.full(len(market), int(np.quantile(brute.worth[brute.eligible], 0.5)) // 2)
    excess = brute.worth - price[brute.a] - price[brute.b]
    found = scores.beyond(Test.IMPROVES, numbers(price), MOST)
    assert found.count == int((brute.eligible & (excess > 0)).sum())
    assert same(found.pairs, brute.rows(brute.strongest(brute.eligible & (excess > 0), MOST, excess, excess)))


def test_guesses_are_too_high_for_few_and_save_half_of_the_exact_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    people = 4_000
    market = city(people // 2, seed=1)
    offsets = numbers(np.zeros(people, np.int64))
    guided = VectorisedScorer().scores(market, Policy())
    found = guided.best(12, offsets)
    prepared = prepare(market, Policy(), at_once)
    few = few_of(prepared.classes, len(prepared.tables.place))
    monkeypatch.setattr(list_guesses, "LEAST_PEOPLE", people)
    plain = VectorisedScorer().scores(market, Policy())
    assert found == plain.best(12, offsets)
    assert guided.stats.scored < 0.6 * plain.stats.scored
    assert guided.stats.pairs == plain.stats.pairs
    assert few.sum() == 80


def test_nobody_is_guessed_at_where_too_few_lists_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_guesses, "_FULL", 0.9)
    prepared = prepare(a_market(len(NOTHING), 300), Policy(), at_once)
    people = len(prepared.tables.place)
    few = few_of(prepared.classes, people)
    top = empty_top_partners(people, 1)
    top.entries[::2] = 5_000
    top.held[:] = 1
    guess = guesses(prepared.tables, prepared.classes, few, top, 1)
    assert (guess > NOBODY).any()
    assert (guess[prepared.tables.place < 0] == NOBODY).all()
    top.held[np.flatnonzero(few)[::9]] = 0
    assert (guesses(prepared.tables, prepared.classes, few, top, 1) == NOBODY).all()


def test_where_nobody_is_guessed_at_no_list_is_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_guesses, "_FULL", 1.0)
    market = a_market(len(NOTHING), 300)
    guided = VectorisedScorer(threads=2).scores(market, Policy())
    found = guided.best(len(NOTHING), numbers(NOTHING))  # No list becomes full.
    monkeypatch.setattr(list_guesses, "LEAST_PEOPLE", len(NOTHING))
    plain = VectorisedScorer(threads=2).scores(market, Policy())
    assert found == plain.best(len(NOTHING), numbers(NOTHING))
    assert guided.stats.looked <= 2 * plain.stats.looked


@pytest.mark.parametrize("leaders", [(0, 0), (1, 0), (40, 300), (256, 257), (10_000, 0), (10_000, 9_000)])
@pytest.mark.parametrize("alike", [False, True])
def test_rectangles_of_leaders_hold_each_of_their_pairs_once(leaders: tuple[int, int], alike: bool) -> None:
    first = GenderClass(1, 1 if alike else 2, np.arange(10_000, dtype=np.int32), 0)
    second = GenderClass(2, 2 if alike else 1, np.arange(9_000, dtype=np.int32), first.last)
    leading = np.zeros(second.last * LANES, np.bool_)
    leading[: leaders[0]] = True
    leading[second.first * LANES :][: leaders[1]] = True
    seen = Counter(
        (block, other)
        for one in rectangles_of([first, second], 2, leading=leading)
        for block in range(one.first, one.last)
        for other in range(block if one.first == one.low else one.low, one.high)
    )
    leads: Array = np.bitwise_or.reduce(leading.reshape(-1, LANES), axis=1)
    every = Counter(
        (block, other)
        for one in rectangles_of([first, second], 2)
        for block in range(one.first, one.last)
        for other in range(block if one.first == one.low else one.low, one.high)
    )
    assert seen == Counter(pair for pair in every if leads[list(pair)].any())


def test_shards_of_a_search_with_guesses_go_out_twice_and_the_second_time_know_more() -> None:
    watched = WatchedWorkers()
    VectorisedScorer(threads=1, sweep=ShardedSweep(watched)).scores(city(2_000, seed=4), Policy()).best(
        MOST, numbers(np.zeros(4_000))
    )
    few, guessed, known, *again = watched.beat
    assert (few < COMPLETE).sum() == 80
    assert (guessed <= known).all()
    assert (guessed < known).sum() > 100
    assert len(again) <= 1


@pytest.mark.parametrize("too_high", [0.0, 0.5])
def test_all_parts_of_a_search_tell_how_far_it_is(too_high: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_guesses, "_TOO_HIGH", too_high)
    scores = VectorisedScorer(threads=2).scores(a_market(len(NOTHING), 300), Policy())
    told: list[tuple[str, int, int]] = []
    scores.best(MOST, numbers(NOTHING), progress=lambda *now: told.append(now))
    done = [finished for _, finished, _ in told]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == told[-1][2]
    assert len({total for _, _, total in told}) == 1
