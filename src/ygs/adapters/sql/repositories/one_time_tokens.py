"""One-time tokens: rows to entities and back."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ygs.adapters.sql.repositories.sessions import remove_where
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.accounts import one_time_tokens
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind


def one_time_token_row(one_time_token: OneTimeToken, keyring: Keyring) -> dict[str, Any]:
    """A one-time token as a row of `one_time_tokens`."""
    data = json.dumps(dict(one_time_token.data), ensure_ascii=False)
    return {
        "id": one_time_token.digest,
        "kind": one_time_token.kind.value,
        "expires_at": one_time_token.expires_at,
        "user_id": one_time_token.user_id,
        "data": keyring.seal(one_time_tokens.c.data, one_time_token.digest, data),
        "code": one_time_token.code,
        "tries_left": one_time_token.tries_left,
        "used_at": one_time_token.used_at,
    }


def to_one_time_token(row: Found, keyring: Keyring) -> OneTimeToken:
    """The one-time token that `one_time_token_row` wrote."""
    return OneTimeToken(
        digest=row.id,
        kind=OneTimeTokenKind(row.kind),
        expires_at=row.expires_at,
        user_id=UserId(row.user_id) if row.user_id else None,
        data=json.loads(keyring.open(one_time_tokens.c.data, row.id, row.data)),
        code=row.code,
        tries_left=row.tries_left,
        used_at=row.used_at,
    )


class SqlOneTimeTokenRepository:
    """Short-lived secrets."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, digest: str) -> OneTimeToken | None:
        row = await self.tx.row(self.tx.for_update(select(one_time_tokens).where(one_time_tokens.c.id == digest)))
        return to_one_time_token(row, self.tx.keyring) if row else None

    async def add(self, one_time_token: OneTimeToken) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, one_time_tokens, [one_time_token_row(one_time_token, self.tx.keyring)])

    async def save(self, one_time_token: OneTimeToken) -> None:
        row = one_time_token_row(one_time_token, self.tx.keyring)
        await self.tx.run(update(one_time_tokens).where(one_time_tokens.c.id == one_time_token.digest).values(row))

    async def purge(self, before: datetime) -> int:
        return await remove_where(self.tx, one_time_tokens, one_time_tokens.c.expires_at < before)
