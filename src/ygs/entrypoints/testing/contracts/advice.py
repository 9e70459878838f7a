"""The contract of advice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ygs.domain.advice import AdviceUsage, Draft, PairAdvice
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


def a_draft(about: int | None = 1, other: int | None = None, **changes: object) -> Draft:
    """A draft about the members of these numbers."""
    draft = Draft(
        content_hash=f"{about or 0:032}{other or 0:032}",
        text='{"summary":"산"}',
        created_at=NOON,
        about=a_user(about).id if about else None,
        other=a_user(other).id if other else None,
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


class AdviceContract:
    """Answers of a language model, and what they took."""

    async def test_the_first_draft_under_a_hash_stays_and_is_found(self, storage: Storage) -> None:
        await stored_users(storage, 2)
        nobody = a_draft(None)
        async with storage.write() as tx:
            for each in (a_draft(), a_draft(1, 2), nobody, a_draft(text="later")):
                await tx.advice.add_draft(each)
        async with storage.read() as reading:
            for each in (a_draft(), a_draft(1, 2), nobody):
                assert await reading.advice.find_draft(each.content_hash) == each
            assert await reading.advice.find_draft("unknown") is None

    async def test_a_draft_needs_its_members(self, storage: Storage) -> None:
        await stored_users(storage, 1)
        async with storage.write() as tx:
            with pytest.raises(Conflict):
                await tx.advice.add_draft(a_draft(1, 7))

    async def test_what_drafts_take_is_counted_by_day(self, storage: Storage) -> None:
        today = date(2026, 3, 2)
        async with storage.write() as tx:
            assert await tx.advice.drafting(today) == AdviceUsage()
            assert await tx.advice.count_drafting(today, USED) == USED
            assert await tx.advice.count_drafting(today, AdviceUsage() - USED) == AdviceUsage()
            assert await tx.advice.count_drafting(today, USED + USED) == USED + USED
        async with storage.read() as reading:
            assert await reading.advice.drafting(today) == USED + USED
            assert await reading.advice.drafting(today + timedelta(days=1)) == AdviceUsage()

    async def test_drafts_go_with_either_member_by_erasure_and_with_time(self, storage: Storage) -> None:
        users = await stored_users(storage, 3)
        old = a_draft(2, 3, created_at=NOON - timedelta(days=40))
        drafts = [a_draft(1), a_draft(1, 2), a_draft(3, 2), a_draft(3), old, a_draft(None)]
        async with storage.write() as tx:
            for each in drafts:
                await tx.advice.add_draft(each)
            assert await tx.advice.purge(NOON - timedelta(days=30)) == 1
            await tx.advice.forget(users[0].id)
            await tx.users.save(users[1].withdraw(at=NOON))
            await tx.erasure.erase([users[1].id], NOON)
            left = [each for each in drafts if await tx.advice.find_draft(each.content_hash)]
        assert left == [a_draft(3), a_draft(None)]

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
