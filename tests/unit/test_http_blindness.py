"""What cannot be found out by asking: what the other said before it is decided, and who has an account."""

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from tests.support.http import PASSWORD, World, populate, served
from tests.unit.test_http_permissions import place, routes
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user

YES = {"choice": "accept"}
NO = {"choice": "decline", "reason": "looks", "words": "CANARY-words"}


async def everything_readable(world: World, who: str) -> dict[str, tuple[int, bytes]]:
    """Every GET route's answer to one member, about themselves, about the other, and about what they share."""
    answers = {}
    for route in routes(world.app):
        if route.startswith("GET ") and not route.endswith(("/metrics", "/live", "/ready")):
            for path in {place(world, route), place(world, route).replace(world.people["owner"].id, _other(world))}:
                reply = await world.ask("GET", path, who)
                answers[path] = reply.status_code, _said(reply)
    return answers


def _said(reply: httpx.Response) -> bytes:
    """What an answer says, without what differs from one moment to the next by design: the request's id, the signatures
    of addresses, and when an archive was packed."""
    body = reply.content.replace(reply.headers["x-request-id"].encode(), b"")
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as archive:
            body = b"".join(name.encode() + archive.read(name) for name in sorted(archive.namelist()))
    return re.sub(rb"/api/v1/files/[\w.-]+", b"", body)


def _other(world: World) -> str:
    return world.people["matched_before_reveal"].id


@pytest.mark.parametrize("who", ["owner", "another_member", "former_match"])
async def test_everything_one_can_read_is_the_same_whatever_the_other_said(who: str) -> None:
    seen = []
    for said in (None, YES, NO):
        async with served() as world:
            await populate(world)
            # Ids of sessions and weeks come from the real clock and chance: read twice in one world instead.
            before = await everything_readable(world, who)
            if said is not None:
                path = f"/match/history/{world.introductions['waiting']}/answer"
                assert (await world.ask("PUT", path, "matched_before_reveal", json=said)).status_code == 200
            after = await everything_readable(world, who)
            assert before == after
            seen.append(_about_the_introduction(world, before))
    assert seen[0] == seen[1] == seen[2]


def _about_the_introduction(world: World, answers: dict[str, tuple[int, bytes]]) -> Any:
    return answers["/match/current"], answers[f"/match/history/{world.introductions['waiting']}"]


@pytest.mark.parametrize("mine", [YES, NO])
async def test_answering_is_answered_alike_until_both_have(mine: dict[str, str]) -> None:
    async with served() as world:
        await populate(world)
        path = f"/match/history/{world.introductions['waiting']}/answer"
        reply = (await world.ask("PUT", path, "owner", json=mine)).json()
        assert (reply["state"], reply["my_answer"]["choice"]) == ("waiting", mine["choice"])


async def test_no_member_reads_what_another_declined_with() -> None:
    async with served() as world:
        await populate(world)
        path = f"/match/history/{world.introductions['waiting']}/answer"
        await world.ask("PUT", path, "owner", json=YES)
        reply = await world.ask("PUT", path, "matched_before_reveal", json=NO)
        assert reply.json()["state"] == "not_mutual"
        # The list of all reasons there are is the same for everybody.
        readable = {
            where: body
            for where, (_, body) in (await everything_readable(world, "owner")).items()
            if not where.startswith("/vocabulary")
        }
        assert not [where for where, body in readable.items() if b"looks" in body or b"CANARY" in body]


async def test_contacts_and_sensitive_facts_of_others_are_not_read_before_both_accepted() -> None:
    async with served() as world:
        await populate(world)
        for who in ("owner", "another_member", "former_match", "pending"):
            readable = await everything_readable(world, who)
            for name, user in world.people.items():
                revealed = {who} | ({"matched_after_reveal"} if who == "owner" else set())
                if name not in revealed:
                    bodies = b"".join(body for _, body in readable.values())
                    assert (user.phone or "").encode() not in bodies
                    assert (user.email or "").encode() not in bodies
                    # Members book slots of consultants, by their names.
                    assert user.role is not Role.MEMBER or user.name.encode() not in bodies


async def test_the_revealed_person_has_a_name_and_a_phone_once_both_accepted() -> None:
    async with served() as world:
        await populate(world)
        before = (await world.ask("GET", f"/users/{_other(world)}", "owner")).json()
        after = (await world.ask("GET", f"/users/{world.people['matched_after_reveal'].id}", "owner")).json()
        assert (before["name"][1:], before["phone"]) == ("○○", None)
        assert (after["name"], after["phone"]) == (a_user(4).name, a_user(4).phone)
        assert "religion" not in {*before["facts"], *after["facts"]}


