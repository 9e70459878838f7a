"""Introductions by hand: checked like the round's, proven, counted, and no part of what the week committed to."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.http import World, served
from tests.unit.test_webhooks import Agency
from ygs.application.actors import Actor
from ygs.application.introductions.manual_introductions import (
    ManualIntroduction,
    ManualIntroductionView,
    PairToIntroduce,
)
from ygs.application.introductions.proof_check import check_proof
from ygs.application.introductions.round_proof import RoundProof
from ygs.application.messages.translate import explain_error
from ygs.application.notifications.webhook_messages import message_body
from ygs.application.rounds.weeks import CreateWeek
from ygs.domain.contacts import Contact
from ygs.domain.errors import Forbidden, RoundRefused
from ygs.domain.events import EventType
from ygs.domain.ids import WeekId
from ygs.domain.introductions import Introduction, IntroductionOrigin, IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.memberships import PromiseUnit
from ygs.domain.users import Role, Status, User
from ygs.domain.webhooks import WEBHOOK_EVENTS
from ygs.entrypoints.testing.builders import a_membership, a_user

OPERATOR = Actor.operator()
# Men have odd numbers and women even ones.
MAN, WOMAN, OTHER_MAN, OTHER_WOMAN = 1, 2, 3, 4
PATH = "/admin/introductions"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A week is running whose round introduced the first man, who may have two introductions, and the first woman."""
    async with served() as world:
        await world.add("man", a_user(MAN, capacity=2))
        await world.add("woman", a_user(WOMAN))
        await world.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        week = WeekId((await world.ygs.weeks.create(OPERATOR, CreateWeek(week="2026-W48"))).id)
        world.weeks["running"] = week
        await world.ygs.weeks.lock(OPERATOR, week)
        await world.ygs.planning.plan(OPERATOR, week)
        await world.ygs.planning.publish(OPERATOR, week)
        for number in (OTHER_MAN, OTHER_WOMAN):
            await world.add(f"other {number}", a_user(number))
        yield world


def pair(one: int = OTHER_MAN, other: int = OTHER_WOMAN, **more: Any) -> ManualIntroduction:
    fields = {"one": a_user(one).id, "other": a_user(other).id, "reason": "두 분이 상담에서 원하셨습니다"}
    return ManualIntroduction.model_validate({**fields, **more})


async def preview(world: World, *args: int, **more: Any) -> ManualIntroductionView:
    request = pair(*args, **more)
    plain = PairToIntroduce(one=request.one, other=request.other, deadline=request.deadline)
    return await world.ygs.manual_introductions.preview(OPERATOR, plain)


def codes(view: ManualIntroductionView) -> list[str]:
    assert all(each.words.ko and each.words.en for each in view.obstacles)
    return [each.code for each in view.obstacles]


async def introductions(world: World, number: int) -> Sequence[Introduction]:
    async with world.ygs.storage.read() as reading:
        return await reading.introductions.of_user(a_user(number).id)


async def change(world: World, number: int, **fields: Any) -> User:
    async with world.ygs.storage.write() as tx:
        user = replace(await tx.users.get(a_user(number).id), **fields)
        await tx.users.save(user)
    return user


async def test_the_two_are_introduced_with_proofs_and_scores_until_the_weeks_deadline(world: World) -> None:
    view = await world.ygs.manual_introductions.introduce(OPERATOR, pair())
    (made,) = await introductions(world, OTHER_MAN)
    week = await world.ygs.weeks.show(OPERATOR, world.weeks["running"])
    assert (made.id, made.origin, made.state) == (view.id, IntroductionOrigin.STAFF, IntroductionState.WAITING)
    assert (made.week_id, made.deadline) == (week.id, week.deadline)
    assert {made.a_to_b, made.b_to_a} == {view.satisfaction_of_one, view.satisfaction_of_other}
    assert made.mutual == view.mutual > 0
    assert {each.attribute for each in made.proof_of_a} == set(a_user(OTHER_MAN).wishes)
    assert made.proof_of_b
    assert not view.obstacles
    assert week.introductions.waiting == 2
    assert await world.ygs.invariant_check.check(OPERATOR) == []


async def test_both_are_notified_and_may_answer(world: World) -> None:
    view = await world.ygs.manual_introductions.introduce(OPERATOR, pair())
    for who in (f"other {OTHER_MAN}", f"other {OTHER_WOMAN}"):
        current = (await world.ask("GET", "/match/current", who)).json()
        assert [each["id"] for each in current["introductions"]] == [view.id]
        reply = await world.ask("PUT", f"/match/history/{view.id}/answer", who, json={"choice": "accept"})
        assert reply.is_success, reply.text
    (made,) = await introductions(world, OTHER_MAN)
    assert made.state is IntroductionState.MUTUAL


