"""The automatic end of pauses."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.domain.ids import UserId
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


async def end_pauses(storage: Storage, actor: Actor, permission: Permission, at: datetime, zone: ZoneInfo) -> int:
    """Resume members whose pause lasts until today, by the service's time zone, or earlier. Return how many.

    `permission`: what the actor does this by.

    It reads from the primary database, and commits after every hundred people. If it is stopped, the next run
    continues.
    """
    today = date_at(at, zone)
    over = list[UserId]()
    after = None
    async with storage.read(latest=True) as reading:
        while page := await reading.users.with_status(Status.PAUSED, after=after):
            over += [user.id for user in page if _is_over(user, today)]
            after = page[-1].id
    batches = [over[start : start + MOST_PAGE] for start in range(0, len(over), MOST_PAGE)]
    return sum([await _resume(storage, actor, permission, batch, at, today) for batch in batches])


async def _resume(
    storage: Storage, actor: Actor, permission: Permission, ids: list[UserId], at: datetime, today: date
) -> int:
    async with begin_change(storage, actor, permission) as tx:
        resumed = [user.resume(at=at) for user in await tx.users.by_ids(ids) if _is_over(user, today)]
        await tx.users.save_all(resumed)
        if resumed:
            await tx.audit.add(*(audit_entry(actor, "member.resumed", at=at, subject=user.id) for user in resumed))
    return len(resumed)


def _is_over(user: User, today: date) -> bool:
    return user.status is Status.PAUSED and user.paused_until is not None and user.paused_until <= today
