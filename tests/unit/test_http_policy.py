"""The club's policy over HTTP: edits take the ETag that was read."""

from tests.support.http import populate, served


async def test_a_policy_is_set_from_the_version_that_was_read() -> None:
    async with served() as world:
        await populate(world)
        read = await world.ask("GET", "/admin/policy", "consultant")
        assert (read.headers["etag"], read.json()["since"]) == ('"0"', None)
        changed = read.json()["policy"] | {"version": "2026.2", "floor": 3_500}
        put = await world.ask("PUT", "/admin/policy", "admin", json=changed, headers={"If-Match": '"0"'})
        assert (put.status_code, put.headers["etag"], put.json()["policy"]) == (200, '"1"', changed)
        again = await world.ask("PUT", "/admin/policy", "admin", json=changed, headers={"If-Match": '"0"'})
        assert (again.status_code, again.json()["code"]) == (412, "stale_write")
        history = await world.ask("GET", "/admin/policy/history", "consultant")
        assert history.json() == {"items": [put.json()], "next": None}
        contradiction = changed | {"affinities": [*changed["affinities"], changed["affinities"][0]]}
        refused = await world.ask("PUT", "/admin/policy", "admin", json=contradiction)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_policy")


async def test_a_pair_is_explained_in_a_week_with_the_scores_of_its_plan() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["proposed"]
        (pair, *_) = (await world.ask("GET", f"/admin/match-weeks/{week}/proposal", "admin")).json()["pairs"]
        path = f"/admin/members/{pair['a']['id']}/with/{pair['b']['id']}?week={week}"
        explained = (await world.ask("GET", path, "admin")).json()
        assert (explained["mine"]["satisfaction"], explained["mutual"]) == (pair["a_to_b"], pair["mutual"])
