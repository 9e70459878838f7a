"""Blindness, by counterfactuals: what one side reads is the same whether the other said yes, no or nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from tests.deterministic.faults import as_of
from tests.deterministic.world import World
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.files.photos import Photos
from ygs.application.introductions.answer_writer import AnswerWriter
from ygs.application.introductions.member_introductions import MemberIntroductions
from ygs.application.introductions.partner_view import Partners
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.meetings import ContactRule
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.blob_store import BlobStore

SPY_PACE = 25.0


async def spy(world: World) -> None:
    """Compare now and then what somebody reads, for each answer that the other may have given."""
    random = world.random("spy")
    while not world.over:
        await asyncio.sleep(random.expovariate(1 / SPY_PACE))
        waiting = [each for each in world.tables.introductions.values() if each.state is IntroductionState.WAITING]
        if waiting and not world.over:
            made = random.choice(waiting)
            me = random.choice([made.a, made.b])
            clock = FrozenClock(world.clock.now())
            if len({await _read(each, world, clock, me, made) for each in _counterfactuals(world, me, made)}) > 1:
                world.violation(f"{me} can read from {made.id} what the other answered")


def _counterfactuals(world: World, me: UserId, made: Introduction) -> Sequence[MemoryStorage]:
    """The present state, but for the other's answer."""
    storages = []
    at = world.clock.now()
    yes = Answer(choice=Choice.ACCEPT, at=at)
    no = Answer(choice=Choice.DECLINE, reason=DeclineReason.OTHER, at=at)
    for theirs in (None, yes, no):
        tables = world.tables.fork()
        changed = replace(made, answer_of_b=theirs) if me == made.a else replace(made, answer_of_a=theirs)
        tables.introductions.put({made.id: changed})
        storages.append(as_of(tables.sealed()))
    return storages


async def _read(storage: MemoryStorage, world: World, clock: FrozenClock, me: UserId, made: Introduction) -> str:
    actor = Actor.signed_in(me, Role.MEMBER)
    photos = Photos(storage, cast(BlobStore, MemoryBlobs()), clock, an_audit_writer(storage))
    introductions = MemberIntroductions(storage, clock, world.ids, AnswerWriter(storage, clock), photos, SEOUL)
    views = [await introductions.get(actor, made.id), *await introductions.list(actor)]
    current = await introductions.current(actor)
    partner = await Partners(storage, photos, clock, ContactRule()).get(actor, made.other(me))
    return "\n".join(each.model_dump_json() for each in (*views, current, partner))
