"""The mapping: a TOML document that says what a foreign file's columns and values mean in our words.

What can be written in it, and every mistake that can be found without a file. Nothing is guessed: a column that is not
named, a value that is not listed, is an error or a refused row, never a quiet "unknown". See examples/ for whole ones.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self
from unicodedata import normalize

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from ygs.application.importing.wish_rules import GENDER, MappingPart, WishRule, attribute_named
from ygs.domain.errors import BadFile, YgsError
from ygs.domain.matching.attribute import Group, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import column_name, shown_text
from ygs.domain.users import Purpose, Status
from ygs.ports.spreadsheets import TablePlace

# Who comes from a file is new, waits for review, or was reviewed where they came from. Other states have a history.
_ENTRY = (Status.DRAFT, Status.PENDING, Status.ACTIVE)

_SHOWN = 60

ColumnName = Annotated[str, AfterValidator(column_name)]
Unit = Literal["cm", "inch", "year", "age"]
AnswerWriter = str | int | list[str]


class Source(MappingPart):
    """Where one thing about a person comes from, and how it is read.

    Exactly one of `column` (several are joined by a space), `always` (the same for everybody) and `row` (a text in
    which ``{row}`` is the row's number). A column's text is first compared with `unknown` (texts that do not tell it),
    then reduced to the group of `take` (a regular expression for the whole text), then, for a set, parted at
    `separator`, pieces that match one of `drop` left out, and then looked up in `values`, in `patterns` (regular
    expressions for the whole text, in order), or, when the mapping has neither, in the vocabulary's own codes and
    labels. An empty list as answer leaves the fact unknown. Numbers are converted from `unit`; `between` are the least
    and the most that can be true, in that unit. A year of birth in unit "year" may also stand in any date of birth that
    `year_of_birth` reads; `take` counts first, where it fits.
    """

    column: str | list[str] = ""
    always: AnswerWriter | None = None
    row: str = ""
    unknown: Sequence[str] = ()
    take: str = ""
    unit: Unit | None = None
    between: tuple[int, int] | None = None
    separator: str = ""
    drop: Sequence[str] = ()
    values: dict[str, AnswerWriter] = Field(default_factory=dict)
    patterns: dict[str, AnswerWriter] = Field(default_factory=dict)

    @property
    def columns(self) -> Sequence[str]:
        """The file's columns it reads."""
        return [self.column] if isinstance(self.column, str) and self.column else list(self.column)

    @property
    def answers(self) -> Iterator[str | int]:
        """Everything it can come to by a table or for everybody."""
        for answer in self._given():
            yield from answer if isinstance(answer, list) else (answer,)

    @property
    def has_several(self) -> bool:
        """Whether it can come to several answers at once."""
        return any(isinstance(answer, list) and len(answer) > 1 for answer in self._given())

    def _given(self) -> Iterator[AnswerWriter]:
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
                raise ValueError(f"{expression!r} is not a regular expression: {error}") from error
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.columns) + (self.always is not None) + bool(self.row) != 1:
            raise ValueError("give exactly one of: column, always, row")
        if self.take and re.compile(self.take).groups != 1:
            raise ValueError("take: needs exactly one (group), which is the part that counts")
        if self.drop and not self.separator:
            raise ValueError("drop: leaves out pieces, so it needs a separator")
        return self


class Member(MappingPart):
    """What makes a person. `gender` and `seeks` come to "male" and "female", `birth_year` to a year."""

    name: Source
    gender: Source
    seeks: Source
    birth_year: Source
    phone: Source | None = None
    email: Source | None = None
    district: Source | None = None
    school: Source | None = None
    job_title: Source | None = None
    introduction: Source | None = None
    ideal_partner: Source | None = None

    @property
    def sources(self) -> dict[str, Source]:
        """What the file tells of it."""
        return {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None}

    @model_validator(mode="after")
    def _one_gender(self) -> Self:
        if self.gender.has_several:
            raise ValueError("gender: is a single answer; lists are for seeks")
        return self

    @field_validator("gender", "seeks")
    @classmethod
    def _genders(cls, source: Source) -> Source:
        for answer in source.answers:
            if answer not in [value.code for value in GENDER.values]:
                raise ValueError(f"{answer!r} is no gender: write male or female")
        return source


class Agreement(MappingPart):
    """That people agreed to one version of a text, on a day; everybody, or those whose `column` says one of `yes`."""

    version: str = Field(min_length=1, max_length=60)
    given: date
    column: ColumnName = ""
    yes: Sequence[str] = ()
    no: Sequence[str] = ()

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if bool(self.column) is not bool(self.yes):
            raise ValueError("column and yes go together: which column tells it, and by which words")
        return self


class Refusal(MappingPart):
    """Rows to leave out: those whose `column` has a text in `because` (text -> reason); all others are in `keep`."""

    column: ColumnName
    because: dict[str, str]
    keep: list[str]


