"""The contracts of the market and of blocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ygs.domain.contacts import Contact
from ygs.domain.errors import Conflict
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.users import Status, User
from ygs.entrypoints.testing.builders import a_draft, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.entrypoints.testing.contracts.users import a_full_user
from ygs.ports.storage import Storage

A_WEEK = timedelta(weeks=1)
TUESDAY = NOON + timedelta(days=1)


def published_week(number: int) -> MatchWeek:
    """A week published on the Tuesday of its ISO week."""
    return a_week(number, state=WeekState.PUBLISHED, published_at=TUESDAY + (number - 1) * A_WEEK)


def joined(number: int, at: datetime) -> User:
    """A user who became active at that moment."""
    return a_user(number, activated_at=at)


class MarketContract:
    """Every promise of `MarketReader`."""

    async def test_a_store_without_people_has_an_empty_market(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.market.enrolled(capacity=1) == Market.of([])

    async def test_everybody_active_takes_part_with_all_that_matching_knows(self, storage: Storage) -> None:
        active = [
            replace(a_full_user(), status=Status.ACTIVE),
            a_user(2, capacity=2, seeks=Genders.MALE | Genders.FEMALE),
            a_user(3, wishes={}),
            a_draft(4, status=Status.ACTIVE),
        ]
        others = [
            a_user(4 + number, status=status)
            for number, status in enumerate(Status, start=1)
            if status is not Status.ACTIVE
        ]
        left = a_user(20)
        async with storage.write() as tx:
            await tx.users.add_all([*others, *reversed(active), left])
            await tx.users.save((await tx.users.get(left.id)).withdraw(at=NOON))
        async with storage.write() as tx:
            in_a_writer = await tx.market.enrolled(capacity=4)
        async with storage.read() as tx:
            market = await tx.market.enrolled(capacity=4)
        assert market == Market.of([user.candidate(capacity=4) for user in active]) == in_a_writer

    async def test_who_was_never_introduced_waits_since_becoming_active(self, storage: Storage) -> None:
        users = [
            joined(1, TUESDAY - A_WEEK),
            joined(2, TUESDAY),  # the very moment: that week is no longer theirs to wait for
            joined(3, TUESDAY + timedelta(microseconds=1)),
            joined(4, TUESDAY + 3 * A_WEEK),
            a_user(5, activated_at=None, created_at=TUESDAY + A_WEEK, updated_at=TUESDAY + A_WEEK),
        ]
        weeks = [published_week(1), published_week(2), published_week(3), a_week(4)]
        assert await self._waited(storage, users, weeks) == [3, 2, 2, 0, 1]

    async def test_who_was_introduced_waits_since_that_week_was_published(self, storage: Storage) -> None:
        users = [joined(number, TUESDAY - A_WEEK) for number in range(1, 7)]
        weeks = [published_week(number) for number in range(1, 5)]
        first, _, third, fourth = weeks
        one, two, three, four, five, six = users
        introductions = [
            an_introduction(one, two, first, 1),
            an_introduction(one, four, third, 2),
            an_introduction(three, six, fourth, 3, state=IntroductionState.EXPIRED),
        ]
        async with storage.write() as tx:
            await tx.users.add_all(users)
            for week in weeks:
                await tx.weeks.add(week)
            await tx.introductions.add_all(introductions, {})
            market = await tx.market.enrolled(capacity=1)
        expected = [(one, 1, 2), (two, 3, 1), (three, 0, 1), (four, 1, 1), (five, 4, 0), (six, 0, 1)]
        candidates = [
            user.candidate(capacity=1, weeks_waited=waited, introduced=introduced)
            for user, waited, introduced in expected
        ]
        assert market == Market.of(candidates, met=[(each.a, each.b) for each in introductions])

    async def test_a_week_that_is_not_published_is_not_waited_for(self, storage: Storage) -> None:
        users = [joined(1, NOON - A_WEEK)]
        weeks = [
            replace(published_week(1), state=WeekState.CLOSED),
            a_week(2, state=WeekState.PROPOSED),
            a_week(3, state=WeekState.FAILED),
            a_week(4, state=WeekState.CANCELLED),
        ]
        assert await self._waited(storage, users, weeks) == [1]

    async def test_pairs_with_somebody_who_sits_out_are_left_out(self, storage: Storage) -> None:
        one = a_user(1)
        two = a_user(2)
        three = a_user(3, status=Status.PAUSED)
        week = published_week(1)
        async with storage.write() as tx:
            await tx.users.add_all([one, two, three])
            await tx.weeks.add(week)
            met = [an_introduction(two, one, week, 1), an_introduction(one, three, week, 2)]
            await tx.introductions.add_all(met, {one.id: 2})
            await tx.blocks.add(two.id, one.id, NOON)
            await tx.blocks.add(one.id, two.id, NOON)
            await tx.blocks.add(three.id, two.id, NOON)
        async with storage.read() as tx:
            market = await tx.market.enrolled(capacity=1)
        assert market.ids == (one.id, two.id)
        assert (list(market.met), list(market.blocked)) == ([1], [1])
        assert list(market.introduced) == [2, 1]

    async def test_pairs_are_keyed_ascending(self, storage: Storage) -> None:
        users = await stored_users(storage, 6)
        pairs = [(5, 2), (0, 4), (3, 1), (0, 1)]
        async with storage.write() as tx:
            for one, other in pairs:
                await tx.blocks.add(users[one].id, users[other].id, NOON)
            market = await tx.market.enrolled(capacity=1)
        blocked = [(users[one].id, users[other].id) for one, other in pairs]
        assert market == Market.of([_waits(user) for user in users], blocked=blocked)

    async def _waited(self, storage: Storage, users: Sequence[User], weeks: Sequence[MatchWeek]) -> list[int]:
        async with storage.write() as tx:
            await tx.users.add_all(users)
            for week in weeks:
                await tx.weeks.add(week)
        async with storage.read() as tx:
            return list((await tx.market.enrolled(capacity=1)).weeks_waited)


def _waits(user: User) -> Candidate:
    return user.candidate(capacity=1)


async def _blocked(storage: Storage) -> set[tuple[str, str]]:
    """The pairs that the market holds as blocked; they must equal those of `between`."""
    async with storage.read() as tx:
        market = await tx.market.enrolled(capacity=1)
        between = await tx.blocks.between([UserId(each) for each in market.ids])
    assert list(market.blocked) == sorted(set(market.blocked))
    pairs = {(market.ids[key // len(market)], market.ids[key % len(market)]) for key in market.blocked}
    assert pairs == between
    return pairs


class BlockContract:
    """Every promise of `BlockRepository`."""

    async def test_a_block_keeps_both_apart_whoever_asked(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        async with storage.write() as tx:
            await tx.blocks.add(three.id, one.id, NOON)
            await tx.blocks.add(one.id, two.id, NOON)
            await tx.blocks.add(one.id, two.id, NOON + A_WEEK)
        async with storage.read() as tx:
            assert await tx.blocks.between([one.id, two.id, three.id]) == {(one.id, two.id), (one.id, three.id)}
            assert await tx.blocks.between([three.id, two.id]) == frozenset()
            assert await tx.blocks.between([two.id, one.id, two.id]) == {(one.id, two.id)}
            assert await tx.blocks.between([]) == frozenset()

    async def test_who_takes_a_block_back_leaves_the_others(self, storage: Storage) -> None:
        one, two = await stored_users(storage, 2)
        async with storage.write() as tx:
            await tx.blocks.add(one.id, two.id, NOON)
            await tx.blocks.add(two.id, one.id, NOON)
            assert await tx.blocks.between([one.id, two.id]) == {(one.id, two.id)}
            await tx.blocks.remove(one.id, two.id)
            await tx.blocks.remove(one.id, two.id)
            assert await tx.blocks.between([one.id, two.id]) == {(one.id, two.id)}
            await tx.blocks.remove(two.id, one.id)
        async with storage.read() as tx:
            assert await tx.blocks.between([one.id, two.id]) == frozenset()

    async def test_who_asked_is_told_only_what_they_asked_for(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        async with storage.write() as tx:
            await tx.blocks.add(one.id, three.id, NOON)
            await tx.blocks.add(one.id, two.id, NOON)
            await tx.blocks.add_contacts(one.id, [Contact.phone("+821099990000")], NOON + A_WEEK)
            await tx.blocks.add_contacts(one.id, [Contact.email("Someone@Example.com")], NOON)
            await tx.blocks.add_contacts(one.id, [Contact.email("someone@example.com")], NOON + A_WEEK)
        async with storage.read() as tx:
            assert list((await tx.blocks.asked_by(one.id)).items()) == [(two.id, NOON), (three.id, NOON)]
            assert await tx.blocks.contacts_asked_by(one.id) == [NOON, NOON + A_WEEK]
            assert await tx.blocks.asked_by(two.id) == {}
            assert await tx.blocks.contacts_asked_by(two.id) == []

    async def test_a_block_by_contact_keeps_apart_whoever_has_it_now_or_later(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        later = a_user(4)
        assert two.phone
        assert three.email
        assert later.phone
        async with storage.write() as tx:
            await tx.users.save(replace(three, email=three.email.title()))
            await tx.blocks.add_contacts(one.id, [Contact.phone(two.phone)], NOON)
            await tx.blocks.add_contacts(three.id, [Contact.email(three.email.upper())], NOON)
            await tx.blocks.add_contacts(one.id, [Contact.email(three.email.upper())], NOON)
            await tx.blocks.add_contacts(two.id, [Contact.phone(later.phone)], NOON)
        assert await _blocked(storage) == {(one.id, two.id), (one.id, three.id)}
        async with storage.write() as tx:
            await tx.users.add(later)
        assert await _blocked(storage) == {(one.id, two.id), (one.id, three.id), (two.id, later.id)}
        async with storage.write() as tx:
            await tx.blocks.remove_contact(one.id, Contact.phone(two.phone))
            await tx.blocks.remove_contact(one.id, Contact.phone(two.phone))
        assert await _blocked(storage) == {(one.id, three.id), (two.id, later.id)}

    async def test_many_contacts_are_blocked_once_and_told_apart_from_others(self, storage: Storage) -> None:
        one, two = await stored_users(storage, 2)
        first = [Contact.phone("+821099990001"), Contact.email("a@example.com")]
        more = [*first, Contact.email("b@example.com")]
        async with storage.write() as tx:
            await tx.blocks.add_contacts(one.id, first, NOON)
            await tx.blocks.add_contacts(one.id, more, NOON + A_WEEK)
            await tx.blocks.add_contacts(two.id, [], NOON)
        async with storage.read() as tx:
            assert await tx.blocks.contacts_asked_by(one.id) == [NOON, NOON, NOON + A_WEEK]
            assert await tx.blocks.blocked_among(one.id, [*more, Contact.email("c@example.com")]) == set(more)
            assert await tx.blocks.blocked_among(two.id, more) == set()
            assert await tx.blocks.blocked_among(one.id, []) == set()

    async def test_a_block_by_contact_follows_whoever_gives_the_contact_up(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        old = Contact.phone(str(two.phone))
        async with storage.write() as tx:
            await tx.blocks.add_contacts(one.id, [old], NOON)
            moved = await tx.users.save(replace(two, phone="+821077776666"))
            await tx.blocks.keep_former_contact(two.id, old)
            await tx.blocks.keep_former_contact(two.id, old)
            await tx.blocks.add_contacts(three.id, [old], NOON)
            # The block also applies to the number's next owner: nobody can tell which of the two was meant.
            await tx.users.add(a_user(4, phone=old.text))
        apart = {(one.id, two.id), (two.id, three.id), (one.id, a_user(4).id), (three.id, a_user(4).id)}
        assert await _blocked(storage) == apart
        async with storage.read() as tx:
            assert await tx.blocks.contacts_asked_by(one.id) == [NOON]
        async with storage.write() as tx:
            await tx.blocks.remove_contact(three.id, old)
            await tx.blocks.keep_after_withdrawal(moved)
            await tx.users.save(moved.withdraw(at=NOON))
            await tx.users.add(a_user(5, phone=moved.phone, email=None))
        assert await _blocked(storage) == {(one.id, a_user(4).id), (one.id, a_user(5).id)}

    async def test_only_somebody_known_gives_a_contact_up(self, storage: Storage) -> None:
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.blocks.keep_former_contact(a_user(1).id, Contact.phone("+821077776666"))

    async def test_a_block_stands_again_when_both_left_and_came_back(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        assert three.phone
        async with storage.write() as tx:
            await tx.blocks.add(one.id, two.id, NOON)
            await tx.blocks.add_contacts(two.id, [Contact.phone(three.phone)], NOON)
            for leaver in (two, one, three):
                await tx.blocks.keep_after_withdrawal(leaver)
                await tx.blocks.keep_after_withdrawal(leaver)
                await tx.users.save(leaver.withdraw(at=NOON))
        assert await _blocked(storage) == set()
        back = [replace(a_user(10 + user), phone=a_user(user).phone, email=None) for user in (1, 2, 3)]
        async with storage.write() as tx:
            await tx.users.add_all(back)
        (first, second, third) = [user.id for user in back]
        assert await _blocked(storage) == {(first, second), (second, third)}

    async def test_a_block_stands_between_known_people(self, storage: Storage) -> None:
        (one,) = await stored_users(storage, 1)
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.blocks.add(one.id, a_user(2).id, NOON)
