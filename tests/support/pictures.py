"""Pictures good and bad, made here: nothing of anybody's is in the repository."""

import io
import struct
import zipfile
import zlib

from PIL import Image

JPEG_COMMENT = "만난 곳: 우리 집 앞"
GPS = {1: "N", 2: (37.0, 33.0, 59.5), 3: "E", 4: (126.0, 58.0, 41.0)}
CANARY = "CANARY-SM-S938N"


def drawn(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Something with a left and a right: its left half is dark."""
    image = Image.new("RGB", (width, height), (230, 230, 220))
    image.paste((20, 30, 60), (0, 0, width // 2, height))
    return image.convert(mode)


def a_jpeg(width: int = 64, height: int = 48, orientation: int = 1, mode: str = "RGB") -> bytes:
    """As a phone writes it: where it was taken, with what, a comment and a small copy of an earlier picture."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0110], exif[0x010F] = orientation, CANARY, CANARY
    exif.get_ifd(0x8825).update(GPS)
    written = io.BytesIO()
    drawn(width, height, mode).save(written, "JPEG", exif=exif, comment=JPEG_COMMENT.encode(), quality=90)
    return written.getvalue()


def a_png(mode: str = "RGB", **more: object) -> bytes:
    """A still PNG."""
    written = io.BytesIO()
    drawn(mode=mode).save(written, "PNG", **more)
    return written.getvalue()


def motion_photo() -> bytes:
    """A JPEG with a film behind it, as phones write it: to a search for markers the film is full of scans."""
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda noise of a film \xff\xc2" * 500
    return a_jpeg(800, 600) + film


def a_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def written_png(
    width: int, height: int, depth: int, colour: int, rows: list[bytes], *extra: tuple[bytes, bytes]
) -> bytes:
    """A PNG written chunk by chunk, for depths and chunks that Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    between = b"".join(a_chunk(*each) for each in extra)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows))
    chunks = a_chunk(b"IHDR", header) + between + a_chunk(b"IDAT", pixels) + a_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def wide_grey_png(tones: list[int], key: int | None = None) -> bytes:
    """16-bit grey: a band of 16 x 16 pixels for each tone, from left to right."""
    row = b"".join(struct.pack(">H", tone) * 16 for tone in tones)
    extra = [] if key is None else [(b"tRNS", struct.pack(">H", key))]
    return written_png(16 * len(tones), 16, 16, 0, [row] * 16, *extra)


def a_heic(width: int = 64, height: int = 48, orientation: int = 1) -> bytes:
    """As an iPhone writes it; only where `pillow-heif` is installed."""
    from pillow_heif import from_pillow

    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = orientation, CANARY
    written = io.BytesIO()
    from_pillow(drawn(width, height)).save(written, exif=exif.tobytes(), quality=90)
    return written.getvalue()


def moving_png() -> bytes:
    """One of two frames."""
    return a_png(save_all=True, append_images=[Image.new("RGB", (64, 48))])


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims to be so large, and holds as many pixels as fit into them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + a_chunk(b"IHDR", header) + a_chunk(b"IDAT", pixels) + a_chunk(b"IEND", b"")


def png_with_a_text_bomb() -> bytes:
    """Its comment unpacks to a gigabyte's beginning."""
    plain = a_png()
    packed = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000), 9)
    bomb = struct.pack(">I", len(packed)) + b"zTXt" + packed + struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    return plain[:33] + bomb + plain[33:]


def a_zip() -> bytes:
    """An archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return written.getvalue()


def two_views() -> bytes:
    """A JPEG with a second view behind the first, as many phones write."""
    written = io.BytesIO()
    drawn().save(written, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), "red")])
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
A_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
