"""Use cases that must end as they would have, when they are run again after a crash or an error at any call."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from pydantic import SecretStr

from tests.support.accounts import HOME, PASSWORD, newcomer
from tests.support.crashing import Crashed, CrashPoint, MortalStorage, mortal_storage
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.accounts.sign_up import PasswordSignUp, PhoneToProve
from ygs.application.actors import Actor
from ygs.application.consultations.views import SlotBooking, SlotOpening
from ygs.application.introductions.manual_introductions import ManualIntroduction
from ygs.application.introductions.meeting_view import HalfDayFields, MeetingAnswer, MeetingTimes
from ygs.application.introductions.member_introductions import AnswerRequest, FeedbackRequest
from ygs.application.jobs.export_jobs import ExportRequest
from ygs.application.jobs.import_jobs import ImportRun, NewImport
from ygs.application.members.blocks import ContactBlock
from ygs.application.members.profile import Pause
from ygs.application.members.review import Decision
from ygs.application.memberships.contracts import MembershipRequest, PaymentRequest
from ygs.application.memberships.plans import PlanRequest
from ygs.application.memberships.refund_assessments import RefundDecision
from ygs.application.moderation.reports import ReportRequest
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.deliveries import Channel, EventDelivery
from ygs.domain.errors import WrongStatus, YgsError
from ygs.domain.events import Event
from ygs.domain.exports import ExportedData
from ygs.domain.ids import ConsultationId, DeliveryId, UserId, WeekId
from ygs.domain.imports import SheetType
from ygs.domain.introductions import Choice, Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.plan import Overrides
from ygs.domain.meetings import DayPart
from ygs.domain.refunds import RefundFault
from ygs.domain.reports import Category
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.accounts import Mailbox, QuickPasswords
from ygs.entrypoints.testing.builders import SEOUL, a_slot, a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.authentication import Messenger, Passwords
from ygs.ports.channels import DeliveryChannels, Send, SendOutcome
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.storage import Reading, Storage, Writing
from ygs.settings import Settings

STAFF = Actor.operator()
PEOPLE = [a_user(number) for number in range(1, 9)]
WEEK = CreateWeek(week="2026-W50")
CONSULTANT = a_user(90, role=Role.CONSULTANT, status=Status.DRAFT)
ADMINISTRATORS = [a_user(number, role=Role.ADMIN, status=Status.DRAFT) for number in (91, 92)]
# Who join after the round.
NEWCOMERS = [a_user(number) for number in (31, 32)]
PLAN = PlanRequest(name="정회원 12회", fee=3_600_000, months=12, promised=12, service=1)
REFUND = RefundDecision(fault=RefundFault.OPERATOR, evidence="석 달 동안 만남이 없었음")
SHEET = """이름,성별,생년,휴대폰
김세리,여,1994,010-1234-5678
이민수,남,1991,010-9999-8888
"""
MAPPING = """
title = "회원"
status = "draft"
[member]
name = { column = "이름" }
gender = { column = "성별", values = { "남" = "male", "여" = "female" } }
seeks = { column = "성별", values = { "남" = "female", "여" = "male" } }
birth_year = { column = "생년", unit = "year" }
phone = { column = "휴대폰" }
"""
MEMORY = Settings(_env_file=None, database_url=SecretStr("memory:"))


@dataclass
class PlainChannel:
    """A channel that takes everything to everybody. A send is a call too."""

    mortal: MortalStorage
    channel: Channel = Channel.EMAIL
    sent: list[str] = field(default_factory=list)

    def opens_at(self, at: datetime) -> datetime:
        return at

    async def recipients(
        self, tx: Writing, events: Sequence[Event], notified: Sequence[tuple[UserId, Event]]
    ) -> Sequence[tuple[str, Event]]:
        return list(notified)

    async def prepare(self, reading: Reading, deliveries: Sequence[EventDelivery]) -> Mapping[DeliveryId, Send]:
        return {each.id: partial(self._send, each) for each in deliveries}

    async def _send(self, delivery: EventDelivery) -> int | None:
        call = self.mortal.point.before_call()
        self.sent.append(delivery.event.key)
        self.mortal.point.after_call(call)
        return None

    async def record(self, tx: Writing, outcomes: Sequence[SendOutcome]) -> None:
        """Nothing: all addresses are there."""


@dataclass
class Stage:
    """One application over a storage that can be exchanged, and what a scenario remembers."""

    app: Application
    mortal: MortalStorage
    clock: FrozenClock
    mailbox: Mailbox
    kept: dict[str, Any] = field(default_factory=dict)

    async def week(self) -> WeekId:
        """The only week."""
        async with self.mortal.storage.read() as reading:
            latest: Sequence[MatchWeek] = await reading.weeks.latest(1)
        return latest[0].id

    async def introduction(self) -> Introduction:
        """The first introduction."""
        async with self.mortal.storage.read() as reading:
            made: Sequence[Introduction] = await reading.introductions.of_week(await self.week(), limit=1)
        return made[0]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """An application of its own."""
    mortal, storage = mortal_storage()
    clock = FrozenClock()
    mailbox = Mailbox()
    overrides = {
        Storage: storage,
        Clock: clock,
        Ids: CountingIds(1_000),
        Passwords: QuickPasswords(),
        Messenger: mailbox,
        DeliveryChannels: (PlainChannel(mortal),),
        Scorer: PlainScorer(),
        RoundSolver: PlainSolver(),
    }
    async with build(MEMORY, overrides) as app:
        yield Stage(app, mortal, clock, mailbox)


Step: TypeAlias = Callable[[Stage], Awaitable[Any]]


@dataclass(frozen=True)
class Scenario:
    """What is there before, and the use case that may crash."""

    before: tuple[Step, ...]
    act: Step


def member(user: User | str) -> Actor:
    """That member, signed in."""
    known = (*PEOPLE, *NEWCOMERS)
    person = user if isinstance(user, User) else next(each for each in known if each.id == user)
    return Actor.signed_in(person.id, person.role)


async def populate(stage: Stage) -> None:
    """Active members, and one who waits for review."""
    async with stage.mortal.storage.write() as tx:
        await tx.users.add_all([*PEOPLE, a_user(20, status=Status.PENDING)])


async def create(stage: Stage) -> None:
    """Open a week."""
    await stage.app.weeks.create(STAFF, WEEK)


async def lock(stage: Stage) -> None:
    """Lock the week."""
    await stage.app.weeks.lock(STAFF, await stage.week())


async def plan(stage: Stage) -> None:
    """Plan the week."""
    await stage.app.planning.plan(STAFF, await stage.week())


async def publish(stage: Stage) -> None:
    """Publish the week."""
    await stage.app.planning.publish(STAFF, await stage.week())


async def override(stage: Stage) -> None:
    """Leave somebody out."""
    await stage.app.planning.override(STAFF, await stage.week(), Overrides.of(left_out=[PEOPLE[0].id]))


async def discard(stage: Stage) -> None:
    """Discard the plan."""
    await stage.app.weeks.discard(STAFF, await stage.week())


async def plan_by_job(stage: Stage) -> None:
    """Queue the planning, and work it off."""
    await stage.app.week_jobs.plan(STAFF, await stage.week())
    await work(stage)


async def publish_by_job(stage: Stage) -> None:
    """Queue the publication, and work it off."""
    await stage.app.week_jobs.publish(STAFF, await stage.week())
    await work(stage)


async def work(stage: Stage) -> None:
    """Work off all jobs that are due."""
    while await stage.app.worker.run_one():
        pass


async def count_pool(stage: Stage) -> None:
    """Count whom the pool lacked, a minute after the week was locked, while its inputs are there."""
    stage.clock.advance(minutes=2)
    await work(stage)


async def purge(stage: Stage) -> None:
    """Queue and do the daily purge."""
    await stage.app.worker.schedule()
    await work(stage)


async def after_the_deadline(stage: Stage) -> None:
    """Let the time to answer pass."""
    stage.clock.set((await stage.introduction()).deadline + timedelta(hours=1))


async def close(stage: Stage) -> None:
    """Close the week."""
    await stage.app.weeks.close(STAFF, await stage.week())


async def answer_first(stage: Stage) -> None:
    """One of the two accepts."""
    made = await stage.introduction()
    await stage.app.member_introductions.answer(member(made.a), made.id, AnswerRequest(choice=Choice.ACCEPT))


async def answer(stage: Stage) -> None:
    """The other accepts, which decides."""
    made = await stage.introduction()
    await stage.app.member_introductions.answer(member(made.b), made.id, AnswerRequest(choice=Choice.ACCEPT))


async def give_feedback(stage: Stage) -> None:
    """One of the two tells how it went."""
    made = await stage.introduction()
    request = FeedbackRequest(met=True, again=True, rating=4)
    await stage.app.member_introductions.give_feedback(member(made.a), made.id, request)


async def block(stage: Stage) -> None:
    """One of the two blocks the other."""
    made = await stage.introduction()
    await stage.app.blocks.block(member(made.a), made.b)


async def block_contact(stage: Stage) -> None:
    """One of the two blocks the other's phone."""
    made = await stage.introduction()
    other = next(each for each in PEOPLE if each.id == made.b)
    await stage.app.blocks.block_contact(member(made.a), ContactBlock(phone=other.phone))


