"""Which storage a database URL names, and what is done with a whole database: upgrade, key rotation, backup, restore.

A package brings a storage of its own as an entry point of the group ``ygs.storages``, named after the scheme of its
URLs; see `StorageProvider`.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from ygs.adapters.system import SystemClock
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.bootstrap.extras import requires
from ygs.domain.audit import Mac
from ygs.domain.errors import N_, Misconfigured, NotSetUp
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage
from ygs.settings import STORAGE_PROVIDERS, Settings


class StorageProvider(Protocol):
    """Opens and upgrades the databases of one URL scheme.

    A package registers one, or a class that makes one without arguments, as an entry point of the group
    ``ygs.storages`` named after the scheme. `settings.database_url` holds the URL and `settings.sealing` the keys.
    """

    async def open(self, settings: Settings) -> Storage:
        """Open a database whose schema fits this release, or raise `Misconfigured` with what to do."""
        ...

    async def upgrade(self, settings: Settings) -> str:
        """Bring the schema to this release's, making it where there is none; return its name."""
        ...


class _Memory:
    """Keeps everything in this process."""

    async def open(self, settings: Settings) -> Storage:
        from ygs.adapters.memory import MemoryStorage

        return MemoryStorage()

    async def upgrade(self, settings: Settings) -> str:
        return "memory"


class _Sqlite:
    """Keeps everything in one file."""

    async def open(self, settings: Settings) -> Storage:
        with requires("sql"):
            from ygs.adapters.sql.sqlite import open_sqlite
            from ygs.adapters.sql.statements.encryption import Keyring
        url = settings.database_url.get_secret_value()
        return await _with_fitting_keys(await open_sqlite(url, Keyring(*settings.sealing), pools=_pool_sizes(settings)))

    async def upgrade(self, settings: Settings) -> str:
        with requires("sql"):
            from ygs.adapters.sql.sqlite import engine, path_of
        return await _upgraded(engine(path_of(settings.database_url.get_secret_value()), writes=True))


class _Postgres:
    """Keeps everything in a PostgreSQL database, which may have a replica."""

    async def open(self, settings: Settings) -> Storage:
        with requires("postgres"):
            from ygs.adapters.sql.postgres import open_postgres
            from ygs.adapters.sql.statements.encryption import Keyring
        url = settings.database_url.get_secret_value()
        replica = settings.replica_url.get_secret_value() if settings.replica_url else None
        keyring = Keyring(*settings.sealing)
        schema = settings.database_schema
        pools = _pool_sizes(settings)
        return await _with_fitting_keys(await open_postgres(url, keyring, replica, schema=schema, pools=pools))

    async def upgrade(self, settings: Settings) -> str:
        with requires("postgres"):
            from ygs.adapters.sql.postgres import engine
        schema = settings.database_schema
        return await _upgraded(engine(settings.database_url.get_secret_value(), writes=True, schema=schema), schema)


def _pool_sizes(settings: Settings) -> Any:
    from ygs.adapters.sql.pool_sizes import PoolSizes

    return PoolSizes(
        writers=settings.writer_connections,
        readers=settings.reader_connections,
        hot_reads=settings.hot_read_connections,
    )


_OURS: Mapping[str, StorageProvider] = {
    "memory": _Memory(),
    "sqlite": _Sqlite(),
    "postgresql": _Postgres(),
    "postgres": _Postgres(),
}


def storage_provider(settings: Settings) -> StorageProvider:
    """Who opens the database that the settings name; `Misconfigured` names the schemes there are."""
    settings.require_known_database()
    scheme = settings.database_scheme
    if scheme in _OURS:
        return _OURS[scheme]
    (found,) = entry_points(group=STORAGE_PROVIDERS, name=scheme)
    try:
        brought = found.load()
    except (ImportError, AttributeError) as error:
        raise Misconfigured(
            N_("the storage {scheme} of the package {package} cannot be loaded: install that package anew"),
            scheme=scheme,
            package=found.dist.name if found.dist else found.value,
        ) from error
    return cast(StorageProvider, brought() if isinstance(brought, type) else brought)


