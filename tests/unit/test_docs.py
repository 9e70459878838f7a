"""What the documentation names exists: modules, files, commands, settings and links."""

import importlib
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from docs.generate import DOCS, PAGES
from ygs.entrypoints.cli.app import app
from ygs.settings import Settings

ROOT = Path(__file__).parents[2]
GENERATED = {DOCS / page for page in PAGES}
WRITTEN = sorted({*ROOT.glob("*.md"), *DOCS.rglob("*.md")} - GENERATED)
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
).stdout.splitlines() or [str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py")]

FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"\bygs(?:\.[A-Za-z_]\w*)+")
FOLDERS = ("src/", "tests/", "docs/", "examples/", "benchmarks/")
NOT_PYTHON = {"ygs.db", "ygs.ts"}

each_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))


def spans(page: Path) -> list[str]:
    """The inline code of a page."""
    return CODE.findall(FENCE.sub("", page.read_text("utf-8")))


def code(page: Path) -> Iterator[str]:
    """The inline code of a page, and the lines of its code blocks."""
    yield from spans(page)
    for block in FENCE.findall(page.read_text("utf-8")):
        yield from block.splitlines()


def resolve(name: str) -> Any:
    """What a dotted name stands for."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            fields = getattr(found, "__annotations__", {})
            found = getattr(found, part) if hasattr(found, part) else fields[part]
        return found
    raise AssertionError(name)


@each_page
def test_every_python_name_exists(page: Path) -> None:
    imports = [line for line in code(page) if line.startswith(("from ygs", "import ygs")) and "..." not in line]
    for line in imports:
        exec(line, {})
    for name in {name for span in spans(page) for name in DOTTED.findall(span)} - NOT_PYTHON:
        resolve(name)


@each_page
def test_every_path_exists(page: Path) -> None:
    for span in spans(page):
        if span.startswith(FOLDERS) and " " not in span:
            assert any(ROOT.glob(span.rstrip("/"))) or ROOT / span in GENERATED, span
        elif re.fullmatch(r"[\w/]+\.py", span):
            assert any(f"/{file}".endswith(f"/{span}") for file in TRACKED), span


@each_page
def test_every_command_exists(page: Path) -> None:
    root = typer.main.get_command(app)
    for line in code(page):
        for words in re.findall(r"(?:^|\s|/)ygs((?: [a-z][a-z-]*)+)", line):
            command: Any = root
            for word in words.split():
                subcommands = getattr(command, "commands", None)
                if subcommands is None:
                    break
                assert word in subcommands, f"ygs{words}"
                command = subcommands[word]


@each_page
def test_every_setting_exists(page: Path) -> None:
    known = {f"YGS_{name.upper()}" for name in Settings.model_fields} | {"YGS_ADMIN_PASSWORD"}
    assert set(re.findall(r"\bYGS_[A-Z0-9_]*[A-Z0-9]\b", page.read_text("utf-8"))) <= known


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http:", "https:", "#")):
            there = (page.parent / target.partition("#")[0]).resolve()
            assert there.exists() or there in GENERATED, target


def test_every_page_is_in_the_navigation() -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    listed = {DOCS / page for page in _listed(project["nav"])}
    there = {*DOCS.rglob("*.md"), *GENERATED}
    assert listed <= there
    assert {page for page in there - listed if page.parent.name != "decisions"} == set()


def _listed(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _listed(entry)


@pytest.mark.parametrize("path", PAGES)
def test_every_generated_page_can_be_written(path: str) -> None:
    assert PAGES[path]().startswith("# ")
