"""Appointments as iCalendar files (RFC 5545). They name nobody: calendars are shared, and read over shoulders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.domain.meeting_districts import DISTRICTS
from ygs.domain.meetings import LASTS, Meeting, MeetingProposal

_TITLE = N_("An appointment")
# Octets of a line, without the line break.
_LONGEST_LINE = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarItem:
    """An appointment in a calendar file. `uid` and `sequence`: a later file with a higher one replaces its entry."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    location: str = ""


def calendar_file(meeting: Meeting, language: Language) -> bytes:
    """The calendar file of a fixed meeting. A later file of the same meeting replaces its entry."""
    assert meeting.proposal is not None  # noqa: S101 - the caller looked
    proposal = meeting.proposal
    item = CalendarItem(
        uid=f"{meeting.id}@ygs",
        sequence=meeting.proposals,
        changed_at=meeting.fixed_at or proposal.starts_at,
        starts_at=proposal.starts_at,
        ends_at=proposal.starts_at + LASTS,
        title=translate(_TITLE, language),
        location=_location(proposal, language),
    )
    return calendar_of([item], "meetings")


def calendar_of(items: Sequence[CalendarItem], product: str) -> bytes:
    """The calendar file of some appointments. `product`: what of ygs made it, a word."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//ygs//{product}//EN", "METHOD:PUBLISH"]
    for item in items:
        lines += _entry(item)
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _entry(item: CalendarItem) -> Sequence[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{item.uid}",
        f"SEQUENCE:{item.sequence}",
        f"DTSTAMP:{_moment(item.changed_at)}",
        f"DTSTART:{_moment(item.starts_at)}",
        f"DTEND:{_moment(item.ends_at)}",
        f"SUMMARY:{_text(item.title)}",
        *([f"LOCATION:{_text(item.location)}"] if item.location else []),
        "STATUS:CONFIRMED",
        "END:VEVENT",
    ]


def _location(proposal: MeetingProposal, language: Language) -> str:
    name = DISTRICTS[proposal.district].name(language)
    return f"{name}, {proposal.place}" if proposal.place else name


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _folded(line: str) -> bytes:
    """The line in UTF-8 as lines of at most 75 octets, none of which ends within a character."""
    folded = [b""]
    for character in line:
        encoded = character.encode()
        if len(folded[-1]) + len(encoded) > _LONGEST_LINE:
            folded.append(b" ")
        folded[-1] += encoded
    return b"\r\n".join(folded) + b"\r\n"
