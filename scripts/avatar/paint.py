"""The pictures: skin, the face's details, hair and outfit, painted by formulas."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image
from scripts.avatar.atlas import DETAIL, IRIS, OUTFIT, PRINT_HEIGHT, PRINT_U, PRINT_X, SWATCHES, WHITE
from scripts.avatar.features import (
    EYE,
    EYE_HALF_WIDTH,
    MOUTH,
    MOUTH_HALF_WIDTH,
    lower_lip,
    upper_lid,
    upper_lip,
)
from scripts.avatar.mesh import Floats, smoothstep

SKIN = "#ffe6d8"
DETAIL_COLOURS = {
    "lash": "#2b2440",
    "brow": "#6a5fb0",
    "throat": "#6b1f33",
    "gum": "#a83a4e",
    "tongue": "#f08a8f",
    "tooth": "#fffaf5",
    "shine": "#ffffff",
    "lower_lash": "#a46a72",
    "lid": "#f4cfc3",
}
OUTFIT_COLOURS = {
    "hoodie": "#4fdcb8",
    "trim": "#fbfaff",
    "dark": "#3f4666",
    "sole": "#ffffff",
    "sock": "#fbfaff",
    "accent": "#4fdcb8",
    "glow": "#3ce0b5",
    "metal": "#c9cbdc",
}


def png(picture: Floats) -> bytes:
    """Return a picture (h, w, 3) of 0..1 as PNG."""
    data = io.BytesIO()
    Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8), "RGB").save(data, "PNG", optimize=True)
    return data.getvalue()


def colour(code: str) -> Floats:
    """Return (3,) 0..1 of ``#rrggbb``."""
    return np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)]) / 255.0


def skin_picture(size: int = 1024) -> Floats:
    """Return the face, as ``face.face_uvs`` lays it out: blush, the lips' line, a crease over the eyes, the nose."""
    v, u = np.mgrid[0:size, 0:size] / (size - 1.0)
    p, q = (u - 0.5) * 0.22, (0.5 - v) * 0.22 - 0.010
    picture = np.tile(colour(SKIN), (size, size, 1))
    side = np.abs(p)
    blush = smoothstep(np.hypot((side - 0.062) / 0.030, (q + 0.030) / 0.0155), 1.0, 0.0)
    picture = _over(picture, "#ff9d98", blush * 0.50)
    nose = smoothstep(np.hypot((p - 0.0012) / 0.0040, (q + 0.0375) / 0.0022), 1.0, 0.2)
    picture = _over(picture, "#f0a898", nose * 0.75)
    bridge = smoothstep(np.hypot(p / 0.0022, (q + 0.0285) / 0.0040), 1.0, 0.0)
    picture = _over(picture, "#ffffff", bridge * 0.55)
    t = (side - EYE[0]) / EYE_HALF_WIDTH
    shade = smoothstep(np.abs(t), 1.25, 0.7) * smoothstep(np.abs(q - EYE[1] - upper_lid(t)), 0.010, 0.0)
    picture = _over(picture, "#f6bfb2", shade * 0.35)
    mouth_t = p / MOUTH_HALF_WIDTH
    to_upper, to_lower = np.abs(q - MOUTH[1] - upper_lip(mouth_t)), np.abs(q - MOUTH[1] - lower_lip(mouth_t))
    line = smoothstep(np.minimum(to_upper, to_lower), 0.00085, 0.00035) * smoothstep(np.abs(mouth_t), 1.03, 0.90)
    picture = _over(picture, "#b5566a", line)
    under = smoothstep(np.hypot(p / 0.009, (q - MOUTH[1] + 0.0165) / 0.0022), 1.0, 0.0)
    return _over(picture, "#f0b0a2", under * 0.5)


def detail_picture(size: int = 512) -> Floats:
    """Return the iris, the eye's white and the flat colours of the face's details."""
    picture = _swatched((size, size), DETAIL, DETAIL_COLOURS)
    x, y = _inside(size, IRIS)
    picture[_slices(size, IRIS)] = _iris(2 * x - 1, 1 - 2 * y)
    x, y = _inside(size, WHITE)
    white = np.tile(colour("#fdfcff"), (*x.shape, 1))
    shadow = smoothstep(y + 0.10 * (2 * x - 1) ** 2, 0.44, 0.18)
    picture[_slices(size, WHITE)] = _over(white, "#b3a9d6", shadow * 0.8)
    return picture


def _iris(x: Floats, y: Floats) -> Floats:
    """Return the iris over -1..1: dark rim and top, a light crescent below, a pupil."""
    r = np.hypot(x, y)
    down = smoothstep(y, 0.75, -0.85)
    picture = np.tile(colour("#17788a"), (*x.shape, 1))
    picture = _over(picture, "#2fd3b4", down)
    picture = _over(picture, "#b9ffe6", smoothstep(np.hypot(x / 0.78, (y + 0.48) / 0.42), 1.0, 0.15) * 0.85)
    rays = 0.5 + 0.5 * np.sin(np.arctan2(x, -y) * 26)
    picture = _over(picture, "#eafff8", rays * smoothstep(r, 0.40, 0.55) * smoothstep(r, 0.85, 0.66) * 0.16 * down)
    picture = _over(picture, "#2a2a63", smoothstep(y, 0.05, 0.85) * 0.80)
    picture = _over(picture, "#1b2452", smoothstep(np.hypot(x / 0.40, (y - 0.02) / 0.44), 1.0, 0.86))
    picture = _over(picture, "#2b6f9a", smoothstep(np.hypot(x / 0.22, (y + 0.16) / 0.18), 1.0, 0.2) * 0.7)
    return _over(picture, "#17204a", smoothstep(r, 0.80, 0.93) * 0.95)


