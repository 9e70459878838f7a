"""A member's proof about a round, over HTTP, and what `ygs verify` says of it."""

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.http import World, served
from ygs.application.actors import Actor
from ygs.application.introductions.round_proof import RoundProof
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.domain.ids import WeekId
from ygs.domain.users import Role, Status
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user

OPERATOR = Actor.operator()
WEEK = "2026-W48"
PROOF = f"/users/me/rounds/{WEEK}/proof"
MEMBERS = ("man", "woman", "alone")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await world.add("man", a_user(1))
        await world.add("woman", a_user(2))
        await world.add("alone", a_user(3))
        await world.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        yield world


async def locked(world: World) -> WeekId:
    week = WeekId((await world.ygs.weeks.create(OPERATOR, CreateWeek(week=WEEK))).id)
    await world.ygs.weeks.lock(OPERATOR, week)
    return week


async def published(world: World) -> WeekId:
    week = await locked(world)
    await world.ygs.planning.plan(OPERATOR, week)
    await world.ygs.planning.publish(OPERATOR, week)
    return week


async def proof_of(world: World, who: str) -> Any:
    reply = await world.ask("GET", PROOF, who)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def commitments(world: World) -> Any:
    reply = await world.ask("GET", "/commitments")
    assert reply.status_code == 200
    return reply.json()["items"]


def verify(tmp_path: Path, proof: Any, published: Any = None) -> tuple[int, str]:
    """The exit code and the output of the command; without a database to look at."""
    (tmp_path / "proof.json").write_text(json.dumps(proof), "utf-8")
    command = ["verify", str(tmp_path / "proof.json")]
    if published is not None:
        (tmp_path / "published.json").write_text(json.dumps({"items": published, "next": None}), "utf-8")
        command += ["--published", str(tmp_path / "published.json")]
    said = CliRunner().invoke(app, command)
    return said.exit_code, said.output


async def test_what_was_committed_is_public_before_the_week_is_planned_and_again_when_it_is_published(
    world: World,
) -> None:
    assert await commitments(world) == []
    week = await locked(world)
    (before,) = await commitments(world)
    assert (before["week"], before["round"], before["number"]) == (WEEK, week, 1)
    assert (before["result_root"], before["published_at"]) == (None, None)
    await world.ygs.planning.plan(OPERATOR, week)
    assert await commitments(world) == [before]
    await world.ygs.planning.publish(OPERATOR, week)
    (after,) = await commitments(world)
    assert {**after, "result_root": None, "published_at": None} == before
    assert len(after["result_root"]) == 64


async def test_both_commitments_are_in_the_audit_log(world: World) -> None:
    await published(world)
    (record,) = await commitments(world)
    async with world.ygs.storage.read() as reading:
        entries = [each.entry for each in await reading.audit.page()]
    said = " ".join(each.what for each in entries if each.action == "week.committed")
    for part in ("input_root", "plan_input", "result_root"):
        assert record[part] in said


async def test_a_week_that_is_locked_anew_commits_anew_and_the_first_commitment_stays(world: World) -> None:
    week = await locked(world)
    (first,) = await commitments(world)
    await world.ygs.weeks.discard(OPERATOR, week)
    assert (await world.ask("GET", PROOF, "man")).status_code == 404
    await world.ygs.weeks.lock(OPERATOR, week)
    second, still_first = await commitments(world)
    assert still_first == first
    assert (second["number"], second["input_root"] != first["input_root"]) == (2, True)
    assert (await proof_of(world, "man"))["commitment"] == second


@pytest.mark.parametrize("who", MEMBERS)
async def test_every_member_s_proof_holds_before_and_after_publication(world: World, tmp_path: Path, who: str) -> None:
    week = await locked(world)
    early = await proof_of(world, who)
    before = await commitments(world)
    assert early["results"] == []
    await world.ygs.planning.plan(OPERATOR, week)
    await world.ygs.planning.publish(OPERATOR, week)
    late = await proof_of(world, who)
    (result,) = late["results"]
    assert (result["content"]["introduction"] is None) is (who == "alone")
    for proof in (early, late):
        for record in (None, before, await commitments(world)):
            code, said = verify(tmp_path, proof, record)
            assert code == 0, said
            assert "DOES NOT HOLD" not in said


async def test_the_result_is_shown_and_a_list_from_before_publication_is_not_taken_for_one_that_holds_it(
    world: World, tmp_path: Path
) -> None:
    week = await locked(world)
    before = await commitments(world)
    await world.ygs.planning.plan(OPERATOR, week)
    await world.ygs.planning.publish(OPERATOR, week)
    after = await commitments(world)
    for who, shown in (("man", "mh_"), ("alone", "nobody this week")):
        proof = await proof_of(world, who)
        assert f"Result 1: {shown}" in verify(tmp_path, proof, after)[1]
        assert "before the week was published: save it again" in verify(tmp_path, proof, before)[1]
        assert "before the week was published: save it again" not in verify(tmp_path, proof, after)[1]


def _other_fact(proof: Any) -> None:
    proof["input"]["content"]["facts"]["height_cm"] = 201


def _no_wish(proof: Any) -> None:
    proof["input"]["content"]["wishes"] = {}


def _other_wait(proof: Any) -> None:
    proof["input"]["content"]["weeks_waited"] += 1


def _nobody(proof: Any) -> None:
    proof["results"][0]["content"] |= {"introduction": None, "conditions": []}


def _other_salt(proof: Any) -> None:
    proof["results"][0]["salt"] = "0" * 64


def _other_root(proof: Any) -> None:
    proof["commitment"]["result_root"] = "0" * 64


def _shorter_path(proof: Any) -> None:
    proof["input"]["path"].pop()


def _result_twice(proof: Any) -> None:
    proof["results"] *= 2


