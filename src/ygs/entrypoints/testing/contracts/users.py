"""The contract of users."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ygs.domain.errors import Conflict, NotFound, PhoneTaken, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Lifestyle, Profile, Purpose, Role, Status, User
from ygs.entrypoints.testing.builders import a_draft, a_lifestyle, a_profile, a_user, coded, consents, wishes
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.repositories.users import DuplicateKey, MemberGroup, Standing, UserReader
from ygs.ports.storage import Storage

NOBODY = UserId(numbered("usr", 0))


async def ids_of(users: UserReader) -> Sequence[UserId]:
    """The ids of users, ascending."""
    return [user.id for user in await users.page()]


def a_full_user() -> User:
    """A user with a value other than the default in every field."""
    withdrawn = replace(consents()[Purpose.MARKETING], withdrawn_at=NOON + timedelta(microseconds=1))
    return a_user(
        seeks=Genders.MALE | Genders.FEMALE,
        role=Role.CONSULTANT,
        status=Status.PAUSED,
        status_reason="해외 출장",
        wishes=wishes(
            Wish.between("height_cm", 165, 182, Importance.STRONG),
            Wish.among("region", ["seoul", "gyeonggi"], Importance.MUST),
            Wish.among("interests", ["hiking", "movies"], Importance.IGNORE),
        ),
        lifestyle=a_lifestyle(**coded(drinking="rarely", interests=["hiking", "webtoons"])),
        consents={**consents(), Purpose.MARKETING: withdrawn},
        capacity=3,
        paused_until=date(2027, 2, 28),
        suspended_from=Status.PAUSED,
        submitted_at=NOON - timedelta(microseconds=2),
        activated_at=NOON - timedelta(microseconds=1),
        created_at=NOON.replace(microsecond=999_999) - timedelta(days=40),
    )


class UserContract:
    """Every promise of `UserRepository`."""

    @pytest.mark.parametrize("user", [a_full_user(), a_draft(), a_user(phone=None, email=None)])
    async def test_a_new_user_comes_back_as_it_was_with_version_1(self, storage: Storage, user: User) -> None:
        async with storage.write() as tx:
            await tx.users.add(user)
        async with storage.read() as tx:
            assert await tx.users.get(user.id) == replace(user, version=1)

    async def test_a_changed_user_comes_back_as_it_was_with_the_next_version(self, storage: Storage) -> None:
        (before,) = await stored_users(storage, 1)
        after = replace(a_full_user(), version=1)
        async with storage.write() as tx:
            assert await tx.users.save(after) == replace(after, version=2)
        async with storage.read() as tx:
            assert await tx.users.get(before.id) == replace(after, version=2)

    async def test_what_a_user_takes_back_is_gone(self, storage: Storage) -> None:
        (before,) = await stored_users(storage, 1)
        blank = replace(before, profile=Profile(), lifestyle=Lifestyle(), wishes={}, consents={}, phone=None)
        async with storage.write() as tx:
            await tx.users.save(blank)
        async with storage.read() as tx:
            assert await tx.users.get(before.id) == replace(blank, version=2)
            assert before.phone is not None
            assert await tx.users.find_by_phone(before.phone) is None

    async def test_nobody_is_not_found(self, storage: Storage) -> None:
        async with storage.read() as tx:
            with pytest.raises(NotFound):
                await tx.users.get(NOBODY)
            assert await tx.users.find_by_phone("+821000000000") is None
            assert await tx.users.page() == []
            assert await tx.users.by_ids([]) == []
            assert await tx.users.by_ids([NOBODY]) == []
            assert await tx.users.count_by_status() == {}
            assert await tx.users.find_duplicates(DuplicateKey()) == []

    async def test_a_users_role_is_the_one_they_have_now(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user(1, role=Role.CONSULTANT))
        async with storage.write() as tx:
            assert await tx.users.role(a_user(1).id) is Role.CONSULTANT
            await tx.users.save((await tx.users.get(a_user(1).id)).withdraw(at=NOON))
        async with storage.read() as reading:
            with pytest.raises(NotFound):
                await reading.users.role(a_user(1).id)

    async def test_the_standings_of_some_are_those_of_the_live_among_them(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(1, role=Role.ADMIN), a_user(2, status=Status.SUSPENDED), a_user(3)])
            await tx.users.save((await tx.users.get(a_user(3).id)).withdraw(at=NOON))
        expected = {
            a_user(1).id: Standing(Role.ADMIN, Status.ACTIVE),
            a_user(2).id: Standing(Role.MEMBER, Status.SUSPENDED),
        }
        async with storage.write() as tx:
            for shared in (False, True):
                everybody = [a_user(number).id for number in (3, 2, 1)]
                assert await tx.users.standings([*everybody, NOBODY], shared=shared) == expected
                for one in everybody:
                    found = await tx.users.standings([one], shared=shared)
                    assert found == {each: standing for each, standing in expected.items() if each == one}
                assert await tx.users.standings([], shared=shared) == {}

    async def test_a_users_id_is_given_once(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.users.add(replace(user, phone="+821077778888", version=0))
        async with storage.read() as tx:
            assert await tx.users.get(user.id) == user

    async def test_a_live_user_is_found_by_phone(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        async with storage.read() as tx:
            assert await tx.users.find_by_phone(str(other.phone)) == other
            assert await tx.users.find_by_phone(str(one.phone)[:-1]) is None

    async def test_a_phone_has_one_live_user(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        with pytest.raises(PhoneTaken):
            async with storage.write() as tx:
                await tx.users.add(a_user(3, phone=one.phone))
        with pytest.raises(PhoneTaken):
            async with storage.write() as tx:
                await tx.users.save(replace(other, phone=one.phone))
        with pytest.raises(PhoneTaken):
            async with storage.write() as tx:
                await tx.users.save_all([replace(one, name="박서준"), replace(other, phone=one.phone)])
        async with storage.read() as tx:
            assert await tx.users.page() == [one, other]

    async def test_of_many_new_users_all_are_stored_or_none(self, storage: Storage) -> None:
        await stored_users(storage, 1)
        for clash in (a_user(4, phone=a_user(1).phone), a_user(4, phone=a_user(3).phone)):
            with pytest.raises(PhoneTaken):
                async with storage.write() as tx:
                    await tx.users.add_all([a_user(2), a_user(3), clash])
        async with storage.write() as tx:
            assert await ids_of(tx.users) == [a_user(1).id]
            await tx.users.add_all([])
            await tx.users.save_all([])

    async def test_many_people_may_have_no_phone(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(number, phone=None) for number in range(1, 4)])
        async with storage.read() as tx:
            assert len(await tx.users.page()) == 3

    async def test_the_second_of_two_who_edit_a_user_is_told(self, storage: Storage) -> None:
        (read_by_both,) = await stored_users(storage, 1)
        async with storage.write() as tx:
            await tx.users.save(replace(read_by_both, name="김첫째"))
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.users.save(replace(read_by_both, name="김둘째"))
        async with storage.read() as tx:
            assert (await tx.users.get(read_by_both.id)).name == "김첫째"

    async def test_of_many_changed_users_all_are_stored_or_none(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        async with storage.write() as tx:
            await tx.users.save(replace(other, name="김첫째"))
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.users.save_all([replace(one, name="이둘째"), replace(other, name="김둘째")])
        async with storage.read() as tx:
            assert [user.name for user in await tx.users.page()] == [one.name, "김첫째"]

    async def test_a_user_who_was_never_stored_cannot_be_saved(self, storage: Storage) -> None:
        for version in (0, 1):
            with pytest.raises(StaleWrite):
                async with storage.write() as tx:
                    await tx.users.save(a_user(version=version))

    async def test_who_left_is_nowhere_and_the_phone_is_free(self, storage: Storage) -> None:
        leaver, stayer = await stored_users(storage, 2)
        async with storage.write() as tx:
            await tx.users.save(leaver.withdraw(at=NOON))
            assert await tx.users.find_by_phone(str(leaver.phone)) is None
        async with storage.write() as tx:
            with pytest.raises(NotFound):
                await tx.users.get(leaver.id)
            assert await tx.users.page() == [stayer]
            assert await tx.users.by_ids([leaver.id, stayer.id]) == [stayer]
            assert await tx.users.count_by_status() == {Status.ACTIVE: 1}
            assert await tx.users.find_duplicates(_likeness(leaver)) == []
            await tx.users.add(a_user(3, phone=leaver.phone))
        async with storage.read() as tx:
            found = await tx.users.find_by_phone(str(leaver.phone))
            assert found is not None
            assert found.id == a_user(3).id

    async def test_who_edits_somebody_who_left_meanwhile_is_told(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        async with storage.write() as tx:
            await tx.users.save(user.withdraw(at=NOON))
        with pytest.raises(StaleWrite):
            async with storage.write() as tx:
                await tx.users.save(replace(user, name="이민호"))
        async with storage.read() as tx:
            assert await tx.users.page() == []

    async def test_the_id_of_somebody_who_left_is_not_given_again(self, storage: Storage) -> None:
        (user,) = await stored_users(storage, 1)
        async with storage.write() as tx:
            await tx.users.save(user.withdraw(at=NOON))
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.users.add(a_user(1))

    async def test_pages_bring_everybody_once_ascending(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(number) for number in (5, 3, 9, 1, 7)])
        async with storage.read() as tx:
            first = await tx.users.page(limit=2)
            second = await tx.users.page(after=first[-1].id, limit=2)
            third = await tx.users.page(after=second[-1].id, limit=2)
            assert [user.id for user in (*first, *second, *third)] == [a_user(n).id for n in (1, 3, 5, 7, 9)]
            assert await tx.users.page(after=third[-1].id) == []
            assert [user.id for user in await tx.users.page(after=a_user(4).id, limit=1)] == [a_user(5).id]

    async def test_who_comes_or_goes_between_two_pages_is_seen_or_not(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        async with storage.write() as tx:
            assert await tx.users.page(limit=1) == [one]
            await tx.users.add(a_user(4))
            await tx.users.save(two.withdraw(at=NOON))
            assert await ids_of(tx.users) == [one.id, three.id, a_user(4).id]
            assert [user.id for user in await tx.users.page(after=one.id, limit=1)] == [three.id]
        async with storage.read() as tx:
            assert await ids_of(tx.users) == [one.id, three.id, a_user(4).id]

    async def test_a_page_can_begin_after_somebody_who_left(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        async with storage.write() as tx:
            await tx.users.save(two.withdraw(at=NOON))
            assert await tx.users.page(after=two.id) == [three]
            assert await tx.users.page(after=one.id) == [three]

    async def test_users_by_ids_come_once_ascending(self, storage: Storage) -> None:
        one, two, three = await stored_users(storage, 3)
        async with storage.read() as tx:
            assert await tx.users.by_ids([three.id, one.id, NOBODY, one.id]) == [one, three]
            assert await tx.users.by_ids([two.id]) == [two]

    async def test_users_are_counted_by_status(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_draft(1), a_draft(2), a_user(3), a_user(4, status=Status.PENDING)])
        async with storage.read() as tx:
            counts = await tx.users.count_by_status()
        assert counts == {Status.DRAFT: 2, Status.ACTIVE: 1, Status.PENDING: 1}

    async def test_members_are_counted_by_what_they_share_and_by_when_they_joined(self, storage: Storage) -> None:
        alike: Mapping[str, Any] = {
            "gender": Genders.FEMALE,
            "birth_year": 1990,
            "profile": Profile(facts={"region": 1}),
        }
        long_ago = NOON - timedelta(days=9)
        people = [
            a_user(1, **alike, created_at=NOON),
            a_user(2, **alike, created_at=NOON - timedelta(days=1)),
            a_user(3, **alike, created_at=long_ago, status=Status.PENDING),
            a_user(4, **{**alike, "profile": Profile()}, created_at=long_ago),
            a_user(5, **alike, role=Role.CONSULTANT),
            a_user(6, **alike),
        ]
        async with storage.write() as tx:
            await tx.users.add_all(people)
            await tx.users.save((await tx.users.get(people[-1].id)).withdraw(at=NOON))
        async with storage.read() as tx:
            found = await tx.users.member_groups([NOON - timedelta(days=1), NOON])
            assert await tx.users.member_groups([]) == [replace(each, joined=()) for each in found]
        assert found == [
            MemberGroup(Status.ACTIVE, Genders.FEMALE, 1990, 0, 1, (0, 0)),
            MemberGroup(Status.ACTIVE, Genders.FEMALE, 1990, 1, 2, (2, 1)),
            MemberGroup(Status.PENDING, Genders.FEMALE, 1990, 1, 1, (0, 0)),
        ]

    async def test_the_longest_wait_for_review_is_known(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.users.waiting_since() is None
        early = NOON - timedelta(days=3)
        async with storage.write() as tx:
            waiting = [a_user(n, status=Status.PENDING, updated_at=at) for n, at in ((1, NOON), (2, early))]
            await tx.users.add_all([*waiting, a_user(3, updated_at=early - timedelta(days=3))])
        async with storage.read() as tx:
            assert await tx.users.waiting_since() == early

    async def test_users_in_one_status_come_in_pages_ascending(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(n, status=Status.PENDING) for n in (1, 2, 4)] + [a_user(3)])
        async with storage.read() as tx:
            first = await tx.users.with_status(Status.PENDING, limit=2)
            rest = await tx.users.with_status(Status.PENDING, after=first[-1].id)
            assert [user.id for user in (*first, *rest)] == [a_user(n).id for n in (1, 2, 4)]
            assert await tx.users.with_status(Status.WITHDRAWN) == []

    async def test_likely_duplicates_share_a_phone_or_name_gender_and_birth_year(self, storage: Storage) -> None:
        twin = {"name": "김서연", "birth_year": 1991}
        people = [
            a_user(1, **twin),
            a_user(2, **twin),  # a man
            a_user(3, **{**twin, "birth_year": 1992}),
            a_user(4, phone="+821012341234"),
            a_user(5, **{**twin, "name": "김서영"}),
            a_user(7, **twin, phone=None),
        ]
        async with storage.write() as tx:
            await tx.users.add_all(people)
        duplicate_key = DuplicateKey(frozenset({"+821012341234", "+821099999999"}), frozenset({("김서연", 2, 1991)}))
        async with storage.read() as tx:
            assert await tx.users.find_duplicates(duplicate_key) == [people[0].id, people[3].id, people[5].id]
            assert await tx.users.find_duplicates(DuplicateKey(people=frozenset({("김서연", 1, 1991)}))) == [
                people[1].id
            ]

    async def test_a_profile_is_changed_alone(self, storage: Storage) -> None:
        one, other = await stored_users(storage, 2)
        async with storage.write() as tx:
            await tx.users.save(replace(one, profile=a_profile(5, district="해운대구", verified=frozenset())))
        async with storage.read() as tx:
            assert await tx.users.get(other.id) == other

    async def test_who_left_before_then_is_listed_in_that_order_and_counted(self, storage: Storage) -> None:
        await stored_users(storage, 5)
        async with storage.write() as tx:
            for hours, number in enumerate((4, 2, 3, 1)):
                left = (await tx.users.get(a_user(number).id)).withdraw(at=NOON + timedelta(hours=hours))
                await tx.users.save(left)
        async with storage.write() as tx:
            later = NOON + timedelta(hours=3)
            assert await tx.erasure.left_before(later) == [a_user(number).id for number in (4, 2, 3)]
            assert await tx.erasure.left_before(later, limit=1) == [a_user(4).id]
            assert await tx.erasure.count_left_before(later) == 3
            await tx.erasure.erase([a_user(4).id], later)
            assert await tx.erasure.left_before(later) == [a_user(number).id for number in (2, 3)]
            assert await tx.erasure.count_left_before(later) == 2


def _likeness(user: User) -> DuplicateKey:
    return DuplicateKey(frozenset({str(user.phone)}), frozenset({(user.name, int(user.gender), user.birth_year)}))