async def report(stage: Stage) -> None:
    """One of the two reports the other, and wants to be kept apart."""
    made = await stage.introduction()
    request = ReportRequest(category=Category.NO_SHOW, keep_apart=True)
    await stage.app.reports.report(member(made.a), made.b, request)


async def withdraw(stage: Stage) -> None:
    """One of the two leaves."""
    stage.kept.setdefault("made", await stage.introduction())
    await stage.app.members.withdraw(member(stage.kept["made"].a))


async def suspend(stage: Stage) -> None:
    """Staff suspend one of the two."""
    made = await stage.introduction()
    await stage.app.member_review.suspend(STAFF, made.a, Decision(reason="확인 중"))


async def approve(stage: Stage) -> None:
    """Staff approve who waits for it."""
    await stage.app.member_review.approve(STAFF, a_user(20).id)


async def start_membership(stage: Stage) -> None:
    """Somebody buys a membership, and pays."""
    plan = await stage.app.membership_plans.offer(STAFF, PLAN)
    request = MembershipRequest(plan_id=plan.id, contracted_on=date_at(stage.clock.now(), SEOUL))
    made = await stage.app.memberships.start(STAFF, PEOPLE[0].id, request)
    await stage.app.memberships.pay(STAFF, made.id, PaymentRequest(amount=PLAN.fee))