CHANGES = (_other_fact, _no_wish, _other_wait, _nobody, _other_salt, _other_root, _shorter_path, _result_twice)


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_is_changed_in_a_proof_it_does_not_hold(world: World, tmp_path: Path, change: Any) -> None:
    await published(world)
    proof = await proof_of(world, "man")
    change(changed := deepcopy(proof))
    assert changed != proof
    code, said = verify(tmp_path, changed)
    assert (code, "DOES NOT HOLD" in said) == (4, True)


async def test_the_result_of_another_member_is_not_one_s_own(world: World, tmp_path: Path) -> None:
    await published(world)
    mine = await proof_of(world, "man")
    mine["results"] = (await proof_of(world, "woman"))["results"]
    assert verify(tmp_path, mine)[0] == 4


@pytest.mark.parametrize("field", ["round", "week"])
async def test_facts_that_were_committed_to_for_another_round_are_not_those_of_this_one(
    world: World, tmp_path: Path, field: str
) -> None:
    """Although every root fits: a service could commit to one round's leaves in another."""
    await published(world)
    proof = await proof_of(world, "man")
    proof["input"]["content"][field] += "9"
    proof["commitment"]["input_root"] = RoundProof.model_validate(proof).input.root()
    code, said = verify(tmp_path, proof)
    assert (code, "DOES NOT HOLD: Facts, wishes and results are of one member and one round." in said) == (4, True)
    assert said.count("DOES NOT HOLD") == 1


@pytest.mark.parametrize("part", ["input_root", "plan_input", "result_root", "locked_at", "code_version"])
async def test_a_proof_does_not_hold_against_another_public_commitment(world: World, tmp_path: Path, part: str) -> None:
    await published(world)
    proof = await proof_of(world, "man")
    (record,) = await commitments(world)
    shown = {**record, part: "2026-01-01T00:00:00Z" if part == "locked_at" else f"0{record[part][1:]}9"[-64:]}
    code, said = verify(tmp_path, proof, [shown])
    assert code == 4, said


async def test_a_file_that_is_no_proof_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    code, said = verify(tmp_path, {"format": "ygs-proof/9"})
    assert (code, "no proof" in said) == (2, True)


async def test_who_took_no_part_and_a_week_without_a_round_have_no_proof(world: World) -> None:
    assert (await world.ask("GET", PROOF, "man")).status_code == 404
    await locked(world)
    await world.add("newcomer", a_user(4))
    assert (await world.ask("GET", PROOF, "newcomer")).status_code == 404
    assert (await world.ask("GET", "/users/me/rounds/2026-W49/proof", "man")).status_code == 404
    assert (await world.ask("GET", PROOF)).status_code == 401
    assert (await world.ask("GET", "/users/me/rounds/next/proof", "man")).status_code == 422


async def test_a_proof_tells_no_sensitive_fact_of_the_partner_and_nothing_that_names_them(world: World) -> None:
    await published(world)
    (result,) = (await proof_of(world, "man"))["results"]
    woman = world.people["woman"]
    for private in (woman.id, woman.name, str(woman.phone)):
        assert private not in json.dumps(result, ensure_ascii=False)
    assert {each["attribute"] for each in result["content"]["conditions"]} & {"religion", "marital_history"} == set()


async def test_a_proof_is_the_same_whatever_the_other_answers(world: World) -> None:
    await published(world)
    before = await proof_of(world, "man")
    (introduction,) = (await world.ask("GET", "/match/current", "woman")).json()["introductions"]
    answer = {"choice": "decline", "reason": "age"}
    await world.ask("PUT", f"/match/history/{introduction['id']}/answer", "woman", json=answer)
    assert await proof_of(world, "man") == before
    await world.ask("PUT", f"/match/history/{introduction['id']}/answer", "man", json={"choice": "accept"})
    assert await proof_of(world, "man") == before


@pytest.mark.parametrize("end", ["block", "leave"])
async def test_what_the_partner_offers_is_withheld_once_they_may_not_be_read(
    world: World, tmp_path: Path, end: str
) -> None:
    await published(world)
    if end == "block":
        assert (await world.ask("PUT", f"/users/me/blocks/{world.people['man'].id}", "woman")).status_code == 204
    else:
        assert (await world.ask("DELETE", "/users/me", "woman")).status_code == 204
    proof = await proof_of(world, "man")
    assert (proof["results"], proof["withheld"]) == ([], 1)
    assert verify(tmp_path, proof)[0] == 0


async def test_no_proof_is_left_once_the_inputs_are_deleted_and_the_commitment_is(world: World) -> None:
    await published(world)
    record = await commitments(world)
    world.clock.advance(days=31)
    await world.ygs.erasure.purge(OPERATOR)
    await world.renew("man")
    assert (await world.ask("GET", PROOF, "man")).status_code == 404
    assert await commitments(world) == record


async def test_the_eleventh_proof_within_an_hour_has_to_wait(world: World) -> None:
    await locked(world)
    statuses = [(await world.ask("GET", PROOF, "man")).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert (await world.ask("GET", PROOF, "woman")).status_code == 200


async def test_a_member_who_could_have_two_introductions_has_two_results(world: World, tmp_path: Path) -> None:
    two = PolicySettings(version="two", capacity=2)
    week = WeekId((await world.ygs.weeks.create(OPERATOR, CreateWeek(week=WEEK, policy=two))).id)
    await world.ygs.weeks.lock(OPERATOR, week)
    await world.ygs.planning.plan(OPERATOR, week)
    await world.ygs.planning.publish(OPERATOR, week)
    proof = await proof_of(world, "man")
    introductions = [each["content"]["introduction"] for each in proof["results"]]
    assert (len(introductions), introductions[-1]) == (2, None)
    assert verify(tmp_path, proof)[0] == 0
