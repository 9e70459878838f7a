"""Storing members' answers, on record: those that come at once in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import Entry
from ygs.domain.errors import NotFound, YgsError
from ygs.domain.events import decided
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Answer, Introduction, IntroductionState
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer on its way: to which introduction, whose, and what is put on record of it."""

    to: IntroductionId
    by: UserId
    answer: Answer
    record: Entry


# How an answer leaves its introduction, or why it was refused.
Outcome: TypeAlias = Introduction | Exception


class AnswerWriter:
    """Stores answers, each with its entry in the log and with what both sides hear when it decides.

    The log has one end: whoever adds to it waits until who added before has committed. A club that is asked on one
    evening answers on one evening, one commit after another. Those who come meanwhile are therefore stored together;
    and where that fails each by itself, since what is in the way of one is no reason to refuse the others.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._together: GroupCommit[GivenAnswer, Introduction] = GroupCommit(self._outcomes)

    async def give(self, given: GivenAnswer) -> Introduction:
        """Store it. `NotFound` for an introduction that is not theirs, and what `Introduction.answered` refuses."""
        return await self._together.add(given)

    async def _outcomes(self, together: Sequence[GivenAnswer]) -> Sequence[Outcome]:
        try:
            async with self._storage.write() as tx:
                return await _stored(tx, self._clock, together)
        except Exception as error:  # noqa: BLE001 - whatever it is, all who wait for it are told
            if len(together) == 1:
                return [error]
        alone = await asyncio.gather(*(self._outcomes([given]) for given in together))
        return [outcome for outcomes in alone for outcome in outcomes]


async def _stored(tx: Writing, clock: Clock, together: Sequence[GivenAnswer]) -> Sequence[Outcome]:
    before = await _held(tx, together)
    # Only now, when nobody can close the week any more: whether an answer came in time is decided here.
    now = await tx.now(clock)
    after = await _without_blocked(tx, before, at=now)
    outcomes = list[Outcome]()
    records = list[Entry]()
    for given in together:
        outcome = _heard(after, given, now)
        outcomes.append(outcome)
        if isinstance(outcome, Introduction) and outcome != after[given.to]:
            after[given.to] = outcome
            records.append(given.record)
    if changed := [(before[one.id], one) for one in after.values() if one != before[one.id]]:
        await _save(tx, changed)
    if records:
        await tx.audit.add(*records)
    return outcomes


async def _held(tx: Writing, together: Sequence[GivenAnswer]) -> Mapping[IntroductionId, Introduction]:
    """The introductions that are there, locked in one order, so that no two wait for each other in a circle."""
    held = {}
    for each in sorted({given.to for given in together}):
        with suppress(NotFound):
            held[each] = await tx.introductions.get(each)
    return held


async def _without_blocked(
    tx: Writing, held: Mapping[IntroductionId, Introduction], at: datetime
) -> dict[IntroductionId, Introduction]:
    """The introductions, with those cancelled that wait while a block keeps the two apart.

    Setting a block cancels them already. Here it is a block by contact that came to apply since: the other took a new
    phone. Read after the introductions are locked, so that a block set meanwhile is either seen or finds the answer.
    """
    waiting = [each for each in held.values() if each.state is IntroductionState.WAITING]
    apart = await tx.blocks.between([person for each in waiting for person in (each.a, each.b)])
    cancelled = {each.id: each.cancel(at=at) for each in waiting if (each.a, each.b) in apart}
    return {**held, **cancelled}


def _heard(introductions: Mapping[IntroductionId, Introduction], given: GivenAnswer, now: datetime) -> Outcome:
    if given.to not in introductions:
        return NotFound("introduction")
    try:
        return introductions[given.to].answered(given.by, replace(given.answer, at=now))
    except YgsError as refused:
        return refused


async def _save(tx: Writing, changed: Sequence[tuple[Introduction, Introduction]]) -> None:
    if len(changed) == 1:  # as nearly always: one statement, where many need four
        await tx.introductions.save(changed[0][1])
    else:
        await tx.introductions.save_all([after for _, after in changed])
    for before, after in changed:
        if after.decided_at and after.state is not before.state:
            await tx.outbox.add(decided(after), after.decided_at)
