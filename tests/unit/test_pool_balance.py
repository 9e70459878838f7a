"""Whom the pool lacks: the figures, the job that counts them, and where staff read them."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.ids import JobId, WeekId
from ygs.domain.jobs import JobKind, JobState
from ygs.domain.matching.attribute import UNKNOWN
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.pool_balance import PoolCell, pool_balance, weeks_waited
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Profile
from ygs.entrypoints.testing.builders import a_user, wishes
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

STAFF = Actor.operator()
YEAR = 2026
YEARS, REGIONS = VOCABULARY["birth_year"], VOCABULARY["region"]
MUST = Importance.MUST


def person(number: int, gender: Genders, born: int | None, region: str | None, *wished: Wish) -> Candidate:
    """Somebody who seeks the other gender."""
    facts = {"birth_year": YEARS.code_of(born) if born else 0, "region": REGIONS.code_of(region) if region else 0}
    other = Genders.FEMALE if gender is Genders.MALE else Genders.MALE
    return Candidate(id=f"usr_{number:02}", gender=gender, seeks=other, facts=facts, wishes=wishes(*wished))


def wanted(market: Market, gender: Genders) -> dict[tuple[int | None, int], tuple[int, int]]:
    """The cells of one gender: age and region -> there, wanted."""
    cells = pool_balance(market, YEAR, 5)
    return {(each.from_age, each.region): (each.there, each.wanted) for each in cells if each.gender is gender}


def test_a_group_that_many_accept_alone_is_wanted_more_than_it_is_there() -> None:
    seoul, busan = REGIONS.code_of("seoul"), REGIONS.code_of("busan")
    only_busan = Wish.among("region", ["busan"], MUST)
    men = [person(number, Genders.MALE, 1990, "busan", only_busan) for number in range(1, 5)]
    women = [person(5, Genders.FEMALE, 1992, "busan"), person(6, Genders.FEMALE, 1992, "seoul")]
    anybody = person(7, Genders.MALE, 1990, "seoul")
    market = Market.of([*men, *women, anybody])
    # Four want the one in Busan; the fifth is shared out over both.
    assert wanted(market, Genders.FEMALE) == {(30, busan): (1, 4), (30, seoul): (1, 0)}
    assert wanted(market, Genders.MALE) == {(35, busan): (4, 2), (35, seoul): (1, 0)}


def test_a_group_of_whom_nobody_is_there_is_wanted_all_the_same() -> None:
    years = Wish.between("birth_year", 1995, 1999, MUST)
    men = [person(number, Genders.MALE, 1990, "jeju", years, Wish.among("region", ["jeju"], MUST)) for number in (1, 2)]
    jeju = REGIONS.code_of("jeju")
    assert wanted(Market.of(men), Genders.FEMALE) == {(25, jeju): (0, 1), (30, jeju): (0, 1)}


def test_an_ignored_wish_and_an_unknown_fact_narrow_nothing() -> None:
    ignored = Wish.among("region", ["busan"], Importance.IGNORE)
    market = Market.of([person(1, Genders.MALE, 1990, "seoul", ignored), person(2, Genders.FEMALE, None, None)])
    assert wanted(market, Genders.FEMALE) == {(None, 0): (1, 1)}


def test_waits_are_counted_by_weeks_and_long_ones_together() -> None:
    waiting = [replace(person(n, Genders.MALE, 1990, "seoul"), weeks_waited=n) for n in (0, 2, 3, 9)]
    assert weeks_waited(Market.of(waiting), 3) == [1, 0, 1, 2]


@st.composite
def people(draw: st.DrawFn) -> Market:
    """A few people of few years and regions, some facts unknown and some wishes ignored."""
    wished = st.tuples(
        st.none() | st.tuples(st.integers(1, 8), st.integers(0, 5)).map(lambda each: (each[0], each[0] + each[1])),
        st.none() | st.integers(1, 7),
        st.sampled_from([Importance.IGNORE, Importance.FAIR, MUST]),
    )
    made = []
    for number in range(draw(st.integers(2, 7))):
        years, regions, importance = draw(wished)
        low, high = years or (0, 0)
        wished_for = [Wish(attribute="birth_year", importance=importance, low=low, high=high)] if years else []
        wished_for += [Wish(attribute="region", importance=importance, accepts=regions)] if regions else []
        made.append(
            Candidate(
                id=f"usr_{number}",
                gender=draw(st.sampled_from(list(Genders))),
                seeks=draw(st.sampled_from([Genders.MALE, Genders.FEMALE, Genders.MALE | Genders.FEMALE])),
                facts={"birth_year": draw(st.integers(0, 9)), "region": draw(st.integers(0, 3))},
                wishes=wishes(*wished_for),
            )
        )
    return Market.of(made)


def by_hand(market: Market) -> dict[tuple[Genders, int, int], float]:
    """How much is wanted of each gender, year and region: person by person, in the words of the module."""
    found: dict[tuple[Genders, int, int], float] = defaultdict(float)
    everybody = [market.person(place) for place in range(len(market))]
    for me in everybody:
        for gender in me.seeks:
            fitting = [each for each in everybody if each.gender is gender and _accepts(me, each)]
            for each in fitting:
                found[gender, each.value("birth_year"), each.value("region")] += 1 / len(fitting)
            if not fitting:
                cells = [
                    (year, region)
                    for year in range(YEARS.size + 1)
                    for region in range(REGIONS.size + 1)
                    if _accepts_place(me, year, region)
                ]
                for year, region in cells:
                    found[gender, year, region] += 1 / len(cells)
    return found


def _accepts(me: Candidate, other: Candidate) -> bool:
    return _accepts_place(me, other.value("birth_year"), other.value("region"))


def _accepts_place(me: Candidate, year: int, region: int) -> bool:
    years, regions = me.wishes.get("birth_year"), me.wishes.get("region")
    in_years = not years or not years.importance or years.low <= year <= years.high
    in_regions = not regions or not regions.importance or bool(region and regions.accepts >> (region - 1) & 1)
    return in_years and in_regions


@settings(max_examples=60, deadline=None)
@given(people())
def test_figures_are_those_that_are_counted_person_by_person(market: Market) -> None:
    expected: dict[tuple[Genders, int | None, int], float] = defaultdict(float)
    for (gender, year, region), share in by_hand(market).items():
        age = (YEAR - (YEARS.low + year - 1)) // 5 * 5 if year != UNKNOWN else None
        expected[gender, age, region] += share
    cells: dict[tuple[Genders, int | None, int], PoolCell] = {
        (each.gender, each.from_age, each.region): each for each in pool_balance(market, YEAR, 5)
    }
    assert sum(each.there for each in cells.values()) == len(market)
    for place in {*expected, *cells}:
        shown = cells[place].wanted if place in cells else 0
        assert abs(shown - expected[place]) <= 0.5 + 1e-6


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def app(clock: FrozenClock) -> AsyncIterator[Application]:
    fakes: dict[Any, object] = {Clock: clock}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as made:
        yield made


async def locked(app: Application, clock: FrozenClock) -> WeekId:
    """A week of two people, locked; it is time to count them."""
    seoul = Profile(facts={"region": 1})
    async with app.storage.write() as tx:
        await tx.users.add_all([a_user(1, profile=seoul), a_user(2, profile=seoul)])
    week = await app.weeks.create(STAFF, CreateWeek())
    await app.weeks.lock(STAFF, week.id)
    clock.advance(minutes=1)
    return week.id


async def test_a_lock_has_the_pool_counted_and_the_dashboard_shows_when(app: Application, clock: FrozenClock) -> None:
    await locked(app, clock)
    assert (await app.dashboard.read(STAFF)).pool is None
    await app.worker.run_one()
    pool = (await app.dashboard.read(STAFF)).pool
    assert pool is not None
    assert (pool.people, pool.counted_at) == (2, app.clock.now())
    assert [(each.weeks, each.people) for each in pool.waits if each.people] == [(0, 2)]
    assert sum(each.there for each in pool.cells) == sum(each.wanted for each in pool.cells) == 2


async def test_a_week_that_is_opened_again_before_it_is_counted_changes_no_figure(
    app: Application, clock: FrozenClock
) -> None:
    await app.weeks.discard(STAFF, await locked(app, clock))
    await app.worker.run_one()
    async with app.storage.read() as reading:
        (job,) = [each for each in await reading.jobs.page() if each.kind == JobKind.POOL_BALANCE]
    assert (job.state, job.result) == (JobState.DONE, {})
    assert (await app.dashboard.read(STAFF)).pool is None


async def test_the_latest_count_stands_until_the_next_one_is_done(app: Application, clock: FrozenClock) -> None:
    await locked(app, clock)
    await app.worker.run_one()
    counted = (await app.dashboard.read(STAFF)).pool
    async with app.storage.write() as tx:
        (done,) = [each for each in await tx.jobs.page() if each.kind == JobKind.POOL_BALANCE]
        await tx.jobs.add(replace(done, id=JobId("job_2"), unique_key="later", state=JobState.QUEUED, finished_at=None))
    assert (await app.dashboard.read(STAFF)).pool == counted
