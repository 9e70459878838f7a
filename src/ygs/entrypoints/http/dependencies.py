"""FastAPI dependencies of the routes: the actor, the client's address, If-Match, Idempotency-Key, ids and pages."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Generic, TypeVar, cast

from fastapi import Depends, Header, Path, Query, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.actors import Actor
from ygs.application.idempotency import IdempotentRequests
from ygs.application.rate_limits import ClientAddress
from ygs.bootstrap import Application
from ygs.domain.errors import N_, InvalidToken
from ygs.domain.idempotency import KEPT_FOR, Reply
from ygs.domain.ids import (
    ULID,
    ConsultationId,
    DeliveryId,
    DocumentId,
    ExportId,
    ImportId,
    IntroductionId,
    JobId,
    NoteId,
    NoticeId,
    PhotoId,
    PushDeviceId,
    ReportId,
    SessionId,
    UploadId,
    UserId,
    WeekId,
)
from ygs.entrypoints.http.observability.request_log import PREFIX
from ygs.ports.repositories import MOST_PAGE

USER = {"pattern": f"^usr_{ULID}$", "examples": ["usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}

UserInPath = Annotated[UserId, Path(**USER)]
WEEK = {"pattern": f"^mw_{ULID}$", "examples": ["mw_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
WeekInPath = Annotated[WeekId, Path(**WEEK)]
CONSULTATION = {"pattern": f"^cs_{ULID}$", "examples": ["cs_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
ConsultationInPath = Annotated[ConsultationId, Path(**CONSULTATION)]
IntroductionInPath = Annotated[IntroductionId, Path(pattern=f"^mh_{ULID}$", examples=["mh_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
_AFTER = "The items after this one: `next` of the page before."
_PHOTO = {"pattern": f"^pho_{ULID}$", "examples": ["pho_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_REPORT = {"pattern": f"^rep_{ULID}$", "examples": ["rep_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_NOTE = {"pattern": f"^note_{ULID}$", "examples": ["note_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_NOTICE = {"pattern": f"^ntc_{ULID}$", "examples": ["ntc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_JOB = {"pattern": f"^job_{ULID}$", "examples": ["job_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_DOCUMENT = {"pattern": f"^doc_{ULID}$", "examples": ["doc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
UploadInPath = Annotated[UploadId, Path(pattern=f"^upl_{ULID}$", examples=["upl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
PhotoInPath = Annotated[PhotoId, Path(**_PHOTO)]
DocumentInPath = Annotated[DocumentId, Path(**_DOCUMENT)]
AfterPhoto = Annotated[PhotoId | None, Query(**_PHOTO, description=_AFTER)]
AfterDocument = Annotated[DocumentId | None, Query(**_DOCUMENT, description=_AFTER)]
ReportInPath = Annotated[ReportId, Path(**_REPORT)]
NoteInPath = Annotated[NoteId, Path(**_NOTE)]
AfterReport = Annotated[ReportId | None, Query(**_REPORT, description=_AFTER)]
AfterNote = Annotated[NoteId | None, Query(**_NOTE, description=_AFTER)]
AfterNotice = Annotated[NoticeId | None, Query(**_NOTICE, description=_AFTER)]
DeviceInPath = Annotated[PushDeviceId, Path(pattern=f"^dev_{ULID}$", examples=["dev_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
_IMPORT = {"pattern": f"^imp_{ULID}$", "examples": ["imp_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
ImportInPath = Annotated[ImportId, Path(**_IMPORT)]
_EXPORT = {"pattern": f"^exp_{ULID}$", "examples": ["exp_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
ExportInPath = Annotated[ExportId, Path(**_EXPORT)]
AfterExport = Annotated[ExportId | None, Query(**_EXPORT, description=_AFTER)]
AfterImport = Annotated[ImportId | None, Query(**_IMPORT, description=_AFTER)]
JobInPath = Annotated[JobId, Path(**_JOB)]
SessionInPath = Annotated[SessionId, Path(pattern=f"^ses_{ULID}$", examples=["ses_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
_DELIVERY = {"pattern": f"^dlv_{ULID}$", "examples": ["dlv_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
DeliveryInPath = Annotated[DeliveryId, Path(**_DELIVERY)]
AfterDelivery = Annotated[DeliveryId | None, Query(**_DELIVERY, description=_AFTER)]
AfterJob = Annotated[JobId | None, Query(**_JOB, description=_AFTER)]
AfterWeek = Annotated[WeekId | None, Query(**WEEK, description=_AFTER)]
AfterUser = Annotated[UserId | None, Query(**USER, description=_AFTER)]
PageLimit = Annotated[int, Query(ge=1, le=MOST_PAGE, description="The most items to answer with.")]

Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """Some items of many. `next` is the `after` of the following page, or null on the last one."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: str | None


def only_page(items: Sequence[Item]) -> Page[Item]:
    """Make the only page of a list that is short by its nature, so that every list has one shape."""
    return Page(items=list(items), next=None)


