"""Guarantee 3: the same people, policy and seed give the same plan, byte for byte, wherever they are kept."""

import random
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from tests.support.databases import in_a_loop
from tests.support.postgres import LocalPostgres
from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import build, upgrade_database
from ygs.domain.ids import WeekId
from ygs.domain.users import User
from ygs.entrypoints.testing.clock import NOON
from ygs.settings import Settings

STAFF = Actor.operator()


async def planned(url: str, people: Sequence[User]) -> tuple[bytes, bytes]:
    """The snapshot and the plan of one week over a new database at `url`."""
    settings = Settings(database_url=SecretStr(url))
    await upgrade_database(settings)
    async with build(settings) as app:
        async with app.storage.write() as tx:
            await tx.users.add_all(people)
            await tx.blocks.add(people[0].id, people[1].id, NOON)
        week = WeekId((await app.weeks.create(STAFF, CreateWeek())).id)
        await app.weeks.lock(STAFF, week)
        await app.planning.plan(STAFF, week)
        async with app.storage.read() as reading:
            return await reading.weeks.snapshot(week), await reading.weeks.plan(week)


def test_three_storages_and_any_order_of_joining_give_the_same_bytes(tmp_path: Path, postgres: LocalPostgres) -> None:
    people = list(club(300, seed=7, at=NOON))
    shuffled = [*people[:2], *random.Random(5).sample(people[2:], len(people) - 2)]
    found: list[tuple[bytes, bytes]] = []

    async def everywhere() -> None:
        for url, those in (
            ("memory:", people),
            ("memory:", shuffled),
            (f"sqlite:///{tmp_path}/one.db", shuffled),
            (postgres.create_database("same_plan"), people),
        ):
            found.append(await planned(url, those))

    in_a_loop(everywhere())
    assert len(found) == 4
    assert all(each == found[0] for each in found)
