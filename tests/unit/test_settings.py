"""Production starts only with settings that are fit for it, and says no key while refusing."""

import logging
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from ygs.adapters.memory import MemoryStorage
from ygs.bootstrap import build
from ygs.entrypoints.cli import main
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.cli.serve import _log_code_channels
from ygs.entrypoints.testing.accounts import Mailbox
from ygs.ports.authentication import Messenger
from ygs.ports.storage import Storage
from ygs.settings import DEVELOPMENT_KEY, Environment, InsecureSettings, Settings


def key(name: str) -> str:
    return sha256(name.encode()).hexdigest()


FIT: dict[str, Any] = {
    "environment": "production",
    "database_url": "postgresql://ygs@db.example.kr/ygs",
    "sealing_keys": {1: key("old"), 2: key("new")},
    "index_key": key("index"),
    "token_keys": {"2026-11": key("token")},
    "secrets_key": key("secrets"),
    "messenger_url": "https://sms.example.kr",
    "messenger_key": key("sms"),
}
BUCKETS = {"s3_photos_bucket": "photos", "s3_documents_bucket": "documents"}
MAIL = {"smtp_host": "smtp.example.kr", "smtp_from": "연결 <no-reply@example.kr>"}
WRONG: dict[str, dict[str, Any]] = {
    "YGS_SEALING_KEYS is missing": {"sealing_keys": {}},
    "YGS_INDEX_KEY is missing": {"index_key": None},
    "YGS_TOKEN_KEYS is missing": {"token_keys": {}},
    "YGS_SECRETS_KEY is missing": {"secrets_key": None},
    "YGS_SECRETS_KEY: a key is not hexadecimal": {"secrets_key": "correct horse battery staple"},
    "YGS_INDEX_KEY: a key is shorter": {"index_key": key("index")[:62]},
    "YGS_TOKEN_KEYS: this is the key of development": {"token_keys": {"a": DEVELOPMENT_KEY.hex()}},
    "YGS_SEALING_KEYS: a key repeats itself": {"sealing_keys": {1: "ab" * 32}},
    "YGS_SEALING_KEYS: versions": {"sealing_keys": {0: key("zero")}},
    "serves two purposes": {"index_key": key("token").upper()},
    "YGS_MESSENGER_KEY": {"messenger_url": "https://sms.example.kr", "messenger_key": "00"},
    "YGS_MESSENGER_URL is set, and YGS_MESSENGER_KEY": {"messenger_key": ""},
    "YGS_MESSENGER_KEY is set, and YGS_MESSENGER_URL": {"messenger_url": ""},
    "YGS_MESSENGER_URL is missing": {"messenger_url": "", "messenger_key": ""},
    "YGS_MESSENGER_URL must begin": {"messenger_url": "http://sms.example.kr", "messenger_key": key("sms")},
    "YGS_DATABASE_URL is memory": {"database_url": "memory:"},
    "two different buckets": {"s3_photos_bucket": "ygs", "s3_documents_bucket": "ygs"},
    "YGS_S3_PHOTOS_BUCKET and": {"s3_photos_bucket": "ygs"},
    "YGS_FIREBASE_EMULATOR": {"firebase_emulator": True},
    "YGS_ADVISOR is set, and YGS_ADVISOR_CONSENT_VERSIONS": {
        "advisor": "gemini",
        "advisor_key": "k",
        "advisor_model": "m",
        "advisor_recipient": "Model Inc.",
        "advisor_country": "US",
    },
    "YGS_ADVISOR_URL must begin": {"advisor_url": "http://models.example.kr"},
    "YGS_SMTP_HOST is set, and YGS_SMTP_FROM": {"smtp_host": "smtp.example.kr"},
    "YGS_SMTP_FROM is set, and YGS_SMTP_HOST": {"smtp_from": "a@example.kr"},
    "YGS_SMTP_FROM holds no e-mail address": {"smtp_host": "smtp.example.kr", "smtp_from": "Service"},
    "YGS_SMTP_USER is set, and YGS_SMTP_PASSWORD": {**MAIL, "smtp_user": "ygs"},
    "YGS_SMTP_SECURITY is none": {**MAIL, "smtp_security": "none"},
    "YGS_NOTICE_CHANNELS names email, and YGS_SMTP_HOST": {"notice_channels": {"account": ["email"]}},
    "YGS_NOTICE_CHANNELS names push, and YGS_FIREBASE_PROJECT": {"notice_channels": {"work": ["text", "push"]}},
    "YGS_NOTICE_LINK must begin": {"notice_link": "http://www.example.kr"},
    "YGS_KAKAO_BASE_URL is set: whoever": {
        "kakao_client_id": "a",
        "kakao_redirect_uri": "https://www.example.kr/kakao",
        "kakao_base_url": "https://kakao.example.kr",
    },
    "YGS_FRONT_END_ORIGINS must begin": {"front_end_origins": ["https://www.example.kr", "http://m.example.kr"]},
    "YGS_KAKAO_REDIRECT_URI": {"kakao_client_id": "a", "kakao_redirect_uri": "http://www.example.kr"},
    "YGS_KAKAO_REDIRECT_URI must": {"kakao_client_id": "a", "kakao_redirect_uri": "ftp://www.example.kr"},
    "YGS_KAKAO_CLIENT_ID is set, and": {"kakao_client_id": "a"},
    "YGS_KAKAO_REDIRECT_URI is set, and": {"kakao_redirect_uri": "https://www.example.kr"},
    "YGS_KAKAO_CLIENT_SECRET is set, and": {"kakao_client_secret": "s"},
    "YGS_MESSENGER_URL must": {"messenger_url": "HTTP://sms.example.kr", "messenger_key": key("sms")},
    "YGS_PUBLIC_URL must": {"public_url": "api.example.kr"},
    "YGS_PUBLIC_URL must not end": {"public_url": "https://api.example.kr/"},
    "YGS_S3_ENDPOINT must": {"s3_endpoint": "HTTP://s3.example.kr", **BUCKETS},
    "YGS_S3_ENDPOINT is set, and YGS_S3_PHOTOS_BUCKET": {"s3_endpoint": "https://s3.example.kr"},
    "YGS_S3_ACCESS_KEY is set, and YGS_S3_PHOTOS_BUCKET": {"s3_access_key": "a", "s3_secret_key": "s"},
    "YGS_S3_ACCESS_KEY is set, and YGS_S3_SECRET_KEY": {"s3_access_key": "a", **BUCKETS},
    "YGS_S3_SECRET_KEY is set, and YGS_S3_ACCESS_KEY": {"s3_secret_key": "s", **BUCKETS},
    "YGS_FIREBASE_CREDENTIALS names no file": {"firebase_project": "p", "firebase_credentials": "nowhere.json"},
    "YGS_FIREBASE_CREDENTIALS is set, and": {"firebase_credentials": __file__},
    "YGS_DATABASE_URL must begin": {"database_url": "mysql://db.example.kr/ygs"},
    "YGS_REPLICA_URL: only": {"database_url": "sqlite:///ygs.db", "replica_url": "postgresql://replica/ygs"},
    "YGS_REPLICA_URL: only PostgreSQL": {"replica_url": "sqlite:///ygs.db"},
    "YGS_RETENTION_DAYS is more than 30": {"retention_days": 31},
    "YGS_METRICS_TOKEN: a key is shorter": {"metrics_token": "00"},
    "one key serves two purposes": {"metrics_token": key("secrets")},
}


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **{**FIT, **changes})


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env, and nothing in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)