def hair_picture(width: int = 256, height: int = 512) -> Floats:
    """Return hair: its left half for the head, top to bottom by height, its right half for the tails, root to tip."""
    v, u = np.mgrid[0:height, 0:width] / np.array([height - 1.0, width - 1.0])[:, None, None]
    head, across = u < 0.5, np.where(u < 0.5, u * 2, u * 2 - 1)
    stops = np.where(head, v * 0.62, 0.18 + v * 0.82)
    picture = _gradient(
        stops, [(0.0, "#8d7fe0"), (0.30, "#9a8ff0"), (0.55, "#9db0f6"), (0.80, "#7fdcdf"), (1.0, "#62ecc6")]
    )
    strand = 0.5 + 0.5 * np.sin(across * 2 * np.pi * 5 + np.sin(across * 31) * 1.5)
    picture = _over(picture, "#6f5fc8", strand**4 * 0.22)
    wave = 0.008 * np.sin(across * 2 * np.pi * 7) + 0.004 * np.sin(across * 2 * np.pi * 19)
    shine = smoothstep(np.abs(v + wave - 0.185), 0.027, 0.012) * head
    picture = _over(picture, "#dcd4ff", shine * 0.75)
    tail_shine = smoothstep(np.abs(v + wave - 0.22), 0.030, 0.018) * ~head
    return _over(picture, "#e4deff", tail_shine * 0.6)


def outfit_picture(width: int = 1024, height: int = 512) -> Floats:
    """Return the hoodie's front and back, as ``outfit`` projects them, and the flat colours of the outfit."""
    v, u = np.mgrid[0:height, 0:width] / np.array([height - 1.0, width - 1.0])[:, None, None]
    picture = np.tile(colour(OUTFIT_COLOURS["hoodie"]), (height, width, 1))
    front = u < 0.5
    x = np.interp(np.abs(np.where(front, u - 0.25, 0.75 - u)), PRINT_U, PRINT_X) * np.where(
        front, np.sign(u - 0.25), np.sign(0.75 - u)
    )
    y = 1.20 - v / PRINT_HEIGHT * 0.60
    stripes = np.minimum(np.abs(np.abs(x) - 0.322), np.abs(np.abs(x) - 0.350))
    picture = _over(picture, "#fbfaff", smoothstep(stripes, 0.0090, 0.0070))
    pocket = _box(x, y - 0.765, 0.078 - 0.35 * np.maximum(y - 0.765, 0.0), 0.043, 0.012)
    picture = _over(picture, "#2fb594", smoothstep(np.abs(pocket), 0.0032, 0.0016) * front)
    seam = np.abs(np.abs(x) - 0.118 - 0.25 * np.maximum(1.07 - y, 0.0)) + 0.02 * (y < 0.99)
    picture = _over(picture, "#36c09d", smoothstep(seam, 0.0026, 0.0012))
    picture = _over(picture, "#ffffff", _mark(x, y - 0.935) * front)
    flat = _swatched((height, width), OUTFIT, OUTFIT_COLOURS)
    return np.where((v > 1 - 1 / SWATCHES)[..., None], flat, picture)


def _mark(x: Floats, y: Floats) -> Floats:
    """Mocast's mark: a head over a body with its arms up, in rounded strokes."""
    head = np.hypot(x, y - 0.026) - 0.0095
    strokes = [
        ((-0.012, 0.006), (0.012, 0.006)),
        ((0.012, 0.006), (0.027, 0.012)),
        ((0.027, 0.012), (0.033, 0.030)),
        ((-0.012, 0.006), (-0.026, -0.008)),
        ((-0.026, -0.008), (-0.032, -0.030)),
        ((-0.012, 0.006), (-0.008, -0.026)),
        ((0.012, 0.006), (0.008, -0.026)),
        ((-0.008, -0.026), (0.008, -0.026)),
    ]
    distance = head
    for start, end in strokes:
        a, b = np.array(start), np.array(end)
        t = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / ((b - a) @ (b - a)), 0, 1)
        distance = np.minimum(distance, np.hypot(x - a[0] - t * (b - a)[0], y - a[1] - t * (b - a)[1]) - 0.0036)
    return smoothstep(distance, 0.0010, -0.0006)


def _box(x: Floats, y: Floats, wide: Floats | float, tall: float, rounding: float) -> Floats:
    dx, dy = np.abs(x) - wide + rounding, np.abs(y) - tall + rounding
    return np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0.0) - rounding


def _gradient(value: Floats, stops: Sequence[tuple[float, str]]) -> Floats:
    at = [stop for stop, _ in stops]
    codes = np.stack([colour(code) for _, code in stops])
    return np.stack([np.interp(value, at, codes[:, channel]) for channel in range(3)], axis=-1)


def _over(picture: Floats, code: str, share: Floats) -> Floats:
    share = np.clip(share, 0.0, 1.0)[..., None]
    return picture * (1 - share) + colour(code) * share


def _swatched(size: tuple[int, int], numbers: Mapping[str, int], colours: Mapping[str, str]) -> Floats:
    picture = np.tile(colour("#ffffff"), (*size, 1))
    top = size[0] - size[0] // SWATCHES
    for name, number in numbers.items():
        left, right = (round((number + end) * size[1] / SWATCHES) for end in (0, 1))
        picture[top:, left:right] = colour(colours[name])
    return picture


def _slices(size: int, rectangle: tuple[float, float, float, float]) -> tuple[slice, slice]:
    left, top, width, height = (round(value * size) for value in rectangle)
    return slice(top, top + height), slice(left, left + width)


def _inside(size: int, rectangle: tuple[float, float, float, float]) -> tuple[Floats, Floats]:
    rows, columns = _slices(size, rectangle)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    y, x = np.mgrid[0:height, 0:width]
    return (x + 0.5) / width, (y + 0.5) / height