async def refund(stage: Stage) -> None:
    """Staff assess the refund of the membership, unless they see that it is assessed: an unknown outcome is looked
    at before the command is given again."""
    (membership,) = await stage.app.memberships.list_of_member(STAFF, PEOPLE[0].id)
    if not await stage.app.refunds.list(STAFF, membership.id):
        await stage.app.refunds.assess(STAFF, membership.id, REFUND)


async def open_office(stage: Stage) -> None:
    """A consultant, two administrators, and two times to book."""
    async with stage.mortal.storage.write() as tx:
        await tx.users.add_all([CONSULTANT, *ADMINISTRATORS])
        await tx.consultations.add_slots([a_slot(4), a_slot(5)])


async def open_slot(stage: Stage) -> None:
    """The consultant opens another time."""
    starts_at = a_slot(6).starts_at
    await stage.app.office_hours.open_slot(member(CONSULTANT), SlotOpening(starts_at=starts_at, minutes=60))


async def book(stage: Stage) -> None:
    """A member books the first time."""
    await stage.app.consultations.book(member(PEOPLE[0]), SlotBooking(slot_id=a_slot(4).id))


async def _consultation(stage: Stage) -> ConsultationId:
    async with stage.mortal.storage.read() as reading:
        (booked,) = await reading.consultations.of_member(PEOPLE[0].id)
    return ConsultationId(booked.id)