def test_what_is_fit_has_no_problem() -> None:
    assert settings().problems() == []
    settings().require_fit()


@pytest.mark.parametrize("problem", WRONG)
async def test_production_refuses_to_start_and_says_what_to_set(problem: str) -> None:
    wrong = settings(**WRONG[problem])
    (found,) = map(str, wrong.problems())
    assert problem in found
    assert not re.search("[0-9a-fA-F]{16}", found)
    with pytest.raises(InsecureSettings, match=re.escape(problem)):
        async with build(wrong):
            pass


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("YGS_DATABSE_URL=postgresql://db/ygs", "YGS_DATABSE_URL is no setting; is YGS_DATABASE_URL meant?"),
        ("ygs_timezone=Asia/Tokyo", "YGS_TIMEZONE is no setting; is YGS_TIME_ZONE meant?"),
        ("YGS_COLOUR=red", "YGS_COLOUR in .env is no setting: take it out"),
    ],
)
def test_a_name_that_is_no_setting_is_a_problem(
    written: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{written}\nOTHER=1\n", "utf-8-sig")
    assert [str(problem) for problem in Settings(**FIT).problems()] == [said]


def test_of_the_environment_only_misspelt_names_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_SERVICE_HOST", "10.0.0.1")  # which Kubernetes sets for a service that is called ygs
    assert not list(Settings(**FIT).problems())
    monkeypatch.setenv("YGS_INDEXKEY", key("index"))
    (problem,) = Settings(**FIT).problems()
    assert str(problem) == "YGS_INDEXKEY is no setting; is YGS_INDEX_KEY meant?"


def test_production_is_told_where_everything_is_stored() -> None:
    (problem,) = Settings(**{name: value for name, value in FIT.items() if name != "database_url"}).problems()
    assert str(problem).startswith("YGS_DATABASE_URL is missing")


def test_an_env_file_by_notepad_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("YGS_DATABASE_URL=memory:\n", "utf-8-sig")
    assert Settings().database_url.get_secret_value() == "memory:"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("YGS_LANGUAGE=ko # 한글".encode("utf-16"), "not written in UTF-8"),
        ("YGS_LANGUAGE=ko # 한글".encode("cp949"), "not written in UTF-8"),
        (b"YGS_LANGUAGE=en\nYGS_INDEX_KEY 12\n", "line 2 of .env"),
    ],
)
def test_an_env_file_that_cannot_be_read_is_told_in_a_sentence(
    content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(content)
    monkeypatch.setattr("sys.argv", ["ygs", "settings", "check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


async def test_production_refuses_firebases_own_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "localhost:9099")
    with pytest.raises(InsecureSettings, match="FIREBASE_AUTH_EMULATOR_HOST"):
        async with build(settings()):
            pass


@pytest.mark.parametrize("wrong", ["correct horse battery staple", "ab12", ""])
@pytest.mark.parametrize("name", ["sealing_keys", "index_key", "token_keys", "secrets_key"])
def test_a_key_that_is_none_is_refused_by_name_in_development_too(name: str, wrong: str) -> None:
    given: Any = {1: wrong} if name == "sealing_keys" else {"a": wrong} if name == "token_keys" else wrong
    found = settings(environment="development", **{name: given})
    with pytest.raises(InsecureSettings, match=f"YGS_{name.upper()}: a key is no 32 bytes") as refused:
        _ = found.sealing, found.token_signing, found.blinding
    assert not wrong or wrong not in str(refused.value)


async def test_development_starts_without_any_configuration() -> None:
    bare = Settings(_env_file=None, database_url="memory:")
    assert bare.environment is Environment.DEVELOPMENT
    assert len(bare.problems()) == 6
    async with build(bare) as application:
        assert application.settings is bare


def test_the_command_says_what_is_missing_and_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_SECRETS_KEY", "5eC7e7" * 3)
    said = CliRunner().invoke(app, ["settings", "check"])
    assert said.exit_code == 4
    assert "YGS_INDEX_KEY is missing" in said.output
    assert "5eC7e7" not in said.output
    monkeypatch.setenv("YGS_SEALING_KEYS", "not json with 5eC7e7")
    said = CliRunner().invoke(app, ["settings", "check"])
    assert (said.exit_code, "5eC7e7" in said.output) == (4, False)
    assert "YGS_SEALING_KEYS" in said.output
    for name, value in (("YGS_INDEX_KEY", key("index")), ("YGS_SECRETS_KEY", key("secrets"))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("YGS_SEALING_KEYS", f'{{"1": "{key("seal")}"}}')
    monkeypatch.setenv("YGS_TOKEN_KEYS", f'{{"a": "{key("token")}"}}')
    monkeypatch.setenv("YGS_MESSENGER_URL", "https://sms.example.kr")
    monkeypatch.setenv("YGS_MESSENGER_KEY", key("sms"))
    monkeypatch.setenv("YGS_DATABASE_URL", "postgresql://ygs@db.example.kr/ygs")
    assert CliRunner().invoke(app, ["settings", "check"]).exit_code == 0


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "5eC7e7" * 11
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert len(secret) == 13
    for name in secret:
        value = {"sealing_keys": f'{{"1": "{canary}"}}', "token_keys": f'{{"a": "{canary}"}}'}.get(name, canary)
        monkeypatch.setenv(f"YGS_{name.upper()}", value)
    said = CliRunner().invoke(app, ["settings", "check"])
    assert said.exit_code == 4
    for command in (
        ["week", "list"],
        ["purge"],
        ["keys", "rotate"],
        ["db", "upgrade"],
        ["settings", "check", "--json"],
    ):
        refused = CliRunner().invoke(app, command)
        assert refused.exit_code != 0
        assert "5eC7e7" not in refused.output + str(refused.exception), command
    assert "5eC7e7" not in said.output + repr(Settings()) + str(Settings()) + Settings().model_dump_json()


async def test_a_service_account_that_cannot_be_read_is_refused_and_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    for text in (None, '{"private_key": "5eC7e7'):
        if text:
            file.write_text(text, "utf-8")
        with pytest.raises(InsecureSettings, match="YGS_FIREBASE_CREDENTIALS") as refused:
            async with build(settings(environment="development", firebase_project="p", firebase_credentials=file)):
                pass
        assert "5eC7e7" not in str(refused.value)


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "proxy.example.kr", "10.0.0.1/8", ""])
def test_proxies_are_named_by_address_and_are_never_everybody(proxy: str) -> None:
    with pytest.raises(ValidationError):
        settings(trusted_proxies=[proxy])


def test_the_command_says_which_proxies_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1/32, ::1/128" in CliRunner().invoke(app, ["settings", "check"]).output
    monkeypatch.setenv("YGS_TRUSTED_PROXIES", '["10.0.0.0/8", "2001:db8::1"]')
    assert "10.0.0.0/8, 2001:db8::1/128" in CliRunner().invoke(app, ["settings", "check"]).output


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*", "https://*.example.kr", "null", "", "www.example.kr", "https://www.example.kr/", "HTTPS://a.kr"],
)
def test_origins_are_named_exactly_or_not_at_all(origin: str) -> None:
    with pytest.raises(ValidationError):
        settings(front_end_origins=[origin])


