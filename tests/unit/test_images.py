"""What comes out of a picture is only the picture, and what is not one does not come in."""

import asyncio
import io
import threading

import pytest
from PIL import Image

from tests.support.pictures import (
    A_PDF,
    CANARY,
    JPEG_COMMENT,
    SVG,
    a_jpeg,
    a_png,
    a_zip,
    drawn,
    moving_png,
    png_that_says,
    png_with_a_text_bomb,
    two_views,
)
from ygs.adapters.images import pillow
from ygs.adapters.images.not_configured import NoImages
from ygs.adapters.images.pillow import PillowImages, remade
from ygs.domain.errors import BadFile, Unavailable
from ygs.domain.files import JPEG, PDF, PNG

SIZE = 2048

BAD = {
    "an SVG": (SVG, JPEG),
    "an SVG that says it is a PNG": (SVG, PNG),
    "a PDF that says it is a JPEG": (A_PDF, JPEG),
    "a PNG that says it is a JPEG": (a_png(), JPEG),
    "a JPEG that says it is a PNG": (a_jpeg(), PNG),
    "a JPEG and a ZIP": (a_jpeg() + a_zip(), JPEG),
    "a PNG and a ZIP": (a_png() + a_zip(), PNG),
    "a JPEG and a page": (a_jpeg() + b"<HTML><SCRIPT>alert(1)</SCRIPT>", JPEG),
    "a JPEG with a page in its comment": (a_jpeg().replace(JPEG_COMMENT.encode()[:8], b"<script>"), JPEG),
    "a JPEG and a program": (a_jpeg() + b"<?php system($_GET[0]); ?>", JPEG),
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
    "scans without end": (a_jpeg() + pillow._SCAN * 65, JPEG),
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


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
def test_every_kind_of_png_becomes_a_picture(mode: str) -> None:
    picture = remade(a_png(mode="L") if mode == "I;16" else a_png(mode), PNG, SIZE)
    assert Image.open(io.BytesIO(picture.data)).size == (64, 48)


def test_what_was_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(written, "PNG")
    after = Image.open(io.BytesIO(remade(written.getvalue(), PNG, SIZE).data))
    assert after.getpixel((10, 10)) == (255, 255, 255)


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
