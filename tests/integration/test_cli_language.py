"""The command speaks Korean unless it is told otherwise: help, usage errors, states, findings."""

import os
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from ygs.domain.matching.attribute import Language
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.cli.help_texts import translate_help
from ygs.entrypoints.cli.terminal import faults
from ygs.settings import Settings

YGS = str(Path(sys.executable).parent / "ygs")


def ygs(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Exit code and everything that was written, with no `.env` and no language of the terminal's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YGS_", "LANG", "LC_"))}
    done = subprocess.run(
        [YGS, *words], cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def commands(command: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    below = getattr(command, "commands", {})
    return [(path, command), *(each for name, one in below.items() for each in commands(one, (*path, name)))]


def test_every_help_text_is_korean() -> None:
    root = typer.main.get_command(app)
    translate_help(root, Language.KO)
    for path, command in commands(root):
        texts = [command.help, *(getattr(each, "help", None) for each in command.params)]  # type: ignore[attr-defined]
        for text in filter(None, texts):
            assert re.search("[가-힣]", text), (path, text)


def test_korean_is_the_default_and_english_is_had_for_the_asking(tmp_path: Path) -> None:
    assert "매칭 주를 만들고 모집을 시작합니다" in ygs(tmp_path, "week", "--help")[1]
    assert "Open a match week" in ygs(tmp_path, "week", "--help", YGS_LANGUAGE="en")[1]
    (tmp_path / ".env").write_text("YGS_LANGUAGE=en\n")
    assert "Open a match week" in ygs(tmp_path, "week", "--help")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), "'nope' 명령은 없습니다"),
        pytest.param(("week", "list", "--nope"), "--nope 옵션은 없습니다", marks=pytest.mark.long),
        pytest.param(("explain",), "빠진 값이 있습니다: PERSON", marks=pytest.mark.long),
        pytest.param(("demo", "--people", "5"), "20..20000", marks=pytest.mark.long),
        pytest.param(("week", "show", "--pairs", "many"), "--pairs", marks=pytest.mark.long),
        pytest.param(("admin", "create", "--gender", "여"), "female, male", marks=pytest.mark.long),
        pytest.param(("jobs", "list", "--state", "끝"), "queued, running, done", marks=pytest.mark.long),
        (("audit", "list", "--since", "yesterday"), "--since에는 2026-12-31처럼"),
        pytest.param(
            ("week", "create", "--deadline", "x"), "--deadline에는 2026-12-31 21:00처럼", marks=pytest.mark.long
        ),
        (("week", "pin", "2026-W48", "a", "b"), "명령에 없는 인자입니다: b"),
        (("memberships", "plan"), "혹시 'plans' 아닌가요?"),
        (("restore", "missing.zip"), "FILE에 적은 파일이 없거나 읽을 수 없습니다."),
        (("backup", "."), "FILE에는 폴더가 아니라 파일을 적으세요."),
    ],
)
def test_a_command_line_that_is_wrong_is_told_so_in_korean(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    code, written = ygs(tmp_path, *words)
    assert code == 2
    assert said in written
    assert "도움말을 볼 수 있습니다" in written
    assert "Traceback" not in written


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        (("policy", "set"), b"flor = 1\nfloor = 30000\n", "- 2번째 줄, floor: 10000 이하로 적으세요."),
        pytest.param(
            ("week", "create", "--policy"),
            'version = "정책"'.encode("cp949"),
            "UTF-8로 저장하세요",
            marks=pytest.mark.long,
        ),
        pytest.param(
            ("forecast",),
            b'{"gender": "male", "birth_year": "1990"}',
            "\nbirth_year: 정수로 적어 주세요.",
            marks=pytest.mark.long,
        ),
        pytest.param(("learn", "score"), b"iid,pid\n\xff", "UTF-8 텍스트가 아닙니다", marks=pytest.mark.long),
        (("verify",), b'{"format": "other"}', "file.txt 파일은 서비스에서 받은 증명이나"),
        pytest.param(("policy", "set"), None, "파일이 아니라 폴더입니다(", marks=pytest.mark.long),
    ],
)
def test_a_file_that_is_wrong_is_told_so_in_korean_with_the_place(
    tmp_path: Path, command: tuple[str, ...], content: bytes | None, said: str
) -> None:
    file = tmp_path / "file.txt"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    words = (*command, "file.txt", *(["out.csv"] if command == ("learn", "score") else []))
    code, written = ygs(tmp_path, *words, YGS_DATABASE_URL="memory:")
    assert code in (1, 2)
    assert said in written
    assert not re.search("Traceback|Input should|Field required", written)