def test_the_command_says_which_origin_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_FRONT_END_ORIGINS", '["https://www.example.kr", "*"]')
    said = CliRunner().invoke(app, ["settings", "check"])
    assert said.exit_code == 4
    assert "YGS_FRONT_END_ORIGINS" in said.output


def test_the_example_names_every_setting_and_no_other() -> None:
    text = (Path(__file__).parents[2] / ".env.example").read_text("utf-8")
    named = {name.lower() for name in re.findall(r"^#?YGS_([A-Z0-9_]+)=", text, re.MULTILINE)}
    assert named == set(Settings.model_fields)


@pytest.mark.parametrize("seconds", [0, 4, 601])
def test_a_lease_neither_ends_at_once_nor_lasts_for_ever(seconds: int) -> None:
    with pytest.raises(ValidationError, match="lease_seconds"):
        settings(lease_seconds=seconds)
    assert settings(lease_seconds=5).lease_seconds == 5


async def test_who_brings_a_messenger_of_their_own_needs_none_in_the_settings() -> None:
    memory = MemoryStorage()
    without = settings(messenger_url="", messenger_key="")
    with pytest.raises(InsecureSettings, match="YGS_MESSENGER_URL is missing"):
        async with build(without, {Storage: memory}):
            pass
    async with build(without, {Storage: memory, Messenger: Mailbox()}) as ygs:
        assert ygs.settings.in_production


