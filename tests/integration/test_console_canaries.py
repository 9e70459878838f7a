"""Whatever people wrote is text on every page of the console: markup in every private column, every page crawled."""

import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from tests.integration.test_http_canaries import private
from tests.support.databases import opened
from tests.support.http import World, populate, served
from tests.unit.test_console import page
from tests.unit.test_console_permissions import filled, routes
from ygs.adapters.sql.storage import SqlStorage

# Codes, in which no markup could be.
CODES = {"saved_filters.sort"}
MARKUP = "<i>'\"{}</i>"


async def write_markup(storage: SqlStorage) -> None:
    """Markup that names its column, in every private text of every row."""
    async with storage.transaction() as tx:
        for column in private():
            if str(column) in CODES:
                continue
            table = column.table
            for row in await tx.rows(select(table)):
                stored, sealed = row._mapping[column.name], "sealed" in column.info
                # A document, such as what became of a sheet's row, is no text.
                if stored is None or str(tx.keyring.open(column, row.id, stored) if sealed else stored)[:1] in "{[":
                    continue
                text = MARKUP.format(column)
                value = tx.keyring.seal(column, row.id, text) if sealed else text
                where = [each == row._mapping[each.name] for each in table.primary_key.columns]
                await tx.run(update(table).where(*where).values({column.name: value}))


@pytest.fixture
async def world(sqlite_path: str) -> AsyncIterator[World]:
    storage = await opened(sqlite_path)
    async with served(storage) as world:
        await populate(world)
        await write_markup(storage)
        yield world
    await storage.close()


async def test_what_people_wrote_is_text_on_every_page(world: World) -> None:
    heard = set[str]()
    for route in routes():
        method, _, path = route.partition(" ")
        if method == "GET":
            reply = await page(world, filled(world, path))
            assert reply.status_code < 500, path
            assert "<i>" not in reply.text, path
            heard |= {*re.findall(r"&lt;i&gt;&#39;&#34;([a-z_.]+)&lt;", reply.text)}
    assert {"users.name", "users.school", "notes.text", "reports.words", "consultations.notes"} <= heard
