"""Prepared queries: statements that run on the driver directly.

Nearly every request runs a few hot reads. SQLAlchemy compiles them once; executing them through SQLAlchemy would cost
more than the rest of such a request.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Dialect
from sqlalchemy.types import TypeEngine

from ygs.adapters.sql.statements.transaction import Query

Change = Callable[[Any], Any]


class PreparedQuery:
    """A query with named parameters, compiled once."""

    def __init__(self, query: Query, dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._names = tuple(compiled.positiontup or ())
        # Such as OFFSET 0, which SQLAlchemy adds to every LIMIT on SQLite.
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        binds = {name: _native(compiled.binds[name].type, dialect).bind_processor(dialect) for name in self._names}
        self._binds: Mapping[str, Change] = {name: change for name, change in binds.items() if change}
        columns = list(query.selected_columns)
        results = (_native(column.type, dialect).result_processor(dialect, None) for column in columns)
        self._results: list[tuple[int, Change]] = [(place, change) for place, change in enumerate(results) if change]
        names: Any = [column.key for column in columns]
        row: Any = namedtuple("Row", names)  # type: ignore[misc] # its names are the query's
        self._row = row

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in the form and order that the driver needs."""
        values = {**self._constants, **given}
        return [self._binds[name](values[name]) if name in self._binds else values[name] for name in self._names]

    def rows(self, fetched: Sequence[Sequence[Any]]) -> list[Any]:
        """The driver's rows as named tuples, with values converted as by SQLAlchemy."""
        if not self._results:
            return [self._row._make(each) for each in fetched]
        rows = []
        for each in fetched:
            values = list(each)
            for place, change in self._results:
                values[place] = change(values[place])
            rows.append(self._row._make(values))
        return rows


@cache
def prepared(query: Query, kind: Callable[[], Dialect]) -> PreparedQuery:
    """The query for that kind of database. Compiling takes longer than opening one, and is done once a process."""
    return PreparedQuery(query, kind())


def _native(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)


class QueryRunner(Protocol):
    """Runs queries on the driver, outside any transaction and read-only."""

    dialect: Dialect

    async def run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a query and return its rows; `Unavailable` when the database cannot be reached."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
