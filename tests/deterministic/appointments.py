"""What members of the simulation do about consultations and meetings."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias, TypeVar

from tests.deterministic.world import Outcome, World
from ygs.application.actors import Actor
from ygs.application.consultations.views import SlotBooking
from ygs.application.introductions.introduction_view import IntroductionView
from ygs.application.introductions.meeting_view import HalfDayFields, MeetingAnswer, MeetingTimes
from ygs.bootstrap import Application
from ygs.domain.consultations import ConsultationState
from ygs.domain.introductions import IntroductionState
from ygs.domain.meetings import DAYS_AHEAD, DayPart
from ygs.domain.service_dates import date_at
from ygs.entrypoints.testing.builders import SEOUL

Act: TypeAlias = Callable[[Application, Actor], Awaitable[Any]]
Choice = TypeVar("Choice")
DISTRICTS = ("seoul_mapo", "seoul_gangnam")


class Appointments:
    """A member's steps about consultations and meetings."""

    world: World
    random: Random

    async def act(self, name: str, act: Act) -> Outcome:
        """Do something signed in."""
        raise NotImplementedError

    async def shown(self, *states: IntroductionState) -> IntroductionView | None:
        """One of my introductions, from a list that may be old by now."""
        raise NotImplementedError

    async def book(self) -> None:
        """Book a time that was free a moment ago, and find it booked."""
        slot = self._one(await self.act("list slots", lambda app, me: app.consultations.list_slots(me)))
        if slot is not None:
            booking = SlotBooking(slot_id=slot.id)
            outcome = await self.act(f"book {slot.id[-4:]}", lambda app, me: app.consultations.book(me, booking))
            if outcome.ok and outcome.value.id not in self.world.tables.consultations:
                self.world.violation("a success for a consultation that is not stored")

    async def change_booking(self) -> None:
        """Move a consultation, or cancel it, and find it cancelled."""
        listed = await self.act("list consultations", lambda app, me: app.consultations.list(me))
        booked = [each for each in listed.value or () if each.state is ConsultationState.BOOKED]
        if not booked:
            return
        chosen = self.random.choice(booked).id
        slot = self._one(await self.act("list slots", lambda app, me: app.consultations.list_slots(me)))
        if slot is not None and self.random.random() < 0.5:
            booking = SlotBooking(slot_id=slot.id)
            await self.act(f"move {chosen[-4:]}", lambda app, me: app.consultations.move(me, chosen, booking))
            return
        outcome = await self.act(f"cancel {chosen[-4:]}", lambda app, me: app.consultations.cancel(me, chosen))
        if outcome.ok and self.world.tables.consultations[chosen].state is not ConsultationState.CANCELLED:
            self.world.violation("a success for a consultation that is not cancelled")

    async def arrange_meeting(self) -> None:
        """Give times for a meeting, or answer the time that is proposed."""
        shown = await self.shown(IntroductionState.MUTUAL)
        if shown is None:
            return
        meeting = (await self.act(f"meeting {shown.id[-4:]}", lambda app, me: app.meetings.get(me, shown.id))).value
        if meeting is None or meeting.proposal is None:
            times = self._times()
            await self.act(f"give times {shown.id[-4:]}", lambda app, me: app.meetings.give_times(me, shown.id, times))
            return
        answer = MeetingAnswer(number=meeting.proposal.number)
        chance = self.random.random()
        if chance < 0.7:
            await self.act(f"accept {shown.id[-4:]}", lambda app, me: app.meetings.accept(me, shown.id, answer))
        elif chance < 0.9:
            await self.act(f"ask again {shown.id[-4:]}", lambda app, me: app.meetings.ask_again(me, shown.id, answer))
        else:
            await self.act(f"call off {shown.id[-4:]}", lambda app, me: app.meetings.cancel(me, shown.id))

    def _times(self) -> MeetingTimes:
        today = date_at(self.world.clock.now(), SEOUL)
        days = [today + timedelta(days=number) for number in range(1, DAYS_AHEAD + 1)]
        chosen = self.random.sample([(day, part) for day in days for part in DayPart], 30)
        fields = [HalfDayFields(day=day, part=part) for day, part in chosen]
        return MeetingTimes(half_days=fields, district=self.random.choice(DISTRICTS))

    def _one(self, listed: Outcome) -> Any:
        found: Sequence[Any] = listed.value or ()
        return self.random.choice(found) if found else None
