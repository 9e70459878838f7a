"""Build the sdist, the wheel from it, and prove that every extra of the wheel works alone, and all together.

    make wheel-check                       everything, some minutes
    make wheel-check ARGS="sql postgres"   these extras only
    make wheel-check ARGS=sdist            the unit tests of the unpacked sdist only

Each extra is installed into an environment of its own and asked to do one thing. What a missing extra leaves out must
be told by a message that names it, never by a traceback.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Mapping, Sequence
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import NamedTuple
from zipfile import Path as ZipPath

ROOT = Path(__file__).parents[1]

PLAN = """
import ygs
plan = ygs.plan_round({"id": [1, 2], "gender": ["male", "female"], "seeks": ["female", "male"]})
assert [(pair.a, pair.b) for pair in plan.pairs] == [(1, 2)], plan
"""
APPLICATION = """
import asyncio
from pydantic import SecretStr
from ygs import Actor, CreateWeek, Settings, build, upgrade_database
settings = Settings(database_url=SecretStr("{url}"))
async def main():
    await upgrade_database(settings)
    async with build(settings) as app:
        await app.weeks.create(Actor.operator(), CreateWeek())
        {then}
asyncio.run(main())
"""
CONTRACT = """
import pytest
from ygs.adapters.memory import MemoryStorage
from ygs.entrypoints.testing.contracts.weeks import WeekContract

class TestMemory(WeekContract):
    @pytest.fixture
    async def storage(self):
        yield MemoryStorage()
"""
TYPED = """
from typing import assert_type
import ygs
from pydantic import SecretStr
from ygs import Actor, Application, Candidate, CreateWeek, RoundPlan, Settings, TablePlan, build, plan_round, to_frame

async def main() -> None:
    async with build(Settings(database_url=SecretStr("memory:"))) as app:
        assert_type(app, Application)
        await app.weeks.create(Actor.operator(), CreateWeek())

people: list[Candidate] = []
assert_type(plan_round(people, seed=7), RoundPlan)
assert_type(plan_round({"id": [1], "gender": ["male"], "seeks": ["female"]}), TablePlan)
assert_type(ygs.__version__, str)
print(to_frame(plan_round(people)))
"""


class Probe(NamedTuple):
    """A command, given as the words after the environment's `bin/`; its exit code, and words its output must hold."""

    command: tuple[str, ...]
    code: int = 0
    words: str = ""
    environment: Mapping[str, str] = {}


def python(code: str) -> Probe:
    """A probe that runs Python code."""
    return Probe(("python", "-c", code))


