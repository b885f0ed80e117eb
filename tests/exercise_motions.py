"""Synthetic sets of exercises with known repetitions: bodies of other proportions, turned, with a tracker's errors.

A body is given by the directions of its bones in its own space (x to the subject's left, y up, z forward) and its
bones' lengths. A set is a list of ``Way``s: from rest some part of the way to an exercise's end, and back. What the
tracker adds is white noise and drift, both larger in depth, depth that is stretched, landmarks that jump for a frame,
frames that are missing, times that are uneven, and limbs of the far side that are hardly seen.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import (
    ANKLES,
    EARS,
    ELBOWS,
    HEELS,
    HIPS,
    INDICES,
    KNEES,
    PINKIES,
    SHOULDERS,
    THUMBS,
    TOES,
    WRISTS,
)
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose, Tracked

Vector = NDArray[np.float64]

PTS_PER_S: Final = 90_000
SIZE_WH: Final = (640, 480)
METRES_HIGH: Final = 2.8
"""What the picture shows, top to bottom."""

_LIMBS: Final = (ELBOWS, WRISTS, PINKIES, INDICES, THUMBS, KNEES, ANKLES, HEELS, TOES)


@dataclass(frozen=True, slots=True)
class Proportions:
    """Lengths of bones in metres; ``shoulders`` and ``hips`` from the middle."""

    shin: float = 0.43
    thigh: float = 0.43
    trunk: float = 0.5
    shoulders: float = 0.19
    hips: float = 0.1
    upper_arm: float = 0.3
    forearm: float = 0.26

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Proportions":
        """Return somebody 1.35 to 2.05 m tall, each bone 12% longer or shorter than usual."""
        usual, size = cls(), rng.uniform(0.78, 1.16)
        return cls(**{name: getattr(usual, name) * size * rng.uniform(0.88, 1.12) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Directions of the bones, of length 1, away from the trunk; of pairs the left one first."""

    trunk: Vector
    thighs: tuple[Vector, Vector]
    shins: tuple[Vector, Vector]
    upper_arms: tuple[Vector, Vector]
    forearms: tuple[Vector, Vector]
    facing: Vector
    "Where the face looks."


@dataclass(frozen=True, slots=True)
class Way:
    """One movement: how far it goes (1: a whole repetition's way), and how long each part takes."""

    share: float
    out_s: float = 1.0
    hold_s: float = 0.2
    back_s: float = 1.0
    pause_s: float = 0.4
    "At rest, afterwards."
    halfway_s: float = 0.0
    "A pause on the way out."
    dips: int = 0
    "How often it goes up to 60% and down again before the way back."
    side: int | None = None
    "Of what is done with one side: 0 left, 1 right; ``None`` both."
    arms_only: bool = False
    "Of jumping jacks: the feet stay."

    @property
    def counts(self) -> bool:
        """Whether it is a whole repetition."""
        return self.share >= WHOLE[0] and not self.arms_only


WHOLE: Final = (0.9, 1.0)
HALF: Final = (0.3, 0.48)
"""Shares of the way that are whole and half repetitions."""


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody does it, drawn once for a set."""

    rest_deg: float = 0.0
    "How far from its usual angle the body is at rest, up to 6 either way."
    deep_deg: float = 0.0
    "How far from it at the end, up to 6."
    arms: int = 0
    stance: float = 0.1
    flare: float = 0.6
    lead: int = 0


Movement = Callable[[float, float, Way, Style], Figure]
"""Shares of the way that the left and the right have gone → the body."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where it looks from, in degrees. Turned by 0 the body looks into it."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    fps: float = 30.0


@dataclass(frozen=True, slots=True)
class Errors:
    """Those of a tracker."""

    white_m: float = 0.008
    drift_m: float = 0.01
    in_depth: float = 2.0
    "How much larger both are in depth."
    depth_scale: float = 1.0
    jumps: float = 0.002
    "Share of landmarks that are 10 to 20 cm off in a frame."
    missing: float = 0.04
    "Share of frames that are dropped."
    uneven: float = 0.2
    "Of the time between two frames."
    far_visibility: float = 0.9


NO_ERRORS: Final = Errors(0.0, 0.0, jumps=0.0, missing=0.0, uneven=0.0)


