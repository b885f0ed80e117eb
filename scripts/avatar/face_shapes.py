"""How each of ARKit's 52 shapes moves the face: along the head's surface, off it, or in space.

What each shape is: https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation
Sizes are this figure's: eyes and mouth are drawn, not anatomy, so a shape goes as far as its drawing still reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scripts.avatar.features import (
    EYE,
    EYE_HALF_WIDTH,
    MOUTH,
    MOUTH_HALF_WIDTH,
    Drawing,
    closed_lid,
    lower_lid,
    opening,
    upper_lid,
)
from scripts.avatar.head import surface
from scripts.avatar.mesh import Floats, smoothstep

from mocast.model.blendshapes import SHAPE_NAMES

ROUND: Final = 0.94
"""How far toward the corners round lips part: at 1 they would keep a line at each side."""

BROW: Final = np.array([0.047, 0.0395])
"(p, q) of the middle of the left brow."


@dataclass(slots=True, eq=False)
class Move:
    """How far vertices go: along the face, off it and in space."""

    pq: Floats
    lift: Floats
    space: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Vertices seen from one side of the face: its ``p`` grows outward on that side."""

    of: Drawing
    p: Floats
    q: Floats

    @property
    def side(self) -> Floats:
        """(n,) 1 on this side of the face, 0 on the other, a slope between."""
        return smoothstep(self.p, -0.010, 0.010)

    @property
    def mouth_t(self) -> Floats:
        """(n,) across the mouth: -1 and 1 are its corners."""
        return (self.p - MOUTH[0]) / MOUTH_HALF_WIDTH

    @property
    def lips(self) -> Floats:
        """(n,) how much it moves with either lip."""
        return np.minimum(self.of.upper_lip + self.of.lower_lip, 1.0)

    @property
    def corner(self) -> Floats:
        """(n,) 1 at this side's corner of the mouth, fading around."""
        away = np.hypot((self.p - MOUTH_HALF_WIDTH) / 0.019, (self.q - MOUTH[1] - 0.002) / 0.017)
        return smoothstep(away, 1.35, 0.0)

    def spot(self, p: float, q: float, wide: float, tall: float) -> Floats:
        """(n,) 1 at a place, fading to 0 at an ellipse around it."""
        return smoothstep(np.hypot((self.p - p) / wide, (self.q - q) / tall), 1.0, 0.0)


def displaced(of: Drawing, name: str) -> Floats:
    """Return (n, 3) metres: where each vertex goes when the shape of this name is at 1."""
    side = -1.0 if name.endswith("Right") else 1.0
    base = name.removesuffix("Right").removesuffix("Left")
    move = Move(np.zeros_like(of.pq), np.zeros(len(of.pq)), np.zeros((len(of.pq), 3)))
    SHAPES[base](Near(of, of.pq[:, 0] * side, of.pq[:, 1]), move)
    move.pq[:, 0] *= side
    move.space[:, 0] *= side
    moves = move.space.copy()
    slides = (np.abs(move.pq).sum(axis=1) + np.abs(move.lift)) > 1e-7
    if slides.any():
        before = surface(of.pq[slides], of.lift[slides])
        moves[slides] += surface((of.pq + move.pq)[slides], (of.lift + move.lift)[slides]) - before
    return moves


def all_displaced(of: Drawing) -> dict[str, Floats]:
    """Return every shape's (n, 3) moves by ARKit's names."""
    return {name: displaced(of, name) for name in SHAPE_NAMES}


def lids_toward(near: Near, upper_share: float, lower_share: float) -> Floats:
    """Return (n,) metres up: both lids a share of the way to where they close."""
    t = (near.p - EYE[0]) / EYE_HALF_WIDTH
    up = near.q - EYE[1]
    high, low, line = upper_lid(t), lower_lid(t), closed_lid(t)
    over = smoothstep(up - high, 0.021, 0.0) * (near.of.lid > 0)
    under = smoothstep(low - up, 0.024, 0.0) * (near.of.lid < 0)
    return (line - high) * over * upper_share + (line - low) * under * lower_share


def _blink(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, 1.0, 1.0)


def _squint(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, 0.16, 0.85)


def _wide(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, -0.085, -0.22)


def _look_down(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, 0.26, -0.12)


def _look_up(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, -0.06, 0.18)


def _look_in(near: Near, move: Move) -> None:
    move.pq[:, 0] = -0.0030 * near.spot(*EYE, 0.046, 0.044)


