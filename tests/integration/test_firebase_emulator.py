"""Signing up and in by phone against Firebase's own Auth emulator: text, code, ID token, and our identity provider.

Google's program for it needs Node 20 and is not installed by `make setup`. Once, in any folder outside of this one::

    npm install --prefix ~/firebase firebase-tools@13      # two to three minutes, works offline afterwards
    PATH=~/firebase/node_modules/.bin:$PATH .venv/bin/pytest -m opt_in tests/integration/test_firebase_emulator.py
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.integration.test_http_serving import free_port
from tests.support.accounts import newcomer
from ygs.adapters.identities.firebase import EMULATOR
from ygs.bootstrap import build
from ygs.entrypoints.http.app import create
from ygs.settings import Settings

PROGRAM = shutil.which("firebase")
PROJECT, PHONE = "demo-ygs", "+821012345678"
PATIENCE = 60.0

pytestmark = [
    pytest.mark.opt_in,
    pytest.mark.skipif(PROGRAM is None, reason="firebase-tools is not installed: see this file's first lines"),
]


@dataclass(frozen=True)
class Emulator:
    """Google's phone sign-in, as a client's SDK asks for it."""

    host: str

    def token(self, phone: str, wrong_code: bool = False) -> str:
        """The ID token of whoever has that phone, by the code that is sent there; Google's refusal for a wrong one."""
        sent = self._ask("sendVerificationCode", phoneNumber=phone, recaptchaToken="none")
        codes = httpx.get(f"http://{self.host}/emulator/v1/projects/{PROJECT}/verificationCodes").json()
        code = next(one["code"] for one in codes["verificationCodes"] if one["sessionInfo"] == sent["sessionInfo"])
        given = f"{(int(code) + 1) % 1_000_000:06}" if wrong_code else code
        return str(self._ask("signInWithPhoneNumber", sessionInfo=sent["sessionInfo"], code=given)["idToken"])

    def disable(self, id_token: str) -> None:
        """As the project's owner would in the console."""
        (user,) = self._ask("lookup", idToken=id_token)["users"]
        self._ask("update", localId=user["localId"], disableUser=True, headers={"Authorization": "Bearer owner"})

    def _ask(self, what: str, headers: dict[str, str] | None = None, **asked: Any) -> dict[str, Any]:
        url = f"http://{self.host}/identitytoolkit.googleapis.com/v1/accounts:{what}?key=any"
        reply = httpx.post(url, json=asked, headers=headers, timeout=10)
        reply.raise_for_status()
        return dict(reply.json())


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("firebase")
    names = ("auth", "hub", "logging")
    emulators: dict[str, Any] = {name: {"host": "127.0.0.1", "port": free_port()} for name in names}
    (folder / "firebase.json").write_text(json.dumps({"emulators": {**emulators, "ui": {"enabled": False}}}), "utf-8")
    host = f"127.0.0.1:{emulators['auth']['port']}"
    with started(folder, host):
        yield Emulator(host)


@contextmanager
def started(folder: Path, host: str) -> Iterator[None]:
    """The program, until the block ends, with the servers it starts: a process group of its own."""
    command = [str(PROGRAM), "emulators:start", "--only", "auth", "--project", PROJECT]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until_it_answers(process, host, folder / "log")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], host: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"http://{host}/").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))


@pytest.fixture
async def client(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The service, wired as settings wire it."""
    monkeypatch.setenv(EMULATOR, emulator.host)
    settings = Settings(
        _env_file=None, database_url=SecretStr("memory:"), firebase_project=PROJECT, firebase_emulator=True
    )
    async with build(settings) as ygs:
        transport = httpx.ASGITransport(create(ygs))
        async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test/api/v1") as client:
            yield client


async def by_firebase(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/firebase", json={"id_token": token})


async def test_a_code_to_the_phone_signs_up_and_later_in(client: httpx.AsyncClient, emulator: Emulator) -> None:
    arrived = (await by_firebase(client, emulator.token(PHONE))).json()
    assert arrived["state"] == "sign_up_needed"
    about = {**newcomer(), "seeks": ["male"], "one_time_token": arrived["one_time_token"]}
    joined = await client.post("/auth/signup/token", json=about)
    assert joined.status_code == 201
    again = (await by_firebase(client, emulator.token(PHONE))).json()
    assert (again["state"], again["tokens"]["user_id"]) == ("signed_in", joined.json()["user_id"])
    bearer = {"Authorization": f"Bearer {again['tokens']['access_token']}"}
    identity_providers = (await client.get("/auth/linked-identities", headers=bearer)).json()
    assert (identity_providers["password"], [link["provider"] for link in identity_providers["links"]]) == (
        False,
        ["firebase"],
    )
    # Firebase's word for a phone is not taken: whoever wants one here proves it here.
    assert (await client.get("/users/me", headers=bearer)).json()["phone"] is None


async def test_a_wrong_code_gets_no_token_from_google(emulator: Emulator) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        emulator.token(PHONE, wrong_code=True)


async def test_who_was_disabled_in_firebase_does_not_get_in_by_the_token_of_before(
    client: httpx.AsyncClient, emulator: Emulator
) -> None:
    token = emulator.token("+821055556666")
    assert (await by_firebase(client, token)).status_code == 200
    emulator.disable(token)
    assert (await by_firebase(client, token)).status_code == 401
