"""The audit log: who did and read what, latest first."""

from typing import Annotated

from fastapi import Query, Request, Response

from ygs.application.audit.log import WITHHELD
from ygs.application.labels import LABELS, label
from ygs.domain.ids import UserId, user_id
from ygs.domain.matching.attribute import Language
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import staff_router
from ygs.entrypoints.http.dependencies import Ygs
from ygs.ports.repositories.audit import AuditFilter

router = staff_router()

ENTRIES_SHOWN = 50

_User = Annotated[str, Query(max_length=40)]


@router.get("/audit")
async def search_audit(
    request: Request,
    ygs: Ygs,
    account: _User = "",
    member: _User = "",
    action: Annotated[str, Query(max_length=60, pattern=r"^[a-z_.]*$")] = "",
    before: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> Response:
    """Entries that fit, latest first. What is withheld from the reader is left out."""
    wanted = AuditFilter(
        actor=_id(account) or "", about=_id(member), actions=(action,) if action else (), since=None, until=None
    )
    found = await ygs.audit_search.find(request.state.visit.actor, wanted, before=before, limit=ENTRIES_SHOWN)
    older = found[-1].number if len(found) == ENTRIES_SHOWN else None
    names = {each.id: each.name for each in await ygs.staff_list.read(request.state.visit.actor)}
    return render(
        request,
        "audit.html",
        entries=found,
        names=names,
        account=account,
        member=member,
        action=action,
        actions=_actions(language_of(request)),
        older=older,
    )


def _actions(language: Language) -> list[tuple[str, str]]:
    """The actions to choose from, with what they are called, in the order of their names."""
    named = [(code, label("audit_action", code, language)) for code in LABELS["audit_action"] if code != WITHHELD]
    return sorted(named, key=lambda each: each[1])


def _id(text: str) -> UserId | None:
    return user_id(text.strip()) if text.strip() else None
