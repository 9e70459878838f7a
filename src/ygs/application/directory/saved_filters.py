"""Filters of the directory that staff keep under a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.directory.search import MemberCriteria, StandingCriteria
from ygs.domain.errors import NotFound
from ygs.domain.ids import SavedFilterId
from ygs.domain.saved_filters import FILTER_NAME_LENGTH, SavedFilter
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories.directory import MemberOrder
from ygs.ports.repositories.saved_filters import SavedFilterReader
from ygs.ports.storage import Storage


class FilterName(BaseModel):
    """The name of a saved filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=FILTER_NAME_LENGTH, description="A name that none of your others has.")


class FilterToSave(FilterName):
    """A filter of the directory, to be kept under a name."""

    criteria: StandingCriteria = Field(
        description="What a member must fit. No search, which would keep somebody's name or phone."
    )
    sort: MemberOrder = Field(default=MemberOrder.NEWEST, description="The order of the list.")


class SavedFilterView(BaseModel):
    """A saved filter. Send its criteria and its order to `GET /admin/members` to list who fits now."""

    model_config = ConfigDict(frozen=True)

    id: SavedFilterId
    name: str = Field(description="The name that its owner gave it.")
    shared: bool = Field(description="Whether it is the operator's, for all staff, and not yours to change.")
    criteria: dict[str, Any] = Field(description="The filters that are set, by their names.")
    sort: MemberOrder = Field(description="The order of the list.")
    saved_at: datetime = Field(description="When it was saved, UTC.")

    @classmethod
    def of(cls, saved: SavedFilter) -> Self:
        """The view of a saved filter."""
        return cls(
            id=saved.id,
            name=saved.name,
            shared=saved.owner is None,
            criteria=dict(saved.criteria),
            sort=MemberOrder(saved.sort),
            saved_at=saved.saved_at,
        )


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """Use cases of saved filters: an account of staff keeps its own, and the operator those that all staff see."""

    storage: Storage
    clock: Clock
    ids: Ids
    phones: Phones

    async def list(self, actor: Actor) -> list[SavedFilterView]:
        """List the operator's filters and then the actor's own, each by name."""
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read(latest=True) as reading:
            return [SavedFilterView.of(each) for each in await reading.saved_filters.visible_to(actor.id)]

    async def get(self, actor: Actor, id: SavedFilterId) -> SavedFilterView:
        """Return one of the actor's own filters or of the operator's; `NotFound`."""
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read(latest=True) as reading:
            return SavedFilterView.of(_one(await reading.saved_filters.visible_to(actor.id), id))

    async def save(self, actor: Actor, request: FilterToSave) -> SavedFilterView:
        """Keep a filter. `Conflict` when the actor has one of that name, or fifty; `InvalidFact` for a range whose ends
        are the wrong way round."""
        actor.require(Permission.READ_MEMBERS)
        criteria = request.criteria.given()
        MemberCriteria.model_validate(criteria).to_filter(self.phones, actor.id)
        saved = SavedFilter(
            id=SavedFilterId(self.ids.make("sf")),
            owner=actor.id,
            name=request.name,
            criteria=criteria,
            sort=request.sort.value,
            saved_at=self.clock.now(),
        )
        async with begin_change(self.storage, actor, Permission.READ_MEMBERS) as tx:
            await tx.saved_filters.add(saved)
            what = request.criteria.names
            await tx.audit.add(
                audit_entry(actor, "saved_filter.saved", at=saved.saved_at, subject=actor.id or "", what=what)
            )
        return SavedFilterView.of(saved)

    async def rename(self, actor: Actor, id: SavedFilterId, to: FilterName) -> SavedFilterView:
        """Give one of the actor's own filters another name. `NotFound`; `Conflict` when another has that name."""
        async with begin_change(self.storage, actor, Permission.READ_MEMBERS) as tx:
            renamed = (await _own(tx.saved_filters, actor, id)).renamed(to.name)
            await tx.saved_filters.rename(renamed)
            await tx.audit.add(audit_entry(actor, "saved_filter.renamed", at=self.clock.now(), subject=actor.id or ""))
        return SavedFilterView.of(renamed)

    async def remove(self, actor: Actor, id: SavedFilterId) -> None:
        """Delete one of the actor's own filters; `NotFound`."""
        async with begin_change(self.storage, actor, Permission.READ_MEMBERS) as tx:
            if not await tx.saved_filters.remove(actor.id, id):
                raise NotFound("saved filter", id)
            await tx.audit.add(audit_entry(actor, "saved_filter.removed", at=self.clock.now(), subject=actor.id or ""))


async def _own(reader: SavedFilterReader, actor: Actor, id: SavedFilterId) -> SavedFilter:
    visible = await reader.visible_to(actor.id)
    return _one([each for each in visible if each.owner == actor.id], id)


def _one(saved: Sequence[SavedFilter], id: SavedFilterId) -> SavedFilter:
    for each in saved:
        if each.id == id:
            return each
    raise NotFound("saved filter", id)
