"""Staff: who works for the agency."""

from ygs.application.directory.staff import StaffLine
from ygs.entrypoints.http.dependencies import AfterUser, Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/staff", tags=["staff: members"], responses=refuses(*UNAUTHORISED, 503))


@router.get("", responses=refuses(404))
async def list_staff(
    actor: SignedIn, ygs: Ygs, after: AfterUser = None, limit: PageLimit = MOST_PAGE
) -> Page[StaffLine]:
    """List consultants and administrators by name, to assign members to them."""
    return page(await ygs.staff_list.read(actor, after=after, limit=limit), limit, lambda each: each.id)
