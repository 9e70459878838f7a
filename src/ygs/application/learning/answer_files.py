"""Pairs and answers as CSV, with the column names of speed-dating data (iid: the chooser, pid: the partner)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from ygs.application.learning.pair_scores import PairToScore
from ygs.domain.errors import N_, BadFile
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.chance import MILLION
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import FULL

_SAID = {"yes": Said.YES, "1": Said.YES, "no": Said.NO, "0": Said.NO, "": Said.NOTHING}
_GENDERS = {"male": Genders.MALE, "female": Genders.FEMALE}
_AVERAGE = 8_500
_LAST_WEEK = 999_999


def read_pairs(text: str) -> list[PairToScore]:
    """The pairs of a file with the columns iid and pid, and perhaps satisfaction and satisfaction_back."""
    return [
        PairToScore(
            row["iid"],
            row["pid"],
            _number(line, row, "satisfaction", FULL),
            _number(line, row, "satisfaction_back", FULL),
        )
        for line, row in _rows(text, ("iid", "pid"))
    ]


def read_answers(text: str) -> tuple[AnswerHistory, dict[str, Genders]]:
    """The history of a file with the columns iid, pid, gender (male or female, of iid) and said (yes, no or nothing),
    and perhaps week and satisfaction; and everybody's gender. A partner who never answered is of the other gender."""
    sides = []
    genders: dict[str, Genders] = {}
    partners: dict[str, Genders] = {}
    for line, row in _rows(text, ("iid", "pid", "gender", "said")):
        if row["gender"] not in _GENDERS or row["said"] not in _SAID:
            raise BadFile(N_("line {line}: gender is male or female, and said is yes, no or empty"), line=line)
        genders[row["iid"]] = _GENDERS[row["gender"]]
        partners[row["pid"]] = (Genders.MALE | Genders.FEMALE) & ~_GENDERS[row["gender"]]
        week = _number(line, row, "week", _LAST_WEEK) or 0
        given = _number(line, row, "satisfaction", FULL)
        sides.append(Side(week, row["iid"], row["pid"], _AVERAGE if given is None else given, _SAID[row["said"]]))
    everybody = partners | genders
    return AnswerHistory.of(sides, everybody), everybody


def chances_as_csv(pairs: Sequence[PairToScore], chances: Iterable[int]) -> str:
    """One line per pair: iid, pid and the chance, 0..1 with six digits."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("iid", "pid", "chance"))
    for pair, chance in zip(pairs, chances, strict=True):
        writer.writerow((pair.iid, pair.pid, f"{chance / MILLION:.6f}"))
    return text.getvalue()


def _rows(text: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(StringIO(text))
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise BadFile(N_("the file has no column {name}"), name=missing[0])
    for row in reader:
        given = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        if not given["iid"] or not given["pid"] or given["iid"] == given["pid"]:
            raise BadFile(N_("line {line}: iid and pid must name two people"), line=reader.line_num)
        yield reader.line_num, given


def _number(line: int, row: dict[str, str], name: str, most: int) -> int | None:
    written = row.get(name, "")
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(most)) and int(written) <= most):
        raise BadFile(N_("line {line}: {name} must be a whole number, 0..{most}"), line=line, name=name, most=most)
    return int(written)
