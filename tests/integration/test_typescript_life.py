"""Two match weeks of sixty members through HTTP alone, by a script over a generated TypeScript client."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.integration.test_http_serving import YGS, environment, free_port, running
from tests.support.http_server import Answer, ReceivedRequest, serving

SOURCES = Path(__file__).parents[1] / "typescript"
INSTALL = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
ADMIN = {"YGS_ADMIN_PASSWORD": "여섯 강 옆의 초록 등불 하나"}
NEW_ADMIN = (
    "admin",
    "create",
    "--name",
    "관리자",
    "--phone",
    "010-2222-3333",
    "--birth-year",
    "1980",
    "--gender",
    "female",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.opt_in,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node and npm"),
]


class Messages:
    """Receives the service's texts, and gives the last code that was sent to a phone."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def __call__(self, request: ReceivedRequest) -> Answer:
        if request.method == "POST":
            text = json.loads(request.body)
            found = re.search(r"\d{8}", text["text"])
            self._codes[text["to"]] = found[0] if found else ""
            return Answer()
        phone = parse_qs(urlsplit(request.path).query)["to"][0]
        return Answer(body={"code": self._codes.get("+82" + phone.replace("-", "")[1:], "")})


def run(command: tuple[str, ...], folder: Path, more: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compile_client(folder: Path, base: str) -> None:
    """Generate the client from the running service's document and compile the script under `tsc --strict`."""
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    (folder / "openapi.json").write_bytes(httpx.get(f"{base}/openapi.json", timeout=60).raise_for_status().content)
    run(INSTALL, folder, {})
    run(("npx", "openapi-typescript", "openapi.json", "-o", "api.ts"), folder, {})
    run(("npx", "tsc"), folder, {})


def test_two_weeks_of_sixty_members(kind: str, database: str, tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with serving(Messages()) as messages:
        settings = {
            "YGS_DATABASE_URL": f"sqlite:///{database}" if kind == "sqlite" else database,
            "YGS_MESSENGER_URL": messages.url,
            "YGS_MESSENGER_KEY": "ab" * 32,
            **ADMIN,
        }
        for command in (("db", "upgrade"), NEW_ADMIN):
            run((YGS, *command), tmp_path, {**environment(), **settings})
        with running(["serve", "--port", str(port)], tmp_path, port, settings):
            client = tmp_path / "client"
            client.mkdir()
            compile_client(client, base)
            lived = run(
                ("node", "built/life.js"),
                client,
                {
                    "BASE": base,
                    "MESSAGES": messages.url,
                    "ADMIN_PHONE": "010-2222-3333",
                    "ADMIN_PASSWORD": ADMIN["YGS_ADMIN_PASSWORD"],
                },
            )
    assert json.loads(lived)["pairs"] > 30
