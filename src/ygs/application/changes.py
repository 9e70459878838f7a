"""The transaction of a change, by an actor as they are by then.

A session says who somebody was when the request came in. They may have been suspended, have left or lost their role
since, so every change asks the account's row again, inside its own transaction and under a lock: whoever suspends them
then commits before it, and the change is refused, or after it. Reads go by the session: they change nothing, and the
next one is refused.

Every use case that changes something opens its transaction with `begin_change`. Those that lock something else first
call `require_current` or `own_user` once they have, so that no two transactions deadlock.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from ygs.application.actors import Actor, Permission
from ygs.domain.errors import N_, InvalidToken, NotFound, YgsError
from ygs.domain.ids import UserId
from ygs.domain.users import Role, User
from ygs.ports.repositories.users import Standing
from ygs.ports.storage import Reading, Storage, Writing

# About the actor's own data. A change of these often saves the actor too, so their row is locked for that at once:
# two transactions that share a lock and both want to change the row would wait for each other.
_OWN = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.OWN_PROFILE,
        Permission.ANSWER_INTRODUCTIONS,
        Permission.BOOK_CONSULTATIONS,
    }
)


@asynccontextmanager
async def begin_change(
    storage: Storage, actor: Actor, permission: Permission, *, long: bool = False
) -> AsyncIterator[Writing]:
    """Open the transaction of a change that needs a permission; the errors are those of `require_current`."""
    actor.require(permission)
    async with storage.write(long=long) as tx:
        await require_current(tx, actor, permission)
        yield tx


async def require_current(tx: Writing, actor: Actor, permission: Permission) -> None:
    """Lock the actor's row until commit, and require that they have the permission by it.

    `Suspended` or `Forbidden` for those who lost it since they signed in. `InvalidToken` for those who have left, and
    for those who have another role by now, which ended their sessions. Of staff without a row only those pass whom an
    embedding service vouches for (`Actor.known_elsewhere`).
    """
    if actor.id is None:
        actor.require(permission)
        return
    standings = await tx.users.standings([actor.id], shared=permission not in _OWN)
    _require(actor, standings.get(actor.id), permission)


async def require_by_now(reading: Reading, actor: Actor, permission: Permission) -> None:
    """Require that the actor still has the permission, by a row that nothing locks: before something leaves the service
    that no transaction could take back. The errors are those of `require_current`."""
    if actor.id is None:
        actor.require(permission)
        return
    found = {each.id: Standing(each.role, each.status) for each in await reading.users.by_ids([actor.id])}
    _require(actor, found.get(actor.id), permission)


async def own_user(tx: Writing, actor: Actor, permission: Permission) -> User:
    """Lock and return the actor's own user; the errors are those of `require_current`."""
    try:
        user = await tx.users.get(actor.require_id())
    except NotFound:
        raise _gone() from None
    _require(actor, Standing(user.role, user.status), permission)
    return user


async def refusals(tx: Writing, actors: Sequence[Actor], permission: Permission) -> Mapping[UserId, YgsError]:
    """Lock the rows of many actors until commit, and return why those are refused who lack the permission by theirs."""
    standings = await tx.users.standings([each.require_id() for each in actors], shared=permission not in _OWN)
    refused = {}
    for each in actors:
        me = each.require_id()
        try:
            _require(each, standings.get(me), permission)
        except YgsError as refusal:
            refused[me] = refusal
    return refused


def _require(actor: Actor, standing: Standing | None, permission: Permission) -> None:
    if standing is not None:
        actor.with_standing(standing.role, standing.status).require(permission)
        if standing.role is not actor.role:
            # The permission is still theirs, but whose data they may touch by it was decided by their role.
            raise _gone()
    elif actor.elsewhere and actor.role is not Role.MEMBER:
        actor.require(permission)
    else:
        raise _gone()


def _gone() -> InvalidToken:
    return InvalidToken(N_("sign in again"))
