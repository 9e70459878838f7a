"""Accounts, sessions, one-time tokens and counters in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.accounts import Account, Provider
from ygs.domain.errors import N_, Conflict, LinkTaken, StaleWrite
from ygs.domain.ids import SessionId, UserId
from ygs.domain.one_time_token import OneTimeToken
from ygs.domain.rate_limit import AttemptCount
from ygs.domain.sessions import Session
from ygs.domain.text import storable_text
from ygs.domain.users import Role
from ygs.ports.repositories.sessions import Bearer


class MemoryAccountReader:
    """How users sign in."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, user_id: UserId) -> Account | None:
        return (await self._tx.step()).accounts.get(user_id)

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        tables = await self._tx.step()
        owner = tables.links.get((provider, subject))
        return tables.accounts[owner] if owner else None

    async def exists_with_role(self, role: Role) -> bool:
        tables = await self._tx.step()
        return any(each in tables.users and tables.users[each].role is role for each in tables.accounts)


class MemoryAccountRepository(MemoryAccountReader):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        tables = await self._tx.step()
        if account.user_id in tables.accounts or account.user_id not in tables.users:
            raise Conflict(N_("an account is one live user's, and a user has one"))
        _store(tables, account)

    async def save(self, account: Account) -> Account:
        tables = await self._tx.step()
        stored = tables.accounts.get(account.user_id)
        if stored is None or stored.version != account.version:
            raise StaleWrite(N_("this account changed since it was read: read it again and repeat the edit"))
        return _store(tables, account)

    async def remove(self, user_id: UserId) -> None:
        tables = await self._tx.step()
        if user_id in tables.accounts:
            tables.links.drop([(link.provider, link.subject) for link in tables.accounts[user_id].links])
            tables.accounts.drop([user_id])


def _store(tables: SnapshotTables, account: Account) -> Account:
    wanted = {(link.provider, link.subject): account.user_id for link in account.links}
    if any(tables.links.get(link, account.user_id) != account.user_id for link in wanted):
        raise LinkTaken(N_("that account signs in another user: sign in with it, and unlink it there"))
    for link in account.links:
        storable_text("subject", link.subject)
    before = tables.accounts.get(account.user_id)
    if before:
        tables.links.drop([(link.provider, link.subject) for link in before.links])
    tables.links.put(wanted)
    stored = replace(account, version=account.version + 1)
    tables.accounts.put({account.user_id: stored})
    return stored


class MemorySessionReader:
    """Signed-in devices."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def bearer(self, id: SessionId) -> Bearer | None:
        tables = await self._tx.step()
        session = tables.sessions.get(id)
        user = tables.users.get(session.user_id) if session else None
        return Bearer(session, user.role, user.status) if session and user else None

    async def find(self, id: SessionId) -> Session | None:
        return (await self._tx.step()).sessions.get(id)

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        tables = await self._tx.step()
        sessions = [tables.sessions[each] for each in tables.sessions_of.get(user_id, ())]
        standing = [session for session in sessions if session.ended_at is None]
        return sorted(standing, key=lambda session: (session.refreshed_at, session.id), reverse=True)

    async def every(self, user_id: UserId) -> Sequence[Session]:
        tables = await self._tx.step()
        sessions = (tables.sessions[each] for each in tables.sessions_of.get(user_id, ()))
        return sorted(sessions, key=lambda session: (session.started_at, session.id), reverse=True)

    async def knows(self, user_id: UserId, address: str) -> bool:
        tables = await self._tx.step()
        return any(tables.sessions[each].address == address for each in tables.sessions_of.get(user_id, ()))


class MemorySessionRepository(MemorySessionReader):
    """Sessions, to be changed."""

    async def add(self, session: Session) -> None:
        tables = await self._tx.step()
        if session.id in tables.sessions or session.user_id not in tables.users:
            raise Conflict(N_("a session has an id of its own, and is a live user's"))
        storable_text("device", session.device)
        tables.sessions.put({session.id: session})
        tables.sessions_of.put({session.user_id: (*tables.sessions_of.get(session.user_id, ()), session.id)})

    async def save(self, session: Session) -> None:
        (await self._tx.step()).sessions.put({session.id: session})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [each for each in tables.sessions.values() if _over_at(each) < before]
        tables.sessions.drop([session.id for session in over])
        for user in {session.user_id for session in over}:
            left = tuple(each for each in tables.sessions_of[user] if each in tables.sessions)
            tables.sessions_of.put({user: left})
        return len(over)


def _over_at(session: Session) -> datetime:
    return session.ended_at or session.expires_at


class MemoryOneTimeTokenRepository:
    """Short-lived secrets."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, digest: str) -> OneTimeToken | None:
        return (await self._tx.step()).one_time_tokens.get(digest)

    async def add(self, one_time_token: OneTimeToken) -> None:
        tables = await self._tx.step()
        if one_time_token.digest in tables.one_time_tokens:
            raise Conflict(N_("that one-time token is written already"))
        for text in one_time_token.data.values():
            storable_text("one_time_token", text)
        tables.one_time_tokens.put({one_time_token.digest: one_time_token})

    async def save(self, one_time_token: OneTimeToken) -> None:
        (await self._tx.step()).one_time_tokens.put({one_time_token.digest: one_time_token})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [
            digest for digest, one_time_token in tables.one_time_tokens.items() if one_time_token.expires_at < before
        ]
        tables.one_time_tokens.drop(over)
        return len(over)


class MemoryRateLimitRepository:
    """Who tried what how often."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, key: str, at: datetime) -> AttemptCount:
        return (await self._tx.step()).rate_limits.get(key) or AttemptCount(since=at)

    async def save(self, key: str, attempts: AttemptCount) -> None:
        (await self._tx.step()).rate_limits.put({key: attempts})

    async def give_back(self, key: str) -> None:
        tables = await self._tx.step()
        if key in tables.rate_limits:
            tables.rate_limits.put({key: tables.rate_limits[key].give_back()})

    async def forget(self, key: str) -> None:
        (await self._tx.step()).rate_limits.drop([key])

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [key for key, attempts in tables.rate_limits.items() if attempts.since < before]
        tables.rate_limits.drop(over)
        return len(over)
