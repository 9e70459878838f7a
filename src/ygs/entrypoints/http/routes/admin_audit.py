"""Staff: what was done and read, by whom."""

from typing import Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from ygs.application.audit.export import AuditExportRequest
from ygs.application.audit.log import AuditView
from ygs.application.bilingual import Bilingual
from ygs.application.messages.translate import translate
from ygs.application.operations.breach import BreachQuestion, BreachView
from ygs.application.request_fields import Moment
from ygs.domain.ids import UserId
from ygs.entrypoints.http.dependencies import (
    USER,
    Accounts,
    AfterUser,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AuditFilter

router = PrefixRouter(prefix="/admin/audit", tags=["staff: audit"], responses=refuses(*UNAUTHORISED, 503))

_Number = Annotated[int, Query(ge=0, lt=2**53, description="Those numbered above: `next` of the page before.")]
_Before = Annotated[int | None, Query(ge=0, lt=2**53, description="Those numbered below: `next` of the page before.")]


_Entry = Annotated[int, Path(ge=1, lt=2**53, description="The number of the entry.")]


_FIRST_LINE = (
    '{"format": "ygs-audit-1", "since": "2026-10-31T15:00:00+00:00", "until": "2026-11-30T15:00:00+00:00", "after": 0, '
    f'"digest": "{"00" * 32}"}}\n'
)
_LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/jsonl": {"schema": {"type": "string"}, "example": _FIRST_LINE}}}
}


class AuditedPeople(BaseModel):
    """Whom one entry of the audit log is about."""

    model_config = ConfigDict(frozen=True)

    people: list[UserId] = Field(description="Their ids, ascending.")


class AuditFaults(BaseModel):
    """What was edited, swapped or cut in the audit chain."""

    model_config = ConfigDict(frozen=True)

    faults: Bilingual = Field(description="One sentence for each fault; none when the chain is whole.")


@router.get("")
async def list_audit(
    actor: SignedIn, accounts: Accounts, after: _Number = 0, limit: PageLimit = MOST_PAGE
) -> Page[AuditView]:
    """List audit entries from the first. Of others' acts that concern you, or members you were introduced to, only the
    numbers are shown (`withheld`)."""
    found = await accounts.audit_log.list(actor, after=after, limit=limit)
    return page(found, limit, lambda each: each.number)


@router.get("/search")
async def search_audit(
    actor: SignedIn,
    ygs: Ygs,
    account: Annotated[UserId | None, Query(**USER, description="Entries of what this account did.")] = None,
    member: Annotated[
        UserId | None, Query(**USER, description="Entries about this user, alone or among others.")
    ] = None,
    action: Annotated[
        str, Query(max_length=60, pattern=r"^[a-z_.]*$", description="How their action begins, such as `member.`.")
    ] = "",
    since: Annotated[Moment | None, Query(description="From this moment on.")] = None,
    until: Annotated[Moment | None, Query(description="Before this moment.")] = None,
    before: _Before = None,
    limit: PageLimit = MOST_PAGE,
) -> Page[AuditView]:
    """Search the audit log, latest first. What is withheld from you is left out."""
    actions = (action,) if action else ()
    wanted = AuditFilter(actor=account or "", about=member, actions=actions, since=since, until=until)
    found = await ygs.audit_search.find(actor, wanted, before=before, limit=limit)
    return page(found, limit, lambda each: each.number)


@router.get("/entries/{number}/people", responses=refuses(404))
async def list_audited_people(number: _Entry, actor: SignedIn, ygs: Ygs) -> AuditedPeople:
    """List everybody whom one entry is about, by id."""
    return AuditedPeople(people=[*await ygs.audit_search.people(actor, number)])


@router.get("/breach")
async def list_breach(
    actor: SignedIn,
    ygs: Ygs,
    account: Annotated[UserId, Query(**USER, description="The account that leaked.")],
    since: Annotated[Moment, Query(description="From this moment on.")],
    until: Annotated[Moment, Query(description="Before this moment.")],
    known_at: Annotated[Moment | None, Query(description="Since when you know of it; now if left out.")] = None,
    intrusion: Annotated[bool, Query(description="Whether somebody came in from outside.")] = True,
    after: AfterUser = None,
    limit: PageLimit = MOST_PAGE,
) -> BreachView:
    """List whose data an account was shown, with drafts of the notices and of the report to the authority."""
    question = BreachQuestion(account=account, since=since, until=until, known_at=known_at, intrusion=intrusion)
    return await ygs.breaches.find(actor, question, after=after, limit=limit)


@router.post("/export", response_class=Response, responses=_LINES)
async def export_audit(request: AuditExportRequest, actor: SignedIn, ygs: Ygs) -> StreamingResponse:
    """Download the entries of a time as lines of JSON, which `ygs audit verify` checks elsewhere; audited. Of what is
    withheld from you only the place in the chain is in it."""
    lines = await ygs.audit_exports.export(actor, request)
    attachment = {"Content-Disposition": 'attachment; filename="ygs-audit.jsonl"'}
    return StreamingResponse(lines, media_type="application/jsonl", headers=attachment)


@router.get("/verify")
async def verify_audit(actor: SignedIn, accounts: Accounts) -> AuditFaults:
    """Verify the audit chain: whether an entry was edited, swapped or cut."""
    found = await accounts.audit_log.verify(actor)
    told = Bilingual.by(lambda language: (translate(each.template, language, **each.fields) for each in found))
    return AuditFaults(faults=told)


@router.get("/about/{id}", responses=refuses(404))
async def list_audit_about_member(
    id: UserInPath, actor: SignedIn, accounts: Accounts, before: _Before = None, limit: PageLimit = MOST_PAGE
) -> Page[AuditView]:
    """List audit entries about one user's data, latest first. Forbidden about yourself and members you were introduced
    to."""
    found = await accounts.audit_log.list_about(actor, id, before=before, limit=limit)
    return page(found, limit, lambda each: each.number)
