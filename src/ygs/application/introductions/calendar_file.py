"""A fixed meeting as an iCalendar file (RFC 5545). It names nobody: calendars are shared, and read over shoulders."""

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


def calendar_file(meeting: Meeting, language: Language) -> bytes:
    """The calendar file of a fixed meeting. A later file of the same meeting replaces its entry."""
    assert meeting.proposal is not None  # noqa: S101 - the caller looked
    proposal = meeting.proposal
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ygs//meetings//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{meeting.id}@ygs",
        f"SEQUENCE:{meeting.proposals}",
        f"DTSTAMP:{_moment(meeting.fixed_at or proposal.starts_at)}",
        f"DTSTART:{_moment(proposal.starts_at)}",
        f"DTEND:{_moment(proposal.starts_at + LASTS)}",
        f"SUMMARY:{_text(translate(_TITLE, language))}",
        f"LOCATION:{_text(_location(proposal, language))}",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


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
