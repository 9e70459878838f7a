"""Decoding and re-encoding of pictures."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """A picture re-encoded from its pixels: JPEG, upright, sRGB, without metadata. Sizes in pixels."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int


class ImageProcessor(Protocol):
    """Decodes and re-encodes untrusted pictures, outside the event loop."""

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> ProcessedImage:
        """Return the first picture of a JPEG, PNG or HEIF file, at most `longest` pixels wide and high.

        `BadFile` when the bytes are not a still picture of that type, or hold more than 40 million pixels (110 million
        for a JPEG that can be decoded at reduced size); `Unavailable` when too many wait.
        """
        ...
