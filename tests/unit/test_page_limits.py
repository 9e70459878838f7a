"""Whoever embeds the library passes no HTTP: every use case bounds its pages itself, whatever it is asked for."""

import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import fields, replace
from importlib import import_module
from typing import Any

import pytest

import ygs.application
from tests.support.http import World, populate, served
from tests.unit.test_explain import STAFF, STRICT, planned
from ygs.application.actors import Actor
from ygs.bootstrap import Application
from ygs.domain.deliveries import DeliveryState
from ygs.domain.ids import UserId
from ygs.domain.imports import ImportVerdict
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.policy import Policy
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import (
    a_consultation,
    a_meeting,
    a_membership,
    a_note,
    a_plan,
    a_report,
    a_slot,
    a_user,
    a_week,
)
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.commitments import INPUTS, KEY, a_commitment
from ygs.entrypoints.testing.contracts.deliveries import a_delivery
from ygs.entrypoints.testing.contracts.exports import an_export
from ygs.entrypoints.testing.contracts.files import a_document, a_photo, an_album
from ygs.entrypoints.testing.contracts.imports import an_import
from ygs.entrypoints.testing.contracts.jobs import a_job
from ygs.entrypoints.testing.contracts.learned import a_version
from ygs.entrypoints.testing.contracts.outbox import a_notice, an_event
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.ports.repositories.audit import AuditFilter

MANY = 10**9
ADMIN = Actor.signed_in(a_user(7).id, Role.ADMIN)
OWNER = a_user(1).id

Page = Callable[[Application], Awaitable[Sequence[Any]]]


async def notices_of_owner(ygs: Application) -> Sequence[Any]:
    """The owner's notices."""
    return (await ygs.notices.list(Actor.signed_in(OWNER, Role.MEMBER), limit=MANY)).items


async def timeline_of_owner(ygs: Application) -> Sequence[Any]:
    """What happened to the owner."""
    return (await ygs.timelines.read(ADMIN, OWNER, limit=MANY)).items