async def move_consultation(stage: Stage) -> None:
    """The member takes the second time."""
    booking = SlotBooking(slot_id=a_slot(5).id)
    await stage.app.consultations.move(member(PEOPLE[0]), await _consultation(stage), booking)


async def cancel_consultation(stage: Stage) -> None:
    """The member cancels."""
    await stage.app.consultations.cancel(member(PEOPLE[0]), await _consultation(stage))


def _half_days(stage: Stage) -> MeetingTimes:
    tomorrow = date_at(stage.clock.now(), SEOUL) + timedelta(days=1)
    half_days = [HalfDayFields(day=tomorrow, part=part) for part in DayPart]
    return MeetingTimes(half_days=half_days, district="seoul_mapo")


async def give_times_first(stage: Stage) -> None:
    """One of the two tells when they could meet."""
    made = await stage.introduction()
    await stage.app.meetings.give_times(member(made.a), made.id, _half_days(stage))


async def give_times(stage: Stage) -> None:
    """The other tells too, and a time is proposed."""
    made = await stage.introduction()
    await stage.app.meetings.give_times(member(made.b), made.id, _half_days(stage))


async def accept_meeting_first(stage: Stage) -> None:
    """One of the two accepts the proposed time."""
    made = await stage.introduction()
    await stage.app.meetings.accept(member(made.a), made.id, MeetingAnswer(number=1))


async def accept_meeting(stage: Stage) -> None:
    """The other accepts too, which fixes the meeting."""
    made = await stage.introduction()
    await stage.app.meetings.accept(member(made.b), made.id, MeetingAnswer(number=1))


async def join(stage: Stage) -> None:
    """Two join after the round."""
    async with stage.mortal.storage.write() as tx:
        await tx.users.add_all(NEWCOMERS)


async def introduce(stage: Stage) -> None:
    """Staff introduce the two by hand, unless they see that it is done: being refused would be on record too."""
    one, other = NEWCOMERS
    async with stage.mortal.storage.read() as reading:
        if await reading.introductions.between({one.id, other.id}):
            return
    request = ManualIntroduction(one=one.id, other=other.id, reason="두 분이 상담에서 원하셨습니다")
    await stage.app.manual_introductions.introduce(STAFF, request)


async def pause(stage: Stage) -> None:
    """A member takes a break."""
    until = date_at(stage.clock.now(), SEOUL) + timedelta(days=20)
    await stage.app.members.pause(member(PEOPLE[0]), Pause(until=until))


async def request_export(stage: Stage) -> None:
    """An administrator wants a sheet of the members."""
    request = ExportRequest(data=ExportedData.MEMBERS, reason="감사 자료 제출")
    made = await stage.app.export_jobs.request(member(ADMINISTRATORS[0]), request)
    stage.kept.setdefault("export", made.id)


async def export(stage: Stage) -> None:
    """Another approves it, and the sheet is written."""
    with suppress(WrongStatus):  # It is approved already.
        await stage.app.export_jobs.approve(member(ADMINISTRATORS[1]), stage.kept["export"])
    await work(stage)


async def upload_sheet(stage: Stage) -> None:
    """An administrator uploads a sheet of members."""
    request = NewImport(format=SheetType.CSV)
    made = await stage.app.import_jobs.take(member(ADMINISTRATORS[0]), request, SHEET.encode())
    stage.kept.setdefault("import", made.id)
    await work(stage)


async def import_sheet(stage: Stage) -> None:
    """Its rows become members."""
    request = ImportRun(mapping=MAPPING, commit=True)
    await stage.app.import_jobs.run(member(ADMINISTRATORS[0]), stage.kept["import"], request)
    await work(stage)


async def undo_import(stage: Stage) -> None:
    """The members of the sheet are removed again."""
    await stage.app.import_undo.undo(member(ADMINISTRATORS[0]), stage.kept["import"])


async def dispatch(stage: Stage) -> None:
    """Turn all events into notices and deliveries."""
    while await stage.app.dispatcher.dispatch():
        pass


