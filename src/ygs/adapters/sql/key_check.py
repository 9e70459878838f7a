"""Checks at start that the configured keys fit the stored data."""

from sqlalchemy import select

from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.encryption import sealed_with
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables.users import users
from ygs.domain.errors import N_, Misconfigured


async def require_fitting_keys(storage: SqlStorage) -> None:
    """Run `check_keys` on a storage that was just opened."""
    async with open_transaction(storage.latest) as connection:
        await check_keys(SqlTransaction(connection, storage.keyring, locking=False))


async def check_keys(tx: SqlTransaction) -> None:
    """`Misconfigured` when a key of an encrypted phone is missing, or phones were indexed with another key.

    Without this check, each member whose phone cannot be decrypted would fail later, one by one. With another index
    key, no stored phone would be found: people could sign up twice, and no block by a contact would apply.
    """
    await _require_versions(tx)
    await _require_index(tx)


async def _require_versions(tx: SqlTransaction) -> None:
    found = await tx.rows(select(sealed_with(users.c.phone)).where(users.c.phone.is_not(None)).distinct())
    missing = sorted({int.from_bytes(row[0], "big") for row in found} - tx.keyring.keys.keys())
    if missing:
        needed = ", ".join(map(str, missing))
        raise Misconfigured(
            N_("phones are sealed with key version {needed}: put it back, and run `ygs keys rotate` first"),
            needed=needed,
        )


async def _require_index(tx: SqlTransaction) -> None:
    indexed = select(users.c.id, users.c.phone, users.c.phone_index).where(users.c.phone_index.is_not(None))
    row = await tx.row(indexed.limit(1))
    if row is None:
        return
    phone = tx.keyring.open(users.c.phone, row.id, row.phone)
    if tx.keyring.index(users.c.phone, phone) != row.phone_index:
        raise Misconfigured(N_("phones were stored with another YGS_INDEX_KEY: it never changes, put that one back"))
