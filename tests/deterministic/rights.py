"""Rights that end while a request runs: the steps that end them, and what must hold after every commit."""

from collections.abc import Iterator
from contextlib import suppress
from random import Random

from tests.deterministic.commits import Commit
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.actors import Actor
from ygs.application.members.review import Decision
from ygs.bootstrap import Application
from ygs.domain.audit import Entry
from ygs.domain.errors import YgsError
from ygs.domain.ids import UserId
from ygs.domain.users import Role, Status, User

# How often somebody's right ends between the reading of their session and what they do by it.
OVERTAKEN = 0.03
# Of these, how often a member leaves, on another device, instead of being suspended.
LEAVING = 0.2
WHY = Decision(reason="신고가 이어졌습니다")
# What a suspended member may do all the same; that consents are only withdrawn is looked at apart.
_LEFT_TO_THE_SUSPENDED = ("account.", "member.withdrawn", "data_export.", "notices.", "device.")
# Reads go by the session, and are on record like changes.
# An export is on record before its sheet is written; whoever lost the right by then does not get the sheet.
_READS = (".read", ".listed", ".previewed", ".people_read", ".searched", ".explained", ".exported")


async def overtake_member(app: Application, random: Random, member: Actor) -> None:
    """Now and then suspend a member, or let them leave, or let one who is suspended back in."""
    with suppress(YgsError):
        if member.status is Status.SUSPENDED:
            if random.random() < 10 * OVERTAKEN:
                await app.member_review.restore(Actor.operator(), member.require_id())
        elif random.random() < OVERTAKEN:
            if random.random() < LEAVING:
                await app.members.withdraw(member)
            else:
                await app.member_review.suspend(Actor.operator(), member.require_id(), WHY)


async def overtake_staff(app: Application, random: Random, staff: UserId) -> None:
    """Now and then make an administrator a consultant."""
    if random.random() < OVERTAKEN:
        await give_role(app, staff, Role.CONSULTANT)


async def give_role(app: Application, staff: UserId, role: Role) -> None:
    """Give staff another role, as another administrator would."""
    assert app.accounts is not None
    with suppress(YgsError):
        await app.accounts.roles.change(Actor.operator(), staff, RoleChange(role=role, reason="인사"))


def nobody_acts_without_the_right(commit: Commit) -> Iterator[str]:
    """Whoever changed something had the role they are on record with, was not suspended and had not left."""
    for _, _, chained in commit.changed("audit"):
        entry: Entry = chained.entry
        of_user = entry.actor.startswith("usr_") and UserId(entry.actor) not in _joined(commit)
        if of_user and not entry.action.endswith(_READS):
            yield from _wrong(commit, entry, commit.before.users.get(UserId(entry.actor)))


def _joined(commit: Commit) -> set[UserId]:
    return {key for key, before, _ in commit.changed("users") if before is None}


def _wrong(commit: Commit, entry: Entry, user: User | None) -> Iterator[str]:
    if user is None:
        yield f"{entry.action} by {entry.actor}, who had left"
    elif entry.role != user.role:
        yield f"{entry.action} by {entry.actor} as {entry.role}, who was {user.role}"
    elif user.status is Status.SUSPENDED and not _is_left_to_them(commit, entry, user):
        yield f"{entry.action} by {entry.actor}, who was suspended"


def _is_left_to_them(commit: Commit, entry: Entry, before: User) -> bool:
    if entry.what == "consents":
        after = commit.after.users[before.id]
        return all(before.consents_to(each) for each in after.consents if after.consents_to(each))
    return entry.action.startswith(_LEFT_TO_THE_SUSPENDED)
