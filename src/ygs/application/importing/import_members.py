"""The import of members from a foreign file: every row is checked first, then all are stored at once, or none."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, require_current
from ygs.application.importing.mapping import FileMapping
from ygs.application.importing.rejections import RefusedRow, Rejection, RejectionReason, detail_in_words
from ygs.application.importing.row_reader import RowReader
from ygs.application.importing.suggestion import (
    NOT_CHOSEN,
    OpenColumns,
    column_synonyms,
    open_columns,
    suggested_mapping,
)
from ygs.domain.canaries import Canary, CanaryMarks
from ygs.domain.events import canary_imported
from ygs.domain.ids import ImportId, UserId
from ygs.domain.imports import SheetImport
from ygs.domain.jobs import OPERATOR
from ygs.domain.matching.attribute import Language
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories.users import DuplicateKey, UserReader
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.spreadsheets import ANYWHERE, Row, Sheets, SheetTable, TablePlace
from ygs.ports.storage import Storage, Writing

CHUNK = 1_000
MOST_SHOWN = 200
MOST_TEXTS = 5
_IDS_A_CALL = 10_000

Person = tuple[str, int, int]
# Returns columns that may be an item, by the item's code.
ProposeColumns = Callable[[Actor, OpenColumns], Awaitable[Mapping[str, str]]]


class Tally(BaseModel):
    """The number of rejected rows for one reason in one column, the first of them, and some texts that stand there."""

    model_config = ConfigDict(frozen=True)

    column: str
    why: RejectionReason
    detail: str
    rows: int
    first: int
    texts: Sequence[str] = ()


class ImportReport(BaseModel):
    """The result of an import: ``rows = accepted + refused + duplicates``; stored only when `committed`.

    `sheet`: the sheet that was read, empty for CSV. `header_row`: the row that names its columns. `hidden_rows` and
    `hidden_columns`: how many of those read the sheet hides. `tallies`: every reason, the commonest first; a row may
    have several. `verdicts`: the first reasons, by row, at most `MOST_SHOWN` (the sheet of verdicts has all).
    `unknown`: for each item that a complete profile needs, how many of the accepted lack it. `known_again`: how many of
    the stored left suspended once; they wait for review instead of taking part. `without_phone`: how many wait for
    review because the file, which has phones, has none for them.
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
    known_again: int = 0
    without_phone: int = 0


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The report of an import, and every reason for a rejection, by row."""

    report: ImportReport
    rejected: Sequence[Rejection]


# Records an import, in the transaction that stores the members with these ids.
RecordImport: TypeAlias = Callable[[Writing, ImportOutcome, Sequence[UserId]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _AcceptedRow:
    """An accepted row as text, and what of its user is compared and counted: a user takes ten times the memory."""

    row: Row
    phone: str | None
    person: Person
    missing: tuple[str, ...]
    is_held: bool


@dataclass(slots=True)
class _CheckedRows:
    """The accepted and the rejected rows of a file. `canaries`: those that stood in it."""

    rows: int = 0
    known_again: int = 0
    without_phone: int = 0
    accepted: list[_AcceptedRow] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    phones: dict[str, int] = field(default_factory=dict)
    people: dict[Person, int] = field(default_factory=dict)
    canaries: set[Canary] = field(default_factory=set)

    @property
    def kept_out(self) -> int:
        """How many rows are rejected; a row may have several reasons."""
        return len({verdict.row for verdict in self.rejected})

    def drop(self, canary: Canary | None) -> bool:
        """Leave a row out that is a canary's, as if the sheet did not have it; whether it is one."""
        if canary is None:
            return False
        self.canaries.add(canary)
        self.rows -= 1
        return True

    def add(self, accepted: _AcceptedRow, admitted: Collection[int]) -> None:
        duplicate = _duplicate(accepted, self.phones, self.people, admitted)
        if duplicate is not None:
            self.rejected.append(duplicate)
            return
        self.accepted.append(accepted)
        self.people.setdefault(accepted.person, accepted.row.number)
        if accepted.phone:
            self.phones[accepted.phone] = accepted.row.number


