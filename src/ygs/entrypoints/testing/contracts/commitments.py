"""The contract of what match weeks commit to."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from ygs.domain.audit_release import AuditRelease
from ygs.domain.commitments import KEY_BYTES, Commitment, WeekKey
from ygs.domain.errors import Conflict, NotFound
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.merkle_tree import MerkleTree
from ygs.entrypoints.testing.builders import a_user, a_week
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_week
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

KEY = WeekKey(bytes(range(KEY_BYTES)))
OTHER_KEY = WeekKey(bytes(reversed(range(KEY_BYTES))))
INPUTS = KEY.tree("input", [sha256(b"one").digest(), sha256(b"two").digest(), sha256(b"three").digest()])
RESULTS = KEY.tree("result", [sha256(b"nobody").digest()])


def a_commitment(week: WeekId, number: int = 1, at: datetime = NOON) -> Commitment:
    """What a week committed to when it was locked."""
    return Commitment(
        week_id=week,
        number=number,
        locked_at=at,
        code_version="2.0",
        input_root=INPUTS.root().hex(),
        plan_input=f"{number:064x}",
    )


def a_release(week: WeekId) -> AuditRelease:
    """What an administrator asked for an auditor."""
    return AuditRelease(week_id=week, requested_by=a_user(1).id, reason="외부 감사", requested_at=NOON)


class CommitmentContract:
    """Every promise of `CommitmentRepository`."""

    async def test_a_commitment_its_tree_and_its_key_come_back(self, storage: Storage) -> None:
        week = (await stored_week(storage)).id
        async with storage.write() as tx:
            await tx.commitments.add(a_commitment(week), INPUTS, KEY)
            assert await tx.commitments.of_week(week) == [a_commitment(week)]
        async with storage.read() as reading:
            (stored,) = await reading.commitments.of_week(week)
            assert stored == a_commitment(week)
            assert await reading.commitments.input_tree(stored) == INPUTS
            assert await reading.commitments.key(week) == KEY
            with pytest.raises(NotFound):
                await reading.commitments.result_tree(stored)

    async def test_results_join_the_commitment_that_they_belong_to(self, storage: Storage) -> None:
        week = (await stored_week(storage)).id
        first = a_commitment(week)
        second = a_commitment(week, 2)
        published = replace(second, result_root=RESULTS.root().hex(), published_at=NOON + timedelta(hours=1))
        async with storage.write() as tx:
            await tx.commitments.add(first, INPUTS, KEY)
            await tx.commitments.add(second, INPUTS, OTHER_KEY)
            await tx.commitments.publish(published, RESULTS)
        async with storage.read() as reading:
            assert await reading.commitments.of_week(week) == [published, first]
            assert await reading.commitments.result_tree(published) == RESULTS
            assert await reading.commitments.input_tree(published) == INPUTS
            assert await reading.commitments.key(week) == OTHER_KEY

    async def test_a_number_is_given_once_and_only_to_a_week_that_is_stored(self, storage: Storage) -> None:
        week = (await stored_week(storage)).id
        async with storage.write() as tx:
            await tx.commitments.add(a_commitment(week), INPUTS, KEY)
            for taken in (a_commitment(week), a_commitment(WeekId(numbered("mw", 0)))):
                with pytest.raises(Conflict):
                    await tx.commitments.add(replace(taken, code_version="3.0"), RESULTS, OTHER_KEY)
            assert await tx.commitments.key(week) == KEY
        async with storage.read() as reading:
            assert await reading.commitments.latest() == [a_commitment(week)]

    async def test_the_latest_come_first_and_no_more_than_asked_for(self, storage: Storage) -> None:
        one = (await stored_week(storage)).id
        other = a_week(id=WeekId(numbered("mw", 2)), week=IsoWeek(2026, 50))
        async with storage.write() as tx:
            await tx.weeks.add(other)
            await tx.commitments.add(a_commitment(other.id, at=NOON - timedelta(days=1)), INPUTS, KEY)
            await tx.commitments.add(a_commitment(one, 1, NOON), INPUTS, KEY)
            await tx.commitments.add(a_commitment(one, 2, NOON + timedelta(seconds=1)), INPUTS, KEY)
        async with storage.read() as reading:
            found = await reading.commitments.latest()
            assert [(each.week_id, each.number) for each in found] == [(one, 2), (one, 1), (other.id, 1)]
            assert await reading.commitments.latest(2) == found[:2]
            assert await reading.commitments.latest(1, after=(one, 2)) == found[1:2]
            assert await reading.commitments.latest(after=(one, 1)) == found[2:]
            assert await reading.commitments.latest(after=(one, 9)) == []
            assert await reading.commitments.of_week(WeekId(numbered("mw", 9))) == []

    async def test_a_release_comes_back_and_another_takes_its_place(self, storage: Storage) -> None:
        week = (await stored_week(storage)).id
        approved = a_release(week).approved(by=a_user(2).id, at=NOON + timedelta(hours=1))
        async with storage.write() as tx:
            assert await tx.commitments.release(week) is None
            await tx.commitments.save_release(a_release(week))
            assert await tx.commitments.release(week) == a_release(week)
            await tx.commitments.save_release(approved)
            with pytest.raises(Conflict):
                await tx.commitments.save_release(a_release(WeekId(numbered("mw", 0))))
        async with storage.read() as reading:
            assert await reading.commitments.release(week) == approved

    async def test_the_key_goes_with_the_inputs_and_the_commitment_stays(self, storage: Storage) -> None:
        week = await stored_week(storage)
        for forgotten in (True, False):
            async with storage.write() as tx:
                await tx.commitments.add(a_commitment(week.id, 1 + forgotten), INPUTS, KEY)
                await tx.weeks.keep_snapshot(week.id, b"snapshot")
                await tx.commitments.save_release(a_release(week.id))
            async with storage.write() as tx:
                if forgotten:
                    await tx.erasure.forget_inputs(week.created_at + timedelta(seconds=1))
                else:
                    await tx.weeks.drop_inputs(week.id)
            async with storage.read() as reading:
                with pytest.raises(NotFound):
                    await reading.commitments.key(week.id)
                assert await reading.commitments.release(week.id) is None
                latest, *_ = await reading.commitments.of_week(week.id)
                assert isinstance(await reading.commitments.input_tree(latest), MerkleTree)
