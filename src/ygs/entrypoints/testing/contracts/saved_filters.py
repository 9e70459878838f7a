"""What every `SavedFilterRepository` must hold."""

import asyncio

import pytest

from ygs.domain.errors import Conflict, Unavailable
from ygs.domain.ids import SavedFilterId, UserId
from ygs.domain.saved_filters import MOST_SAVED_FILTERS, SavedFilter
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

ONE, TWO, NOBODY = (a_user(number).id for number in (1, 2, 9))


def a_saved_filter(number: int = 1, *, owner: UserId | None = ONE, name: str = "") -> SavedFilter:
    """A filter that an account saved, or the operator."""
    return SavedFilter(
        id=SavedFilterId(numbered("sf", number)),
        owner=owner,
        name=name or f"서울 {number}",
        criteria={"status": ["pending", "active"], "height_from": 165, "consultant": "none"},
        sort="waiting",
        saved_at=NOON,
    )


class SavedFilterContract:
    """Every promise of `SavedFilterRepository`."""

    async def test_an_account_sees_the_operators_filters_and_its_own_by_name(self, storage: Storage) -> None:
        shared = [a_saved_filter(1, owner=None, name="나"), a_saved_filter(2, owner=None, name="다")]
        own = [a_saved_filter(3, name="가"), a_saved_filter(4, name="나")]
        await _store(storage, shared[1], own[1], a_saved_filter(5, owner=TWO), shared[0], own[0])
        async with storage.read() as tx:
            assert await tx.saved_filters.visible_to(ONE) == [*shared, *own]
            assert await tx.saved_filters.visible_to(None) == shared
            assert await tx.saved_filters.visible_to(NOBODY) == shared

    @pytest.mark.parametrize("owner", [ONE, None])
    async def test_an_owner_has_a_name_once(self, storage: Storage, owner: UserId | None) -> None:
        first, second = a_saved_filter(1, owner=owner), a_saved_filter(2, owner=owner)
        await _store(storage, first, second, a_saved_filter(3, owner=TWO, name=first.name))
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.saved_filters.add(a_saved_filter(4, owner=owner, name=first.name))
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.saved_filters.rename(second.renamed(first.name))
        async with storage.write() as tx:
            await tx.saved_filters.rename(second.renamed(second.name))
            await tx.saved_filters.rename(second.renamed("다른 이름"))
        async with storage.read() as tx:
            assert {each.name for each in await tx.saved_filters.visible_to(owner)} == {first.name, "다른 이름"}

    @pytest.mark.parametrize("owner", [ONE, None])
    async def test_an_owner_has_no_more_than_so_many(self, storage: Storage, owner: UserId | None) -> None:
        await _store(storage, *(a_saved_filter(number, owner=owner) for number in range(MOST_SAVED_FILTERS)))
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.saved_filters.add(a_saved_filter(99, owner=owner))
        async with storage.write() as tx:
            await tx.saved_filters.add(a_saved_filter(99, owner=TWO))
            assert await tx.saved_filters.remove(owner, a_saved_filter(0).id)
            await tx.saved_filters.add(a_saved_filter(98, owner=owner))

    async def test_of_two_who_save_a_name_at_the_same_time_one_does(self, storage: Storage) -> None:
        await _store(storage)

        async def save(number: int) -> None:
            async with storage.write() as tx:
                await tx.saved_filters.add(a_saved_filter(number, owner=None, name="같은 이름"))

        results = await asyncio.gather(save(1), save(2), return_exceptions=True)
        (refused,) = [each for each in results if each is not None]
        assert isinstance(refused, Conflict | Unavailable), refused
        async with storage.read() as tx:
            assert len(await tx.saved_filters.visible_to(None)) == 1

    async def test_an_owner_removes_their_own_filters_only(self, storage: Storage) -> None:
        own, of_another, shared = a_saved_filter(1), a_saved_filter(2, owner=TWO), a_saved_filter(3, owner=None)
        await _store(storage, own, of_another, shared)
        async with storage.write() as tx:
            assert not await tx.saved_filters.remove(ONE, of_another.id)
            assert not await tx.saved_filters.remove(ONE, shared.id)
            assert not await tx.saved_filters.remove(None, own.id)
            assert await tx.saved_filters.remove(ONE, own.id)
            assert await tx.saved_filters.remove(None, shared.id)
        async with storage.read() as tx:
            assert await tx.saved_filters.visible_to(ONE) == []
            assert await tx.saved_filters.visible_to(TWO) == [of_another]

    async def test_what_was_removed_is_not_renamed_back(self, storage: Storage) -> None:
        await _store(storage, a_saved_filter(1))
        async with storage.write() as tx:
            await tx.saved_filters.remove(ONE, a_saved_filter(1).id)
            await tx.saved_filters.rename(a_saved_filter(1))
            assert await tx.saved_filters.visible_to(ONE) == []

    async def test_an_account_that_is_not_stored_saves_nothing(self, storage: Storage) -> None:
        await _store(storage)
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.saved_filters.add(a_saved_filter(1, owner=NOBODY))

    async def test_the_filters_of_who_is_erased_go_and_the_operators_stay(self, storage: Storage) -> None:
        shared = a_saved_filter(3, owner=None)
        await _store(storage, a_saved_filter(1), a_saved_filter(2, owner=TWO), shared)
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(ONE)).withdraw(at=NOON))
            await tx.erasure.erase([ONE], NOON)
        async with storage.read() as tx:
            assert await tx.saved_filters.visible_to(ONE) == [shared]
            assert await tx.saved_filters.visible_to(TWO) == [shared, a_saved_filter(2, owner=TWO)]


async def _store(storage: Storage, *saved: SavedFilter) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in (1, 2)])
        for each in saved:
            await tx.saved_filters.add(each)
