"""Sessions: issued, refreshed, listed and ended; and the authentication of access tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, SecretStr

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.rate_limits import ClientAddress
from ygs.domain.audit import Entry
from ygs.domain.errors import N_, Forbidden, InvalidToken, NotFound
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
from ygs.ports.storage import Storage, Writing

FRESH = timedelta(minutes=15)


class TokenView(BaseModel):
    """What a client keeps: send `access_token` as a bearer for `expires_in` seconds, then refresh.

    Each refresh token is good once; keep the latest. `role`: which pages to show. `enrol_second_factor`: staff who must
    enrol an authenticator before they may do anything else.
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
        """A session for somebody who has proven who they are; the longest unused goes when there would be too many.

        One that replaces another is as old and has proven as much: see `require_fresh`.
        """
        standing = [session for session in await tx.sessions.of_user(user_id) if session.live(at=at)]
        for session in standing[MOST_SESSIONS - 1 :]:
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
        return self.view(session, token, role, at)

    def view(self, session: Session, token: RefreshToken, role: Role, at: datetime) -> TokenView:
        """The tokens of a session. An access token never outlives it."""
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
    """End all of a user's sessions (`but` one): on suspension, a change of role, a new password. From the commit on no
    access and no refresh token of theirs is accepted.

    Read the user or their account in this transaction first, so that no sign-in can slip in between.
    """
    for session in await tx.sessions.of_user(user_id):
        if session.id != but:
            await tx.sessions.save(session.end(ending, at=at))


async def close_account(tx: Writing, user_id: UserId, *, at: datetime) -> None:
    """What withdrawing does to an account: every session ends, and password, links and authenticator are gone, so that
    the same person may join again by the same ways to sign in."""
    await end_sessions(tx, user_id, Ending.WITHDRAWN, at=at)
    await tx.accounts.remove(user_id)


async def require_fresh(tx: Writing, actor: Actor, *, at: datetime) -> None:
    """`Forbidden` unless the actor has signed in, second factor and all, within the last quarter of an hour.

    For what makes somebody staff, moves an account to another phone, links another identity to it or unlinks
    one: a machine left open over lunch, or a token stolen this morning, must not do it.
    """
    if actor.session is None:
        return
    session = await tx.sessions.find(actor.session)
    # One that was ended since the actor asked is the owner's way of saying no.
    if session is None or not session.live(at=at) or at - session.started_at > FRESH:
        raise Forbidden(N_("sign in again first: this needs a session of the last 15 minutes"))


@dataclass(frozen=True, slots=True)
class Authentication:
    """Authenticates access tokens."""

    storage: Storage
    clock: Clock
    tokens: Tokens
    secrets: Secrets

    async def actor(self, access_token: str, origin: ClientAddress) -> Actor:
        """The actor, with the role and status of this moment; `InvalidToken` for any token that is not good now.

        One indexed read a request: that is what makes logging out and suspending act at once and not in ten minutes.
        The first request after a refresh writes too: see `_mark_presented`.
        """
        now = self.clock.now()
        access = self.tokens.read(access_token, at=now)
        # A hot read is never at a replica: one that is a second behind would let somebody in who was thrown out.
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
        )

    async def _mark_presented(self, access: Access) -> None:
        """Note that somebody uses what the latest refresh gave: the refresh token before it is good no more. Stored
        before the request is answered; once a refresh, every ten minutes at most."""
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

        One that was used more than 30 seconds ago ends its session, because somebody else has it; but for once while
        neither of the tokens it gave was ever presented, because that reply may have been lost.
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
            if successor is None:
                await tx.audit.add(_ended(None, session.user_id, Ending.TOKEN_REUSED, now))
        # After the commit: ending the session must not be rolled back by saying so.
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
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
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
