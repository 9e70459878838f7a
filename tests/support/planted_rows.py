"""Rows for any table, made by reflection, with a canary in every text."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, SmallInteger, Table

from ygs.adapters.sql.tables.column_types import Json, Moment
from ygs.entrypoints.testing.clock import NOON

CANARY = "카나리아"


def planted(column: Column[Any], row: int) -> Any:
    """A value of that column's type: a canary where a text fits, 1 for a number."""
    text = f"{CANARY}-{column}-{row}"
    match column.type:
        case LargeBinary():
            return text.encode()
        case Json():
            return [text]
        case Moment():
            return NOON
        case Date():
            return date(1987, 6, 5)
        case Boolean():
            return True
        case SmallInteger() | BigInteger() | Integer():
            return 1
        case _:
            return text


def row_of(table: Table, **tied: Any) -> dict[str, Any]:
    """A row with a canary in every column that is not in `tied`."""
    return {column.name: tied.get(column.name, planted(column, 1)) for column in table.columns}