@dataclass(frozen=True, slots=True)
class _Judged:
    """A file whose rows were read, before they are compared with members."""

    mapping: FileMapping
    table: SheetTable
    checked: _CheckedRows
    reader: RowReader
    admit: Collection[int]
    progress: Progress


@dataclass(frozen=True, slots=True)
class MemberImport:
    """Use cases that import members from files of other systems."""

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
        """Check every row of `file` by `mapping`, and with `commit` store the accepted rows in one transaction.

        A row is rejected when it is refused, or likely duplicates a live user or an earlier row (the same phone; the
        same name, gender and birth year). `admit`: numbers of rows that staff know to be other people in spite of their
        names; rows with the same phone are duplicates all the same. `verdicts`: a sheet to write with every rejected
        row, and why. `progress` may be called from another thread. `BadFile` when the mapping does not fit the file.
        """
        record = self._record_at_the_machine(actor) if commit else None
        outcome = await self.judge(
            actor, file, mapping, admit=admit, language=language, progress=progress, record=record
        )
        if verdicts:
            await asyncio.to_thread(self._write_verdicts, verdicts, outcome.rejected, language)
        return outcome.report

    async def judge(
        self,
        actor: Actor,
        file: str,
        mapping: FileMapping,
        *,
        admit: Collection[int] = (),
        language: Language = Language.KO,
        progress: Progress = silent,
        record: RecordImport | None = None,
    ) -> ImportOutcome:
        """Check every row as `run` does. With `record`, store the accepted rows, and call it at the end of that
        transaction: what it raises undoes everything."""
        actor.require(Permission.IMPORT)
        async with self.storage.read() as view:
            marks = CanaryMarks.of(await view.canaries.all())
        check = partial(self._check, file, mapping, admit, language, progress, marks)
        table, checked, reader = await asyncio.to_thread(check)
        if record is not None:
            return await self._store(actor, _Judged(mapping, table, checked, reader, admit, progress), record)
        async with self.storage.read() as view:
            async for _ in _newcomers(view.users, checked, admit, progress):
                pass
        if checked.canaries:
            async with begin_change(self.storage, actor, Permission.IMPORT) as tx:
                await self._add_canaries(tx, actor, checked.canaries)
        return _outcome(mapping, table, checked, committed=False)

    async def _store(self, actor: Actor, judged: _Judged, record: RecordImport) -> ImportOutcome:
        checked = judged.checked
        added: list[UserId] = []
        async with self.storage.write() as tx:
            # Compared inside the transaction, so that two concurrent imports of one file store it once.
            async for rows in _newcomers(tx.users, checked, judged.admit, judged.progress):
                users = await asyncio.to_thread(self._users, judged.reader, rows)
                await tx.users.add_all(users)
                checked.known_again += await _hold_for_review(tx, users)
                added += [user.id for user in users]
            outcome = _outcome(judged.mapping, judged.table, checked, committed=True)
            await record(tx, outcome, added)
            await self._add_canaries(tx, actor, checked.canaries)
            # Last: storing takes long, and nobody shall wait so long who would take the actor's role away.
            await require_current(tx, actor, Permission.IMPORT)
            what = f"users={len(added)}"
            entry = audit_entry(actor, "members.imported", at=self.clock.now(), what=what, subjects=added)
            await tx.audit.add(entry)
        return outcome

    async def _add_canaries(self, tx: Writing, actor: Actor, found: Collection[Canary]) -> None:
        """Audit the canaries of a file, and tell administrators of those in sheets of other accounts."""
        at = self.clock.now()
        today = date_at(at, self.zone)
        of_others = {each.account for each in found if each.account != actor.id}
        events = [canary_imported(account, actor.id or OPERATOR, today, at) for account in sorted(of_others)]
        await tx.outbox.add(events)
        ids = sorted(each.id for each in found)
        await tx.audit.add(*(audit_entry(actor, "canary.imported", at=at, what=each) for each in ids))

    def _record_at_the_machine(self, actor: Actor) -> RecordImport:
        """Record an import whose sheet was not uploaded, so that it can be undone."""

        async def record(tx: Writing, outcome: ImportOutcome, added: Sequence[UserId]) -> None:
            at = self.clock.now()
            made = SheetImport(
                id=ImportId(self.ids.make("imp")), requested_by=actor.id or OPERATOR, created_at=at
            ).stored(len(added), at=at)
            await tx.imports.add(made)
            await tx.imports.add_members(made.id, added)

        return record

    async def suggest(
        self,
        actor: Actor,
        file: str,
        place: TablePlace = ANYWHERE,
        propose: ProposeColumns | None = None,
        chosen: Mapping[str, str] = NOT_CHOSEN,
    ) -> str:
        """Suggest a mapping for `file` in TOML, from its headers; see `suggested_mapping`.

        `propose`: who is asked about columns whose names are not known. `chosen`: what a person says that columns are.
        """
        actor.require(Permission.IMPORT)
        expected_place = replace(place, expected=frozenset(chosen) or column_synonyms())
        table = await asyncio.to_thread(self.sheets.read, file, expected_place)
        proposed = await propose(actor, open_columns(table)) if propose else {}
        return suggested_mapping(table, PurePath(file).stem, proposed, chosen)

    def _check(
        self,
        file: str,
        mapping: FileMapping,
        admit: Collection[int],
        language: Language,
        progress: Progress,
        marks: CanaryMarks,
    ) -> tuple[SheetTable, _CheckedRows, RowReader]:
        progress("reading", 0, 1)
        table = self.sheets.read(file, mapping.place)
        progress("reading", 1, 1)
        at = self.clock.now()
        reader = RowReader(mapping, table, self.phones, date_at(at, self.zone), self.zone, language)
        checked = _CheckedRows(rows=len(table.rows))
        for count, row in enumerate(table.rows, start=1):
            try:
                if not checked.drop(marks.among(row.cells)):
                    user = reader.user(row, UserId(""), at)
                    if not checked.drop(marks.with_phone(user.phone)):
                        checked.add(_accepted(row, user, reader.entry), admit)
            except RefusedRow as refused:
                checked.rejected += refused.verdicts
            if count % CHUNK == 0 or count == len(table.rows):
                progress("judging", count, len(table.rows))
        return table, checked, reader

    def _users(self, reader: RowReader, rows: Sequence[Row]) -> list[User]:
        at = self.clock.now()
        return [reader.user(row, UserId(self.ids.make("usr")), at) for row in rows]

    def _write_verdicts(self, file: str, rejected: Sequence[Rejection], language: Language) -> None:
        korean = ("행", "열", "사유", "설명", "값", "같은 사람")
        header = korean if language is Language.KO else ("row", "column", "reason", "detail", "text", "double of")
        self.sheets.write(file, header, _lines(rejected, language), title="verdicts")