async def deliver(stage: Stage) -> None:
    """Send all that is due."""
    while due := await _due_lanes(stage):
        for lane in due:
            await stage.app.deliverer.deliver(lane)


async def _due_lanes(stage: Stage) -> Sequence[str]:
    async with stage.mortal.read() as reading:
        return sorted(await reading.deliveries.due_lanes(stage.clock.now()))


async def wait_for_erasure(stage: Stage) -> None:
    """Let the retention period pass."""
    stage.clock.advance(days=40)


async def ask_for_a_code(stage: Stage) -> None:
    """Somebody wants to sign up."""
    assert stage.app.accounts is not None
    started = await stage.app.accounts.sign_up.start(PhoneToProve(phone="010-7777-1234"), HOME)
    stage.kept |= {"token": started.one_time_token, "code": stage.mailbox.code}


async def sign_up(stage: Stage) -> None:
    """They send the code back."""
    assert stage.app.accounts is not None
    proof = {"one_time_token": stage.kept["token"], "code": stage.kept["code"]}
    about = newcomer(phone="010-7777-1234", password=SecretStr(PASSWORD))
    await stage.app.accounts.sign_up.by_password(PasswordSignUp.model_validate({**about, **proof}), HOME)


_PROPOSED = (populate, create, lock, plan)
_PUBLISHED = (*_PROPOSED, publish)
_MUTUAL = (*_PUBLISHED, answer_first, answer)
_OFFICE = (populate, open_office)
SCENARIOS = {
    "lock": Scenario((populate, create), lock),
    "plan": Scenario((populate, create, lock), plan),
    "plan_by_job": Scenario((populate, create, lock), plan_by_job),
    "override": Scenario(_PROPOSED, override),
    "discard": Scenario(_PROPOSED, discard),
    "publish": Scenario(_PROPOSED, publish),
    "publish_by_job": Scenario(_PROPOSED, publish_by_job),
    "answer_first": Scenario(_PUBLISHED, answer_first),
    "answer": Scenario((*_PUBLISHED, answer_first), answer),
    "give_feedback": Scenario((*_PUBLISHED, answer_first, answer), give_feedback),
    "close": Scenario((*_PUBLISHED, answer_first, after_the_deadline), close),
    "close_by_job": Scenario((*_PUBLISHED, answer_first, after_the_deadline), work),
    "block": Scenario((*_PUBLISHED, answer_first), block),
    "block_contact": Scenario(_PUBLISHED, block_contact),
    "report": Scenario(_PUBLISHED, report),
    "withdraw": Scenario((*_PUBLISHED, answer_first), withdraw),
    "suspend": Scenario(_PUBLISHED, suspend),
    "approve": Scenario((populate,), approve),
    "refund": Scenario((populate, start_membership), refund),
    "dispatch": Scenario((*_PUBLISHED, answer_first, answer), dispatch),
    "deliver": Scenario((*_PUBLISHED, dispatch), deliver),
    "purge": Scenario((*_PUBLISHED, count_pool, withdraw, wait_for_erasure), purge),
    "sign_up": Scenario((populate, ask_for_a_code), sign_up),
    "open_slot": Scenario(_OFFICE, open_slot),
    "book": Scenario(_OFFICE, book),
    "move_consultation": Scenario((*_OFFICE, book), move_consultation),
    "cancel_consultation": Scenario((*_OFFICE, book), cancel_consultation),
    "give_times": Scenario((*_MUTUAL, give_times_first), give_times),
    "accept_meeting": Scenario((*_MUTUAL, give_times_first, give_times, accept_meeting_first), accept_meeting),
    "introduce": Scenario((*_PUBLISHED, join), introduce),
    "pause": Scenario((populate,), pause),
    "export": Scenario((*_OFFICE, request_export), export),
    "import": Scenario((*_OFFICE, upload_sheet), import_sheet),
    "undo_import": Scenario((*_OFFICE, upload_sheet, import_sheet), undo_import),
}


