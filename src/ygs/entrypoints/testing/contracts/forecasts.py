"""The contract of kept forecasts, and of the record that forecasts are made from."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import Conflict, NotFound
from ygs.domain.forecasts import ClubRecord, MutualTally
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import WeekState
from ygs.domain.users import Status
from ygs.entrypoints.testing.builders import a_forecast, a_membership, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Storage, Writing

WEEK = timedelta(weeks=1)
ACTIVE = {"status": Status.ACTIVE}


class ForecastContract:
    """Kept forecasts and the record of a club."""

    async def test_a_forecast_comes_back_and_is_kept_with_one_contract(self, storage: Storage) -> None:
        alone = a_forecast(2, made_by=None)
        async with storage.write() as tx:
            for number in (1, 2):
                await tx.memberships.add(a_membership(number, user=number))
            await tx.forecasts.add(a_forecast(1))
            await tx.forecasts.add(alone)
            with pytest.raises(Conflict):
                await tx.forecasts.add(a_forecast(1))
            await tx.forecasts.attach(a_forecast(1).id, a_membership(1).id)
            for wrong in (a_forecast(1).id, a_forecast(9).id):
                with pytest.raises(NotFound):
                    await tx.forecasts.attach(wrong, a_membership(2).id)
            with pytest.raises(Conflict):
                await tx.forecasts.attach(alone.id, a_membership(9).id)
        kept = a_forecast(1, membership_id=a_membership(1).id)
        async with storage.read() as reading:
            assert await reading.forecasts.get(kept.id) == kept
            assert await reading.forecasts.get(alone.id) == alone
            both = [a_membership(1).id, a_membership(2).id]
            assert await reading.forecasts.of_memberships(both) == [kept]
            with pytest.raises(NotFound):
                await reading.forecasts.get(a_forecast(9).id)

    async def test_a_forecast_goes_with_its_contract_and_without_one_by_itself(self, storage: Storage) -> None:
        async with storage.write() as tx:
            ended = await tx.memberships.add(a_membership(1).ended(NOON.date()))
            for number in (1, 2):
                await tx.forecasts.add(a_forecast(number))
            await tx.forecasts.attach(a_forecast(1).id, ended.id)
        async with storage.write() as tx:
            assert await tx.forecasts.purge(NOON) == 0
            assert await tx.forecasts.purge(NOON + WEEK) == 1
            assert (await tx.forecasts.get(a_forecast(1).id)).membership_id == ended.id
            assert await tx.memberships.purge(NOON.date() + WEEK) == 1
            assert await tx.forecasts.of_memberships([ended.id]) == []
            with pytest.raises(NotFound):
                await tx.forecasts.get(a_forecast(1).id)

    async def test_a_club_without_a_closed_week_has_no_record(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(1, **ACTIVE)])
            await tx.weeks.add(replace(a_week(1), state=WeekState.PUBLISHED, published_at=NOON))
        async with storage.read() as reading:
            assert await reading.forecasts.club_record(since=NOON - WEEK, at=NOON) == ClubRecord()

    async def test_the_record_counts_outcomes_of_closed_weeks_and_who_is_still_there(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await _live_three_weeks(tx)
        async with storage.read() as reading:
            record = await reading.forecasts.club_record(since=NOON - 3 * WEEK, at=NOON)
        assert record == ClubRecord(
            tallies=(
                MutualTally(introductions=1, mutual=0, people=1),
                MutualTally(introductions=1, mutual=1, people=1),
                MutualTally(introductions=2, mutual=1, people=1),
            ),
            weeks=3,
            present=1,
            gone=1,
            joined=1,
        )


async def _live_three_weeks(tx: Writing) -> None:
    """Two closed weeks, one too old and one that still runs: user 2 left since, user 4 joined."""
    long_ago = NOON - 20 * WEEK
    people = [a_user(number, activated_at=long_ago, **ACTIVE) for number in (1, 3)]
    people += [a_user(2, status=Status.SUSPENDED), a_user(4, activated_at=NOON - WEEK, **ACTIVE)]
    await tx.users.add_all(people)
    me, third, gone, joined = people
    states = {1: (WeekState.CLOSED, 3), 2: (WeekState.CLOSED, 2), 3: (WeekState.PUBLISHED, 1), 4: (WeekState.CLOSED, 9)}
    for number, (state, ago) in states.items():
        await tx.weeks.add(replace(a_week(number), state=state, published_at=NOON - ago * WEEK))
    made = [
        replace(an_introduction(me, gone, a_week(1), 1), state=IntroductionState.MUTUAL),
        replace(an_introduction(me, third, a_week(2), 2), state=IntroductionState.EXPIRED),
        replace(an_introduction(gone, joined, a_week(2), 3), state=IntroductionState.CANCELLED),
        replace(an_introduction(me, joined, a_week(3), 4), state=IntroductionState.MUTUAL),
        replace(an_introduction(third, joined, a_week(4), 5), state=IntroductionState.MUTUAL),
    ]
    await tx.introductions.add_all(made, dict.fromkeys((each.id for each in people), 1))
