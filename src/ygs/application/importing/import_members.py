"""Bringing people in from a foreign file: looked at first, then stored all at once or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.importing.mapping import FileMapping
from ygs.application.importing.rejections import RefusedRow, Rejection, RejectionReason
from ygs.application.importing.row_reader import RowReader
from ygs.application.importing.suggestion import column_synonyms, suggested_mapping
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.service_dates import date_at
from ygs.domain.users import User
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories.users import DuplicateKey, UserReader
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.spreadsheets import ANYWHERE, Row, Sheets, SheetTable, TablePlace
from ygs.ports.storage import Storage

CHUNK = 1_000
MOST_SHOWN = 200
_IDS_A_CALL = 10_000

Person = tuple[str, int, int]


class Tally(BaseModel):
    """How many rows do not come in for one reason in one column, and the first of them."""

    model_config = ConfigDict(frozen=True)

    column: str
    why: RejectionReason
    detail: str
    rows: int
    first: int


class ImportReport(BaseModel):
    """What became of a file: ``rows = accepted + refused + duplicates``; stored only when `committed`.

    `sheet`: the sheet that was read, empty for CSV. `header_row`: the row that names its columns. `hidden_rows` and
    `hidden_columns`: how many of those read the sheet hides. `tallies`: every reason, the commonest first.
    `verdicts`: the first rows that do not come in, at most `MOST_SHOWN` (all are in the file of verdicts). `unknown`:
    of the accepted, how many have not told what a profile needs to be complete.
    """

    model_config = ConfigDict(from_attributes=True, frozen=True)

    title: str
    sheet: str
    header_row: int
    hidden_rows: int
    hidden_columns: int
    rows: int
    accepted: int
    refused: int
    duplicates: int
    committed: bool
    tallies: Sequence[Tally]
    verdicts: Sequence[Rejection]
    unknown: Mapping[str, int]


@dataclass(slots=True)
class _Judged:
    """A file's rows, told apart. Accepted rows are kept as text: users would take ten times the memory."""

    rows: int = 0
    accepted: list[Row] = field(default_factory=list)
    out: list[Rejection] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    phones: dict[str, int] = field(default_factory=dict)
    people: dict[Person, int] = field(default_factory=dict)

    def add(self, row: Row, user: User, admitted: Collection[int]) -> None:
        twin = _twin(row, user, self.phones, self.people, admitted)
        if twin is not None:
            self.out.append(twin)
            return
        self.accepted.append(row)
        self.people.setdefault(_person(user), row.number)
        if user.phone:
            self.phones[user.phone] = row.number