@dataclass(frozen=True, slots=True)
class ExerciseSet:
    """One set, ready to be tracked."""

    exercise: str
    ways: tuple[Way, ...]
    seed: int
    style: Style = field(default_factory=Style)
    proportions: Proportions = field(default_factory=Proportions)
    camera: Camera = field(default_factory=Camera)
    errors: Errors = NO_ERRORS

    @property
    def count(self) -> int:
        """How many repetitions it has."""
        return sum(way.counts for way in self.ways)

    def frames(self) -> Iterator[Tracked]:
        """Yield what a tracker finds."""
        rng = np.random.default_rng(self.seed)
        drift = np.zeros((len(P), 3))
        to_camera = _turned(self.camera)
        far = _far_side(to_camera)
        shares, ways = self._shares()
        for number, (way, (left, right)) in enumerate(zip(ways, shares.tolist(), strict=True)):
            figure = MOVEMENTS[self.exercise](left, right, way, self.style)
            world = _points(figure, self.proportions) @ to_camera.T * (1.0, -1.0, -1.0)
            drift = _drifted(drift, self.errors, self.camera.fps, rng)
            uneven = rng.uniform(-0.5, 0.5) * self.errors.uneven
            if rng.random() < self.errors.missing:
                continue
            pts = round((number + 1 + uneven) / self.camera.fps * PTS_PER_S)
            yield _tracked(_disturbed(world, drift, self.errors, rng), number, pts, far, self.errors.far_visibility)

    def _shares(self) -> tuple[NDArray[np.float64], list[Way]]:
        """(n, 2): how far left and right have gone in each frame, and the way that each frame belongs to."""
        rows, ways = [np.zeros((round(self.camera.fps * 1.2), 2))], [self.ways[0]] * round(self.camera.fps * 1.2)
        for way in self.ways:
            course = _course(way, self.camera.fps)
            both = np.stack([course if way.side in (None, side) else np.zeros_like(course) for side in (0, 1)], -1)
            rows.append(both)
            ways += [way] * len(both)
        return np.concatenate(rows), ways


def random_set(exercise: str, seed: int) -> ExerciseSet:
    """Return a set of 3 to 8 repetitions, with half ones and pauses between them, as seen by some camera."""
    rng = np.random.default_rng(seed)
    fast = exercise == "jumping_jack"
    seen_from_deg = rng.choice([-90, 90]) if exercise in ON_THE_FLOOR else 0
    ways = [_random_way(exercise, WHOLE, fast, rng) for _ in range(rng.integers(3, 9))]
    for _ in range(rng.integers(0, 4)):
        ways.insert(int(rng.integers(len(ways) + 1)), _random_way(exercise, HALF, fast, rng))
    if fast and rng.random() < 0.5:
        ways.insert(int(rng.integers(len(ways) + 1)), replace(_random_way(exercise, WHOLE, fast, rng), arms_only=True))
    return ExerciseSet(
        exercise,
        tuple(ways),
        seed,
        Style(
            rest_deg=rng.uniform(-6, 6),
            deep_deg=rng.uniform(-6, 6),
            arms=int(rng.integers(3)),
            stance=rng.uniform(0.02, 0.3),
            flare=rng.uniform(0.3, 1.2),
            lead=int(rng.integers(2)),
        ),
        Proportions.random(rng),
        Camera(seen_from_deg + rng.uniform(-45, 45), rng.uniform(-8, 8), rng.uniform(-4, 4), rng.uniform(15, 31)),
        Errors(
            depth_scale=rng.uniform(0.9, 1.1),
            far_visibility=rng.uniform(0.3 if exercise in ON_THE_FLOOR else 0.6, 0.95),
        ),
    )


def held(seconds: float, *, rest_s: float = 2.0) -> Way:
    """Return what is held for so long, of which ways in and out of 0.6 s are no part."""
    return Way(1.0, out_s=0.6, hold_s=seconds, back_s=0.6, pause_s=rest_s)


def random_holds(seed: int) -> ExerciseSet:
    """Return 1 to 3 planks of 4 to 15 s, with rests between them."""
    rng = np.random.default_rng(seed)
    ways = tuple(held(rng.uniform(4, 15), rest_s=rng.uniform(1.5, 4)) for _ in range(rng.integers(1, 4)))
    return replace(random_set("plank", seed), ways=ways)


