"""What must hold after every commit, told from the stored rows alone.

Nothing here calls the rules of the application: a rule that is wrong must not excuse itself.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from tests.deterministic import office_invariants, rights
from tests.deterministic.commits import Commit, People
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.domain.contacts import Contact
from ygs.domain.events import EventType
from ygs.domain.ids import UserId
from ygs.domain.introductions import Choice, Introduction, IntroductionState
from ygs.domain.jobs import Job, JobKind, JobState
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.users import Status, User

Row = TypeVar("Row")

WAITING = IntroductionState.WAITING
# Statuses that only staff's decisions lead to, and of which the member is notified.
_DECIDED_BY_STAFF = {
    (Status.PENDING, Status.ACTIVE),
    (Status.PENDING, Status.REJECTED),
    (Status.ACTIVE, Status.SUSPENDED),
    (Status.PAUSED, Status.SUSPENDED),
    (Status.SUSPENDED, Status.ACTIVE),
}
_STEPS = {
    WeekState.OPEN: {WeekState.LOCKED, WeekState.CANCELLED},
    WeekState.LOCKED: {WeekState.PROPOSED, WeekState.OPEN, WeekState.FAILED},
    WeekState.PROPOSED: {WeekState.PUBLISHED, WeekState.OPEN, WeekState.FAILED},
    WeekState.PUBLISHED: {WeekState.CLOSED},
    WeekState.FAILED: {WeekState.CANCELLED},
    WeekState.CLOSED: set[WeekState](),
    WeekState.CANCELLED: set[WeekState](),
}


def violations(commit: Commit, people: People) -> Iterator[str]:
    """Everything that is wrong after a commit."""
    _recognise(commit, people)
    for check in (*_CHECKS, *office_invariants.CHECKS, rights.nobody_acts_without_the_right):
        for text in check(commit):
            yield f"{check.__name__.strip('_')}: {text} (by {commit.step})"
    for text in _pairs_meet_once(commit, people):
        yield f"pairs_meet_once: {text} (by {commit.step})"
    for text in _commands_act_once(commit, people):
        yield f"commands_act_once: {text} (by {commit.step})"
    for text in _the_lease_holder_writes(commit, people):
        yield f"the_lease_holder_writes: {text} (by {commit.step})"


def _recognise(commit: Commit, people: People) -> None:
    for key, _, user in commit.changed("users"):
        people.person_of.setdefault(key, user.phone or key)


def _pairs_meet_once(commit: Commit, people: People) -> Iterator[str]:
    for key, before, each in commit.changed("introductions"):
        if before is None:
            pair = frozenset((people.person_of[each.a], people.person_of[each.b]))
            if pair in people.met:
                yield f"{key} joins the two of {people.met[pair]} again"
            people.met[pair] = key


def _the_lease_holder_writes(commit: Commit, people: People) -> Iterator[str]:
    """A plan is stored, and a week is published, by whoever took the latest lease."""
    for key, before, week in commit.changed("weeks"):
        if before is not None and week.fence != before.fence:
            if week.fence != before.fence + 1:
                yield f"the fencing token of {key} went from {before.fence} to {week.fence}"
            if before.lease_until is not None and commit.now < before.lease_until:
                yield f"{key} was leased while another lease lasted"
            people.leases[key, week.fence] = commit.step
    planned = {key for key, _, _ in commit.changed("plans")}
    published = {
        key
        for key, was, week in commit.changed("weeks")
        if week.state is WeekState.PUBLISHED and was.state != week.state
    }
    for key in planned | published:
        # The lease may end before the commit: the row of the week is locked meanwhile, so nobody else can take one.
        holder = people.leases.get((key, commit.before.weeks[key].fence))
        if holder != commit.step:
            yield f"{key} was written under a lease of {holder}"


def _capacity_is_kept(commit: Commit) -> Iterator[str]:
    if commit.touches("introductions"):
        each = commit.after.introductions.values()
        counts = Counter((made.week_id, user) for made in each for user in (made.a, made.b))
        for (week, user), count in counts.items():
            if count > commit.after.weeks[week].policy.capacity:
                yield f"{user} is in {count} introductions of {week}"


def _only_the_eligible_are_introduced(commit: Commit) -> Iterator[str]:
    for key, before, made in commit.changed("introductions"):
        if before is None:
            users = [commit.before.users.get(user) for user in (made.a, made.b)]
            yield from (f"{key}: {reason}" for reason in _reasons_against(commit.before, *users))


def _reasons_against(tables: SnapshotTables, one: User | None, other: User | None) -> Iterator[str]:
    if one is None or other is None:
        yield "somebody has left"
        return
    if {one.status, other.status} != {Status.ACTIVE}:
        yield f"{one.status} and {other.status}"
    if not (one.gender in other.seeks and other.gender in one.seeks):
        yield "they do not seek each other"
    if _blocked(tables, one, other):
        yield "a block stands between them"
    for me, them in ((one, other), (other, one)):
        yield from (f"a deal-breaker over {each}" for each in _deal_breakers(me, them))


def _deal_breakers(me: User, them: User) -> Iterator[str]:
    """Wishes for a range that must be met, and are not."""
    for wish in me.wishes.values():
        value = them.facts.get(wish.attribute, 0)
        beyond = max(wish.low - value, value - wish.high)
        if wish.importance is Importance.MUST and value and beyond >= max(VOCABULARY[wish.attribute].slack, 1):
            yield wish.attribute


def _blocked(tables: SnapshotTables, one: User, other: User) -> bool:
    pairs = {frozenset(pair) for pair in (*tables.blocks, *tables.contact_blocks)}
    return any(frozenset((a, b)) in pairs for a in _names(tables, one) for b in _names(tables, other))


def _names(tables: SnapshotTables, user: User) -> set[UserId | Contact]:
    contacts = {Contact.phone(user.phone)} if user.phone else set[Contact]()
    contacts |= {Contact.email(user.email)} if user.email else set()
    return {user.id, *contacts, *tables.former_contacts.get(user.id, ())}


def _introductions_come_with_their_publication(commit: Commit) -> Iterator[str]:
    new = [made for _, before, made in commit.changed("introductions") if before is None]
    for week in sorted({made.week_id for made in new}):
        before = commit.before.weeks[week]
        after = commit.after.weeks[week]
        if (before.state, after.state) != (WeekState.PROPOSED, WeekState.PUBLISHED):
            yield f"{week} was {before.state} and is {after.state}"
        planned = json.loads(commit.before.plans[week])
        yield from _differences(before, planned, {(each.a, each.b) for each in new if each.week_id == week})
        closing = (job for job in commit.after.jobs.values() if job.kind == JobKind.CLOSE_WEEK)
        if not any(job.arguments.get("week") == week for job in closing):
            yield f"nothing will close {week}"


def _differences(week: MatchWeek, planned: Mapping[str, Any], made: set[tuple[UserId, UserId]]) -> Iterator[str]:
    pairs = {(each[0], each[1]) for each in planned["pairs"]}
    if made != pairs:
        yield f"{week.id} introduces other pairs than its plan"
    overrides = week.overrides
    if overrides.left_out & {user for pair in made for user in pair}:
        yield f"{week.id} introduces somebody who was left out"
    if overrides.forbids & made:
        yield f"{week.id} introduces a pair that was forbidden"
    if not overrides.pins <= made:
        yield f"{week.id} lacks a pair that was pinned"


def _introductions_follow_their_states(commit: Commit) -> Iterator[str]:
    for key, before, made in commit.changed("introductions"):
        accepted = [each is not None and each.choice is Choice.ACCEPT for each in (made.answer_of_a, made.answer_of_b)]
        erased = _is_erased(commit, made)
        if not erased and (made.state is IntroductionState.MUTUAL) is not all(accepted):
            yield f"{key} is {made.state} with answers {accepted}"
        if (made.state is WAITING) is not (made.decided_at is None):
            yield f"{key} is {made.state}, decided at {made.decided_at}"
        if before is not None:
            yield from _wrong_change(commit, before, made, erased=erased)
    for key in commit.before.introductions.keys() - commit.after.introductions.keys():
        yield f"{key} is gone"


def _is_erased(commit: Commit, made: Introduction) -> bool:
    """Whether one of the two was erased: answers and proofs are gone then."""
    return made.a in commit.after.erased or made.b in commit.after.erased


def _wrong_change(commit: Commit, before: Introduction, after: Introduction, *, erased: bool) -> Iterator[str]:
    if before.state is not WAITING and before.state is not after.state:
        yield f"{after.id} was {before.state} and became {after.state}"
    answers = [(before.answer_of_a, after.answer_of_a), (before.answer_of_b, after.answer_of_b)]
    changed = sum(one != other for one, other in answers)
    if erased:
        return
    if changed and before.state is not WAITING:
        yield f"an answer to {after.id} changed after it was decided"
    if changed and any(one != other and other and other.at >= after.deadline for one, other in answers):
        yield f"an answer to {after.id} counts that came after its deadline"
    if before.met and not after.met:
        yield f"the two of {after.id} had met, and now have not"


def _weeks_follow_their_states(commit: Commit) -> Iterator[str]:
    for key, before, week in commit.changed("weeks"):
        if before is not None and before.state is not week.state and week.state not in _STEPS[before.state]:
            yield f"{key} went from {before.state} to {week.state}"
        if week.state is WeekState.CLOSED and commit.now < week.deadline:
            yield f"{key} was closed before its deadline"
        if before is not None and before.published_at not in (None, week.published_at):
            yield f"{key} was published once more"
    standing = [week.week for week in commit.after.weeks.values() if week.state is not WeekState.CANCELLED]
    if len(standing) != len(set(standing)):
        yield "an ISO week has two match weeks"


def _nothing_waits_that_has_ended(commit: Commit) -> Iterator[str]:
    """After a block, a suspension, a withdrawal or a closing, in the same commit."""
    if not commit.touches("introductions", "users", "blocks", "contact_blocks", "weeks"):
        return
    tables = commit.after
    for key, made in tables.introductions.items():
        if made.state is WAITING:
            one, other = tables.users.get(made.a), tables.users.get(made.b)
            if one is None or other is None or Status.SUSPENDED in (one.status, other.status):
                yield f"{key} waits for somebody who left or is suspended"
            elif _blocked(tables, one, other):
                yield f"{key} waits across a block"
            if tables.weeks[made.week_id].state is not WeekState.PUBLISHED:
                yield f"{key} waits in a week that is {tables.weeks[made.week_id].state}"


_PROPOSED = EventType.INTRODUCTION_PROPOSED
_ENDED = {EventType.INTRODUCTION_DECIDED, EventType.INTRODUCTION_EXPIRED, EventType.INTRODUCTION_CANCELLED}
_TOLD = {
    EventType.MEMBER_APPROVED: Status.ACTIVE,
    EventType.MEMBER_RESTORED: Status.ACTIVE,
    EventType.MEMBER_REJECTED: Status.REJECTED,
    EventType.MEMBER_SUSPENDED: Status.SUSPENDED,
}


def _events_agree_with_the_state(commit: Commit) -> Iterator[str]:
    """Everybody introduced hears of it, and of the decision exactly when there is one, in the same commit."""
    if not commit.touches("introductions", "events"):
        return
    events = commit.after.events.values()
    published = Counter((each.user_id, each.introduction_id) for each in events if each.type is _PROPOSED)
    decided = Counter((each.user_id, each.introduction_id) for each in events if each.type in _ENDED)
    for key, made in commit.after.introductions.items():
        sides = [user for user in (made.a, made.b) if user not in commit.after.erased]
        hear = [decided[user, key] for user in sides]
        if [published[user, key] for user in sides] != [1] * len(sides):
            yield f"{key}: {published[made.a, key]} and {published[made.b, key]} events of its publication"
        if made.state is WAITING and any(hear):
            yield f"{key} waits, and somebody is told of a decision"
        if made.state is IntroductionState.CANCELLED and len(sides) == 2 and not any(hear):
            yield f"{key} is cancelled, and nobody is told"
        if made.state not in (WAITING, IntroductionState.CANCELLED) and hear != [1] * len(sides):
            yield f"{key} is {made.state}: {hear} events of its decision"


def _status_changes_are_told(commit: Commit) -> Iterator[str]:
    told = {row.user_id: _TOLD[row.type] for _, _, row in commit.changed("events") if row.type in _TOLD}
    for key, before, user in commit.changed("users"):
        if before is not None and (before.status, user.status) in _DECIDED_BY_STAFF and told.get(key) != user.status:
            yield f"{key} became {user.status}, and is not told"


def _sessions_end_with_membership(commit: Commit) -> Iterator[str]:
    """Whoever is suspended or has left is signed out in the same commit."""
    gone = [key for key, _, _ in commit.changed("gone")]
    kept_out = [
        key for key, was, user in commit.changed("users") if was and was.status != user.status == Status.SUSPENDED
    ]
    for key in (*gone, *kept_out):
        open_ones = [commit.after.sessions[each] for each in commit.after.sessions_of.get(key, ())]
        if any(session.ended_at is None for session in open_ones):
            yield f"{key} is still signed in"


def _changes_are_audited(commit: Commit) -> Iterator[str]:
    added = next(reversed(commit.after.audit._rows), 0) != next(reversed(commit.before.audit._rows), 0)
    changed = [name for name in _AUDITED if commit.touches(name)]
    if "slots" in changed and _only_expired(commit):
        changed.remove("slots")
    states = [key for key, before, week in commit.changed("weeks") if before is None or before.state is not week.state]
    if (changed or states) and not added:
        yield f"{', '.join((*changed, *states))} changed, and nothing is on record"


def _only_expired(commit: Commit) -> bool:
    """Whether slots were only removed, and only such as are over: expired rows are counted, and not on record."""
    before, after = commit.before.slots, commit.after.slots
    gone = [slot for key, slot in before.items() if key not in after]
    kept = all(key in before and before[key] is slot for key, slot in after.items())
    return kept and all(slot.ends_at < commit.now for slot in gone)


def _versions_rise_by_one(commit: Commit) -> Iterator[str]:
    for table in ("users", "introductions", "weeks", "jobs", "consultations", "meetings", "exports", "memberships"):
        for key, before, row in commit.changed(table):
            erased = table == "introductions" and _is_erased(commit, row)
            if before is not None and row.version <= before.version and not erased:
                yield f"{key} went from version {before.version} to {row.version}"


def _jobs_are_done_once(commit: Commit) -> Iterator[str]:
    for key, before, job in commit.changed("jobs"):
        if before is not None:
            yield from (f"{key} ({job.kind}) {text}" for text in _wrong_job_change(commit, before, job))
    jobs = commit.after.jobs.values() if commit.touches("jobs") else ()
    keys = Counter(job.unique_key for job in jobs if job.unique_key)
    yield from (f"{count} jobs are {key}" for key, count in keys.items() if count > 1)


def _wrong_job_change(commit: Commit, before: Job, after: Job) -> Iterator[str]:
    if before.state in (JobState.DONE, JobState.CANCELLED):
        yield f"was {before.state} and changed"
    if after.state is JobState.DONE and before.state is not JobState.RUNNING:
        yield f"was {before.state} and is done"
    claimed = after.fence != before.fence
    if claimed and before.state is JobState.RUNNING and before.lease_until and commit.now < before.lease_until:
        yield "was claimed while its worker's lease lasted"
    if claimed and after.fence != before.fence + 1:
        yield f"went from fencing token {before.fence} to {after.fence}"


def _commands_act_once(commit: Commit, people: People) -> Iterator[str]:
    """Each command of the simulation leaves a mark of its own: the words of a report, the seed of a week. Its key is
    known for a day after it began, however long it then took."""
    made = [(each.words, each.created_at) for _, was, each in commit.changed("reports") if was is None]
    weeks = [each for _, was, each in commit.changed("weeks") if was is None]
    made += [(f"staff{each.seed // 1000}-week-{each.seed}", each.created_at) for each in weeks]
    for key, at in made:
        records = commit.before.idempotency_records.values()
        began = next((each.started_at for each in records if each.key == key), at)
        if key in people.commands and began - people.commands[key] < timedelta(hours=23):
            yield f"the command {key} acted twice"
        people.commands[key] = began


_AUDITED = (
    "users",
    "introductions",
    "blocks",
    "contact_blocks",
    "reports",
    "slots",
    "meetings",
    "memberships",
    "membership_plans",
)
_CHECKS = (
    _capacity_is_kept,
    _only_the_eligible_are_introduced,
    _introductions_come_with_their_publication,
    _introductions_follow_their_states,
    _weeks_follow_their_states,
    _nothing_waits_that_has_ended,
    _events_agree_with_the_state,
    _status_changes_are_told,
    _sessions_end_with_membership,
    _changes_are_audited,
    _versions_rise_by_one,
    _jobs_are_done_once,
)