REJECTED = '{"row": 2, "column": "", "why": "not_told"}'
# Of people who are there, in a world where there is more than one of each.
PAGES: dict[str, Page] = {
    "MemberReview.list_queue": lambda ygs: ygs.member_review.list_queue(ADMIN, limit=MANY),
    "Timelines.read": timeline_of_owner,
    "Photos.list_waiting": lambda ygs: ygs.photos.list_waiting(ADMIN, limit=MANY),
    "Documents.list_waiting": lambda ygs: ygs.documents.list_waiting(ADMIN, limit=MANY),
    "Notes.list_about": lambda ygs: ygs.notes.list_about(ADMIN, OWNER, limit=MANY),
    "Reports.list_open": lambda ygs: ygs.reports.list_open(ADMIN, limit=MANY),
    "Reports.list_about": lambda ygs: ygs.reports.list_about(ADMIN, a_user(6).id, limit=MANY),
    "MemberIntroductions.list": lambda ygs: ygs.member_introductions.list(
        Actor.signed_in(OWNER, Role.MEMBER), limit=MANY
    ),
    "StaffList.read": lambda ygs: ygs.staff_list.read(ADMIN, limit=MANY),
    "StaffMeetings.list_missed": lambda ygs: ygs.staff_meetings.list_missed(ADMIN, limit=MANY),
    "Memberships.list_open": lambda ygs: ygs.memberships.list_open(ADMIN, limit=MANY),
    "MembershipPlans.list": lambda ygs: ygs.membership_plans.list(ADMIN, limit=MANY),
    "ExportJobs.list": lambda ygs: ygs.export_jobs.list(ADMIN, limit=MANY),
    "ImportJobs.list": lambda ygs: ygs.import_jobs.list(ADMIN, limit=MANY),
    "ImportJobs.verdicts": lambda ygs: ygs.import_jobs.verdicts(ADMIN, an_import().id, limit=MANY),
    "Consultations.list_slots": lambda ygs: ygs.consultations.list_slots(
        Actor.signed_in(OWNER, Role.MEMBER), limit=MANY
    ),
    "Consultations.list": lambda ygs: ygs.consultations.list(Actor.signed_in(OWNER, Role.MEMBER), limit=MANY),
    "StaffConsultations.calendar": lambda ygs: ygs.staff_consultations.calendar(ADMIN, days=31, limit=MANY),
    "StaffConsultations.list_slots": lambda ygs: ygs.staff_consultations.list_slots(ADMIN, limit=MANY),
    "StaffConsultations.list_of_member": lambda ygs: ygs.staff_consultations.list_of_member(ADMIN, OWNER, limit=MANY),
    "JobQueue.list": lambda ygs: ygs.jobs.list(ADMIN, limit=MANY),
    "FailedDeliveries.list": lambda ygs: ygs.failed_deliveries.list(ADMIN, limit=MANY),
    "Webhooks.deliveries": lambda ygs: ygs.webhooks.deliveries(ADMIN, a_webhook().id, limit=MANY),
    "Notices.list": notices_of_owner,
    "MatchWeeks.latest": lambda ygs: ygs.weeks.latest(ADMIN, limit=MANY),
    "Learning.versions": lambda ygs: ygs.learning.versions(ADMIN, limit=MANY),
    "Policies.history": lambda ygs: ygs.policies.history(ADMIN, limit=MANY),
    "RoundProofs.commitments": lambda ygs: ygs.round_proofs.commitments(limit=MANY),
    "AuditSearch.find": lambda ygs: ygs.audit_search.find(ADMIN, AuditFilter(), limit=MANY),
    "AuditLog.list": lambda ygs: ygs.accounts.audit_log.list(ADMIN, limit=MANY),  # type: ignore[union-attr]
    "AuditLog.list_about": lambda ygs: ygs.accounts.audit_log.list_about(ADMIN, OWNER, limit=MANY),  # type: ignore[union-attr]
}
# Their own tests hold their pages.
ELSEWHERE = {"Breaches.find"}
# Of a week that is planned.
OF_A_PLAN = {
    "Proposals.week",
    "Proposals.proposal",
    "Proposals.pairs",
    "Proposals.swaps",
    "Proposals.unmatched",
    "Explanations.questions",
    "Explanations.candidates",
}