def _random_way(exercise: str, shares: tuple[float, float], fast: bool, rng: np.random.Generator) -> Way:
    slowness = 0.5 if fast else 1.0
    return Way(
        share=rng.uniform(*shares),
        out_s=rng.uniform(0.7, 2.2) * slowness,
        hold_s=rng.choice([0.0, 0.2, 0.5, 1.5]) * slowness,
        back_s=rng.uniform(0.7, 1.8) * slowness,
        pause_s=rng.choice([0.1, 0.3, 1.0, 4.0]) * slowness,
        halfway_s=rng.choice([0.0, 0.0, 0.0, 1.0]) * slowness,
        dips=int(rng.choice([0, 0, 0, 0, 1])) if shares is WHOLE and not fast else 0,
        side=[None, 0, 1][rng.integers(3)] if exercise in ("curl", "lunge") else None,
    )


def _course(way: Way, fps: float) -> NDArray[np.float64]:
    """Shares of the way, frame by frame, without corners."""
    knots = [(0.0, 0.0)]

    def go(seconds: float, share: float) -> None:
        knots.append((knots[-1][0] + seconds, share))

    if way.halfway_s:
        go(way.out_s / 2, way.share * 0.5)
        go(way.halfway_s, way.share * 0.5)
    go(way.out_s / (2 if way.halfway_s else 1), way.share)
    for _ in range(way.dips):
        go(way.out_s / 2, way.share * 0.6)
        go(way.out_s / 2, way.share)
    go(way.hold_s, way.share)
    go(way.back_s, 0.0)
    go(way.pause_s, 0.0)
    ends, values = np.array(knots).T
    times = np.arange(round(ends[-1] * fps)) / fps
    after = np.clip(np.searchsorted(ends, times, side="right"), 1, len(ends) - 1)
    span = np.maximum(ends[after] - ends[after - 1], 1e-9)
    part = 0.5 - 0.5 * np.cos(np.pi * np.clip((times - ends[after - 1]) / span, 0, 1))
    return np.asarray(values[after - 1] + part * (values[after] - values[after - 1]))


# ---- movements


def _sagittal(degrees: float, out: float = 0.0, side: int = 0) -> Vector:
    """0 is down, 90 forward, 180 up; ``out`` tends to the side, 0 the left."""
    radians = math.radians(degrees)
    return _unit(out * (1 - 2 * side), -math.cos(radians), math.sin(radians))


def _frontal(degrees: float, side: int) -> Vector:
    """0 is down, 90 to the side, 180 up."""
    radians = math.radians(degrees)
    return _unit((1 - 2 * side) * math.sin(radians), -math.cos(radians), 0.0)


def _aside(out: float, side: int) -> Vector:
    return np.array([out * (1 - 2 * side), 0.0, 0.0])


def _unit(x: float, y: float, z: float) -> Vector:
    vector = np.array([x, y, z], np.float64)
    return vector / np.linalg.norm(vector)


def _both(of_side: Callable[[int], Vector]) -> tuple[Vector, Vector]:
    return of_side(0), of_side(1)


def _hanging_arms(style: Style) -> tuple[tuple[Vector, Vector], tuple[Vector, Vector]]:
    """Hanging, folded at the chest, or at the hips."""
    if style.arms == 1:
        return _both(lambda side: _sagittal(25, 0.2, side)), _both(lambda side: _sagittal(150, -0.4, side))
    if style.arms == 2:
        return _both(lambda side: _sagittal(-15, 0.8, side)), _both(lambda side: _sagittal(30, -0.7, side))
    return _both(lambda side: _sagittal(4, 0.15, side)), _both(lambda side: _sagittal(15, 0.05, side))


def _squat(left: float, _: float, way: Way, style: Style) -> Figure:
    """Knees from 174 to 82 degrees."""
    bend = (6 - style.rest_deg * 0.5) + left * (92 + style.deep_deg)
    upper, fore = _hanging_arms(style)
    if style.arms == 0:
        upper = fore = _both(lambda side: _sagittal(5 + 85 * left, 0.1, side))
    return Figure(
        trunk=_sagittal(180 - 0.4 * bend),
        thighs=_both(lambda side: _sagittal(0.72 * bend, style.stance, side)),
        shins=_both(lambda side: _sagittal(-0.28 * bend, style.stance * 0.5, side)),
        upper_arms=upper,
        forearms=fore,
        facing=_sagittal(90),
    )


