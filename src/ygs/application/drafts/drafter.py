"""Asks a language model for drafts: within a day's budget, about members who consented, never twice for the same."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ygs.application.actors import Actor, Permission
from ygs.application.advisor.answers import MOST_REPLY, document_of, is_in
from ygs.application.advisor.asking import estimate
from ygs.application.advisor.prompts import as_json
from ygs.application.advisor.rules import DraftRules
from ygs.application.advisor.scrubber import Scrubber
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.bilingual import Bilingual
from ygs.application.changes import begin_change
from ygs.application.messages.translate import translate
from ygs.domain.advice import AdviceUsage, Draft, DraftKind, consenting
from ygs.domain.errors import N_, ConsentMissing, InvalidText, LimitReached, NotSetUp, Unavailable, UnusableReply
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import ReadKind
from ygs.domain.service_dates import date_at
from ygs.domain.text import checked_text
from ygs.domain.users import User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor, ModelReply, Prompt
from ygs.ports.storage import Storage

Reply = TypeVar("Reply", bound=BaseModel)

# What it takes to ask for a draft, which is asked again before anything is sent and when the draft is stored.
DRAFT_PERMISSIONS: Mapping[DraftKind, Permission] = {
    DraftKind.COLUMNS: Permission.IMPORT,
    DraftKind.FACTS: Permission.MANAGE_CONSULTATIONS,
    DraftKind.MESSAGES: Permission.READ_MEMBERS,
    DraftKind.SUMMARY: Permission.READ_MEMBERS,
}
# Said of every draft, wherever one is shown.
MACHINE_MADE = Bilingual.by(
    lambda language: [translate(N_("A draft written by a machine: check it before you use it."), language)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """What to ask for. `version`: of the prompt. `people`: everybody whose data is in it; `reading`: the read budget
    that they count against. `what`: the id of what it is about, for the audit log."""

    kind: DraftKind
    version: str
    prompt: Prompt
    people: Sequence[User] = ()
    reading: ReadKind = ReadKind.FULL
    what: str = ""

    def content_hash(self, model: str) -> str:
        """SHA-256, in hexadecimal, of the people and of everything that the draft depends on."""
        sent = {"instructions": self.prompt.instructions, "data": self.prompt.data, "schema": self.prompt.reply_schema}
        ids = [each.id for each in self.people]
        content = {"kind": self.kind, "version": self.version, "model": model, "people": ids, "sent": sent}
        return hashlib.sha256(as_json(content).encode()).hexdigest()


class DraftServices(BaseModel):
    """Which drafts a language model writes here, who receives what is sent, and what it has taken today."""

    model_config = ConfigDict(frozen=True)

    kinds: list[DraftKind] = Field(description="The kinds of drafts that are on; empty without a model.")
    model: str = Field(description="The model's name; empty without one.")
    recipient: str = Field(description="Who receives what is sent.")
    country: str = Field(description="In which country.")
    calls: int = Field(ge=0, description="Calls of today.")
    most_calls: int = Field(ge=0, description="The most calls of a day.")
    cost: Decimal = Field(ge=0, description="What today's calls cost, in `currency`.")
    most_cost: Decimal = Field(ge=0, description="The most that a day may cost.")
    currency: str = Field(description="The currency of the prices in the settings.")


@dataclass(frozen=True, slots=True)
class Drafter:
    """Asks for drafts and stores them, each under what was sent."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    advisor: MatchAdvisor
    rules: DraftRules
    audit_writer: AuditWriter

    def writes(self, kind: DraftKind) -> bool:
        """Whether drafts of a kind are on."""
        return bool(self.advisor.model) and kind in self.rules.kinds

    def require(self, kind: DraftKind) -> None:
        """`NotSetUp` unless drafts of a kind are on."""
        if not self.writes(kind):
            raise NotSetUp(N_("no language model writes this here: see YGS_ADVISOR and YGS_ADVISOR_DRAFTS"))

    async def services(self, actor: Actor) -> DraftServices:
        """Return which drafts are on, and what they have taken today."""
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read() as reading:
            used = await reading.advice.drafting(date_at(self.clock.now(), self.zone))
        return DraftServices(
            kinds=sorted(kind for kind in self.rules.kinds if self.writes(kind)),
            model=self.advisor.model,
            recipient=self.rules.disclosure.recipient,
            country=self.rules.disclosure.country,
            calls=used.calls,
            most_calls=self.rules.calls,
            cost=self.rules.prices.cost(used),
            most_cost=self.rules.cost,
            currency=self.rules.prices.currency,
        )

    async def draft(
        self, actor: Actor, request: DraftRequest, reply: type[Reply], check: Callable[[Reply], Reply | None]
    ) -> Reply:
        """Return the draft stored for this very request, or ask for one and store it.

        `check` returns what of a reply of the right shape is of use, or None. `ConsentMissing` unless everybody
        consented, `LimitReached` when today's budget does not allow another call, `Unavailable` when no reply came,
        `UnusableReply` when it was of no use, which is counted too. Whoever loses the right to the draft meanwhile is
        refused.
        """
        self.require(request.kind)
        self._require_consents(request.people)
        # On record before anything leaves, and only about members whom the actor may see.
        await self.audit_writer.shown(
            actor,
            "draft.asked",
            [each.id for each in request.people],
            at=self.clock.now(),
            kind=request.reading,
            what=f"{request.kind} {request.what}".strip(),
        )
        key = request.content_hash(self.advisor.model)
        async with self.storage.read(latest=True) as reading:
            stored = await reading.advice.find_draft(key)
        if stored:
            return reply.model_validate_json(stored.text)
        day = date_at(self.clock.now(), self.zone)
        answer = await self._ask(actor, request, day)
        found = _of_use(answer, reply, check)
        await self._count(day, _used(answer, found) - estimate(request.prompt))
        if found is None:
            raise UnusableReply(N_("what the language model answered is of no use: ask again, or write it yourself"))
        await self._store(actor, request, key, found)
        return found

    def _require_consents(self, people: Sequence[User]) -> None:
        if len(consenting(people, self.rules.disclosure)) < len(people):
            raise ConsentMissing(N_("without the member's consent nothing is sent to a language model"))

    async def _ask(self, actor: Actor, request: DraftRequest, day: date) -> ModelReply:
        """Ask within the budget: the most that a call takes is counted before it, so that calls at once keep to it."""
        expected = estimate(request.prompt)
        async with begin_change(self.storage, actor, DRAFT_PERMISSIONS[request.kind]) as tx:
            total = await tx.advice.count_drafting(day, expected)
            if not self.rules.allows(total):
                raise LimitReached(N_("today's budget for drafts is used up: it begins anew at midnight"))
        try:
            return await self.advisor.ask(request.prompt)
        except Unavailable:
            # What a call without an answer costs is unknown; what was sent stays counted.
            await self._count(day, AdviceUsage() - AdviceUsage(output_tokens=expected.output_tokens))
            raise

    async def _count(self, day: date, usage: AdviceUsage) -> None:
        async with self.storage.write() as tx:
            await tx.advice.count_drafting(day, usage)

    async def _store(self, actor: Actor, request: DraftRequest, key: str, found: BaseModel) -> None:
        """Store a draft, unless somebody withdrew the consent meanwhile (`ConsentMissing`) or left (`NotFound`)."""
        people = [each.id for each in request.people]
        async with begin_change(self.storage, actor, DRAFT_PERMISSIONS[request.kind]) as tx:
            # Locked, so that a consent that is withdrawn now deletes the draft.
            users = [await tx.users.get(each) for each in sorted(people)]
            self._require_consents(users)
            draft = Draft(
                content_hash=key,
                text=found.model_dump_json(),
                created_at=self.clock.now(),
                about=people[0] if people else None,
                other=people[1] if len(people) > 1 else None,
            )
            await tx.advice.add_draft(draft)


def _used(answer: ModelReply, found: BaseModel | None) -> AdviceUsage:
    return AdviceUsage(
        calls=1,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        answered=found is not None,
        refused=found is None,
    )


def _of_use(answer: ModelReply, reply: type[Reply], check: Callable[[Reply], Reply | None]) -> Reply | None:
    """What of a model's answer is of use: text from a stranger, so anything else than what was asked is nothing."""
    if answer.stopped or len(answer.text) > MOST_REPLY:
        return None
    try:
        return check(reply.model_validate(dict(document_of(answer.text))))
    except ValidationError:
        return None


def checked_paragraph(text: str, language: Language, scrubber: Scrubber, *, at_most: int) -> str | None:
    """A paragraph in the language that was asked for, without what identifies somebody; None for anything else."""
    try:
        paragraph = checked_text("draft", " ".join(text.split()), at_most=at_most)
    except InvalidText:
        return None
    return scrubber.scrub(paragraph)[:at_most].strip() if is_in(language, paragraph) else None
