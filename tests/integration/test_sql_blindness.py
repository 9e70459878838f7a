"""On databases too, nothing that one can read tells what the other answered: compared byte by byte."""

import pytest

from tests.support.http import populate, served
from tests.unit.test_http_blindness import NO, YES, everything_readable
from ygs.adapters.sql.storage import SqlStorage


@pytest.mark.long
async def test_everything_one_can_read_is_the_same_whatever_the_other_said(storage: SqlStorage) -> None:
    async with served(storage) as world:
        await populate(world)
        path = f"/match/history/{world.introductions['waiting']}/answer"
        silent = await everything_readable(world, "owner")
        assert silent[path.removesuffix("/answer")][0] == 200
        # An answer can be changed until the other's makes it final.
        for said in (YES, NO):
            reply = await world.ask("PUT", path, "matched_before_reveal", json=said)
            assert (reply.status_code, reply.json()["my_answer"]["choice"]) == (200, said["choice"])
            assert await everything_readable(world, "owner") == silent
