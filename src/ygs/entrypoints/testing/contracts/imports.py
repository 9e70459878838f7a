"""What every `ImportRepository` must hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.accounts import Account
from ygs.domain.errors import Conflict, NotFound, StaleWrite
from ygs.domain.ids import ImportId, JobId
from ygs.domain.imports import ImportState, ImportVerdict, SheetImport, SheetType
from ygs.entrypoints.testing.builders import a_membership, a_note, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.repositories.imports import ImportedInUse
from ygs.ports.storage import Storage

ONE, TWO, THREE = (a_user(number, created_at=NOON, updated_at=NOON) for number in (1, 2, 3))


def an_import(number: int = 1, **fields: Any) -> SheetImport:
    """An open import of an uploaded workbook."""
    default: dict[str, Any] = {"sheet_type": SheetType.XLSX, "mapping": 'title = "회원"', "created_at": NOON}
    return SheetImport(id=ImportId(numbered("imp", number)), requested_by="operator", **{**default, **fields})


class ImportContract:
    """Every promise of `ImportRepository`."""

    async def test_an_import_comes_back_as_it_was_stored(self, storage: Storage) -> None:
        job = JobId(numbered("job", 1))
        full = an_import(1, job_id=job, members=3, state=ImportState.UNDONE, stored_at=NOON, undone_at=NOON)
        bare = an_import(2, sheet_type=None, mapping="")
        async with storage.write() as tx:
            stored = [await tx.imports.add(full), await tx.imports.add(bare)]
        assert stored == [replace(full, version=1), replace(bare, version=1)]
        async with storage.read() as view:
            assert await view.imports.page() == stored[::-1]
            assert await view.imports.page(after=bare.id) == stored[:1]
            assert await view.imports.page(limit=1) == stored[1:]
            assert await view.imports.get(full.id) == stored[0]
            with pytest.raises(NotFound):
                await view.imports.get(ImportId(numbered("imp", 9)))

    async def test_the_second_of_two_who_change_an_import_is_told(self, storage: Storage) -> None:
        async with storage.write() as tx:
            stored = await tx.imports.add(an_import())
            saved = await tx.imports.save(stored.stored(2, at=NOON))
            assert (saved.version, saved.mapping) == (2, "")
            with pytest.raises(StaleWrite):
                await tx.imports.save(stored)
            assert await tx.imports.get(stored.id) == saved

    async def test_its_members_are_those_that_are_live(self, storage: Storage) -> None:
        await _imported(storage)
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(TWO.id)).withdraw(at=NOON))
        async with storage.read() as view:
            assert await view.imports.members(an_import().id) == [ONE.id]
            assert await view.imports.members(an_import().id, after=ONE.id) == []
            assert await view.imports.members(an_import(2).id) == [THREE.id]
            assert await view.imports.members(an_import(2).id, limit=0) == []

    async def test_whoever_of_it_is_in_use_is_counted_also_when_they_left(self, storage: Storage) -> None:
        await _imported(storage)
        async with storage.write() as tx:
            assert await tx.imports.in_use(an_import().id) == ImportedInUse()
            await tx.weeks.add(a_week())
            await tx.introductions.add_all([an_introduction(TWO, THREE, a_week())], {})
            await tx.accounts.add(Account(user_id=ONE.id, created_at=NOON, updated_at=NOON))
            await tx.notes.add(a_note(1, subject=2))
            await tx.memberships.add(a_membership(1, user=2))
            one = await tx.users.get(ONE.id)
            await tx.users.save(one.edited(at=NOON + timedelta(seconds=1), name="이름"))
            await tx.users.save((await tx.users.get(TWO.id)).withdraw(at=NOON + timedelta(seconds=1)))
        async with storage.read() as view:
            in_use = ImportedInUse(introduced=1, signed_in=1, attended=1, changed=1)
            assert await view.imports.in_use(an_import().id) == in_use
            assert await view.imports.in_use(an_import(2).id) == ImportedInUse(introduced=1)
            assert await view.imports.in_use(an_import(9).id) == ImportedInUse()

    async def test_members_need_their_import_and_their_user(self, storage: Storage) -> None:
        await _imported(storage)
        async with storage.write() as tx:
            await tx.users.add(a_user(4))
            with pytest.raises(Conflict):
                await tx.imports.add_members(an_import(9).id, [a_user(4).id])
            with pytest.raises(Conflict):
                await tx.imports.add_members(an_import().id, [a_user(9).id])

    async def test_verdicts_are_read_page_by_page_and_replaced_as_a_whole(self, storage: Storage) -> None:
        await _imported(storage)
        verdicts = [ImportVerdict(number, f'{{"row": {number}}}') for number in range(4)]
        async with storage.write() as tx:
            await tx.imports.replace_verdicts(an_import(1).id, verdicts[::-1])
            await tx.imports.replace_verdicts(an_import(2).id, verdicts[:1])
        async with storage.read() as view:
            assert await view.imports.verdicts(an_import(1).id) == verdicts
            assert await view.imports.verdicts(an_import(1).id, after=0, limit=2) == verdicts[1:3]
        async with storage.write() as tx:
            await tx.imports.replace_verdicts(an_import(1).id, verdicts[:2])
            assert await tx.imports.purge_verdicts(NOON) == 0
            assert await tx.imports.verdicts(an_import(1).id) == verdicts[:2]
            assert await tx.imports.purge_verdicts(NOON + timedelta(seconds=1)) == 3
            assert await tx.imports.verdicts(an_import(1).id) == []

    async def test_old_imports_are_removed_and_their_members_stay(self, storage: Storage) -> None:
        await _imported(storage)
        async with storage.write() as tx:
            await tx.imports.save((await tx.imports.get(an_import().id)).stored(2, at=NOON))
            assert await tx.imports.purge(NOON) == 0
            await tx.imports.replace_verdicts(an_import(2).id, [ImportVerdict(0, "{}")])
            later = NOON + timedelta(seconds=1)
            assert await tx.imports.purge(later, only_open=True) == 1
            assert [each.id for each in await tx.imports.page()] == [an_import().id]
            assert await tx.imports.purge(later) == 1
        async with storage.read() as view:
            assert await view.imports.page() == []
            assert (await view.users.get(ONE.id)).id == ONE.id


async def _imported(storage: Storage) -> None:
    """Two imports: one of users 1 and 2, one of user 3."""
    async with storage.write() as tx:
        await tx.users.add_all([ONE, TWO, THREE])
        await tx.imports.add(an_import(1))
        await tx.imports.add(an_import(2))
        await tx.imports.add_members(an_import(1).id, [ONE.id, TWO.id])
        await tx.imports.add_members(an_import(2).id, [THREE.id])