async def open_storage(settings: Settings) -> Storage:
    """Open the storage that the settings name; whoever opens it closes it."""
    return await storage_provider(settings).open(settings)


def audit_mac(settings: Settings) -> Mac:
    """The MAC of the audit chain under the key of the settings, without opening a database."""
    from ygs.adapters.sql.statements.encryption import Keyring

    return Keyring(*settings.sealing).audit_mac


async def upgrade_database(settings: Settings | None = None) -> str:
    """Bring the database's schema to this version's head, creating it when new; the head's name."""
    settings = settings or Settings()
    return await storage_provider(settings).upgrade(settings)


async def _with_fitting_keys(storage: Any) -> Storage:
    from ygs.adapters.sql.key_check import require_fitting_keys

    try:
        await require_fitting_keys(storage)
    except BaseException:
        await storage.close()
        raise
    return cast(Storage, storage)


async def _upgraded(engine: Any, schema: str = "") -> str:
    from ygs.adapters.sql import migrations

    try:
        await migrations.upgrade(engine, schema)
    finally:
        await engine.dispose()
    return migrations.head()


async def rotate_keys(settings: Settings | None = None, progress: Progress = silent) -> int:
    """Seal anew with the current key what older ones sealed, while the service runs; how many values. Stopped midway,
    it goes on when run again. `progress` hears the column, and how many of how many are done."""
    settings = settings or Settings()
    settings.require_fit(sends=False)
    storage = await open_storage(settings)
    try:
        with requires("sql"):
            from ygs.adapters.sql.key_rotation import reseal
            from ygs.adapters.sql.storage import SqlStorage

        if not isinstance(storage, SqlStorage):
            return 0
        return await reseal(storage, progress)
    finally:
        await storage.close()


async def backup_database(to: Path, settings: Settings | None = None, progress: Progress = silent) -> int:
    """Write the database, and the folder of photos and documents if there is one, into one file; how many rows.

    The service may go on meanwhile. Files in S3 are not in it: their bucket keeps its own versions. `NotSetUp` for
    ``memory:``.
    """
    with requires("sql"):
        from ygs.adapters.sql.backup import backup

    settings = settings or Settings()
    settings.require_fit(sends=False)
    storage = await _sql_storage(settings)
    clock = SystemClock()
    try:
        manifest = await backup(storage, to, at=clock.now(), files=_files_folder(settings), progress=progress)
        async with storage.write() as tx:
            await tx.audit.add(audit_entry(Actor.operator(), "database.backed_up", at=clock.now()))
        return manifest.rows
    finally:
        await storage.close()


async def restore_database(source: Path, settings: Settings | None = None, progress: Progress = silent) -> int:
    """Fill a new database, and a new folder of photos and documents, from a backup; how many rows.

    The keys must be those the backup was made with: `Misconfigured` otherwise, and nothing is restored.
    """
    with requires("sql"):
        from ygs.adapters.sql.backup import restore

    settings = settings or Settings()
    settings.require_fit(sends=False)
    storage = await _sql_storage(settings)
    try:
        manifest = await restore(storage, source, files=_files_folder(settings), progress=progress)
        async with storage.write() as tx:
            await tx.audit.add(audit_entry(Actor.operator(), "database.restored", at=SystemClock().now()))
        return manifest.rows
    finally:
        await storage.close()


async def _sql_storage(settings: Settings) -> Any:
    from ygs.adapters.sql.storage import SqlStorage

    storage = await open_storage(settings)
    if not isinstance(storage, SqlStorage):
        await storage.close()
        raise NotSetUp(N_("only SQLite and PostgreSQL can be backed up and restored: set YGS_DATABASE_URL"))
    return storage


def _files_folder(settings: Settings) -> Path | None:
    return None if settings.buckets else settings.data_folder / "files"
