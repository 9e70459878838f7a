"""The audit log: who did or read what of whose, when, from where and why; each entry sealed to the one before it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Self

from ygs.domain.text import LINE_LENGTH, checked_text, storable_text

START = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that somebody did or read.

    `actor`: a user's id, "operator" or "anonymous"; `address`: a keyed hash; `action`: a stable word such as
    "member.read"; `subject`: the id of whose data; `what`: which part of it, in codes, never in values; `reason`: as
    the actor gave it.
    """

    at: datetime
    actor: str
    role: str
    action: str
    subject: str = ""
    what: str = ""
    reason: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        for text in (self.actor, self.role, self.action, self.subject, self.what, self.address):
            storable_text("audit", text)
        object.__setattr__(self, "reason", checked_text("reason", self.reason, at_most=LINE_LENGTH))


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry in its place: numbered from 1 without gaps; `digest` covers it and all before it."""

    number: int
    entry: Entry
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the log stands: the number and digest of the last entry; and of the last one let go by retention."""

    number: int = 0
    digest: bytes = START
    base_number: int = 0
    base_digest: bytes = START

    def seal(self, entry: Entry) -> tuple[Self, ChainedEntry]:
        """The next entry, and where the log stands with it."""
        sealed = ChainedEntry(self.number + 1, entry, _digest(self.digest, self.number + 1, entry))
        return type(self)(sealed.number, sealed.digest, self.base_number, self.base_digest), sealed

    def based_on(self, last: ChainedEntry) -> Self:
        """With everything up to `last` let go of."""
        return type(self)(self.number, self.digest, last.number, last.digest)


_TOLD = [field.name for field in fields(Entry)]


def _digest(before: bytes, number: int, entry: Entry) -> bytes:
    told = {name: getattr(entry, name) for name in _TOLD} | {"at": entry.at.isoformat()}
    return sha256(before + json.dumps([number, told], sort_keys=True, ensure_ascii=False).encode()).digest()


@dataclass(slots=True)
class Verifier:
    """Reads a log from its base, page by page, and says at which entry it was tampered with."""

    head: ChainHead
    number: int
    digest: bytes

    @classmethod
    def of(cls, head: ChainHead) -> Self:
        """Ready to read the first entry that is kept."""
        return cls(head, head.base_number, head.base_digest)

    def read(self, page: Iterable[ChainedEntry]) -> Iterator[str]:
        """What is wrong, in words. After the first fault reading goes on from what is stored."""
        for sealed in page:
            if sealed.number != self.number + 1:
                yield f"entries {self.number + 1} to {sealed.number - 1} are missing or out of place"
            elif sealed.digest != _digest(self.digest, sealed.number, sealed.entry):
                yield f"entry {sealed.number} was changed, or what stood before it"
            self.number, self.digest = sealed.number, sealed.digest

    def finish(self) -> Iterator[str]:
        """What is wrong at the end: entries cut off, or a head that was turned back."""
        if (self.number, self.digest) != (self.head.number, self.head.digest):
            yield f"the log ends at entry {self.number}, but {self.head.number} were written"
