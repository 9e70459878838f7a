"""How kernels are compiled: once per machine, without the interpreter's lock."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import caching as untyped_caching

from ygs.ports.scoring_and_solving import Progress

# Unless `_nrt` is off, each call of a kernel by another counts references to every array of its tables, atomically, in
# memory all threads share: at a call per pair that costs more than the pair. Without allocation none needs it.
_NO_ALLOCATION: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}

COMPILING = "compiling once"


class KernelsNotKept(UserWarning):
    """Compiled kernels cannot be kept on disk: every process compiles them anew, for up to a minute."""


def kernel(function: Any) -> Any:
    """A function that allocates nothing, compiled at its first call and kept on disk; callable from other kernels,
    into which it is inlined."""
    return _kept(function, _NO_ALLOCATION)


def allocating_kernel(function: Any) -> Any:
    """A function that makes arrays, compiled at its first call and kept on disk."""
    return _kept(function, {"nogil": True})


def is_compiled(function: Any) -> bool:
    """Whether a kernel was compiled in this process, or lies on disk as its sources are now."""
    return bool(function.signatures or function._cache.kept())


@contextmanager
def compiling(progress: Progress, function: Any) -> Iterator[None]:
    """Tell `progress` that the block compiles, when `function`, which it calls, was not compiled on this machine."""
    cold = not is_compiled(function)
    if cold:
        progress(COMPILING, 0, 1)
    yield
    if cold:
        progress(COMPILING, 1, 1)


def _kept(function: Any, options: dict[str, Any]) -> Any:
    compiled = numba.njit(**options)(function)
    try:
        compiled._cache = _FolderCache(function)
    except RuntimeError:
        # Numba's word for: neither the sources' folder nor the user's cache can be written.
        compiled._cache = _NoCache()
    return compiled


@cache
def _stamp_of(folder: Path) -> str:
    """What all sources of a folder hold, in short."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


class _Index(untyped_caching.IndexDataCacheFile):
    """A kernel's cache on disk. An index that cannot be read counts as empty: it was cut off, or names a class of an
    earlier release."""

    def _load_index(self) -> Any:
        untyped: Any = super()
        try:
            return untyped._load_index()
        except Exception:  # noqa: BLE001 - unpickling raises anything; all of it means: compile again
            return {}


class _FolderCache(untyped_caching.FunctionCache):
    """Compiled kernels beside their sources, stale as soon as any source of their folder changes.

    Numba looks only at the file a kernel is written in. But a kernel's machine code contains that of the kernels it
    calls, from other files too: a new release that changed one of those would go on as the last one did.
    """

    def __init__(self, function: Any) -> None:
        untyped: Any = super()
        untyped.__init__(function)
        stamp = self._impl.locator.get_source_stamp(), _stamp_of(Path(function.__code__.co_filename).parent)
        index: Any = _Index
        self._cache_file = index(self.cache_path, self._impl.filename_base, stamp)

    def kept(self) -> bool:
        """Whether anything compiled from these sources lies on disk."""
        index: Any = self._cache_file
        return bool(index._load_index())

    def load_overload(self, signature: Any, target: Any) -> Any:
        """What lies on disk for a signature; None, to compile again, where there is nothing or it cannot be read."""
        untyped: Any = super()
        return _or_none(lambda: untyped.load_overload(signature, target))

    def save_overload(self, signature: Any, data: Any) -> None:
        """Keep what was compiled. A full disk costs the next process time, and this one nothing."""
        untyped: Any = super()
        try:
            untyped.save_overload(signature, data)
        except OSError:
            _warn()


class _NoCache(untyped_caching.NullCache):
    """No folder to keep anything in."""

    def kept(self) -> bool:
        """Never."""
        return False

    def save_overload(self, signature: Any, data: Any) -> None:
        """Warn that the next process compiles again."""
        _warn()


def _or_none(load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception:  # noqa: BLE001 - as above: whatever is wrong with the file, compiling again is right
        return None


def _warn() -> None:
    # Python shows a warning from one place once.
    warnings.warn(
        "compiled kernels cannot be kept, so every process compiles them anew, for up to a minute: "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        KernelsNotKept,
        stacklevel=1,
    )
