"""Drafts are asked for and stored by the rights that whoever asks has in that moment."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from ygs.application.actors import ALLOWED, Actor
from ygs.application.drafts.drafter import DRAFT_PERMISSIONS, Drafter, DraftRequest
from ygs.bootstrap import Application, build
from ygs.domain.advice import DraftKind
from ygs.domain.errors import Forbidden
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor, ModelReply, Prompt
from ygs.settings import Settings

STAFF = a_user(900, role=Role.ADMIN, status=Status.DRAFT)
ACTOR = Actor.signed_in(STAFF.id, Role.ADMIN)


class Reply(BaseModel):
    """What the model is to say."""

    said: str


class Model:
    """A language model that says the same of everything. `then` is done before it answers."""

    model = "a-model"

    def __init__(self) -> None:
        self.calls = 0
        self.then: Callable[[], Awaitable[None]] | None = None

    async def ask(self, prompt: Prompt) -> ModelReply:
        """Say it."""
        self.calls += 1
        if self.then:
            await self.then()
        return ModelReply(text=json.dumps({"said": "산"}), input_tokens=1, output_tokens=1)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    parts: dict[Any, object] = {Clock: FrozenClock(), MatchAdvisor: Model()}
    async with build(Settings(database_url=SecretStr("memory:"), advisor_drafts=frozenset(DraftKind)), parts) as made:
        async with made.storage.write() as tx:
            await tx.users.add(STAFF)
        yield made


async def demoted(app: Application) -> None:
    async with app.storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(STAFF.id), role=Role.MEMBER))


async def ask(app: Application, kind: DraftKind) -> Reply:
    prompt = Prompt(instructions="", data="{}", reply_schema={}, most_output=10)
    drafter: Drafter = app.drafter
    return await drafter.draft(ACTOR, DraftRequest(kind=kind, version="1", prompt=prompt), Reply, lambda reply: reply)


async def stored(app: Application) -> int:
    async with app.storage.read() as reading:
        return len((await reading.advice._tx.step()).drafts)  # type: ignore[attr-defined] # the memory's tables


def model_of(app: Application) -> Model:
    found = app.drafter.advisor
    assert isinstance(found, Model)
    return found


def test_every_kind_of_draft_takes_a_right_that_members_lack() -> None:
    assert DRAFT_PERMISSIONS.keys() == set(DraftKind)
    assert not ALLOWED[Role.MEMBER] & set(DRAFT_PERMISSIONS.values())


@pytest.mark.parametrize("kind", DraftKind)
async def test_a_draft_is_written_for_whoever_keeps_the_right(app: Application, kind: DraftKind) -> None:
    assert (await ask(app, kind)).said == "산"
    assert await stored(app) == 1


@pytest.mark.parametrize("kind", DraftKind)
async def test_nothing_is_sent_for_somebody_who_lost_the_right(app: Application, kind: DraftKind) -> None:
    await demoted(app)
    with pytest.raises(Forbidden):
        await ask(app, kind)
    assert (model_of(app).calls, await stored(app)) == (0, 0)


@pytest.mark.parametrize("kind", DraftKind)
async def test_who_loses_the_right_while_the_model_answers_gets_no_draft_and_the_call_is_counted(
    app: Application, kind: DraftKind
) -> None:
    model_of(app).then = lambda: demoted(app)
    with pytest.raises(Forbidden):
        await ask(app, kind)
    async with app.storage.read() as reading:
        assert (await reading.advice.drafting(NOON.date())).calls == 1
    assert await stored(app) == 0
