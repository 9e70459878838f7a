"""Compilation of kernels: once per machine, and they run without the interpreter's lock."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core import caching as untyped_caching

from ygs.ports.scoring_and_solving import Progress

# Unless `_nrt` is off, each call of a kernel by another counts references to every array of its tables, atomically, in
# memory all threads share: at a call per pair that costs more than the pair. Without allocation none needs it.
_NO_ALLOCATION: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}


class KernelsNotKept(UserWarning):
    """Compiled kernels cannot be kept on disk: every process compiles them anew, for up to a minute."""


def kernel(function: Any) -> Any:
    """Compile a function that allocates nothing at its first call, and cache it on disk.

    Other kernels can call it, and inline it.
    """
    return _kept(function, _NO_ALLOCATION)


def allocating_kernel(function: Any) -> Any:
    """Compile a function that makes arrays at its first call, and cache it on disk."""
    return _kept(function, {"nogil": True})


def is_compiled(function: Any) -> bool:
    """Whether a kernel was compiled in this process, or is cached on disk for its present sources."""
    return bool(function.signatures or function._cache.kept())


@contextmanager
def compiling(progress: Progress, function: Any) -> Iterator[None]:
    """Report to `progress` that the block compiles, unless `function`, which it calls, is compiled already."""
    cold = not is_compiled(function)
    if cold:
        progress("compiling once", 0, 1)
    yield
    if cold:
        progress("compiling once", 1, 1)


def instructions() -> str:
    """The vector instructions that kernels are compiled for here: AVX-512, AVX2 or baseline."""
    config: Any = numba.config
    # Empty, not None, is numba's own word for a processor of which it may expect nothing.
    given = config.CPU_FEATURES
    features = llvmlite.binding.get_host_cpu_features().flatten() if given is None else given
    enabled = set(features.split(","))
    return "AVX-512" if "+avx512bw" in enabled else "AVX2" if "+avx2" in enabled else "baseline"


def _kept(function: Any, options: dict[str, Any]) -> Any:
    compiled = numba.njit(**options)(function)
    try:
        compiled._cache = _FolderCache(function)
    except RuntimeError:
        # Numba raises this when neither the sources' folder nor the user's cache can be written.
        compiled._cache = _NoCache()
    return compiled


@cache
def _stamp_of(folder: Path) -> str:
    """A digest of all sources of a folder."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


class _Index(untyped_caching.IndexDataCacheFile):
    """A kernel's cache on disk. An unreadable index counts as empty: it is cut off, or names a class of an earlier
    release."""

    def _load_index(self) -> Any:
        untyped: Any = super()
        try:
            return untyped._load_index()
        except Exception:  # noqa: BLE001 - unpickling raises anything; all of it means: compile again
            return {}

    def save(self, key: Any, data: Any) -> None:
        """Store compiled code in a file named after its key, then name it in the index.

        Numba numbers the files. Two processes that compile at once would take one number for two signatures, and the
        index of the one would name the code of the other. A name of the key's own is never another's; at worst the
        index loses an entry, and a process compiles again.
        """
        name = f"{self._index_name}.{sha256(repr(key).encode()).hexdigest()[:16]}.nbc"
        untyped: Any = self
        untyped._save_data(name, data)
        untyped._save_index({**untyped._load_index(), key: name})


class _FolderCache(untyped_caching.FunctionCache):
    """Compiled kernels beside their sources, stale as soon as any source of their folder changes.

    Numba looks only at the file a kernel is written in. But a kernel's machine code contains that of the kernels it
    calls, from other files too: without this, a release that changed only those would keep the old code.
    """

    def __init__(self, function: Any) -> None:
        untyped: Any = super()
        untyped.__init__(function)
        stamp = self._impl.locator.get_source_stamp(), _stamp_of(Path(function.__code__.co_filename).parent)
        index: Any = _Index
        self._cache_file = index(self.cache_path, self._impl.filename_base, stamp)

    def kept(self) -> bool:
        """Whether the disk holds anything compiled from these sources."""
        index: Any = self._cache_file
        return bool(index._load_index())

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled code on disk for a signature; None, to compile again, when it is missing or unreadable."""
        untyped: Any = super()
        return _or_none(lambda: untyped.load_overload(signature, target))

    def save_overload(self, signature: Any, data: Any) -> None:
        """Store the compiled code. A full disk only makes the next process compile again."""
        untyped: Any = super()
        try:
            untyped.save_overload(signature, data)
        except OSError:
            _warn()


class _NoCache(untyped_caching.NullCache):
    """A cache for machines without a writable folder: it stores nothing."""

    def kept(self) -> bool:
        """Never."""
        return False

    def save_overload(self, signature: Any, data: Any) -> None:
        """Warn that the next process compiles again."""
        _warn()


def _or_none(load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception:  # noqa: BLE001 - as above: any unreadable file means: compile again
        return None


def _warn() -> None:
    # Python shows a warning from one place once.
    warnings.warn(
        "compiled kernels cannot be kept, so every process compiles them anew, for up to a minute: "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        KernelsNotKept,
        stacklevel=1,
    )
