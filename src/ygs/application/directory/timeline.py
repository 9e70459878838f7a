"""The timeline of one member, for staff: everything that happened to them, as far as the reader may know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter, kind_of
from ygs.application.audit.redaction import Redaction
from ygs.application.labels import LABELS, label
from ygs.application.members.review import masked
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.reports import Resolution
from ygs.domain.timeline import BLOCK_EVENTS, REPORT_EVENTS, TimelineEvent, TimelineItem, TimelineKey
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.directory import MemberFilter
from ygs.ports.storage import Reading, Storage

# What `TimelineKey.cursor` gives.
CURSOR = r"^[0-9]{1,17}~[0-9]{1,18}~[a-z_.]{1,40}~[0-9A-Za-z_,]{0,400}$"


# What a member or staff changed, as the audit log spells it, besides facts and kinds of files: Korean, English.
_CHANGED: Mapping[str, tuple[str, str]] = {
    "profile": ("프로필", "profile"),
    "lifestyle": ("생활 방식", "lifestyle"),
    "wishes": ("바라는 조건", "wishes"),
    "consents": ("동의", "consents"),
    "submitted": ("심사 요청", "sent in for review"),
    "paused": ("휴식 시작", "pause began"),
    "resumed": ("휴식 끝", "pause ended"),
    "name": ("이름", "name"),
    "seeks": ("찾는 성별", "whom they seek"),
    "birth_year": ("출생 연도", "year of birth"),
    "phone": ("전화번호", "phone"),
    "email": ("이메일", "e-mail"),
}


class TimelinePartner(BaseModel):
    """The other person of an introduction."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str | None = Field(description="The name, masked; null once they have left.")


class TimelineLine(BaseModel):
    """One thing that happened to a member."""

    model_config = ConfigDict(frozen=True)

    at: datetime = Field(description="When, UTC.")
    event: TimelineEvent = Field(description="What happened.")
    what: str = Field(
        description="The id of what it is about, or codes of what changed, separated by commas; empty for neither."
    )
    outcome: str | None = Field(
        description="How an introduction was decided, or a report resolved, as a code; null for everything else."
    )
    met: bool | None = Field(description="Whether the two of a mutual introduction met, as either reported.")
    by: Role | None = Field(
        description="Who did it: `member`, or which staff; `admin` for the operator too; null where it is not told."
    )
    reason: str = Field(description="The reason that staff gave; empty for none.")
    partner: TimelinePartner | None = Field(
        description="The other person of an introduction, if the reader may see them."
    )

    def words(self, language: Language) -> str:
        """What changed, or how it ended, for people; empty where the event says it all."""
        if self.outcome and self.event is TimelineEvent.REPORT_RESOLVED:
            return Resolution(self.outcome).label(language)
        if self.outcome:
            met = [translate(N_("the two met"), language)] if self.met else []
            return ", ".join([label("introduction_state", self.outcome, language), *met])
        return ", ".join(filter(None, (changed_words(code, language) for code in self.what.split(","))))

    @classmethod
    def of(cls, item: TimelineItem, names: Mapping[str, str], actor: Actor) -> Self:
        """The line of an item, to be shown to an actor."""
        other = item.other
        shown = other is not None and actor.sees(other)
        return cls(
            at=item.at,
            event=item.event,
            what=item.what,
            outcome=item.outcome or None,
            met=item.met,
            by=Role(item.role) if item.role else None,
            reason=item.reason,
            partner=TimelinePartner(id=other, name=names.get(other)) if other and shown else None,
        )


def changed_words(code: str, language: Language) -> str:
    """What a code of a change is called; empty for ids."""
    if code in VOCABULARY:
        return VOCABULARY[code].name(language)
    if code in LABELS["file_kind"]:
        return label("file_kind", code, language)
    return _CHANGED.get(code, ("", ""))[language is Language.EN]


class TimelinePage(BaseModel):
    """Some of what happened to a member, latest first. `next` is the `before` of the page that follows, or null."""

    model_config = ConfigDict(frozen=True)

    items: list[TimelineLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class Timelines:
    """Reads the timelines of members; every page is audited with everybody whom it shows.

    It holds no answer, and of an introduction only how it was decided. Reports need the permission to manage them,
    blocks that to read the audit log, and both are withheld as the log withholds them (`Redaction`).
    """

    storage: Storage
    clock: Clock
    audit_writer: AuditWriter

    async def read(
        self, actor: Actor, id: UserId, *, before: str | None = None, limit: int = MOST_PAGE
    ) -> TimelinePage:
        """The latest events of a member, or those before a cursor, in a constant number of statements.

        `Forbidden` about the actor, and about people the actor was ever introduced to.
        """
        actor.require(Permission.READ_MEMBERS)
        actor.require_own(id)
        limit = min(limit, MOST_PAGE)
        key = TimelineKey.parse(before) if before else None
        async with self.storage.read(latest=True) as reading:
            redaction = await Redaction.of_reader(actor, reading)
            redaction.require_stranger(id)
            user = await reading.users.get(id)
            events = _events(actor, redaction)
            found = await reading.timeline.of_member(id, events, before=key, limit=limit)
            items = [each for each in found if not redaction.withholds_item(each)]
            partners = sorted({each.other for each in items if each.other and actor.sees(each.other)})
            names = await _names(reading, partners)
        await self.audit_writer.shown(
            actor, "timeline.read", [id], masked=partners, at=self.clock.now(), kind=kind_of(user)
        )
        return TimelinePage(
            items=[TimelineLine.of(each, names, actor) for each in items],
            next=found[-1].key.cursor if len(found) == limit else None,
        )


def _events(actor: Actor, redaction: Redaction) -> frozenset[TimelineEvent]:
    """The events that an actor may know of."""
    events = frozenset(TimelineEvent)
    if Permission.MANAGE_REPORTS not in actor.permissions or redaction.introduced:
        events -= REPORT_EVENTS
    if Permission.READ_AUDIT not in actor.permissions:
        events -= BLOCK_EVENTS
    return events


async def _names(reading: Reading, people: Sequence[UserId]) -> Mapping[str, str]:
    if not people:
        return {}
    lines = await reading.directory.page(MemberFilter(ids=tuple(people)))
    return {line.id: masked(line.name) for line in lines}