def _accepted(row: Row, user: User, entry: Status) -> _AcceptedRow:
    return _AcceptedRow(row, user.phone, _person(user), user.missing, user.status is not entry)


async def _newcomers(
    known: UserReader, checked: _CheckedRows, admit: Collection[int], progress: Progress
) -> AsyncIterator[Sequence[Row]]:
    """The accepted rows, chunk by chunk; rejects those that duplicate a live user."""
    total = len(checked.accepted)
    for start in range(0, total, CHUNK):
        chunk = checked.accepted[start : start + CHUNK]
        duplicates = await _duplicates(known, chunk, admit)
        checked.rejected += duplicates
        rejected = {verdict.row for verdict in duplicates}
        new = [each for each in chunk if each.row.number not in rejected]
        checked.unknown.update(item for each in new for item in each.missing)
        checked.without_phone += sum(each.is_held for each in new)
        yield [each.row for each in new]
        progress("comparing with members", min(start + CHUNK, total), total)


async def _duplicates(users: UserReader, chunk: Sequence[_AcceptedRow], admitted: Collection[int]) -> list[Rejection]:
    """The rows of a chunk that likely duplicate a live user, as rejections."""
    phones = frozenset(each.phone for each in chunk if each.phone)
    ids = await users.find_duplicates(DuplicateKey(phones, frozenset(each.person for each in chunk)))
    known_phones: dict[str, str] = {}
    known_people: dict[Person, str] = {}
    for start in range(0, len(ids), _IDS_A_CALL):
        for user in await users.by_ids(ids[start : start + _IDS_A_CALL]):
            known_people.setdefault(_person(user), user.id)
            if user.phone:
                known_phones[user.phone] = user.id
    found = (_duplicate(each, known_phones, known_people, admitted) for each in chunk)
    return [verdict for verdict in found if verdict is not None]


