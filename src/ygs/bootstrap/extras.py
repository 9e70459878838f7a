"""Tells which extra of the package brings what is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from ygs.domain.errors import N_, Misconfigured


@contextmanager
def requires(extra: str) -> Iterator[None]:
    """Raise `Misconfigured`, which names the extra to install, where the block imports a package that is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "ygs":
            raise
        raise Misconfigured(
            N_("the package {missing} is not installed: pip install 'ygs[{extra}]'"), missing=missing, extra=extra
        ) from error
