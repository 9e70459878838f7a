"""The storage format of a market: a versioned header, then its columns, compressed.

Order and byte order are fixed, so the same market gives the same bytes on every machine.

Layout: ``YGSM``, one byte of version, a zlib stream of: length of the header (8 bytes), the header (JSON: ids and the
codes of the attributes), then each column as its type, its length (8 bytes) and its little-endian values. A column of
zeros is written without values.
"""

import json
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from ygs.domain.errors import N_, BadFile

Column: TypeAlias = "array[int]"  # as in `market`, which this module must not import

_MAGIC = b"YGSM"
_VERSION = 1
_LITTLE = array("H", [1]).tobytes()[0] == 1
_HEAD = struct.Struct("<cQB")  # type, length, whether values follow


def canonical(header: object, columns: Iterable[Column]) -> Iterator[bytes]:
    """The uncompressed content, piece by piece."""
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    yield struct.pack("<Q", len(text))
    yield text
    for column in columns:
        filled = any(column)
        yield _HEAD.pack(column.typecode.encode(), len(column), filled)
        if filled:
            yield _swapped(column).tobytes()


def pack(header: object, columns: Iterable[Column]) -> bytes:
    """The content, compressed, behind its magic and version."""
    squeeze = zlib.compressobj(level=1)
    parts = [squeeze.compress(piece) for piece in canonical(header, columns)]
    return b"".join((_MAGIC, bytes((_VERSION,)), *parts, squeeze.flush()))


def unpack(packed: bytes) -> tuple[dict[str, Any], Iterator[Column]]:
    """The header and the columns of packed bytes; `BadFile` when they are of another format or damaged."""
    if packed[:4] != _MAGIC or packed[4:5] != bytes((_VERSION,)):
        raise BadFile(N_("not a stored market of this version of ygs: lock the week again"))
    try:
        content = zlib.decompress(packed[5:])
        (length,) = struct.unpack_from("<Q", content)
        header = json.loads(content[8 : 8 + length])
        columns = list(_columns(content, 8 + length))
    except (zlib.error, struct.error, ValueError) as error:
        raise BadFile(N_("the stored market is damaged: lock the week again")) from error
    return header, iter(columns)


def _columns(content: bytes, at: int) -> Iterator[Column]:
    while at < len(content):
        kind, length, filled = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        column = array(kind.decode(), [0])
        size = column.itemsize * length
        if filled:
            column = array(kind.decode(), content[at : at + size])
            at += size
            yield _swapped(column)
        else:
            yield column * length


def _swapped(column: Column) -> Column:
    if _LITTLE:
        return column
    turned = column[:]
    turned.byteswap()
    return turned
