"""What the audit log keeps from an administrator who reads it: whatever could tell them who reported them.

Whoever is reported learns neither by whom nor that they are. Administrators may have been members, so the log could
tell them: by the entry itself, by staff who look at the report and its two people, by a block that went up in the same
second. Only people they were introduced to can have reported them. So all that concerns those is left to another
administrator, whether anybody was reported or not: what is withheld then says nothing.

That somebody answered is on record too, and one entry more would tell it to who waits for that answer.
"""

from dataclasses import dataclass
from typing import Self

from ygs.application.actors import Actor
from ygs.domain.audit import Entry
from ygs.domain.errors import N_, Forbidden
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.ports.storage import Storage

# Staff list several people's reports at once, so the neighbours of a withheld entry would say whose it is.
_REPORTS = ("report.", "reports.")


@dataclass(frozen=True, slots=True)
class Redaction:
    """Towards one reader, None for the operator, and everybody the reader was ever introduced to."""

    reader: UserId | None
    introduced: frozenset[UserId] = frozenset()

    @classmethod
    async def towards(cls, actor: Actor, storage: Storage) -> Self:
        """Towards whoever asks; `Forbidden` for whom an introduction still waits."""
        if actor.id is None:
            return cls(None)
        # Never from a replica, where the introduction may be some moments younger than what came of it.
        async with storage.read(latest=True) as reading:
            introductions = await reading.introductions.of_user(actor.id)
        if any(each.state is IntroductionState.WAITING for each in introductions):
            raise Forbidden(N_("an introduction to you still waits for answers: somebody else must look at it"))
        return cls(actor.id, frozenset(each.other(actor.id) for each in introductions))

    def require_stranger(self, subject: UserId) -> None:
        """`Forbidden` unless everything that is on record of somebody may be asked for."""
        if subject == self.reader or subject in self.introduced:
            raise Forbidden(N_("this is about you, or somebody you were introduced to: somebody else must look at it"))

    def withholds(self, entry: Entry) -> bool:
        """Whether an entry is for somebody else to read. What the reader did is never news to them."""
        if self.reader is None or entry.actor == self.reader:
            return False
        if self.introduced and entry.action.startswith(_REPORTS):
            return True
        told = f"{entry.actor} {entry.subject} {entry.what} {entry.reason}"
        return any(person in told for person in (self.reader, *self.introduced))