def _look_out(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0030 * near.spot(*EYE, 0.046, 0.044)


def _brow_reach(near: Near) -> Floats:
    return smoothstep(np.abs(near.q - BROW[1]), 0.022, 0.004) * smoothstep(np.abs(near.p - BROW[0]), 0.050, 0.030)


def _brow_down(near: Near, move: Move) -> None:
    inner = smoothstep(near.p, BROW[0] + 0.022, BROW[0] - 0.022)
    move.pq[:, 1] = _brow_reach(near) * (-0.0030 - 0.0085 * inner)
    move.pq[:, 0] = -0.0035 * _brow_reach(near) * inner


def _brow_inner_up(near: Near, move: Move) -> None:
    for sign in (1.0, -1.0):
        other = Near(near.of, near.p * sign, near.q)
        inner = smoothstep(other.p, BROW[0] + 0.018, BROW[0] - 0.024)
        move.pq[:, 1] += _brow_reach(other) * (0.0105 * inner) * smoothstep(other.p, -0.004, 0.004)


def _brow_outer_up(near: Near, move: Move) -> None:
    outer = smoothstep(near.p, BROW[0] - 0.028, BROW[0] + 0.012)
    move.pq[:, 1] = _brow_reach(near) * 0.0095 * outer


def _cheek_puff(near: Near, move: Move) -> None:
    for sign in (1.0, -1.0):
        other = Near(near.of, near.p * sign, near.q)
        move.lift += 0.0100 * other.spot(0.052, -0.052, 0.048, 0.040)
    move.pq[:, 0] = -0.10 * near.p * near.lips


def _cheek_squint(near: Near, move: Move) -> None:
    move.pq[:, 1] = lids_toward(near, 0.0, 0.40) + 0.0020 * near.spot(0.055, -0.036, 0.034, 0.018)
    move.lift = 0.0028 * near.spot(0.055, -0.036, 0.036, 0.026)


def _jaw(near: Near) -> Floats:
    """(n,) 1 at the chin, 0 over the mouth and beside the jaw."""
    down = smoothstep(near.q, MOUTH[1] + 0.004, MOUTH[1] - 0.036) * (1 - near.of.upper_lip)
    return down * smoothstep(np.abs(near.p), 0.100, 0.030) * smoothstep(near.q, -0.185, -0.120)


def _lips_apart(near: Near) -> tuple[Floats, Floats]:
    """(n,), (n,) metres: how far up and down the lips go from each other as the jaw opens."""
    wide = opening(near.mouth_t)
    return 0.0035 * wide * near.of.upper_lip, -0.0290 * wide * near.of.lower_lip


def _corners(near: Near) -> Floats:
    """(n,) 1 at both corners of the mouth, 0 in its middle and away from it."""
    return near.lips * np.minimum(np.abs(near.mouth_t), 1.0) ** 2


def _jaw_open(near: Near, move: Move) -> None:
    up, down = _lips_apart(near)
    move.pq[:, 1] = up + down - 0.0035 * _corners(near)
    move.pq[:, 0] = -0.06 * near.p * near.lips
    move.space[:] = np.outer(_jaw(near), [0.0, -0.0085, -0.0030])


def _mouth_close(near: Near, move: Move) -> None:
    up, down = _lips_apart(near)
    wide = opening(near.mouth_t)
    move.pq[:, 1] = -up - down + 0.0035 * _corners(near) - 0.0030 * wide * near.lips
    move.pq[:, 0] = 0.06 * near.p * near.lips


def _jaw_forward(near: Near, move: Move) -> None:
    move.space[:] = np.outer(np.maximum(_jaw(near), 0.7 * near.of.lower_lip), [0.0, 0.0, 0.0060])


def _jaw_aside(near: Near, move: Move) -> None:
    move.space[:] = np.outer(np.maximum(_jaw(near), 0.8 * near.of.lower_lip), [0.0075, 0.0, 0.0])


def _smile(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0068 * near.corner * near.side
    bend = near.lips * near.side * np.clip(near.mouth_t, 0.0, 1.25)
    move.pq[:, 1] = 0.0050 * near.corner * near.side + 0.0028 * bend
    move.pq[:, 1] -= 0.0022 * near.side * near.lips * opening(near.mouth_t)
    cheek = near.spot(0.052, -0.040, 0.034, 0.022)
    move.lift = 0.0026 * cheek
    move.pq[:, 1] += 0.0018 * cheek * (1 - near.lips)


def _frown(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0012 * near.corner * near.side
    move.pq[:, 1] = -0.0078 * near.corner * near.side + 0.0022 * near.side * near.lips * opening(near.mouth_t)


def _dimple(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0046 * near.corner * near.side
    move.pq[:, 1] = 0.0012 * near.corner * near.side
    move.lift = -0.0022 * near.corner * near.side


def _stretch(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0082 * near.corner * near.side
    move.pq[:, 1] = -0.0022 * near.corner * near.side


def _press(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0024 * near.corner * near.side
    move.pq[:, 1] = 0.0014 * near.corner * near.side
    move.lift = -0.0018 * near.lips * near.side


def _funnel(near: Near, move: Move) -> None:
    wide = opening(near.mouth_t * ROUND)
    move.pq[:, 0] = -0.44 * near.p * near.lips
    move.pq[:, 1] = wide * (0.0040 * near.of.upper_lip - 0.0068 * near.of.lower_lip) - 0.0080 * _corners(near)
    move.lift = 0.0042 * near.lips


def _pucker(near: Near, move: Move) -> None:
    move.pq[:, 0] = -0.50 * near.p * near.lips
    move.pq[:, 1] = -0.0032 * _corners(near)
    move.lift = 0.0056 * near.lips


def _mouth_aside(near: Near, move: Move) -> None:
    move.pq[:, 0] = 0.0090 * near.lips


def _lower_down(near: Near, move: Move) -> None:
    share = smoothstep(near.p, -0.014, 0.014)
    move.pq[:, 1] = -0.0080 * near.of.lower_lip * opening(near.mouth_t) * share


def _upper_up(near: Near, move: Move) -> None:
    share = smoothstep(near.p, -0.014, 0.014)
    move.pq[:, 1] = 0.0058 * near.of.upper_lip * opening(near.mouth_t) * share


def _roll_lower(near: Near, move: Move) -> None:
    move.pq[:, 1] = 0.0016 * near.of.lower_lip
    move.lift = -0.0030 * near.of.lower_lip


def _roll_upper(near: Near, move: Move) -> None:
    move.pq[:, 1] = -0.0016 * near.of.upper_lip
    move.lift = -0.0030 * near.of.upper_lip


def _shrug_lower(near: Near, move: Move) -> None:
    move.pq[:, 1] = 0.0042 * near.lips * np.maximum(opening(near.mouth_t), 0.15)
    move.lift = 0.0014 * near.of.lower_lip


def _shrug_upper(near: Near, move: Move) -> None:
    move.pq[:, 1] = 0.0026 * near.lips * np.maximum(opening(near.mouth_t), 0.15)
    move.lift = 0.0016 * near.of.upper_lip


def _sneer(near: Near, move: Move) -> None:
    nose = near.spot(0.012, -0.026, 0.018, 0.020)
    move.pq[:, 1] = 0.0030 * nose + 0.0012 * near.of.upper_lip * near.side
    move.lift = 0.0012 * nose
    inner = smoothstep(near.p, BROW[0] + 0.010, BROW[0] - 0.022) * near.side
    move.pq[:, 1] -= 0.0024 * inner * _brow_reach(near)


def _tongue_out(near: Near, move: Move) -> None:
    wide = opening(near.mouth_t)
    move.pq[:, 1] = wide * (0.0012 * near.of.upper_lip - 0.0090 * near.of.lower_lip)


SHAPES: Final[dict[str, Callable[[Near, Move], None]]] = {
    "browDown": _brow_down,
    "browInnerUp": _brow_inner_up,
    "browOuterUp": _brow_outer_up,
    "cheekPuff": _cheek_puff,
    "cheekSquint": _cheek_squint,
    "eyeBlink": _blink,
    "eyeLookDown": _look_down,
    "eyeLookIn": _look_in,
    "eyeLookOut": _look_out,
    "eyeLookUp": _look_up,
    "eyeSquint": _squint,
    "eyeWide": _wide,
    "jawForward": _jaw_forward,
    "jaw": _jaw_aside,
    "jawOpen": _jaw_open,
    "mouthClose": _mouth_close,
    "mouthDimple": _dimple,
    "mouthFrown": _frown,
    "mouthFunnel": _funnel,
    "mouth": _mouth_aside,
    "mouthLowerDown": _lower_down,
    "mouthPress": _press,
    "mouthPucker": _pucker,
    "mouthRollLower": _roll_lower,
    "mouthRollUpper": _roll_upper,
    "mouthShrugLower": _shrug_lower,
    "mouthShrugUpper": _shrug_upper,
    "mouthSmile": _smile,
    "mouthStretch": _stretch,
    "mouthUpperUp": _upper_up,
    "noseSneer": _sneer,
    "tongueOut": _tongue_out,
}
"""By ARKit's name without its side."""