@dataclass(frozen=True, slots=True)
class MemberImport:
    """Imports of members from files of other systems."""

    storage: Storage
    sheets: Sheets
    phones: Phones
    clock: Clock
    ids: Ids
    zone: ZoneInfo

    async def run(
        self,
        actor: Actor,
        file: str,
        mapping: FileMapping,
        *,
        commit: bool = False,
        admit: Collection[int] = (),
        verdicts: str = "",
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ImportReport:
        """Judge every row of `file` by `mapping`, and, when told to `commit`, store the accepted in one transaction.

        A row that is refused, or is likely the double of a live user or of an earlier row (the same phone; the same
        name, gender and birth year), never comes in. `admit`: numbers of rows that staff know to be other people in
        spite of their names; the same phone stays a double. `verdicts`: a sheet to write with every row that does not
        come in, and why. `progress` may be called from another thread. `BadFile` when file and mapping do not go
        together.
        """
        actor.require(Permission.IMPORT)
        table, judged, intake = await asyncio.to_thread(self._judge, file, mapping, admit, progress)
        if commit:
            async with self.storage.write() as tx:
                # Compared inside the transaction, so that the same file brought twice at once comes in once.
                async for users in self._newcomers(tx.users, judged, intake, admit, progress):
                    await tx.users.add_all(users)
                what = f"users={judged.rows - len(judged.out)}"
                await tx.audit.add(audit_entry(actor, "members.imported", at=self.clock.now(), what=what))
        else:
            async with self.storage.read() as view:
                async for _ in self._newcomers(view.users, judged, intake, admit, progress):
                    pass
        judged.out.sort(key=lambda verdict: verdict.row)
        if verdicts:
            await asyncio.to_thread(self._write_verdicts, verdicts, judged.out, language)
        return _report(mapping, table, judged, committed=commit)

    async def suggest(self, actor: Actor, file: str, place: TablePlace = ANYWHERE) -> str:
        """A first mapping for `file` in TOML, made from its headers; see `suggested_mapping`."""
        actor.require(Permission.IMPORT)
        where = replace(place, expected=column_synonyms())
        table = await asyncio.to_thread(self.sheets.read, file, where)
        return suggested_mapping(table, PurePath(file).stem)

    def _judge(
        self, file: str, mapping: FileMapping, admit: Collection[int], progress: Progress
    ) -> tuple[SheetTable, _Judged, RowReader]:
        progress("reading", 0, 1)
        table = self.sheets.read(file, mapping.place)
        progress("reading", 1, 1)
        at = self.clock.now()
        intake = RowReader(mapping, table, self.phones, date_at(at, self.zone), self.zone)
        judged = _Judged(rows=len(table.rows))
        for done, row in enumerate(table.rows, start=1):
            try:
                judged.add(row, intake.user(row, UserId(""), at), admit)
            except RefusedRow as refused:
                judged.out.append(refused.verdict)
            if done % CHUNK == 0 or done == len(table.rows):
                progress("judging", done, len(table.rows))
        return table, judged, intake

    async def _newcomers(
        self, known: UserReader, judged: _Judged, intake: RowReader, admit: Collection[int], progress: Progress
    ) -> AsyncIterator[Sequence[User]]:
        """The accepted rows as users, chunk by chunk, without those who double a live user; these are noted."""
        at = self.clock.now()
        total = len(judged.accepted)
        for start in range(0, total, CHUNK):
            rows = judged.accepted[start : start + CHUNK]
            users = await asyncio.to_thread(self._made, intake, rows, at)
            twins = await _twins(known, list(zip(rows, users, strict=True)), admit)
            judged.out += twins
            doubled = {verdict.row for verdict in twins}
            new = [user for row, user in zip(rows, users, strict=True) if row.number not in doubled]
            judged.unknown.update(what for user in new for what in user.missing)
            yield new
            progress("comparing with members", min(start + CHUNK, total), total)

    def _made(self, intake: RowReader, rows: Sequence[Row], at: datetime) -> list[User]:
        return [intake.user(row, UserId(self.ids.make("usr")), at) for row in rows]

    def _write_verdicts(self, file: str, out: Sequence[Rejection], language: Language) -> None:
        korean = ("행", "열", "사유", "설명", "값", "같은 사람")
        header = korean if language is Language.KO else ("row", "column", "reason", "detail", "text", "double of")
        self.sheets.write(file, header, _lines(out, language), title="verdicts")


async def _twins(users: UserReader, chunk: Sequence[tuple[Row, User]], admitted: Collection[int]) -> list[Rejection]:
    """Which of these rows likely double a live user."""
    phones = frozenset(user.phone for _, user in chunk if user.phone)
    ids = await users.find_duplicates(DuplicateKey(phones, frozenset(_person(user) for _, user in chunk)))
    known_phones: dict[str, str] = {}
    known_people: dict[Person, str] = {}
    for start in range(0, len(ids), _IDS_A_CALL):
        for user in await users.by_ids(ids[start : start + _IDS_A_CALL]):
            known_people.setdefault(_person(user), user.id)
            if user.phone:
                known_phones[user.phone] = user.id
    found = (_twin(row, user, known_phones, known_people, admitted) for row, user in chunk)
    return [verdict for verdict in found if verdict is not None]


def _twin(
    row: Row, user: User, phones: Mapping[str, object], people: Mapping[Person, object], admitted: Collection[int]
) -> Rejection | None:
    if user.phone and user.phone in phones:
        return Rejection(row.number, "", RejectionReason.SAME_PHONE, twin=str(phones[user.phone]))
    if _person(user) in people and row.number not in admitted:
        return Rejection(row.number, "", RejectionReason.SAME_PERSON, twin=str(people[_person(user)]))
    return None


def _person(user: User) -> Person:
    return user.name, int(user.gender), user.birth_year


def _lines(out: Sequence[Rejection], language: Language) -> Iterator[tuple[str | int, ...]]:
    for verdict in out:
        why = verdict.why.label(language)
        yield verdict.row, verdict.column, why, verdict.detail, verdict.shown, verdict.twin


def _report(mapping: FileMapping, table: SheetTable, judged: _Judged, *, committed: bool) -> ImportReport:
    out = judged.out
    duplicates = sum(verdict.why in (RejectionReason.SAME_PHONE, RejectionReason.SAME_PERSON) for verdict in out)
    return ImportReport(
        title=mapping.title,
        sheet=table.sheet,
        header_row=table.header_row,
        hidden_rows=table.hidden_rows,
        hidden_columns=table.hidden_columns,
        rows=judged.rows,
        accepted=judged.rows - len(out),
        refused=len(out) - duplicates,
        duplicates=duplicates,
        committed=committed,
        tallies=_tallies(out),
        verdicts=out[:MOST_SHOWN],
        unknown=dict(judged.unknown),
    )


def _tallies(out: Sequence[Rejection]) -> list[Tally]:
    first = {(verdict.column, verdict.why, verdict.detail): verdict.row for verdict in reversed(out)}
    rows = Counter((verdict.column, verdict.why, verdict.detail) for verdict in out)
    return [
        Tally(column=column, why=why, detail=detail, rows=count, first=first[column, why, detail])
        for (column, why, detail), count in rows.most_common()
    ]
