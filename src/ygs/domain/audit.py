"""The audit log: who did or read what with whose data, when, from where and why.

An entry about one person names them in `subject`; an entry about several keeps their ids beside it, as `subjects`.
Each entry is chained to the entry before it by a MAC (message authentication code), so a change of one entry breaks
every later one. The key is not known here: callers pass the function that computes the MAC.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Self, TypeAlias

from ygs.domain.errors import N_
from ygs.domain.text import LINE_LENGTH, checked_text, storable_text

START = bytes(32)

# Computes a keyed digest of 32 bytes.
Mac: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Subjects:
    """The people whom one entry is about, when they are several: how many, and a digest of their ids.

    The digest is part of the chained entry, so it proves the ids, which are stored beside the entry. `ids`: ascending;
    empty in an entry that was read without them.
    """

    count: int = 0
    digest: str = ""
    ids: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, people: Iterable[str]) -> Self:
        """The subjects of these ids; each counts once."""
        ids = tuple(sorted(set(people)))
        for each in ids:
            storable_text("audit", each)
        return cls(len(ids), sha256("\n".join(ids).encode()).hexdigest(), ids) if ids else cls()


NOBODY = Subjects()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One audited action: somebody changed or read something.

    `actor`: a user's id, "operator" or "anonymous"; `address`: a keyed hash; `action`: a stable word such as
    "member.read"; `subject`: the id of the user whose data it was; `subjects`: when they were several; `what`: which
    part of it, in codes, never in values; `reason`: as the actor gave it.
    """

    at: datetime
    actor: str
    role: str
    action: str
    subject: str = ""
    what: str = ""
    reason: str = ""
    address: str = ""
    subjects: Subjects = NOBODY

    def __post_init__(self) -> None:
        for text in (self.actor, self.role, self.action, self.subject, self.what, self.address):
            storable_text("audit", text)
        object.__setattr__(self, "reason", checked_text("reason", self.reason, at_most=LINE_LENGTH))


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry in the log. Numbers count from 1 without gaps; `digest` covers this entry and all entries before it."""

    number: int
    entry: Entry
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The state of the log: number and digest of its last entry, and of the last entry that retention removed.

    `tag` covers the other fields, so the head cannot be set back to an earlier entry without the key.
    """

    number: int = 0
    digest: bytes = START
    base_number: int = 0
    base_digest: bytes = START
    tag: bytes = b""

    def append(self, entry: Entry, mac: Mac) -> tuple[Self, ChainedEntry]:
        """Chain one more entry, and return the new head and that entry."""
        number = self.number + 1
        chained = ChainedEntry(number, entry, mac(_content(self.digest, number, entry)))
        return replace(self, number=number, digest=chained.digest)._tagged(mac), chained

    def based_on(self, last: ChainedEntry, mac: Mac) -> Self:
        """The head after the removal of every entry up to `last`."""
        return replace(self, base_number=last.number, base_digest=last.digest)._tagged(mac)

    def is_genuine(self, mac: Mac) -> bool:
        """Whether `tag` fits. The head of an empty log has no tag."""
        return self == type(self)() or compare_digest(self.tag, mac(self._content()))

    def _tagged(self, mac: Mac) -> Self:
        return replace(self, tag=mac(self._content()))

    def _content(self) -> bytes:
        values = [self.number, self.digest.hex(), self.base_number, self.base_digest.hex()]
        return json.dumps(["head", *values]).encode()


_FIELDS = [each.name for each in fields(Entry)]


def entry_values(entry: Entry) -> dict[str, object]:
    """The fields of an entry as its digest covers them."""
    subjects = [entry.subjects.count, entry.subjects.digest]
    return {name: getattr(entry, name) for name in _FIELDS} | {"at": entry.at.isoformat(), "subjects": subjects}


def link_content(before: bytes, number: int, values: Mapping[str, object]) -> bytes:
    """What the digest of an entry is the MAC of. `before`: the digest of the entry before it."""
    return before + json.dumps([number, values], sort_keys=True, ensure_ascii=False).encode()


def _content(before: bytes, number: int, entry: Entry) -> bytes:
    return link_content(before, number, entry_values(entry))


@dataclass(frozen=True, slots=True)
class AuditFault:
    """What does not hold of the log, or of an exported run: an English template, and what stands in its fields."""

    template: str
    fields: Mapping[str, object]

    def __str__(self) -> str:
        return self.template.format(**self.fields)


@dataclass(slots=True)
class Verifier:
    """Reads a log page by page from its oldest kept entry, and reports edits, swaps and cuts."""

    head: ChainHead
    mac: Mac
    number: int
    digest: bytes

    @classmethod
    def of(cls, head: ChainHead, mac: Mac) -> Self:
        """A verifier that expects the first kept entry next."""
        return cls(head, mac, head.base_number, head.base_digest)

    def read(self, page: Iterable[ChainedEntry], subjects: Mapping[int, Sequence[str]]) -> Iterator[AuditFault]:
        """Yield what is wrong with these entries. After a fault, reading goes on from the stored digest.

        `subjects`: the ids stored beside the entries of the page, by number.
        """
        for chained in page:
            if chained.entry.subjects != Subjects.of(subjects.get(chained.number, ())):
                yield _fault(N_("the people of entry {number} were changed"), number=chained.number)
            if chained.number != self.number + 1:
                first, last = self.number + 1, chained.number - 1
                yield _fault(N_("entries {first} to {last} are missing or out of place"), first=first, last=last)
            elif chained.digest != self.mac(_content(self.digest, chained.number, chained.entry)):
                yield _fault(N_("entry {number} was changed, or what stood before it"), number=chained.number)
            self.number = chained.number
            self.digest = chained.digest

    def finish(self) -> Iterator[AuditFault]:
        """Yield what is wrong at the end: entries that were cut off, or a head that was changed."""
        if (self.number, self.digest) != (self.head.number, self.head.digest):
            yield _fault(
                N_("the log ends at entry {number}, but {written} were written"),
                number=self.number,
                written=self.head.number,
            )
        if not self.head.is_genuine(self.mac):
            yield _fault(N_("the head of the log was changed: entries may have been cut off at either end"))


def _fault(template: str, **fields: object) -> AuditFault:
    return AuditFault(template, fields)
