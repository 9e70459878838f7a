"""What comes out of a picture is only the picture, and what is not one does not come in."""

import asyncio
import io
import sys
import threading
import time

import pytest
from PIL import Image

from tests.support.pictures import (
    A_PDF,
    CANARY,
    JPEG_COMMENT,
    SVG,
    a_chunk,
    a_heic,
    a_jpeg,
    a_png,
    a_zip,
    drawn,
    motion_photo,
    moving_png,
    png_that_says,
    png_with_a_text_bomb,
    two_views,
    wide_grey_png,
    written_png,
)
from ygs.adapters.images import pillow
from ygs.adapters.images.jpeg import read_structure
from ygs.adapters.images.not_configured import NoImages
from ygs.adapters.images.pillow import PillowImages, remade
from ygs.domain.errors import BadFile, Unavailable
from ygs.domain.files import HEIC, HEIF, JPEG, PDF, PNG

SIZE = 2048
MEGA = 1_000_000


def with_scans(scans: int) -> bytes:
    """A JPEG with empty scans before its end."""
    return a_jpeg()[:-2] + b"\xff\xda\x00\x02" * (scans - 1) + b"\xff\xd9"


def decoded(data: bytes, content_type: str) -> Image.Image:
    return Image.open(io.BytesIO(remade(data, content_type, SIZE).data))


def tone(picture: Image.Image, x: int, y: int = 8) -> float:
    """How bright a pixel is, 0 to 255."""
    value = picture.convert("L").getpixel((x, y))
    assert isinstance(value, int | float)
    return value


