"""Pauses that end by themselves."""

from datetime import datetime

from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.domain.ids import UserId
from ygs.domain.users import Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


async def end_pauses(storage: Storage, actor: Actor, at: datetime) -> int:
    """Bring back whose pause was until that day or earlier (UTC), and say how many.

    In transactions of a hundred people, of the latest that is committed: stopped midway, it goes on when run again.
    """
    over = list[UserId]()
    after = None
    async with storage.read(latest=True) as reading:
        while page := await reading.users.with_status(Status.PAUSED, after=after):
            over += [user.id for user in page if _is_over(user, at)]
            after = page[-1].id
    lots = [over[start : start + MOST_PAGE] for start in range(0, len(over), MOST_PAGE)]
    return sum([await _resume(storage, actor, lot, at) for lot in lots])


async def _resume(storage: Storage, actor: Actor, ids: list[UserId], at: datetime) -> int:
    async with storage.write() as tx:
        back = [user.resume(at=at) for user in await tx.users.by_ids(ids) if _is_over(user, at)]
        await tx.users.save_all(back)
        if back:
            await tx.audit.add(*(audit_entry(actor, "member.resumed", at=at, subject=user.id) for user in back))
    return len(back)


def _is_over(user: User, at: datetime) -> bool:
    return user.status is Status.PAUSED and user.paused_until is not None and user.paused_until <= at.date()
