"""The audit log: its entries, chained to each other."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from ygs.adapters.sql.statements.bulk import insert_all, update_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.audit import audit, audit_head
from ygs.domain.audit import ChainedEntry, ChainHead, Entry
from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE

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
        query = select(audit).where(audit.c.subject == subject).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.number < before)
        return [to_chained_entry(row) for row in await self.tx.rows(query)]


class SqlAuditRepository(SqlAuditReader):
    """The audit log, to be appended to."""

    async def add(self, *entries: Entry) -> None:
        # Without a savepoint: no entry can be refused, so whatever fails here fails the transaction.
        head = await self._locked_head()
        rows = []
        for entry in entries:
            head, chained = head.append(entry, self.mac)
            rows.append(to_row(chained))
        await insert_all(self.tx, audit, rows)
        await self._save_head(head)

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
        await self._save_head(head.based_on(page[0], self.mac))
        return gone

    async def _save_head(self, head: ChainHead) -> None:
        await update_all(self.tx, audit_head, [{"id": 1} | asdict(head)])
