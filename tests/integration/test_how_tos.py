"""The how-tos do what they say: their code runs, their commands succeed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.test_http_serving import environment

HOW_TOS = Path(__file__).parents[2] / "docs" / "how-to"
FENCES = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """The code blocks of a page in that language, each with its title."""
    found = FENCES.findall((HOW_TOS / page).read_text("utf-8"))
    return [(title, text) for kind, title, text in found if kind == language]


def run(arguments: list[str], folder: Path) -> str:
    """What a command prints; it must succeed."""
    # On the path: `ygs`, and nothing of the settings of whoever runs the tests.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        arguments, cwd=folder, env={**environment(), "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_commands(page: str, folder: Path) -> None:
    """Run all commands of a page, one after another."""
    commands = "\n".join(text for _, text in blocks(page, "bash"))
    run(["bash", "-c", f"set -eu -o pipefail\n{commands}"], folder)


async def test_ygs_is_embedded_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    page: dict[str, Any] = {"__name__": "embedding"}
    exec(compile("\n".join(text for _, text in blocks("embed.md", "python")), "embed.md", "exec"), page)
    app = page["app"]
    transport = httpx.ASGITransport(app)
    async with page["lifespan"](app), httpx.AsyncClient(transport=transport, base_url="http://club") as client:
        created = await client.post("/club/weeks")
        assert (created.status_code, (await client.get("/club/weeks")).json()) == (201, [created.json()])
        assert (await client.get("/club/tables")).json() > 10
        assert (await client.get("/health/ready")).status_code == 200
        refused = await client.get("/club/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
        started = await client.post("/api/v1/auth/signup/phone", json={"phone": NEWCOMER["phone"]})
        proof = {**started.json(), "code": re.findall("[0-9]{8}$", caplog.messages[-1])[0]}
        joined = await client.post("/api/v1/auth/signup", json={**NEWCOMER, **proof})
        token = {"Authorization": f"Bearer {joined.json()['access_token']}"}
        assert (await client.get("/club/me", headers=token)).json() == "김하늘"
    assert await page["this_week"]() == "2026-W48"
    assert await page["advised_pairs"]() > 0


NEWCOMER = {
    "name": "김하늘",
    "gender": "female",
    "seeks": ["male"],
    "birth_year": 1993,
    "phone": "010-2345-6789",
    "password": "노란 우산 아래 고양이 세 마리",
    "consents": {"terms": "2026-01", "privacy": "2026-01"},
}


@pytest.mark.long
def test_a_storage_is_proven_as_the_page_says(tmp_path: Path) -> None:
    for title, text in blocks("storage-adapter.md", "python"):
        (tmp_path / title).write_text(text, "utf-8")
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider"]
    assert " passed" in run([*pytest_, "test_my_storage.py"], tmp_path)
    assert run([sys.executable, "use_my_storage.py"], tmp_path).split() == ["open"]


def test_the_order_of_the_contracts_names_them_all() -> None:
    from ygs.entrypoints.testing.contracts.storage import StorageContract

    page = (HOW_TOS / "storage-adapter.md").read_text("utf-8")
    parts = [f"{part.__module__.rpartition('.')[2]}.{part.__name__}" for part in StorageContract.__bases__]
    assert [part for part in parts if f"`{part}`" not in page] == []


@pytest.mark.long
@pytest.mark.skipif(shutil.which("openssl") is None, reason="the page makes keys with openssl")
def test_the_commands_for_production_succeed(tmp_path: Path) -> None:
    run_commands("production.md", tmp_path)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("openssl") is None, reason="the page makes keys with openssl")
def test_the_commands_for_importing_succeed_and_the_imported_list_is_the_one_of_the_page(tmp_path: Path) -> None:
    run_commands("import.md", tmp_path)
    assert "김하늘" in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "박서준" not in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert len((tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()) == 2
