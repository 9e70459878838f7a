"""Drafts and advice where staff use them: over HTTP and in the console, with the real SDK."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from tests.integration.test_drafts import CELLS, GOOD, HEADER, MINJUN, NOTE, SAID, SEOYEON
from tests.integration.test_week_advice import by_text
from tests.support.gemini_server import GeminiServer, Scripted, data_of, replied, serving
from tests.support.http import World, served
from tests.unit.test_console import page, send
from tests.unit.test_import_jobs import ran, read, uploaded
from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.domain.advice import DraftKind, PromptItem
from ygs.domain.ids import WeekId
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_consultation, a_slot, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.settings import AdvisorKind

INTRODUCTION = an_introduction(MINJUN, SEOYEON, a_week())
OPERATOR = Actor.operator()
# What a model writes is not trusted: it may hold markup, and so may what it quotes.
MARKED = f"{SAID} <i>"
QUIT, MARKED_QUIT = "담배를 끊었다고", "담배를 <i>끊었다고"
FACTS = [{**each, "words": each["words"].replace(QUIT, MARKED_QUIT)} for each in GOOD]
CONSULTATION = a_consultation(a_slot(), MINJUN.id, notes=NOTE.replace(QUIT, MARKED_QUIT))


def anything(call: dict[str, Any]) -> Scripted:
    """A right answer to whichever draft is asked for."""
    data = data_of(call)
    if "items" in data and "columns" not in data:
        return by_text(call)
    replies = {
        "member": {"summary": MARKED},
        "a": {"to_a": MARKED, "to_b": f"다정한 {MARKED}"},
        "note": {"facts": FACTS},
    }
    return replied(json.dumps(next(reply for key, reply in replies.items() if key in data), ensure_ascii=False))


@asynccontextmanager
async def a_service() -> AsyncIterator[tuple[World, GeminiServer]]:
    async with serving(anything) as server:
        settings: dict[str, Any] = {
            "language": Language.KO,
            "advisor": AdvisorKind.GEMINI,
            "advisor_key": SecretStr("a-key"),
            "advisor_model": "gemini-test",
            "advisor_url": server.url,
            "advisor_consent_versions": frozenset({"2026-01"}),
            "advisor_items": frozenset(PromptItem),
            "advisor_drafts": frozenset(DraftKind),
        }
        async with served(**settings) as world:
            await world.add("consultant", a_user(90, role=Role.CONSULTANT))
            await world.add("admin", a_user(91, role=Role.ADMIN))
            async with world.ygs.storage.write() as tx:
                await tx.users.add_all([MINJUN, SEOYEON])
                await tx.weeks.add(a_week())
                await tx.introductions.add_all([INTRODUCTION], {MINJUN.id: 1, SEOYEON.id: 1})
                await tx.consultations.add_slots([a_slot()])
                await tx.consultations.add(CONSULTATION)
            yield world, server


async def test_drafts_over_http_are_marked_and_a_fact_is_stored_when_it_is_accepted() -> None:
    async with a_service() as (world, server):
        services = (await world.ask("GET", "/admin/drafts", "consultant")).json()
        assert services["kinds"] == ["columns", "facts", "messages", "summary"]
        summary = (await world.ask("POST", f"/admin/members/{MINJUN.id}/summary", "consultant")).json()
        assert summary["summary"] == MARKED
        messages = (await world.ask("POST", f"/admin/introductions/{INTRODUCTION.id}/messages", "consultant")).json()
        assert len(messages["messages"]) == 2
        facts = (await world.ask("POST", f"/admin/consultations/{CONSULTATION.id}/facts", "consultant")).json()
        assert [each["attribute"] for each in facts["facts"]] == ["smoking", "height_cm"]
        for each in (summary, messages, facts):
            assert each["marked"]["ko"] == ["기계가 쓴 초안입니다. 확인하고 쓰세요."]
        path = f"/admin/consultations/{CONSULTATION.id}/facts/accept"
        stored = await world.ask("POST", path, "consultant", json={"attribute": "height_cm", "value": 178})
        assert stored.json()["profile"]["height_cm"] == 178
        wrong = await world.ask("POST", path, "consultant", json={"attribute": "height_cm", "value": 190})
        assert wrong.status_code == 404
        assert len(server.calls) == (await world.ask("GET", "/admin/drafts", "consultant")).json()["calls"] == 3


async def test_the_console_shows_drafts_marked_and_stores_what_is_accepted() -> None:
    async with a_service() as (world, _):
        member = (await page(world, f"/members/{MINJUN.id}", "consultant")).text
        assert "Draft a summary" in member
        summary = await send(world, f"/members/{MINJUN.id}/summary", "consultant")
        assert (summary.status_code, SAID in summary.text) == (200, True)
        preview = f"/introductions/{INTRODUCTION.id}/as/{SEOYEON.id}"
        assert "Draft messages" in (await page(world, preview, "consultant")).text
        messages = (await send(world, f"{preview}/messages", "consultant")).text
        assert messages.index("Message to this member") < messages.index("Message to the other person")
        consultation = f"/consultations/{CONSULTATION.id}"
        assert "Propose facts" in (await page(world, consultation, "consultant")).text
        proposed = (await send(world, f"{consultation}/facts", "consultant")).text
        assert "작년에 담배를 &lt;i&gt;끊었다고 함" in proposed
        for each in (summary.text, messages, proposed):
            assert "A draft written by a machine" in each
            assert "&lt;i&gt;" in each
            assert "<i>" not in each
        left = (await send(world, f"{consultation}/facts/accept", "consultant", attribute="smoking", value="no")).text
        assert "끊었다고 함" not in left
        async with world.ygs.storage.read() as reading:
            user = await reading.users.get(MINJUN.id)
        assert "smoking" in user.facts
        assert "height_cm" not in user.facts
        assert "Ask a language model" in (await page(world, "/imports")).text


async def test_the_week_desk_and_the_routes_take_advice_from_estimate_to_comparison() -> None:
    async with a_service() as (world, server):
        async with world.ygs.storage.write() as tx:
            await tx.users.add_all([replace(each, phone=None) for each in club(16, seed=3, at=NOON)])
        week = WeekId((await world.ygs.weeks.create(OPERATOR, CreateWeek())).id)
        await world.ygs.weeks.lock(OPERATOR, week)
        path = f"/admin/match-weeks/{week}/advice"
        assert (await world.ask("GET", path, "consultant")).json()["moved"] == 0
        estimated = (await world.ask("GET", f"{path}/estimate", "consultant")).json()
        desk = (await page(world, f"/weeks/{week}")).text
        assert "Ask for advice" in desk
        assert str(estimated["pairs"]) in (await page(world, f"/weeks/{week}/advice/estimate")).text
        assert server.calls == []
        await world.done(await world.ask("POST", path, "admin"))
        state = (await world.ask("GET", path, "consultant")).json()
        assert (state["calls"], state["moved"] > 0) == (len(server.calls), True)
        await world.ygs.planning.plan(OPERATOR, week)
        compared = (await world.ask("GET", f"{path}/compare", "consultant")).json()
        assert compared["evaluation"]["enough"] is False
        shown = (await page(world, f"/weeks/{week}/advice/compare")).text
        assert "on trial" in shown
        assert "With and without advice" in (await page(world, f"/weeks/{week}")).text


SHEET = "\n".join(",".join(cells) for cells in (HEADER, *CELLS))


def columns(call: dict[str, Any]) -> Scripted:
    """What the columns of `SHEET` are, one of which the model has wrong."""
    found = [{"column": 1, "item": "job_title"}, {"column": 2, "item": "smoking"}, {"column": 99, "item": "name"}]
    return replied(json.dumps({"columns": found}))


async def test_the_mapping_of_an_import_over_http_holds_what_the_model_takes_unknown_columns_for() -> None:
    async with a_service() as (world, server):
        server.script = columns
        made = await uploaded(world, SHEET)
        assert await ran(world, made, ask_model=True) == {"suggested": True}
        mapping = (await read(world, f"/admin/imports/{made}/mapping"))["mapping"]
        assert '[facts.smoking]\ncolumn = "담배?"' in mapping
        assert "기계가 제안함" in mapping
        (call,) = server.calls
        assert [each["name"] for each in data_of(call)["columns"]] == ["하시는 일", "담배?", "별명"]
        assert not [cell for cells in CELLS for cell in cells[3:] if cell in json.dumps(call, ensure_ascii=False)]
        judged = await ran(world, made, mapping=mapping)
        assert (judged["rows"], judged["committed"]) == (len(CELLS), False)


@pytest.mark.parametrize(
    "answer", [Scripted(status=500), replied("모르겠습니다."), replied('{"columns": [{"column": 1')]
)
async def test_where_the_model_has_no_answer_the_mapping_is_suggested_from_the_headers_alone(answer: Scripted) -> None:
    async with a_service() as (world, server):
        alone = await uploaded(world, SHEET)
        await ran(world, alone)
        assert server.calls == []
        server.script = lambda _: answer
        made = await uploaded(world, SHEET)
        assert await ran(world, made, ask_model=True) == {"suggested": True}
        assert server.calls
        suggested = [(await read(world, f"/admin/imports/{each}/mapping"))["mapping"] for each in (made, alone)]
        assert suggested[0] == suggested[1]


async def test_asking_a_model_for_columns_is_refused_where_that_is_off() -> None:
    async with served() as world:
        await world.add("admin", a_user(91, role=Role.ADMIN))
        made = await uploaded(world, SHEET)
        refused = await world.ask("POST", f"/admin/imports/{made}", "admin", json={"ask_model": True})
        assert "YGS_ADVISOR_DRAFTS" in refused.json()["detail"], refused.text


@pytest.mark.parametrize("path", ["/members/{}", "/imports"])
async def test_without_a_model_no_page_offers_a_draft(path: str) -> None:
    async with served() as world:
        await world.add("admin", a_user(91, role=Role.ADMIN))
        async with world.ygs.storage.write() as tx:
            await tx.users.add(MINJUN)
        text = (await page(world, path.format(MINJUN.id))).text
    assert "language model" not in text
