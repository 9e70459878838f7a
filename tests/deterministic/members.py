"""Members of the simulation: each acts by chance on what the service shows them, and checks what it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from tests.deterministic.appointments import Act, Appointments
from tests.deterministic.rights import overtake_member
from tests.deterministic.world import Outcome, World
from ygs.application.accounts.sessions import RefreshRequest, TokenView
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.accounts.sign_up import PasswordSignUp, PhoneToProve
from ygs.application.actors import Actor
from ygs.application.facts import WishModel
from ygs.application.introductions.introduction_view import FeedbackStatus, IntroductionView
from ygs.application.introductions.member_introductions import AnswerRequest, FeedbackRequest
from ygs.application.members.blocks import ContactBlock
from ygs.application.members.profile import ConsentEdit, LifestyleEdit, Pause, Preferences, ProfileEdit
from ygs.application.moderation.reports import ReportRequest
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import Application
from ygs.domain.errors import InvalidToken, SignInRefused
from ygs.domain.idempotency import Reply
from ygs.domain.ids import UserId
from ygs.domain.introductions import Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.reports import Category
from ygs.domain.service_dates import date_at
from ygs.domain.users import Purpose
from ygs.entrypoints.testing.builders import SEOUL

PASSWORD = SecretStr("노란 우산 아래 고양이 세 마리")
CONSENTS = {Purpose.TERMS: "2026-01", Purpose.PRIVACY: "2026-01"}
# Mean virtual seconds between two steps of one member.
PACE = 9.0
MOST_TRIES = 4


class Member(Appointments):
    """One person with a phone, who may have an account or not, leave, and come back."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.name = f"member{number}"
        self.number = number
        self.random = world.random(self.name)
        self.fate = world.random(f"fate of {self.name}")
        self.phone = f"+82102000{number:04d}"
        self.gender = "female" if number % 2 else "male"
        self.seeks = {"male" if number % 2 else "female"}
        self.origin = ClientAddress(f"203.0.113.{number}", "phone")
        # Signing in takes more time than all else, so half of the members do without.
        self.has_sessions = number % 2 == 1
        self.tokens: TokenView | None = None
        self.has_account = False
        self.commands = 0
        self.is_new = False
        self.listed: Sequence[IntroductionView] = ()

    async def live(self) -> None:
        """Act until the simulation is over."""
        while not self.world.over:
            await asyncio.sleep(self.random.expovariate(1 / PACE))
            if self.is_new:
                await self.enrol()
            elif self.has_account:
                await getattr(self, self._next_step())()
            elif self.random.random() < 0.4:
                await self.sign_up()

    def _next_step(self) -> str:
        # Introductions are few: whoever knows of one answers it, and once both said yes, wants to meet.
        if self.random.random() < 0.7:
            for state, step in ((IntroductionState.MUTUAL, "arrange_meeting"), (IntroductionState.WAITING, "answer")):
                if self._listed([state]):
                    return step
        steps = _STEPS | _OFFICE_STEPS if self.world.is_about_the_office else _STEPS
        (name,) = self.random.choices(list(steps), list(steps.values()))
        return name

    async def act(self, name: str, act: Act) -> Outcome:
        """Do something signed in."""

        async def work(app: Application) -> Any:
            me = await self._actor(app) if self.has_sessions else self._known()
            await overtake_member(app, self.fate, me)
            return await act(app, me)

        return await self.world.step(self.random, self.name, name, work)

    def _known(self) -> Actor:
        """Me, as my session would tell."""
        users = self.world.tables.users.values()
        me = next((user for user in users if user.phone == self.phone), None)
        if me is None:
            self.has_account = False
            raise InvalidToken
        return Actor.signed_in(me.id, me.role, status=me.status)

    async def _actor(self, app: Application) -> Actor:
        """Me, by the access token, or a new one by the refresh token, or else by the password."""
        assert app.accounts is not None
        if self.tokens is not None:
            try:
                return await app.accounts.authentication.actor(self.tokens.access_token, self.origin)
            except InvalidToken:
                self.tokens = await self._new_tokens(app, self.tokens)
        else:
            self.tokens = await self._signed_in(app)
        return await app.accounts.authentication.actor(self.tokens.access_token, self.origin)

    async def _new_tokens(self, app: Application, old: TokenView) -> TokenView:
        assert app.accounts is not None
        try:
            return await app.accounts.sessions.refresh(RefreshRequest(refresh_token=SecretStr(old.refresh_token)))
        except InvalidToken:
            return await self._signed_in(app)

    async def _signed_in(self, app: Application) -> TokenView:
        assert app.accounts is not None
        request = PasswordSignIn(phone=self.phone, password=PASSWORD)
        try:
            result = await app.accounts.sign_in.by_password(request, self.origin)
        except SignInRefused:
            if any(user.phone == self.phone for user in self.world.tables.users.values()):
                self.world.violation(f"{self.name} cannot sign in with the right password")
            self.has_account = False
            raise
        assert result.tokens is not None
        return result.tokens

    async def sign_up(self) -> None:
        """Sign up, by the code that comes to the phone."""
        started = await self.world.step(
            self.random,
            self.name,
            "start of sign-up",
            lambda app: _accounts(app).sign_up.start(PhoneToProve(phone=self.phone), self.origin),
        )
        if not started.ok:
            return
        request = PasswordSignUp(
            name="김하늘",
            gender="female" if self.gender == "female" else "male",
            seeks=frozenset(self.seeks),
            birth_year=1985 + self.number % 10,
            consents=CONSENTS,
            phone=self.phone,
            password=PASSWORD,
            one_time_token=SecretStr(started.value.one_time_token),
            code=self.world.mailbox.take_code(self.phone),
        )
        signed_up = await self.world.step(
            self.random, self.name, "sign-up", lambda app: _accounts(app).sign_up.by_password(request, self.origin)
        )
        if signed_up.ok:
            self.tokens = signed_up.value
            self.is_new = True
        # After an unknown outcome the password tells whether there is an account.
        refused = signed_up.refusal is not None and signed_up.refusal.code != "phone_taken"
        self.has_account = not refused

    async def enrol(self) -> None:
        """Tell facts and wishes and send the profile in, as most people do who have just signed up."""
        self.is_new = False
        await self.fill_in()
        await self.submit()

    async def fill_in(self) -> None:
        """Tell facts and wishes."""
        facts = {"height_cm": 160 + self.number, "region": "seoul", "education": "bachelor", "job_group": "company"}
        await self.act("fill in facts", lambda app, me: app.members.edit_profile(me, ProfileEdit(facts=facts)))
        wish = WishModel(importance="must", low=self.random.randint(1983, 1988), high=1996)
        await self.act(
            "fill in wishes",
            lambda app, me: app.members.set_preferences(me, Preferences(wishes={"birth_year": wish})),
        )

    async def change_lifestyle(self) -> None:
        """Tell of a habit."""
        edit = LifestyleEdit(facts={"smoking": self.random.choice(["no", "quitting"])})
        await self.act("change lifestyle", lambda app, me: app.members.edit_lifestyle(me, edit))

    async def consent(self) -> None:
        """Agree to marketing, or no longer."""
        edit = ConsentEdit(consents={Purpose.MARKETING: self.random.choice(["2026-01", None])})
        await self.act("consent", lambda app, me: app.members.set_consents(me, edit))

    async def submit(self) -> None:
        """Send the profile in."""
        await self.act("submit", lambda app, me: app.members.submit(me))

    async def pause(self) -> None:
        """Sit out for some days, or until further notice."""
        until = date_at(self.world.clock.now() + timedelta(days=self.random.randint(1, 9)), SEOUL)
        pause = Pause(until=until if self.random.random() < 0.8 else None)
        await self.act("pause", lambda app, me: app.members.pause(me, pause))

    async def resume(self) -> None:
        """Take part again."""
        await self.act("resume", lambda app, me: app.members.resume(me))

    async def withdraw(self) -> None:
        """Leave."""
        if (await self.act("withdraw", lambda app, me: app.members.withdraw(me))).ok:
            self.tokens = None
            self.has_account = False
            self.listed = ()

    async def log_out(self) -> None:
        """Log out; the old token is good no more."""
        if not self.has_sessions:
            return
        old = self.tokens
        outcome = await self.act("log out", lambda app, me: _accounts(app).sessions.log_out(me))
        if outcome.ok and old is not None and old is self.tokens:
            again = await self.world.step(
                self.random,
                self.name,
                "use old token",
                lambda app: _accounts(app).authentication.actor(old.access_token, self.origin),
            )
            if again.ok:
                self.world.violation(f"{self.name} logged out and is signed in")
            self.tokens = None

    async def answer(self) -> None:
        """Answer, or change the answer, and find it stored."""
        shown = await self.shown(IntroductionState.WAITING)
        if shown is None:
            return
        request = self._some_answer()
        before = self.world.tables.introductions[shown.id]
        outcome = await self.act(
            f"answer {shown.id[-4:]} {request.choice}",
            lambda app, me: app.member_introductions.answer(me, shown.id, request),
        )
        me = before.other(shown.with_user)
        stored = self.world.tables.introductions[shown.id].answer_of(me)
        if outcome.ok and (stored is None or stored.choice is not request.choice):
            self.world.violation(f"{self.name} got a success for an answer that is not stored")
        if outcome.refusal is not None and stored != before.answer_of(me):
            self.world.violation(f"{self.name} was refused an answer that is stored")

    def _some_answer(self) -> AnswerRequest:
        if self.random.random() < (0.95 if self.world.is_about_the_office else 0.7):
            return AnswerRequest(choice=Choice.ACCEPT)
        return AnswerRequest(choice=Choice.DECLINE, reason=self.random.choice(list(DeclineReason)))

    async def give_feedback(self) -> None:
        """Tell how a meeting went."""
        shown = await self.shown(IntroductionState.MUTUAL)
        if shown is None:
            return
        request = FeedbackRequest(met=True, again=True, rating=4) if self.random.random() < 0.7 else _NOT_MET
        outcome = await self.act(
            f"feedback on {shown.id[-4:]}",
            lambda app, me: app.member_introductions.give_feedback(me, shown.id, request),
        )
        if outcome.ok and shown.feedback is FeedbackStatus.GIVEN:
            self.world.violation(f"{self.name} gave feedback twice")

    async def look(self) -> None:
        """Look at somebody I was introduced to; their phone shows only once both accepted and while no block stands."""
        shown = await self.shown()
        if shown is not None:
            await self._look_at(shown)

    async def _look_at(self, shown: IntroductionView) -> None:
        since = len(self.world.storage.states) - 1
        outcome = await self.act(
            f"look at {shown.with_user[-4:]}", lambda app, me: app.partners.get(me, shown.with_user)
        )
        if outcome.ok:
            me = self.world.tables.introductions[shown.id].other(shown.with_user)
            states = self.world.storage.states[since:]
            if not any(_may_see(each, me, shown.with_user) for each in states):
                self.world.violation(f"{self.name} sees somebody they may not see")
            contact = outcome.value.phone is not None
            if contact and not any(_may_see(each, me, shown.with_user, mutual=True) for each in states):
                self.world.violation(f"{self.name} sees a phone that is not for them")

    async def block(self) -> None:
        """Block somebody I was introduced to, and look whether they are gone."""
        shown = await self.shown()
        if shown is not None and await self._agrees_to_part():
            await self.act(f"block {shown.with_user[-4:]}", lambda app, me: app.blocks.block(me, shown.with_user))
            await self._look_at(shown)

    async def unblock(self) -> None:
        """Take a block back."""
        shown = await self.shown()
        if shown is not None:
            await self.act(f"unblock {shown.with_user[-4:]}", lambda app, me: app.blocks.unblock(me, shown.with_user))

    async def block_contact(self) -> None:
        """Block whoever has a phone."""
        if await self._agrees_to_part():
            other = ContactBlock(phone=f"+82102000{self.random.randint(1, 12):04d}")
            await self.act(f"block {other.phone}", lambda app, me: app.blocks.block_contact(me, other))

    async def _agrees_to_part(self) -> bool:
        """Few people block: otherwise nobody is left to be introduced to."""
        return self.random.random() < 0.5

    async def report(self) -> None:
        """Report somebody, under an idempotency key, again and again until there is a reply."""
        shown = await self.shown()
        if shown is None:
            return
        self.commands += 1
        key = f"{self.name}-report-{self.commands}"
        request = ReportRequest(category=Category.OTHER, words=key, keep_apart=self.random.random() < 0.3)

        async def act(app: Application, me: Actor) -> Reply:
            async def once() -> Reply:
                view = await app.reports.report(me, shown.with_user, request)
                return Reply(201, view.id.encode())

            reply: Reply = await _accounts(app).idempotent_requests.reply(me, key, request.words.encode(), once)
            return reply

        await repeated(self.world, lambda: self.act(f"report {key}", act), self.random.uniform(1, 20))

    async def shown(self, *states: IntroductionState) -> IntroductionView | None:
        """One of my introductions, from a list that may be old by now."""
        found = self._listed(states)
        if self.random.random() < (0.2 if found else 0.9):
            listed = await self.act("list", lambda app, me: app.member_introductions.list(me))
            self.listed = listed.value or ()
            found = self._listed(states)
        return self.random.choice(found) if found else None

    def _listed(self, states: Sequence[IntroductionState]) -> Sequence[IntroductionView]:
        return [each for each in self.listed if not states or each.state in states]


