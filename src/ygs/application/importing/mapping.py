"""The mapping of a file: a TOML document that translates a foreign file's columns and values into the vocabulary.

This module defines its keys and finds every mistake that needs no file. Nothing is guessed: an unnamed column or an
unlisted value is an error or a refused row, never silently "unknown". `examples/` has complete mappings.
"""

from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field, ValidationError, field_validator, model_validator

from ygs.application.importing.mapping_examples import EXAMPLES, consent_lines
from ygs.application.importing.source import ColumnName, Source, require_answer_keys, require_text_keys
from ygs.application.importing.wish_columns import AnyWish, WishSource
from ygs.application.importing.wish_rules import GENDER, SEEKS, MappingPart, WishRule, attribute_named
from ygs.application.toml_faults import TomlFault, faults_in, read_toml
from ygs.domain.errors import N_, BadFile, YgsError
from ygs.domain.matching.attribute import Group, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import shown_text
from ygs.domain.users import Purpose, Status
from ygs.ports.spreadsheets import TablePlace

# An imported member is new, waits for review, or was reviewed by the agency. Other states need a history here.
_ENTRY = (Status.DRAFT, Status.PENDING, Status.ACTIVE)

_SHOWN = 60


class Member(MappingPart):
    """The sources of a member's core data. `gender` and `seeks` give "male" and "female", `birth_year` gives a year."""

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
        """The sources that the mapping gives, by field."""
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
            raise TomlFault(N_("is a single answer; lists are for seeks"), key="gender")
        return self

    @field_validator("gender", "seeks")
    @classmethod
    def _genders(cls, source: Source) -> Source:
        for answer in source.answers:
            if answer not in [value.code for value in GENDER.values]:
                raise TomlFault(N_("{answer!r} is no gender: write male or female"), answer=answer)
        return source


class Agreement(MappingPart):
    """A consent to one version of a text, on a day: by everybody, or by people whose `column` holds one of `yes`."""

    version: str = Field(min_length=1, max_length=60)
    given: date
    column: ColumnName = ""
    yes: Sequence[str] = ()
    no: Sequence[str] = ()

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if bool(self.column) is not bool(self.yes) or (self.no and not self.column):
            raise TomlFault(N_("column and yes go together: which column tells it, and by which words"))
        return self


class Refusal(MappingPart):
    """Rows to leave out: those whose `column` holds a text of `because` (text -> reason).

    `keep` lists all other texts, so that a new one is not let in unseen; without it all others come in.
    """

    column: ColumnName
    because: dict[str, str]
    keep: list[str] | None = None


class FileMapping(MappingPart):
    """A whole mapping. `title`: the name of the file. `year`: the year it describes, from which ages count back.

    `sheet`: the sheet to read (none: the first visible one). `header_row`: the row that names the columns (none: it is
    found). `unknown`: texts that mean "unknown" in every column. `html`: decode entities such as ``&rsquo;``.
    `left_out`: columns of the file that are ignored on purpose.
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
        """All sources of a person's data."""
        wishes = [source for wish in self.column_wishes for source in wish.sources]
        return [*self.member.sources.values(), *self.facts.values(), *wishes]

    @property
    def column_wishes(self) -> Sequence[WishSource]:
        """The wishes that columns of the file give."""
        return [wish for wish in self.wishes if isinstance(wish, WishSource)]

    @property
    def wish_rules(self) -> Sequence[WishRule]:
        """The wishes by rule, in order."""
        return [wish for wish in self.wishes if isinstance(wish, WishRule)]

    @property
    def columns(self) -> set[str]:
        """Every column of the file that the mapping uses."""
        columns = {column for source in self.sources for column in source.columns}
        columns |= {agreement.column for agreement in self.consents.values() if agreement.column}
        return columns | {rule.column for rule in self.refuse}

    @property
    def place(self) -> TablePlace:
        """The place of the table in the file."""
        return TablePlace(self.sheet, self.header_row, frozenset(self.columns | set(self.left_out)))

    def require_header(self, header: Sequence[str]) -> None:
        """`BadFile` unless the file has every column of the mapping, and no other."""
        known = set(header)
        mapped = self.columns | set(self.left_out)
        if missing := sorted(mapped - known):
            raise BadFile(
                N_("the file has no column {listed}; correct the mapping, or the file's first row"),
                listed=_listed(missing),
            )
        if unknown := sorted(known - mapped):
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
            raise TomlFault(N_("an age needs the year in which it was true; write year = ..."), key="year")
        if self.year is not None and not has_ages:
            raise TomlFault(N_("has no effect without a unit of age; remove it"), key="year")
        if both := sorted(self.columns & set(self.left_out)):
            template = N_("{column!r} is mapped too; remove it from one of them")
            raise TomlFault(template, key="left_out", column=both[0])
        codes = [wish.attribute for wish in self.column_wishes]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            template = N_("two entries read wishes for {attribute!r} from columns; remove one of them")
            raise TomlFault(template, key="wishes", attribute=twice[0])
        return self

    @model_validator(mode="after")
    def _consents_fit(self) -> Self:
        if self.status not in _ENTRY:
            raise TomlFault(N_("write one of {expected}"), key="status", expected=", ".join(_ENTRY))
        needed = [each for each in (Purpose.TERMS, Purpose.PRIVACY) if each not in self.consents]
        if needed and self.status is not Status.DRAFT:
            template = N_(
                "members with status = {status!r} have agreed to it; write the version and the day, or take"
                ' status = "draft":\n{lines}'
            )
            raise self._consent_needed(template, f"consents.{needed[0]}", needed, status=self.status.value)
        sensitive = sorted(code for code in self.facts if VOCABULARY[code].sensitive)
        if sensitive and Purpose.SENSITIVE not in self.consents:
            template = N_("is sensitive; write which consent allows it, or leave the column out:\n{lines}")
            raise self._consent_needed(template, f"facts.{sensitive[0]}", [Purpose.SENSITIVE])
        return self

    def _consent_needed(self, template: str, key: str, purposes: Sequence[Purpose], **fields: object) -> TomlFault:
        return TomlFault(template, key=key, lines=consent_lines(purposes, header=not self.consents), **fields)


def parse_mapping(document: bytes) -> FileMapping:
    """Parse a mapping; `BadFile` names each line or key that is wrong."""
    text, given = read_toml(document)
    try:
        return FileMapping.model_validate(given)
    except ValidationError as error:
        faults = faults_in(text, error.errors(), FileMapping.model_fields, EXAMPLES)
        raise BadFile(N_("the mapping is wrong:\n- {faults}"), faults=faults) from error


def _listed(columns: Sequence[str]) -> str:
    names = [repr(shown_text(column, at_most=_SHOWN)) for column in columns[:10]]
    return ", ".join(names) + (" ..." if len(columns) > 10 else "")


def _require_source(code: str, source: Source) -> None:
    where = f"facts.{code}"
    attribute = attribute_named(code)
    if attribute.group is Group.IDENTITY:
        raise TomlFault(N_("belongs under member"), key=where)
    if attribute.kind is not Kind.SET and source.has_several:
        raise TomlFault(N_("is a single answer; lists are for sets"), key=where)
    require_answer_keys(where, source, attribute)
    for answer in source.answers:
        try:
            attribute.code_of(answer)
        except YgsError as error:
            template = N_("{answer!r} is not an answer of it; see {command}")
            command = f"`ygs vocabulary {code}`"
            raise TomlFault(template, key=where, answer=answer, command=command) from error
