"""An undo of an import while somebody else introduces or changes one of its members: one of the two comes first."""

import asyncio

import pytest

from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.jobs.import_undo import ImportUndo
from ygs.domain.errors import NotFound, WrongStatus, YgsError
from ygs.domain.imports import ImportState
from ygs.domain.users import Status
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.imports import an_import

ROOT = Actor.operator()
ONE, TWO, OTHER = (a_user(number, created_at=NOON, updated_at=NOON) for number in (1, 2, 3))


@pytest.fixture
async def undo(storage: SqlStorage) -> ImportUndo:
    """An import of two, beside somebody who was there before."""
    async with storage.write() as tx:
        await tx.users.add_all([ONE, TWO, OTHER])
        await tx.weeks.add(a_week())
        await tx.imports.add(an_import().stored(2, at=NOON))
        await tx.imports.add_members(an_import().id, [ONE.id, TWO.id])
    return ImportUndo(storage, FrozenClock())


async def test_an_undo_waits_for_a_publication_and_is_refused_by_it(storage: SqlStorage, undo: ImportUndo) -> None:
    async with storage.write(long=True) as tx:
        # As a publication does: it bars changes of users, checks everybody, and then introduces them.
        await tx.market.enrolled(capacity=1)
        undoing = asyncio.create_task(undo.undo(ROOT, an_import().id))
        await asyncio.sleep(0.3)
        assert not undoing.done()
        await tx.introductions.add_all([an_introduction(ONE, OTHER, a_week())], {})
    with pytest.raises(WrongStatus, match="introduced: 1"):
        await undoing
    async with storage.read() as view:
        assert {user.status for user in await view.users.page()} == {Status.ACTIVE}
        assert (await view.imports.get(an_import().id)).state is ImportState.STORED


async def test_whoever_introduces_by_hand_waits_for_the_undo_and_finds_nobody(
    storage: SqlStorage, undo: ImportUndo
) -> None:
    async def introduce() -> None:
        async with storage.write() as tx:
            for person in (ONE, OTHER):
                await tx.users.get(person.id)
            await tx.introductions.add_all([an_introduction(ONE, OTHER, a_week())], {})

    outcomes = await asyncio.gather(undo.undo(ROOT, an_import().id), introduce(), return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, YgsError)]
    async with storage.read() as view:
        introduced = (await view.imports.in_use(an_import().id)).introduced
        live = [user.id for user in await view.users.page()]
    # Whichever came first, the other was refused.
    assert [type(each) for each in refused] == [WrongStatus if introduced else NotFound]
    assert live == ([ONE.id, TWO.id, OTHER.id] if introduced else [OTHER.id])


async def test_of_two_undos_at_once_one_is_done(storage: SqlStorage, undo: ImportUndo) -> None:
    first, second = await asyncio.gather(*(undo.undo(ROOT, an_import().id) for _ in range(2)))
    assert first == second
    async with storage.read() as view:
        entries = [each.entry.action for each in await view.audit.page()]
    assert entries == ["import.undone"]


async def test_an_edit_at_the_same_moment_is_refused_or_keeps_the_import(storage: SqlStorage, undo: ImportUndo) -> None:
    async def edit() -> None:
        async with storage.write() as tx:
            me = await tx.users.get(TWO.id)
            await tx.users.save(me.edited(at=NOON.replace(hour=23), name="다른 이름"))

    outcomes = await asyncio.gather(edit(), undo.undo(ROOT, an_import().id), return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, YgsError)]
    assert len(refused) == 1
    async with storage.read() as view:
        live = await view.users.page()
    assert len(live) == (1 if isinstance(refused[0], NotFound) else 3)
