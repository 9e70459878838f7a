"""The contract of match weeks."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import Conflict, NotFound, StaleWrite, WeekTaken
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import BrokenPair, IsoWeek, MatchWeek, WeekOutline, WeekState
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Affinity, Nearness, Objective, Policy, Strategy
from ygs.entrypoints.testing.builders import FIRST_WEEK, a_user, a_week
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_week
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

NO_WEEK = WeekId(numbered("mw", 0))
A_DAY = timedelta(days=1)


def a_full_week() -> MatchWeek:
    """A week with a value other than the default in every field."""
    one, two, three, four = (a_user(number).id for number in range(1, 5))
    return a_week(
        policy=Policy(
            version="2026.2-시험",
            unknown_fit=4_000,
            strict_unknown=True,
            floor=2_500,
            wait_bonus=150,
            longest_wait=6,
            capacity=2,
            objective=Objective.COVERAGE,
            strategy=Strategy.STABLE,
            affinities=(Affinity(attribute="mbti", nearness=Nearness.SAME, weight=2, span=1),),
        ),
        seed=9_007_199_254_740_993,
        state=WeekState.PROPOSED,
        overrides=Overrides.of(pins=[(two, one)], forbids=[(three, four), (one, four)], left_out=[three]),
        input_hash=hashlib.sha256(b"snapshot").hexdigest(),
        fence=17,
        lease_until=NOON + timedelta(seconds=60, microseconds=1),
        failure=(
            BrokenPair(a=one, b=two, reason="i_refuse", attribute="smoking"),
            BrokenPair(a=one, b=three, reason="over_capacity"),
        ),
        published_at=NOON + timedelta(microseconds=999_999),
    )


class WeekContract:
    """Every promise of `WeekRepository`."""

    @pytest.mark.parametrize("week", [a_full_week(), a_week(), a_week(week=IsoWeek(2026, 53))])
    async def test_a_new_week_comes_back_as_it_was_with_version_1(self, storage: Storage, week: MatchWeek) -> None:
        async with storage.write() as tx:
            await tx.weeks.add(week)
        async with storage.read() as tx:
            assert await tx.weeks.get(week.id) == replace(week, version=1)
            assert await tx.weeks.find(week.week) == replace(week, version=1)

    async def test_what_was_swapped_comes_back(self, storage: Storage) -> None:
        week = await stored_week(storage)
        one, two, three, four = (a_user(number).id for number in range(1, 5))
        overrides = Overrides.of(swaps=[((one, two), (three, four))])
        async with storage.write() as tx:
            await tx.weeks.save(replace(week, overrides=overrides))
        async with storage.read() as tx:
            assert (await tx.weeks.get(week.id)).overrides.each() == overrides.each()

    async def test_a_changed_week_comes_back_as_it_was_with_the_next_version(self, storage: Storage) -> None:
        await stored_week(storage)
        changed = replace(a_full_week(), version=1)
        async with storage.write() as tx:
            assert await tx.weeks.save(changed) == replace(changed, version=2)
        async with storage.read() as tx:
            assert await tx.weeks.get(changed.id) == replace(changed, version=2)

    async def test_no_week_is_not_found(self, storage: Storage) -> None:
        async with storage.read() as tx:
            for read in (tx.weeks.get, tx.weeks.snapshot, tx.weeks.plan):
                with pytest.raises(NotFound):
                    await read(NO_WEEK)
            assert await tx.weeks.find(FIRST_WEEK) is None
            assert await tx.weeks.latest() == []

    async def test_an_iso_week_is_held_once(self, storage: Storage) -> None:
        week = await stored_week(storage)
        with pytest.raises(WeekTaken):
            async with storage.write() as tx:
                await tx.weeks.add(a_week(2, week=week.week))
        async with storage.write() as tx:
            await tx.weeks.add(a_week(2))
        async with storage.read() as tx:
            assert [each.id for each in await tx.weeks.latest()] == [a_week(2).id, week.id]

    async def test_a_cancelled_week_leaves_room_for_another(self, storage: Storage) -> None:
        week = await stored_week(storage)
        async with storage.write() as tx:
            await tx.weeks.save(week.cancel(at=NOON))
            assert await tx.weeks.find(week.week) is None
            again = a_week(2, week=week.week)
            await tx.weeks.add(again)
        async with storage.write() as tx:
            assert await tx.weeks.find(week.week) == replace(again, version=1)
            await tx.weeks.save(replace(again, version=1).cancel(at=NOON))
            await tx.weeks.add(a_week(3, week=week.week))
        async with storage.read() as tx:
            assert len(await tx.weeks.latest()) == 3

    async def test_a_cancelled_week_stays_beside_the_one_that_stands(self, storage: Storage) -> None:
        cancelled = await stored_week(storage)
        async with storage.write() as tx:
            cancelled = await tx.weeks.save(cancelled.cancel(at=NOON))
            await tx.weeks.add(a_week(2, week=cancelled.week))
            cancelled = await tx.weeks.save(replace(cancelled, seed=5))
        with pytest.raises(WeekTaken):
            async with storage.write() as tx:
                await tx.weeks.save(replace(cancelled, state=WeekState.OPEN))
        async with storage.read() as tx:
            assert await tx.weeks.get(cancelled.id) == cancelled

    async def test_a_weeks_id_is_given_once(self, storage: Storage) -> None:
        week = await stored_week(storage)
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.weeks.add(replace(a_week(2), id=week.id))

    async def test_the_second_of_two_who_change_a_week_is_told(self, storage: Storage) -> None:
        read_by_both = await stored_week(storage)
        async with storage.write() as tx:
            await tx.weeks.save(replace(read_by_both, seed=1))
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.weeks.save(replace(read_by_both, seed=2))
        async with storage.read() as tx:
            assert (await tx.weeks.get(read_by_both.id)).seed == 1

    async def test_a_week_that_was_never_stored_cannot_be_saved(self, storage: Storage) -> None:
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.weeks.save(a_week(version=1))

    async def test_the_latest_iso_week_comes_first_then_the_latest_created(self, storage: Storage) -> None:
        cancelled = a_week(1, week=IsoWeek(2026, 53), state=WeekState.CANCELLED)
        weeks = [
            cancelled,
            a_week(2, week=IsoWeek(2027, 1)),
            a_week(3, week=IsoWeek(2026, 53), created_at=cancelled.created_at + A_DAY),
            a_week(4, week=IsoWeek(2026, 9)),
        ]
        async with storage.write() as tx:
            for week in weeks:
                await tx.weeks.add(week)
        async with storage.read() as tx:
            assert [each.id for each in await tx.weeks.latest()] == [weeks[n].id for n in (1, 2, 0, 3)]
            assert [each.id for each in await tx.weeks.latest(1)] == [weeks[1].id]
            pages = [await tx.weeks.latest(after=weeks[n].id) for n in (1, 2, 0, 3)]
            assert [len(page) for page in pages] == [3, 2, 1, 0]
            assert [each.id for each in await tx.weeks.latest(1, after=weeks[2].id)] == [weeks[0].id]
            assert await tx.weeks.latest(after=a_week(9).id) == []
            assert [each.id for each in await tx.weeks.outlines()] == [weeks[n].id for n in (1, 2, 0, 3)]
            assert [each.id for each in await tx.weeks.outlines(1)] == [weeks[1].id]
            wanted = [weeks[0].id, weeks[3].id, NO_WEEK]
            assert await tx.weeks.iso_weeks(wanted) == {weeks[n].id: weeks[n].week for n in (0, 3)}
            assert await tx.weeks.iso_weeks([]) == {}

    async def test_an_outline_says_when_a_week_is_and_how_it_stands(self, storage: Storage) -> None:
        week = a_full_week()
        async with storage.write() as tx:
            await tx.weeks.add(week)
        async with storage.read() as tx:
            (outline,) = await tx.weeks.outlines()
        assert outline == WeekOutline(
            id=week.id, week=week.week, state=week.state, deadline=week.deadline, published_at=week.published_at
        )

    async def test_inputs_come_back_byte_for_byte_and_the_latest_counts(self, storage: Storage) -> None:
        week = await stored_week(storage)
        snapshot = _ten_megabytes(b"snapshot")
        plan = b"\x00\xff\xfe plan \x00"
        async with storage.write() as tx:
            await tx.weeks.keep_snapshot(week.id, b"an earlier one")
            await tx.weeks.keep_snapshot(week.id, snapshot)
            await tx.weeks.keep_plan(week.id, plan)
        async with storage.read() as tx:
            assert await tx.weeks.snapshot(week.id) == snapshot
            assert await tx.weeks.plan(week.id) == plan
            assert await tx.weeks.get(week.id) == week

    async def test_inputs_that_are_dropped_are_gone(self, storage: Storage) -> None:
        week = await stored_week(storage, 1)
        other = await stored_week(storage, 2)
        async with storage.write() as tx:
            await tx.weeks.drop_inputs(week.id)
            for each in (week, other):
                await tx.weeks.keep_snapshot(each.id, b"")
                await tx.weeks.keep_plan(each.id, b"plan")
            await tx.weeks.drop_inputs(week.id)
        async with storage.read() as tx:
            for read in (tx.weeks.snapshot, tx.weeks.plan):
                with pytest.raises(NotFound):
                    await read(week.id)
            assert (await tx.weeks.snapshot(other.id), await tx.weeks.plan(other.id)) == (b"", b"plan")

    async def test_inputs_belong_to_a_week(self, storage: Storage) -> None:
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.weeks.keep_snapshot(NO_WEEK, b"snapshot")
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.weeks.keep_plan(NO_WEEK, b"plan")

    @pytest.mark.parametrize(
        "change", [lambda week: week.lock(at=NOON, input_hash="00" * 32), lambda week: week.leased(at=NOON, seconds=60)]
    )
    async def test_a_week_in_any_state_keeps_its_iso_week(
        self, storage: Storage, change: Callable[[MatchWeek], MatchWeek]
    ) -> None:
        week = await stored_week(storage)
        async with storage.write() as tx:
            await tx.weeks.save(change(week))
        with pytest.raises(WeekTaken):
            async with storage.write() as tx:
                await tx.weeks.add(a_week(2, week=week.week))


def _ten_megabytes(seed: bytes) -> bytes:
    """Bytes that do not compress."""
    return hashlib.shake_256(seed).digest(10_000_000)
