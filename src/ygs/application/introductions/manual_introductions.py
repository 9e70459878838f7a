"""Introductions that staff make by hand, beside the week's round.

Such an introduction belongs to the week that is running: one that is published and whose deadline has not passed. It is
checked, proven, answered, counted and erased like those of the round, but is no part of what the week committed to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.bilingual import Bilingual
from ygs.application.changes import begin_change
from ygs.application.messages.translate import translate
from ygs.application.person_views import People, PersonView, namer
from ygs.application.request_fields import CheckedText, Moment
from ygs.application.rounds.broken_pair_words import broken_pairs_listed
from ygs.application.rounds.named_refusals import name_people
from ygs.application.rounds.proofs import proof
from ygs.domain.errors import N_, Listed, RoundRefused
from ygs.domain.events import proposed
from ygs.domain.ids import ULID, IntroductionId, UserId, WeekId, pair_of
from ygs.domain.introductions import Introduction, IntroductionOrigin
from ygs.domain.match_weeks import BrokenPair, MatchWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.explaining import PairExplanation, explain_pair
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Policy
from ygs.domain.text import LINE_LENGTH
from ygs.domain.users import Status, User
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Reading, Storage, Writing

# Weeks are created few ahead: the running one is among these.
_LATEST_WEEKS = 20
MemberId = Annotated[str, Field(pattern=f"^usr_{ULID}$")]
Score = Annotated[int, Field(ge=0, le=10_000)]


class PairToIntroduce(BaseModel):
    """Two members whom staff may introduce by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one: MemberId = Field(description="A member.")
    other: MemberId = Field(description="Another member.")
    deadline: Moment | None = Field(
        default=None, description="Until when answers count; at most the running week's deadline, as without it."
    )


class ManualIntroduction(PairToIntroduce):
    """Two members to introduce by hand, and why."""

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(
        description="Why staff introduce them; it stands in the audit log. At most 120 characters."
    )


class ObstacleView(BaseModel):
    """One reason why the two cannot be introduced now."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="A stable code of the reason.")
    attribute: str = Field(description="The attribute that it is about, or empty.")
    words: Bilingual = Field(description="The reason in a sentence.")


class ManualIntroductionView(BaseModel):
    """What an introduction by hand is, or would be. Nothing is in its way when `obstacles` is empty."""

    model_config = ConfigDict(frozen=True)

    id: IntroductionId | None = Field(description="The introduction's id; null in a preview.")
    week: str | None = Field(description="The running week that it belongs to; null when no week is running.")
    deadline: datetime | None = Field(description="Until when answers count, UTC; null when no week is running.")
    one: PersonView = Field(description="The first of the two, as the request names them.")
    other: PersonView = Field(description="The second.")
    satisfaction_of_one: Score = Field(description="How well `one`'s wishes are met, basis points.")
    satisfaction_of_other: Score = Field(description="How well `other`'s wishes are met, basis points.")
    mutual: Score = Field(description="The geometric mean of the two, basis points.")
    obstacles: list[ObstacleView] = Field(description="Everything that is in the way.")
    words: Bilingual = Field(description="What speaks for and against it, and what is still unknown.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Obstacle:
    """A reason of the running week or of one person's status, with that person's id (or "")."""

    code: str
    error: RoundRefused
    person: str = ""

    def view(self, people: People) -> ObstacleView:
        """The view, which calls the person by name."""

        def sentences(language: Language) -> Iterator[str]:
            called = {"person": namer(people, language)(self.person)} if self.person else {}
            yield translate(self.error.template, language, **{**self.error.fields, **called})

        return ObstacleView(code=self.code, attribute="", words=Bilingual.by(sentences))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Two members, the running week (None without one), and the policy that decides about them."""

    one: User
    other: User
    week: MatchWeek | None
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examined:
    """What was found, the deadline (None without a running week), and all that is in the way."""

    found: _Found
    deadline: datetime | None
    pair: PairExplanation
    obstacles: Sequence[_Obstacle]

    def view(self, id: IntroductionId | None = None) -> ManualIntroductionView:
        """The view for staff."""
        people = self._people()
        terms = replace(self.pair, objections=())
        return ManualIntroductionView(
            id=id,
            week=str(self.found.week.week) if self.found.week else None,
            deadline=self.deadline,
            one=people[self.found.one.id],
            other=people[self.found.other.id],
            satisfaction_of_one=self.pair.mine.satisfaction,
            satisfaction_of_other=self.pair.theirs.satisfaction,
            mutual=self.pair.mutual,
            obstacles=[*(each.view(people) for each in self.obstacles), *_objections(self.pair, people)],
            words=Bilingual.by(lambda spoken: terms.sentences(spoken, namer(people, spoken))),
        )

    def require_nothing_in_the_way(self) -> tuple[MatchWeek, datetime]:
        """The running week and the deadline; `RoundRefused` with every reason, and with names, when anything is in the
        way."""
        found = [BrokenPair(a=x.me, b=x.them, reason=x.reason, attribute=x.attribute) for x in self.pair.objections]
        errors = (*(each.error for each in self.obstacles), *broken_pairs_listed(tuple(found)))
        if errors or self.found.week is None or self.deadline is None:
            refusal = RoundRefused(N_("these two cannot be introduced now: {reasons}"), reasons=Listed(errors))
            name_people(refusal, self._people())
            raise refusal
        return self.found.week, self.deadline

    def _people(self) -> People:
        return {user.id: PersonView.of(user) for user in (self.found.one, self.found.other)}

    def introduction(self, id: IntroductionId, at: datetime) -> Introduction:
        """The introduction of the two, with the proof of both sides' conditions."""
        week, deadline = self.require_nothing_in_the_way()
        a, b = sorted((self.found.one, self.found.other), key=lambda user: user.id)
        of_a = a.candidate(capacity=week.policy.capacity)
        of_b = b.candidate(capacity=week.policy.capacity)
        scores = (self.pair.mine.satisfaction, self.pair.theirs.satisfaction)
        a_to_b, b_to_a = scores if a is self.found.one else scores[::-1]
        return Introduction(
            id=id,
            week_id=week.id,
            a=a.id,
            b=b.id,
            a_to_b=a_to_b,
            b_to_a=b_to_a,
            mutual=self.pair.mutual,
            deadline=deadline,
            created_at=at,
            proof_of_a=proof(of_a, of_b, week.policy),
            proof_of_b=proof(of_b, of_a, week.policy),
            origin=IntroductionOrigin.STAFF,
        )


