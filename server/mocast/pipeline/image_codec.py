"""The codec of still pictures that strangers send, with every limit that keeps one of them from harming the others."""

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal

import cv2
import numpy as np
from PIL import ExifTags, Image

from mocast.errors import BodyTooLarge, RequestError
from mocast.model.frame import RgbImage

PIXEL_LIMIT: Final = 50_000_000
"""Of the picture as it was sent: phones make 12 to 48 million; decoded it is up to 200 MB."""
LONGEST_SIDE: Final = 1280
"""A longer side is scaled to this: trackers see no more in a larger picture."""

_FORMATS: Final = ("JPEG", "PNG", "BMP", "WEBP")
_SCAN_LIMIT: Final = 64
"""Scans of a progressive JPEG. Encoders write about ten; each costs a pass over the picture: thousands are a bomb."""
_START_OF_SCAN: Final = b"\xff\xda"

# What Pillow raises for files that are not what they say. SyntaxError is its own choice for broken headers.
_UNREADABLE: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, KeyError, IndexError, TypeError)

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's orientation (Exif 2.32, 4.6.4 A) to what makes the picture upright; 1 is upright."""

# Pillow warns of a picture's every fault, thousands of them in the log, and Python keeps each text. Of pixels it warns
# from 89 million on; ours is the lower limit, and it refuses.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """A picture ready to be tracked."""

    rgb: RgbImage
    "Upright, its longest side at most ``LONGEST_SIDE``."
    source_size_wh: tuple[int, int]
    "Width and height of the picture as it was sent, upright, in pixels."


def decode_image(data: bytes | bytearray) -> DecodedImage:
    """Decode a JPEG, PNG, BMP or WebP: its first frame, upright, on white where it is transparent.

    Raises ``RequestError`` where it is not a readable picture and ``BodyTooLarge`` above ``PIXEL_LIMIT``, before any
    pixel is decoded.
    """
    try:
        return _decode(data)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except _UNREADABLE:
        raise RequestError("This is not a readable picture; send a whole JPEG, PNG, BMP or WebP.") from None


def _decode(data: bytes | bytearray) -> DecodedImage:
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        width, height = image.size
        if width * height > PIXEL_LIMIT:
            raise _too_many_pixels()
        if image.format in ("JPEG", "MPO") and data.count(_START_OF_SCAN) > _SCAN_LIMIT:
            raise RequestError(f"This JPEG has more than {_SCAN_LIMIT} scans; save it again as a plain one.")
        target = _fitted(width, height)
        # A large JPEG is decoded at a half, a quarter or an eighth of its size: up to ten times faster.
        image.draft("RGB", target)
        image.load()
        turn = _turn(image)
        picture = _scaled(_eight_bit(image), target)
    picture = _opaque(picture)
    if turn is not None:
        picture = picture.transpose(turn)
        if turn not in (_TURNS[2], _TURNS[3], _TURNS[4]):
            width, height = height, width
    return DecodedImage(np.ascontiguousarray(np.asarray(picture)), (width, height))


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What makes the picture upright. Broken EXIF is none: the picture itself may be good."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _UNREADABLE:
        return None


def _too_many_pixels() -> BodyTooLarge:
    return BodyTooLarge(f"The picture has more than {PIXEL_LIMIT // 1_000_000} million pixels.")


def _fitted(width: int, height: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= LONGEST_SIDE:
        return width, height
    return max(round(width * LONGEST_SIDE / longest), 1), max(round(height * LONGEST_SIDE / longest), 1)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in a mode of 8 bits per channel that can be scaled, with its transparency where it has one."""
    if image.mode.startswith("I"):
        # 16-bit grey, which Pillow's own conversion would cut off at 255.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("RGB", "RGBA", "L", "LA"):
        is_transparent = image.mode in ("RGB", "L") and "transparency" in image.info
        return image.convert("RGBA") if is_transparent else image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _scaled(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    return image if image.size == target else image.resize(target, Image.Resampling.BILINEAR, reducing_gap=2)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def encode_image(rgb: RgbImage, kind: Literal["jpeg", "png"]) -> bytes:
    """Encode a picture for downloading."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    # PNG: fast rather than small; the default level takes five times as long for a tenth less.
    options = [cv2.IMWRITE_JPEG_QUALITY, 90] if kind == "jpeg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    is_done, encoded = cv2.imencode(f".{kind}", bgr, options)
    if not is_done:
        raise ValueError(f"a picture of shape {rgb.shape} could not be encoded as {kind}")
    return encoded.tobytes()
