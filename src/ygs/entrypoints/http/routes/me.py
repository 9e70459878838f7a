"""A member's own data. Edits answer with the whole profile as it is now, and its version as the ETag."""

from collections.abc import Iterator
from datetime import date
from typing import IO, Annotated, Any, TypeVar

from fastapi import Body, Query, Response
from fastapi.responses import StreamingResponse

from ygs.application.audit.own_accesses import AccessView
from ygs.application.members.blocks import BlockView, ContactBlock, ContactBlockView, ContactList, ContactListView
from ygs.application.members.completeness import CompletenessView
from ygs.application.members.personal_data import PersonalDataEdit
from ygs.application.members.profile import (
    ConsentEdit,
    ConsentView,
    LifestyleEdit,
    MyselfView,
    Pause,
    Preferences,
    ProfileEdit,
)
from ygs.application.memberships.ledger_views import MembershipView
from ygs.domain.users import Purpose
from ygs.entrypoints.http.dependencies import IfMatch, Page, SignedIn, UserInPath, Ygs, only_page, set_etag
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import HotRoute, PrefixRouter

Profile = TypeVar("Profile", bound=MyselfView)

router = PrefixRouter(prefix="/users/me", tags=["me"], responses=refuses(*UNAUTHORISED, 404, 503))

_PIECE = 256 * 1024
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


def with_etag(response: Response, view: Profile) -> Profile:
    """Set the ETag of the view, and return the view."""
    set_etag(response, view.version)
    return view


async def get_me(actor: SignedIn, ygs: Ygs, response: Response) -> MyselfView:
    """Return my profile, preferences, consents and status, and what is still missing."""
    return with_etag(response, await ygs.members.get(actor))


router.add_api_route("", get_me, route_class_override=HotRoute)


