"""Hot reads: the queries of nearly every request, each one statement."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, FunctionElement, String, bindparam, exists, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from ygs.adapters.sql.repositories.directory import ASSIGNED, everybody, to_line
from ygs.adapters.sql.repositories.sessions import BEARERS, to_bearer
from ygs.adapters.sql.repositories.users import (
    CONSENT_COLUMNS,
    WISH_COLUMNS,
    to_consent,
    to_user,
    to_wish,
)
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.prepared_query import PreparedQuery, QueryRunner, prepared
from ygs.adapters.sql.statements.transaction import Query
from ygs.adapters.sql.tables.accounts import accounts, sessions
from ygs.adapters.sql.tables.users import LIVE, consents, users, wishes
from ygs.domain.errors import NotFound
from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import User
from ygs.ports.repositories.directory import DirectoryLine, MemberOrder
from ygs.ports.repositories.sessions import Bearer, Caller


class gathered(FunctionElement[str]):  # noqa: N801 - written as functions of SQL are
    """The rows of a query as the text of one JSON array of arrays."""

    type = String()
    inherit_cache = True


@compiles(gathered, "postgresql")
def _gathered_on_postgresql(element: gathered, compiler: SQLCompiler, **options: Any) -> str:
    return f"coalesce(json_agg(json_build_array({compiler.process(element.clauses, **options)})), '[]')::text"


@compiles(gathered, "sqlite")
def _gathered_on_sqlite(element: gathered, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


def _of_user(table: Any, names: Sequence[str]) -> Any:
    columns: list[Column[Any]] = [table.c[name] for name in names]
    return select(gathered(*columns)).where(table.c.user_id == users.c.id).scalar_subquery().label(table.name)


# Not for a transaction that changes the user: if it waited for the row, PostgreSQL would return the row as it is then,
# but the gathered collections as they were before.
_WHOLE: Query = select(users, _of_user(wishes, WISH_COLUMNS), _of_user(consents, CONSENT_COLUMNS)).where(LIVE)
_USER: Query = _WHOLE.where(users.c.id == bindparam("id"))
_KNOWN = exists().where(sessions.c.user_id == users.c.id, sessions.c.address == bindparam("address")).label("known")
_CALLER: Query = (
    select(accounts.c.id, accounts.c.password, _KNOWN)
    .join(users, users.c.id == accounts.c.id)
    .where(LIVE, users.c.phone_index == bindparam("phone_index"))
)
_BEARER: Query = BEARERS.where(sessions.c.id == bindparam("id"))


class SqlHotReads:
    """`HotReads` on the driver."""

    def __init__(self, query_runner: QueryRunner, keyring: Keyring) -> None:
        self._runner = query_runner
        self._keyring = keyring
        kind: Any = type(query_runner.dialect)
        self._kind = kind
        self._bearer, self._user, self._caller, self._assigned = (
            prepared(query, kind) for query in (_BEARER, _USER, _CALLER, ASSIGNED)
        )

    async def bearer(self, id: SessionId) -> Bearer | None:
        found = await self._run(self._bearer, id=id)
        return to_bearer(found[0]) if found else None

    async def user(self, id: UserId) -> User:
        found = await self._run(self._user, id=id)
        if not found:
            raise NotFound("user", id)
        return self._whole(found[0])

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        return [UserId(row.id) for row in await self._run(self._assigned, consultant=consultant)]

    async def first_page(self, order: MemberOrder, limit: int) -> Sequence[DirectoryLine]:
        query = prepared(everybody(order, later=False), self._kind)
        return [to_line(row) for row in await self._run(query, limit=limit)]

    async def caller(self, phone: str, address: str) -> Caller | None:
        index = self._keyring.index(users.c.phone, phone)
        found = await self._run(self._caller, phone_index=index, address=address)
        return Caller(UserId(found[0].id), found[0].password, bool(found[0].known)) if found else None

    def _whole(self, row: Any) -> User:
        wishes = [to_wish(*values) for values in json.loads(row.wishes)]
        consents = [to_consent(*values) for values in json.loads(row.consents)]
        return to_user(
            row,
            {wish.attribute: wish for wish in wishes},
            {consent.purpose: consent for consent in consents},
            self._keyring,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._runner.close()

    async def _run(self, query: PreparedQuery, **given: Any) -> list[Any]:
        return query.rows(await self._runner.run(query.text, query.values(given)))