def _lunge(left: float, right: float, way: Way, style: Style) -> Figure:
    """The front knee from 177 to 84 degrees, the back one to 88. Of a way with a side, that leg is in front."""
    share, front = max(left, right), way.side if way.side is not None else style.lead
    forward, backward = share * (93 + style.deep_deg), share * (90 + style.deep_deg)
    thighs, shins = [np.zeros(3)] * 2, [np.zeros(3)] * 2
    thighs[front], shins[front] = _sagittal(3 + forward, 0.05, front), _sagittal(0, 0.03, front)
    thighs[1 - front], shins[1 - front] = _sagittal(-18 * share, 0.05, 1 - front), _sagittal(-3 - 18 * share - backward)
    upper, fore = _hanging_arms(style)
    return Figure(_sagittal(180 - 8 * share), (thighs[0], thighs[1]), (shins[0], shins[1]), upper, fore, _sagittal(90))


def _push_up(left: float, _: float, way: Way, style: Style) -> Figure:
    """Elbows from 170 to 78 degrees, forearms upright, the body straight and facing the floor."""
    straight, bent = 170 + style.rest_deg, 78 - style.deep_deg
    elbow = straight + left * (bent - straight)
    along = _sagittal(90 + 18 - 12 * left)
    aside = math.radians(180 - elbow)

    def upper_arm(side: int) -> Vector:
        flare = _unit((1 - 2 * side) * style.flare, 0.0, -1.0)  # outward, and toward the feet
        return _sagittal(0) * math.cos(aside) + flare * math.sin(aside)

    return Figure(
        trunk=along,
        thighs=(-along, -along),
        shins=(-along, -along),
        upper_arms=_both(upper_arm),
        forearms=_both(lambda _: _sagittal(0)),
        facing=_sagittal(0),
    )


def _sit_up(left: float, _: float, way: Way, style: Style) -> Figure:
    """The trunk from lying to 70 degrees, knees bent."""
    up = 5 + style.rest_deg * 0.5 + left * (68 + style.deep_deg)
    trunk = _sagittal(-90 - up)
    facing = _sagittal(-180 - up)
    knees = 48 + style.rest_deg
    folded = style.arms != 0
    return Figure(
        trunk=trunk,
        thighs=_both(lambda side: _sagittal(90 + knees, 0.08, side)),
        shins=_both(lambda side: _sagittal(90 - knees, 0.03, side)),
        upper_arms=_both(lambda side: _unit(*(0.5 * facing - trunk if folded else trunk + _aside(1.2, side)))),
        forearms=_both(lambda side: _unit(*((trunk + 0.3 * facing if folded else 0.4 * trunk) - _aside(0.8, side)))),
        facing=facing,
    )


def _jumping_jack(left: float, _: float, way: Way, style: Style) -> Figure:
    """Arms from 12 to 157 degrees, legs from 3 to 26 each."""
    arms = 12 + style.rest_deg + left * (145 + style.deep_deg)
    legs = 3 + (0 if way.arms_only else left * (23 + style.deep_deg * 0.5))
    return Figure(
        trunk=_sagittal(180),
        thighs=_both(lambda side: _frontal(legs, side)),
        shins=_both(lambda side: _frontal(legs, side)),
        upper_arms=_both(lambda side: _frontal(arms, side)),
        forearms=_both(lambda side: _frontal(arms + 12, side)),
        facing=_sagittal(90),
    )


def _curl(left: float, right: float, way: Way, style: Style) -> Figure:
    """Elbows from 166 to 40 degrees, one or both."""
    bends = [14 - style.rest_deg + share * (126 + style.deep_deg) for share in (left, right)]
    swing = [4 + 9 * share for share in (left, right)]
    return Figure(
        trunk=_sagittal(180),
        thighs=_both(lambda side: _sagittal(2, 0.03, side)),
        shins=_both(lambda side: _sagittal(-2, 0.03, side)),
        upper_arms=_both(lambda side: _sagittal(swing[side], 0.12, side)),
        forearms=_both(lambda side: _sagittal(swing[side] + bends[side], 0.05, side)),
        facing=_sagittal(90),
    )


def _plank(left: float, _: float, way: Way, style: Style) -> Figure:
    """On forearms; at rest on the knees."""
    along = _sagittal(90 + 8 + style.rest_deg * 0.5)
    down = 1 - left
    return Figure(
        trunk=_sagittal(90 + 8 + 50 * down),
        thighs=_both(lambda _: _unit(*(-along * left + _sagittal(0) * down))),
        shins=_both(lambda _: _unit(*(-along * left + _sagittal(-90) * down))),
        upper_arms=_both(lambda side: _sagittal(5 + style.rest_deg, 0.05, side)),
        forearms=_both(lambda side: _sagittal(88, -0.1, side)),
        facing=_sagittal(0),
    )


