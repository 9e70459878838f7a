"""Keeping apart people of whom one knows only a phone or an e-mail address."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.members.blocks import MOST_CONTACT_BLOCKS, MOST_LINES, ContactBlock, ContactList
from ygs.domain.errors import Forbidden, InvalidFact, InvalidToken, LimitReached, NotFound
from ygs.domain.users import Status
from ygs.entrypoints.testing.builders import a_user

ME = signed_in(a_user(1))
PHONE = ContactBlock(phone="010-2345-6789")


@pytest.fixture
async def club() -> Club:
    """Two active members."""
    club = Club()
    await club.add(a_user(1), a_user(2))
    return club


async def blocked(club: Club) -> int:
    async with club.storage.read() as tx:
        return len((await tx.market.enrolled(capacity=1)).blocked)


async def test_a_phone_in_any_spelling_is_blocked_off_before_it_is_a_members(club: Club) -> None:
    await club.blocks.block_contact(ME, PHONE)
    await club.blocks.block_contact(ME, ContactBlock(phone="+82 10 2345 6789"))
    assert len(await club.blocks.list_contacts(ME)) == 1
    assert await blocked(club) == 0
    await club.add(replace(a_user(4), phone="+821023456789"))
    assert await blocked(club) == 1
    await club.blocks.unblock_contact(ME, ContactBlock(phone="01023456789"))
    assert await blocked(club) == 0


async def test_an_address_in_any_case_is_blocked(club: Club) -> None:
    await club.blocks.block_contact(ME, ContactBlock(email=" MEMBER2@Example.COM"))
    assert await blocked(club) == 1


async def test_the_other_sees_nothing_of_it_and_cannot_take_it_back(club: Club) -> None:
    await club.blocks.block_contact(ME, ContactBlock(email="member2@example.com"))
    them = signed_in(a_user(2))
    assert await club.blocks.list_contacts(them) == []
    assert await club.blocks.list(them) == []
    await club.blocks.unblock_contact(them, ContactBlock(email="member1@example.com"))
    assert await blocked(club) == 1


async def test_a_block_by_id_is_taken_back_by_whoever_asked(club: Club) -> None:
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    await club.blocks.block(ME, two.id)
    with pytest.raises(NotFound):
        await club.blocks.unblock(signed_in(two), one.id)
    assert await blocked(club) == 1
    await club.blocks.unblock(ME, two.id)
    assert await blocked(club) == 0
    with pytest.raises(NotFound):
        await club.blocks.unblock(ME, two.id)


async def test_what_is_no_contact_is_refused(club: Club) -> None:
    for nothing in ({}, {"phone": "010-2345-6789", "email": "a@b.kr"}):
        with pytest.raises(ValidationError):
            ContactBlock(**nothing)
    for wrong in (ContactBlock(phone="12"), ContactBlock(email="nobody"), ContactBlock(email="a b@c.kr")):
        with pytest.raises(InvalidFact):
            await club.blocks.block_contact(ME, wrong)
    assert await club.log() == []


async def test_an_address_book_is_blocked_at_once_with_a_verdict_for_each_line(club: Club) -> None:
    book = ContactList(lines=["010-2345-6789", "홍길동", "+82 10 2345 6789", " MEMBER2@Example.COM", "1" * 200, ""])
    told = await club.blocks.block_contacts(ME, book)
    assert [(each.line, each.verdict.value) for each in told.lines] == [
        (1, "blocked"),
        (2, "no_contact"),
        (3, "blocked"),
        (4, "blocked"),
        (5, "no_contact"),
        (6, "no_contact"),
    ]
    assert len(await club.blocks.list_contacts(ME)) == 2
    assert await blocked(club) == 1
    again = await club.blocks.block_contacts(ME, book)
    assert {each.verdict.value for each in again.lines} == {"blocked_before", "no_contact"}
    (entry,) = await club.log()
    assert (entry.action, entry.what) == ("block.added", "email phone"), "the second time changes nothing"
    assert not any(secret in f"{entry}{told}{again}" for secret in ("2345", "MEMBER2", "홍길동"))


async def test_contacts_have_a_limit_that_stops_none_below_it(club: Club) -> None:
    numbers = range(MOST_CONTACT_BLOCKS - 1)
    for start in range(0, len(numbers), MOST_LINES):
        lines = [f"{number}@example.com" for number in numbers[start : start + MOST_LINES]]
        await club.blocks.block_contacts(ME, ContactList(lines=lines))
    told = await club.blocks.block_contacts(ME, ContactList(lines=["0@example.com", "x@example.com", "y@example.com"]))
    assert [each.verdict.value for each in told.lines] == ["blocked_before", "blocked", "no_room"]
    with pytest.raises(LimitReached):
        await club.blocks.block_contact(ME, PHONE)
    await club.blocks.block_contact(ME, ContactBlock(email="0@example.com"))
    with pytest.raises(ValidationError):
        ContactList(lines=["a@example.com"] * (MOST_LINES + 1))


async def test_only_members_keep_apart_and_what_is_on_record_names_nobody(club: Club) -> None:
    other = a_user(2).id
    for who in (CONSULTANT, ADMIN, Actor.operator(), signed_in(a_user(1, status=Status.SUSPENDED))):
        for ask in (
            club.blocks.list(who),
            club.blocks.block(who, other),
            club.blocks.unblock(who, other),
            club.blocks.list_contacts(who),
            club.blocks.block_contact(who, PHONE),
            club.blocks.block_contacts(who, ContactList(lines=["010-2345-6789"])),
            club.blocks.unblock_contact(who, PHONE),
        ):
            with pytest.raises(Forbidden):
                await ask
    with pytest.raises(InvalidToken):
        await club.blocks.block_contact(signed_in(a_user(9)), PHONE)
    await club.blocks.block_contact(ME, PHONE)
    (entry,) = await club.log()
    assert (entry.action, entry.what) == ("block.added", "phone")
    assert "2345" not in str(entry)


async def test_only_somebody_introduced_before_can_be_blocked_off_by_id(club: Club) -> None:
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    for other in (two.id, one.id, a_user(77).id):
        with pytest.raises(NotFound):
            await club.blocks.block(ME, other)
    await club.introduce(one, two)
    await club.blocks.block(ME, two.id)
    await club.blocks.block(ME, two.id)
    assert [each.id for each in await club.blocks.list(ME)] == [two.id]
    async with club.storage.read() as tx:
        assert len((await tx.market.enrolled(capacity=1)).blocked) == 1


async def test_a_member_can_tell_whom_they_blocked_and_when_without_the_whole_name(club: Club) -> None:
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    await club.blocks.block(ME, two.id)
    (blocked,) = await club.blocks.list(ME)
    assert (blocked.name[0], set(blocked.name[1:]), len(blocked.name)) == (two.name[0], {"○"}, len(two.name))
    assert blocked.since == club.clock.now()


async def test_nobody_learns_who_blocked_them_off(club: Club) -> None:
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    await club.blocks.block(ME, two.id)
    assert await club.blocks.list(signed_in(two)) == []
