"""What routes ask of a request: who asks and from where, from which version they edit, and whether it came before."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
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
from ygs.domain.idempotency import Reply
from ygs.domain.ids import DocumentId, IntroductionId, NoteId, PhotoId, ReportId, SessionId, UploadId, UserId, WeekId
from ygs.ports.repositories import MOST_PAGE

_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
USER = {"pattern": f"^usr_{_ULID}$", "examples": ["usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}

UserInPath = Annotated[UserId, Path(**USER)]
WeekInPath = Annotated[WeekId, Path(pattern=f"^mw_{_ULID}$", examples=["mw_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
IntroductionInPath = Annotated[
    IntroductionId, Path(pattern=f"^mh_{_ULID}$", examples=["mh_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])
]
_PHOTO = {"pattern": f"^pho_{_ULID}$", "examples": ["pho_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_REPORT = {"pattern": f"^rep_{_ULID}$", "examples": ["rep_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_NOTE = {"pattern": f"^note_{_ULID}$", "examples": ["note_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_DOCUMENT = {"pattern": f"^doc_{_ULID}$", "examples": ["doc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
UploadInPath = Annotated[UploadId, Path(pattern=f"^upl_{_ULID}$", examples=["upl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
PhotoInPath = Annotated[PhotoId, Path(**_PHOTO)]
DocumentInPath = Annotated[DocumentId, Path(**_DOCUMENT)]
AfterPhoto = Annotated[PhotoId | None, Query(**_PHOTO, description="Those after this one: `next` of the page before.")]
AfterDocument = Annotated[
    DocumentId | None, Query(**_DOCUMENT, description="Those after this one: `next` of the page before.")
]
ReportInPath = Annotated[ReportId, Path(**_REPORT)]
NoteInPath = Annotated[NoteId, Path(**_NOTE)]
AfterReport = Annotated[
    ReportId | None, Query(**_REPORT, description="Those after this one: `next` of the page before.")
]
AfterNote = Annotated[NoteId | None, Query(**_NOTE, description="Those after this one: `next` of the page before.")]
SessionInPath = Annotated[SessionId, Path(pattern=f"^ses_{_ULID}$", examples=["ses_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]
AfterUser = Annotated[UserId | None, Query(**USER, description="Those after this one: `next` of the page before.")]
RateLimit = Annotated[int, Query(ge=1, le=MOST_PAGE, description="At most so many.")]

Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """Some of many. `next`: ask with it as `after` for those that follow; null when there are no more."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: str | None


def page(items: Sequence[Item], limit: int, key: Callable[[Item], object]) -> Page[Item]:
    """Make a page of the items found for `limit`. A full page may be the last; the next one is then empty."""
    return Page(items=list(items), next=str(key(items[-1])) if len(items) == limit else None)


async def application(request: Request) -> Application:
    """The application that is served."""
    return cast(Application, request.app.state.application)


async def accounts(request: Request) -> AccountUseCases:
    """Its use cases about accounts."""
    return cast(AccountUseCases, request.app.state.accounts)


async def origin(request: Request) -> ClientAddress:
    """Where the request comes from, as the server sees it; behind a proxy, as the proxy that uvicorn trusts says."""
    return ClientAddress.of(_address(request), request.headers.get("user-agent", ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


class _Bearer(HTTPBearer):
    """What the document says of the token, and the actor it is good for: one dependency, as every one costs."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override] # an actor, not credentials
        """Whose access token came with the request; `InvalidToken` without a good one."""
        given = await super().__call__(request)
        if given is None:
            raise InvalidToken(N_("sign in, and send the access token: Authorization: Bearer ..."))
        conversations = await accounts(request)
        return await conversations.authentication.actor(given.credentials, ClientAddress(_address(request)))


signed_in = _Bearer(auto_error=False, scheme_name="bearer", description="The access token of signing in.")


async def edited_version(
    if_match: Annotated[
        str | None,
        Header(
            pattern=r'^(\*|"[0-9]{1,18}")$',
            description="The ETag of what was edited: the edit is refused when it has changed since.",
            examples=['"7"'],
        ),
    ] = None,
) -> int | None:
    """The version that an edit was made from; None when the client does not say."""
    return None if if_match in (None, "*") else int(if_match.strip('"'))


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that makes something, and may come twice under one Idempotency-Key."""

    idempotent_requests: IdempotentRequests
    actor: Actor
    key: str | None
    asked: bytes

    async def made(self, act: Callable[[], Awaitable[BaseModel | None]]) -> Response:
        """201 with what `act` made (204 for None); the reply of the first time when this came before."""

        async def reply() -> Reply:
            made = await act()
            return Reply(204, b"") if made is None else Reply(201, made.model_dump_json().encode())

        done = await (self.idempotent_requests.reply(self.actor, self.key, self.asked, reply) if self.key else reply())
        return Response(done.body, done.status, media_type="application/json" if done.body else None)


SignedIn = Annotated[Actor, Depends(signed_in)]


async def command(
    request: Request,
    actor: SignedIn,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=8,
            max_length=128,
            pattern=r"^[\x21-\x7e]+$",
            description="Send the same key when repeating a request whose answer got lost: it acts once in 24 hours.",
            examples=["0191d6b4-3c5e-7b6a-9f0e-2f4d8a6c1b3e"],
        ),
    ] = None,
) -> IdempotentRequest:
    """The request as a command."""
    asked = b"\n".join((request.method.encode(), request.url.path.encode(), await request.body()))
    return IdempotentRequest((await accounts(request)).idempotent_requests, actor, idempotency_key, asked)


Ygs = Annotated[Application, Depends(application)]
Accounts = Annotated[AccountUseCases, Depends(accounts)]
From = Annotated[ClientAddress, Depends(origin)]
IfMatch = Annotated[int | None, Depends(edited_version)]
OnceOnly = Annotated[IdempotentRequest, Depends(command)]


def tag(response: Response, version: int) -> None:
    """Say which version this is, to be sent back as If-Match with an edit."""
    response.headers["ETag"] = f'"{version}"'