async def resume(stage: Stage, scenario: Scenario) -> None:
    """Run the use case again, later, with nothing that fails. It may say that it is done already."""
    stage.mortal.point = CrashPoint()
    stage.clock.advance(minutes=2)
    with suppress(YgsError):
        await scenario.act(stage)
    stage.clock.advance(minutes=2)  # The pool is counted a minute after the week was locked.
    await work(stage)


async def attempt(stage: Stage, scenario: Scenario, point: CrashPoint) -> None:
    """Run the use case with a crash or an error at that point."""
    stage.mortal.point = point
    others = asyncio.all_tasks()
    with suppress(Crashed, YgsError):
        await point.run(lambda: scenario.act(stage))
    # What a group commit still does for the dead process has a connection, which is to be closed with the storage.
    if left := asyncio.all_tasks() - others:
        await asyncio.gather(*left, return_exceptions=True)


_PERSON: Mapping[str, str] = {person.id: f"person{number}" for number, person in enumerate(PEOPLE)}
# What differs between two runs: times, new ids, versions and counts, leases, random values, and what a purge had left.
_MASKED = re.compile(
    r"datetime\.datetime\([^()]*\)"
    r"|\b\d{4}-\d\d-\d\dT[\d:.]+\+00:00"
    r"|\b(?:version|fence|attempts|number|times_given)=\d+"
    r"|\b(?:lease_until|digest|tag|salt|secret|address)=(?:None|b?'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\")"
    r"|unique_key='[^']*'"
    r"|result=\{'people[^}]*\}"
    r"|\b[0-9a-f]{64}\b"
    r"|usr_[0-9A-Z]{26}"
    r"|[0-9A-Z]{26}"
)
# Sets have no order.
_HALF_DAY = re.compile(r"HalfDay\(day=datetime\.date\([^()]*\), part=<[^<>]*>\)")
_HALF_DAYS = re.compile(rf"{_HALF_DAY.pattern}(?:, {_HALF_DAY.pattern})*")


def masked(rows: Iterable[object]) -> list[str]:
    """Rows without what differs between two runs, sorted."""
    text = _HALF_DAYS.sub(lambda found: ", ".join(sorted(_HALF_DAY.findall(found[0]))), "\n".join(map(repr, rows)))
    return sorted(_MASKED.sub(lambda found: _PERSON.get(found[0], "…"), text).split("\n"))


async def stored(storage: Any) -> list[str]:
    """Everything that is stored, as far as the ports read it."""
    async with storage.read() as reading:
        users = await reading.users.page()
        weeks = await reading.weeks.latest()
        rows: list[object] = [*users, *weeks, *await reading.outbox.pending()]
        rows += sorted(await reading.blocks.between([user.id for user in users]))
        for week in weeks:
            made = await reading.introductions.of_week(week.id)
            rows += [*made, *await reading.commitments.of_week(week.id)]
            rows += [each for one in made for each in await reading.introductions.feedback_on(one.id)]
            rows += [await reading.meetings.find(each.id) for each in made]
        for user in users:
            rows += [*await reading.reports.about(user.id), *await reading.sessions.of_user(user.id)]
            rows += [await reading.blocks.asked_by(user.id), await reading.blocks.contacts_asked_by(user.id)]
            rows.append(await reading.accounts.find(user.id))
            rows += await reading.notices.page(user.id)
            rows += await reading.consultations.of_member(user.id)
            memberships = await reading.memberships.of_user(user.id)
            rows += [*memberships, *await reading.memberships.refunds_of([each.id for each in memberships])]
        rows += await reading.deliveries.page()
        rows += [*await reading.exports.page(), *await reading.imports.page()]
        for slots in (a_slot(4), a_slot(5), a_slot(6)):
            rows += await reading.consultations.slots_between(CONSULTANT.id, slots.starts_at, slots.ends_at)
        # Whoever asks again is on record again, and may have queued a job again.
        asked = masked([*(each.entry for each in await reading.audit.page()), *await reading.jobs.page()])
    return [*masked(rows), *sorted(set(asked))]
