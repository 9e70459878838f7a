"""Sessions: open, refresh, list and end them; and authenticate access tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, SecretStr

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.own_members import OwnMembersOnly
from ygs.application.rate_limits import ClientAddress
from ygs.domain.audit import Entry
from ygs.domain.errors import N_, InvalidToken, NotFound, SignInTooOld
from ygs.domain.ids import SessionId, UserId
from ygs.domain.sessions import (
    MOST_SESSIONS,
    SECRET_BYTES,
    Ending,
    Lifetime,
    RefreshToken,
    Session,
    start_session,
)
from ygs.domain.users import Role
from ygs.ports.authentication import ACCESS_SECONDS, Access, Secrets, Tokens
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories.sessions import Bearer
from ygs.ports.storage import Storage, Writing

FRESH = timedelta(minutes=15)


class TokenView(BaseModel):
    """The tokens of a session. Send `access_token` as a bearer token for `expires_in` seconds, then refresh.

    Each refresh token works once; keep the latest. `role` tells the client which pages to show. `enrol_second_factor`
    is true for staff who must enrol an authenticator before they may do anything else.
    """

    model_config = ConfigDict(frozen=True)

    user_id: UserId
    role: Role
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int = ACCESS_SECONDS
    refresh_token: str
    enrol_second_factor: bool = False


class RefreshRequest(BaseModel):
    """The latest refresh token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refresh_token: SecretStr


class SessionView(BaseModel):
    """One signed-in device."""

    model_config = ConfigDict(frozen=True)

    id: SessionId
    device: str
    started_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class SessionIssuer:
    """Opens sessions and issues tokens inside other use cases' transactions."""

    ids: Ids
    tokens: Tokens
    secrets: Secrets

    async def open(
        self,
        tx: Writing,
        user_id: UserId,
        role: Role,
        origin: ClientAddress,
        *,
        at: datetime,
        second_factor: bool = False,
        replacing: Session | None = None,
    ) -> TokenView:
        """Open a session for a user who has proven who they are, and end the least recently used beyond the limit.

        A session `replacing` another takes over its start and second factor, so that it is no fresher for
        `require_fresh`.
        """
        live = [session for session in await tx.sessions.of_user(user_id) if session.live(at=at)]
        for session in live[MOST_SESSIONS - 1 :]:
            await tx.sessions.save(session.end(Ending.TOO_MANY, at=at))
        session, token = start_session(
            SessionId(self.ids.make("ses")),
            user_id,
            secret=self.secrets.random_bytes(SECRET_BYTES),
            salt=self.secrets.random_bytes(SECRET_BYTES),
            lifetime=Lifetime.of(role),
            at=at,
            since=replacing.started_at if replacing else at,
            second_factor=replacing.second_factor if replacing else second_factor,
            device=origin.device,
            address=origin.hashed(self.secrets),
        )
        await tx.sessions.add(session)
        await tx.directory.mark_seen(user_id, at)
        return self.view(session, token, role, at)

    def view(self, session: Session, token: RefreshToken, role: Role, at: datetime) -> TokenView:
        """Issue the tokens of a session. The access token never outlives the session."""
        lasts = min(timedelta(seconds=ACCESS_SECONDS), session.expires_at - at)
        name = urlsafe_b64encode(self.secrets.random_bytes(12)).decode()
        access = self.tokens.issue(Access(session.user_id, session.id, name, at, at + lasts, session.generation))
        return TokenView(
            user_id=session.user_id,
            role=role,
            access_token=access,
            expires_in=int(lasts.total_seconds()),
            refresh_token=str(token),
            enrol_second_factor=role is not Role.MEMBER and not session.second_factor,
        )


async def end_sessions(
    tx: Writing, user_id: UserId, ending: Ending, *, at: datetime, but: SessionId | None = None
) -> None:
    """End all of a user's sessions, except `but`. From the commit on none of their tokens is accepted.

    Read, and so lock, the user or their account in this transaction first: then no concurrent sign-in escapes it.
    """
    for session in await tx.sessions.of_user(user_id):
        if session.id != but:
            await tx.sessions.save(session.end(ending, at=at))


async def close_account(tx: Writing, user_id: UserId, *, at: datetime) -> None:
    """Remove the account of a user who withdraws: sessions, password, links and authenticator.

    The same person can then sign up again by the same phone or provider.
    """
    await end_sessions(tx, user_id, Ending.WITHDRAWN, at=at)
    await tx.accounts.remove(user_id)


async def require_fresh(tx: Writing, actor: Actor, *, at: datetime) -> None:
    """`SignInTooOld` unless the actor's session is live and began by a full sign-in within the last 15 minutes.

    For actions that change roles or ways to sign in: a machine left open over lunch, or a token stolen this morning,
    must not do them. Actors without a session, such as the operator, pass.
    """
    if actor.session is None:
        return
    session = await tx.sessions.find(actor.session)
    # The owner may have ended the session since this request was authenticated.
    if session is None or not session.live(at=at) or at - session.started_at > FRESH:
        raise SignInTooOld


