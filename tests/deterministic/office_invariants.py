"""What must hold after every commit of consultations, meetings, exports and contracts, told from the rows alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from tests.deterministic.commits import Commit
from ygs.domain.consultations import Consultation, ConsultationState
from ygs.domain.events import EventType
from ygs.domain.exports import ExportState, SheetExport
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.jobs import JobKind
from ygs.domain.meetings import Meeting, MeetingState
from ygs.domain.memberships import Membership
from ygs.domain.users import Status

_BOOKED = ConsultationState.BOOKED
_CANCELLED = ConsultationState.CANCELLED
_HELD = {ConsultationState.DONE, ConsultationState.NO_SHOW}


def slots_are_booked_once(commit: Commit) -> Iterator[str]:
    """A slot holds one consultation, a consultant has one slot at a time, and a member one consultation."""
    if not commit.touches("consultations", "slots"):
        return
    standing = [each for each in commit.after.consultations.values() if each.state is not _CANCELLED]
    for slot, count in Counter(each.slot_id for each in standing).items():
        if count > 1:
            yield f"{slot} is booked {count} times"
    offered = [each for each in commit.after.slots.values() if not each.closed]
    for one, other in pairwise(sorted(offered, key=lambda each: (each.consultant, each.starts_at))):
        if one.consultant == other.consultant and one.ends_at > other.starts_at:
            yield f"{one.id} and {other.id} overlap"
    booked = [each for each in standing if each.state is _BOOKED]
    for first, second in pairwise(sorted(booked, key=lambda each: (each.member, each.starts_at))):
        if first.member == second.member and first.ends_at > second.starts_at:
            yield f"{first.member} has two consultations at once"


def consultations_follow_their_states(commit: Commit) -> Iterator[str]:
    """Their times are those of their slots, whoever moves or ends one says so, and nobody who left has one ahead."""
    told = Counter((each.type, each.user_id, each.consultation_id) for _, _, each in commit.changed("events"))
    for key, before, each in commit.changed("consultations"):
        slot = commit.after.slots[each.slot_id]
        if (slot.starts_at, slot.ends_at, slot.consultant) != (each.starts_at, each.ends_at, each.consultant):
            yield f"{key} is at another time than its slot"
        yield from (f"{key} {text}" for text in _wrong_consultation(commit, before, each))
        expected = _event_of(before, each)
        if expected and _hears(commit, each.member) and not told[expected, each.member, key]:
            yield f"{key}: the member hears nothing of {expected}"
    if commit.touches("users", "consultations"):
        for key, each in commit.after.consultations.items():
            gone = each.member in commit.after.gone
            if each.state is _BOOKED and each.starts_at > commit.now and gone:
                yield f"{key} is ahead of somebody who left"


def _hears(commit: Commit, member: UserId) -> bool:
    """Whoever leaves or is suspended hears of that, and not of each appointment that ends with it."""
    user = commit.after.users.get(member)
    return user is not None and user.status is not Status.SUSPENDED


def _wrong_consultation(commit: Commit, before: Consultation | None, after: Consultation) -> Iterator[str]:
    if before is None and after.state is not _BOOKED:
        yield f"began as {after.state}"
    if before is not None and before.state is not after.state:
        if before.state is _CANCELLED or after.state is _BOOKED:
            yield f"went from {before.state} to {after.state}"
        if after.state in _HELD and commit.now < after.starts_at:
            yield f"was {after.state} before it began"
    if after.moves > 3:
        yield f"was moved {after.moves} times by its member"


def _event_of(before: Consultation | None, after: Consultation) -> EventType | None:
    if before is None:
        return EventType.CONSULTATION_BOOKED
    if before.slot_id != after.slot_id:
        return EventType.CONSULTATION_MOVED
    ended = after.state is _CANCELLED and before.state is not _CANCELLED
    return EventType.CONSULTATION_CANCELLED if ended else None


def meetings_are_agreed(commit: Commit) -> Iterator[str]:
    """What is proposed suits both, what is fixed both accepted, and only people who both accepted meet."""
    for key, before, each in commit.changed("meetings"):
        made = commit.after.introductions[key]
        if made.state is not IntroductionState.MUTUAL and each.state is not MeetingState.CANCELLED:
            yield f"{key} is {each.state} after an introduction that is {made.state}"
        yield from (f"{key} {text}" for text in _wrong_meeting(before, each))


def _wrong_meeting(before: Meeting | None, after: Meeting) -> Iterator[str]:
    agreed = after.state in (MeetingState.PROPOSED, MeetingState.FIXED)
    if agreed is not (after.proposal is not None):
        yield f"is {after.state} with the proposal {after.proposal}"
    if after.state is MeetingState.FIXED and not (after.side_a.accepted and after.side_b.accepted):
        yield "is fixed, and one of the two did not accept"
    if agreed and not after.side_a.half_days & after.side_b.half_days:
        yield "has a time that one of the two did not give"
    if after.proposal and after.proposal.starts_at in after.refused:
        yield "has a time that was refused"
    if before is not None and after.proposals not in (before.proposals, before.proposals + 1):
        yield f"went from proposal {before.proposals} to {after.proposals}"
    if before is not None and before.state is MeetingState.CANCELLED and after.state is not MeetingState.CANCELLED:
        yield "was cancelled and goes on"


def meetings_are_told(commit: Commit) -> Iterator[str]:
    """Both hear of each new proposal and of the fixed date, in the same commit and alike."""
    told = Counter((each.type, each.introduction_id) for _, _, each in commit.changed("events"))
    for key, before, each in commit.changed("meetings"):
        number = before.proposals if before else 0
        if each.state is MeetingState.PROPOSED and each.proposals > number:
            hearing = told[EventType.MEETING_PROPOSED, key]
        elif each.state is MeetingState.FIXED and not (before and before.state is MeetingState.FIXED):
            hearing = told[EventType.MEETING_FIXED, key]
        else:
            continue
        if hearing != 2:
            yield f"{key} is {each.state}, and {hearing} of the two hear of it"


def exports_are_approved_by_another(commit: Commit) -> Iterator[str]:
    """Whoever requests a sheet does not decide on it, it is decided on once, and it is written only when approved."""
    writing = {job.arguments.get("export") for job in commit.after.jobs.values() if job.kind == JobKind.EXPORT}
    for key, before, each in commit.changed("exports"):
        yield from (f"{key} {text}" for text in _wrong_export(before, each))
        if each.state is ExportState.APPROVED and (before is None or before.state is not each.state):
            if key not in writing:
                yield f"{key} is approved, and nothing will write it"
            if not _tells_of(commit, "export.approved", key):
                yield f"{key} is approved, and that is not on record"


def _wrong_export(before: SheetExport | None, after: SheetExport) -> Iterator[str]:
    if after.decided_by and after.decided_by == after.requested_by:
        yield "was decided on by whoever requested it"
    if (after.state is ExportState.REQUESTED) is not (after.decided_at is None):
        yield f"is {after.state}, decided at {after.decided_at}"
    if after.rows is not None and after.state is not ExportState.APPROVED:
        yield f"is written and {after.state}"
    if before is not None and before.decided_by and before.decided_by != after.decided_by:
        yield "was decided on twice"


def _tells_of(commit: Commit, action: str, what: str) -> bool:
    return any(each.entry.action == action and each.entry.what == what for _, _, each in commit.changed("audit"))


def contracts_hold(commit: Commit) -> Iterator[str]:
    """One contract at a time, entries that are only added to, every payment once, and a record of every change."""
    for key, before, each in commit.changed("memberships"):
        yield from (f"{key} {text}" for text in _wrong_membership(before, each))
    if commit.touches("memberships"):
        memberships = commit.after.memberships.values()
        running = Counter(each.user_id for each in memberships if each.ended_on is None)
        yield from (f"{user} has {count} contracts at once" for user, count in running.items() if count > 1)
        # By day: the key of a command is known for a day.
        payments = Counter(payment for each in memberships for payment in each.payments)
        yield from (f"{payment} was recorded twice" for payment, count in payments.items() if count > 1)


def _wrong_membership(before: Membership | None, after: Membership) -> Iterator[str]:
    if after.paid < 0:
        yield f"has {after.paid} won paid"
    pauses = sorted(after.pauses, key=lambda each: each.since)
    if any(one.until is None or one.until > other.since for one, other in pairwise(pauses)):
        yield "has pauses that overlap"
    if before is None:
        return
    if before.terms != after.terms or before.user_id != after.user_id:
        yield "has other terms than when it was made"
    if before.ended_on not in (None, after.ended_on):
        yield "ended twice"
    if after.payments[: len(before.payments)] != before.payments or after.grants[: len(before.grants)] != before.grants:
        yield "lost a payment or a grant"


def the_suspended_keep_their_bookings_only(commit: Commit) -> Iterator[str]:
    """Nobody who is suspended or left gets a new consultation."""
    for key, before, each in commit.changed("consultations"):
        member = commit.after.users.get(each.member)
        if before is None and (member is None or member.status is Status.SUSPENDED):
            yield f"{key} is booked for somebody who left or is suspended"


def consultations_are_audited(commit: Commit) -> Iterator[str]:
    """Every change is on record, except that a job has prepared the questions to ask."""
    recorded = commit.touches("audit")
    for key, before, each in commit.changed("consultations"):
        prepared = before and replace(before, questions=each.questions, questions_at=each.questions_at)
        if not recorded and (prepared is None or replace(prepared, version=each.version) != each):
            yield f"{key} changed, and nothing is on record"


CHECKS = (
    consultations_are_audited,
    slots_are_booked_once,
    consultations_follow_their_states,
    meetings_are_agreed,
    meetings_are_told,
    exports_are_approved_by_another,
    contracts_hold,
    the_suspended_keep_their_bookings_only,
)