@pytest.mark.parametrize(
    ("chosen", "channels", "told"),
    [
        ({}, ("YGS_MESSENGER_URL", "YGS_MESSENGER_URL"), "go to the webhook of YGS_MESSENGER_URL"),
        (
            {"smtp_host": "smtp.example.kr"},
            ("YGS_MESSENGER_URL", "YGS_SMTP_HOST"),
            "by the mail server smtp.example.kr",
        ),
        ({"messenger_url": ""}, ("", ""), "no code reaches an e-mail address"),
        (
            {"messenger_url": "", "smtp_host": "smtp.example.kr"},
            ("", "YGS_SMTP_HOST"),
            "by the mail server smtp.example.kr",
        ),
    ],
)
def test_the_check_names_the_channel_of_codes_for_addresses(
    chosen: dict[str, str], channels: tuple[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings(**chosen).code_channels == channels
    for name in ("messenger_url", "smtp_host"):
        monkeypatch.setenv(f"YGS_{name.upper()}", getattr(settings(**chosen), name))
    assert told in CliRunner().invoke(app, ["settings", "check"]).output


def test_the_log_of_serve_names_the_channels_of_codes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ygs.channels")
    _log_code_channels(settings(smtp_host="smtp.example.kr"))
    _log_code_channels(settings(messenger_url=""))
    assert [record.getMessage() for record in caplog.records] == [
        "codes for phones go by YGS_MESSENGER_URL, codes for e-mail addresses by YGS_SMTP_HOST",
        "codes for phones go by the log, codes for e-mail addresses by the log",
    ]
