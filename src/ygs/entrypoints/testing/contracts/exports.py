"""What every `ExportRepository` must hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.errors import Conflict, NotFound, StaleWrite
from ygs.domain.exports import ExportedData, ExportState, SheetExport
from ygs.domain.ids import ExportId, JobId, UserId
from ygs.domain.matching.attribute import Language
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

REQUESTER = UserId(numbered("usr", 90))
APPROVER = UserId(numbered("usr", 91))


def an_export(number: int = 1, **fields: Any) -> SheetExport:
    """An export of members that nobody has decided on."""
    default: dict[str, Any] = {"data": ExportedData.MEMBERS, "requested_by": REQUESTER, "reason": "감사 자료 제출"}
    return SheetExport(id=ExportId(numbered("exp", number)), requested_at=NOON, **{**default, **fields})


class ExportContract:
    """Every promise of `ExportRepository`."""

    async def test_an_export_comes_back_as_it_was_stored(self, storage: Storage) -> None:
        full = an_export(
            1,
            data=ExportedData.INTRODUCTIONS,
            filters='{"search": "김세리"}',
            contacts=True,
            language=Language.EN,
            people=3,
            state=ExportState.REFUSED,
            decided_by=APPROVER,
            decided_at=NOON,
            refusal="이유가 부족합니다",
            job_id=JobId(numbered("job", 1)),
            rows=7,
        )
        bare = an_export(2)
        async with storage.write() as tx:
            stored = [await tx.exports.add(full), await tx.exports.add(bare)]
            with pytest.raises(Conflict):
                await tx.exports.add(bare)
        assert stored == [replace(full, version=1), replace(bare, version=1)]
        async with storage.read() as view:
            assert await view.exports.page() == stored[::-1]
            assert await view.exports.page(after=bare.id) == stored[:1]
            assert await view.exports.page(limit=1) == stored[1:]
            assert await view.exports.get(full.id) == stored[0]
            with pytest.raises(NotFound):
                await view.exports.get(ExportId(numbered("exp", 9)))

    async def test_the_second_of_two_who_decide_on_an_export_is_told(self, storage: Storage) -> None:
        async with storage.write() as tx:
            stored = await tx.exports.add(an_export())
            saved = await tx.exports.save(stored.refused("아니요", by=APPROVER, at=NOON))
            assert (saved.version, saved.refusal) == (2, "아니요")
            with pytest.raises(StaleWrite):
                await tx.exports.save(stored)
            assert await tx.exports.get(stored.id) == saved

    async def test_exports_older_than_a_moment_are_removed(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.exports.add(an_export())
            await tx.exports.add(replace(an_export(2), requested_at=NOON + timedelta(days=1)))
            assert await tx.exports.purge(NOON) == 0
            assert await tx.exports.purge(NOON + timedelta(seconds=1)) == 1
            assert [each.id for each in await tx.exports.page()] == [an_export(2).id]
