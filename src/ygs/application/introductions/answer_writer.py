"""Storing members' answers and their audit entries: concurrent answers share one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from ygs.application.actors import Actor, Permission
from ygs.application.changes import refusals
from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import Entry
from ygs.domain.errors import NotFound, YgsError
from ygs.domain.events import ended
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Answer, Introduction, IntroductionState
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to store, the member who gives it, and its entry for the audit log."""

    introduction_id: IntroductionId
    actor: Actor
    answer: Answer
    audit_entry: Entry


# An introduction after an answer was applied to it, or why the answer was refused.
Outcome: TypeAlias = Introduction | Exception


class AnswerWriter:
    """Stores answers, their audit entries, and the events of introductions that they decide.

    Each append to the audit log holds the lock on the end of its chain until commit, so answers cannot be stored in
    parallel: on the evening of publication they would queue up, one commit each. So concurrent answers are stored as
    one batch in one transaction. If that fails, each is stored in a transaction of its own, so that an answer is only
    refused for its own fault.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._group_commit: GroupCommit[GivenAnswer, Introduction] = GroupCommit(self._store_batch)

    async def give(self, given: GivenAnswer) -> Introduction:
        """Store an answer, and return the introduction after it.

        `NotFound` for an introduction that is not the member's, and the errors of `Introduction.answered`. `Suspended`
        for a member who was suspended since they signed in.
        """
        return await self._group_commit.add(given)

    async def _store_batch(self, batch: Sequence[GivenAnswer]) -> Sequence[Outcome]:
        try:
            async with self._storage.write() as tx:
                return await _store(tx, self._clock, batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller of each answer gets an outcome
            if len(batch) == 1:
                return [error]
        alone = await asyncio.gather(*(self._store_batch([given]) for given in batch))
        return [outcome for outcomes in alone for outcome in outcomes]


async def _store(tx: Writing, clock: Clock, batch: Sequence[GivenAnswer]) -> Sequence[Outcome]:
    # Members first, then introductions, as whoever suspends a member locks them.
    refused = await refusals(tx, [each.actor for each in batch], Permission.ANSWER_INTRODUCTIONS)
    before = await _lock_introductions(tx, batch)
    # Read the time after locking, when nobody can close the week any more: it decides whether an answer is in time.
    now = await tx.now(clock)
    after = await _cancel_blocked(tx, before, at=now)
    outcomes, audit_entries = _apply(batch, refused, after, now)
    if changed := [(before[one.id], one) for one in after.values() if one != before[one.id]]:
        await _save(tx, changed)
    if audit_entries:
        await tx.audit.add(*audit_entries)
    return outcomes


async def _lock_introductions(tx: Writing, batch: Sequence[GivenAnswer]) -> Mapping[IntroductionId, Introduction]:
    """Lock the answered introductions that exist, in ascending order of ids, so that two batches cannot deadlock."""
    locked = {}
    for each in sorted({given.introduction_id for given in batch}):
        with suppress(NotFound):
            locked[each] = await tx.introductions.get(each)
    return locked


async def _cancel_blocked(
    tx: Writing, locked: Mapping[IntroductionId, Introduction], at: datetime
) -> dict[IntroductionId, Introduction]:
    """Return the introductions, with those cancelled that wait although one person blocks the other.

    Setting a block cancels them at once. Found here are blocks by contact that have applied only since the blocked
    person took that phone or e-mail address. The blocks are read after the introductions are locked: a concurrent block
    is then either seen here, or its own transaction sees the answer.
    """
    waiting = [each for each in locked.values() if each.state is IntroductionState.WAITING]
    blocked = await tx.blocks.between([person for each in waiting for person in (each.a, each.b)])
    cancelled = {each.id: each.cancel(at=at) for each in waiting if (each.a, each.b) in blocked}
    return {**locked, **cancelled}


def _apply(
    batch: Sequence[GivenAnswer],
    refused: Mapping[UserId, YgsError],
    introductions: dict[IntroductionId, Introduction],
    now: datetime,
) -> tuple[list[Outcome], list[Entry]]:
    """Apply the answers to `introductions`, in place and in order.

    Return the outcome of each answer, and the audit entries of those that changed something.
    """
    outcomes: list[Outcome] = []
    audit_entries = []
    for given in batch:
        me = given.actor.require_id()
        outcome = refused[me] if me in refused else _answered(introductions, given, now)
        outcomes.append(outcome)
        if isinstance(outcome, Introduction) and outcome != introductions[given.introduction_id]:
            introductions[given.introduction_id] = outcome
            audit_entries.append(given.audit_entry)
    return outcomes, audit_entries


def _answered(introductions: Mapping[IntroductionId, Introduction], given: GivenAnswer, now: datetime) -> Outcome:
    if given.introduction_id not in introductions:
        return NotFound("introduction")
    try:
        return introductions[given.introduction_id].answered(given.actor.require_id(), replace(given.answer, at=now))
    except YgsError as refused:
        return refused


async def _save(tx: Writing, changed: Sequence[tuple[Introduction, Introduction]]) -> None:
    """Save introductions, each given as before and after, and publish the events of those that are decided now."""
    if len(changed) == 1:  # as nearly always: one statement, where many need four
        await tx.introductions.save(changed[0][1])
    else:
        await tx.introductions.save_all([after for _, after in changed])
    for before, after in changed:
        if after.decided_at and after.state is not before.state:
            await tx.outbox.add(ended(after, after.decided_at))