def _objections(pair: PairExplanation, people: People) -> Iterator[ObstacleView]:
    for each in pair.objections:
        words = Bilingual(
            ko=[each.sentence(Language.KO, namer(people, Language.KO))],
            en=[each.sentence(Language.EN, namer(people, Language.EN))],
        )
        yield ObstacleView(code=each.reason, attribute=each.attribute, words=words)


@dataclass(frozen=True, slots=True)
class ManualIntroductions:
    """Introduces two members by hand while a week is running. A must, a floor, a block, an earlier introduction and a
    person's capacity are in the way of staff as they are of the round, and staff cannot set them aside."""

    storage: Storage
    clock: Clock
    ids: Ids
    audit_writer: AuditWriter

    async def preview(self, actor: Actor, request: PairToIntroduce) -> ManualIntroductionView:
        """Return what an introduction of the two would be, and everything that is in its way. It changes nothing.

        `Forbidden` about the actor: the answer can show a block.
        """
        _require_allowed(actor, request)
        async with self.storage.read(latest=True) as reading:
            now = self.clock.now()
            found = await _found(reading, request, now)
            examined = await _examined(reading, found, request.deadline, now)
        people = (request.one, request.other)
        await self.audit_writer.shown(actor, "pair.previewed", people, at=now)
        return examined.view()

    async def introduce(self, actor: Actor, request: ManualIntroduction) -> ManualIntroductionView:
        """Introduce the two now; both are notified.

        `RoundRefused` with every reason when anything is in the way. A repeated call is refused, since the two were
        introduced before. `Forbidden` about the actor.
        """
        _require_allowed(actor, request)
        try:
            return await self._introduce(actor, request)
        except RoundRefused:
            # The reasons name both, and can show a block.
            people = (request.one, request.other)
            await self.audit_writer.shown(actor, "pair.previewed", people, at=self.clock.now())
            raise

    async def _introduce(self, actor: Actor, request: ManualIntroduction) -> ManualIntroductionView:
        async with begin_change(self.storage, actor, Permission.RUN_WEEKS) as tx:
            found = await _found(tx, request, self.clock.now())
            now = await tx.now(self.clock)
            examined = await _examined(tx, found, request.deadline, now)
            made = examined.introduction(IntroductionId(self.ids.make("mh")), now)
            most = {user.id: user.capacity or found.policy.capacity for user in (found.one, found.other)}
            await tx.introductions.add_all([made], most)
            await tx.outbox.add(proposed(made))
            people = (made.a, made.b)
            await self.audit_writer.require_budget(tx, actor, people, at=now)
            entry = audit_entry(
                actor, "introduction.made", at=now, subjects=people, what=made.id, reason=request.reason
            )
            await tx.audit.add(entry)
        return examined.view(made.id)