@dataclass(frozen=True, slots=True)
class Authentication:
    """Authenticates access tokens."""

    storage: Storage
    clock: Clock
    tokens: Tokens
    secrets: Secrets
    own_members_only: OwnMembersOnly

    async def actor(self, access_token: str, origin: ClientAddress) -> Actor:
        """Return the actor of an access token, with their current role and status; `InvalidToken` for an invalid one.

        It costs one indexed read a request, so that logging out and suspending take effect at once, not only when the
        token expires. The first request after a refresh also writes: see `_mark_presented`.
        """
        now = self.clock.now()
        access = self.tokens.read(access_token, at=now)
        # Hot reads never go to a replica, where a session that ended a second ago might still be live.
        bearer = await self.storage.hot_reads.bearer(access.session_id)
        if bearer is None or bearer.session.user_id != access.user_id or not bearer.session.live(at=now):
            raise InvalidToken(N_("sign in again"))
        if access.generation > bearer.session.presented:
            await self._mark_presented(access)
        return Actor.signed_in(
            access.user_id,
            bearer.role,
            status=bearer.status,
            second_factor=bearer.session.second_factor,
            session=access.session_id,
            address=origin.hashed(self.secrets),
            members=await self._members(bearer),
        )

    async def _members(self, bearer: Bearer) -> frozenset[UserId] | None:
        """The only members whom the bearer may see; None without such a limit. One more read, where it applies."""
        if not self.own_members_only.applies or bearer.role is not Role.CONSULTANT:
            return None
        return frozenset(await self.storage.hot_reads.assigned(bearer.session.user_id))

    async def _mark_presented(self, access: Access) -> None:
        """Store that the access token of the latest refresh is in use, which voids the refresh token before it.

        It is committed before the request is answered, and costs one write a refresh, about every ten minutes.
        """
        async with self.storage.write() as tx:
            session = await tx.sessions.find(access.session_id)
            if session is not None:
                await tx.sessions.save(session.present(access.generation))


@dataclass(frozen=True, slots=True)
class Sessions:
    """A user's own sessions."""

    storage: Storage
    clock: Clock
    session_issuer: SessionIssuer

    async def refresh(self, request: RefreshRequest) -> TokenView:
        """Exchange the latest refresh token for new tokens; `InvalidToken` for any other.

        A token that was used more than 30 seconds ago ends its session, because two parties hold it. There is one
        exception, once: neither of the tokens that it was exchanged for was ever presented, so the reply may have been
        lost.
        """
        token = RefreshToken.parse(request.refresh_token.get_secret_value())
        now = self.clock.now()
        async with self.storage.write() as tx:
            session = await tx.sessions.find(token.session_id)
            bearer = await tx.sessions.bearer(token.session_id)
            if session is None or bearer is None:
                raise InvalidToken(N_("sign in again"))
            refreshed, successor = session.refresh(token, at=now)
            await tx.sessions.save(refreshed)
            await tx.directory.mark_seen(session.user_id, now)
            if successor is None:
                await tx.audit.add(_ended(None, session.user_id, Ending.TOKEN_REUSED, now))
        # After the commit, so that the error does not roll back the end of the session.
        if successor is None:
            raise InvalidToken(N_("sign in again"))
        return self.session_issuer.view(refreshed, successor, bearer.role, now)

    async def log_out(self, actor: Actor) -> None:
        """End the session of the actor's access token."""
        if actor.session is not None:
            await self._end(actor, actor.session, Ending.LOGGED_OUT)

    async def list(self, actor: Actor) -> Sequence[SessionView]:
        """List the actor's live sessions, latest used first."""
        actor.require(Permission.OWN_ACCOUNT)
        now = self.clock.now()
        async with self.storage.read() as tx:
            sessions = await tx.sessions.of_user(actor.require_id())
        return [
            SessionView(
                id=session.id,
                device=session.device,
                started_at=session.started_at,
                refreshed_at=session.refreshed_at,
                expires_at=min(session.expires_at, session.refreshed_at + session.idle),
                current=session.id == actor.session,
            )
            for session in sessions
            if session.live(at=now)
        ]

    async def end(self, actor: Actor, id: SessionId) -> None:
        """End one of the actor's own sessions; `NotFound` for anybody else's."""
        actor.require(Permission.OWN_ACCOUNT)
        await self._end(actor, id, Ending.ENDED_BY_USER)

    async def end_all(self, actor: Actor) -> None:
        """End all of the actor's sessions, this one too."""
        me = actor.require_id()
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            await end_sessions(tx, me, Ending.ENDED_BY_USER, at=now)
            await tx.audit.add(_ended(actor, me, Ending.ENDED_BY_USER, now))

    async def _end(self, actor: Actor, id: SessionId, ending: Ending) -> None:
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            session = await tx.sessions.find(id)
            if session is None or session.user_id != me:
                raise NotFound("session", id)
            if session.ended_at is None:
                await tx.sessions.save(session.end(ending, at=now))
                await tx.audit.add(_ended(actor, me, ending, now))


def _ended(by: Actor | None, whose: UserId, ending: Ending, at: datetime) -> Entry:
    return audit_entry(by, "account.session_ended", at=at, subject=whose, what=ending.value)
