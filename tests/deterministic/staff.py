"""Staff, workers, time, and whoever pulls the plug: the other actors of the simulation."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from tests.deterministic.faults import Crashed
from tests.deterministic.members import repeated
from tests.deterministic.office_work import Act, OfficeWork
from tests.deterministic.rights import give_role, overtake_staff
from tests.deterministic.world import STEP, Outcome, Process, World
from ygs.application.actors import Actor
from ygs.application.directory.search import DirectoryRequest
from ygs.application.members.review import Decision
from ygs.application.moderation.reports import ReportResolution
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import CreateWeek, WeekView
from ygs.bootstrap import Application
from ygs.domain.idempotency import Reply
from ygs.domain.ids import UserId
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.plan import Overrides
from ygs.domain.reports import Resolution
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_draft

STAFF_PACE = 3.0
# Mean hours that a jump of the clock skips, and mean virtual seconds between two jumps.
JUMP_HOURS = 14.0
JUMP_PACE = 6.0


class Staff(OfficeWork):
    """One administrator, who reviews members and takes the week from step to step."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.name = f"staff{number}"
        self.number = number
        self.random = world.random(self.name)
        self.fate = world.random(f"fate of {self.name}")
        self.user = a_draft(900 + number, role=Role.ADMIN)
        self.me = Actor.signed_in(self.user.id, Role.ADMIN)
        self.commands = 0
        self.listed: Sequence[WeekView] = ()

    async def work(self) -> None:
        """Act until the simulation is over."""
        while not self.world.over:
            await asyncio.sleep(self.random.expovariate(1 / STAFF_PACE))
            chance = self.random.random()
            if self.world.is_about_the_office and self.random.random() < 0.3:
                await self.work_in_the_office()
            elif chance < 0.2:
                await self.review()
            elif chance < 0.25:
                await self.suspend_or_restore()
            elif chance < 0.3:
                await self.resolve_a_report()
            elif chance < 0.35:
                await self.work_in_the_office()
            else:
                await self.lead_the_week()

    async def act(self, name: str, act: Act) -> Outcome:
        """Do something as this administrator."""

        async def work(app: Application) -> Any:
            if self.world.tables.users[self.user.id].role is not Role.ADMIN:
                await give_role(app, self.user.id, Role.ADMIN)
            await overtake_staff(app, self.fate, self.user.id)
            return await act(app, self.me)

        return await self.world.step(self.random, self.name, name, work)

    async def review(self) -> None:
        """Decide on everybody who waits for it."""
        queue = await self.act("read queue", lambda app, me: app.member_review.list_queue(me))
        for waiting in queue.value or ():
            await self._decide(waiting.id)

    async def _decide(self, id: UserId) -> None:
        if self.random.random() < 0.85:
            await self.act(f"approve {id[-4:]}", lambda app, me: app.member_review.approve(me, id))
        else:
            decision = Decision(reason="사진을 다시 올려 주세요")
            await self.act(f"reject {id[-4:]}", lambda app, me: app.member_review.reject(me, id, decision))

    async def suspend_or_restore(self) -> None:
        """Keep somebody out, or let them back in."""
        everybody = DirectoryRequest()
        page = (await self.act("list members", lambda app, me: app.directory.list_members(me, everybody))).value
        members = [each.id for each in (page.items if page else ()) if each.role is Role.MEMBER]
        if not members:
            return
        member = self.random.choice(members)
        if self.random.random() < 0.4:
            decision = Decision(reason="신고가 이어졌습니다")
            await self.act(f"suspend {member[-4:]}", lambda app, me: app.member_review.suspend(me, member, decision))
        else:
            await self.act(f"restore {member[-4:]}", lambda app, me: app.member_review.restore(me, member))

    async def resolve_a_report(self) -> None:
        """Decide on the oldest report."""
        reports = (await self.act("list reports", lambda app, me: app.reports.list_open(me))).value or ()
        if reports:
            resolution = ReportResolution(resolution=Resolution.DISMISSED, words="확인했습니다")
            report = reports[0].id
            await self.act(f"resolve {report[-4:]}", lambda app, me: app.reports.resolve(me, report, resolution))

    async def lead_the_week(self) -> None:
        """Take the next step of the latest week, or now and then another one; the list may be old by now."""
        if self.random.random() < 0.7:
            listed = await self.act("list weeks", lambda app, me: app.weeks.latest(me))
            self.listed = listed.value or self.listed
        week = next(iter(self.listed), None)
        if week is None or week.state in (WeekState.CANCELLED, WeekState.CLOSED):
            await self._create()
        elif self.random.random() < 0.05 or self._is_late(week):
            await self._step_back(week)
        else:
            await self._step_on(week)

    def _is_late(self, week: WeekView) -> bool:
        unpublished = week.state not in (WeekState.PUBLISHED, WeekState.CLOSED)
        return unpublished and self.world.clock.now() >= week.deadline

    async def _create(self) -> None:
        """Create a week under an idempotency key, again and again until there is a reply."""
        self.commands += 1
        number = self.number * 1_000 + self.commands
        policy = PolicySettings(version="simulated", capacity=1 + number % 2, floor=0)
        deadline = self.world.clock.now() + timedelta(hours=self.random.uniform(40, 110))
        request = CreateWeek(seed=number, policy=policy, deadline=deadline)

        async def act(app: Application, me: Actor) -> Reply:
            async def once() -> Reply:
                return Reply(201, (await app.weeks.create(me, request)).id.encode())

            assert app.accounts is not None
            key = f"{self.name}-week-{number}"
            return await app.accounts.idempotent_requests.reply(me, key, key.encode(), once)

        await repeated(self.world, lambda: self.act(f"create week {number}", act), self.random.uniform(1, 20))

    async def _step_back(self, week: WeekView) -> None:
        if week.state in (WeekState.LOCKED, WeekState.PROPOSED):
            await self.act("discard", lambda app, me: app.weeks.discard(me, week.id))
        else:
            await self.act("cancel", lambda app, me: app.weeks.cancel(me, week.id))

    async def _step_on(self, week: WeekView) -> None:
        if week.state is WeekState.OPEN:
            await self.act("lock", lambda app, me: app.weeks.lock(me, week.id))
        elif week.state is WeekState.LOCKED:
            await self.act("plan", lambda app, me: app.planning.plan(me, week.id))
        elif week.state is WeekState.PROPOSED and self.random.random() < 0.5:
            await self._override(week)
        elif week.state is WeekState.PROPOSED:
            outcome = await self.act("publish", lambda app, me: app.planning.publish(me, week.id))
            if outcome.refusal is not None and outcome.refusal.code in ("round_refused", "deadline_passed"):
                await self.act("discard", lambda app, me: app.weeks.discard(me, week.id))
        elif week.state is WeekState.PUBLISHED and (
            self.world.clock.now() > week.deadline or self.random.random() < 0.1
        ):
            await self.act("close", lambda app, me: app.weeks.close(me, week.id))
        elif week.state is WeekState.FAILED:
            await self.act("cancel", lambda app, me: app.weeks.cancel(me, week.id))

    async def _override(self, week: WeekView) -> None:
        """Forbid a pair or leave somebody out, or take an override back."""
        plan = (await self.act("read plan", lambda app, me: app.planning.proposed(me, week.id))).value
        chosen = (await self.act("read overrides", lambda app, me: app.planning.overrides(me, week.id))).value
        if chosen and chosen.each() and self.random.random() < 0.3:
            key = self.random.choice(chosen.each()).key
            await self.act("take back", lambda app, me: app.planning.take_back(me, week.id, key))
        elif plan and plan.pairs:
            pair = self.random.choice(plan.pairs)
            forbids = Overrides.of(forbids=[(pair.a, pair.b)])
            change = self.random.choice(
                [forbids, Overrides.of(left_out=[pair.a]), Overrides.of(pins=[(pair.a, pair.b)])]
            )
            await self.act("override", lambda app, me: app.planning.override(me, week.id, change))


async def keep_working(process: Process) -> None:
    """Run the worker of a process, whenever that process lives."""
    while True:
        STEP.set(f"worker of {process.name}")
        with suppress(Crashed):
            await process.run(lambda app: app.worker.run())
        await asyncio.sleep(1)


async def let_time_pass(world: World) -> None:
    """Jump ahead now and then, by hours or days."""
    random = world.random("clock")
    while not world.over:
        await asyncio.sleep(random.expovariate(1 / JUMP_PACE))
        hours = random.expovariate(1 / JUMP_HOURS)
        world.clock.jump(timedelta(hours=hours))
        world.trace(f"{hours:.1f} hours pass")


async def pull_the_plug(world: World) -> None:
    """Crash a process now and then, and start it again."""
    random = world.random("crashes")
    while not world.over:
        await asyncio.sleep(random.expovariate(1 / 70))
        process = random.choice(world.processes)
        await process.crash()
        await asyncio.sleep(random.uniform(1, 30))
        await process.start()
