"""Fail where a name goes back to a word that the project has given up, or where two public classes share a name.

`make lint` runs it. A metaphor (wall, door, ticket ...) may stand in no identifier, route, column or message; the names
that classes and functions used to have may not come back.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from ygs.adapters.sql.tables import metadata

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "src/ygs/application/messages/locale/ko/LC_MESSAGES/messages.po"
METAPHORS = ("wall", "door", "ticket", "trail", "glance", "drawer", "shelf", "doom", "knock", "paper")
# What classes and functions were called before; exactly these.
FORMER = frozenset(
    {
        "Taken",
        "let_be",
        "Drawers",
        "whole",
        "Against",
        "Reach",
        "Held",
        "alike",
        "Sealed",
        "Reviewing",
        "Completing",
        "Intake",
        "KeepingApart",
        "Asked",
        "Glances",
        "Reporting",
        "begun",
        "Vetting",
        "Forgetting",
        "Admission",
        "patient",
        "Desk",
        "KeepingFiles",
        "Observer",
        "settled",
        "Records",
        "Choosers",
        "Head",
        "Shelf",
        "Verdict",
        "feed",
        "redeem",
        "Conversation",
        "doom",
        "Doors",
        "Told",
        "Farewell",
        "keep_contact",
        "Checking",
        "said",
        "Once",
        "Place",
        "Breach",
        "Effort",
        "FileDesk",
        "Asker",
        "Noting",
        "lasting",
        "outlive",
        "to_change",
        "chance",
        "Seen",
        "Class",
        "Leave",
        "Command",
        "Guards",
        "Likeness",
        "Opening",
        "Together",
        "Certifying",
        "doomed",
        "Ready",
        "Linking",
        "blind",
        "require_no_wait",
        "told_elsewhere",
        "Lists",
        "Why",
    }
)


@cache
def metaphors_in(name: str) -> Sequence[str]:
    """The metaphors among the words of an identifier, in snake_case or CamelCase; not `outdoors` or `trailing`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [
        stem for stem in METAPHORS for word in words if re.fullmatch(f"{stem}(s|ed|d)?|{stem[:-1]}ves", word.lower())
    ]


def identifiers(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Every name that the nodes of a module define or use, with its line."""
    for node in nodes:
        for attribute in ("id", "attr", "arg", "name"):
            name = getattr(node, attribute, None)
            if isinstance(name, str):
                yield name, getattr(node, "lineno", 0)


def faults_of_module(path: Path) -> Iterator[str]:
    """What is wrong with the names of one module."""
    place = path.relative_to(ROOT)
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    for name, line in identifiers(nodes):
        for stem in metaphors_in(name):
            yield f"{place}:{line}: {name} holds the metaphor {stem}"
    for node in nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name in FORMER:
            yield f"{place}:{node.lineno}: {node.name} is a former name"


def faults_of_texts() -> Iterator[str]:
    """Metaphors in routes, columns and messages."""
    texts = {f"route {line}": line for line in (ROOT / "tests/data/operations.txt").read_text("utf-8").splitlines()}
    texts |= {f"column {column}": str(column) for table in metadata.sorted_tables for column in table.columns}
    with CATALOGUE.open("rb") as file:
        texts |= {f"message {each.id!r}": str(each.id) for each in read_po(file) if each.id}
    for where, text in texts.items():
        for word in re.findall(r"\w+", text):
            yield from (f"{where} holds the metaphor {stem}" for stem in metaphors_in(word))


def shared_names() -> Iterator[str]:
    """Public classes of the package that have the name of another."""
    places = defaultdict(list)
    for path in sorted((ROOT / "src/ygs").rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    for name, found in places.items():
        if len(found) > 1:
            yield f"{name} is the name of {len(found)} classes: {', '.join(found)}"


def main() -> int:
    """Print every fault; 1 when there is one."""
    modules = [path for folder in ("src", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
    faults = [fault for path in modules for fault in faults_of_module(path)]
    faults += [*faults_of_texts(), *shared_names()]
    print("\n".join(faults) or "names: no former word, no class name twice")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