def one_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most that any use case may give is one."""
    for module in pkgutil.walk_packages(ygs.application.__path__, "ygs.application."):
        loaded = import_module(module.name)
        if hasattr(loaded, "MOST_PAGE"):
            monkeypatch.setattr(loaded, "MOST_PAGE", 1)


def paged(use_cases: object) -> Iterator[str]:
    """Every use case that is asked for so many."""
    for field in fields(use_cases):  # type: ignore[arg-type]
        kind = type(getattr(use_cases, field.name))
        if kind.__name__ == "AccountUseCases":
            yield from paged(getattr(use_cases, field.name))
        elif kind.__module__.startswith("ygs.application."):
            for name, method in inspect.getmembers(kind, inspect.isfunction):
                if not name.startswith("_") and "limit" in inspect.signature(method).parameters:
                    yield f"{kind.__name__}.{name}"


async def more_of_each(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        await tx.files.save_album(an_album(a_photo(1), a_photo(2)))
        await tx.files.add_document(a_document(2))
        await tx.notes.add(a_note(2, author=a_user(5).id))
        await tx.reports.add(a_report(2, reporter=8, subject=6))
        former = await tx.introductions.get(world.introductions["former"])
        await tx.meetings.add(a_meeting(former))
        await tx.memberships.add(a_membership(2, user=6))
        await tx.memberships.add_plan(a_plan(2))
        await tx.jobs.add(a_job(2))
        await tx.imports.add(an_import(2))
        await tx.exports.add(an_export(2))
        verdicts = [ImportVerdict(number, REJECTED) for number in (1, 2)]
        await tx.imports.replace_verdicts(an_import().id, verdicts)
        consultant = world.people["consultant"].id
        slots = [a_slot(number, consultant=consultant) for number in (5, 6)]
        await tx.consultations.add_slots(slots)
        await tx.consultations.add(a_consultation(slots[0], OWNER, 2))
        given_up = replace(a_delivery(2, to=a_webhook().id), state=DeliveryState.FAILED, finished_at=NOON)
        await tx.deliveries.add_all([given_up])
        await tx.notices.add_all([a_notice(each, an_event(each)) for each in (1, 2)])
        for _ in range(2):
            await tx.learning.add(a_version(), {})
        for number in (1, 2):
            await tx.weeks.add(a_week(number, week=IsoWeek(2027, number)))
            await tx.commitments.add(a_commitment(a_week(number).id), INPUTS, KEY)
    for version in ("one", "two"):
        await world.ygs.policies.set(ADMIN, Policy(version=version))
    for _ in range(2):
        await world.ygs.photos.list_of_member(ADMIN, OWNER)


async def test_every_use_case_that_gives_pages_is_known_here() -> None:
    async with served() as world:
        assert sorted(paged(world.ygs)) == sorted({*PAGES, *OF_A_PLAN, *ELSEWHERE})


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_never_longer_than_the_longest(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as world:
        await populate(world)
        await more_of_each(world)
        assert len(await PAGES[name](world.ygs)) > 1
        one_a_page(monkeypatch)
        assert len(await PAGES[name](world.ygs)) == 1


# Lists whose items follow in an order of their own, not by ids.
LISTS = ("/admin/match-weeks", "/admin/policy/history", "/admin/learning", "/commitments")


@pytest.mark.parametrize("path", LISTS)
async def test_pages_that_follow_one_another_are_the_whole_list(path: str) -> None:
    async with served() as world:
        await populate(world)
        await more_of_each(world)
        whole = (await world.ask("GET", path, "admin")).json()["items"]
        found, page = list[Any](), (await world.ask("GET", f"{path}?limit=1", "admin")).json()
        while page["items"]:
            found += page["items"]
            page = (await world.ask("GET", f"{path}?limit=1&after={page['next']}", "admin")).json()
        assert found == whole
        assert len(whole) > 1


@pytest.mark.long
async def test_what_is_asked_of_a_plan_is_never_longer_either(monkeypatch: pytest.MonkeyPatch) -> None:
    async with planned(STRICT) as asked:
        week, person = asked.week, UserId(asked.plan.pairs[0].a)

        async def lengths() -> tuple[int, ...]:
            shown = await asked.app.proposals.proposal(STAFF, week, limit=MANY)
            _, again = await asked.app.proposals.week(STAFF, week, limit=MANY)
            assert again
            to_ask = await asked.app.explanations.questions(STAFF, week, limit=MANY)
            whom = await asked.app.explanations.candidates(STAFF, person, limit=MANY)
            pairs = await asked.app.proposals.pairs(STAFF, week, limit=MANY)
            unmatched = await asked.app.proposals.unmatched(STAFF, week, limit=MANY)
            plan = len(shown.pairs), len(again.pairs), len(pairs), len(unmatched)
            return *plan, len(to_ask.opening), len(whom)

        assert min(await lengths()) > 1
        one_a_page(monkeypatch)
        assert await lengths() == (1,) * 6


@pytest.mark.long
async def test_nor_are_the_exchanges_with_other_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with planned() as asked:

        async def most() -> int:
            """Of any pair of the plan."""
            return max(
                [
                    len(await asked.app.proposals.swaps(STAFF, asked.week, UserId(each.a), UserId(each.b), limit=MANY))
                    for each in asked.plan.pairs
                ]
            )

        assert await most() > 1
        one_a_page(monkeypatch)
        assert await most() == 1
