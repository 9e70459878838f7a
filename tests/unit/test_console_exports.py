"""Exports in the console: requested by one administrator, decided on by another, and downloaded by the first."""

from collections.abc import AsyncIterator

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import csrf_of, page, send
from ygs.domain.read_budgets import ReadKind
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user

REASON = "감사 자료 제출"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await made.add("owner", a_user(1))
        for number, name in ((7, "admin"), (8, "approver")):
            await made.add(name, a_user(number, role=Role.ADMIN, status=Status.DRAFT))
        await made.add("consultant", a_user(9, role=Role.CONSULTANT, status=Status.DRAFT))
        yield made


async def requested(world: World, what: str = "members", **form: str) -> str:
    reply = await send(world, f"/exports/{what}", "admin", csrf=csrf_of(world, "admin"), reason=REASON, **form)
    assert reply.status_code == 303, reply.text
    return reply.headers["Location"].removeprefix("/console")


async def decided(world: World, path: str, who: str, **form: str) -> int:
    return (await send(world, path, who, csrf=csrf_of(world, who), **form)).status_code


async def test_one_requests_another_approves_and_the_first_downloads(world: World) -> None:
    path = await requested(world, status="active", contacts="true")
    mine, theirs = (await page(world, path, "admin")).text, (await page(world, path, "approver")).text
    assert "Another administrator has to decide" in mine
    assert "Approve the export" not in mine
    assert REASON in theirs
    assert "1 person" in theirs
    assert await decided(world, f"{path}/approve", "admin") == 403
    assert await decided(world, f"{path}/approve", "approver") == 303
    assert "See how far it is" in (await page(world, path, "admin")).text
    while await world.ygs.worker.run_one():
        pass
    assert "Only whoever requested it" in (await page(world, path, "approver")).text
    assert "Download the sheet" in (await page(world, path, "admin")).text
    sheet = await page(world, f"{path}/sheet", "admin")
    assert sheet.content.startswith(b"PK")
    assert sheet.headers["Cache-Control"] == "no-store"
    assert (await page(world, f"{path}/sheet", "approver")).status_code == 404
    world.clock.advance(days=1)
    await world.renew("admin")
    assert "The sheet is removed" in (await page(world, path, "admin")).text


async def test_a_refusal_says_why(world: World) -> None:
    path = await requested(world, "dated", data="reports", since="2026-01-05")
    assert "2026-01-05" in (await page(world, path, "approver")).text
    assert await decided(world, f"{path}/refuse", "approver", reason="범위가 <i>넓습니다") == 303
    assert "범위가 &lt;i&gt;넓습니다" in (await page(world, path, "admin")).text
    assert REASON in (await page(world, "/exports", "approver")).text


async def test_what_is_no_day_no_state_and_no_reason_is_refused(world: World) -> None:
    forms = [("dated", {"since": "soon"}), ("members", {"status": "asleep"}), ("members", {"reason": " "})]
    for what, form in forms:
        sent = {"reason": REASON, **form}
        reply = await send(world, f"/exports/{what}", "admin", csrf=csrf_of(world, "admin"), **sent)
        assert reply.status_code == 422, form


async def test_consultants_see_no_exports(world: World) -> None:
    assert (await page(world, "/exports", "consultant")).status_code == 403


async def test_a_budget_that_stopped_is_marked_and_its_form_is_open() -> None:
    async with served(read_limits={ReadKind.FULL: 1}) as world:
        await populate(world)
        owner, another = (world.people[each].id for each in ("owner", "another_member"))
        assert "stopped" not in (await page(world, "/health", "admin")).text
        assert (await page(world, f"/members/{owner}", "consultant")).status_code == 200
        assert (await page(world, f"/members/{another}", "consultant")).status_code == 403
        shown = (await page(world, "/health", "admin")).text
        assert '<span class="badge">stopped</span>' in shown
        assert "<details open><summary>Let " in shown


async def test_another_administrator_lifts_the_budget_of_reading(world: World) -> None:
    await page(world, f"/members/{world.people['owner'].id}", "consultant")
    shown = (await page(world, "/health", "admin")).text
    path = f"/health/budgets/{world.people['consultant'].id}/lift"
    assert path in shown
    assert await decided(world, path, "admin", reason="월말 점검") == 303
    after = (await page(world, "/health", "admin")).text
    assert "lifted" in after
    assert path not in after
    assert await decided(world, f"/health/budgets/{world.people['admin'].id}/lift", "admin", reason="나") == 403
