"""An export stands until another account approves it; then a job writes the sheet, and only the requester downloads it,
within a day and on record with everybody in it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.audit import audited
from tests.support.http import World, served
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.spreadsheets import SheetFiles
from ygs.application.actors import Actor
from ygs.application.directory.search import MemberCriteria
from ygs.application.jobs.export_jobs import ExportFilters, ExportRefusal, ExportRequest
from ygs.domain.errors import DeadlinePassed, Forbidden, InvalidFact, InvalidText, NotFound, WrongStatus
from ygs.domain.events import EventType
from ygs.domain.exports import ExportedData, ExportState
from ygs.domain.files import ObjectKey
from ygs.domain.ids import ExportId, UserId
from ygs.domain.jobs import JobState
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_consultation, a_membership, a_report, a_slot, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.exports import APPROVER, an_export
from ygs.ports.spreadsheets import SheetTable

ASKED = {"data": "members", "reason": "감사 자료 제출", "language": "en"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await made.add("owner", a_user(1))
        await made.add("other", a_user(2, birth_year=1950))
        await made.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        await made.add("approver", a_user(8, role=Role.ADMIN, status=Status.DRAFT))
        await made.add("consultant", a_user(9, role=Role.CONSULTANT, status=Status.DRAFT))
        await made.publish_a_week()
        await made.introduce("waiting", "owner", "other")
        yield made


async def requested(world: World, **more: Any) -> Any:
    reply = await world.ask("POST", "/admin/exports", "admin", json=ASKED | more)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def approved(world: World, **more: Any) -> Any:
    """An export whose sheet is written."""
    made = await requested(world, **more)
    reply = await world.ask("POST", f"/admin/exports/{made['id']}/approve", "approver")
    assert reply.status_code == 200, reply.text
    await work(world)
    return (await world.ask("GET", f"/admin/exports/{made['id']}", "admin")).json()


async def work(world: World) -> None:
    while await world.ygs.worker.run_one():
        pass


async def demote(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        admin = await tx.users.get(world.people["admin"].id)
        await tx.users.save(replace(admin, role=Role.CONSULTANT))


async def sheet(world: World, export: Any, folder: Path) -> SheetTable:
    reply = await world.ask("GET", f"/admin/exports/{export['id']}/sheet", "admin")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-disposition"] == f'attachment; filename="ygs-{export["data"]}.xlsx"'
    assert reply.headers["cache-control"] == "no-store"
    file = folder / "sheet.xlsx"
    file.write_bytes(reply.content)
    return SheetFiles().read(str(file))


def cells(table: SheetTable) -> set[str]:
    return {cell for row in table.rows for cell in row.cells}


async def test_a_sheet_is_written_once_another_approves_and_downloaded_by_whoever_requested_it(
    world: World, tmp_path: Path
) -> None:
    phone = world.with_phone("owner")
    people = tuple(sorted(world.people[name].id for name in ("owner", "other")))
    made = await requested(world)
    assert (made["state"], made["people"], made["job_id"], made["rows"]) == ("requested", 2, None, None)
    await work(world)
    assert (await world.ask("GET", f"/admin/exports/{made['id']}/sheet", "admin")).status_code == 409
    written = await approved(world)
    table = await sheet(world, written, tmp_path)
    assert world.people["owner"].name in cells(table)
    assert phone not in cells(table)
    assert written["rows"] == len(table.rows) == 2
    with_contacts = await approved(world, contacts=True)
    assert phone in cells(await sheet(world, with_contacts, tmp_path))
    log = [each for each in await audited(world.ygs.storage) if "export" in each.action or "download" in each.action]
    assert [(each.action, each.people) for each in log] == [
        ("export.requested", ()),
        ("export.requested", ()),
        ("export.approved", ()),
        ("members.exported", people),
        ("members.downloaded", people),
        ("export.requested", ()),
        ("export.approved", ()),
        ("members.exported", people),
        ("members.downloaded", people),
    ]
    assert log[-2].what == f"{with_contacts['id']} contacts"


async def test_introductions_are_exported_too_and_only_those_of_the_weeks_asked_for(
    world: World, tmp_path: Path
) -> None:
    export = await approved(world, data="introductions", contacts=True)
    assert not export["contacts"]
    assert len((await sheet(world, export, tmp_path)).rows) == 1
    export = await approved(world, data="introductions", filters={"until": "2020-01-01"})
    assert export["rows"] == 0
    log = await audited(world.ygs.storage)
    assert log[-1].people == ()


async def test_the_approver_reads_how_many_people_any_sheet_would_be_about(world: World) -> None:
    introductions = await requested(world, data="introductions")
    earlier = await requested(world, data="introductions", filters={"until": "2020-01-01"})
    nobody = await requested(world, data="reports")
    assert [each["people"] for each in (introductions, earlier, nobody)] == [2, 0, 0]


async def test_what_was_done_with_members_is_exported_by_days_on_record_with_whom_it_is_about(
    world: World, tmp_path: Path
) -> None:
    owner, other, admin = (world.people[name].id for name in ("owner", "other", "admin"))
    slot = a_slot(consultant=world.people["consultant"].id)
    async with world.ygs.storage.write() as tx:
        await tx.memberships.add(a_membership())
        await tx.reports.add(a_report(reporter=1, subject=2))
        await tx.reports.add(a_report(2, reporter=1, subject=7))
        await tx.consultations.add_slots([slot])
        await tx.consultations.add(a_consultation(slot, owner))
    for data, people, said in (
        ("memberships", (owner,), "Meetings"),
        ("consultations", (owner,), "Booked"),
        ("reports", tuple(sorted((owner, other))), "Asked for money, or fraud"),
    ):
        export = await approved(world, data=data, filters={"since": "2020-01-01"})
        assert (export["people"], export["rows"]) == (len(people), 1)
        table = await sheet(world, export, tmp_path)
        assert {said, world.people["owner"].name} <= cells(table)
        assert not {a_report().words, a_consultation(slot, owner).notes, admin} & cells(table)
        log = await audited(world.ygs.storage)
        assert [(each.action, each.people) for each in log[-2:]] == [
            (f"{data}.exported", people),
            (f"{data}.downloaded", people),
        ]
        assert (await approved(world, data=data, filters={"until": "2020-01-01"}))["rows"] == 0


async def test_filters_choose_the_members_as_in_the_directory(world: World, tmp_path: Path) -> None:
    export = await approved(world, filters={"members": {"born_to": 1955}})
    assert export["people"] == export["rows"] == 1
    assert world.people["other"].name in cells(await sheet(world, export, tmp_path))
    nobody = await approved(world, filters={"members": {"role": ["admin"], "born_to": 1941}})
    assert (nobody["people"], nobody["rows"]) == (0, 0)


@pytest.mark.parametrize(
    "asked",
    [
        {"data": "members", "filters": {"since": "2026-01-01"}},
        {"data": "introductions", "filters": {"members": {"born_to": 1955}}},
        {"data": "reports", "filters": {"members": {"born_to": 1955}}},
        {"data": "introductions", "filters": {"since": "2026-01-01", "until": "2026-01-01"}},
        {"reason": ""},
        {"reason": "   "},
        {"filters": {"members": {"search": "12"}}},
    ],
)
async def test_what_cannot_be_meant_is_refused(world: World, asked: Any) -> None:
    assert (await world.ask("POST", "/admin/exports", "admin", json=ASKED | asked)).status_code == 422
    assert (await world.ask("GET", "/admin/exports", "admin")).json()["items"] == []


async def test_nobody_decides_on_what_they_requested_and_nobody_decides_twice(world: World) -> None:
    path = f"/admin/exports/{(await requested(world))['id']}"
    why = {"reason": "조건을 좁혀 주세요"}
    assert (await world.ask("POST", f"{path}/approve", "admin")).status_code == 403
    assert (await world.ask("POST", f"{path}/refuse", "admin", json=why)).status_code == 403
    assert (await world.ask("POST", f"{path}/approve", "consultant")).status_code == 403
    assert (await world.ask("POST", f"{path}/refuse", "approver", json=why)).json()["refusal"] == why["reason"]
    assert (await world.ask("POST", f"{path}/approve", "approver")).status_code == 409
    assert (await world.ask("GET", f"{path}/sheet", "admin")).status_code == 409
    assert await heard(world, EventType.EXPORT_REFUSED) == [world.people["admin"].id]


async def test_a_request_ends_after_three_days(world: World) -> None:
    made = await requested(world)
    world.clock.advance(days=3)
    with pytest.raises(DeadlinePassed):
        await world.ygs.export_jobs.approve(Actor.operator(), ExportId(made["id"]))
    with pytest.raises(DeadlinePassed):
        await world.ygs.export_jobs.refuse(Actor.operator(), ExportId(made["id"]), ExportRefusal(reason="늦음"))


async def test_the_operator_approves_where_there_is_one_administrator_and_requests_nothing(world: World) -> None:
    made = await requested(world)
    view = await world.ygs.export_jobs.approve(Actor.operator(), ExportId(made["id"]))
    assert (view.state, view.decided_by) == (ExportState.APPROVED, "operator")
    with pytest.raises(Forbidden):
        await world.ygs.export_jobs.request(Actor.operator(), ExportRequest(data=ExportedData.MEMBERS, reason="r"))


async def test_a_session_of_this_morning_neither_requests_nor_decides(world: World) -> None:
    made = ExportId((await requested(world))["id"])
    world.clock.advance(minutes=16)
    admin, approver = (
        Actor.signed_in(world.people[name].id, Role.ADMIN, session=world.sessions[name])
        for name in ("admin", "approver")
    )
    exports = world.ygs.export_jobs
    with pytest.raises(Forbidden, match="sign in again"):
        await exports.request(admin, ExportRequest(data=ExportedData.MEMBERS, reason="r"))
    with pytest.raises(Forbidden, match="sign in again"):
        await exports.approve(approver, made)
    with pytest.raises(Forbidden, match="sign in again"):
        await exports.refuse(approver, made, ExportRefusal(reason="늦음"))


async def test_nobody_else_reads_the_sheet(world: World) -> None:
    export = await approved(world)
    path = f"/admin/exports/{export['id']}/sheet"
    assert (await world.ask("GET", path, "approver")).status_code == 404
    assert (await world.ask("GET", path, "consultant")).status_code == 403
    with pytest.raises(Forbidden):
        await world.ygs.export_jobs.download(Actor.operator(), ExportId(export["id"]))


async def test_who_may_no_longer_export_gets_no_sheet_written(world: World) -> None:
    made = await requested(world)
    await world.ask("POST", f"/admin/exports/{made['id']}/approve", "approver")
    await demote(world)
    await work(world)
    assert await job_of(world, made["id"]) == (JobState.FAILED, Forbidden.code)


async def test_who_loses_the_right_while_the_sheet_is_written_does_not_get_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await requested(world)
    await world.ask("POST", f"/admin/exports/{made['id']}/approve", "approver")
    put = SignedUrlBlobStore.put

    async def put_and_demote(store: SignedUrlBlobStore, key: ObjectKey, data: bytes, content_type: str) -> None:
        await put(store, key, data, content_type)
        await demote(world)

    monkeypatch.setattr(SignedUrlBlobStore, "put", put_and_demote)
    await work(world)
    assert await job_of(world, made["id"]) == (JobState.FAILED, Forbidden.code)
    seen = (await world.ask("GET", f"/admin/exports/{made['id']}", "approver")).json()
    assert seen["rows"] is None


async def test_a_day_after_the_approval_it_is_gone_also_from_the_blob_store(world: World) -> None:
    export = await approved(world)
    admin = Actor.signed_in(world.people["admin"].id, Role.ADMIN)
    assert (await world.ygs.export_jobs.download(admin, ExportId(export["id"]))).data.startswith(b"PK")
    world.clock.advance(days=1)
    with pytest.raises(NotFound):
        await world.ygs.export_jobs.download(admin, ExportId(export["id"]))
    await work(world)
    removed = await world.ygs.file_cleanup.run(Actor.operator())
    assert removed.files == 1


async def test_what_waited_for_a_day_is_not_written_any_more(world: World) -> None:
    made = await requested(world)
    await world.ygs.export_jobs.approve(Actor.operator(), ExportId(made["id"]))
    world.clock.advance(days=1)
    await work(world)
    assert await job_of(world, made["id"]) == (JobState.FAILED, DeadlinePassed.code)


async def test_administrators_hear_of_a_request_and_the_requester_of_the_sheet(world: World) -> None:
    await approved(world)
    assert await heard(world, EventType.EXPORT_REQUESTED) == [world.people["approver"].id]
    assert await heard(world, EventType.EXPORT_WRITTEN) == [world.people["admin"].id]


@pytest.mark.parametrize("language", Language)
async def test_a_sheet_comes_in_either_language(world: World, tmp_path: Path, language: Language) -> None:
    table = await sheet(world, await approved(world, language=language.value), tmp_path)
    assert ("이름" in table.header) is (language is Language.KO)


async def test_exports_are_listed_the_newest_first_page_by_page(world: World) -> None:
    made = [(await requested(world))["id"] for _ in range(3)]
    first = (await world.ask("GET", "/admin/exports?limit=2", "approver")).json()
    assert [each["id"] for each in first["items"]] == made[:0:-1]
    rest = (await world.ask("GET", f"/admin/exports?limit=2&after={first['next']}", "approver")).json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (made[:1], None)


def test_filters_of_other_data_are_refused_before_anything_is_stored() -> None:
    with pytest.raises(InvalidFact):
        ExportFilters(since=date(2026, 1, 1)).check(ExportedData.MEMBERS)
    with pytest.raises(InvalidFact):
        ExportFilters(members=MemberCriteria(born_to=1985)).check(ExportedData.INTRODUCTIONS)
    ExportFilters(until=date(2026, 1, 1)).check(ExportedData.INTRODUCTIONS)


def test_an_export_needs_a_reason_and_so_does_its_refusal() -> None:
    with pytest.raises(InvalidText):
        an_export(reason=" ")
    with pytest.raises(InvalidText):
        an_export().refused(" ", by=APPROVER, at=NOON)
    with pytest.raises(WrongStatus):
        an_export().refused("아니요", by=APPROVER, at=NOON).refused("아니요", by=APPROVER, at=NOON)


async def heard(world: World, type: EventType) -> list[UserId]:
    """Who has a notice of that event."""
    while await world.ygs.dispatcher.dispatch():
        pass
    async with world.ygs.storage.read() as reading:
        everybody = sorted(user.id for user in world.people.values())
        found = []
        for each in everybody:
            notices = await reading.notices.page(each)
            found += [each for notice in notices if notice.event.type is type]
    return found


async def job_of(world: World, export: str) -> tuple[JobState, str]:
    view = await world.ygs.export_jobs.get(Actor.operator(), ExportId(export))
    assert view.job_id
    job = await world.ygs.jobs.get(Actor.operator(), view.job_id)
    return job.state, job.error
