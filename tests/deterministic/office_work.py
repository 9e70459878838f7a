"""What staff of the simulation do beside the week: consultations, exports that another one approves, contracts."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

from tests.deterministic.members import repeated
from tests.deterministic.world import Outcome, World
from ygs.application.actors import Actor
from ygs.application.consultations.views import ConsultationCancellation, SlotBookingFor, SlotOpening
from ygs.application.jobs.export_jobs import ExportRefusal, ExportRequest
from ygs.application.memberships.contracts import (
    ClockPauseRequest,
    ClockResumeRequest,
    EndRequest,
    GrantRequest,
    MembershipRequest,
    PaymentRequest,
)
from ygs.application.memberships.plans import PlanRequest
from ygs.bootstrap import Application
from ygs.domain.consultations import ConsultationState
from ygs.domain.exports import ExportedData, ExportState
from ygs.domain.idempotency import Reply
from ygs.domain.ids import UserId
from ygs.domain.memberships import PromiseUnit
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import SEOUL

Act: TypeAlias = Callable[[Application, Actor], Awaitable[Any]]
PLAN = PlanRequest(
    name="여섯 달", fee=3_000_000, months=6, promised=24, service=1, unit=PromiseUnit.INTRODUCTIONS, agreed=frozenset()
)
REASON = "소식지를 보냅니다"


class OfficeWork:
    """An administrator's steps about consultations, exports and contracts. What they see of them may be old by now."""

    world: World
    random: Random
    name: str
    number: int
    commands: int

    async def act(self, name: str, act: Act) -> Outcome:
        """Do something as this administrator."""
        raise NotImplementedError

    async def work_in_the_office(self) -> None:
        """One step of the three."""
        await self.random.choice([self.consult, self.export, self.keep_contracts])()

    async def consult(self) -> None:
        """Open a time, book one for a member, or end a consultation."""
        booked = [each for each in self.world.tables.consultations.values() if each.state is ConsultationState.BOOKED]
        chance = self.random.random()
        if chance < 0.5:
            await self._open_a_slot()
        elif chance < 0.75 or not booked:
            await self._book_for_a_member()
        else:
            chosen = self.random.choice(booked).id
            cancellation = ConsultationCancellation(reason="상담사가 아픕니다")
            act: Act = self.random.choice(
                [
                    lambda app, me: app.staff_consultations.cancel(me, chosen, cancellation),
                    lambda app, me: app.staff_consultations.mark_done(me, chosen),
                    lambda app, me: app.staff_consultations.mark_no_show(me, chosen),
                ]
            )
            await self.act(f"end consultation {chosen[-4:]}", act)

    async def _open_a_slot(self) -> None:
        # Few quarters of an hour, so that slots overlap now and then.
        day = self.world.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(
            days=self.random.randint(2, 7)
        )
        starts_at = day.replace(hour=self.random.randint(1, 8), minute=self.random.choice([0, 15, 30]))
        opening = SlotOpening(starts_at=starts_at, minutes=self.random.choice([30, 60]))
        await self.act("open a slot", lambda app, me: app.office_hours.open_slot(me, opening))

    async def _book_for_a_member(self) -> None:
        slots = (await self.act("list slots", lambda app, me: app.staff_consultations.list_slots(me))).value
        member = self._some_member()
        if slots and member:
            booking = SlotBookingFor(slot_id=self.random.choice(slots).id, member_id=member)
            await self.act(f"book for {member[-4:]}", lambda app, me: app.staff_consultations.book(me, booking))

    def _some_member(self) -> UserId | None:
        found = [each.id for each in self.world.tables.users.values() if each.role is Role.MEMBER]
        return self.random.choice(found) if found else None

    async def export(self) -> None:
        """Request a sheet, decide on one (also on one's own, which is refused), or download it."""
        exports = (await self.act("list exports", lambda app, me: app.export_jobs.list(me))).value or ()
        chosen = self.random.choice(exports) if exports else None
        if chosen is None or self.random.random() < 0.1:
            request = ExportRequest(data=ExportedData.CONSULTATIONS, reason=REASON)
            await self.act("request an export", lambda app, me: app.export_jobs.request(me, request))
        elif chosen.state is ExportState.REQUESTED and self.random.random() < 0.7:
            await self.act(f"approve {chosen.id[-4:]}", lambda app, me: app.export_jobs.approve(me, chosen.id))
        elif chosen.state is ExportState.REQUESTED:
            refusal = ExportRefusal(reason="너무 많습니다")
            await self.act(f"refuse {chosen.id[-4:]}", lambda app, me: app.export_jobs.refuse(me, chosen.id, refusal))
        else:
            await self.act(f"download {chosen.id[-4:]}", lambda app, me: app.export_jobs.download(me, chosen.id))

    async def keep_contracts(self) -> None:
        """Offer a plan, make a contract with a member, or change one."""
        memberships = list(self.world.tables.memberships.values())
        if not self.world.tables.membership_plans:
            await self.act("offer a plan", lambda app, me: app.membership_plans.offer(me, PLAN))
        elif not memberships or self.random.random() < 0.3:
            await self._make_a_contract()
        else:
            await self._change_a_contract(self.random.choice(memberships).id)

    async def _make_a_contract(self) -> None:
        member = self._some_member()
        if member is None:
            return
        plan = next(iter(self.world.tables.membership_plans))
        request = MembershipRequest(plan_id=plan, contracted_on=date_at(self.world.clock.now(), SEOUL))
        await self.act(f"contract with {member[-4:]}", lambda app, me: app.memberships.start(me, member, request))

    async def _change_a_contract(self, id: Any) -> None:
        changes: Sequence[tuple[int, str, Act]] = [
            (3, "grant", lambda app, me: app.memberships.grant(me, id, GrantRequest(count=1))),
            (3, "pause", lambda app, me: app.memberships.pause(me, id, ClockPauseRequest())),
            (3, "resume", lambda app, me: app.memberships.resume(me, id, ClockResumeRequest())),
            (1, "end", lambda app, me: app.memberships.end(me, id, EndRequest(reason="그만둡니다"))),
        ]
        if self.random.random() < 0.4:
            await self._record_a_payment(id)
            return
        ((_, name, act),) = self.random.choices(changes, [each[0] for each in changes])
        await self.act(f"{name} {id[-4:]}", act)

    async def _record_a_payment(self, id: Any) -> None:
        """Record a payment under an idempotency key. Its amount is its mark: no other payment has it."""
        self.commands += 1
        amount = 1_000 * self.commands + self.number
        key = f"{self.name}-payment-{amount}"

        async def act(app: Application, me: Actor) -> Reply:
            async def once() -> Reply:
                await app.memberships.pay(me, id, PaymentRequest(amount=amount))
                return Reply(201, key.encode())

            assert app.accounts is not None
            return await app.accounts.idempotent_requests.reply(me, key, key.encode(), once)

        await repeated(self.world, lambda: self.act(f"payment {amount}", act), self.random.uniform(1, 20))
