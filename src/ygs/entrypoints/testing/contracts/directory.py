"""The contract of the directory."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.name_search import NameQuery
from ygs.domain.users import PROFILE_TEXTS, Role, Status, User
from ygs.entrypoints.testing.builders import a_lifestyle, a_membership, a_profile, a_user, coded, wishes
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.repositories.directory import MemberFilter, MemberOrder, SheetLine
from ygs.ports.storage import Storage

A_DAY = timedelta(days=1)
NAMES = ("김민준", "남궁 민수", "이준", "Kim Min-Jun", "José Álvarez", "金敏俊", "ㅋㅋ", "!!", "박𠮷", "김민준")
SEARCHES = {
    "김민준": (1, 10),
    "민": (1, 2, 10),
    "준": (1, 3, 10),
    "ㄱㅁㅈ": (1, 10),
    "ㅁㅈ": (1, 10),
    "ㄱ민준": (1, 10),
    "ㄱㅁ준": (1, 10),
    "김ㅈ": (),
    "ㄴㄱㅁㅅ": (2,),
    "남궁민": (2,),
    " KIM min": (4,),
    "jun": (),
    "minj": (4,),
    "in": (),
    "álv": (5,),
    "金": (6,),
    "俊": (6,),
    "ㅋ": (7,),
    "!": (8,),
    "𠮷": (9,),
    "ㅂ𠮷": (9,),
    "%": (),
}
# Who differs from everybody else in all that can be filtered by.
RARE = a_user(
    2,
    role=Role.CONSULTANT,
    status=Status.PAUSED,
    birth_year=1991,
    profile=a_profile(2, facts=coded(region="jeju", education="doctorate", height_cm=190, languages=["korean"])),
    lifestyle=a_lifestyle(2, **coded(smoking="daily", interests=["hiking", "movies"])),
    wishes=wishes(Wish.between("height_cm", 165, 182, Importance.MUST)),
    submitted_at=NOON - A_DAY,
)
COMMON = a_user(1, birth_year=1990, profile=a_profile(1, verified=frozenset()))
_ONE_INTEREST = frozenset({VOCABULARY["interests"].code_of("movies")})


def _codes(**facts: int) -> Mapping[str, frozenset[int]]:
    return {code: frozenset({value}) for code, value in facts.items()}


# What only the rare one has, or only the common one; and what nobody has.
OF_RARE: Sequence[Mapping[str, Any]] = (
    {"roles": frozenset({Role.CONSULTANT, Role.ADMIN})},
    {"statuses": frozenset({Status.PAUSED})},
    {"genders": Genders.MALE},
    {"born_from": 1991},
    {"facts": _codes(**coded(region="jeju"))},
    {"facts": _codes(**coded(height_cm=190))},
    {"facts": {"interests": _ONE_INTEREST}},
    {"facts": _codes(religion=0)},
    {"wishes": frozenset({"height_cm"})},
    {"verified": frozenset({"education"})},
    {"seen_since": NOON},
    {"submitted_since": NOON - A_DAY, "submitted_before": NOON},
    {"membership": True},
    {"due": True},
    {"whole_name": RARE.name},
)
OF_COMMON: Sequence[Mapping[str, Any]] = (
    {"born_to": 1990},
    {"facts": _codes(languages=0)},
    {"facts": {"region": frozenset(range(1, 17))}},
    {"seen_before": NOON},
    {"membership": False},
    {"due": False},
    {"assigned": False, "roles": frozenset({Role.MEMBER})},
)
OF_NOBODY: Sequence[Mapping[str, Any]] = (
    {"facts": {**_codes(**coded(region="jeju")), **_codes(smoking=1)}},
    {"wishes": frozenset({"height_cm", "birth_year"})},
    {"verified": frozenset({"education", "region"})},
    {"submitted_before": NOON - A_DAY},
    {"consultant": RARE.id},
)


def ids(*numbers: int) -> list[UserId]:
    """The ids of people, by number."""
    return [a_user(number).id for number in numbers]


async def stored(storage: Storage, *people: User) -> None:
    """Store people."""
    async with storage.write() as tx:
        await tx.users.add_all(people)


async def found(
    storage: Storage, wanted: MemberFilter, order: MemberOrder = MemberOrder.NEWEST, limit: int = 100
) -> Sequence[UserId]:
    """The ids of those wanted, read page by page; the total agrees."""
    each: list[UserId] = []
    async with storage.read() as reading:
        while page := await reading.directory.page(wanted, order, after=each[-1] if each else None, limit=limit):
            assert len(page) <= limit
            each += [line.id for line in page]
        assert await reading.directory.count(wanted) == len(each)
    return each


class DirectoryContract:
    """Every promise of `DirectoryRepository`."""

    async def test_a_name_is_found_by_any_part_in_letters_and_in_initials(self, storage: Storage) -> None:
        await stored(storage, *(a_user(number, name=name) for number, name in enumerate(NAMES, start=1)))
        for written, expected in SEARCHES.items():
            wanted = MemberFilter(name=NameQuery.of(written))
            assert sorted(await found(storage, wanted)) == ids(*expected), written

    async def test_a_name_is_found_as_it_is_now_and_not_when_its_owner_left(self, storage: Storage) -> None:
        await stored(storage, a_user(1, name="김민준"), a_user(2, name="김민준"), a_user(3, name="이준"))
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(a_user(1).id)).edited(at=NOON, name="박서연"))
            await tx.users.save((await tx.users.get(a_user(2).id)).withdraw(at=NOON))
            await tx.users.save_all([(await tx.users.get(a_user(3).id)).edited(at=NOON, name="김준")])
        for written, expected in {"김": [3], "민": [], "준": [3], "ㅂㅅㅇ": [1], "연": [1], "ㅇㅈ": []}.items():
            assert await found(storage, MemberFilter(name=NameQuery.of(written))) == ids(*expected), written
        assert await found(storage, MemberFilter()) == ids(3, 1)

    async def test_people_of_one_name_are_found_by_the_whole_of_it(self, storage: Storage) -> None:
        await stored(storage, *(a_user(n, name="강소영") for n in (1, 2)), a_user(3, name="강소영이"))
        assert await found(storage, MemberFilter(whole_name="강소영")) == ids(2, 1)
        assert await found(storage, MemberFilter(whole_name="강소")) == []

    async def test_a_phone_is_found_whole_and_by_its_last_four_digits(self, storage: Storage) -> None:
        phones = ("+821012345678", "+821099995678", "+821056781234", None)
        await stored(storage, *(a_user(number, phone=phone) for number, phone in enumerate(phones, start=1)))
        assert await found(storage, MemberFilter(phone="+821012345678")) == ids(1)
        assert await found(storage, MemberFilter(last_four="5678")) == ids(2, 1)
        assert await found(storage, MemberFilter(last_four="5678", phone="+821056781234")) == []
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(a_user(1).id)).with_phone("+821012340000", at=NOON))
            await tx.users.save((await tx.users.get(a_user(2).id)).withdraw(at=NOON))
        assert await found(storage, MemberFilter(last_four="5678")) == []

    async def test_an_address_is_found_without_case_and_an_id_by_itself(self, storage: Storage) -> None:
        await stored(storage, a_user(1, email="Seoyeon@Example.com"), a_user(2, email=None), a_user(3))
        assert await found(storage, MemberFilter(email="seoyeon@example.COM")) == ids(1)
        assert await found(storage, MemberFilter(email="seoyeon@example")) == []
        assert await found(storage, MemberFilter(ids=ids(3, 9))) == ids(3)
        assert await found(storage, MemberFilter(ids=[])) == []

    async def test_every_filter_restricts_and_all_of_them_hold_together(self, storage: Storage) -> None:
        await stored(storage, COMMON, RARE)
        async with storage.write() as tx:
            await tx.memberships.add(a_membership(1, user=2))
            await tx.directory.mark_seen(RARE.id, NOON)
            await tx.directory.mark_due([COMMON.id])
            await tx.directory.mark_due([RARE.id, a_user(9).id])
        for given in OF_RARE:
            assert await found(storage, MemberFilter(**given)) == ids(2), given
        for given in OF_COMMON:
            assert await found(storage, MemberFilter(**given)) == ids(1), given
        for given in OF_NOBODY:
            assert await found(storage, MemberFilter(**given)) == [], given
        together = {name: value for given in OF_RARE for name, value in given.items()}
        assert await found(storage, MemberFilter(**together)) == ids(2)
        assert await found(storage, MemberFilter(**{**together, "membership": False})) == []

    @pytest.mark.parametrize("order", MemberOrder)
    async def test_pages_go_on_in_every_order_and_show_everybody_once(
        self, storage: Storage, order: MemberOrder
    ) -> None:
        people = [a_user(n, submitted_at=NOON - n // 2 * A_DAY if n % 3 else None) for n in range(1, 9)]
        await stored(storage, *people)
        async with storage.write() as tx:
            for person in people[::2]:
                await tx.directory.mark_seen(person.id, NOON - person.birth_year % 2 * A_DAY)
        whole = await found(storage, MemberFilter(), order)
        assert whole == _in_order(people, order)
        assert await found(storage, MemberFilter(), order, limit=3) == whole
        men = MemberFilter(genders=Genders.MALE)
        assert await found(storage, men, order, limit=3) == [each for each in whole if each in ids(2, 4, 6, 8)]

    async def test_a_page_goes_on_after_somebody_who_fits_no_more_and_not_after_somebody_who_left(
        self, storage: Storage
    ) -> None:
        await stored(storage, *(a_user(n, status=Status.PENDING, submitted_at=NOON + n * A_DAY) for n in (1, 2, 3)))
        waiting = MemberFilter(statuses=frozenset({Status.PENDING}))
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(ids(1)[0])).approve(at=NOON + 9 * A_DAY))
            await tx.users.save((await tx.users.get(ids(3)[0])).withdraw(at=NOON))
        async with storage.read() as reading:
            page = await reading.directory.page(waiting, MemberOrder.WAITING, after=ids(1)[0])
            assert [line.id for line in page] == ids(2)
            with pytest.raises(NotFound):
                await reading.directory.page(waiting, MemberOrder.WAITING, after=ids(3)[0])

    async def test_the_first_page_of_everybody_is_that_of_a_transaction(self, storage: Storage) -> None:
        await stored(storage, *map(a_user, range(1, 6)))
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(ids(3)[0])).withdraw(at=NOON))
        for order in MemberOrder:
            page = await storage.hot_reads.first_page(order, 3)
            assert len(page) == 3
            async with storage.read() as reading:
                assert page == await reading.directory.page(MemberFilter(), order, limit=3)

    async def test_members_are_assigned_until_somebody_leaves_or_lets_go(self, storage: Storage) -> None:
        await stored(storage, *(a_user(n, role=Role.CONSULTANT) for n in (8, 9)), *map(a_user, range(1, 5)))
        one, other = ids(8, 9)
        async with storage.write() as tx:
            await tx.directory.assign([*ids(3, 1, 4), a_user(7).id], one)
            await tx.directory.assign(ids(2), other)
            await tx.directory.assign(ids(4), None)
            await tx.users.save((await tx.users.get(ids(3)[0])).withdraw(at=NOON))
            await tx.users.save((await tx.users.get(ids(1)[0])).edited(at=NOON, name="박하늘"))
        assert list(await storage.hot_reads.assigned(one)) == ids(1)
        assert await found(storage, MemberFilter(consultant=one)) == ids(1)
        assert await found(storage, MemberFilter(assigned=True)) == ids(2, 1)
        async with storage.write() as tx:
            await tx.directory.release(one)
            await tx.users.save((await tx.users.get(other)).withdraw(at=NOON))
        async with storage.read() as reading:
            assert [list(await reading.directory.assigned(each)) for each in (one, other)] == [[], []]
        assert await found(storage, MemberFilter(assigned=True)) == []

    async def test_a_line_tells_of_the_user_and_when_they_were_last_seen(self, storage: Storage) -> None:
        await stored(storage, RARE)
        async with storage.write() as tx:
            before = await tx.directory.find(RARE.id)
            await tx.directory.mark_seen(RARE.id, NOON)
            await tx.directory.mark_seen(RARE.id, NOON - A_DAY)
            await tx.directory.mark_seen(a_user(5).id, NOON)
        assert before is not None
        async with storage.read() as reading:
            line = await reading.directory.find(RARE.id)
            assert line == before._replace(seen_at=NOON)
            assert await reading.directory.page(MemberFilter()) == [line]
            assert await reading.directory.find(a_user(5).id) is None
        assert (line.name, line.birth_year, line.status) == (RARE.name, 1991, Status.PAUSED)
        assert (line.submitted_at, before.seen_at) == (NOON - A_DAY, RARE.created_at)

    async def test_the_ids_of_all_who_are_wanted_come_in_one_read(self, storage: Storage) -> None:
        gone = a_user(4)
        await stored(storage, COMMON, RARE, a_user(3), gone)
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(gone.id)).withdraw(at=NOON))
        async with storage.read() as reading:
            assert await reading.directory.ids(MemberFilter()) == ids(1, 2, 3)
            assert await reading.directory.ids(MemberFilter(roles=frozenset({Role.MEMBER}))) == ids(1, 3)
            assert await reading.directory.ids(MemberFilter(ids=[gone.id])) == []
            assert await reading.directory.names(ids(2, 4, 9, 2)) == {RARE.id: RARE.name}
            assert await reading.directory.lines(ids(2, 4, 9, 2)) == [await reading.directory.find(RARE.id)]

    async def test_a_line_of_a_sheet_tells_all_that_it_shows_and_contacts_only_when_asked_for(
        self, storage: Storage
    ) -> None:
        drafted = a_user(1, phone=None, email=None, activated_at=None)
        await stored(storage, drafted, RARE, a_user(3))
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(a_user(3).id)).withdraw(at=NOON))
        async with storage.read() as reading:
            lines = await reading.directory.sheet_lines(ids(3, 2, 1, 9, 2), contacts=True)
            without = await reading.directory.sheet_lines(ids(2), contacts=False)
        assert lines == [_sheet_line(drafted), _sheet_line(RARE)]
        assert without == [_sheet_line(RARE)._replace(phone=None, email=None)]
        assert lines[1].facts[_PLACES["height_cm"]] == RARE.facts["height_cm"]


_PLACES = {code: place for place, code in enumerate(code for code in VOCABULARY if code != "birth_year")}


def _sheet_line(user: User) -> SheetLine:
    return SheetLine(
        *(user.id, user.name, user.gender, user.seeks, user.birth_year, user.status, user.phone, user.email),
        tuple(user.facts.get(code, 0) for code in _PLACES),
        tuple(getattr(user.profile, name) for name in PROFILE_TEXTS),
        user.created_at,
        user.activated_at,
    )


def _in_order(people: Sequence[User], order: MemberOrder) -> list[UserId]:
    never = NOON + 9_999 * A_DAY
    seen = {each.id: NOON - each.birth_year % 2 * A_DAY for each in people[::2]}
    keys: Mapping[MemberOrder, Mapping[UserId, Any]] = {
        MemberOrder.NEWEST: {each.id: 0 for each in people},
        MemberOrder.WAITING: {each.id: each.submitted_at or never for each in people},
        MemberOrder.NAME: {each.id: each.name for each in people},
        MemberOrder.BIRTH_YEAR: {each.id: each.birth_year for each in people},
        MemberOrder.ACTIVITY: {each.id: seen.get(each.id, each.created_at) for each in people},
    }
    descends = order in (MemberOrder.NEWEST, MemberOrder.ACTIVITY)
    return sorted(keys[order], key=lambda each: (keys[order][each], each), reverse=descends)
