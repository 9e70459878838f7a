"""The structure of a JPEG file, read from its markers without decoding a pixel."""

import re
from dataclasses import dataclass

# Each scan of a progressive JPEG costs a pass over the whole picture; cameras and editors write about ten.
MOST_SCANS = 64
# Metadata comes in segments of 64 KiB, so 10 MiB of it has 160.
MOST_SEGMENTS = 2_000

_START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL_HUFFMAN = {0xC0, 0xC1}
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
# SOI and TEM: markers without a segment behind them.
_ALONE = {0xD8, 0x01}
# Neither a stuffed zero, nor a restart, nor a fill byte. One byte is looked at per 0xFF, so a file of nothing but
# fill bytes costs one pass.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class JpegStructure:
    """`scans` and `segments` of the first picture in the file.

    `one_pass`: libjpeg decodes it row by row; of a progressive picture, or of one whose colours come one after another,
    it keeps every coefficient in memory (2 bytes each).
    """

    scans: int
    segments: int
    one_pass: bool

    @property
    def too_many_parts(self) -> bool:
        """Whether decoding, or merely listing, its parts costs more than any camera's picture does."""
        return self.scans > MOST_SCANS or self.segments > MOST_SEGMENTS


def read_structure(data: bytes) -> JpegStructure:
    """Follow the markers up to the end of the first picture, as libjpeg does, or until it has too many parts.

    Bytes behind the end, such as the film of a motion photo, are not looked at; nor are embedded thumbnails, which lie
    inside a segment.
    """
    scans = segments = position = 0
    frame = components = None
    one_pass = False
    while scans <= MOST_SCANS and segments <= MOST_SEGMENTS and (found := _MARKER.search(data, position)):
        if found[1][0] == _END_OF_IMAGE:
            break
        marker = found[1][0]
        position = found.end()
        if marker in _ALONE:
            continue
        segments += 1
        segment = data[position : position + 8]
        if marker in _START_OF_FRAME and len(segment) == 8:
            frame = marker
            components = segment[7]
        if marker == _START_OF_SCAN:
            scans += 1
            one_pass = frame in _SEQUENTIAL_HUFFMAN and segment[2:3] == bytes([components or 0])
        position += max(2, int.from_bytes(segment[:2]))
    return JpegStructure(scans, segments, one_pass and scans == 1)
