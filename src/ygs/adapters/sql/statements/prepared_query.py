"""Statements in the driver's own words.

A few questions are asked by nearly every request. SQLAlchemy says them once, when the storage is opened; executing them
through it as well would cost more than everything else that such a request does.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
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
        # Such as the OFFSET 0 that SQLite is told with every LIMIT.
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
        """The parameters as the driver takes them."""
        values = {**self._constants, **given}
        return [self._binds[name](values[name]) if name in self._binds else values[name] for name in self._names]

    def rows(self, brought: Sequence[Sequence[Any]]) -> list[Any]:
        """What the driver brought, as named tuples of the values that SQLAlchemy would have given."""
        rows = []
        for each in brought:
            values = list(each)
            for place, change in self._results:
                values[place] = change(values[place])
            rows.append(self._row._make(values))
        return rows


def _native(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)


class QueryRunner(Protocol):
    """Asks the database itself, outside any transaction and unable to write."""

    dialect: Dialect

    async def run(self, text: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows that a query brings; `Unavailable` when the database cannot be asked."""
        ...

    async def close(self) -> None:
        """Give all connections back."""
        ...