def _duplicate(
    each: _AcceptedRow, phones: Mapping[str, object], people: Mapping[Person, object], admitted: Collection[int]
) -> Rejection | None:
    number = each.row.number
    if each.phone and each.phone in phones:
        return Rejection(number, "", RejectionReason.SAME_PHONE, twin=str(phones[each.phone]))
    if each.person in people and number not in admitted:
        return Rejection(number, "", RejectionReason.SAME_PERSON, twin=str(people[each.person]))
    return None


def _person(user: User) -> Person:
    return user.name, int(user.gender), user.birth_year


async def _hold_for_review(tx: Writing, users: Sequence[User]) -> int:
    """Let newcomers who left suspended once wait for review, where they are marked; how many."""
    known = await tx.suspensions.of([user.id for user in users])
    for user in await tx.users.by_ids(sorted(known)):
        if user.status is Status.ACTIVE:
            await tx.users.save(replace(user, status=Status.PENDING))
    return len(known)


def _lines(rejected: Sequence[Rejection], language: Language) -> Iterator[tuple[str | int, ...]]:
    for verdict in rejected:
        why = verdict.why.label(language)
        detail = detail_in_words(verdict.detail, language)
        yield verdict.row, verdict.column, why, detail, verdict.shown, verdict.twin


def _outcome(mapping: FileMapping, table: SheetTable, checked: _CheckedRows, *, committed: bool) -> ImportOutcome:
    checked.rejected.sort(key=lambda verdict: verdict.row)
    return ImportOutcome(_report(mapping, table, checked, committed=committed), checked.rejected)


def _report(mapping: FileMapping, table: SheetTable, checked: _CheckedRows, *, committed: bool) -> ImportReport:
    rejected = checked.rejected
    duplicates = sum(verdict.why in (RejectionReason.SAME_PHONE, RejectionReason.SAME_PERSON) for verdict in rejected)
    return ImportReport(
        title=mapping.title,
        sheet=table.sheet,
        header_row=table.header_row,
        hidden_rows=table.hidden_rows,
        hidden_columns=table.hidden_columns,
        rows=checked.rows,
        accepted=checked.rows - checked.kept_out,
        refused=checked.kept_out - duplicates,
        duplicates=duplicates,
        committed=committed,
        tallies=_tallies(rejected),
        verdicts=rejected[:MOST_SHOWN],
        unknown=dict(checked.unknown),
        known_again=checked.known_again,
        without_phone=checked.without_phone,
    )


def _tallies(rejected: Sequence[Rejection]) -> list[Tally]:
    first = {(verdict.column, verdict.why, verdict.detail): verdict.row for verdict in reversed(rejected)}
    rows = Counter((verdict.column, verdict.why, verdict.detail) for verdict in rejected)
    texts: dict[tuple[str, RejectionReason, str], Counter[str]] = {}
    for verdict in rejected:
        if verdict.shown:
            texts.setdefault((verdict.column, verdict.why, verdict.detail), Counter())[verdict.shown] += 1
    return [
        Tally(
            column=column,
            why=why,
            detail=detail,
            rows=count,
            first=first[column, why, detail],
            texts=[text for text, _ in texts.get((column, why, detail), Counter()).most_common(MOST_TEXTS)],
        )
        for (column, why, detail), count in rows.most_common()
    ]
