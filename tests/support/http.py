"""The service over memory, and people of every kind signed in to it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from ygs.adapters.calendars import LibraryCalendars
from ygs.adapters.jwt_tokens import JwtTokens
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.importing.import_members import ImportReport
from ygs.application.rate_limits import ClientAddress
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.accounts import Account
from ygs.domain.consulting_hours import ClosedDay
from ygs.domain.deliveries import DeliveryState
from ygs.domain.ids import IntroductionId, PlanId, SessionId, SlotId, UserId, WeekId
from ygs.domain.imports import ImportVerdict
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction
from ygs.domain.matching.plan import Overrides
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.observability.request_log import RequestInfo
from ygs.entrypoints.testing.accounts import KEY, KnownCodes, KnownTokens, Mailbox, QuickPasswords
from ygs.entrypoints.testing.builders import (
    a_consultation,
    a_forecast,
    a_meeting,
    a_membership,
    a_note,
    a_plan,
    a_refund,
    a_report,
    a_slot,
    a_user,
    a_week,
    an_introduction,
)
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.deliveries import a_delivery
from ygs.entrypoints.testing.contracts.exports import an_export
from ygs.entrypoints.testing.contracts.files import a_document, a_photo, an_album, an_upload
from ygs.entrypoints.testing.contracts.imports import an_import
from ygs.entrypoints.testing.contracts.jobs import a_job
from ygs.entrypoints.testing.contracts.learned import a_version
from ygs.entrypoints.testing.contracts.push_devices import a_device
from ygs.entrypoints.testing.contracts.saved_filters import a_saved_filter
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.ports.authentication import Access, Firebase, Kakao, Messenger, Passwords
from ygs.ports.calendars import Calendars
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.storage import Storage
from ygs.settings import Environment, Settings

API = "/api/v1"
PASSWORD = "노란 우산 아래 고양이 세 마리"


class Documented:
    """The statuses that the OpenAPI document names, against those that are answered."""

    statuses: ClassVar[dict[tuple[str, str], frozenset[str]]] = {}

    def __init__(self, app: FastAPI) -> None:
        if not self.statuses:
            # The same for every service, and slow to make.
            for path, methods in app.openapi()["paths"].items():
                for method, operation in methods.items():
                    self.statuses[method.upper(), path] = frozenset(operation["responses"])

    def require(self, request: RequestInfo) -> None:
        """Fail the test whose request was answered with a status that its operation does not document."""
        documented = self.statuses.get((request.method, request.route))
        if documented is not None and request.status not in (405, 500):
            assert str(request.status) in documented, f"{request.method} {request.route} answered {request.status}"


@dataclass
class World:
    """One service, what stands in for the outside, and who is signed in: a name -> headers."""

    ygs: Application
    app: FastAPI
    client: httpx.AsyncClient
    clock: FrozenClock
    passwords: QuickPasswords
    mailbox: Mailbox
    people: dict[str, User] = field(default_factory=dict)
    headers: dict[str, Mapping[str, str]] = field(default_factory=dict)
    sessions: dict[str, SessionId] = field(default_factory=dict)
    introductions: dict[str, IntroductionId] = field(default_factory=dict)
    weeks: dict[str, WeekId] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
        """Ask for `path`, below the API's prefix, as somebody."""
        return await self.ask_root(method, f"{API}{path}", who, **more)

    async def ask_root(self, method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
        """Ask for a whole path, as somebody."""
        headers = {**self.headers.get(who, {}), **more.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **more)

    async def done(self, reply: httpx.Response) -> Any:
        """The job that a request queued, once the worker has run what is due."""
        assert reply.status_code == 202, reply.text
        while await self.ygs.worker.run_one():
            pass
        job = (await self.ask_root("GET", reply.headers["Location"], "admin")).json()
        assert job["state"] == "done", job
        return job

    async def sign_up(self, newcomer: Mapping[str, Any]) -> httpx.Response:
        """Ask for a code to the newcomer's phone, and sign up with it."""
        started = await self.ask("POST", "/auth/signup/phone", json={"phone": newcomer["phone"]})
        proof = {**started.json(), "code": self.mailbox.code}
        return await self.ask("POST", "/auth/signup", json={**newcomer, **proof})

    async def add(self, name: str, user: User, *, second_factor: bool = True) -> None:
        """Somebody who is there and signed in, with or without a code of an authenticator."""
        assert self.ygs.accounts
        async with self.ygs.storage.write() as tx:
            await tx.users.add(user)
            account = Account(
                user_id=user.id, created_at=NOON, updated_at=NOON, password=await self.passwords.hash(PASSWORD)
            )
            await tx.accounts.add(account)
            issuer = self.ygs.accounts.sessions.session_issuer
            here = ClientAddress("203.0.113.9")
            tokens = await issuer.open(tx, user.id, user.role, here, at=self.clock.now(), second_factor=second_factor)
            (session,) = await tx.sessions.of_user(user.id)
        self.people[name], self.sessions[name] = user, session.id
        self.headers[name] = {"Authorization": f"Bearer {tokens.access_token}"}

    async def renew(self, name: str) -> None:
        """A new session for somebody whose access token has expired meanwhile."""
        assert self.ygs.accounts
        user = self.people[name]
        async with self.ygs.storage.write() as tx:
            tokens = await self.ygs.accounts.sessions.session_issuer.open(
                tx, user.id, user.role, ClientAddress("203.0.113.9"), at=self.clock.now(), second_factor=True
            )
            latest = max(await tx.sessions.of_user(user.id), key=lambda each: each.id)
        self.sessions[name] = latest.id
        self.headers[name] = {"Authorization": f"Bearer {tokens.access_token}"}

    async def introduce(self, name: str, one: str, other: str, **changes: Any) -> None:
        """Two who are there."""
        introduction = an_introduction(
            self.people[one], self.people[other], self._week, len(self.introductions) + 1, **changes
        )
        async with self.ygs.storage.write() as tx:
            await tx.introductions.add_all([introduction], {introduction.a: 5, introduction.b: 5})
        self.introductions[name] = introduction.id

    async def publish_a_week(self) -> None:
        """A week to introduce people in."""
        self._week = a_week(-9)
        async with self.ygs.storage.write() as tx:
            await tx.weeks.add(self._week)

    def with_phone(self, name: str) -> str:
        """Their phone."""
        return self.people[name].phone or ""


@asynccontextmanager
async def served(
    storage: Storage | None = None, environment: Environment = Environment.DEVELOPMENT, **more: Any
) -> AsyncIterator[World]:
    """A service nobody has joined yet, with files of its own: tests of one process or several have the same keys."""
    with TemporaryDirectory() as folder:
        async with _served(storage, environment=environment, data_folder=Path(folder), **more) as world:
            yield world


@asynccontextmanager
async def _served(storage: Storage | None, **more: Any) -> AsyncIterator[World]:
    clock, passwords, mailbox = FrozenClock(), QuickPasswords(), Mailbox()
    sealing, index, blinding = (SecretStr(sha256(name).hexdigest()) for name in (b"sealing", b"index", b"blinding"))
    settings = Settings(
        _env_file=None,
        # Never opened: the storage is given below.
        database_url=SecretStr("sqlite:///none.db"),
        sealing_keys={1: sealing},
        index_key=index,
        token_keys={"test": SecretStr(KEY.hex())},
        secrets_key=blinding,
        **more,
    )
    fakes: dict[Any, object] = {
        Storage: storage or MemoryStorage(),
        Clock: clock,
        Passwords: passwords,
        Messenger: mailbox,
        Firebase: KnownTokens(),
        Kakao: KnownCodes(),
        Scorer: PlainScorer(),
        RoundSolver: PlainSolver(),
        Calendars: _NewYear(),
    }
    async with build(settings, fakes) as ygs:
        app = create(ygs)
        app.state.request_log.on_request.append(Documented(app).require)
        transport = httpx.ASGITransport(app, client=("203.0.113.7", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
            yield World(ygs, app, client, clock, passwords, mailbox)


async def populate(world: World) -> None:
    """Everybody the permission matrix knows, and what they have to do with `owner`."""
    await world.publish_a_week()
    await world.add("owner", a_user(1))
    await world.add("matched_before_reveal", a_user(2))
    await world.add("matched_after_reveal", a_user(4))
    await world.add("former_match", a_user(6))
    await world.add("another_member", a_user(8))
    await world.add("pending", a_user(3, status=Status.PENDING))
    await world.add("suspended", a_user(10, status=Status.SUSPENDED))
    await world.add("withdrawn", a_user(12))
    await world.add("consultant", a_user(5, role=Role.CONSULTANT, status=Status.DRAFT))
    await world.add(
        "consultant_without_second_factor",
        a_user(11, role=Role.CONSULTANT, status=Status.DRAFT),
        second_factor=False,
    )
    await world.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
    await world.add("newcomer", a_user(9, status=Status.PENDING))
    await _introduce(world)
    await _weeks(world)
    await _files(world)
    await _concerns(world)
    await _contract(world)
    await _meeting(world)
    await _consultation(world)
    await _learned(world)
    _wrong_audience(world)
    reply = await world.ask("DELETE", "/users/me", "withdrawn")
    assert reply.status_code == 204


async def _learned(world: World) -> None:
    """A version of what was learned, of nobody in particular."""
    async with world.ygs.storage.write() as tx:
        await tx.learning.add(replace(a_version(), people=0), {})


async def _introduce(world: World) -> None:
    late = world.clock.now() + timedelta(days=4)
    yes = Answer(choice=Choice.ACCEPT, at=NOON)
    no = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE)
    await world.introduce("waiting", "owner", "matched_before_reveal", deadline=late)
    await world.introduce("mutual", "owner", "matched_after_reveal", deadline=late)
    await world.introduce("former", "owner", "former_match", deadline=late)
    await _answer(world, "mutual", yes, yes)
    await _answer(world, "former", yes, no)


async def _answer(world: World, name: str, of_a: Answer, of_b: Answer) -> None:
    async with world.ygs.storage.write() as tx:
        asked: Introduction = await tx.introductions.get(world.introductions[name])
        await tx.introductions.save(asked.answered(asked.a, of_a).answered(asked.b, of_b))


async def _weeks(world: World) -> None:
    """A week that is proposed, with an override that changes nothing, and one that is open."""
    operator = Actor.operator()
    proposed = WeekId((await world.ygs.weeks.create(operator, CreateWeek(week="2026-W49"))).id)
    await world.ygs.weeks.lock(operator, proposed)
    met = world.people["owner"].id, world.people["former_match"].id
    await world.ygs.planning.plan(operator, proposed, Overrides.of(forbids=[met]))
    opened = await world.ygs.weeks.create(operator, CreateWeek(week="2026-W50"))
    world.weeks = {"proposed": proposed, "open": WeekId(opened.id)}


async def _files(world: World) -> None:
    """A photo and a document of `owner`'s, and an upload of which nothing was sent."""
    upload, photo, document = an_upload(), a_photo(), a_document()
    async with world.ygs.storage.write() as tx:
        await tx.files.add_upload(replace(upload, created_at=world.clock.now()))
        await tx.files.save_album(an_album(photo))
        await tx.files.add_document(document)
        device = replace(a_device(), user_id=world.people["owner"].id)
        await tx.push_devices.add(device)
        own = [
            a_saved_filter(1, owner=world.people["admin"].id),
            a_saved_filter(2, owner=world.people["consultant"].id),
        ]
        for each in own:
            await tx.saved_filters.add(each)
    world.files = {"uploads": upload.id, "photos": photo.id, "documents": document.id, "devices": device.id}
    world.files["saved-filters"] = own[0].id


IMPORT_REPORT = ImportReport(
    title="회원",
    sheet="",
    header_row=1,
    hidden_rows=0,
    hidden_columns=0,
    rows=0,
    accepted=0,
    refused=0,
    duplicates=0,
    committed=False,
    tallies=(),
    verdicts=(),
    unknown={},
).model_dump_json()


async def _concerns(world: World) -> None:
    """A report that `owner` made of `former_match`, and a consultant's note on `owner`."""
    report = a_report(1, subject=6)
    note = a_note(1, author=world.people["consultant"].id)
    async with world.ygs.storage.write() as tx:
        await tx.reports.add(report)
        await tx.notes.add(note)
        await tx.jobs.add(a_job())
        await tx.imports.add(an_import())
        await tx.exports.add(an_export(requested_by=world.people["consultant"].id))
        await tx.imports.replace_verdicts(an_import().id, [ImportVerdict(0, IMPORT_REPORT)])
        await tx.webhooks.add(a_webhook())
        delivery = a_delivery(to=a_webhook().id)
        await tx.deliveries.add_all([replace(delivery, state=DeliveryState.FAILED, finished_at=NOON)])
    world.files |= {"webhooks": a_webhook().id, "deliveries": delivery.id}
    world.files["read-budgets"] = world.people["consultant"].id
    world.files |= {"reports": report.id, "notes": note.id, "jobs": a_job().id, "exports": an_export().id}
    world.files["imports"] = an_import().id


async def _contract(world: World) -> None:
    """A plan under the id of the documentation's examples, `owner`'s membership, a refund assessed for it,
    and the forecast made before it."""
    plan = a_plan(1, id=PlanId("mp_01JD8Q4W0M8Q5V7X0C9T1R2E3S"))
    membership = a_membership(1)
    refund = a_refund(1, assessed_by=world.people["consultant"].id)
    async with world.ygs.storage.write() as tx:
        await tx.memberships.add_plan(plan)
        await tx.memberships.add(membership)
        await tx.memberships.add_refund(refund)
        await tx.forecasts.add(a_forecast(1, membership_id=membership.id, made_by=refund.assessed_by))
    world.files |= {"membership-plans": plan.id, "memberships": membership.id, "refunds": refund.id}
    world.files["forecasts"] = a_forecast(1).id


async def _meeting(world: World) -> None:
    """The fixed meeting of `owner` and `matched_after_reveal`."""
    async with world.ygs.storage.write() as tx:
        mutual = await tx.introductions.get(world.introductions["mutual"])
        await tx.meetings.add(a_meeting(mutual))


async def _consultation(world: World) -> None:
    """A consultation that `owner` booked, a free slot under the id of the documentation's examples, a closed day."""
    consultant = world.people["consultant"].id
    booked = a_slot(3, consultant=consultant)
    free = a_slot(4, consultant=consultant, id=SlotId("csl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"))
    consultation = a_consultation(booked, world.people["owner"].id)
    async with world.ygs.storage.write() as tx:
        await tx.consultations.add_slots([booked, free])
        await tx.consultations.add(consultation)
        await tx.consulting_hours.close_days([ClosedDay(date(2027, 1, 1), "신정")])
    world.files |= {"consultations": consultation.id, "slots": free.id, "working-hours": consultant}


class _NewYear(LibraryCalendars):
    """The calendar, with one public holiday."""

    def holidays(self, year: int) -> Sequence[ClosedDay]:
        return [ClosedDay(date(year, 1, 1), "신정"), ClosedDay(date(year, 3, 1), "삼일절")]


def _wrong_audience(world: World) -> None:
    """Signed by our key, for somebody else's service."""
    assert world.ygs.accounts
    owner: UserId = world.people["owner"].id
    access = Access(owner, world.sessions["owner"], "wrong", NOON, NOON + timedelta(minutes=10))
    token = JwtTokens({"test": KEY}, issuer="ygs", audience="another-service").issue(access)
    world.headers["wrong_audience"] = {"Authorization": f"Bearer {token}"}