async def test_the_proof_of_the_round_holds_for_a_member_who_was_introduced_by_hand_too(world: World) -> None:
    await world.ygs.manual_introductions.introduce(OPERATOR, pair(MAN, OTHER_WOMAN))
    reply = await world.ask("GET", "/users/me/rounds/2026-W48/proof", "man")
    proof = RoundProof.model_validate(reply.json())
    assert all(finding.holds for finding in check_proof(proof))
    assert [each.content.introduction is None for each in proof.results] == [False, True]


async def test_everything_in_the_way_is_said_at_once_and_nothing_is_made(world: World) -> None:
    must = {"height_cm": Wish.between("height_cm", 219, 220, Importance.MUST)}
    woman = await change(world, WOMAN, wishes=must, status=Status.PAUSED)
    async with world.ygs.storage.write() as tx:
        await tx.blocks.add_contacts(a_user(MAN).id, [Contact.phone(woman.phone or "")], world.clock.now())
    late = world.clock.now() + timedelta(days=30)
    view = await preview(world, WOMAN, MAN, deadline=late)
    expected = ["deadline", "not_active", "over_capacity", "introduced_before", "block", "i_refuse"]
    assert codes(view)[:6] == expected
    with pytest.raises(RoundRefused) as refused:
        await world.ygs.manual_introductions.introduce(OPERATOR, pair(WOMAN, MAN, deadline=late))
    assert len(refused.value.fields["reasons"]) == len(view.obstacles)  # type: ignore[arg-type]
    assert len(await introductions(world, WOMAN)) == 1


async def test_a_refusal_names_people_as_the_week_desk_does_and_is_audited(world: World) -> None:
    await change(world, OTHER_WOMAN, status=Status.PAUSED)
    with pytest.raises(RoundRefused) as refused:
        await world.ygs.manual_introductions.introduce(OPERATOR, pair(MAN, OTHER_WOMAN))
    with pytest.raises(RoundRefused) as met:
        await world.ygs.manual_introductions.introduce(OPERATOR, pair(MAN, WOMAN))
    for language in Language:
        told = explain_error(refused.value, language) + explain_error(met.value, language)
        assert "usr_" not in told
        assert all(a_user(each).name in told for each in (MAN, WOMAN, OTHER_WOMAN))
    async with world.ygs.storage.read() as reading:
        entries = await reading.audit.about(a_user(OTHER_WOMAN).id, limit=1)
    assert [each.entry.action for each in entries] == ["pair.previewed"]


async def test_a_must_stops_staff_too(world: World) -> None:
    must = {"height_cm": Wish.between("height_cm", 219, 220, Importance.MUST)}
    await change(world, OTHER_WOMAN, wishes=must)
    assert "they_refuse" in codes(await preview(world))
    with pytest.raises(RoundRefused):
        await world.ygs.manual_introductions.introduce(OPERATOR, pair())
    assert await introductions(world, OTHER_MAN) == []


async def test_it_takes_a_slot_of_the_week(world: World) -> None:
    assert codes(await preview(world, OTHER_MAN, WOMAN)) == ["over_capacity"]
    await world.ygs.manual_introductions.introduce(OPERATOR, pair(MAN, OTHER_WOMAN))
    assert codes(await preview(world, OTHER_MAN, OTHER_WOMAN)) == ["over_capacity"]


async def test_without_a_running_week_nobody_is_introduced(world: World) -> None:
    world.clock.advance(days=8)
    assert codes(await preview(world)) == ["no_running_week"]
    with pytest.raises(RoundRefused):
        await world.ygs.manual_introductions.introduce(OPERATOR, pair())


async def test_it_expires_with_the_week(world: World) -> None:
    soon = world.clock.now() + timedelta(hours=12)
    await world.ygs.manual_introductions.introduce(OPERATOR, pair(deadline=soon))
    world.clock.advance(days=8)
    await world.ygs.weeks.close(OPERATOR, world.weeks["running"])
    (made,) = await introductions(world, OTHER_MAN)
    assert (made.deadline, made.state) == (soon, IntroductionState.EXPIRED)


async def test_a_second_click_makes_no_second_introduction(world: World) -> None:
    body = pair().model_dump(mode="json")
    once = {"Idempotency-Key": "introduce-the-two"}
    await world.renew("admin")
    first = await world.ask("POST", PATH, "admin", json=body, headers=once)
    again = await world.ask("POST", PATH, "admin", json=body, headers=once)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other_key = await world.ask("POST", PATH, "admin", json=body)
    assert (other_key.status_code, other_key.json()["code"]) == (409, "round_refused")
    assert len(await introductions(world, OTHER_MAN)) == 1


