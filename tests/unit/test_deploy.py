"""What an operator copies (Dockerfile, compose.yaml, systemd units) names commands, extras and routes that exist."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from tests.unit.test_http_schema import operations
from ygs.entrypoints.cli.app import app

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted((ROOT / "deploy").iterdir())]


def commands() -> set[str]:
    """Every command as it is typed after `ygs`."""
    root = typer.main.get_command(app)
    found = set()
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        found |= {name, *(f"{name} {inner}" for inner in getattr(command, "commands", ()))}
    return found


def typed(text: str) -> set[str]:
    """The `ygs` commands that a file runs: in a shell line, or as a list of words."""
    spoken = re.findall(r"(?:bin/|RUN )ygs ([a-z-]+(?: [a-z]+)?)", text)
    listed = re.findall(r'\["ygs", "([a-z-]+)"(?:, "([a-z]+)")?', text)
    return {*spoken, *(" ".join(filter(None, words)) for words in listed)}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_command_in_it_exists(file: Path) -> None:
    assert typed(file.read_text("utf-8")) <= commands()


def test_some_commands_are_found() -> None:
    assert {"serve", "db upgrade", "purge", "backup", "warm-up"} <= set().union(
        *(typed(each.read_text()) for each in FILES)
    )


def test_the_image_installs_extras_that_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r'"\.\[(.+?)\]"', DOCKERFILE)
    assert set(named.split(",")) <= extras.keys()


def test_the_image_does_not_run_as_root() -> None:
    assert re.search(r"^USER ygs$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.index("USER ygs") < DOCKERFILE.index("CMD [")


async def test_the_health_check_asks_a_route_that_exists() -> None:
    (path,) = re.findall(r"127\.0\.0\.1:8000(/\S+?)'", DOCKERFILE)
    assert path in {route for route, _, _ in await operations()}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_no_secret_stands_in_it(file: Path) -> None:
    assert not re.search(r"(PASSWORD|SECRET|KEY)\w*[=:] *['\"]?[0-9A-Za-z]{8,}", file.read_text("utf-8"))
