"""Pictures by Pillow: whatever comes is decoded and made anew from its pixels, so nothing else of it is left."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ygs.domain.errors import BadFile, Unavailable
from ygs.domain.files import JPEG, PNG
from ygs.ports.images import ProcessedImage

# 40 million pixels decode to 160 MB, so two at once.
MOST_PIXELS = 40_000_000
AT_ONCE, MOST_WAITING = 2, 20
THUMBNAIL, QUALITY = 320, 87

_MAGIC = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
_FORMATS = {JPEG: ("JPEG", ["JPEG"]), PNG: ("PNG", ["PNG"])}

# What a file may be besides a picture. Cameras do append things of their own after a JPEG, which is why it is these
# that are looked for and not anything at all; and why only near the ends, where others begin to read: among megabytes
# of noise so few letters come up by chance.
_LOOKED_AT = 64 * 1024
_OTHERS = (b"<html", b"<script", b"<!doctype", b"<?php")
_ZIP_END, _PDF = b"PK\x05\x06", b"%PDF-"
# Each scan of a progressive JPEG costs a pass over the whole picture; cameras and editors write about ten.
_SCAN, _MOST_SCANS = b"\xff\xda", 64

# The rest of what Pillow raises over broken files; SyntaxError is its own for broken PNGs.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, TypeError)


class PillowImages:
    """`ImageProcessor` in threads of their own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures")
        self._waiting = 0

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> ProcessedImage:
        """The picture made anew, or `BadFile`."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("too many pictures are being looked at: try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, remade, data, content_type, longest)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Give the threads back; a picture under way takes a second or two."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def remade(data: bytes, content_type: str, longest: int) -> ProcessedImage:
    """`PillowImages.remake`, here and now."""
    _require_only(data, content_type)
    try:
        picture = _small(_opened(data, content_type), longest)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except _BROKEN as error:
        # The message of a decoder may quote the file.
        raise BadFile("this picture is damaged or incomplete: save it anew as JPEG or PNG") from error
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL))
    return ProcessedImage(_jpeg(picture), _jpeg(thumbnail), picture.width, picture.height)


def _require_only(data: bytes, content_type: str) -> None:
    """`BadFile` unless the bytes begin as that type does and are nothing else besides."""
    if not data.startswith(_MAGIC.get(content_type, b"\x00 no such type")):
        raise BadFile("the file is not what it was announced as: send a JPEG or PNG under its own type")
    head, tail = data[:_LOOKED_AT].lower(), data[-_LOOKED_AT:]
    hidden = any(other in head or other in tail.lower() for other in _OTHERS)
    if hidden or _ZIP_END in tail or _PDF in data[:1024]:
        raise BadFile("this file is a picture and something else at once: save it anew as JPEG or PNG")
    if content_type == JPEG and data.count(_SCAN) > _MOST_SCANS:
        raise BadFile("this picture takes too long to draw: save it anew as JPEG")


def _opened(data: bytes, content_type: str) -> Image.Image:
    """The picture's header read and its size checked; nothing is decoded yet."""
    _, formats = _FORMATS[content_type]
    try:
        picture = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError as error:
        raise BadFile("this picture is damaged: save it anew as JPEG or PNG") from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    # A JPEG of a phone may hold further views of the same moment ("MPO"): the first is the photo.
    if content_type == PNG and getattr(picture, "n_frames", 1) > 1:
        raise BadFile("moving pictures are not taken: send a still one")
    return picture


def _small(picture: Image.Image, longest: int) -> Image.Image:
    """Decoded whole, at most so long, upright, sRGB, on white, in a picture that never held anything else."""
    profile = picture.info.get("icc_profile")
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = _on_white(picture)
    picture.thumbnail((longest, longest), reducing_gap=3.0)
    picture = ImageOps.exif_transpose(picture)
    colours = _in_srgb(picture, profile)
    clean = Image.new("RGB", colours.size)
    clean.paste(colours)
    return clean


def _on_white(picture: Image.Image) -> Image.Image:
    orientation = picture.getexif().get(0x0112, 1)
    pixels = picture.convert("RGBA")
    white = Image.new("RGB", pixels.size, "white")
    white.paste(pixels, mask=pixels.getchannel("A"))
    white.getexif()[0x0112] = orientation
    return white


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them: phones write wide ones, which look pale without their profile."""
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            given, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
            return converted if converted is not None else picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            return picture.convert("RGB")
    return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _too_large() -> BadFile:
    return BadFile(f"this picture has more than {MOST_PIXELS // 1_000_000} million pixels: make it smaller")
