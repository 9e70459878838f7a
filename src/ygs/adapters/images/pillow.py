"""Pictures by Pillow: each is decoded and encoded anew from its pixels, so nothing else of the file is left."""

import asyncio
import io
import struct
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from ygs.adapters.images.heif import is_heif, opened_heif
from ygs.adapters.images.jpeg import read_structure
from ygs.domain.errors import N_, BadFile, Unavailable
from ygs.domain.files import HEIC, HEIF, JPEG
from ygs.ports.images import ProcessedImage

# 40 million pixels decode to 160 MB, so two at once.
MOST_PIXELS = 40_000_000
# Of JPEGs that libjpeg decodes row by row and at half, a quarter or an eighth of their size: no more than 40 million
# pixels are ever in memory.
MOST_REDUCIBLE_PIXELS = 110_000_000
AT_ONCE = 2
MOST_WAITING = 20
THUMBNAIL = 320
QUALITY = 87

_JPEG_BEGINS = b"\xff\xd8\xff"
_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
# What a file may be besides a picture, looked for where readers of it look: PDFs begin near the start, ZIPs are found
# from their end. Words in comments and metadata are no such thing, and none of them outlives the encoding.
_LOOKED_AT = 64 * 1024
_ZIP_END = b"PK\x05\x06"
_PDF = b"%PDF-"
_STRIP = 256
# Where a PNG says how many bits a channel has.
_PNG_DEPTH = 24

# What Pillow and libheif raise over broken files; SyntaxError is Pillow's own for broken headers.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    RuntimeError,
    struct.error,
)


class PillowImages:
    """`ImageProcessor` in threads of their own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures")
        self._waiting = 0

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> ProcessedImage:
        if self._waiting >= MOST_WAITING:
            raise Unavailable(N_("too many pictures are being looked at: try again in a moment"))
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, remade, data, content_type, longest)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Stop the threads; a picture under way takes a second or two."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def remade(data: bytes, content_type: str, longest: int) -> ProcessedImage:
    """`PillowImages.remake`, in the calling thread."""
    _require_only(data, content_type)
    try:
        picture = _small(_opened(data, content_type, longest), longest)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(MOST_PIXELS) from error
    except _BROKEN as error:
        # The message of a decoder may quote the file.
        raise BadFile(N_("this picture is damaged or incomplete: save it anew as JPEG or PNG")) from error
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL))
    return ProcessedImage(_jpeg(picture), _jpeg(thumbnail), picture.width, picture.height)


def _require_only(data: bytes, content_type: str) -> None:
    """Raise `BadFile` unless the bytes begin as that type does, and are no document or archive besides."""
    if not _begins_as(data, content_type):
        raise BadFile(N_("the file is not what it was announced as: send a JPEG or PNG under its own type"))
    if _ZIP_END in data[-_LOOKED_AT:] or _PDF in data[:1024]:
        raise BadFile(N_("this file is a picture and something else at once: save it anew as JPEG or PNG"))


def _begins_as(data: bytes, content_type: str) -> bool:
    match content_type:
        case "image/jpeg":
            return data.startswith(_JPEG_BEGINS)
        case "image/png":
            return data.startswith(_PNG_BEGINS)
        case "image/heic" | "image/heif":
            return is_heif(data)
        case _:
            return False


def _opened(data: bytes, content_type: str, longest: int) -> Image.Image:
    """The picture with its header read and its size checked; nothing is decoded yet."""
    if content_type == JPEG:
        return _opened_jpeg(data, longest)
    picture = opened_heif(data) if content_type in (HEIC, HEIF) else _opened_png(data)
    _require_size(picture, MOST_PIXELS)
    return picture


def _opened_jpeg(data: bytes, longest: int) -> Image.Image:
    """The first picture of the file: phones append further views ("MPO") and films to it.

    Not by `Image.open`, whose own limit of 89 million pixels can only be moved for the whole process.
    """
    structure = read_structure(data)
    if structure.too_many_parts:
        raise BadFile(N_("this picture takes too long to draw: save it anew as JPEG"))
    picture = JpegImageFile(io.BytesIO(data))
    _require_size(picture, MOST_REDUCIBLE_PIXELS if structure.one_pass else MOST_PIXELS)
    if picture.width * picture.height > MOST_PIXELS:
        shrink = longest / max(picture.size)
        picture.draft(None, (max(1, int(picture.width * shrink)), max(1, int(picture.height * shrink))))
        _require_size(picture, MOST_PIXELS)
    return picture


def _opened_png(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=["PNG"])
    except UnidentifiedImageError as error:
        raise BadFile(N_("this picture is damaged: save it anew as JPEG or PNG")) from error
    if getattr(picture, "n_frames", 1) > 1:
        raise BadFile(N_("moving pictures are not taken: send a still one"))
    if "transparency" in picture.info:
        picture.info["transparency"] = _as_decoded(picture, data[_PNG_DEPTH])
    return picture


def _as_decoded(picture: Image.Image, depth: int) -> object:
    """The transparent colour in the values that Pillow decodes to: it widens greys of 2 and 4 bits to 8, and of colours
    of 16 bits it keeps the upper half, so that their neighbours share the key."""
    key = picture.info["transparency"]
    if picture.mode == "L" and isinstance(key, int) and depth < 8:
        return key * 255 // (2**depth - 1)
    if picture.mode == "RGB" and isinstance(key, tuple) and depth == 16:
        return tuple(value >> 8 for value in key)
    return key


def _require_size(picture: Image.Image, most: int) -> None:
    if picture.width * picture.height > most:
        raise _too_large(most)


def _small(picture: Image.Image, longest: int) -> Image.Image:
    """Decode and return the picture at most that long, upright, in sRGB, on white, in a new image."""
    profile = picture.info.get("icc_profile")
    if picture.mode not in ("RGB", "L", "CMYK") or "transparency" in picture.info:
        picture = _on_white(picture)
    picture.thumbnail((longest, longest), reducing_gap=3.0)
    picture = ImageOps.exif_transpose(picture)
    colours = _in_srgb(picture, profile)
    clean = Image.new("RGB", colours.size)
    clean.paste(colours)
    return clean


def _on_white(picture: Image.Image) -> Image.Image:
    """Lay the picture on white, strip by strip: converted whole, it would be in memory four times."""
    orientation = picture.getexif().get(0x0112, 1)
    wide = picture.mode.startswith("I")
    white = Image.new("L" if wide else "RGB", picture.size, "white")
    for top in range(0, picture.height, _STRIP):
        strip = picture.crop((0, top, picture.width, min(top + _STRIP, picture.height)))
        pixels = _wide_grey(strip) if wide else strip.convert("RGBA")
        white.paste(pixels.convert(white.mode), (0, top), pixels.getchannel("A"))
    white.getexif()[0x0112] = orientation
    return white


def _wide_grey(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits as grey and alpha of 8: Pillow's own conversion makes everything above 255 white."""
    wide = picture.convert("I")
    key = picture.info.get("transparency")
    alpha = wide.point([0 if value == key else 255 for value in range(1 << 16)], "L")
    return Image.merge("LA", (wide.point([value >> 8 for value in range(1 << 16)], "L"), alpha))


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them: phones write wide ones, which look pale without their profile."""
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
            return converted if converted is not None else picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            return picture.convert("RGB")
    return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _too_large(most: int) -> BadFile:
    return BadFile(N_("this picture has more than {value} million pixels: make it smaller"), value=most // 1_000_000)
