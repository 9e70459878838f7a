"""The invariants, counted again from the introductions themselves."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import product

from ygs.adapters.memory.blocks import names_of
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.match_weeks import WeekState
from ygs.ports.repositories.invariants import Violation


class MemoryInvariantReader:
    """The checks of invariants; in memory only a defect of ygs can break one."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def violations(self) -> AsyncIterator[Violation]:
        tables = await self._tx.step()
        for check in (_pairs, _returned, _seats, _strangers, _unpublished, _versions):
            for violation in check(tables):
                yield violation


def _pairs(tables: SnapshotTables) -> Iterator[Violation]:
    pairs = Counter(frozenset((each.a, each.b)) for each in tables.introductions.values())
    for pair, count in pairs.items():
        if count > 1:
            yield Violation("pairs_are_introduced_once", tuple(sorted(pair)), f"introduced {count} times")


def _returned(tables: SnapshotTables) -> Iterator[Violation]:
    """Introductions of two who had been introduced before one of them left and came back."""
    for each in tables.introductions.values():
        both = [tables.users[user] for user in (each.a, each.b) if user in tables.users]
        if tables.met_contacts and len(both) == 2:
            known = product(*(names_of(tables, user) for user in both))
            parted = [tables.met_contacts[pair] for pair in map(frozenset, known) if pair in tables.met_contacts]
            if any(each.created_at > at and any(user.created_at > at for user in both) for at in parted):
                explanation = "introduced again after one of them came back"
                yield Violation("pairs_are_introduced_once", (each.a, each.b), explanation)


def _seats(tables: SnapshotTables) -> Iterator[Violation]:
    sides = ((each.week_id, user) for each in tables.introductions.values() for user in (each.a, each.b))
    for (week, user), count in Counter(sides).items():
        if count != (seats := tables.seats.get((week, user), 0)):
            yield Violation(
                "people_have_a_slot_per_introduction", (week, user), f"{count} introductions, {seats} slots"
            )


def _strangers(tables: SnapshotTables) -> Iterator[Violation]:
    for each in tables.introductions.values():
        known = (tables.users, tables.gone, tables.erased)
        unknown = [user for user in (each.a, each.b) if not any(user in those for those in known)]
        if unknown or each.week_id not in tables.weeks:
            yield Violation(
                "introductions_join_known_people_in_a_known_week", (each.id,), "a user or the week is unknown"
            )


def _unpublished(tables: SnapshotTables) -> Iterator[Violation]:
    for week in tables.weeks.values():
        if week.state in (WeekState.PUBLISHED, WeekState.CLOSED) and week.published_at is None:
            yield Violation("published_weeks_say_when", (week.id,), "published, and nobody knows when")


def _versions(tables: SnapshotTables) -> Iterator[Violation]:
    for rows in (tables.users, tables.gone, tables.weeks, tables.introductions):
        for row in rows.values():
            if row.version < 1:
                yield Violation("versions_begin_at_one", (row.id,), f"version {row.version}")
