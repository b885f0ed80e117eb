import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from mocast.errors import BodyTooLarge, RequestError
from mocast.pipeline.image_codec import decode_image, encode_image


def corners(size_wh: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red, green, blue and white quarters: tells every turn and flip from every other."""
    width, height = size_wh
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2] = (255, 0, 0)
    rgb[: height // 2, width // 2 :] = (0, 255, 0)
    rgb[height // 2 :, : width // 2] = (0, 0, 255)
    rgb[height // 2 :, width // 2 :] = (255, 255, 255)
    return Image.fromarray(rgb)


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def assert_corners(rgb: np.ndarray, tolerance: int = 12) -> None:
    """Whether the picture is upright and its colours are right."""
    height, width = rgb.shape[:2]
    for x, y, colour in ((0.25, 0.25, "red"), (0.75, 0.25, "lime"), (0.25, 0.75, "blue"), (0.75, 0.75, "white")):
        expected = np.array(Image.new("RGB", (1, 1), colour))[0, 0].astype(int)
        found = rgb[int(y * height), int(x * width)].astype(int)
        assert np.abs(found - expected).max() <= tolerance, (colour, found)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "WEBP"])
def test_each_format_is_decoded(file_format: str) -> None:
    still = decode_image(saved(corners(), file_format))
    assert still.rgb.dtype == np.uint8
    assert still.rgb.flags.c_contiguous
    assert still.source_size_wh == (64, 48)
    assert_corners(still.rgb, tolerance=40)


@pytest.mark.parametrize("file_format", ["GIF", "TIFF", "ICO", "PPM", "EPS", "PDF"])
def test_other_formats_are_not_opened(file_format: str) -> None:
    with pytest.raises(RequestError):
        decode_image(saved(corners(), file_format))


TURNED_BY_A_CAMERA = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""EXIF's orientation to how a camera stores an upright picture that it marks so."""


@pytest.mark.parametrize("orientation", TURNED_BY_A_CAMERA)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_becomes_upright(orientation: int, file_format: str) -> None:
    turn = TURNED_BY_A_CAMERA[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    still = decode_image(saved(stored, file_format, exif=exif))
    assert still.rgb.shape == (48, 64, 3)
    assert still.source_size_wh == (64, 48)
    assert_corners(still.rgb, tolerance=40)


def test_broken_exif_leaves_the_picture_as_it_is() -> None:
    broken = saved(corners(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert_corners(decode_image(broken).rgb)


DECODE = "import sys; from mocast.pipeline.image_codec import decode_image; decode_image(sys.stdin.buffer.read())"


def test_thousands_of_broken_tags_are_no_lines_in_the_log() -> None:
    """In a process of its own: pytest has filters of its own."""
    tags = b"".join(struct.pack("<HHII", 0x1000 + number, 7, 2**30, 2**30) for number in range(5_000))
    broken = saved(corners(), "JPEG", exif=b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5_000) + tags + bytes(4))
    told = subprocess.run([sys.executable, "-c", DECODE], input=broken, capture_output=True, timeout=120, check=True)
    assert told.stderr == b""


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_rgb(mode: str) -> None:
    grey = np.linspace(0, 255, 64 * 48).reshape(48, 64)
    image = (
        Image.fromarray((grey * 257).astype(np.uint16)) if mode == "I;16" else Image.fromarray(grey.astype(np.uint8))
    )
    still = decode_image(saved(image if mode in ("I;16", "L") else image.convert(mode), "PNG"))
    assert still.rgb.shape == (48, 64, 3)
    tolerance = {"1": 255, "P": 3}.get(mode, 1)
    np.testing.assert_allclose(still.rgb[..., 1], grey, rtol=0, atol=tolerance)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_become_rgb(mode: str) -> None:
    still = decode_image(saved(corners().convert(mode), "JPEG", quality=95))
    if mode == "CMYK":
        assert_corners(still.rgb, tolerance=40)
    else:
        assert (still.rgb[..., 0] == still.rgb[..., 2]).all()


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (8, 8), (10, 200, 30, 0))
    image.putpixel((0, 0), (10, 200, 30, 255))
    rgb = decode_image(saved(image, "PNG")).rgb
    assert rgb[0, 0].tolist() == [10, 200, 30]
    assert rgb[4, 4].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_colour_that_stands_for_transparency_is_white(mode: str) -> None:
    image = Image.new(mode, (8, 8), 0)
    rgb = decode_image(saved(image, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0)).rgb
    assert rgb.min() == 255


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_counts(file_format: str) -> None:
    others = [Image.new("RGB", (64, 48), colour) for colour in ("black", "yellow")]
    data = saved(corners(), file_format, save_all=True, append_images=others, lossless=True)
    with Image.open(io.BytesIO(data)) as animated:
        assert len(list(ImageSequence.Iterator(animated))) == 3
    assert_corners(decode_image(data).rgb)


@pytest.mark.parametrize(
    ("source", "scaled"),
    [((1280, 720), (1280, 720)), ((2000, 1000), (1280, 640)), ((3000, 6000), (640, 1280)), ((5000, 1), (1280, 1))],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_the_longest_side_is_scaled(source: tuple[int, int], scaled: tuple[int, int], file_format: str) -> None:
    still = decode_image(saved(corners(source), file_format))
    assert still.rgb.shape[1::-1] == scaled
    assert still.source_size_wh == source
    if min(scaled) > 1:
        assert_corners(still.rgb)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("size_wh", [(7072, 7072), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size_wh: tuple[int, int]) -> None:
    header = struct.pack(">IIBBBBB", *size_wh, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    with pytest.raises(BodyTooLarge, match="50 million"):
        decode_image(bomb)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    jpeg = saved(corners(), "JPEG", progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    assert_corners(decode_image(jpeg).rgb)
    with pytest.raises(RequestError, match="scans"):
        decode_image(jpeg[:-2] + scan * 100 + jpeg[-2:])


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "WEBP"])
def test_half_a_picture_is_refused(file_format: str) -> None:
    data = saved(corners((640, 480)), file_format)
    with pytest.raises(RequestError, match="not a readable picture"):
        decode_image(data[: len(data) // 2])


SMALL = [
    saved(corners((16, 12)), name, **options)
    for name, options in [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
    ]
]
MAGIC = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\x20\0\0\0WEBPVP8 ", b"RIFF\x20\0\0\0WEBPVP8X"]


def decode_or_refuse(data: bytes) -> None:
    try:
        still = decode_image(data)
    except RequestError:
        return
    assert still.rgb.ndim == 3


@given(st.sampled_from(MAGIC), st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(magic: bytes, rest: bytes) -> None:
    decode_or_refuse(magic + rest)


@given(st.sampled_from(SMALL), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6), st.data())
def test_damaged_pictures_are_decoded_or_refused(
    picture: bytes, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    damaged = bytearray(picture)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    decode_or_refuse(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_an_encoded_picture_is_the_same_picture(kind: str) -> None:
    encoded = encode_image(np.asarray(corners()), kind)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(encoded)) as image:
        assert image.format == kind.upper()
        assert_corners(np.asarray(image.convert("RGB")))
