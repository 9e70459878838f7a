"""The contract of the club's policies."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import InvalidText, StaleWrite, Unavailable
from ygs.domain.matching.policy import Affinity, Nearness, Objective, Policy, Strategy
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Storage

EVERYTHING_DIFFERENT = Policy(
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
)
FIRST = ClubPolicy(policy=EVERYTHING_DIFFERENT, since=NOON + timedelta(microseconds=1))
SECOND = ClubPolicy(policy=Policy(version="2026.3", floor=1_000), since=NOON + timedelta(days=1), version=1)


class PolicyContract:
    """Every promise of `PolicyRepository`."""

    async def test_until_a_policy_is_set_the_default_is_in_force(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.policies.current() == ClubPolicy()
            assert await tx.policies.history() == []

    async def test_the_policy_set_last_is_in_force_and_the_others_are_kept(self, storage: Storage) -> None:
        async with storage.write() as tx:
            assert await tx.policies.add(FIRST) == replace(FIRST, version=1)
            assert await tx.policies.current() == replace(FIRST, version=1)
        async with storage.write() as tx:
            await tx.policies.add(SECOND)
        async with storage.read() as tx:
            assert await tx.policies.current() == replace(SECOND, version=2)
            assert await tx.policies.history() == [replace(SECOND, version=2), replace(FIRST, version=1)]
            assert await tx.policies.history(limit=1) == [replace(SECOND, version=2)]
            assert await tx.policies.history(after=2) == [replace(FIRST, version=1)]
            assert await tx.policies.history(after=1) == []

    @pytest.mark.parametrize("version", [0, 2, 7])
    async def test_a_policy_replaces_the_one_it_was_made_from_or_is_refused(
        self, storage: Storage, version: int
    ) -> None:
        async with storage.write() as tx:
            await tx.policies.add(FIRST)
        async with storage.write() as tx:
            with pytest.raises(StaleWrite):
                await tx.policies.add(replace(SECOND, version=version))
            await tx.policies.add(SECOND)
        async with storage.read() as tx:
            assert len(await tx.policies.history()) == 2

    async def test_of_two_policies_set_at_the_same_time_one_is_in_force(self, storage: Storage) -> None:
        async def put(name: str) -> None:
            async with storage.write() as tx:
                await tx.policies.add(replace(FIRST, policy=Policy(version=name)))

        results = await asyncio.gather(put("one"), put("other"), return_exceptions=True)
        refused = [each for each in results if each is not None]
        assert len(refused) == 1
        assert isinstance(refused[0], StaleWrite | Unavailable), refused
        async with storage.read() as tx:
            assert len(await tx.policies.history()) == 1

    async def test_a_name_that_cannot_be_stored_is_refused(self, storage: Storage) -> None:
        async with storage.write() as tx:
            with pytest.raises(InvalidText):
                await tx.policies.add(replace(FIRST, policy=Policy(version="a\x00b")))
            assert await tx.policies.current() == ClubPolicy()
