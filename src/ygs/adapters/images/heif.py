"""HEIC and HEIF pictures, by the optional package pillow-heif."""

import io

from PIL import Image

from ygs.domain.errors import N_, BadFile

# The brands of still pictures coded with HEVC. Not "msf1" and "hevc", which are films of pictures.
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1"}


def is_heif(data: bytes) -> bool:
    """Whether the file begins with the type box of a still HEIF picture."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def opened_heif(data: bytes) -> Image.Image:
    """The primary picture, with its header read and nothing decoded; `BadFile` without the extra `heif`.

    Pillow's list of formats stays as it is: what an embedder opens is no concern of this class.
    """
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise BadFile(
            N_("HEIC pictures cannot be read here: send a JPEG (iPhone: Settings, Camera, Formats, Most Compatible)")
        ) from error
    picture: Image.Image = HeifImageFile(io.BytesIO(data))
    return picture
