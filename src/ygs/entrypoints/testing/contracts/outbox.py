"""The contracts of the outbox and of notices."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ygs.domain.deliveries import Channel
from ygs.domain.errors import Conflict
from ygs.domain.events import Event, ended, member_submitted, proposed, report_filed, week_published
from ygs.domain.ids import NoticeId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import EventGroup, Notice, NoticeSettings
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_report, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

_INTRODUCTION = an_introduction(a_user(1), a_user(2), a_week())
PROPOSED, _ = proposed(_INTRODUCTION)


def an_event(number: int = 1, at: datetime = NOON) -> Event:
    """That somebody's profile was sent in."""
    return member_submitted(a_user(number), at)


def a_notice(number: int = 1, event: Event = PROPOSED, user: int = 1) -> Notice:
    """A notice that is not read."""
    return Notice(id=NoticeId(numbered("ntc", number)), user_id=a_user(user).id, event=event)


class OutboxContract:
    """Every promise of `OutboxRepository`."""

    async def test_events_wait_in_the_order_they_were_written(self, storage: Storage) -> None:
        events = [an_event(1), PROPOSED, week_published(a_week(), NOON), report_filed(a_report())]
        async with storage.write() as tx:
            await tx.outbox.add(events[:2])
        async with storage.write() as tx:
            await tx.outbox.add([])
            await tx.outbox.add(events[2:])
            assert await tx.outbox.pending(2) == events[:2]
        async with storage.read() as tx:
            assert await tx.outbox.pending() == events

    async def test_an_event_is_stored_once_however_often_it_is_added(self, storage: Storage) -> None:
        (decided, other) = ended(_state(IntroductionState.MUTUAL), NOON)
        for _ in range(2):
            async with storage.write() as tx:
                await tx.outbox.add([PROPOSED, decided, decided, other])
        async with storage.read() as tx:
            assert await tx.outbox.pending() == [PROPOSED, decided, other]

    async def test_what_is_dispatched_waits_no_longer(self, storage: Storage) -> None:
        events = [an_event(number) for number in (1, 2, 3)]
        async with storage.write() as tx:
            await tx.outbox.add(events)
            await tx.outbox.mark_dispatched(events[:2], NOON)
            await tx.outbox.add(events)
        async with storage.read() as tx:
            assert await tx.outbox.pending() == events[2:]

    async def test_events_are_kept_until_they_are_purged(self, storage: Storage) -> None:
        events = [an_event(number) for number in (1, 2, 3)]
        async with storage.write() as tx:
            await tx.outbox.add(events)
            await tx.outbox.mark_dispatched(events[:1], NOON)
            await tx.outbox.mark_dispatched(events[1:2], NOON + timedelta(hours=1))
            assert await tx.outbox.purge(NOON + timedelta(minutes=1)) == 1
            await tx.outbox.add(events)
        async with storage.read() as tx:
            assert await tx.outbox.pending() == [events[2], events[0]]

    async def test_two_dispatchers_never_have_the_same_events(self, storage: Storage) -> None:
        events = [an_event(number) for number in range(1, 31)]
        async with storage.write() as tx:
            await tx.outbox.add(events)

        async def take() -> list[Event]:
            async with storage.write() as tx:
                mine = list(await tx.outbox.pending(10))
                await asyncio.sleep(0.01)
                await tx.outbox.mark_dispatched(mine, NOON)
            return mine

        taken = await asyncio.gather(take(), take(), take())
        assert sorted(event.key for mine in taken for event in mine) == sorted(event.key for event in events)


