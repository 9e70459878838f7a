"""Redaction of the audit log: withholds from an administrator the entries that could show who reported them.

A reported person must not learn who reported them, nor that they were reported. Administrators may have been members,
and the log could tell them: by the report's entry, by entries of staff who look at the report and its two people, or by
a block placed in the same second. Only people they were introduced to can have reported them. So every entry about
those people is left to another administrator, whether there is a report or not; a withheld entry then says nothing.

An answer to an introduction is audited too. While an answer is awaited, one more entry would tell the other person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ygs.application.actors import Actor
from ygs.domain.audit import ChainedEntry, Entry
from ygs.domain.errors import N_, Forbidden
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.timeline import TimelineItem
from ygs.ports.storage import Reading, Storage, Writing

# Staff list several people's reports at once, so the entries around a withheld one would show whose it is.
_REPORTS = ("report.", "reports.")


@dataclass(frozen=True, slots=True)
class Redaction:
    """The redaction for one `reader`, None for the operator. `introduced`: everybody the reader was introduced to."""

    reader: UserId | None
    introduced: frozenset[UserId] = frozenset()

    @classmethod
    async def towards(cls, actor: Actor, storage: Storage) -> Self:
        """The redaction for an actor; `Forbidden` while an introduction of theirs waits for answers."""
        if actor.id is None:
            return cls(None)
        # Not from a replica, which may lag and miss an introduction whose entries are in the log.
        async with storage.read(latest=True) as reading:
            introductions = await reading.introductions.of_user(actor.id)
        if any(each.state is IntroductionState.WAITING for each in introductions):
            raise Forbidden(N_("an introduction to you still waits for answers: somebody else must look at it"))
        return cls(actor.id, frozenset(each.other(actor.id) for each in introductions))

    @classmethod
    async def of_reader(cls, actor: Actor, reading: Reading) -> Self:
        """The redaction of a timeline, which holds no entry of an answer and so may be read at any time. `reading`
        must read the latest state."""
        if actor.id is None:
            return cls(None)
        introductions = await reading.introductions.of_user(actor.id)
        return cls(actor.id, frozenset(each.other(actor.id) for each in introductions))

    async def withheld(self, tx: Reading | Writing, page: Sequence[ChainedEntry]) -> frozenset[int]:
        """The numbers of those of at most a hundred entries that are withheld."""
        among = await tx.audit.about_any([each.number for each in page], self.people)
        return frozenset(each.number for each in page if self.withholds(each.entry, among=each.number in among))

    def require_stranger(self, subject: UserId) -> None:
        """`Forbidden` when `subject` is the reader, or was introduced to them."""
        if subject == self.reader or subject in self.introduced:
            raise Forbidden(N_("this is about you, or somebody you were introduced to: somebody else must look at it"))

    @property
    def people(self) -> frozenset[UserId]:
        """Everybody about whom entries are withheld; nobody for the operator."""
        return frozenset() if self.reader is None else self.introduced | {self.reader}

    def withholds(self, entry: Entry, *, among: bool) -> bool:
        """Whether an entry is withheld from the reader. Their own actions never are.

        `among`: whether one of `people` is among the several subjects of the entry.
        """
        if self.reader is None or entry.actor == self.reader:
            return False
        if self.introduced and entry.action.startswith(_REPORTS):
            return True
        if among:
            return True
        return self._names_one(f"{entry.actor} {entry.subject} {entry.what} {entry.reason}")

    def withholds_item(self, item: TimelineItem) -> bool:
        """Whether an item of a stranger's timeline is withheld from the reader."""
        if self.reader is None or item.actor == self.reader:
            return False
        return self._names_one(f"{item.actor} {item.other} {item.what} {item.reason}")

    def _names_one(self, text: str) -> bool:
        return any(person in text for person in self.people)
