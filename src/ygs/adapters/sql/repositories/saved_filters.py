"""Filters of the directory that staff keep under a name: rows to entities and back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, false, func, or_, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.directory import saved_filters
from ygs.domain.errors import Conflict
from ygs.domain.ids import SavedFilterId, UserId
from ygs.domain.saved_filters import FILTER_NAME_TAKEN, MOST_SAVED_FILTERS, TOO_MANY_FILTERS, SavedFilter

_COLUMNS = saved_filters.c


def to_row(saved: SavedFilter) -> dict[str, Any]:
    """A saved filter as a row of `saved_filters`."""
    return {
        "id": saved.id,
        "owner": saved.owner,
        "name": saved.name,
        "criteria": dict(saved.criteria),
        "sort": saved.sort,
        "saved_at": saved.saved_at,
    }


def to_saved_filter(row: Found) -> SavedFilter:
    """The saved filter that `to_row` wrote."""
    return SavedFilter(
        id=SavedFilterId(row.id),
        owner=None if row.owner is None else UserId(row.owner),
        name=row.name,
        criteria=row.criteria,
        sort=row.sort,
        saved_at=row.saved_at,
    )


class SqlSavedFilterReader:
    """Saved filters."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def visible_to(self, account: UserId | None) -> Sequence[SavedFilter]:
        own = false() if account is None else _COLUMNS.owner == account
        query = select(saved_filters).where(or_(_COLUMNS.owner.is_(None), own))
        order = (_COLUMNS.owner.is_not(None), _COLUMNS.name, _COLUMNS.id)
        return [to_saved_filter(row) for row in await self.tx.rows(query.order_by(*order))]


class SqlSavedFilterRepository(SqlSavedFilterReader):
    """Saved filters, to be changed."""

    async def add(self, saved: SavedFilter) -> None:
        # So that two who add the last one, or one of the same name, count each other's.
        await self.tx.lock("saved_filters")
        if await self._count(_owned_by(saved.owner)) >= MOST_SAVED_FILTERS:
            raise Conflict(TOO_MANY_FILTERS)
        await self._require_name(saved)
        async with self.tx.savepoint():
            await insert_all(self.tx, saved_filters, [to_row(saved)])

    async def rename(self, saved: SavedFilter) -> None:
        await self.tx.lock("saved_filters")
        await self._require_name(saved)
        await self.tx.run(update(saved_filters).where(_COLUMNS.id == saved.id).values(name=saved.name))

    async def remove(self, owner: UserId | None, id: SavedFilterId) -> bool:
        return bool(await self.tx.run(delete(saved_filters).where(_COLUMNS.id == id, _owned_by(owner))))

    async def _require_name(self, saved: SavedFilter) -> None:
        if await self._count(_owned_by(saved.owner), _COLUMNS.name == saved.name, _COLUMNS.id != saved.id):
            raise Conflict(FILTER_NAME_TAKEN)

    async def _count(self, *conditions: ColumnElement[bool]) -> int:
        return int(await self.tx.scalar(select(func.count()).select_from(saved_filters).where(*conditions)))


def _owned_by(owner: UserId | None) -> ColumnElement[bool]:
    return _COLUMNS.owner.is_(None) if owner is None else _COLUMNS.owner == owner
