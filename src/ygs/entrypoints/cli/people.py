"""Members as the command line takes them: by id, or by a name as its tables show it."""

import re
from typing import Any

from ygs.domain.errors import N_, DomainError, NotFound

# "강소영", "강소영 1991" or "강소영 1991 서울": the region that tables show tells nobody apart from their year.
_SHOWN = re.compile(r"(?P<name>.+?)(?:\s+(?P<born>[12]\d{3})(?:\s.*)?)?")


async def person_id(ygs: Any, text: str) -> str:
    """The id of the member meant: by their id, or by a name, with the year of birth where several are called alike.

    `NotFound` for nobody; `DomainError` with the ids for several.
    """
    from ygs.application.actors import Actor

    shown = _SHOWN.fullmatch(text.strip())
    if text.startswith("usr_") or shown is None:
        return text
    born = shown["born"]
    named = await ygs.directory.find_named(Actor.operator(), shown["name"])
    found = [each for each in named if born is None or each.birth_year == int(born)]
    if not found:
        raise NotFound("user", text)
    if len(found) > 1:
        people = ", ".join(f"{each.id} ({each.birth_year})" for each in found)
        raise DomainError(
            N_("several members are called {name}: name one by the id: {people}"), name=text, people=people
        )
    return str(found[0].id)
