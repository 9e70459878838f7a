"""Array parameters: one parameter for any number of ids, so a statement's text does not depend on their count."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import String

from ygs.adapters.sql.tables.column_types import Words
from ygs.domain.text import storable_text


class _Listed(FunctionElement[str]):
    """The texts of a JSON array, as rows."""

    inherit_cache = True
    type = String()


@compiles(_Listed, "sqlite")
def _on_sqlite(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return "(SELECT value FROM json_each(%s))" % compiler.process(element.clauses, **options)  # noqa: S608, UP031 - a placeholder


@compiles(_Listed, "postgresql")
def _on_postgresql(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json)))"


def among(column: ColumnElement[Any], texts: Iterable[str]) -> ColumnElement[bool]:
    """The condition that `column` is one of `texts`, without a limit, with one prepared statement for all counts."""
    # JSON would hide a NUL from `Words`, and SQLite's json_each ends a text there: the wrong value would match.
    listed_texts = [storable_text("text", each) for each in texts]
    listed = _Listed(bindparam(None, json.dumps(listed_texts, ensure_ascii=False), type_=Words(), unique=True))
    return column.op("IN", is_comparison=True)(listed)