def test_an_import_without_a_mapping_says_in_korean_how_to_get_one(tmp_path: Path) -> None:
    code, written = ygs(tmp_path, "import", "members.csv")
    assert code == 2
    assert "--suggest로 이 파일의 매핑 초안을" in written
    assert "Invalid" not in written


@pytest.mark.long
def test_serving_on_a_taken_port_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, written = ygs(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert code == 2
    [line] = written.splitlines()
    assert "이미 쓰고 있습니다" in line


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serving_without_a_schema_is_refused_before_the_engines_are_compiled(tmp_path: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = str(found.getsockname()[1])
    database = f"sqlite:///{tmp_path}/none.db"
    code, written = ygs(tmp_path, "serve", "--port", port, "--workers", workers, YGS_DATABASE_URL=database)
    assert code == 2
    [line] = written.splitlines()
    assert "데이터베이스가 없습니다" in line


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("YGS_ENVIRONMENT", "prod", "production"),
        ("YGS_LEASE_SECONDS", "0", "5부터 600까지"),
        ("YGS_LEASE_SECONDS", "many", "5부터 600까지"),
        ("YGS_TRUSTED_PROXIES", '["0.0.0.0/0"]', "10.0.0.5"),
        ("YGS_TRUSTED_PROXIES", "10.0.0.5", '["...", "..."]'),
        ("YGS_FRONT_END_ORIGINS", '["*"]', "https://www.example.kr"),
        ("YGS_ROOT_PATH", "match/", "/match"),
        ("YGS_SEALING_KEYS", "x", "JSON"),
    ],
)
def test_a_wrong_setting_is_told_what_it_takes(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises((ValidationError, SettingsError)) as caught:
        Settings()
    [sentence] = faults(caught.value)
    assert name in sentence
    assert rule in sentence
    assert ".env.example" not in sentence


def test_the_settings_check_remarks_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("YGS_DATA_FOLDER=.env/files\n")
    (tmp_path / ".env").chmod(0o644)
    _, written = ygs(tmp_path, "settings", "check")
    assert "chmod 600 .env" in written
    assert "YGS_DATA_FOLDER: 이 사용자가" in written


@pytest.mark.long
def test_the_settings_check_says_why_the_service_would_not_open(tmp_path: Path) -> None:
    kept = {
        "YGS_ENVIRONMENT": "production",
        "YGS_DATABASE_URL": "sqlite:///none.db",
        "YGS_SEALING_KEYS": f'{{"1": "{secrets.token_hex(32)}"}}',
        "YGS_INDEX_KEY": secrets.token_hex(32),
        "YGS_TOKEN_KEYS": f'{{"1": "{secrets.token_hex(32)}"}}',
        "YGS_SECRETS_KEY": secrets.token_hex(32),
        "YGS_METRICS_TOKEN": secrets.token_hex(32),
        "YGS_MESSENGER_URL": "https://sms.example.kr/hook",
        "YGS_MESSENGER_KEY": secrets.token_hex(32),
    }
    code, written = ygs(tmp_path, "settings", "check", **kept)
    assert code == 0, written
    assert "ygs db upgrade" in written


def test_findings_of_the_settings_check_are_korean(tmp_path: Path) -> None:
    code, written = ygs(tmp_path, "settings", "check", YGS_ENVIRONMENT="production")
    assert code == 4
    findings = [line for line in written.splitlines() if line.startswith("- ")]
    assert findings
    assert all(re.search("[가-힣]", line) for line in findings)


@pytest.mark.long
def test_an_error_is_korean_from_its_headline_to_what_to_do(tmp_path: Path) -> None:
    code, written = ygs(tmp_path, "week", "list", YGS_DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert code != 0
    assert "데이터베이스가 없습니다" in written
    # But for what is typed as it stands.
    assert not re.search("[a-z]+ [a-z]+", re.sub("`.*?`", "", written.replace(str(tmp_path), "")))
