"""Imports in the console: a sheet is sent by a form, judged, stored and undone, and what is refused says what to do."""

import html
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import cookie, csrf_of, page, send
from tests.unit.test_import_jobs import CSV, MAPPING
from ygs.application.actors import Actor
from ygs.domain.imports import MOST_SHEET_BYTES
from ygs.domain.users import Status
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.contracts.imports import an_import


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def upload(world: World, content: bytes, who: str = "admin", **fields: Any) -> httpx.Response:
    headers = {"Accept-Language": "en", "Sec-Fetch-Site": "same-origin", **cookie(world, who)}
    data = {"csrf": csrf_of(world, who), **fields}
    sheet = {"sheet": ("members.csv", content)}
    return await world.client.post("/console/imports/upload", headers=headers, data=data, files=sheet)


async def done(world: World, reply: httpx.Response) -> str:
    """Run the job that a form queued, and return the page to which its progress leads."""
    assert reply.status_code == 303, reply.text
    while await world.ygs.worker.run_one():
        pass
    shown = await page(world, reply.headers["Location"].removeprefix("/console"))
    assert shown.status_code == 303, shown.text
    return shown.headers["Location"].removeprefix("/console")


async def test_a_sheet_is_sent_judged_stored_and_undone(world: World) -> None:
    here = await done(world, await upload(world, CSV.encode()))
    assert "Dry run" in (await page(world, here)).text
    await done(world, await send(world, f"{here}/run", mapping=MAPPING))
    judged = (await page(world, here)).text
    assert "Store 2 members" in judged
    assert "is not a number" in judged
    assert "크다" in judged
    await done(world, await send(world, f"{here}/run", mapping=MAPPING, commit="true"))
    assert "Undo: 2 members leave" in (await page(world, here)).text
    undone = await send(world, f"{here}/undo")
    assert (undone.status_code, undone.headers["Location"]) == (303, f"/console{here}")
    assert "have left" in (await page(world, here)).text


async def test_an_undo_that_is_refused_says_why(world: World) -> None:
    here = await done(world, await upload(world, CSV.encode()))
    await done(world, await send(world, f"{here}/run", mapping=MAPPING, commit="true"))
    async with world.ygs.storage.write() as tx:
        (*_, one) = await tx.users.page()
        await tx.users.save(one.edited(at=world.clock.now().replace(hour=23), name="다른 이름"))
    refused = await send(world, f"{here}/undo")
    assert refused.status_code == 409
    assert "changed since: 1" in refused.text


async def test_who_is_only_called_the_same_can_be_let_in_and_is_stored_with_the_rest(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        twin = replace(a_user(77, name="김세리", birth_year=1994, status=Status.ACTIVE), phone=None)
        await tx.users.add(twin)
    here = await done(world, await upload(world, CSV.encode()))
    await done(world, await send(world, f"{here}/run", mapping=MAPPING))
    assert 'name="admit" value="2"' in (await page(world, here)).text
    await done(world, await send(world, f"{here}/run", mapping=MAPPING, admit="2"))
    judged = (await page(world, here)).text
    assert "Store 2 members" in judged
    assert '<input type="hidden" name="admit" value="2">' in judged


async def test_a_mapping_that_cannot_be_read_is_refused_beside_the_form(world: World) -> None:
    here = await done(world, await upload(world, CSV.encode()))
    refused = await send(world, f"{here}/run", mapping="title = ", headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert refused.headers["HX-Retarget"] == "#alert"


@pytest.mark.parametrize("content", [b"", b"x" * (MOST_SHEET_BYTES + 1), b"x" * (MOST_SHEET_BYTES + 20_000)])
async def test_a_sheet_that_is_empty_or_too_large_is_refused_and_begins_nothing(world: World, content: bytes) -> None:
    refused = await upload(world, content)
    assert refused.status_code == 422
    assert "32 MiB" in refused.text
    async with world.ygs.storage.read() as reading:
        assert [each.id for each in await reading.imports.page()] == [an_import().id]


async def test_a_sheet_from_another_site_or_session_or_a_consultant_begins_nothing(world: World) -> None:
    assert (await upload(world, CSV.encode(), csrf="wrong")).status_code == 403
    assert (await upload(world, CSV.encode(), who="consultant")).status_code == 403
    async with world.ygs.storage.read() as reading:
        assert [each.id for each in await reading.imports.page()] == [an_import().id]


async def test_a_sheet_that_is_none_says_so_on_the_imports_page(world: World) -> None:
    reply = await upload(world, b"\x00\x01")
    while await world.ygs.worker.run_one():
        pass
    (made,) = [each for each in await world.ygs.import_jobs.list(Actor.operator()) if each.id != an_import().id]
    shown = (await page(world, f"/imports/{made.id}")).text
    assert reply.status_code == 303
    assert "Suggest a mapping" in shown
    assert 'class="error"' in shown


async def test_the_template_comes_in_the_language_of_the_page(world: World) -> None:
    korean = await page(world, "/imports/template", headers={"Accept-Language": "ko"})
    english = await page(world, "/imports/template?sensitive=true")
    assert korean.headers["Content-Disposition"] == 'attachment; filename="ygs-members.xlsx"'
    assert (korean.status_code, english.status_code) == (200, 200)
    assert korean.content != english.content


async def test_what_a_column_is_can_be_chosen_and_the_mapping_is_made_from_it(world: World) -> None:
    sheet = "회원,성별,태어난 해,비고\n김세리,여,1994,165\n이민수,남,1991,178\n"
    here = await done(world, await upload(world, sheet.encode()))
    shown = (await page(world, here)).text
    assert shown.count('name="item"') == 4
    assert '<option value="gender" selected>' in shown
    chosen = {"회원": "name", "성별": "gender", "태어난 해": "birth_year", "비고": "height_cm"}
    await done(world, await send(world, f"{here}/run", column=[*chosen], item=[*chosen.values()]))
    shown = (await page(world, here)).text
    assert all(f'<option value="{item}" selected>' in shown for item in chosen.values())
    mapping = html.unescape(shown[shown.index("<textarea") : shown.index("</textarea>")].partition(">")[2])
    await done(world, await send(world, f"{here}/run", mapping=mapping))
    assert "Store 2 members" in (await page(world, here)).text


@pytest.mark.parametrize(
    ("items", "why"),
    [
        (["name", "", "birth_year"], "choose the column of each of these: gender"),
        (["name", "gender", "gender"], "gender is chosen for two columns"),
        (["name", "gender", "religion"], "religion cannot be chosen here"),
    ],
)
async def test_a_choice_of_columns_that_cannot_be_read_says_what_is_missing(
    world: World, items: list[str], why: str
) -> None:
    here = await done(world, await upload(world, CSV.encode()))
    refused = await send(world, f"{here}/run", column=["이름", "성별", "생년"], item=items)
    assert refused.status_code == 422
    assert why in refused.text
