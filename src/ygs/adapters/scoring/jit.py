"""How kernels are compiled: once per machine, without the interpreter's lock."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import caching as untyped_caching

# Unless `_nrt` is off, each call of a kernel by another counts references to every array of its tables, atomically, in
# memory all threads share: at a call per pair that costs more than the pair. No kernel allocates, so none needs it.
_options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}

_SOURCES = sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).hexdigest()


class _Index(untyped_caching.IndexDataCacheFile):
    """A kernel's cache on disk. An index that cannot be read counts as empty: it names a class of an earlier release
    that has since been renamed or removed."""

    def _load_index(self) -> Any:
        untyped: Any = super()
        try:
            return untyped._load_index()
        except (AttributeError, ImportError):
            return {}


class _FolderCache(untyped_caching.FunctionCache):
    """Compiled kernels beside their sources, stale as soon as any source of this folder changes.

    Numba looks only at the file a kernel is written in. But a kernel's machine code contains that of the kernels it
    calls, from other files too: a new release that changed one of those would go on scoring as the last one did.
    """

    def __init__(self, function: Any) -> None:
        untyped: Any = super()
        untyped.__init__(function)
        stamp = self._impl.locator.get_source_stamp(), _SOURCES
        index: Any = _Index
        self._cache_file = index(self.cache_path, self._impl.filename_base, stamp)


def kernel(function: Any) -> Any:
    """A function compiled at its first call and kept on disk; callable from other kernels, into which it is inlined."""
    compiled = numba.njit(**_options)(function)
    # Where neither this folder nor the user's cache can be written, numba refuses to cache: compile in every process.
    with suppress(RuntimeError):
        compiled._cache = _FolderCache(function)
    return compiled