BAD = {
    "an SVG": (SVG, JPEG),
    "an SVG that says it is a PNG": (SVG, PNG),
    "a PDF that says it is a JPEG": (A_PDF, JPEG),
    "a PNG that says it is a JPEG": (a_png(), JPEG),
    "a JPEG that says it is a PNG": (a_jpeg(), PNG),
    "a JPEG and a ZIP": (a_jpeg() + a_zip(), JPEG),
    "a PNG and a ZIP": (a_png() + a_zip(), PNG),
    "a JPEG with a PDF in its comment": (a_jpeg().replace(JPEG_COMMENT.encode()[:8], b"%PDF-1.7"), JPEG),
    "half a JPEG": (a_jpeg(800, 600)[:-2000], JPEG),
    "half a PNG": (a_png()[: len(a_png()) // 2], PNG),
    "a JPEG's beginning": (a_jpeg()[:3], JPEG),
    "a header and noise": (a_jpeg()[:200] + bytes(range(256)) * 20, JPEG),
    "41 million pixels": (png_that_says(6500, 6400), PNG),
    "90 million pixels": (png_that_says(9500, 9500), PNG),
    "4 billion pixels": (png_that_says(65_000, 65_000), PNG),
    "a bomb in a comment": (png_with_a_text_bomb(), PNG),
    "a moving PNG": (moving_png(), PNG),
    "scans without end": (with_scans(65), JPEG),
    "a film of pictures": (b"\x00\x00\x00\x18ftypmsf1" + bytes(200), HEIC),
    "a HEIC's beginning": (b"\x00\x00\x00\x18ftypheic" + bytes(200), HEIC),
    "a JPEG that says it is a HEIC": (a_jpeg(), HEIC),
    "a type that is no picture's": (a_jpeg(), PDF),
    "nothing": (b"", JPEG),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_wholly_and_only_a_still_picture_is_refused_in_words(name: str) -> None:
    data, content_type = BAD[name]
    with pytest.raises(BadFile, match=r"[a-z]") as refused:
        remade(data, content_type, SIZE)
    assert CANARY not in str(refused.value)


def test_a_bomb_is_refused_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", decoded)
    for data, content_type in (BAD["41 million pixels"], BAD["4 billion pixels"]):
        with pytest.raises(BadFile, match="pixels"):
            remade(data, content_type, SIZE)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_nothing_but_the_picture_is_left(mode: str) -> None:
    given = a_jpeg(mode=mode)
    before = Image.open(io.BytesIO(given))
    assert before.getexif().get_ifd(0x8825)
    assert CANARY.encode() in given
    picture = remade(given, JPEG, SIZE)
    for data in (picture.data, picture.thumbnail):
        after = Image.open(io.BytesIO(data))
        assert not after.getexif()
        assert after.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert (after.format, after.mode) == ("JPEG", "RGB")
        for telling in (CANARY.encode(), JPEG_COMMENT.encode(), b"Exif", b"GPS"):
            assert telling not in data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }[orientation]
    expected = drawn() if turned is None else drawn().transpose(turned)
    picture = remade(a_jpeg(orientation=orientation), JPEG, SIZE)
    after = Image.open(io.BytesIO(picture.data))
    assert after.size == expected.size == (picture.width, picture.height)
    for corner in ((4, 4), (after.width - 5, 4), (4, after.height - 5)):
        found, meant = after.getpixel(corner), expected.getpixel(corner)
        assert isinstance(found, tuple)
        assert isinstance(meant, tuple)
        assert max(abs(one - other) for one, other in zip(found, meant, strict=True)) < 12


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1"])
def test_every_kind_of_png_becomes_a_picture(mode: str) -> None:
    picture = remade(a_png(mode), PNG, SIZE)
    assert Image.open(io.BytesIO(picture.data)).size == (64, 48)


def test_what_was_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(written, "PNG")
    after = Image.open(io.BytesIO(remade(written.getvalue(), PNG, SIZE).data))
    assert after.getpixel((10, 10)) == (255, 255, 255)


def test_grey_of_16_bits_keeps_its_tones() -> None:
    tones = [0, 300, 20_000, 40_000, 65_535]
    after = decoded(wide_grey_png(tones), PNG)
    for place, given in enumerate(tones):
        assert abs(tone(after, 16 * place + 8) - given / 257) < 6


def test_the_transparent_tone_of_16_bit_grey_is_white_and_its_neighbours_are_not() -> None:
    after = decoded(wide_grey_png([20_000, 20_001], key=20_000), PNG)
    assert tone(after, 4) > 250
    assert abs(tone(after, 28) - 78) < 6


def two_tones(depth: int) -> list[bytes]:
    """Rows of 32 grey pixels: 16 of tone 1 at this depth, then 16 of tone 0."""
    bits = f"{1:0{depth}b}" * 16 + f"{0:0{depth}b}" * 16
    return [int(bits, 2).to_bytes(len(bits) // 8)] * 16


COLOUR_KEYS = {
    **{f"grey of {depth} bits": written_png(32, 16, depth, 0, two_tones(depth), (b"tRNS", b"\x00\x01"))
       for depth in (1, 2, 4, 8)},
    "colours": written_png(
        32, 16, 8, 2, [bytes([200, 10, 10]) * 16 + bytes(48)] * 16, (b"tRNS", b"\x00\xc8\x00\x0a\x00\x0a")
    ),
    "colours of 16 bits": written_png(
        32, 16, 16, 2, [bytes([200, 7, 10, 7, 10, 7]) * 16 + bytes(96)] * 16, (b"tRNS", b"\xc8\x07\x0a\x07\x0a\x07")
    ),
    "a palette": written_png(
        32, 16, 8, 3, [b"\x01" * 16 + bytes(16)] * 16, (b"PLTE", bytes([0, 0, 0, 200, 10, 10])), (b"tRNS", b"\xff\x00")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COLOUR_KEYS)
def test_a_colour_that_stands_for_transparent_is_white(name: str) -> None:
    after = decoded(COLOUR_KEYS[name], PNG)
    assert tone(after, 4) > 250
    assert tone(after, 28) < 6


def test_a_photo_with_a_film_behind_it_is_taken() -> None:
    after = decoded(motion_photo(), JPEG)
    assert after.size == (800, 600)


@pytest.mark.parametrize("word", [b"<script-fu>", b"<html", b"<?php", b"<!doctype"])
def test_words_in_metadata_refuse_nothing_and_are_gone(word: bytes) -> None:
    jpeg, png = a_jpeg(), a_png()
    segment = b"\xff\xe1" + (len(word) + 31).to_bytes(2) + b"http://ns.adobe.com/xap/1.0/\x00" + word
    with_xmp = jpeg[:2] + segment + jpeg[2:]
    with_text = png[:33] + a_chunk(b"tEXt", b"Comment\x00" + word) + png[33:]
    for data, content_type in ((with_xmp, JPEG), (with_text, PNG), (jpeg + word, JPEG)):
        assert word not in remade(data, content_type, SIZE).data


def flat_jpeg(width: int, height: int, **how: object) -> bytes:
    written = io.BytesIO()
    Image.new("L", (width, height), 90).save(written, "JPEG", quality=50, **how)
    return written.getvalue()


def test_a_jpeg_of_108_million_pixels_is_decoded_at_reduced_size(monkeypatch: pytest.MonkeyPatch) -> None:
    given = flat_jpeg(12_000, 9_000)
    sizes: list[int] = []
    load = Image.Image.load

    def watched(image: Image.Image) -> object:
        sizes.append(image.width * image.height)
        return load(image)

    monkeypatch.setattr(Image.Image, "load", watched)
    picture = remade(given, JPEG, SIZE)
    assert (picture.width, picture.height) == (2048, 1536)
    assert max(sizes) <= pillow.MOST_PIXELS
    assert abs(tone(Image.open(io.BytesIO(picture.data)), 1000, 700) - 90) < 4


@pytest.mark.parametrize("size", [(65_000, 1_690), (1_690, 65_000), (6_400, 6_260)])
def test_of_long_and_narrow_pictures_too_no_more_than_the_limit_is_decoded(size: tuple[int, int]) -> None:
    picture = remade(flat_jpeg(*size), JPEG, SIZE)
    assert max(picture.width, picture.height) == SIZE


def with_height(data: bytes, height: int) -> bytes:
    """The JPEG, saying that it is so high."""
    frame = max(data.find(b"\xff\xc0\x00"), data.find(b"\xff\xc2\x00"))
    return data[: frame + 5] + height.to_bytes(2) + data[frame + 7 :]


def test_only_what_libjpeg_decodes_row_by_row_may_be_larger_than_40_million_pixels() -> None:
    progressive = with_height(flat_jpeg(12_000, 16, progressive=True), 9_000)
    in_turn = bytearray(with_height(a_jpeg(12_000, 16), 9_000))
    in_turn[in_turn.index(b"\xff\xda") + 4] = 1
    for data in (progressive, bytes(in_turn)):
        with pytest.raises(BadFile, match="40 million"):
            remade(data, JPEG, SIZE)
    with pytest.raises(BadFile, match="110 million"):
        remade(with_height(flat_jpeg(12_000, 16), 9_200), JPEG, SIZE)


def test_a_file_of_markers_costs_one_pass() -> None:
    began = time.process_time()
    for filling in (b"\xff", b"\xff\xd0", b"\xff\x00", b"\xff\xfe\x00\x02"):
        read_structure(b"\xff\xd8" + filling * (10 * MEGA // len(filling)))
    assert time.process_time() - began < 4


def test_a_heic_is_taken_where_its_decoder_is_installed() -> None:
    pytest.importorskip("pillow_heif")
    for content_type in (HEIC, HEIF):
        picture = remade(a_heic(200, 100, orientation=6), content_type, SIZE)
        assert (picture.width, picture.height) == (100, 200)
        assert CANARY.encode() not in picture.data


def test_half_a_heic_and_a_heic_that_says_it_is_a_jpeg_are_refused() -> None:
    pytest.importorskip("pillow_heif")
    whole = a_heic(200, 100)
    for data, content_type in ((whole[: len(whole) * 2 // 3], HEIC), (whole, JPEG)):
        with pytest.raises(BadFile):
            remade(data, content_type, SIZE)


def test_without_its_decoder_a_heic_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(BadFile, match="send a JPEG"):
        remade(BAD["a HEIC's beginning"][0], HEIC, SIZE)


def test_a_large_picture_is_made_smaller_and_has_a_thumbnail() -> None:
    picture = remade(a_jpeg(3000, 1500), JPEG, SIZE)
    assert (picture.width, picture.height) == (2048, 1024)
    assert max(Image.open(io.BytesIO(picture.thumbnail)).size) == 320


def test_of_a_phones_several_views_the_first_is_the_photo() -> None:
    after = Image.open(io.BytesIO(remade(two_views(), JPEG, SIZE).data))
    found = after.getpixel((60, 10))
    assert isinstance(found, tuple)
    assert min(found) > 200


async def test_pictures_are_looked_at_beside_the_loop_two_at_once_and_too_many_are_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go, at_once, most = threading.Event(), [0], [0]

    def slow(data: bytes, content_type: str, longest: int) -> object:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        go.wait(10)
        at_once[0] -= 1
        return data

    monkeypatch.setattr(pillow, "remade", slow)
    pictures = PillowImages()
    waiting = [asyncio.create_task(pictures.remake(b"", JPEG, longest=1)) for _ in range(pillow.MOST_WAITING)]
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await pictures.remake(b"", JPEG, longest=1)
    go.set()
    await asyncio.gather(*waiting)
    await pictures.close()
    assert most[0] <= pillow.AT_ONCE


async def test_without_the_extra_no_picture_is_taken_unseen() -> None:
    with pytest.raises(Unavailable, match=r"ygs\[images\]"):
        await NoImages().remake(a_jpeg(), JPEG, longest=1)
