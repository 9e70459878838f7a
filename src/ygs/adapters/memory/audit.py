"""The audit log in memory."""

import hmac
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.audit import ChainedEntry, ChainHead, Entry, Subjects
from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AccessSum, AuditFilter

# Nothing is kept at rest, so a key for each process is enough.
_KEY = os.urandom(32)


class MemoryAuditReader:
    """The audit log, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    def mac(self, content: bytes) -> bytes:
        return hmac.digest(_KEY, content, "sha256")

    async def head(self) -> ChainHead:
        return (await self._tx.step()).audit_head.get("", ChainHead())

    async def page(self, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[ChainedEntry]:
        return [_without_ids(each) for each in (await self._tx.step()).audit.after(after, limit)]

    async def about(
        self, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        log = (await self._tx.step()).audit.values()
        found = [
            each
            for each in log
            if subject in (each.entry.subject, *each.entry.subjects.ids) and (before is None or each.number < before)
        ]
        return [_without_ids(each) for each in found[::-1][:limit]]

    async def search(
        self, wanted: AuditFilter, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        log = (await self._tx.step()).audit.values()
        below = (each for each in log if before is None or each.number < before)
        found = sorted((each for each in below if _fits(each.entry, wanted)), key=lambda each: -each.number)
        return [_without_ids(each) for each in found[:limit]]

    async def accessed_by(self, actor: str, since: datetime, until: datetime) -> Sequence[AccessSum]:
        log = (await self._tx.step()).audit.values()
        times: dict[tuple[UserId, str], list[datetime]] = defaultdict(list)
        for entry in (each.entry for each in log if each.entry.actor == actor and since <= each.entry.at < until):
            for person in {*entry.subjects.ids, entry.subject} - {actor, ""}:
                times[UserId(person), entry.action].append(entry.at)
        return [
            AccessSum(user_id=user_id, action=action, count=len(at), first_at=min(at), last_at=max(at))
            for (user_id, action), at in sorted(times.items())
        ]

    async def span(self, since: datetime, until: datetime) -> tuple[int, int] | None:
        log = (await self._tx.step()).audit.values()
        numbers = [each.number for each in log if since <= each.entry.at < until]
        return (min(numbers), max(numbers)) if numbers else None

    async def subjects(self, first: int, last: int) -> Mapping[int, Sequence[str]]:
        log = (await self._tx.step()).audit.after(first - 1, last - first + 1)
        return {each.number: each.entry.subjects.ids for each in log if each.number <= last}

    async def about_any(self, numbers: Sequence[int], people: Collection[str]) -> frozenset[int]:
        log = (await self._tx.step()).audit
        return frozenset(each for each in numbers if not set(people).isdisjoint(log[each].entry.subjects.ids))


def _fits(entry: Entry, wanted: AuditFilter) -> bool:
    return (
        wanted.actor in ("", entry.actor)
        and (wanted.about is None or wanted.about in (entry.subject, *entry.subjects.ids))
        and (not wanted.actions or entry.action.startswith(wanted.actions))
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )


def _without_ids(chained: ChainedEntry) -> ChainedEntry:
    """The entry as a database returns it."""
    subjects = chained.entry.subjects
    if not subjects.ids:
        return chained
    return replace(chained, entry=replace(chained.entry, subjects=Subjects(subjects.count, subjects.digest)))


class MemoryAuditRepository(MemoryAuditReader):
    """The audit log, to be appended to."""

    async def add(self, *entries: Entry) -> None:
        tables = await self._tx.step()
        head = tables.audit_head.get("", ChainHead())
        added = {}
        for entry in entries:
            head, chained = head.append(entry, self.mac)
            added[chained.number] = chained
        tables.audit.put(added)
        tables.audit_head.put({"": head})

    async def trim(self, before: datetime) -> int:
        tables = await self._tx.step()
        kept = [each for each in tables.audit.values() if each.entry.at >= before]
        first = min((each.number for each in kept), default=tables.audit_head.get("", ChainHead()).number + 1)
        gone = [each for each in tables.audit.values() if each.number < first]
        if gone:
            last = max(gone, key=lambda each: each.number)
            tables.audit_head.put({"": tables.audit_head[""].based_on(last, self.mac)})
        tables.audit.drop([each.number for each in gone])
        return len(gone)