class NoticeContract:
    """Every promise of `NoticeRepository`."""

    async def test_notices_are_listed_newest_first_and_page_by_page(self, storage: Storage) -> None:
        notices = [a_notice(number, an_event(number)) for number in (1, 2, 3)]
        await _store(storage, *notices, a_notice(4, user=2))
        me = a_user(1).id
        async with storage.read() as tx:
            assert await tx.notices.page(me) == notices[::-1]
            assert await tx.notices.page(me, limit=2) == notices[:0:-1]
            assert await tx.notices.page(me, after=notices[1].id) == notices[:1]
            assert await tx.notices.count_unread(me) == 3
            assert await tx.notices.page(a_user(3).id) == []

    async def test_a_person_has_one_notice_of_an_event(self, storage: Storage) -> None:
        await _store(storage, a_notice(1))
        async with storage.write() as tx:
            await tx.notices.add_all([a_notice(2), a_notice(3, user=2), a_notice(4, user=2), a_notice(5, user=9)])
        async with storage.read() as tx:
            assert await tx.notices.page(a_user(1).id) == [a_notice(1)]
            assert await tx.notices.page(a_user(2).id) == [a_notice(3, user=2)]
            assert await tx.notices.page(a_user(9).id) == []

    async def test_notices_are_read_up_to_one_and_keep_when(self, storage: Storage) -> None:
        notices = [a_notice(number, an_event(number)) for number in (1, 2, 3)]
        await _store(storage, *notices, a_notice(4, user=2))
        me, later = a_user(1).id, NOON + timedelta(hours=1)
        async with storage.write() as tx:
            assert await tx.notices.mark_read(me, notices[0].id, NOON) == 1
            assert await tx.notices.mark_read(me, notices[1].id, later) == 1
        async with storage.read() as tx:
            assert [one.read_at for one in await tx.notices.page(me)] == [None, later, NOON]
            assert await tx.notices.count_unread(me) == 1
            assert await tx.notices.count_unread(a_user(2).id) == 1

    async def test_settings_are_those_chosen_last(self, storage: Storage) -> None:
        await _store(storage)
        me = a_user(1).id
        chosen = NoticeSettings(user_id=me, language=Language.EN)
        async with storage.write() as tx:
            await tx.notices.keep_settings(NoticeSettings(user_id=me, language=Language.KO))
            await tx.notices.keep_settings(chosen)
        async with storage.read() as tx:
            assert await tx.notices.settings([me, a_user(2).id]) == {me: chosen}
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.notices.keep_settings(NoticeSettings(user_id=a_user(9).id, language=Language.KO))

    async def test_channels_are_kept_by_group_and_none_is_a_choice_too(self, storage: Storage) -> None:
        await _store(storage)
        channels = {
            EventGroup.INTRODUCTIONS: frozenset({Channel.PUSH, Channel.EMAIL}),
            EventGroup.REMINDERS: frozenset[Channel](),
        }
        chosen = NoticeSettings(user_id=a_user(1).id, language=Language.EN, channels=channels)
        async with storage.write() as tx:
            await tx.notices.keep_settings(chosen)
        async with storage.read() as tx:
            assert await tx.notices.settings([chosen.user_id]) == {chosen.user_id: chosen}

    async def test_old_notices_are_purged(self, storage: Storage) -> None:
        old, new = a_notice(1, an_event(1)), a_notice(2, an_event(2, NOON + timedelta(hours=1)))
        await _store(storage, old, new)
        async with storage.write() as tx:
            assert await tx.notices.purge(NOON + timedelta(minutes=1)) == 1
        async with storage.read() as tx:
            assert await tx.notices.page(a_user(1).id) == [new]

    async def test_staff_are_consultants_and_administrators_who_are_not_suspended(self, storage: Storage) -> None:
        consultant, admin = a_user(7, role=Role.CONSULTANT, status=Status.DRAFT), a_user(8, role=Role.ADMIN)
        suspended = [a_user(9, role=Role.ADMIN, status=Status.SUSPENDED)]
        suspended.append(a_user(10, role=Role.CONSULTANT, status=Status.SUSPENDED))
        await _store(storage)
        async with storage.write() as tx:
            await tx.users.add_all([consultant, admin, *suspended])
        async with storage.read() as tx:
            assert await tx.users.staff() == [consultant.id, admin.id]
            assert await tx.users.administrators() == [admin.id]


async def _store(storage: Storage, *notices: Notice) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in (1, 2, 3)])
        await tx.notices.add_all(notices)


def _state(state: IntroductionState) -> Introduction:
    return replace(_INTRODUCTION, state=state)