def page(items: Sequence[Item], limit: int, key: Callable[[Item], object]) -> Page[Item]:
    """Make a page of the items found for `limit`. A full page may be the last; the next one is then empty."""
    return Page(items=list(items), next=str(key(items[-1])) if len(items) == limit else None)


async def application(request: Request) -> Application:
    """The application of this service."""
    return cast(Application, request.app.state.application)


async def accounts(request: Request) -> AccountUseCases:
    """The use cases about accounts."""
    return cast(AccountUseCases, request.app.state.accounts)


def use_cases(application: Application) -> AccountUseCases:
    """The use cases about accounts, of an application that has them, as every served one does."""
    return cast(AccountUseCases, application.accounts)


async def origin(request: Request) -> ClientAddress:
    """The address and the name of the client; behind a proxy, as uvicorn takes them from a trusted proxy's headers."""
    return ClientAddress.of(_address(request), request.headers.get("user-agent", ""))


def api_root(request: Request) -> str:
    """The path below which the API's routes are, as the client sees it."""
    return f"{request.scope.get('root_path', '')}{PREFIX}"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


class _Bearer(HTTPBearer):
    """Reads the bearer token, and documents it in OpenAPI. One dependency does both, because each costs time."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override] # an actor, not credentials
        """The actor of the request's access token; `InvalidToken` when it is missing or not valid."""
        credentials = await super().__call__(request)
        if credentials is None:
            raise InvalidToken(N_("sign in, and send the access token: Authorization: Bearer ..."))
        use_cases = await accounts(request)
        return await use_cases.authentication.actor(credentials.credentials, ClientAddress(_address(request)))


signed_in = _Bearer(auto_error=False, scheme_name="bearer", description="The access token that sign-in answers with.")


async def edited_version(
    if_match: Annotated[
        str | None,
        Header(
            pattern=r'^(\*|(W/)?"[0-9]{1,18}")$',
            description="The ETag of the version that was edited; a weak one will do. The edit is "
            "refused with 412 when a newer version is stored.",
            examples=['"7"'],
        ),
    ] = None,
) -> int | None:
    """The version in If-Match that the client edited; None without one."""
    return None if if_match in (None, "*") else int(if_match.strip('W/"'))


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that acts, with the Idempotency-Key under which a client may repeat it."""

    idempotent_requests: IdempotentRequests
    actor: Actor
    key: str | None
    content: bytes
    root: str

    async def run(
        self,
        act: Callable[[], Awaitable[BaseModel | None]],
        *,
        status: int = 201,
        below: str = "",
        kept_for: timedelta = KEPT_FOR,
    ) -> Response:
        """Run `act`; answer `status` with its result, or 204 for None. What was made is found by its id `below` a path.
        `kept_for`: how long the reply is of use to whoever repeats the request.

        A repeated request gets the first reply again, with the header ``Idempotent-Replayed: true``.
        """
        acted = False

        async def reply() -> Reply:
            nonlocal acted
            acted = True
            result = await act()
            return Reply(204, b"") if result is None else Reply(status, result.model_dump_json().encode())

        if self.key:
            answer = await self.idempotent_requests.reply(self.actor, self.key, self.content, reply, kept_for=kept_for)
        else:
            answer = await reply()
        headers = {} if acted else {"Idempotent-Replayed": "true"}
        if below:
            headers["Location"] = f"{self.root}{below}/{json.loads(answer.body)['id']}"
        return Response(answer.body, answer.status, headers, "application/json" if answer.body else None)


SignedIn = Annotated[Actor, Depends(signed_in)]


async def idempotent_request(
    request: Request,
    actor: SignedIn,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=8,
            max_length=128,
            pattern=r"^[\x21-\x7e]+$",
            description="Repeat a request whose reply was lost with the same key: it runs once in 24 hours.",
            examples=["0191d6b4-3c5e-7b6a-9f0e-2f4d8a6c1b3e"],
        ),
    ] = None,
) -> IdempotentRequest:
    """The request with its Idempotency-Key and what it depends on: method, path and body."""
    content = b"\n".join((request.method.encode(), request.url.path.encode(), await request.body()))
    return IdempotentRequest(
        (await accounts(request)).idempotent_requests, actor, idempotency_key, content, api_root(request)
    )


async def location(request: Request, response: Response) -> Callable[[str], None]:
    """A function that sets the Location of what a request made; its path is below the API's."""

    def set_location(path: str) -> None:
        response.headers["Location"] = f"{api_root(request)}{path}"

    return set_location


Ygs = Annotated[Application, Depends(application)]
Accounts = Annotated[AccountUseCases, Depends(accounts)]
Origin = Annotated[ClientAddress, Depends(origin)]
IfMatch = Annotated[int | None, Depends(edited_version)]
Created = Annotated[Callable[[str], None], Depends(location)]
Idempotent = Annotated[IdempotentRequest, Depends(idempotent_request)]


def set_etag(response: Response, version: int) -> None:
    """Set the ETag, which a client sends back as If-Match with an edit."""
    response.headers["ETag"] = f'"{version}"'
