"""An introduction service as a library: members, advisers, and a weekly round that decides who meets whom.

    from pydantic import SecretStr
    from ygs import Actor, CreateWeek, Settings, build

    async with build(Settings(database_url=SecretStr("memory:"))) as app:
        await app.weeks.create(Actor.operator(), CreateWeek())

`plan_round` plans a round from plain Python objects, a data frame or a `Market`, without any database; `to_frame` gives
its pairs as a table, and `explain` answers why.
`ygs.domain`, `ygs.application` and `ygs.ports` hold everything else, each documented where it is.
"""

from importlib import import_module
from typing import Any

# `__init__.pyi` lists the same names for type checkers and editors.
_MODULES = {
    "Actor": "ygs.application.actors",
    "Application": "ygs.bootstrap",
    "Candidate": "ygs.domain.matching.market",
    "CreateWeek": "ygs.application.rounds.weeks",
    "Genders": "ygs.domain.matching.market",
    "Importance": "ygs.domain.matching.wishes",
    "Market": "ygs.domain.matching.market",
    "Overrides": "ygs.domain.matching.plan",
    "Policy": "ygs.domain.matching.policy",
    "RoundPlan": "ygs.domain.matching.plan",
    "Settings": "ygs.settings",
    "Strategy": "ygs.domain.matching.policy",
    "TablePlan": "ygs.application.rounds.dataframes",
    "UnknownHistory": "ygs.bootstrap",
    "VOCABULARY": "ygs.domain.matching.vocabulary",
    "Wish": "ygs.domain.matching.wishes",
    "YgsError": "ygs.domain.errors",
    "build": "ygs.bootstrap",
    "explain": "ygs.bootstrap",
    "plan_round": "ygs.bootstrap",
    "to_frame": "ygs.bootstrap",
    "upgrade_database": "ygs.bootstrap",
}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `import ygs` costs nothing and loads no heavy package.
    if name == "__version__":
        from importlib.metadata import version

        return version("ygs")
    if name not in _MODULES:
        raise AttributeError(f"module 'ygs' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES, "__version__"])
