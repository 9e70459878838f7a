"""Data frames of every kind that narwhals knows (pandas, polars, Arrow, DuckDB; lazy ones too) as plain columns."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeGuard

import narwhals as nw

from ygs.domain.errors import N_, BadFile


class DataFrame(Protocol):
    """A table with named columns, such as a pandas or polars data frame, lazy or not, or an Arrow table."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of the columns, or the columns."""
        ...


def is_table(value: object) -> TypeGuard[Mapping[str, Any] | DataFrame]:
    """Whether somebody gave a table, and not people one by one."""
    # Asked of the class: polars computes the columns of a lazy frame when the frame itself is asked.
    return isinstance(value, Mapping) or hasattr(type(value), "columns")


def columns_of(table: Mapping[str, Any] | DataFrame) -> tuple[Mapping[str, Any], str]:
    """A table's columns of cells by name, and which library it is of; "" for a dict. A lazy table is computed."""
    if isinstance(table, Mapping):
        return table, ""
    native: Any = table
    try:
        frame = nw.from_native(native)
    except TypeError as error:
        raise BadFile(N_("that is no table: give a dict of lists, or a pandas, polars or Arrow table")) from error
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    columns = {name: frame[name].to_list() for name in frame.columns}
    return columns, frame.implementation.value


def frame_of(columns: Mapping[str, Any], kind: str) -> Any:
    """A table of the library that `columns_of` named; a dict for ""."""
    if not kind:
        return dict(columns)
    backend: Any = kind
    return nw.from_dict(dict(columns), backend=backend).to_native()
