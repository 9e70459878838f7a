"""What members read does not depend on what is private of others: all of that is changed in a copy of a whole service,
numbers, dates, bit masks and structures as well as words, and both are asked everything a member can ask."""

import re
from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import select

from tests.support.http import World
from tests.support.twins import STAFFS, Twins, another, change, owners, private, put, serving_twins, store
from tests.unit.test_http_permissions import body, place, routes
from ygs.adapters.sql.tables.users import CODED
from ygs.application.actors import Actor

# What one reads of somebody one is introduced to: everything they tell that is not sensitive, and how long the name is.
TOLD = {"users.name", "users.birth_year", "users.introduction"}
TOLD |= {f"users.{code}" for code, attribute in CODED.items() if not attribute.sensitive}
REVEALED = TOLD | {"users.phone"}
# What ended keeps its card in the history: the name's first syllable and length, an age band, and the region.
CARD = {"users.name", "users.birth_year", "users.region"}
# And photos, once staff let others see them: those of everybody here are not looked at yet.
SEEN = {"photos.state"}
# The name of a consultant, whose slots every member may book.
STAFF = {"consultant": {"users.name", "directory.name"}}
# Who asks, and what they may read of whom.
READERS: dict[str, dict[str, set[str]]] = {
    "owner": {
        **STAFF,
        "matched_before_reveal": TOLD | SEEN,
        "matched_after_reveal": REVEALED | SEEN,
        "former_match": CARD,
    },
    "matched_before_reveal": {**STAFF, "owner": TOLD | SEEN},
    "matched_after_reveal": {**STAFF, "owner": REVEALED | SEEN},
    # Whom one has blocked has the same short name in the list of blocks.
    "former_match": {**STAFF, "owner": CARD, "matched_before_reveal": {"users.name"}},
    "another_member": STAFF,
}
# What ends the asking; and what only staff are answered.
LAST = (
    "POST /auth/password",
    "POST /auth/logout",
    "DELETE /auth/sessions/{id}",
    "DELETE /auth/sessions",
    "DELETE /users/me",
)
# The last: a proof holds hashes over everybody's facts, which tell nothing to whoever has not the week's key.
NOT_ASKED = ("/admin", "/metrics", "/health", "/auth/signup", "/users/me/rounds")
NEW = re.compile(r"\b(upl|rep|mf|ses|pho|doc|dev|cs)_[0-9A-HJKMNP-TV-Z]{26}|/api/v1/files/[\w.-]+")


@pytest.fixture
async def twins(sqlite_path: str) -> AsyncIterator[Twins]:
    async with serving_twins(sqlite_path) as twins:
        yield twins


async def everything_said(world: World, who: str) -> dict[str, tuple[int, str]]:
    """Every route a member may use, asked about `owner`'s things and about each person: reading first, and what ends
    sessions last."""
    asked = [route for route in routes(world.app).items() if not route[0].split()[1].startswith(NOT_ASKED)]
    said = {}
    for route, operation in sorted(asked, key=lambda each: order(each[0])):
        method, path = route.split()[0], place(world, route)
        owner = world.people["owner"].id
        for name, user in world.people.items() if owner in path else [("", world.people["owner"])]:
            where = path.replace(owner, user.id)
            reply = await world.ask(method, where, who, json=body(route, operation))
            said[f"{method} {where} {name}"] = reply.status_code, words(reply)
    return said


def order(route: str) -> tuple[bool, int, str]:
    return route in LAST, ("GET", "PUT", "PATCH", "POST", "DELETE").index(route.split(maxsplit=1)[0]), route


def words(reply: httpx.Response) -> str:
    """A reply but for what is made up anew for each: the request's id, ids of what it made, signatures and tokens."""
    content = unpacked(reply.content).decode(errors="replace").replace(reply.headers["x-request-id"], "")
    tokens = re.compile(r'"(access_token|refresh_token|one_time_token|url|authorize_url|secret|uri)":"[^"]*"')
    return tokens.sub("", NEW.sub("", content))


def unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with ZipFile(BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in sorted(archive.namelist()))


# Each takes seconds. The first is who is introduced and may not see the other's answer; the second, anybody.
EVERY_TIME = {"matched_before_reveal", "another_member"}
ASKING = [pytest.param(each, marks=() if each in EVERY_TIME else pytest.mark.long) for each in READERS]


@pytest.mark.parametrize("reader", ASKING)
async def test_nothing_a_member_reads_depends_on_what_is_private_of_others(twins: Twins, reader: str) -> None:
    ids = {name: user.id for name, user in twins.one.people.items()}
    changed = await change(twins.copy, ids[reader], {ids[name]: told for name, told in READERS[reader].items()})
    if reader == "another_member":
        rest = {str(column) for column in private() if str(column.table) not in STAFFS} - changed
        assert rest == set(), "`fill` needs a row in which that holds something"
    before, after = await everything_said(twins.one, reader), await everything_said(twins.other, reader)
    assert sum(status < 300 for status, _ in before.values()) > 25
    assert {where: (before[where], after[where]) for where in after if after[where] != before[where]} == {}


async def test_what_may_be_read_of_somebody_introduced_is_read(twins: Twins) -> None:
    """Or the test above would compare nothing with nothing."""
    ids = {name: user.id for name, user in twins.one.people.items()}
    path = f"/users/{ids['matched_after_reveal']}"
    before = words(await twins.one.ask("GET", path, "owner"))
    for column in (each for each in private() if str(each) in REVEALED):
        async with twins.copy.transaction() as tx:
            (row,) = await tx.rows(select(column.table).where(column.table.c.id == ids["matched_after_reveal"]))
            await put(tx, column, row, another(column, row, tx))
        assert words(await twins.other.ask("GET", path, "owner")) != before, column
        async with twins.copy.transaction() as tx:
            await store(tx, column, row, row._mapping[column.name])


@pytest.mark.long
async def test_whatever_of_ones_own_changes_the_export_of_ones_own_data_tells_it(twins: Twins) -> None:
    owner, ygs = twins.one.people["owner"], twins.other.ygs
    actor = Actor.signed_in(owner.id, owner.role)

    async def exported() -> bytes:
        async with twins.copy.write() as tx:
            await tx.rate_limits.forget(f"export:{owner.id}")
        with await ygs.data_export.export(actor) as archive:
            return unpacked(archive.read())

    before, silent, empty = await exported(), set[str](), set[str]()
    for column in (each for each in private() if each.info["subject"]):
        async with twins.copy.transaction() as tx:
            mine = [row for row in await tx.rows(select(column.table)) if owner.id in owners(column, row)]
            told = [await put(tx, column, row, another(column, row, tx)) for row in mine]
        if not any(told):
            empty.add(str(column))
            continue
        if await exported() == before:
            silent.add(str(column))
        async with twins.copy.transaction() as tx:
            for row in mine:
                await store(tx, column, row, row._mapping[column.name])
    # Whoever has left is signed in no more.
    assert empty == {"users.deleted_at"}, "`fill` needs a row of owner's in which that holds something"
    assert silent == {"participants.capacity"}
    assert await exported() == before