MEMORY = {"YGS_DATABASE_URL": "memory:"}
BUCKETS = {"YGS_S3_PHOTOS_BUCKET": "a", "YGS_S3_DOCUMENTS_BUCKET": "b"}
PROBES: dict[str, tuple[Probe, ...]] = {
    "": (
        python(PLAN),
        python(APPLICATION.format(url="memory:", then="assert app.accounts is None")),
        Probe(("ygs", "--help"), 2, "ygs[cli]"),
    ),
    "accounts": (python(APPLICATION.format(url="memory:", then="assert app.accounts is not None")),),
    "calendar": (
        python("from ygs.adapters.calendars import LibraryCalendars; assert LibraryCalendars().holidays(2026)"),
    ),
    "charts": (
        python("from matplotlib.figure import Figure; import ygs.entrypoints.cli.charts; Figure().savefig('a.svg')"),
    ),
    "cli": (
        Probe(("ygs", "vocabulary", "region"), 0, "seoul"),
        Probe(("ygs", "week", "list"), 2, "ygs[sql]"),
        Probe(("ygs", "db", "upgrade"), 2, "ygs[postgres]", {"YGS_DATABASE_URL": "postgresql://localhost/x"}),
        Probe(("ygs", "backup", "b.zip"), 2, "ygs[sql]", MEMORY),
        Probe(("ygs", "serve"), 2, "ygs[http]", MEMORY),
        Probe(("ygs", "export", "members", "members.xlsx", "--reason", "a trial"), 0, "members.xlsx", MEMORY),
        Probe(
            ("ygs", "week", "list"),
            2,
            "ygs[s3]",
            {**MEMORY, "YGS_S3_PHOTOS_BUCKET": "a", "YGS_S3_DOCUMENTS_BUCKET": "b"},
        ),
    ),
    "email": (
        python(
            "from ygs.adapters.smtp import SmtpSender, SmtpServer;"
            "SmtpSender(SmtpServer(host='mail.example.com', port=25), 'ygs <ygs@example.com>')"
        ),
    ),
    "fast": (
        python("import ygs.adapters.scoring.numba_scorer, ygs.adapters.solving.numba_solver"),
        python(PLAN),
    ),
    "firebase": (python("from ygs.adapters.identities.firebase import FirebaseTokens; FirebaseTokens('demo', None)"),),
    "gemini": (python("from ygs.adapters.advisors.gemini import GeminiAdvisor; GeminiAdvisor('key', 'model')"),),
    "webhooks": (python("import ygs.adapters.webhooks.http_sender as sender; sender.HttpWebhookSender()"),),
    "pdf": (
        python(
            "from ygs.adapters.pages.fpdf_pages import FpdfPages; from ygs.ports.page_printer import PrintedPage;"
            "FpdfPages().pdf(PrintedPage(title='가', facts=(), rows=(), result='나', notes=()))"
        ),
    ),
    "heif": (python("import ygs.adapters.images.heif, pillow_heif; pillow_heif.HeifFile"),),
    "http": (
        python(
            APPLICATION.format(
                url="memory:",
                then="""
        from ygs import YgsError
        from ygs.entrypoints.http.app import create
        try:
            create(app)
        except YgsError as error:
            assert "ygs[accounts]" in str(error)
        else:
            raise AssertionError("a service without accounts")""",
            )
        ),
    ),
    "images": (python("from ygs.adapters.images.pillow import PillowImages; PillowImages()"),),
    "observability": (python("import prometheus_client, structlog"),),
    "otel": (python("from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter"),),
    "postgres": (
        python("""
import asyncio
from pydantic import SecretStr
from ygs import Settings, YgsError, upgrade_database
try:
    asyncio.run(upgrade_database(Settings(database_url=SecretStr("postgresql://127.0.0.1:9/x"))))
except YgsError as error:
    assert error.code == "unavailable", error
"""),
    ),
    "ray": (python("from ygs.adapters.scoring.ray_workers import RayWorkers"),),
    "s3": (python("from ygs.adapters.blobs.s3 import S3Account, S3BlobStore"),),
    "sentry": (python("import sentry_sdk; sentry_sdk.init()"),),
    "server": (
        Probe(("ygs", "db", "upgrade"), 0, "0001_initial"),
        Probe(("ygs", "week", "create"), 0),
        python(
            APPLICATION.format(
                url="sqlite:///new.db",
                then="""
        from ygs.entrypoints.http.app import create
        assert create(app).openapi()""",
            )
        ),
    ),
    "sql": (
        python(APPLICATION.format(url="sqlite:///new.db", then="assert await app.weeks.latest(Actor.operator())")),
        python("import importlib.util; assert importlib.util.find_spec('asyncpg') is None"),
    ),
    "testing": (
        Probe(("python", "-c", f"open('test_mine.py', 'w').write({CONTRACT!r})")),
        Probe(("python", "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "test_mine.py"), 0, "passed"),
    ),
    "all": (Probe(("ygs", "demo", "--no-serve", "--people", "60", "--weeks", "1", "--file", "demo.db"), 0),),
}


def main(asked: Sequence[str]) -> int:
    """Build, then try each extra that was asked for; 1 when something does not work."""
    with tempfile.TemporaryDirectory(prefix="ygs-wheel-") as made:
        folder = Path(made)
        sdist, wheel = build(folder)
        extras = extras_of(wheel)
        if missing := extras - PROBES.keys():
            sys.exit(f"no probe for: {', '.join(sorted(missing))}")
        chosen = [extra for extra in PROBES if not asked or (extra or "none") in asked]
        failed = [extra or "none" for extra in chosen if not works(extra, wheel, folder)]
        if ("sdist" in asked or not asked) and not sdist_passes(sdist, folder):
            failed.append("sdist")
    print(f"{'failed: ' + ', '.join(failed) if failed else 'every extra works'}")
    return bool(failed)


def build(folder: Path) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from the sdist; their files."""
    run([sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(ROOT)], folder)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return sdist, wheel


def extras_of(wheel: Path) -> set[str]:
    """The extras that a wheel names."""
    (info,) = [path for path in ZipPath(wheel).iterdir() if path.name.endswith(".dist-info")]
    return {*(PathDistribution(info).metadata.get_all("Provides-Extra") or ())}


def works(extra: str, wheel: Path, folder: Path) -> bool:
    """Whether the wheel with one extra does what its probes ask."""
    home = folder / f"env-{extra or 'none'}"
    install(home, f"{wheel}[{extra}]" if extra else str(wheel))
    work = folder / f"work-{extra or 'none'}"
    work.mkdir()
    probes = [*PROBES[extra], *(typed(home, work) if extra == "all" else ())]
    found = [complaint for probe in probes if (complaint := complaint_of(probe, home, work))]
    print(f"{extra or 'none':<14} {'ok' if not found else 'FAILED'}", *found, sep="\n  " if found else "", flush=True)
    return not found


def typed(home: Path, work: Path) -> list[Probe]:
    """Probes by two type checkers of what an embedder writes against the installed wheel."""
    install(home, "mypy", "pyright")
    (work / "typed.py").write_text(TYPED, "utf-8")
    interpreter = str(home / "bin" / "python")
    return [
        Probe(("mypy", "--strict", "typed.py"), 0, "Success"),
        Probe(("pyright", "--pythonpath", interpreter, "typed.py"), 0, "0 errors"),
    ]


def install(home: Path, *packages: str) -> None:
    """Install packages into an environment, which is made when it is not there; with uv where it is, for its speed."""
    uv = Path(sys.executable).with_name("uv")
    if not home.exists():
        venv.create(home, with_pip=not uv.exists())
    python = str(home / "bin" / "python")
    if uv.exists():
        run([str(uv), "pip", "install", "-q", "--python", python, *packages], home)
    else:
        run([python, "-m", "pip", "install", "-q", *packages], home)


def complaint_of(probe: Probe, home: Path, work: Path) -> str:
    """What is wrong with what a probe printed; "" for nothing."""
    environment = {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.defpath}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", ""),
        "YGS_LANGUAGE": "en",
        **probe.environment,
    }
    command = [str(home / "bin" / probe.command[0]), *probe.command[1:]]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode == probe.code and probe.words in output and "Traceback" not in output:
        return ""
    return f"{' '.join(probe.command)[:100]} ended with {done.returncode}:\n{output[-2000:]}"


def sdist_passes(sdist: Path, folder: Path) -> bool:
    """Whether the unit tests of the unpacked sdist pass, with the packages of this environment."""
    with tarfile.open(sdist) as packed:
        packed.extractall(folder / "sdist", filter="data")
    (source,) = (folder / "sdist").iterdir()
    # Before the checkout that is installed here in editable form.
    environment = {**os.environ, "PYTHONPATH": str(source / "src")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/unit"]
    done = subprocess.run(command, cwd=source, env=environment, check=False)
    print(f"{'sdist':<14} {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
    return done.returncode == 0


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
