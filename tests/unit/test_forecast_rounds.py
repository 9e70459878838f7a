"""The quick rounds and the rates from which a forecast is simulated."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.application.forecasts.club_rates import MutualRate, WeeklyRate
from ygs.application.forecasts.quick_round import QuickRound
from ygs.domain.errors import InvalidFact
from ygs.domain.forecasts import ClubRecord, ExpectedCount, ForecastTerms, MutualTally, told_count

MEN = 5
WOMEN = 5
pairs_of_people = st.sets(st.tuples(st.integers(0, MEN - 1), st.integers(MEN, MEN + WOMEN - 1)))


def round_of(pairs: set[tuple[int, int]], order: list[int]) -> QuickRound:
    people = MEN + WOMEN
    suiting = [
        sum(1 << b for a, b in pairs if a == me) | sum(1 << a for a, b in pairs if b == me) for me in range(people)
    ]
    everybody = [1 << each for each in range(people)]
    made = QuickRound([1] * people, suiting, [everybody] * people)
    made.serve(order)
    return made


def most_introductions(pairs: set[tuple[int, int]]) -> int:
    if not pairs:
        return 0
    a, b = min(pairs)
    without = {pair for pair in pairs if pair != (a, b)}
    rest = {pair for pair in pairs if a not in pair and b not in pair}
    return max(most_introductions(without), 1 + most_introductions(rest))


@given(pairs=pairs_of_people, order=st.permutations(range(MEN + WOMEN)))
def test_a_quick_round_introduces_as_many_people_as_any_round_can(
    pairs: set[tuple[int, int]], order: list[int]
) -> None:
    partners = round_of(pairs, order).partners
    assert sum(map(len, partners)) == 2 * most_introductions(pairs)
    for me, theirs in enumerate(partners):
        assert len(theirs) <= 1
        assert all(me in partners[them] and (min(me, them), max(me, them)) in pairs for them in theirs)


def test_who_is_served_first_is_introduced_when_there_are_too_few() -> None:
    pairs = {(man, MEN) for man in range(MEN)}
    for first in range(MEN):
        others = [each for each in range(MEN) if each != first]
        assert round_of(pairs, [first, *others, MEN]).partners[MEN] == [first]


def test_nobody_is_introduced_more_often_than_their_capacity() -> None:
    suiting = [0b1100, 0b1100, 0b0011, 0b0011]
    made = QuickRound([2, 1, 1, 1], suiting, [[0b1111]] * 4)
    made.serve(range(4))
    assert [len(each) for each in made.partners] == [1, 1, 1, 1]


def drawn(rate: MutualRate | WeeklyRate, draws: int = 2_000) -> list[float]:
    rng = Random(1)
    return sorted(rate.draw(rng) for _ in range(draws))


def test_a_young_club_allows_nearly_any_rate_of_mutual_answers() -> None:
    rates = drawn(MutualRate.of(()))
    assert rates[100] < 0.03
    assert rates[-100] > 0.6


def same_outcome(people: int, introductions: int, mutual: int) -> MutualTally:
    return MutualTally(introductions=introductions, mutual=mutual, people=people)


def test_a_long_record_gives_its_own_rate_and_the_spread_between_people() -> None:
    even = MutualRate.of([same_outcome(500, 10, 3)])
    assert 0.29 < even.yes / (even.yes + even.no) < 0.31
    uneven = MutualRate.of([same_outcome(150, 10, 10), same_outcome(350, 10, 0)])
    assert uneven.alike > even.alike
    low, high = (drawn(each)[100] for each in (uneven, even))
    assert low < high


def test_people_with_one_introduction_say_nothing_about_how_people_differ() -> None:
    assert MutualRate.of([same_outcome(50, 1, 1), same_outcome(50, 1, 0)]).alike == MutualRate.of(()).alike


def test_a_record_narrows_how_often_people_leave_and_join() -> None:
    record = ClubRecord(weeks=10, present=90, gone=10, joined=40)
    leaving = drawn(WeeklyRate.of_leaving(record))
    joining = drawn(WeeklyRate.of_joining(record, members=100))
    unknown = drawn(WeeklyRate.of_leaving(ClubRecord()))
    assert 0.009 < leaving[1000] < 0.013
    assert 0.035 < joining[1000] < 0.043
    assert leaving[-100] - leaving[100] < unknown[-100] - unknown[100]


def test_an_expected_count_leaves_one_draw_in_twenty_out_on_each_side() -> None:
    assert ExpectedCount.of(range(39)) == ExpectedCount(190, 1, 37)
    assert ExpectedCount.of([0] * 9 + [1] * 10) == ExpectedCount(5, 0, 1)


def test_fewer_than_ten_people_are_not_told() -> None:
    assert [told_count(count) for count in (0, 1, 9, 10, 11)] == [None, None, None, 10, 11]


@pytest.mark.parametrize(
    "terms", [{"weeks": 0}, {"weeks": 105}, {"weeks": 4, "promised": -1}, {"weeks": 4, "promised": 501}]
)
def test_terms_of_no_contract_are_refused(terms: dict[str, int]) -> None:
    with pytest.raises(InvalidFact):
        ForecastTerms(**terms)


def test_what_is_promised_falls_due_evenly() -> None:
    assert [ForecastTerms(weeks=4, promised=6).owed_by(week) for week in range(5)] == [0, 1, 3, 4, 6]
