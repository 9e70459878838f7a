"""The search for one member, on pages where somebody is to be chosen."""

from typing import Annotated, TypeAlias

from fastapi import Form

from ygs.application.actors import Actor
from ygs.application.directory.members import MemberPage
from ygs.application.directory.search import DirectoryRequest
from ygs.bootstrap import Application
from ygs.domain.text import LINE_LENGTH
from ygs.domain.users import Role
from ygs.entrypoints.console.routing import filled_in

FOUND_SHOWN = 10

# In a form, so that no name stays in an address.
SearchField: TypeAlias = Annotated[str, Form(max_length=LINE_LENGTH)]


async def members_found(ygs: Application, actor: Actor, search: str) -> MemberPage | None:
    """The first members who fit; None for an empty search."""
    wanted = filled_in(DirectoryRequest, search=search.strip() or None, role=[Role.MEMBER], limit=FOUND_SHOWN)
    return await ygs.directory.list_members(actor, wanted) if wanted.search else None
