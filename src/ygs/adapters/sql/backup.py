"""Backup and restore: all rows of one consistent snapshot in a zip file, the same for SQLite and PostgreSQL.

The file holds ``manifest.json``, one ``tables/NAME.jsonl`` a table (a JSON array a row, in the order that the manifest
lists the columns) and, where the service keeps photos and documents in a folder, those below ``files/``. Encrypted
columns stay encrypted, so a restore needs the same keys. Everything else is readable: the file is as confidential as
the database.
"""

import hashlib
import json
import os
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Date, LargeBinary, Table, func, select, text

from ygs.adapters.sql import migrations
from ygs.adapters.sql.key_check import check_keys
from ygs.adapters.sql.statements.bulk import LOT, insert_all
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.column_types import Moment
from ygs.domain.errors import N_, BadFile, Conflict
from ygs.ports.scoring_and_solving import Progress, silent

FORMAT = 1
# Photos are compressed already, and rows compress to a tenth at the first level.
_COMPRESSION = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContent:
    """The content of one table in a backup: its columns in order, the number of rows, and the SHA-256 of its file."""

    columns: Sequence[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of a backup. `schema`: the revision of its rows; `files`: the number of photos and documents."""

    created_at: str
    schema: str
    tables: Mapping[str, TableContent]
    files: int = 0
    format: int = field(default=FORMAT)

    @property
    def rows(self) -> int:
        """The number of rows in all tables."""
        return sum(each.rows for each in self.tables.values())


async def backup(
    storage: SqlStorage, to: Path, *, at: datetime, files: Path | None = None, progress: Progress = silent
) -> Manifest:
    """Write a backup to `to`; an earlier file is replaced only when the new one is complete.

    The service may run meanwhile. All tables are read in one transaction, and `files` (the folder of photos and
    documents) afterwards, so the backup has every file that its rows name.
    """
    unfinished = to.with_name(f"{to.name}.part")
    try:
        # Only the owner may read the file, from its first byte on.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", **_COMPRESSION) as archive:  # type: ignore[call-overload]
                tables = await _write_tables(storage, archive, progress)
                count = _write_files(archive, files, progress) if files else 0
                manifest = Manifest(created_at=at.isoformat(), schema=migrations.head(), tables=tables, files=count)
                archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=1))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


async def restore(
    storage: SqlStorage, source: Path, *, files: Path | None = None, progress: Progress = silent
) -> Manifest:
    """Fill an empty database at the schema's head from a backup, in one transaction: all of it or nothing.

    `Conflict` unless the database (and the folder `files`, when the backup holds files) is empty; `BadFile` for a file
    that is no backup, is damaged, or has another schema; `Unsealable` when a key differs from those of the backup.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            async with storage.transaction() as tx:
                await _without_time_limit(tx)
                await _require_empty(tx)
                for table in metadata.sorted_tables:
                    await _read_table(tx, archive, table, manifest.tables[table.name], progress)
                await check_keys(tx)
                if files and manifest.files:
                    _read_files(archive, files, progress)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BadFile(N_("{source} is no whole backup of this version of ygs: take another"), source=source) from error
    return manifest


async def _write_tables(storage: SqlStorage, archive: zipfile.ZipFile, progress: Progress) -> dict[str, TableContent]:
    async with open_transaction(storage.latest) as connection:
        tx = SqlTransaction(connection, storage.keyring, locking=False)
        await _without_time_limit(tx)
        tables = metadata.sorted_tables
        return {
            table.name: await _write_table(tx, archive, table, (number, len(tables)), progress)
            for number, table in enumerate(tables, start=1)
        }


async def _write_table(
    tx: SqlTransaction, archive: zipfile.ZipFile, table: Table, step: tuple[int, int], progress: Progress
) -> TableContent:
    digest = hashlib.sha256()
    count = 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:

        def write(rows: Sequence[Found]) -> None:
            nonlocal count
            for row in rows:
                line = f"{json.dumps([_plain(value) for value in row], ensure_ascii=False)}\n".encode()
                digest.update(line)
                out.write(line)
            count += len(rows)

        await tx.stream(select(table).order_by(*table.primary_key.columns), write)
    progress("tables", *step)
    return TableContent(columns=[column.name for column in table.columns], rows=count, sha256=digest.hexdigest())


def _write_files(archive: zipfile.ZipFile, folder: Path, progress: Progress) -> int:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(paths, start=1):
        archive.write(path, f"files/{path.relative_to(folder)}", compress_type=zipfile.ZIP_STORED)
        progress("files", number, len(paths))
    return len(paths)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    document = json.loads(archive.read("manifest.json"))
    needed = migrations.head()
    if document["format"] != FORMAT or document["schema"] != needed:
        raise BadFile(
            N_(
                "the backup is of schema {schema}, this release restores {needed}: restore it with the release "
                "that wrote it, then run `ygs db upgrade`"
            ),
            schema=document["schema"],
            needed=needed,
        )
    tables = {name: TableContent(**content) for name, content in document["tables"].items()}
    return Manifest(**{**document, "tables": tables})


async def _require_empty(tx: SqlTransaction) -> None:
    for table in metadata.sorted_tables:
        if await tx.scalar(select(func.count()).select_from(table)):
            raise Conflict(
                N_("the database has rows in {name}: restore into a new one, made by `ygs db upgrade`"), name=table.name
            )


async def _read_table(
    tx: SqlTransaction, archive: zipfile.ZipFile, table: Table, content: TableContent, progress: Progress
) -> None:
    columns = [table.c[name] for name in content.columns]
    digest = hashlib.sha256()
    count = 0
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        for batch in _batches(lines, digest):
            rows = [_row(columns, json.loads(line)) for line in batch]
            await insert_all(tx, table, rows)
            count += len(rows)
            progress(table.name, count, content.rows)
    if digest.hexdigest() != content.sha256 or count != content.rows:
        raise ValueError(table.name)
    await _continue_sequence(tx, table)


def _batches(lines: IO[bytes], digest: Any) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        digest.update(line)
        batch.append(line)
        if len(batch) == LOT:
            yield batch
            batch = []
    if batch:
        yield batch


def _read_files(archive: zipfile.ZipFile, folder: Path, progress: Progress) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(N_("{folder} is not empty: restore photos and documents into a new folder"), folder=folder)
    names = [name for name in archive.namelist() if name.startswith("files/")]
    for number, name in enumerate(names, start=1):
        path = (folder / name.removeprefix("files/")).resolve()
        # A name with `..` in it would be written outside the folder.
        if not path.is_relative_to(folder.resolve()):
            raise ValueError(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(archive.read(name))
        path.chmod(0o600)
        progress("files", number, len(names))


async def _continue_sequence(tx: SqlTransaction, table: Table) -> None:
    """Make PostgreSQL number new rows after the restored ones; SQLite does so by itself."""
    column = table.autoincrement_column
    if tx.postgresql and column is not None and column.server_default is None:
        sequence = await tx.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        highest = await tx.scalar(select(func.max(column)))
        if sequence and highest:
            await tx.scalar(select(func.setval(sequence, highest)))


async def _without_time_limit(tx: SqlTransaction) -> None:
    if tx.postgresql:
        await tx.run(text("SET LOCAL statement_timeout = 0"))
        # The transaction is idle while files are copied.
        await tx.run(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _plain(value: Any) -> Any:
    """A value in a form that JSON can hold; `_value` reads it back by its column's type."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date) else value


def _row(columns: Sequence[Column[Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {column.name: _value(column, value) for column, value in zip(columns, values, strict=True)}


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return b64decode(value)
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
