"""Match weeks over HTTP: in order, repeated, page by page, and with overrides taken back."""

from typing import Any

from tests.support.http import World, populate, served
from ygs.application.actors import Actor
from ygs.application.explanations.proposal_views import SwapView
from ygs.domain.ids import UserId, WeekId
from ygs.domain.matching.plan import PlannedPair
from ygs.entrypoints.testing.builders import a_user

OPERATOR = Actor.operator()
BELOW = "/admin/match-weeks"


async def posted(world: World, path: str, **more: Any) -> Any:
    return await world.ask("POST", f"{BELOW}{path}", "admin", **more)


async def read(world: World, path: str) -> Any:
    reply = await world.ask("GET", f"{BELOW}{path}", "admin")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_steps_out_of_order_are_conflicts_that_say_what_to_do_first() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["open"]
        for step in ("plan", "publish"):
            refused = await posted(world, f"/{week}/{step}")
            assert (refused.status_code, refused.json()["code"]) == (409, "wrong_status")
            assert "lock it first, then plan it" in refused.json()["detail"]
        assert (await posted(world, f"/{week}/lock")).status_code == 200
        assert (await posted(world, f"/{week}/publish")).status_code == 409
        assert (await posted(world, f"/{week}/overrides", json={})).status_code == 409


async def test_a_step_that_is_repeated_under_its_key_is_answered_alike_and_says_that_it_was_ones_own() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["open"]
        for step in ("lock", "plan", "publish"):
            headers = {"Idempotency-Key": f"{step}-of-this-week"}
            first = await posted(world, f"/{week}/{step}", headers=headers)
            again = await posted(world, f"/{week}/{step}", headers=headers)
            status = 200 if step == "lock" else 202
            assert (first.status_code, again.status_code) == (status, status), first.text
            assert again.json() == first.json()
            assert again.headers.get("location") == first.headers.get("location")
            assert "idempotent-replayed" not in first.headers
            assert again.headers["idempotent-replayed"] == "true"
            if status == 202:
                assert (await world.done(first))["result"]["week"] == week
        anew = await posted(world, f"/{week}/publish", headers={"Idempotency-Key": "somebody-elses"})
        assert (anew.status_code, anew.json()["code"]) == (409, "wrong_status")


async def test_a_week_is_created_with_a_deadline_and_rules_of_its_own() -> None:
    async with served() as world:
        await populate(world)
        rules = {"version": "2027", "floor": 4_000}
        created = await posted(
            world, "", json={"week": "2027-W03", "deadline": "2027-01-22T12:00:00+09:00", "policy": rules}
        )
        assert created.status_code == 201, created.text
        assert (created.json()["deadline"], created.json()["policy_version"]) == ("2027-01-22T03:00:00Z", "2027")
        async with world.ygs.storage.read() as reading:
            assert (await reading.weeks.get(WeekId(created.json()["id"]))).policy.floor == 4_000
        late = await posted(world, "", json={"week": "2027-W04", "deadline": "2020-01-22T12:00:00Z"})
        assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


async def test_all_pairs_and_all_people_are_read_page_by_page() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["proposed"]
        proposal = await read(world, f"/{week}/proposal")
        for listed, most in (("pairs", proposal["report"]["pairs"]), ("unmatched", proposal["unmatched_count"])):
            found = list[Any]()
            after = ""
            while True:
                page = await read(world, f"/{week}/proposal/{listed}?limit=1&after={after}")
                found += page["items"]
                if page["next"] is None:
                    break
                after = page["next"]
            assert len(found) == len({each["cursor"] for each in found}) == most
            assert found[0] == proposal[listed][0] if most else True
        pair = proposal["pairs"][0]
        assert pair["reasons"].keys() == {"ko", "en"}
        for wrong in ("order=worst", "after=1", "after=-7630.usr_x", "limit=101"):
            reply = await world.ask("GET", f"{BELOW}/{week}/proposal/pairs?{wrong}", "admin")
            assert reply.status_code == 422, wrong


async def test_an_override_is_listed_and_taken_back_over_http() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["proposed"]
        pair = (await read(world, f"/{week}/proposal"))["pairs"][0]
        ids = [pair["a"]["id"], pair["b"]["id"]]
        assert (await posted(world, f"/{week}/overrides", json={"pins": [ids]})).status_code == 200
        listed, forbidden = (await read(world, f"/{week}/overrides"))["items"]
        assert (listed["kind"], [each["id"] for each in listed["people"]]) == ("pin", ids)
        contrary = await posted(world, f"/{week}/overrides", json={"forbids": [ids]})
        assert contrary.status_code == 409
        (fault,) = contrary.json()["faults"]
        assert (fault["where"], fault["rule"]) == ("body.forbids", "override_in_the_way")
        assert f"DELETE on overrides/{listed['key']}" in fault["detail"]
        assert "ygs week" not in contrary.text
        path = f"{BELOW}/{week}/overrides/{listed['key']}"
        assert (await world.ask("DELETE", path, "admin")).status_code == 200
        assert (await read(world, f"/{week}/overrides"))["items"] == [forbidden]
        assert (await world.ask("DELETE", path, "admin")).status_code == 404


async def test_two_pairs_exchange_partners_over_http_and_back_as_one_act() -> None:
    async with served() as world:
        await populate(world)
        week = world.weeks["open"]
        async with world.ygs.storage.write() as tx:
            await tx.users.add_all([a_user(number) for number in range(20, 32)])
        await world.ygs.weeks.lock(OPERATOR, week)
        plan = await world.ygs.planning.plan(OPERATOR, week)
        found = [(each.a, each.b, await _swaps(world, week, each)) for each in plan.pairs]
        one, partner, possible = next(each for each in found if each[2])
        best = possible[0]
        swap: list[list[str]] = [[one, partner], [best.mine.id, best.theirs.id]]
        assert (await posted(world, f"/{week}/overrides", json={"swaps": [swap]})).status_code == 200
        (listed,) = (await read(world, f"/{week}/overrides"))["items"]
        assert (listed["kind"], {each["id"] for each in listed["people"]}) == ("swap", set(swap[0] + swap[1]))
        after = {(each["a"]["id"], each["b"]["id"]) for each in (await read(world, f"/{week}/proposal"))["pairs"]}
        assert tuple(sorted((one, best.theirs.id))) in after
        again = await posted(world, f"/{week}/overrides", json={"swaps": [swap]}, headers={"Accept-Language": "ko"})
        assert again.status_code == 409
        assert "usr_" not in again.json()["detail"], "people are called by name"
        assert (await world.ask("DELETE", f"{BELOW}/{week}/overrides/{listed['key']}", "admin")).status_code == 200
        assert (await read(world, f"/{week}/overrides"))["items"] == []


async def _swaps(world: World, week: WeekId, pair: PlannedPair) -> list[SwapView]:
    return await world.ygs.proposals.swaps(OPERATOR, week, UserId(pair.a), UserId(pair.b), limit=1)
