"""Keeping apart people of whom one knows only a phone or an e-mail address."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.support.members import CONSULTANT, Club, signed_in
from ygs.adapters.libphonenumber import LibPhones
from ygs.application.members.blocks import MOST_CONTACT_BLOCKS, Blocks, ContactBlock
from ygs.domain.errors import Conflict, Forbidden, InvalidFact, NotFound
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


def apart(club: Club) -> Blocks:
    return Blocks(club.storage, club.clock, LibPhones())


async def blocked(club: Club) -> int:
    async with club.storage.read() as tx:
        return len((await tx.market.enrolled(capacity=1)).blocked)


async def test_a_phone_in_any_spelling_is_blocked_off_before_it_is_a_members(club: Club) -> None:
    await apart(club).add(ME, PHONE)
    await apart(club).add(ME, ContactBlock(phone="+82 10 2345 6789"))
    assert len(await apart(club).mine(ME)) == 1
    assert await blocked(club) == 0
    await club.add(replace(a_user(4), phone="+821023456789"))
    assert await blocked(club) == 1
    await apart(club).remove(ME, ContactBlock(phone="01023456789"))
    assert await blocked(club) == 0


async def test_an_address_in_any_case_is_blocked(club: Club) -> None:
    await apart(club).add(ME, ContactBlock(email=" MEMBER2@Example.COM"))
    assert await blocked(club) == 1


async def test_the_other_sees_nothing_of_it_and_cannot_take_it_back(club: Club) -> None:
    await apart(club).add(ME, ContactBlock(email="member2@example.com"))
    them = signed_in(a_user(2))
    assert await apart(club).mine(them) == []
    assert await club.members.blocks(them) == []
    await apart(club).remove(them, ContactBlock(email="member1@example.com"))
    assert await blocked(club) == 1


async def test_a_block_by_id_is_taken_back_by_whoever_asked(club: Club) -> None:
    one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
    await club.introduce(one, two)
    await club.members.block(ME, two.id)
    with pytest.raises(NotFound):
        await apart(club).unblock(signed_in(two), one.id)
    assert await blocked(club) == 1
    await apart(club).unblock(ME, two.id)
    assert await blocked(club) == 0
    with pytest.raises(NotFound):
        await apart(club).unblock(ME, two.id)


async def test_what_is_no_contact_is_refused(club: Club) -> None:
    for nothing in ({}, {"phone": "010-2345-6789", "email": "a@b.kr"}):
        with pytest.raises(ValidationError):
            ContactBlock(**nothing)
    for wrong in (ContactBlock(phone="12"), ContactBlock(email="nobody"), ContactBlock(email="a b@c.kr")):
        with pytest.raises(InvalidFact):
            await apart(club).add(ME, wrong)
    assert await club.log() == []


async def test_a_phone_book_cannot_be_tried(club: Club) -> None:
    for number in range(MOST_CONTACT_BLOCKS):
        await apart(club).add(ME, ContactBlock(email=f"{number}@example.com"))
    with pytest.raises(Conflict):
        await apart(club).add(ME, PHONE)


async def test_only_members_keep_apart_and_what_is_on_record_names_nobody(club: Club) -> None:
    for who in (CONSULTANT, signed_in(a_user(1, status=Status.SUSPENDED))):
        for ask in (apart(club).mine(who), apart(club).add(who, PHONE), apart(club).remove(who, PHONE)):
            with pytest.raises(Forbidden):
                await ask
    with pytest.raises(NotFound):
        await apart(club).add(signed_in(a_user(9)), PHONE)
    await apart(club).add(ME, PHONE)
    (entry,) = await club.log()
    assert (entry.action, entry.what) == ("block.added", "phone")
    assert "2345" not in str(entry)
