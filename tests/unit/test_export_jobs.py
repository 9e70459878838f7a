"""An export is a job: its reason is on record first, its sheet is read by whoever asked, and is gone after a day."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.http import World, served
from ygs.application.actors import Actor
from ygs.application.jobs.export_jobs import ExportedData, ExportRequest, SheetFormat
from ygs.domain.errors import DeadlinePassed, Forbidden, NotFound
from ygs.domain.ids import JobId, UserId
from ygs.domain.jobs import JobState
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.ids import numbered

ASKED = {"data": "members", "format": "csv", "reason": "감사 자료 제출", "language": "en"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await made.add("owner", a_user(1))
        await made.add("other", a_user(2))
        await made.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        await made.publish_a_week()
        await made.introduce("waiting", "owner", "other")
        yield made


async def exported(world: World, **more: Any) -> Any:
    return await world.done(await world.ask("POST", "/admin/exports", "admin", json=ASKED | more))


async def sheet(world: World, job: Any) -> str:
    opened = await world.ask("GET", f"/admin/exports/{job['id']}", "admin")
    assert opened.status_code == 200, opened.text
    read = await world.client.get(opened.json()["url"])
    assert f'attachment; filename="ygs-{ASKED["data"]}' in read.headers["content-disposition"]
    assert opened.json()["rows"] == job["result"]["rows"]
    return read.text


async def actions(world: World) -> list[tuple[str, str, str]]:
    async with world.ygs.storage.read() as reading:
        entries = [each.entry for each in await reading.audit.page()]
    return [(each.action, each.what, each.reason) for each in entries if "export" in each.action]


async def test_a_sheet_is_written_by_a_job_and_read_by_whoever_asked(world: World) -> None:
    name, phone = world.people["owner"].name, world.with_phone("owner")
    text = await sheet(world, await exported(world))
    assert name in text
    assert phone not in text
    assert phone in await sheet(world, await exported(world, contacts=True))
    first, opened, second, again = sorted(await actions(world), key=lambda each: each[0] == "")
    assert first == ("members.exported", "", ASKED["reason"])
    assert second == ("members.exported", "contacts", ASKED["reason"])
    assert [each[0] for each in (opened, again)] == ["export.opened"] * 2


async def test_introductions_are_exported_too(world: World) -> None:
    job = await exported(world, data="introductions")
    opened = await world.ask("GET", f"/admin/exports/{job['id']}", "admin")
    assert len((await world.client.get(opened.json()["url"])).text.splitlines()) == job["result"]["rows"] + 1 == 2


async def test_an_export_that_is_not_written_yet_is_a_conflict(world: World) -> None:
    queued = await world.ask("POST", "/admin/exports", "admin", json=ASKED)
    assert (await world.ask("GET", f"/admin/exports/{queued.json()['id']}", "admin")).status_code == 409


async def test_nobody_else_reads_it(world: World) -> None:
    job = await exported(world)
    with pytest.raises(NotFound):
        await world.ygs.export_jobs.open(Actor.operator(), JobId(job["id"]))
    consultant = Actor.signed_in(UserId(numbered("usr", 5)), Role.CONSULTANT)
    with pytest.raises(Forbidden):
        await world.ygs.export_jobs.open(consultant, JobId(job["id"]))


async def test_a_day_later_it_is_gone_also_from_the_blob_store(world: World) -> None:
    job = await exported(world)
    opened = await world.ygs.export_jobs.open(await admin(world), JobId(job["id"]))
    world.clock.advance(days=1)
    with pytest.raises(NotFound):
        await world.ygs.export_jobs.open(await admin(world), JobId(job["id"]))
    assert (await world.client.get(opened.url)).status_code == 200
    while await world.ygs.worker.run_one():
        pass
    await world.ygs.file_cleanup.run(Actor.operator())
    assert (await world.client.get(opened.url)).status_code == 404


async def test_what_waited_for_a_day_is_not_written_any_more(world: World) -> None:
    queued = await world.ask("POST", "/admin/exports", "admin", json=ASKED)
    world.clock.advance(days=1)
    while await world.ygs.worker.run_one():
        pass
    job = await world.ygs.jobs.get(Actor.operator(), JobId(queued.json()["id"]))
    assert (job.state, job.error) == (JobState.FAILED, DeadlinePassed.code)


@pytest.mark.parametrize("reason", ["", "   "])
async def test_nothing_is_queued_without_a_reason(world: World, reason: str) -> None:
    before = await world.ygs.jobs.list(Actor.operator())
    refused = await world.ask("POST", "/admin/exports", "admin", json=ASKED | {"reason": reason})
    assert refused.status_code == 422
    assert await world.ygs.jobs.list(Actor.operator()) == before


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("format_", SheetFormat)
async def test_a_sheet_comes_in_either_format_and_language(
    world: World, format_: SheetFormat, language: Language
) -> None:
    asked = ExportRequest(data=ExportedData.MEMBERS, reason="r", format=format_, language=language)
    queued = await world.ygs.export_jobs.export(Actor.operator(), asked)
    while await world.ygs.worker.run_one():
        pass
    opened = await world.ygs.export_jobs.open(Actor.operator(), queued.id)
    read = await world.client.get(opened.url)
    if format_ is SheetFormat.XLSX:
        assert read.content.startswith(b"PK")
    else:
        assert ("이름" in read.text) is (language is Language.KO)


async def admin(world: World) -> Actor:
    user = world.people["admin"]
    return Actor.signed_in(user.id, user.role)