async def test_signing_in_fails_alike_for_unknown_wrong_locked_and_gone() -> None:
    async with served() as world:
        await populate(world)
        gone, owner = world.with_phone("withdrawn"), world.with_phone("owner")
        tries = {"unknown": "+821099998888", "wrong": world.with_phone("pending"), "gone": gone}
        hashes: list[int] = []
        answers = [await _sign_in(world, phone, "wrong " + PASSWORD, hashes) for phone in tries.values()]
        for _ in range(5):
            await _sign_in(world, owner, "wrong " + PASSWORD, [])
        answers.append(await _sign_in(world, owner, PASSWORD, hashes))
        assert len({str(answer) for answer in answers}) == 1
        assert hashes == [1, 1, 1, 1]


async def _sign_in(world: World, phone: str, password: str, hashes: list[int]) -> Any:
    """Status, headers and body, without the request's own id; and how many hashes it took."""
    world.clock.advance(seconds=30)
    before = world.passwords.computed
    reply = await world.ask("POST", "/auth/login", json={"phone": phone, "password": password})
    hashes.append(world.passwords.computed - before)
    body = {name: value for name, value in reply.json().items() if name != "request_id"}
    return reply.status_code, body, sorted(set(reply.headers) - {"x-request-id"})


async def test_asking_for_a_code_is_answered_alike_for_anybody() -> None:
    async with served() as world:
        await populate(world)
        known, unknown = [
            await world.ask("POST", "/auth/password/forgot", json={"phone": phone})
            for phone in (world.with_phone("owner"), "+821099998888")
        ]
        assert (known.status_code, known.json().keys()) == (unknown.status_code, unknown.json().keys())
        assert len(known.content) == len(unknown.content)
        assert len(world.mailbox.sent) == 1


async def test_the_reported_read_the_same_before_and_after_and_others_read_nothing_of_it() -> None:
    async with served() as world:
        await populate(world)
        people = ("owner", "matched_after_reveal", "former_match", "another_member")
        before = {who: await everything_readable(world, who) for who in people}
        told = {"category": "harassment", "words": "CANARY-report"}
        path = f"/users/{world.people['matched_after_reveal'].id}/report"
        reply = await world.ask("POST", path, "owner", json=told)
        assert (reply.status_code, "CANARY" in reply.text) == (201, False)
        note = f"/admin/members/{world.people['matched_after_reveal'].id}/notes"
        assert (await world.ask("POST", note, "consultant", json={"text": "CANARY-note"})).status_code == 201
        after = {who: await everything_readable(world, who) for who in people}
        assert {who: after[who] for who in people[1:]} == {who: before[who] for who in people[1:]}
        changed = {where for where in after["owner"] if after["owner"][where] != before["owner"][where]}
        assert changed == {"/users/me/export"}


async def test_of_a_block_the_other_reads_nothing_but_that_the_first_is_gone() -> None:
    async with served() as world:
        await populate(world)
        people = ("matched_after_reveal", "former_match", "another_member")
        before = {who: await everything_readable(world, who) for who in people}
        path = f"/users/{world.people['matched_after_reveal'].id}/report"
        told = {"category": "harassment", "words": "CANARY-report", "keep_apart": True}
        assert (await world.ask("POST", path, "owner", json=told)).status_code == 201
        after = {who: await everything_readable(world, who) for who in people}
        changed = {(who, where) for who in people for where in after[who] if after[who][where] != before[who][where]}
        gone = [f"/users/{world.people['owner'].id}", "/match/current", "/match/history"]
        # Their meeting is cancelled, as if either had cancelled it.
        meeting = f"/introductions/{world.introductions['mutual']}/meeting"
        gone += [meeting, f"{meeting}/calendar.ics", "/users/me/export"]
        assert changed == {("matched_after_reveal", where) for where in gone}


async def test_a_report_sent_twice_under_one_key_is_one_report() -> None:
    async with served() as world:
        await populate(world)
        path = f"/users/{world.people['matched_after_reveal'].id}/report"
        sent = {"json": {"category": "no_show"}, "headers": {"Idempotency-Key": "a-key-of-the-client"}}
        first, second = await world.ask("POST", path, "owner", **sent), await world.ask("POST", path, "owner", **sent)
        assert (first.status_code, first.content) == (201, second.content)
        refused = await world.ask("POST", path, "owner", json={"category": "no_show"})
        assert (refused.status_code, refused.json()["code"]) == (409, "already_reported")
