"""The mapping: a TOML document that says what a foreign file's columns and values mean in our words.

What can be written in it, and every mistake that can be found without a file. Nothing is guessed: a column that is not
named, a value that is not listed, is an error or a refused row, never a quiet "unknown". See examples/ for whole ones.
"""

import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Any, Self
from unicodedata import normalize

from pydantic import Field, ValidationError, field_validator, model_validator

from ygs.application.importing.source import ColumnName, Source, require_answer_keys, require_text_keys
from ygs.application.importing.wish_columns import COLUMNS, RULE, AnyWish, WishSource
from ygs.application.importing.wish_rules import GENDER, SEEKS, MappingPart, WishRule, attribute_named
from ygs.domain.errors import N_, BadFile, YgsError
from ygs.domain.matching.attribute import Group, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import shown_text
from ygs.domain.users import Purpose, Status
from ygs.ports.spreadsheets import TablePlace

# Who comes from a file is new, waits for review, or was reviewed where they came from. Other states have a history.
_ENTRY = (Status.DRAFT, Status.PENDING, Status.ACTIVE)

_SHOWN = 60


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
    def _keys_count(self) -> Self:
        answers = {"gender": GENDER, "seeks": SEEKS, "birth_year": VOCABULARY["birth_year"]}
        for name, source in self.sources.items():
            if name in answers:
                require_answer_keys(name, source, answers[name])
            else:
                require_text_keys(name, source)
        if self.gender.has_several:
            raise ValueError(N_("gender: is a single answer; lists are for seeks"))
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
        if bool(self.column) is not bool(self.yes) or (self.no and not self.column):
            raise ValueError(N_("column and yes go together: which column tells it, and by which words"))
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
    wishes: Sequence[AnyWish] = ()

    @property
    def sources(self) -> Sequence[Source]:
        """Everything that is taken from the file about a person."""
        wishes = [source for wish in self.told_wishes for source in wish.sources]
        return [*self.member.sources.values(), *self.facts.values(), *wishes]

    @property
    def told_wishes(self) -> Sequence[WishSource]:
        """The wishes that the file tells of each member."""
        return [wish for wish in self.wishes if isinstance(wish, WishSource)]

    @property
    def wish_rules(self) -> Sequence[WishRule]:
        """The wishes by rule, in order."""
        return [wish for wish in self.wishes if isinstance(wish, WishRule)]

    @property
    def columns(self) -> set[str]:
        """Every column of the file that something is taken from."""
        agreements = {agreement.column for agreement in self.consents.values() if agreement.column}
        return (
            {c for source in self.sources for c in source.columns} | {rule.column for rule in self.refuse} | agreements
        )

    @property
    def place(self) -> TablePlace:
        """Where in the file its table is."""
        return TablePlace(self.sheet, self.header_row, frozenset(self.columns | set(self.left_out)))

    def require_header(self, header: Sequence[str]) -> None:
        """`BadFile` unless the file has every column named here, and no other."""
        known = set(header)
        meant = self.columns | set(self.left_out)
        if missing := sorted(meant - known):
            raise BadFile(
                N_("the file has no column {listed}; correct the mapping, or the file's first row"),
                listed=_listed(missing),
            )
        if unknown := sorted(known - meant):
            raise BadFile(
                N_("the mapping does not say what column {listed} is; map it, or list it in left_out"),
                listed=_listed(unknown),
            )

    @model_validator(mode="after")
    def _facts_fit(self) -> Self:
        for code, source in self.facts.items():
            _require_source(code, source)
        has_ages = any(source.unit == "age" for source in self.sources)
        if self.year is None and has_ages:
            raise ValueError(N_("year: an age needs the year in which it was true; write year = ..."))
        if self.year is not None and not has_ages:
            raise ValueError(N_("year: has no effect without a unit of age; remove it"))
        if both := sorted(self.columns & set(self.left_out)):
            raise ValueError(f"left_out: {both[0]!r} is mapped too; remove it from one of them")
        told = [wish.attribute for wish in self.told_wishes]
        if twice := sorted({code for code in told if told.count(code) > 1}):
            raise ValueError(f"wishes: two entries read wishes for {twice[0]} from columns; remove one of them")
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
        raise BadFile(N_("the mapping is not UTF-8 text; save it as UTF-8")) from error
    except tomllib.TOMLDecodeError as error:
        raise BadFile(N_("the mapping is not TOML: {error}"), error=error) from error
    except ValidationError as error:
        raise BadFile(N_("the mapping is wrong: {names}"), names="; ".join(map(_place, error.errors()))) from error


def _place(mistake: Any) -> str:
    where = ".".join(str(part) for part in mistake["loc"] if part not in (RULE, COLUMNS))
    what = "is not known here; remove it" if mistake["type"] == "extra_forbidden" else mistake["msg"]
    return f"{where}: {what}".removeprefix(": ").replace("Value error, ", "")


def _listed(columns: Sequence[str]) -> str:
    names = [repr(shown_text(column, at_most=_SHOWN)) for column in columns[:10]]
    return ", ".join(names) + (" ..." if len(columns) > 10 else "")


def _require_source(code: str, source: Source) -> None:
    where = f"facts.{code}"
    attribute = attribute_named(code)
    if attribute.group is Group.IDENTITY:
        raise ValueError(f"{where}: belongs under member")
    if attribute.kind is not Kind.SET and source.has_several:
        raise ValueError(f"{where}: is a single answer; lists are for sets")
    require_answer_keys(where, source, attribute)
    for answer in source.answers:
        try:
            attribute.code_of(answer)
        except YgsError as error:
            raise ValueError(f"{where}: {answer!r} is not an answer of it; see `ygs vocabulary {code}`") from error