async def repeated(world: World, attempt: Callable[[], Awaitable[Outcome]], wait: float) -> Outcome:
    """The outcome of a command that is repeated while nobody knows whether it took effect."""
    for _ in range(MOST_TRIES):
        outcome = await attempt()
        running = outcome.refusal is not None and outcome.refusal.code == "still_running"
        if world.over or not (outcome.unknown or running):
            break
        await asyncio.sleep(wait)
    return outcome


def _may_see(tables: Any, me: UserId, them: UserId, *, mutual: bool = False) -> bool:
    """Whether, in that state, an introduction lets `me` see the other, or with `mutual` their phone."""
    allowed = {IntroductionState.MUTUAL} if mutual else {IntroductionState.MUTUAL, IntroductionState.WAITING}
    pair = {me, them}
    made: Sequence[Introduction] = [each for each in tables.introductions.values() if {each.a, each.b} == pair]
    apart = any(set(block) == pair for block in tables.blocks)
    return them in tables.users and not apart and any(each.state in allowed for each in made)


def _accounts(app: Application) -> Any:
    assert app.accounts is not None
    return app.accounts


_NOT_MET = FeedbackRequest(met=False)
# The steps of a member with an account, and how often each is taken.
_STEPS: dict[str, int] = {
    "fill_in": 3,
    "change_lifestyle": 1,
    "consent": 1,
    "submit": 3,
    "pause": 1,
    "resume": 2,
    "withdraw": 1,
    "log_out": 1,
    "answer": 26,
    "give_feedback": 6,
    "look": 6,
    "block": 2,
    "unblock": 1,
    "block_contact": 1,
    "report": 3,
    "book": 1,
    "change_booking": 1,
    "arrange_meeting": 4,
}
_OFFICE_STEPS: dict[str, int] = {"book": 12, "change_booking": 8, "arrange_meeting": 20, "give_feedback": 2}
