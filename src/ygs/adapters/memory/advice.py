"""Advice in memory."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.advice import AdviceUsage, Draft, PairAdvice
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import UserId, WeekId


class MemoryAdviceReader:
    """Advice, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def answers(self, hashes: Collection[str]) -> Sequence[PairAdvice]:
        stored = (await self._tx.step()).pair_advice
        return [stored[each] for each in sorted(set(hashes)) if each in stored]

    async def among(self, people: Collection[UserId]) -> Sequence[PairAdvice]:
        stored = (await self._tx.step()).pair_advice.values()
        ids = frozenset(people)
        found = sorted((each for each in stored if each.a in ids and each.b in ids), key=lambda each: each.content_hash)
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    async def usage(self, week: WeekId) -> AdviceUsage:
        return (await self._tx.step()).advice_usage.get(week) or AdviceUsage()

    async def find_draft(self, content_hash: str) -> Draft | None:
        return (await self._tx.step()).drafts.get(content_hash)

    async def drafting(self, day: date) -> AdviceUsage:
        return (await self._tx.step()).draft_usage.get(day) or AdviceUsage()


class MemoryAdviceRepository(MemoryAdviceReader):
    """Advice, to be stored."""

    async def add(self, week: WeekId, answers: Collection[PairAdvice], usage: AdviceUsage) -> None:
        tables = await self._tx.step()
        people = {person for each in answers for person in (each.a, each.b)}
        if week not in tables.weeks or any(not (each in tables.users or each in tables.gone) for each in people):
            raise Conflict(N_("advice is about two members, for a week"))
        new = {each.content_hash: each for each in answers if each.content_hash not in tables.pair_advice}
        tables.pair_advice.put(new)
        tables.advice_usage.put({week: (tables.advice_usage.get(week) or AdviceUsage()) + usage})

    async def add_draft(self, draft: Draft) -> None:
        tables = await self._tx.step()
        people = [each for each in (draft.about, draft.other) if each]
        if any(not (each in tables.users or each in tables.gone) for each in people):
            raise Conflict(N_("a draft is about members"))
        if draft.content_hash not in tables.drafts:
            tables.drafts.put({draft.content_hash: draft})

    async def count_drafting(self, day: date, usage: AdviceUsage) -> AdviceUsage:
        tables = await self._tx.step()
        total = (tables.draft_usage.get(day) or AdviceUsage()) + usage
        tables.draft_usage.put({day: total})
        return total

    async def forget(self, person: UserId) -> None:
        forget_answers(await self._tx.step(), person)

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [key for key, each in tables.pair_advice.items() if each.created_at < before]
        tables.pair_advice.drop(old)
        stale = [key for key, each in tables.drafts.items() if each.created_at < before]
        tables.drafts.drop(stale)
        return len(old) + len(stale)


def forget_answers(tables: SnapshotTables, person: UserId) -> None:
    """Delete all answers and drafts about a member."""
    tables.pair_advice.drop([key for key, each in tables.pair_advice.items() if person in (each.a, each.b)])
    tables.drafts.drop([key for key, each in tables.drafts.items() if person in (each.about, each.other)])
