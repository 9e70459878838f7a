"""The cover of a sheet: who made it, when, why, and how many rows it has."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.ports.spreadsheets import Cover
from ygs.ports.storage import Reading


async def maker(tx: Reading, actor: Actor, language: Language) -> str:
    """What the cover calls whoever makes the sheet."""
    if actor.id is None:
        return translate(N_("the operator, at the machine"), language)
    names = [user.name for user in await tx.users.by_ids([actor.id])]
    return " ".join([*names, actor.id])


def cover(
    made_by: str, at: datetime, *, reason: str, request: str, rows: int, language: Language, zone: ZoneInfo
) -> Cover:
    """The cover of a sheet of so many rows. `request`: the id of the approved request, empty at the machine."""
    lines = [
        (N_("Made by"), made_by),
        (N_("Made at"), f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"),
        (N_("Reason"), reason),
        (N_("Rows"), f"{rows:,}"),
        (N_("Approved request"), request),
        (N_("Handling"), translate(N_("Personal data: every copy can be traced to who made it."), language)),
    ]
    return Cover(
        title=translate(N_("About this sheet"), language),
        header=(translate(N_("Item"), language), translate(N_("Content"), language)),
        lines=[(translate(name, language), text) for name, text in lines if text],
    )
