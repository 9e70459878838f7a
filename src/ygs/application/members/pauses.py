"""Pauses that end by themselves."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.domain.ids import UserId
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


async def end_pauses(storage: Storage, actor: Actor, at: datetime, zone: ZoneInfo) -> int:
    """Bring back members whose pause is until the service's date at that moment, or earlier; return how many.

    In transactions of a hundred people, read from the primary: stopped midway, it goes on when run again.
    """
    today = date_at(at, zone)
    over = list[UserId]()
    after = None
    async with storage.read(latest=True) as reading:
        while page := await reading.users.with_status(Status.PAUSED, after=after):
            over += [user.id for user in page if _is_over(user, today)]
            after = page[-1].id
    lots = [over[start : start + MOST_PAGE] for start in range(0, len(over), MOST_PAGE)]
    return sum([await _resume(storage, actor, lot, at, today) for lot in lots])


async def _resume(storage: Storage, actor: Actor, ids: list[UserId], at: datetime, today: date) -> int:
    async with storage.write() as tx:
        back = [user.resume(at=at) for user in await tx.users.by_ids(ids) if _is_over(user, today)]
        await tx.users.save_all(back)
        if back:
            await tx.audit.add(*(audit_entry(actor, "member.resumed", at=at, subject=user.id) for user in back))
    return len(back)


def _is_over(user: User, today: date) -> bool:
    return user.status is Status.PAUSED and user.paused_until is not None and user.paused_until <= today
