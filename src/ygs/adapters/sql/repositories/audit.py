"""The audit log: its entries, chained to each other."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, union_all

from ygs.adapters.sql.statements.bulk import insert_all, insert_and_update, update_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.audit import audit, audit_head, audit_subjects
from ygs.domain.audit import ChainedEntry, ChainHead, Entry, Subjects
from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AccessSum, AuditFilter

# Follows everything that an action can go on with.
_LAST = "\x7f"
_HEAD = select(audit_head).where(audit_head.c.id == 1)


def to_row(chained: ChainedEntry) -> dict[str, Any]:
    """A chained entry as a row of `audit`."""
    entry = chained.entry
    return {
        "number": chained.number,
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "subject": entry.subject,
        "what": entry.what,
        "reason": entry.reason,
        "address": entry.address,
        "subject_count": entry.subjects.count,
        "subjects_digest": entry.subjects.digest,
        "digest": chained.digest,
    }


def to_chained_entry(row: Found) -> ChainedEntry:
    """The chained entry of a row of `audit`."""
    entry = Entry(
        at=row.at,
        actor=row.actor,
        role=row.role,
        action=row.action,
        subject=row.subject,
        what=row.what,
        reason=row.reason,
        address=row.address,
        subjects=Subjects(row.subject_count, row.subjects_digest),
    )
    return ChainedEntry(row.number, entry, row.digest)


class SqlAuditReader:
    """The audit log, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    def mac(self, content: bytes) -> bytes:
        return self.tx.keyring.audit_mac(content)

    async def head(self) -> ChainHead:
        row = await self.tx.row(self.tx.for_update(_HEAD))
        return ChainHead(row.number, row.digest, row.base_number, row.base_digest, row.tag) if row else ChainHead()

    async def page(self, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[ChainedEntry]:
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        return [to_chained_entry(row) for row in await self.tx.rows(query)]

    async def about(
        self, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        number = audit.c.number
        entry = audit_subjects.c.entry
        alone = select(number.label("number")).where(audit.c.subject == subject).order_by(number.desc())
        among = select(entry.label("number")).where(audit_subjects.c.user_id == subject).order_by(entry.desc())
        if before is not None:
            alone = alone.where(number < before)
            among = among.where(entry < before)
        numbers = union_all(_selected(alone.limit(limit)), _selected(among.limit(limit)))
        query = select(audit).where(number.in_(numbers)).order_by(number.desc()).limit(limit)
        return [to_chained_entry(row) for row in await self.tx.rows(query)]

    async def search(
        self, wanted: AuditFilter, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        query = select(audit).where(*_conditions(wanted))
        if before is not None:
            query = query.where(audit.c.number < before)
        return [to_chained_entry(row) for row in await self.tx.rows(query.order_by(audit.c.number.desc()).limit(limit))]

    async def accessed_by(self, actor: str, since: datetime, until: datetime) -> Sequence[AccessSum]:
        theirs = and_(audit.c.actor == actor, audit.c.at >= since, audit.c.at < until)
        alone = select(audit.c.subject.label("user_id"), audit.c.action, audit.c.at).where(
            theirs, audit.c.subject != ""
        )
        entries = audit.join(audit_subjects, audit_subjects.c.entry == audit.c.number)
        among = select(audit_subjects.c.user_id, audit.c.action, audit.c.at).select_from(entries).where(theirs)
        seen = union_all(alone, among).subquery().c
        query = select(seen.user_id, seen.action, func.count(), func.min(seen.at), func.max(seen.at))
        query = query.where(seen.user_id != actor).group_by(seen.user_id, seen.action)
        return [
            AccessSum(user_id=UserId(user_id), action=action, count=count, first_at=first, last_at=last)
            for user_id, action, count, first, last in await self.tx.rows(query.order_by(seen.user_id, seen.action))
        ]

    async def span(self, since: datetime, until: datetime) -> tuple[int, int] | None:
        within = select(func.min(audit.c.number), func.max(audit.c.number)).where(
            audit.c.at >= since, audit.c.at < until
        )
        ((first, last),) = await self.tx.rows(within)
        return None if first is None else (first, last)

    async def subjects(self, first: int, last: int) -> Mapping[int, Sequence[str]]:
        columns = audit_subjects.c
        query = select(audit_subjects).where(columns.entry.between(first, last))
        found: dict[int, list[str]] = defaultdict(list)
        for row in await self.tx.rows(query.order_by(columns.entry, columns.user_id)):
            found[row.entry].append(row.user_id)
        return found

    async def about_any(self, numbers: Sequence[int], people: Collection[str]) -> frozenset[int]:
        if not people:
            return frozenset()
        columns = audit_subjects.c
        query = select(columns.entry).where(columns.entry.in_(numbers), columns.user_id.in_(people)).distinct()
        return frozenset(row.entry for row in await self.tx.rows(query))


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    columns = audit.c
    if wanted.actor:
        yield columns.actor == wanted.actor
    if wanted.about:
        among = select(audit_subjects.c.entry).where(audit_subjects.c.user_id == wanted.about)
        alone = select(columns.number).where(columns.subject == wanted.about)
        yield columns.number.in_(union_all(alone, among))
    if wanted.actions:
        begins = ((columns.action >= each) & (columns.action < f"{each}{_LAST}") for each in wanted.actions)
        yield or_(*begins)
    if wanted.since:
        yield columns.at >= wanted.since
    if wanted.until:
        yield columns.at < wanted.until


def _selected(query: Select[tuple[int]]) -> Select[tuple[int]]:
    """The query as a subquery, since SQLite knows no order within a union."""
    return select(query.subquery().c.number)


class SqlAuditRepository(SqlAuditReader):
    """The audit log, to be appended to."""

    async def add(self, *entries: Entry) -> None:
        # Without a savepoint: no entry can be refused, so whatever fails here fails the transaction.
        head = await self._locked_head()
        rows: list[dict[str, Any]] = []
        subjects: list[dict[str, Any]] = []
        for entry in entries:
            head, chained = head.append(entry, self.mac)
            rows.append(to_row(chained))
            subjects += [{"entry": chained.number, "user_id": each} for each in entry.subjects.ids]
        inserts = {audit: rows, audit_subjects: subjects}
        await insert_and_update(self.tx, inserts, audit_head, {"id": 1} | asdict(head))

    async def _locked_head(self) -> ChainHead:
        head = await self.head()
        if head.number:
            return head
        # Before the first entry there is no row that could be locked.
        await insert_all(self.tx, audit_head, [{"id": 1} | asdict(ChainHead())], skip_known=True)
        return await self.head()

    async def trim(self, before: datetime) -> int:
        head = await self.head()
        kept = await self.tx.scalar(select(func.min(audit.c.number)).where(audit.c.at >= before))
        last = (kept or head.number + 1) - 1
        page = await self.page(after=last - 1, limit=1)
        if last <= head.base_number or not page:
            return 0
        gone = await self.tx.run(delete(audit).where(audit.c.number <= last))
        await self.tx.run(delete(audit_subjects).where(audit_subjects.c.entry <= last))
        await self._save_head(head.based_on(page[0], self.mac))
        return gone

    async def _save_head(self, head: ChainHead) -> None:
        await update_all(self.tx, audit_head, [{"id": 1} | asdict(head)])
