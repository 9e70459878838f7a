"""Staff: filters of the list of members that they keep under a name."""

from typing import Annotated

from fastapi import Path, Response

from ygs.application.directory.saved_filters import FilterName, FilterToSave, SavedFilterView
from ygs.domain.ids import ULID, SavedFilterId
from ygs.entrypoints.http.dependencies import Idempotent, Page, SignedIn, Ygs, only_page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/saved-filters", tags=["staff: members"], responses=refuses(*UNAUTHORISED, 503))

_InPath = Annotated[SavedFilterId, Path(pattern=f"^sf_{ULID}$", examples=["sf_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]


@router.get("")
async def list_saved_filters(actor: SignedIn, ygs: Ygs) -> Page[SavedFilterView]:
    """List the operator's saved filters and then your own, each by name."""
    return only_page(await ygs.saved_filters.list(actor))


@router.post("", status_code=201, response_model=SavedFilterView, responses=refuses(409))
async def save_filter(request: FilterToSave, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Keep a filter of the list of members under a name. You have fifty at most."""
    return await idempotent.run(lambda: ygs.saved_filters.save(actor, request), below="/admin/saved-filters")


@router.get("/{id}", responses=refuses(404))
async def get_saved_filter(id: _InPath, actor: SignedIn, ygs: Ygs) -> SavedFilterView:
    """Return one of your own saved filters or of the operator's."""
    return await ygs.saved_filters.get(actor, id)


@router.patch("/{id}", responses=refuses(404, 409))
async def rename_saved_filter(id: _InPath, name: FilterName, actor: SignedIn, ygs: Ygs) -> SavedFilterView:
    """Give one of your own saved filters another name."""
    return await ygs.saved_filters.rename(actor, id, name)


@router.delete("/{id}", status_code=204, responses=refuses(404))
async def remove_saved_filter(id: _InPath, actor: SignedIn, ygs: Ygs) -> None:
    """Delete one of your own saved filters."""
    await ygs.saved_filters.remove(actor, id)
