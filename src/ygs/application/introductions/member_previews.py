"""An introduction as one of its members sees it, shown to staff who do not act as that member."""

from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.audit.redaction import Redaction
from ygs.application.introductions.introduction_view import IntroductionView
from ygs.application.introductions.member_introductions import MemberIntroductions
from ygs.application.person_views import PersonView, people_of
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class MemberPreviews:
    """Shows staff the very view that a member has of an introduction; each showing is audited."""

    storage: Storage
    clock: Clock
    introductions: MemberIntroductions
    audit_writer: AuditWriter

    async def show(self, actor: Actor, id: IntroductionId, member: UserId) -> IntroductionView:
        """Return the introduction as `member` sees it, without their answer while the introduction waits.

        `NotFound` when the member is neither of the two; `Forbidden` when the actor is one of the two, or was ever
        introduced to one of them.
        """
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read(latest=True) as reading:
            introduction = await reading.introductions.get(id)
            both = (member, introduction.other(member))
            redaction = await Redaction.of_reader(actor, reading)
        actor.require_own(*both)
        for each in both:
            redaction.require_stranger(each)
        view = await self.introductions.as_member(member, id)
        await self.audit_writer.shown(actor, "introduction.previewed", both, at=self.clock.now(), what=id)
        waits = introduction.state is IntroductionState.WAITING
        return view.model_copy(update={"my_answer": None}) if waits else view

    async def show_with_member(
        self, actor: Actor, id: IntroductionId, member: UserId, language: Language
    ) -> tuple[IntroductionView, PersonView]:
        """Return the introduction, and who sees it so; as by `show`."""
        view = await self.show(actor, id, member)
        people = await people_of(self.storage, (member,), language)
        return view, people[member]
