"""The contracts of reports and notes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ygs.application.actors import Actor
from ygs.application.moderation.reports import ReportRequest, Reports
from ygs.domain.errors import AlreadyReported, Conflict, NotFound, StaleWrite, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.reports import Category, Resolution
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_note, a_report, a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.files import DAY, HOUR, with_users
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.storage import Storage, Writing

STAFF = a_user(90).id


class ReportContract:
    """Reports of a member by a member."""

    async def test_a_report_comes_back_open_and_resolved(self, storage: Storage) -> None:
        await with_users(storage)
        report = a_report(1)
        bare = a_report(2, reporter=2, subject=1, category=Category.NO_SHOW, words="")
        resolved = report.resolve(Resolution.WARNED, "통화했습니다", by=STAFF, at=NOON + DAY)
        async with storage.write() as tx:
            await tx.reports.add(report)
            await tx.reports.add(bare)
        async with storage.write() as tx:
            assert await tx.reports.get(report.id) == report
            await tx.reports.save(resolved)
        async with storage.read() as reading:
            assert await reading.reports.get(report.id) == resolved
            assert await reading.reports.get(bare.id) == bare
            with pytest.raises(NotFound):
                await reading.reports.get(a_report(9).id)

    async def test_one_report_of_the_same_two_is_open_at_a_time(self, storage: Storage) -> None:
        await with_users(storage, 3)
        async with storage.write() as tx:
            await tx.reports.add(a_report(1))
            with pytest.raises(AlreadyReported):
                await tx.reports.add(a_report(2))
            # A report the other way round, or about somebody else, is a different one.
            await tx.reports.add(a_report(3, reporter=2, subject=1))
            await tx.reports.add(a_report(4, subject=3))
            await tx.reports.save(a_report(1).resolve(Resolution.DISMISSED, "확인함", by=STAFF, at=NOON))
            await tx.reports.add(a_report(5))
        async with storage.read() as reading:
            assert await reading.reports.by_reporter(a_user(1).id) == [
                a_report(1).resolve(Resolution.DISMISSED, "확인함", by=STAFF, at=NOON),
                a_report(4, subject=3),
                a_report(5),
            ]

    async def test_a_report_is_by_a_user_about_a_user_under_an_id_of_its_own(self, storage: Storage) -> None:
        await with_users(storage, 3)
        async with storage.write() as tx:
            await tx.reports.add(a_report(1))
        for wrong in (a_report(2, subject=9), a_report(2, reporter=9), a_report(1, subject=3)):
            async with storage.write() as tx:
                with pytest.raises(Conflict):
                    await tx.reports.add(wrong)

    async def test_open_reports_and_those_about_one_user_come_in_their_order(self, storage: Storage) -> None:
        await with_users(storage, 4)
        third = a_report(3)
        second = a_report(2, reporter=3)
        first = a_report(1, subject=4)
        decided = second.resolve(Resolution.SUSPENDED, "세 번째 신고", by=STAFF, at=NOON)
        async with storage.write() as tx:
            for each in (third, second, first):
                await tx.reports.add(each)
            await tx.reports.save(decided)
        async with storage.read() as reading:
            assert await reading.reports.waiting() == [first, third]
            assert await reading.reports.waiting(after=first.id) == [third]
            assert await reading.reports.waiting(limit=1) == [first]
            assert await reading.reports.waiting(not_about=first.subject) == [third]
            assert await reading.reports.about(a_user(2).id) == [decided, third]
            assert await reading.reports.about(a_user(2).id, after=decided.id) == [third]
            assert await reading.reports.about(a_user(2).id, limit=1) == [decided]
            assert await reading.reports.by_reporter(a_user(2).id) == []

    async def test_reports_of_a_period_come_in_pages_open_or_resolved_but_for_those_about_their_reader(
        self, storage: Storage
    ) -> None:
        await with_users(storage, 3)
        first, second, third = (a_report(1), a_report(2, reporter=2, subject=3), a_report(3, reporter=3, subject=1))
        second = second.resolve(Resolution.WARNED, "주의를 주었습니다.", by=None, at=NOON)
        async with storage.write() as tx:
            for each in (first, second, third):
                await tx.reports.add(each)
        async with storage.read() as reading:
            reports = reading.reports
            assert list(await reports.between(None, None, limit=2)) == [first, second]
            assert list(await reports.between(None, None, after=second.id)) == [third]
            assert list(await reports.between(second.created_at, third.created_at)) == [second]
            assert list(await reports.between(None, None, not_about=a_user(1).id)) == [first, second]

    async def test_of_two_staff_who_decide_at_once_the_second_is_told(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            await tx.reports.add(a_report(1))

        async def decide(resolution: Resolution) -> None:
            async with storage.write() as tx:
                report = await tx.reports.get(a_report(1).id)
                await tx.reports.save(report.resolve(resolution, "판단", by=STAFF, at=NOON))

        both = (decide(Resolution.WARNED), decide(Resolution.DISMISSED))
        replies = await asyncio.gather(*both, return_exceptions=True)
        assert [type(reply) for reply in replies if reply is not None] == [WrongStatus]

    async def test_of_many_reports_of_the_same_two_at_once_one_is_taken(self, storage: Storage) -> None:
        await with_users(storage)

        async def tell(number: int) -> None:
            async with storage.write() as tx:
                await tx.reports.add(a_report(number))

        replies = await asyncio.gather(*(tell(number) for number in range(1, 11)), return_exceptions=True)
        assert Counter(map(type, replies)) == {type(None): 1, AlreadyReported: 9}
        async with storage.read() as reading:
            assert len(await reading.reports.waiting()) == 1

    async def test_whoever_clicks_twice_is_told_and_both_of_a_pair_are_heard(self, storage: Storage) -> None:
        introduced = await stored_introduction(storage)
        reports = Reports(storage, FrozenClock(), CountingIds(), an_audit_writer(storage))
        request = ReportRequest(category=Category.NO_SHOW, keep_apart=True)

        async def click(me: UserId) -> None:
            actor = Actor.signed_in(me, Role.MEMBER)
            await reports.report(actor, introduced.other(me), request)

        both = (introduced.a, introduced.b)
        replies = await asyncio.gather(*(click(me) for me in both * 5), return_exceptions=True)
        assert Counter(map(type, replies)) == {type(None): 2, AlreadyReported: 8}
        async with storage.read() as reading:
            assert {report.reporter for report in await reading.reports.waiting()} == set(both)
            # A refused report leaves nothing behind: a block and a report of each are audited.
            assert (await reading.audit.head()).number == 4

    async def test_whoever_is_erased_takes_reports_by_and_about_them_along(self, storage: Storage) -> None:
        await with_users(storage, 3)
        stays = a_report(3, reporter=2, subject=3)

        async def tell(tx: Writing) -> None:
            for each in (a_report(1), a_report(2, reporter=3, subject=1), stays):
                await tx.reports.add(each)

        await _erase_the_first(storage, tell)
        async with storage.read() as reading:
            assert await reading.reports.waiting() == [stays]


class NoteContract:
    """Notes by staff about users."""

    async def test_a_note_comes_back_corrected_and_goes(self, storage: Storage) -> None:
        await with_users(storage)
        corrected = a_note(1).correct("주말에만 됩니다", at=NOON + HOUR)
        async with storage.write() as tx:
            await tx.notes.add(a_note(1))
            assert await tx.notes.get(a_note(1).id) == a_note(1)
            saved = await tx.notes.save(corrected)
            assert saved == replace(corrected, version=2)
        async with storage.write() as tx:
            assert await tx.notes.get(a_note(1).id) == saved
            await tx.notes.remove(a_note(1).id)
            await tx.notes.remove(a_note(1).id)
            with pytest.raises(NotFound):
                await tx.notes.get(a_note(1).id)

    async def test_a_note_that_changed_or_went_since_it_was_read_is_not_overwritten(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            await tx.notes.add(a_note(1))
            first = await tx.notes.save(a_note(1).correct("주말에만 됩니다", at=NOON + HOUR))
        for stale in (a_note(1), a_note(2)):
            async with storage.write() as tx:
                with pytest.raises(StaleWrite):
                    await tx.notes.save(stale.correct("평일도 됩니다", at=NOON + HOUR))
                assert await tx.notes.about(a_user(1).id) == [first]

    async def test_of_many_who_correct_the_same_reading_of_a_note_at_once_one_is_heard(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            await tx.notes.add(a_note(1))

        async def correct(text: str) -> str:
            async with storage.write() as tx:
                return (await tx.notes.save(a_note(1).correct(text, at=NOON + HOUR))).text

        replies = await asyncio.gather(*(correct(f"{hour}시") for hour in range(9, 19)), return_exceptions=True)
        assert Counter(map(type, replies)) == {str: 1, StaleWrite: 9}
        async with storage.read() as reading:
            (note,) = await reading.notes.about(a_user(1).id)
        assert note.text in replies

    async def test_notes_about_one_user_come_in_their_order(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            for each in (a_note(3), a_note(1), a_note(2, subject=2)):
                await tx.notes.add(each)
        async with storage.read() as reading:
            assert await reading.notes.about(a_user(1).id) == [a_note(1), a_note(3)]
            assert await reading.notes.about(a_user(1).id, after=a_note(1).id) == [a_note(3)]
            assert await reading.notes.about(a_user(1).id, limit=1) == [a_note(1)]

    async def test_a_note_is_about_a_user_under_an_id_of_its_own(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            await tx.notes.add(a_note(1))
        for wrong in (a_note(2, subject=9), a_note(1, subject=2)):
            async with storage.write() as tx:
                with pytest.raises(Conflict):
                    await tx.notes.add(wrong)

    async def test_whoever_is_erased_takes_notes_about_them_along_and_none_they_wrote(self, storage: Storage) -> None:
        await with_users(storage, 2)
        stays = a_note(2, subject=2, author=a_user(1).id)

        async def write(tx: Writing) -> None:
            await tx.notes.add(a_note(1))
            await tx.notes.add(stays)

        await _erase_the_first(storage, write)
        async with storage.read() as reading:
            assert await reading.notes.about(a_user(1).id) == []
            assert await reading.notes.about(a_user(2).id) == [stays]


async def _erase_the_first(storage: Storage, before: Callable[[Writing], Awaitable[None]]) -> None:
    """Erase user 1, after something was written."""
    async with storage.write() as tx:
        await before(tx)
        await tx.users.save((await tx.users.get(a_user(1).id)).withdraw(at=NOON))
    async with storage.write() as tx:
        await tx.erasure.erase([a_user(1).id], NOON)