@router.patch("", responses=refuses(409))
async def edit_me(
    edit: PersonalDataEdit, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Correct my name, gender or whom I seek; what is left out stays. A new name ends the verification of my identity
    document. The birth year is corrected by staff, a phone or an e-mail address by a code sent to it."""
    return with_etag(response, await ygs.personal_data.edit(actor, edit, version))


@router.get("/completeness")
async def get_completeness(actor: SignedIn, ygs: Ygs) -> CompletenessView:
    """Return what is missing before I may submit my profile, and how many people choose by each fact I left open."""
    return await ygs.completeness.get(actor)


@router.patch("/profile", responses=refuses(409))
async def edit_profile(
    edit: ProfileEdit, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Change facts and texts of my profile. A fact of null becomes unknown; what is left out stays."""
    return with_etag(response, await ygs.members.edit_profile(actor, edit, version))


@router.patch("/lifestyle", responses=refuses(409))
async def edit_lifestyle(
    edit: LifestyleEdit, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Change facts of my lifestyle. A fact of null becomes unknown; what is left out stays."""
    return with_etag(response, await ygs.members.edit_lifestyle(actor, edit, version))


@router.put("/preferences", responses=refuses(409))
async def set_preferences(
    wishes: Preferences, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Replace all my wishes."""
    return with_etag(response, await ygs.members.set_preferences(actor, wishes, version))


@router.get("/consents")
async def get_consents(actor: SignedIn, ygs: Ygs) -> dict[Purpose, ConsentView]:
    """Return my consents, given and withdrawn."""
    return await ygs.members.consents(actor)


@router.put("/consents", responses=refuses(409))
async def set_consents(
    edit: ConsentEdit, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> MyselfView:
    """Give consents, or withdraw them (null). Withdrawing the one for sensitive data deletes such facts at once.

    A suspended member may only withdraw them.
    """
    return with_etag(response, await ygs.members.set_consents(actor, edit, version))


@router.get("/blocks")
async def list_blocks(actor: SignedIn, ygs: Ygs) -> Page[BlockView]:
    """List the members I blocked, by masked name; ascending by id."""
    return only_page(await ygs.blocks.list(actor))


@router.put("/blocks/{id}", status_code=204)
async def block_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Block a member I was introduced to: we are never introduced again, and neither sees the other any longer."""
    await ygs.blocks.block(actor, id)


@router.delete("/blocks/{id}", status_code=204)
async def unblock_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Remove a block of mine."""
    await ygs.blocks.unblock(actor, id)


@router.get("/blocks/contacts")
async def list_contact_blocks(actor: SignedIn, ygs: Ygs) -> Page[ContactBlockView]:
    """List my blocks by contact, oldest first: their dates only, as the contacts cannot be read back."""
    return only_page(await ygs.blocks.list_contacts(actor))


@router.post("/blocks/contacts", status_code=204, responses=refuses(409))
async def block_contact(block: ContactBlock, actor: SignedIn, ygs: Ygs) -> None:
    """Block a phone or an e-mail address: I am never introduced to its present or a later owner. The reply does not
    tell whether a member has it."""
    await ygs.blocks.block_contact(actor, block)


@router.post("/blocks/contacts/list")
async def block_contacts(request: ContactList, actor: SignedIn, ygs: Ygs) -> ContactListView:
    """Block many contacts at once, such as those of my address book, and learn what became of each line. The reply does
    not tell whether a member has one of them, and only keyed hashes of them are stored. A second call changes
    nothing."""
    return await ygs.blocks.block_contacts(actor, request)


@router.post("/blocks/contacts/remove", status_code=204)
async def unblock_contact(block: ContactBlock, actor: SignedIn, ygs: Ygs) -> None:
    """Remove my block of a contact, if there is one. Send the contact again."""
    await ygs.blocks.unblock_contact(actor, block)


@router.get(
    "/export",
    response_class=Response,
    responses=_ZIP | refuses(429),
)
async def export_my_data(actor: SignedIn, ygs: Ygs) -> StreamingResponse:
    """Download everything stored about me, as a zip of JSON and my files, without private data of others."""
    attachment = {"Content-Disposition": 'attachment; filename="ygs-my-data.zip"'}
    archive = await ygs.data_export.export(actor)
    return StreamingResponse(_pieces(archive), media_type="application/zip", headers=attachment)


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while piece := archive.read(_PIECE):
            yield piece


@router.get("/memberships")
async def list_my_memberships(actor: SignedIn, ygs: Ygs) -> Page[MembershipView]:
    """List my memberships, the earliest first: what was promised, delivered and is owed today."""
    return only_page(await ygs.memberships.list_mine(actor))


@router.post("/submit", responses=refuses(409))
async def submit_profile(actor: SignedIn, ygs: Ygs, response: Response) -> MyselfView:
    """Submit my profile for review. Repeating the call is safe."""
    return with_etag(response, await ygs.members.submit(actor))


@router.post("/pause", responses=refuses(409))
async def pause_participation(
    request: Annotated[Pause, Body(default_factory=Pause)], actor: SignedIn, ygs: Ygs, response: Response
) -> MyselfView:
    """Pause: I take part in no round until the date, or until I resume. While paused, change or remove the date."""
    return with_etag(response, await ygs.members.pause(actor, request))


@router.post("/resume", responses=refuses(409))
async def resume_participation(actor: SignedIn, ygs: Ygs, response: Response) -> MyselfView:
    """End my pause and take part again. Repeating the call is safe."""
    return with_etag(response, await ygs.members.resume(actor))


@router.delete("", status_code=204, responses=refuses(409))
async def delete_my_account(actor: SignedIn, ygs: Ygs) -> None:
    """Delete my account. Sessions end now, waiting introductions are cancelled, data is erased after retention."""
    await ygs.members.withdraw(actor)


@router.get("/accesses")
async def list_my_accesses(
    actor: SignedIn,
    ygs: Ygs,
    until: Annotated[date | None, Query(description="The last of the ninety days; today if left out.")] = None,
) -> Page[AccessView]:
    """List which of your data staff were shown: on which day, in which role, and how often; ninety days at a time."""
    return only_page(await ygs.own_accesses.list(actor, until=until))
