"""What the audit log holds, with everybody whom each entry is about."""

from typing import NamedTuple

from ygs.ports.storage import Storage


class Audited(NamedTuple):
    """What one entry says."""

    action: str
    people: tuple[str, ...]
    what: str


async def audited(storage: Storage, *, after: int = 0) -> list[Audited]:
    """The entries above a number, at most a thousand."""
    async with storage.read() as reading:
        page = await reading.audit.page(after=after, limit=1000)
        subjects = await reading.audit.subjects(after + 1, after + 1000)
    return [
        Audited(entry.action, (entry.subject,) if entry.subject else tuple(subjects.get(number, ())), entry.what)
        for number, entry in ((each.number, each.entry) for each in page)
    ]
