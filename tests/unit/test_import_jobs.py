"""An import over HTTP is a job: its sheet is uploaded, judged, and stored once or not at all."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.http import World, served
from ygs.application.actors import Actor
from ygs.application.importing.mapping import parse_mapping
from ygs.application.jobs.import_jobs import ImportRun
from ygs.domain.errors import BadFile, DeadlinePassed, NotFound, NotUploaded
from ygs.domain.ids import ImportId, JobId, UserId
from ygs.domain.imports import MOST_SHEET_BYTES, SHEET_KEPT_FOR
from ygs.domain.jobs import JobState
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user

CSV = """이름,성별,생년,휴대폰,키
김세리,여,1994,010-1234-5678,165
이민수,남,1991,010-9999-8888,178
박지호,남,1989,,크다
"""
MAPPING = """
title = "회원"
status = "draft"
[member]
name = { column = "이름" }
gender = { column = "성별", values = { "남" = "male", "여" = "female" } }
seeks = { column = "성별", values = { "남" = "female", "여" = "male" } }
birth_year = { column = "생년", unit = "year" }
phone = { column = "휴대폰" }
[facts]
height_cm = { column = "키", unit = "cm" }
"""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await made.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        yield made


async def uploaded(world: World, text: str = CSV, format_: str = "csv") -> str:
    begun = await world.ask("POST", "/admin/imports", "admin", json={"format": format_})
    assert begun.status_code == 201, begun.text
    form = begun.json()
    sent = await world.client.post(form["url"], data=form["fields"], files={"file": text.encode()})
    assert sent.status_code == 204, sent.text
    return str(form["id"])


async def queued(world: World, made: str, **request: Any) -> Any:
    return await world.ask("POST", f"/admin/imports/{made}", "admin", json=request)


async def ran(world: World, made: str, **request: Any) -> Mapping[str, Any]:
    job = await world.done(await queued(world, made, **request))
    return dict(job["result"])


async def failed(world: World, made: str, **request: Any) -> tuple[JobState, str]:
    job = (await queued(world, made, **request)).json()
    while await world.ygs.worker.run_one():
        pass
    view = await world.ygs.jobs.get(Actor.operator(), JobId(job["id"]))
    return view.state, view.error


async def read(world: World, path: str) -> Any:
    reply = await world.ask("GET", path, "admin")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def names(world: World) -> Sequence[str]:
    async with world.ygs.storage.read() as reading:
        return [user.name for user in await reading.users.page() if user.role is Role.MEMBER]


async def test_rows_are_judged_by_a_mapping_and_the_accepted_ones_stored(world: World) -> None:
    made = await uploaded(world)
    counts = await ran(world, made, mapping=MAPPING)
    assert (counts["rows"], counts["accepted"], counts["refused"], counts["committed"]) == (3, 2, 1, False)
    assert await names(world) == []
    (verdict,) = (await read(world, f"/admin/imports/{made}/verdicts"))["items"]
    assert (verdict["row"], verdict["column"], verdict["reason"], verdict["shown"]) == (4, "키", "no_number", "크다")
    counts = await ran(world, made, mapping=MAPPING, commit=True)
    assert (counts["accepted"], counts["committed"]) == (2, True)
    assert await names(world) == ["김세리", "이민수"]
    view = await read(world, f"/admin/imports/{made}")
    assert (view["state"], view["members"]) == ("stored", 2)
    async with world.ygs.storage.read() as reading:
        (entry,) = [each for each in await reading.audit.page() if each.entry.action == "members.imported"]
        subjects = await reading.audit.subjects(entry.number, entry.number)
        added = [user.id for user in await reading.users.page() if user.role is Role.MEMBER]
    assert (entry.entry.what, sorted(subjects[entry.number])) == ("users=2", added)


async def test_a_mapping_is_suggested_from_the_headers_and_can_be_used_as_it_is(world: World) -> None:
    made = await uploaded(world)
    assert (await world.ask("GET", f"/admin/imports/{made}/mapping", "admin")).status_code == 404
    assert await ran(world, made) == {"suggested": True}
    mapping = (await read(world, f"/admin/imports/{made}/mapping"))["mapping"]
    assert "휴대폰" in mapping
    assert (await ran(world, made, mapping=mapping))["rows"] == 3


async def test_an_import_is_stored_once(world: World) -> None:
    made = await uploaded(world)
    await ran(world, made, mapping=MAPPING, commit=True)
    assert (await queued(world, made, mapping=MAPPING, commit=True)).status_code == 409
    assert await names(world) == ["김세리", "이민수"]


async def test_the_same_people_again_are_duplicates_who_are_named_on_record(world: World) -> None:
    await ran(world, await uploaded(world), mapping=MAPPING, commit=True)
    again = await uploaded(world)
    assert (await ran(world, again, mapping=MAPPING))["duplicates"] == 2
    items = (await read(world, f"/admin/imports/{again}/verdicts?limit=2"))["items"]
    twins = {item["twin"] for item in items if item["reason"] == "same_phone"}
    assert len(twins) == 2
    async with world.ygs.storage.read() as reading:
        last = (await reading.audit.page())[-1]
        subjects = await reading.audit.subjects(last.number, last.number)
    assert (last.entry.action, set(subjects[last.number])) == ("import.read", twins)


async def test_verdicts_come_page_by_page(world: World) -> None:
    rows = "".join(f"회원{n},여,1990,,크다\n" for n in range(5))
    made = await uploaded(world, "이름,성별,생년,휴대폰,키\n" + rows)
    await ran(world, made, mapping=MAPPING)
    first = await read(world, f"/admin/imports/{made}/verdicts?limit=3")
    second = await read(world, f"/admin/imports/{made}/verdicts?limit=3&after={first['next']}")
    assert [item["row"] for item in first["items"] + second["items"]] == [2, 3, 4, 5, 6]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"mapping": "title = "}, 422),
        ({"mapping": 'title = "x"'}, 422),
        ({"mapping": MAPPING + "x" * 60_000}, 422),
        ({"commit": True}, 409),
        ({"mapping": MAPPING, "admit": [0]}, 422),
        ({"mapping": MAPPING, "unknown": 1}, 422),
    ],
)
async def test_a_request_that_cannot_be_run_queues_nothing(
    world: World, request_: Mapping[str, Any], status: int
) -> None:
    made = await uploaded(world)
    before = await world.ygs.jobs.list(Actor.operator())
    assert (await queued(world, made, **request_)).status_code == status
    assert await world.ygs.jobs.list(Actor.operator()) == before


async def test_a_sheet_that_was_never_sent_or_is_none_fails_its_job(world: World) -> None:
    begun = (await world.ask("POST", "/admin/imports", "admin", json={})).json()
    assert begun["most_bytes"] == MOST_SHEET_BYTES
    assert await failed(world, begun["id"], mapping=MAPPING) == (JobState.FAILED, NotUploaded.code)
    no_table = await uploaded(world, "\x00\x01", "xlsx")
    assert await failed(world, no_table, mapping=MAPPING) == (JobState.FAILED, BadFile.code)
    assert await ran(world, await uploaded(world), mapping=MAPPING), "a failed import may be repeated"


async def test_a_sheet_without_a_column_of_the_mapping_fails_and_another_mapping_may_be_given(world: World) -> None:
    made = await uploaded(world)
    wrong = MAPPING.replace('"키"', '"신장"')
    assert await failed(world, made, mapping=wrong, commit=True) == (JobState.FAILED, BadFile.code)
    assert (await ran(world, made, mapping=MAPPING, commit=True))["accepted"] == 2


async def test_one_job_of_an_import_runs_at_a_time(world: World) -> None:
    made = await uploaded(world)
    assert (await queued(world, made, mapping=MAPPING)).status_code == 202
    assert (await queued(world, made, mapping=MAPPING, commit=True)).status_code == 409
    while await world.ygs.worker.run_one():
        pass
    assert (await queued(world, made, mapping=MAPPING)).status_code == 202


async def test_a_cancelled_import_stores_nothing(world: World) -> None:
    made = await uploaded(world)
    job = (await queued(world, made, mapping=MAPPING, commit=True)).json()
    await world.ask("POST", f"/admin/jobs/{job['id']}/cancel", "admin")
    while await world.ygs.worker.run_one():
        pass
    assert await names(world) == []
    assert (await ran(world, made, mapping=MAPPING, commit=True))["accepted"] == 2


async def test_a_worker_that_ends_before_the_commit_leaves_nothing_and_the_next_stores_rows_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await uploaded(world)
    await queued(world, made, mapping=MAPPING, commit=True)
    repository = await _repository(world)
    add_members = repository.add_members

    async def killed(self: Any, id: ImportId, members: Sequence[UserId]) -> None:
        await add_members(self, id, members)
        raise asyncio.CancelledError

    monkeypatch.setattr(repository, "add_members", killed)
    with pytest.raises(asyncio.CancelledError):
        await world.ygs.worker.run_one()
    assert await names(world) == []
    monkeypatch.undo()
    while await world.ygs.worker.run_one():
        pass
    assert await names(world) == ["김세리", "이민수"]


async def _repository(world: World) -> Any:
    async with world.ygs.storage.write() as tx:
        return type(tx.imports)


async def test_a_week_later_nothing_of_the_sheet_is_left(world: World) -> None:
    made = await uploaded(world)
    await ran(world, made, mapping=MAPPING)
    async with world.ygs.storage.read() as reading:
        sheet = (await reading.imports.get(ImportId(made))).sheet_key
    world.clock.advance(days=SHEET_KEPT_FOR.days)
    with pytest.raises(DeadlinePassed):
        await world.ygs.import_jobs.run(Actor.operator(), ImportId(made), ImportRun(mapping=MAPPING))
    world.clock.advance(seconds=1)
    while await world.ygs.worker.run_one():
        pass
    await world.ygs.erasure.purge(Actor.operator())
    await world.ygs.file_cleanup.run(Actor.operator())
    with pytest.raises(NotFound):
        await world.ygs.blob_store.read(sheet, MOST_SHEET_BYTES)
    with pytest.raises(NotFound):
        await world.ygs.import_jobs.get(Actor.operator(), ImportId(made))


async def test_the_sheet_of_stored_members_is_removed_at_once(world: World) -> None:
    made = await uploaded(world)
    await ran(world, made, mapping=MAPPING, commit=True)
    async with world.ygs.storage.read() as reading:
        stored = await reading.imports.get(ImportId(made))
        assert stored.sheet_key in await reading.files.pending_deletions()
        assert stored.mapping == ""


async def test_an_import_at_the_machine_is_listed_too(world: World, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text(CSV, encoding="utf-8")
    await world.ygs.member_import.run(Actor.operator(), str(file), parse_mapping(MAPPING.encode()), commit=True)
    (made,) = (await read(world, "/admin/imports"))["items"]
    assert (made["state"], made["members"], made["format"], made["requested_by"]) == ("stored", 2, None, "operator")