async def test_both_members_and_the_reason_are_in_the_audit_log(world: World) -> None:
    await preview(world)
    view = await world.ygs.manual_introductions.introduce(OPERATOR, pair())
    async with world.ygs.storage.read() as reading:
        both = {a_user(OTHER_MAN).id, a_user(OTHER_WOMAN).id}
        entries = [each.entry for each in await reading.audit.about(a_user(OTHER_MAN).id, limit=10)]
    made, previewed = [each for each in entries if each.action.startswith(("introduction.", "pair."))]
    assert (made.action, made.what, made.reason) == ("introduction.made", view.id, pair().reason)
    assert (previewed.action, previewed.subjects.count, made.subjects.count) == ("pair.previewed", 2, 2)
    assert set(made.subjects.ids) in ({*both}, set())


async def test_staff_introduce_nobody_to_themselves(world: World) -> None:
    staff = Actor.signed_in(a_user(OTHER_MAN).id, Role.CONSULTANT)
    with pytest.raises(Forbidden):
        await world.ygs.manual_introductions.introduce(staff, pair())
    with pytest.raises(Forbidden):
        await world.ygs.manual_introductions.preview(staff, pair())


async def test_it_is_delivered_in_the_ledger_of_a_membership(world: World) -> None:
    terms = replace(a_membership().terms, unit=PromiseUnit.INTRODUCTIONS)
    async with world.ygs.storage.write() as tx:
        await tx.memberships.add(a_membership(1, user=OTHER_MAN, terms=terms))
    member = a_user(OTHER_MAN).id
    (before,) = await world.ygs.memberships.list_of_member(OPERATOR, member)
    await world.ygs.manual_introductions.introduce(OPERATOR, pair())
    (after,) = await world.ygs.memberships.list_of_member(OPERATOR, member)
    assert after.delivered == before.delivered + 1


async def test_webhooks_hear_of_it_as_of_any_other_and_read_no_reason(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        await tx.outbox.mark_dispatched(await tx.outbox.pending(), at=world.clock.now())
    request = pair()
    view = await world.ygs.manual_introductions.introduce(OPERATOR, request)
    async with world.ygs.storage.read() as reading:
        events = await reading.outbox.pending()
    assert [each.type for each in events] == [EventType.INTRODUCTION_PROPOSED] * 2
    assert set(EventType) & WEBHOOK_EVENTS >= {EventType.INTRODUCTION_PROPOSED}
    for event in events:
        body = json.loads(message_body(event))
        assert set(body["data"]) == {"user_id", "introduction_id", "week_id"}
        assert body["data"]["introduction_id"] == view.id
        assert request.reason not in message_body(event).decode()


async def test_it_is_notified_and_sent_to_webhooks_like_one_of_the_round() -> None:
    agency = Agency()
    endpoint = await agency.create(EventType.INTRODUCTION_PROPOSED)
    async with served(agency.storage) as world:
        for number in (MAN, WOMAN):
            await world.add(f"{number}", a_user(number))
        week = WeekId((await world.ygs.weeks.create(OPERATOR, CreateWeek(week="2026-W48"))).id)
        await world.ygs.weeks.lock(OPERATOR, week)
        await world.ygs.planning.plan(OPERATOR, week)
        await world.ygs.planning.publish(OPERATOR, week)
        for number in (OTHER_MAN, OTHER_WOMAN):
            await world.add(f"{number}", a_user(number))
        await world.ygs.manual_introductions.introduce(OPERATOR, pair())
        of_round, by_hand = sorted(
            [*await introductions(world, MAN), *await introductions(world, OTHER_MAN)], key=lambda each: each.origin
        )
        assert (of_round.origin, by_hand.origin) == (IntroductionOrigin.ROUND, IntroductionOrigin.STAFF)
    await agency.happen()
    await agency.deliver()
    sent = [each.verified(endpoint.secret) for each in agency.sender.sent]
    assert _told(sent, of_round) == [
        ("introduction.proposed", {"user_id": person, "introduction_id": of_round.id, "week_id": week})
        for person in (of_round.a, of_round.b)
    ]
    assert _told(sent, by_hand) == [
        ("introduction.proposed", {"user_id": person, "introduction_id": by_hand.id, "week_id": week})
        for person in (by_hand.a, by_hand.b)
    ]
    assert len(sent) == len({each.headers["webhook-id"] for each in agency.sender.sent}) == 4
    async with agency.storage.read() as reading:
        for made in (of_round, by_hand):
            for person in (made.a, made.b):
                (notice,) = await reading.notices.page(person)
                assert (notice.event.type, notice.event.introduction_id) == (EventType.INTRODUCTION_PROPOSED, made.id)


def _told(messages: Sequence[Mapping[str, Any]], made: Introduction) -> list[tuple[str, Mapping[str, str]]]:
    """The types and ids of the messages about an introduction, ordered by the person whom they are about."""
    about = [each for each in messages if each["data"]["introduction_id"] == made.id]
    return sorted(((each["type"], each["data"]) for each in about), key=lambda each: each[1]["user_id"])