def _require_allowed(actor: Actor, request: PairToIntroduce) -> None:
    actor.require(Permission.RUN_WEEKS)
    actor.require(Permission.READ_MEMBERS)
    actor.require_another(UserId(request.one), UserId(request.other))


async def _found(tx: Reading | Writing, request: PairToIntroduce, now: datetime) -> _Found:
    """Find the running week and the two members. While writing it locks the week, then both users, ascending, so that
    a change of any of them waits."""
    outlines = await tx.weeks.outlines(_LATEST_WEEKS)
    running = [each.id for each in outlines if each.state is WeekState.PUBLISHED and now < each.deadline]
    week = await tx.weeks.get(running[0]) if running else None
    people = {each: await tx.users.get(each) for each in sorted({UserId(request.one), UserId(request.other)})}
    policy = week.policy if week else (await tx.policies.current()).policy
    return _Found(one=people[UserId(request.one)], other=people[UserId(request.other)], week=week, policy=policy)


async def _examined(tx: Reading | Writing, found: _Found, deadline: datetime | None, now: datetime) -> _Examined:
    week = found.week
    deadline = (deadline or week.deadline) if week else None
    one = found.one.candidate(capacity=found.policy.capacity)
    other = found.other.candidate(capacity=found.policy.capacity)
    apart = await _apart(tx, found)
    return _Examined(
        found=found,
        deadline=deadline,
        pair=explain_pair(one, other, found.policy, apart),
        obstacles=[*_of_week(week, deadline, now), *await _of_people(tx, found)],
    )


async def _apart(tx: Reading | Writing, found: _Found) -> Sequence[Reason]:
    """What keeps the two apart besides their facts and wishes."""
    pair = pair_of(found.one.id, found.other.id)
    overrides = found.week.overrides if found.week else Overrides()
    reasons = {
        Reason.INTRODUCED_BEFORE: pair in await tx.introductions.between(pair),
        Reason.BLOCK: pair in await tx.blocks.between(pair),
        Reason.FORBIDDEN: pair in overrides.forbids,
        Reason.LEFT_OUT: not overrides.left_out.isdisjoint(pair),
    }
    return [reason for reason, holds in reasons.items() if holds]


def _of_week(week: MatchWeek | None, deadline: datetime | None, now: datetime) -> Iterator[_Obstacle]:
    if week is None or now >= week.deadline:
        refusal = RoundRefused(N_("no week is running: publish this week's round first, then introduce the two"))
        yield _Obstacle(code="no_running_week", error=refusal)
    elif deadline is None or not now < deadline <= week.deadline:
        latest = f"{week.deadline:%Y-%m-%d %H:%M} UTC"
        refusal = RoundRefused(N_("the deadline must lie ahead, and by {latest}, when the week ends"), latest=latest)
        yield _Obstacle(code="deadline", error=refusal)


async def _of_people(tx: Reading | Writing, found: _Found) -> list[_Obstacle]:
    obstacles = []
    for user in (found.one, found.other):
        if user.status is not Status.ACTIVE:
            refusal = RoundRefused(
                N_("{person} takes no part in introductions: {status}"), person=user.id, status=user.status
            )
            obstacles.append(_Obstacle(code="not_active", person=user.id, error=refusal))
        most = user.capacity or found.policy.capacity
        if found.week and await _in_week(tx, user.id, found.week.id) >= most:
            refusal = RoundRefused(
                N_("{person} has as many introductions this week as allowed: {most}"), person=user.id, most=most
            )
            obstacles.append(_Obstacle(code="over_capacity", person=user.id, error=refusal))
    return obstacles


async def _in_week(tx: Reading | Writing, user: UserId, week: WeekId) -> int:
    """The number of introductions of a user in a week. Cancelled ones keep their slot, as in the round."""
    return sum(each.week_id == week for each in await tx.introductions.of_user(user))
