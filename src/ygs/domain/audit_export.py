"""A run of the audit log as lines of JSON, which can be verified where the log is not.

The first line names the format, the time asked for, and the number and digest of the entry before the run. Then follow
the entries without a gap, and a last line with the number and digest that the run ends with, how many of its entries
are withheld, and a seal: a MAC of both ends. Each digest is the MAC of the digest before it and the entry, so changing
an entry breaks its link; whoever lacks the key can only check that nothing is missing and that the people fit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Any, Self

from ygs.domain.audit import AuditFault, ChainedEntry, Mac, Subjects, entry_values, link_content
from ygs.domain.errors import N_

FORMAT = "ygs-audit-1"
# Of the faults of one file as many are told.
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRun:
    """The ends of a run: the entry before it, and, once it is known, its last entry."""

    since: datetime
    until: datetime
    after: int
    before_digest: bytes
    last: int = 0
    last_digest: bytes = b""
    withheld: int = 0

    def first_line(self) -> str:
        """The line that begins the file."""
        return _line({"format": FORMAT, **self._beginning()})

    def last_line(self, mac: Mac) -> str:
        """The line that ends the file, with the seal."""
        return _line({**self._end(), "seal": mac(self._content()).hex()})

    def _beginning(self) -> dict[str, Any]:
        times = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {**times, "after": self.after, "digest": self.before_digest.hex()}

    def _end(self) -> dict[str, Any]:
        return {"last": self.last, "digest": self.last_digest.hex(), "withheld": self.withheld}

    def _content(self) -> bytes:
        return seal_content(self._beginning(), self._end())


def seal_content(beginning: Mapping[str, Any], end: Mapping[str, Any]) -> bytes:
    """What the seal is the MAC of: the fields of the first line but its format, and of the last but the seal."""
    return json.dumps(["export", dict(beginning), dict(end)], sort_keys=True).encode()


def entry_line(chained: ChainedEntry, people: Sequence[str]) -> str:
    """The line of an entry. `people`: the ids stored beside it, when they are several."""
    return _line(
        {
            "number": chained.number,
            "entry": entry_values(chained.entry),
            "people": list(people),
            "digest": chained.digest.hex(),
        }
    )


def withheld_line(chained: ChainedEntry) -> str:
    """The line of an entry that is withheld from the reader: its place in the chain, and nothing else."""
    return _line({"number": chained.number, "withheld": True, "digest": chained.digest.hex()})


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


@dataclass(slots=True)
class ExportVerifier:
    """Reads an exported run line by line and finds what does not hold.

    `mac`: of the key that chains the log; None where it is not known, so that no link can be computed again. `entries`,
    `withheld`, `first` and `last` say what was read.
    """

    mac: Mac | None = None
    faults: list[AuditFault] = field(default_factory=list)
    entries: int = 0
    withheld: int = 0
    first: int = 0
    last: int = 0
    _digest: str = ""
    _beginning: dict[str, Any] | None = None
    _ended: bool = False

    @classmethod
    def of(cls, lines: Iterable[str], mac: Mac | None = None) -> Self:
        """A verifier that has read all of these lines."""
        verifier = cls(mac)
        for number, line in enumerate(lines, start=1):
            try:
                verifier._read(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                verifier._fault(N_("line {number} is not of the format {format}"), number=number, format=FORMAT)
        if not verifier._ended:
            verifier._fault(N_("the file ends early: its last line is missing"))
        return verifier

    def _fault(self, template: str, **fields: object) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(AuditFault(template, fields))

    def _read(self, line: dict[str, Any]) -> None:
        if self._beginning is None:
            self._begin(line)
        elif self._ended:
            self._fault(N_("something follows the last line"))
        elif "number" in line:
            self._read_entry(line)
        else:
            self._end(line)

    def _begin(self, line: dict[str, Any]) -> None:
        if line.pop("format") != FORMAT:
            raise ValueError(FORMAT)
        self._beginning = line
        self.last = int(line["after"])
        self.first = self.last + 1
        self._digest = bytes.fromhex(line["digest"]).hex()

    def _read_entry(self, line: Mapping[str, Any]) -> None:
        number, digest = int(line["number"]), bytes.fromhex(line["digest"]).hex()
        if number != self.last + 1:
            self._fault(
                N_("entries {first} to {last} are missing or out of place"), first=self.last + 1, last=number - 1
            )
        elif "entry" in line:
            self._check_link(number, line["entry"], digest)
        if "entry" in line:
            self._check_people(number, line["entry"], line["people"])
        else:
            self.withheld += 1
        self.entries += 1
        self.last = number
        self._digest = digest

    def _check_link(self, number: int, values: Mapping[str, object], digest: str) -> None:
        if self.mac is None:
            return
        if not compare_digest(self.mac(link_content(bytes.fromhex(self._digest), number, values)).hex(), digest):
            self._fault(N_("entry {number} was changed, or what stood before it"), number=number)

    def _check_people(self, number: int, values: Mapping[str, Any], people: Sequence[str]) -> None:
        found = Subjects.of(people)
        if [found.count, found.digest] != values["subjects"]:
            self._fault(N_("the people of entry {number} were changed"), number=number)

    def _end(self, line: dict[str, Any]) -> None:
        self._ended = True
        seal = line.pop("seal")
        if (line["last"], line["digest"], line["withheld"]) != (self.last, self._digest, self.withheld):
            self._fault(N_("the last line tells another end than the entries have: some are missing or were changed"))
        if self.mac is None:
            return
        if not compare_digest(self.mac(seal_content(self._beginning or {}, line)).hex(), seal):
            self._fault(N_("the seal does not fit: an end of the file was changed, or it was written with another key"))
