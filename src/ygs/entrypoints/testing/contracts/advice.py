"""The contract of advice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.advice import AdviceUsage, PairAdvice
from ygs.domain.errors import Conflict
from ygs.domain.ids import UserId, WeekId
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users, stored_week
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

USED = AdviceUsage(calls=1, input_tokens=1_000, output_tokens=90, answered=2, refused=1)


def an_answer(a: int = 1, b: int = 2, **changes: object) -> PairAdvice:
    """An answer about the members of these numbers."""
    answer = PairAdvice(
        content_hash=f"{a:032}{b:032}", a=a_user(a).id, b=a_user(b).id, strength=40, reason="산", created_at=NOON
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


class AdviceContract:
    """Answers of a language model, and what they took."""

    async def test_answers_are_found_by_their_hash_and_counted(self, storage: Storage) -> None:
        await stored_users(storage, 3)
        week = await stored_week(storage)
        one, other = an_answer(1, 2), an_answer(1, 3, strength=-100, reason="")
        async with storage.write() as tx:
            assert await tx.advice.usage(week.id) == AdviceUsage()
            await tx.advice.add(week.id, [other, one], USED)
            await tx.advice.add(week.id, [], USED)
        async with storage.read() as reading:
            hashes = [one.content_hash, other.content_hash, "unknown"]
            assert await reading.advice.answers(hashes) == [one, other]
            assert await reading.advice.answers([]) == []
            assert await reading.advice.usage(week.id) == USED + USED

    async def test_the_first_answer_to_a_question_stays(self, storage: Storage) -> None:
        await stored_users(storage, 2)
        week = await stored_week(storage)
        async with storage.write() as tx:
            await tx.advice.add(week.id, [an_answer()], USED)
            await tx.advice.add(week.id, [an_answer(strength=-1)], USED)
            assert await tx.advice.answers([an_answer().content_hash]) == [an_answer()]

    async def test_answers_among_people_are_about_two_of_them_the_latest_first(self, storage: Storage) -> None:
        await stored_users(storage, 3)
        week = await stored_week(storage)
        later = an_answer(2, 3, created_at=NOON + timedelta(hours=1))
        async with storage.write() as tx:
            await tx.advice.add(week.id, [an_answer(1, 2), an_answer(1, 3), later], USED)
        async with storage.read() as reading:
            everybody = [a_user(number).id for number in (1, 2, 3)]
            assert await reading.advice.among(everybody) == [later, an_answer(1, 2), an_answer(1, 3)]
            assert await reading.advice.among(everybody[:2]) == [an_answer(1, 2)]

    async def test_advice_needs_its_week_and_its_members(self, storage: Storage) -> None:
        await stored_users(storage, 2)
        week = await stored_week(storage)
        async with storage.write() as tx:
            for id_, answer in ((WeekId(numbered("mw", 9)), an_answer()), (week.id, an_answer(1, 7))):
                with pytest.raises(Conflict):
                    await tx.advice.add(id_, [answer], USED)
            assert await tx.advice.usage(week.id) == AdviceUsage()

    async def test_answers_go_with_their_member_and_with_time(self, storage: Storage) -> None:
        await stored_users(storage, 3)
        week = await stored_week(storage)
        old = an_answer(2, 3, created_at=NOON - timedelta(days=40))
        async with storage.write() as tx:
            await tx.advice.add(week.id, [an_answer(1, 2), an_answer(1, 3), old], USED)
            assert await tx.advice.purge(NOON - timedelta(days=30)) == 1
            await tx.advice.forget(a_user(2).id)
            assert await tx.advice.among([a_user(number).id for number in (1, 2, 3)]) == [an_answer(1, 3)]

    async def test_erasure_takes_all_answers_about_a_member_along(self, storage: Storage) -> None:
        users = await stored_users(storage, 3)
        week = await stored_week(storage)
        async with storage.write() as tx:
            await tx.advice.add(week.id, [an_answer(1, 2), an_answer(1, 3), an_answer(2, 3)], USED)
            await tx.users.save(users[0].withdraw(at=NOON))
            await tx.erasure.erase([UserId(users[0].id)], NOON)
            assert await tx.advice.among([each.id for each in users]) == [an_answer(2, 3)]
            assert await tx.advice.usage(week.id) == USED
