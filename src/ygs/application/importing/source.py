"""The source of one item of a person in a foreign file: its column, and how its text is read."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ygs.application.importing.wish_rules import MappingPart
from ygs.application.toml_faults import TomlFault
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.text import column_name

ColumnName = Annotated[str, AfterValidator(column_name)]
Unit = Literal["cm", "inch", "year", "age"]
Answers = str | int | list[str]

_OF_A_TEXT = frozenset(("column", "unknown", "take"))
_OF_A_NUMBER = _OF_A_TEXT | {"unit", "between"}
_OF_AN_ANSWER = _OF_A_TEXT | {"values", "patterns"}
_OF_ANSWERS = _OF_AN_ANSWER | {"separator", "drop"}


class Source(MappingPart):
    """The source of one item of a person, and how it is read.

    Exactly one of `column` (several are joined by a space), `always` (the same for everybody) and `row` (a text in
    which ``{row}`` is the row's number). A column's text is first compared with `unknown` (texts that mean unknown),
    then reduced to the group of `take` (a regular expression for the whole text), then, for a set, split at
    `separator`, without the pieces that match one of `drop`, and then looked up in `values`, in `patterns` (regular
    expressions for the whole text, in order), or, when the mapping has neither, in the vocabulary's own codes and
    labels. An empty list as answer leaves the fact unknown. Numbers are converted from `unit`; `between` are the least
    and the most that can be true, in that unit. A year of birth in unit "year" may also stand in any date of birth that
    `year_of_birth` reads; `take` counts first, where it fits.
    """

    column: str | list[str] = ""
    always: Answers | None = None
    row: str = ""
    unknown: Sequence[str] = ()
    take: str = ""
    unit: Unit | None = None
    between: tuple[int, int] | None = None
    separator: str = ""
    drop: Sequence[str] = ()
    values: dict[str, Answers] = Field(default_factory=dict)
    patterns: dict[str, Answers] = Field(default_factory=dict)

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the file that it reads."""
        return [self.column] if isinstance(self.column, str) and self.column else list(self.column)

    @property
    def answers(self) -> Iterator[str | int]:
        """Every answer that its tables or `always` can give."""
        for answer in self._given():
            yield from answer if isinstance(answer, list) else (answer,)

    @property
    def has_several(self) -> bool:
        """Whether it can give several answers at once."""
        return any(isinstance(answer, list) and len(answer) > 1 for answer in self._given())

    def _given(self) -> Iterator[Answers]:
        yield from (*self.values.values(), *self.patterns.values())
        if self.always is not None:
            yield self.always

    @field_validator("column")
    @classmethod
    def _spelled(cls, column: str | list[str]) -> str | list[str]:
        return column_name(column) if isinstance(column, str) else list(map(column_name, column))

    @field_validator("take", "drop", "patterns")
    @classmethod
    def _expressions(cls, given: Any) -> Any:
        for expression in [given] if isinstance(given, str) else given:
            try:
                re.compile(expression)
            except re.error as error:
                raise TomlFault(
                    N_("{expression!r} is not a regular expression; check its brackets and backslashes"),
                    expression=expression,
                ) from error
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.columns) + (self.always is not None) + bool(self.row) != 1:
            raise TomlFault(N_("give exactly one of: column, always, row"))
        if self.take and re.compile(self.take).groups != 1:
            raise TomlFault(N_("needs exactly one (group), which is the part that counts"), key="take")
        if self.drop and not self.separator:
            raise TomlFault(N_("leaves out pieces, so it needs a separator"), key="drop")
        if not self.columns and (ignored := sorted(self.model_fields_set - {"always", "row"})):
            raise TomlFault(N_("has no effect without a column; remove it"), key=ignored[0])
        return self


def require_text_keys(where: str, source: Source) -> None:
    """`TomlFault` for a key that a source of plain text would ignore."""
    _require_keys(where, source, _OF_A_TEXT | {"row"})


def require_answer_keys(where: str, source: Source, attribute: Attribute) -> None:
    """`TomlFault` for a key that a source of this attribute's answers would ignore, or that it lacks."""
    if attribute.is_number:
        units = ("year", "age") if attribute.code == "birth_year" else ("cm", "inch")
        if source.always is None and source.unit not in units:
            template = N_("needs a unit: write unit = {first!r} or unit = {second!r}")
            raise TomlFault(template, key=where, first=units[0], second=units[1])
        _require_keys(where, source, _OF_A_NUMBER)
    elif attribute.kind is Kind.SET:
        _require_keys(where, source, _OF_ANSWERS)
    else:
        _require_keys(where, source, _OF_AN_ANSWER)


def _require_keys(where: str, source: Source, used: Collection[str]) -> None:
    if ignored := sorted(source.model_fields_set - {"always", *used}):
        raise TomlFault(N_("has no effect here; remove it"), key=f"{where}.{ignored[0]}")