MOVEMENTS: Final[dict[str, Movement]] = {
    "squat": _squat,
    "lunge": _lunge,
    "push_up": _push_up,
    "sit_up": _sit_up,
    "jumping_jack": _jumping_jack,
    "curl": _curl,
    "plank": _plank,
}
ON_THE_FLOOR: Final = frozenset({"push_up", "sit_up", "plank"})
"""Seen from the side; the others from the front."""
REPEATED: Final = tuple(name for name in MOVEMENTS if name != "plank")


# ---- from a body to what a tracker finds of it


def _points(figure: Figure, lengths: Proportions) -> NDArray[np.float64]:
    """(33, 3) metres, body space, from the middle of the hips."""
    points = np.zeros((len(P), 3))
    lateral = np.array([1.0, 0.0, 0.0])
    neck = figure.trunk * lengths.trunk
    nose = neck + figure.trunk * 0.2 + figure.facing * 0.1
    for landmark in range(P.LEFT_SHOULDER):
        points[landmark] = nose
    for side in (0, 1):
        out = lateral * (1 - 2 * side)
        points[EARS[side]] = nose + out * 0.075 - figure.facing * 0.1
        points[SHOULDERS[side]] = neck + out * lengths.shoulders
        points[ELBOWS[side]] = points[SHOULDERS[side]] + figure.upper_arms[side] * lengths.upper_arm
        points[WRISTS[side]] = points[ELBOWS[side]] + figure.forearms[side] * lengths.forearm
        for fingers, wide in ((PINKIES, -0.03), (INDICES, 0.03), (THUMBS, 0.05)):
            points[fingers[side]] = points[WRISTS[side]] + figure.forearms[side] * 0.08 + figure.facing * wide
        points[HIPS[side]] = out * lengths.hips
        points[KNEES[side]] = points[HIPS[side]] + figure.thighs[side] * lengths.thigh
        points[ANKLES[side]] = points[KNEES[side]] + figure.shins[side] * lengths.shin
        points[HEELS[side]] = points[ANKLES[side]] + figure.shins[side] * 0.05 - figure.facing * 0.04
        points[TOES[side]] = points[ANKLES[side]] + figure.shins[side] * 0.05 + figure.facing * 0.16
    return points


def _turned(camera: Camera) -> NDArray[np.float64]:
    """(3, 3): from body space to the camera's, x to the image's right, y up, z toward the camera."""
    yaw, pitch, roll = np.radians([camera.yaw_deg, camera.pitch_deg, camera.roll_deg])
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def _far_side(to_camera: NDArray[np.float64]) -> int:
    """Which side is farther from the camera."""
    return int((to_camera @ [1.0, 0.0, 0.0])[2] > 0)


def _drifted(drift: NDArray[np.float64], errors: Errors, fps: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The errors that stay for about a second."""
    kept = math.exp(-1 / fps)
    step = rng.normal(scale=errors.drift_m * math.sqrt(1 - kept**2), size=drift.shape)
    return kept * drift + step * (1.0, 1.0, errors.in_depth)


def _disturbed(
    world: NDArray[np.float64], drift: NDArray[np.float64], errors: Errors, rng: np.random.Generator
) -> NDArray[np.float64]:
    noise = rng.normal(scale=errors.white_m, size=world.shape) * (1.0, 1.0, errors.in_depth)
    jumping = rng.random(len(world)) < errors.jumps
    jump = rng.normal(size=world.shape)
    jump *= rng.uniform(0.1, 0.2, (len(world), 1)) / np.linalg.norm(jump, axis=1, keepdims=True)
    return np.asarray(world * (1.0, 1.0, errors.depth_scale) + drift + noise + jump * jumping[:, None])


def _tracked(world: NDArray[np.float64], number: int, pts: int, far: int, far_visibility: float) -> Tracked:
    width, height = SIZE_WH
    centre = 0.5 * (world.min(0) + world.max(0))
    image = (world - centre) / METRES_HIGH * (height / width, 1.0, height / width) + (0.5, 0.5, 0.0)
    visibility = np.full(len(P), 0.97, np.float32)
    visibility[[pair[far] for pair in _LIMBS]] = far_visibility
    pose = Pose(image.astype(np.float32), (world - world[list(HIPS)].mean(0)).astype(np.float32), visibility)
    return Tracked(number, pts, 0, SIZE_WH, pose=pose)
