"""The reader of rows: turns one row of a foreign file into a user by a mapping, or refuses it with a reason.

It uses no file and no storage. Repeated texts (most are) are translated once per column.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from html import unescape
from typing import TypeAlias
from unicodedata import normalize
from zoneinfo import ZoneInfo

from ygs.application.importing.birth_dates import Calendar
from ygs.application.importing.mapping import Agreement, FileMapping
from ygs.application.importing.rejections import SHOWN, RefusedRow, Rejection, RejectionReason, shown
from ygs.application.importing.source import Source
from ygs.application.importing.value_parser import Untranslatable, code_of, plain_text, taken, translation
from ygs.application.importing.wish_columns import WishReader, WishSource
from ygs.application.importing.wish_rules import GENDER, SEEKS
from ygs.application.messages.translate import explain_error
from ygs.domain.errors import ConsentMissing, DomainError, NotAdult
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Attribute, Group, Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Wish
from ygs.domain.service_dates import start_of
from ygs.domain.text import NAME_LENGTH, checked_text, holds_resident_number, required_name, stripped
from ygs.domain.users import (
    PROFILE_TEXTS,
    Consent,
    Lifestyle,
    Profile,
    Purpose,
    Status,
    User,
    require_adult,
)
from ygs.ports.phone_numbers import Phones
from ygs.ports.spreadsheets import CellFault, FaultKind, Row, SheetTable

Read: TypeAlias = Callable[[Row], int]

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


class RowReader:
    """Reads the rows of one table by a mapping; `today` is the date of the import in the service's `zone`.

    `language` is that of the broken rules in a rejection.
    """

    def __init__(
        self,
        mapping: FileMapping,
        table: SheetTable,
        phones: Phones,
        today: date,
        zone: ZoneInfo,
        language: Language = Language.EN,
    ) -> None:
        mapping.require_header(table.header)
        self._language = language
        self._mapping = mapping
        # The status in which the mapping lets people in.
        self.entry = mapping.status
        self._phones = phones
        self._header = table.header
        self._today = today
        self._zone = zone
        self._calendar = Calendar(today.year, mapping.year, table.since_1904)
        self._places = {column: place for place, column in enumerate(table.header)}
        self._unknown = _unknown_by_column(mapping)
        member = mapping.member
        self._gender = self._reader(member.gender, GENDER)
        self._seeks = self._reader(member.seeks, SEEKS)
        self._born = self._reader(member.birth_year, VOCABULARY["birth_year"])
        self._facts = {code: self._reader(source, VOCABULARY[code]) for code, source in mapping.facts.items()}
        everybody = {purpose: agreement for purpose, agreement in mapping.consents.items() if not agreement.column}
        self._everybody = {purpose: _consent(purpose, agreement, zone) for purpose, agreement in everybody.items()}
        self._sources = member.sources
        self._column_wishes = [(wish, WishReader(wish, self._calendar)) for wish in mapping.column_wishes]
        self._rules = mapping.wish_rules
        self._wishes: dict[tuple[int, int | None], Wish | None] = {}

    def user(self, row: Row, id: UserId, at: datetime) -> User:
        """Turn a row into a user; `RefusedRow` with every reason when that is not possible."""
        try:
            return self._user(row, id, at)
        except RefusedRow as refused:
            raise RefusedRow(*self._reasons(row, refused.verdicts[0])) from refused

    def _reasons(self, row: Row, first: Rejection) -> list[Rejection]:
        """A reason for each wrong column, a resident number first; only one for a row that is left out on purpose."""
        if first.why is RejectionReason.LEFT_OUT:
            return [first]
        found = {_subject(first): first}
        for check in self._checks(row):
            try:
                check()
            except RefusedRow as refused:
                found |= {_subject(it): it for it in refused.verdicts if _subject(it) not in found}
            except DomainError as error:
                broken = self._broken_rule(row, error)
                found.setdefault(_subject(broken), broken)
        return sorted(found.values(), key=lambda verdict: verdict.why is not RejectionReason.RESIDENT_NUMBER)

    def _checks(self, row: Row) -> Iterator[Callable[[], object]]:
        """Each item of a person, read apart from the others."""
        yield from (partial(self._require_value, row, fault) for fault in row.faults)
        yield partial(self._require_wanted, row)
        yield from (partial(read, row) for read in self._facts.values())
        yield partial(self._required, row, "gender", self._gender)
        yield partial(self._required, row, "seeks", self._seeks)
        yield lambda: require_adult(self._birth_year(row), self._today)
        yield lambda: required_name("name", self._text(row, "name"), at_most=NAME_LENGTH)
        yield partial(self._phone, row)
        yield partial(self._email, row)
        for name, text in PROFILE_TEXTS.items():
            yield partial(self._profile_text, row, name, text.at_most)
        yield partial(self._consents_of, row)
        yield from (partial(self._column_wish, row, wish, reader) for wish, reader in self._column_wishes)

    def _profile_text(self, row: Row, name: str, at_most: int) -> str:
        return checked_text(name, self._text(row, name), at_most=at_most)

    def _birth_year(self, row: Row) -> int:
        return int(VOCABULARY["birth_year"].value_of(self._required(row, "birth_year", self._born)))

    def _broken_rule(self, row: Row, error: DomainError) -> Rejection:
        words = explain_error(error, self._language)
        return Rejection(row.number, self._column_behind(error), RejectionReason.RULE, words)

    def _user(self, row: Row, id: UserId, at: datetime) -> User:
        for fault in row.faults:
            self._require_value(row, fault)
        self._require_wanted(row)
        facts = {code: value for code, read in self._facts.items() if (value := read(row))}
        gender = self._required(row, "gender", self._gender)
        seeks = self._required(row, "seeks", self._seeks)
        born = self._required(row, "birth_year", self._born)
        birth_year = int(VOCABULARY["birth_year"].value_of(born))
        try:
            require_adult(birth_year, self._today)
            phone = self._phone(row)
            status = self._status(phone)
            return User(
                id=id,
                name=self._text(row, "name"),
                gender=Genders(gender),
                seeks=Genders(seeks),
                birth_year=birth_year,
                phone=phone,
                email=self._email(row),
                status=status,
                profile=self._profile(row, _of(Group.PROFILE, facts)),
                lifestyle=Lifestyle(facts=_of(Group.LIFESTYLE, facts)),
                wishes=self._wishes_of(row, {"gender": gender, "seeks": seeks, "birth_year": born, **facts}),
                consents=self._consents_of(row),
                created_at=at,
                updated_at=at,
                submitted_at=at if status is Status.PENDING else None,
                activated_at=at if status is Status.ACTIVE else None,
            )
        except DomainError as error:
            raise RefusedRow(self._broken_rule(row, error)) from error

    def _require_value(self, row: Row, fault: CellFault) -> None:
        """Refuse the row for an unreadable cell, unless the mapping ignores its column."""
        if fault.kind is FaultKind.UNNAMED:
            raise RefusedRow(Rejection(row.number, "", RejectionReason.UNNAMED_COLUMN, fault.cell))
        column = self._header[fault.place]
        seen = row.cells[fault.place]
        if fault.kind is FaultKind.UNCOMPUTED and column in self._unknown:
            raise RefusedRow(Rejection(row.number, column, RejectionReason.UNCOMPUTED, fault.cell))
        # A mapping may list "#N/A" as unknown.
        if fault.kind is FaultKind.ERROR and seen not in self._unknown.get(column, {seen}):
            raise RefusedRow(Rejection(row.number, column, RejectionReason.CELL_ERROR, fault.cell, seen[:SHOWN]))

    def _require_wanted(self, row: Row) -> None:
        for rule in self._mapping.refuse:
            text = self._clean(row.cells[self._places[rule.column]])
            if text in rule.because:
                raise RefusedRow(
                    Rejection(
                        row.number,
                        rule.column,
                        RejectionReason.LEFT_OUT,
                        rule.because[text],
                        shown(text),
                    )
                )
            if rule.keep is not None and text not in rule.keep:
                raise RefusedRow(Rejection(row.number, rule.column, RejectionReason.NOT_LISTED, "", shown(text)))

    def _required(self, row: Row, part: str, read: Read) -> int:
        value = read(row)
        if not value:
            raise RefusedRow(Rejection(row.number, self._column_of(part), RejectionReason.NOT_TOLD, part))
        return value

    def _reader(self, source: Source, attribute: Attribute) -> Read:
        translate = translation(source, attribute, self._calendar)
        places = [self._places[column] for column in source.columns]
        unknown = {*self._mapping.unknown, *source.unknown}
        known: dict[str, int] = {}
        if source.always is not None:
            always = code_of(attribute, source.always)
            return lambda row: always

        def read(row: Row) -> int:
            raw = row.cells[places[0]] if len(places) == 1 else " ".join(row.cells[place] for place in places)
            value = known.get(raw)
            if value is None:
                text = plain_text(self._clean(raw))
                column = ", ".join(source.columns)
                self._require_no_resident_number(row, column, text)
                try:
                    value = known[raw] = 0 if text in unknown else translate(text)
                except Untranslatable as error:
                    detail = error.detail or attribute.code
                    seen = shown(text)
                    raise RefusedRow(Rejection(row.number, column, error.why, detail, seen)) from error
            return value

        return read

    def _text(self, row: Row, part: str) -> str:
        source = self._sources.get(part)
        if source is None:
            return ""
        if source.row or source.always is not None:
            return source.row.replace("{row}", f"{row.number:06}") or str(source.always)
        text = self._clean(" ".join(row.cells[self._places[column]] for column in source.columns))
        self._require_no_resident_number(row, self._column_of(part), text)
        if text in self._mapping.unknown or text in source.unknown:
            return ""
        try:
            return taken(source, text)
        except Untranslatable as error:
            raise RefusedRow(Rejection(row.number, self._column_of(part), error.why, part, shown(text))) from error

    def _require_no_resident_number(self, row: Row, column: str, text: str) -> None:
        if holds_resident_number(text):
            raise RefusedRow(Rejection(row.number, column, RejectionReason.RESIDENT_NUMBER))

    def _profile(self, row: Row, facts: Mapping[str, int]) -> Profile:
        texts = {name: self._text(row, name) for name in PROFILE_TEXTS}
        return Profile(facts=facts, verified=frozenset(), **texts)

    def _phone(self, row: Row) -> str | None:
        text = self._text(row, "phone")
        return self._phones.textable(text) if text else None

    def _status(self, phone: str | None) -> Status:
        """Who has no phone, in a file that has some, waits for review: nobody could reach them after a mutual yes."""
        held = self.entry is Status.ACTIVE and phone is None and self._mapping.member.phone is not None
        return Status.PENDING if held else self.entry

    def _email(self, row: Row) -> str | None:
        text = checked_text("email", self._text(row, "email"), at_most=254)
        if text and not _EMAIL.fullmatch(text):
            raise RefusedRow(
                Rejection(
                    row.number,
                    self._column_of("email"),
                    RejectionReason.IMPOSSIBLE,
                    "email",
                    shown(text),
                )
            )
        return text or None

    def _consents_of(self, row: Row) -> Mapping[Purpose, Consent]:
        each = {purpose: it for purpose, it in self._mapping.consents.items() if it.column}
        if not each:
            return self._everybody
        given = {purpose: _consent(purpose, it, self._zone) for purpose, it in each.items() if self._agrees(row, it)}
        return self._everybody | given

    def _agrees(self, row: Row, agreement: Agreement) -> bool:
        text = self._clean(row.cells[self._places[agreement.column]])
        if text not in agreement.yes and text not in agreement.no:
            raise RefusedRow(
                Rejection(row.number, agreement.column, RejectionReason.NOT_LISTED, "consents", shown(text))
            )
        return text in agreement.yes

    def _wishes_of(self, row: Row, facts: Mapping[str, int]) -> dict[str, Wish]:
        """The wishes that columns give, and wishes by rule for the other attributes."""
        wishes: dict[str, Wish] = {}
        for columns, reader in self._column_wishes:
            own = self._column_wish(row, columns, reader)
            if own is not None:
                wishes[own.attribute] = own
        for place, rule in enumerate(self._rules):
            if rule.attribute not in wishes and rule.fits(facts):
                wish = self._wish(place, facts.get(rule.attribute))
                if wish is not None:
                    wishes[rule.attribute] = wish
        return wishes

    def _column_wish(self, row: Row, wish: WishSource, reader: WishReader) -> Wish | None:
        try:
            return reader.wish(lambda source: self._source_text(row, source))
        except Untranslatable as error:
            column = ", ".join(dict.fromkeys(column for source in wish.sources for column in source.columns))
            seen = " / ".join(self._source_text(row, source) for source in wish.sources)
            detail = f"wishes.{error.detail or wish.attribute}"
            raise RefusedRow(Rejection(row.number, column, error.why, detail, shown(seen))) from error

    def _source_text(self, row: Row, source: Source) -> str:
        text = plain_text(self._clean(" ".join(row.cells[self._places[column]] for column in source.columns)))
        self._require_no_resident_number(row, ", ".join(source.columns), text)
        return "" if text in self._mapping.unknown or text in source.unknown else text

    def _wish(self, place: int, own: int | None) -> Wish | None:
        if (place, own) not in self._wishes:
            self._wishes[place, own] = self._rules[place].wish(own)
        return self._wishes[place, own]

    def _clean(self, text: str) -> str:
        if "&" in text and self._mapping.html:
            text = unescape(text)
        return stripped(text if text.isascii() else normalize("NFC", text))

    def _column_behind(self, error: DomainError) -> str:
        if isinstance(error, ConsentMissing):
            return self._mapping.consents[Purpose.SENSITIVE].column
        if isinstance(error, NotAdult):
            return self._column_of("birth_year")
        return self._column_of(getattr(error, "field", getattr(error, "attribute", "")))

    def _column_of(self, part: str) -> str:
        source = self._sources.get(part) or self._mapping.facts.get(part)
        return ", ".join(source.columns) if source else ""


def _subject(verdict: Rejection) -> str:
    """What a reason is about: its column, or what the detail names where there is none."""
    return verdict.column or verdict.detail


def _unknown_by_column(mapping: FileMapping) -> dict[str, set[str]]:
    """For every column that the mapping uses, the texts that mean "unknown" there."""
    unknown = {column: set(mapping.unknown) for column in mapping.columns}
    for source in mapping.sources:
        for column in source.columns:
            unknown[column] |= set(source.unknown)
    return unknown


def _of(group: Group, facts: Mapping[str, int]) -> dict[str, int]:
    return {code: value for code, value in facts.items() if VOCABULARY[code].group is group}


def _consent(purpose: Purpose, agreement: Agreement, zone: ZoneInfo) -> Consent:
    return Consent(purpose=purpose, version=agreement.version, given_at=start_of(agreement.given, zone))