class FileMapping(MappingPart):
    """A whole mapping. `title`: what the file is. `year`: the year it tells of, from which ages are counted back.

    `sheet`: the sheet to read (none: the first visible one). `header_row`: the row that names the columns (none: it is
    found). `unknown`: texts that mean "not told" in every column. `html`: ``&rsquo;`` and its like are to be read as
    the signs they stand for. `left_out`: columns of the file that nothing is taken from, on purpose.
    """

    title: str
    year: int | None = Field(default=None, ge=1990, le=2100)
    sheet: str = ""
    header_row: int | None = Field(default=None, ge=1, le=1_048_576)
    html: bool = False
    unknown: Sequence[str] = ("",)
    left_out: Sequence[ColumnName] = ()
    status: Status = Status.PENDING
    member: Member
    facts: dict[str, Source] = Field(default_factory=dict)
    consents: dict[Purpose, Agreement] = Field(default_factory=dict)
    refuse: Sequence[Refusal] = ()
    wishes: Sequence[WishRule] = ()

    @property
    def columns(self) -> set[str]:
        """Every column of the file that something is taken from."""
        sources = (*self.member.sources.values(), *self.facts.values())
        agreements = {agreement.column for agreement in self.consents.values() if agreement.column}
        return {c for source in sources for c in source.columns} | {rule.column for rule in self.refuse} | agreements

    @property
    def place(self) -> TablePlace:
        """Where in the file its table is."""
        return TablePlace(self.sheet, self.header_row, frozenset(self.columns | set(self.left_out)))

    def require_header(self, header: Sequence[str]) -> None:
        """`BadFile` unless the file has every column named here, and no other."""
        known, meant = set(header), self.columns | set(self.left_out)
        if missing := sorted(meant - known):
            raise BadFile(f"the file has no column {_listed(missing)}; correct the mapping, or the file's first row")
        if unknown := sorted(known - meant):
            raise BadFile(f"the mapping does not say what column {_listed(unknown)} is; map it, or list it in left_out")

    @model_validator(mode="after")
    def _facts_fit(self) -> Self:
        for code, source in self.facts.items():
            _require_source(code, source)
        ages = [*self.facts.values(), self.member.birth_year]
        if self.year is None and any(source.unit == "age" for source in ages):
            raise ValueError("year: an age needs the year in which it was true; write year = ...")
        return self

    @model_validator(mode="after")
    def _consents_fit(self) -> Self:
        if self.status not in _ENTRY:
            raise ValueError(f"status: write one of {', '.join(_ENTRY)}")
        for purpose in (Purpose.TERMS, Purpose.PRIVACY):
            if purpose not in self.consents and self.status is not Status.DRAFT:
                raise ValueError(f"consents.{purpose}: {self.status} people agreed to it; say which version, and when")
        sensitive = sorted(code for code in self.facts if VOCABULARY[code].sensitive)
        if sensitive and Purpose.SENSITIVE not in self.consents:
            why = "is sensitive; say in consents.sensitive which consent allows it, or leave it out"
            raise ValueError(f"facts.{sensitive[0]}: {why}")
        return self


def parse_mapping(document: bytes) -> FileMapping:
    """The mapping in a TOML document; `BadFile` that names each line or key that is wrong."""
    try:
        text = normalize("NFC", document.decode("utf-8-sig"))
        return FileMapping.model_validate(tomllib.loads(text))
    except UnicodeDecodeError as error:
        raise BadFile("the mapping is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"the mapping is not TOML: {error}") from error
    except ValidationError as error:
        raise BadFile(f"the mapping is wrong: {'; '.join(map(_place, error.errors()))}") from error


def _place(mistake: Any) -> str:
    where = ".".join(str(part) for part in mistake["loc"])
    what = "is not known here; remove it" if mistake["type"] == "extra_forbidden" else mistake["msg"]
    return f"{where}: {what}".removeprefix(": ").replace("Value error, ", "")


def _listed(columns: Sequence[str]) -> str:
    names = [repr(shown_text(column, at_most=_SHOWN)) for column in columns[:10]]
    return ", ".join(names) + (" ..." if len(columns) > 10 else "")


def _require_source(code: str, source: Source) -> None:
    where, attribute = f"facts.{code}", attribute_named(code)
    if attribute.group is Group.IDENTITY:
        raise ValueError(f"{where}: belongs under member")
    if source.row or (attribute.is_number is not (source.unit is not None)):
        raise ValueError(f"{where}: {'needs a unit' if attribute.is_number else 'takes no unit and no row'}")
    if attribute.kind is not Kind.SET and (source.separator or source.has_several):
        raise ValueError(f"{where}: is a single answer; a separator and lists are for sets")
    for answer in source.answers:
        try:
            attribute.code_of(answer)
        except YgsError as error:
            raise ValueError(f"{where}: {answer!r} is not an answer of it; see `ygs vocabulary {code}`") from error
