"""Takes: generated people filmed in motion or in a pose, and the rigs that solvers make of their landmarks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tests.unit.rigging.skeletons import random_skeleton

from bench.avatar import kalidokit
from bench.avatar.camera import Camera, Noise, Shot, shoot
from bench.avatar.motions import Motion, standing
from bench.avatar.people import Person
from bench.avatar.poses import PosedBody
from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions, Smoothing
from mocast.model.quaternions import from_vectors, nlerp, rotate
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.rigging.solver import Solver

B = HumanoidBone
FPS = 30
MIN_RAISED_M = 0.15
"""A foot in the air is at least so much higher than the other."""
SETTLE_S = 1.5
"""What of the beginning of a take does not count."""
PRELUDE_S = 10.0
"""How long people stand before what they do, in most suites: tilted cameras are levelled, body and floor learnt."""
PRELUDE_END_S = 0.5
"""From standing to what they do; as long again does not count."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A person before a camera."""

    name: str
    shots: list[Shot]
    bodies: list[PosedBody]
    "As many as ``shots``; the pose in the room."
    camera: Camera
    fps: int = FPS
    hertz: float = 0.0
    start: int = round(SETTLE_S * FPS)
    "The first frame that counts."

    @property
    def settled(self) -> slice:
        """The frames that count."""
        return slice(self.start, None)

    @property
    def levelled(self) -> NDArray[np.float64]:
        """(n, 55, 4): the true rotations in the room, turned so that the camera is straight ahead, but not tilted."""
        return np.stack([shot.levelled for shot in self.shots])

    @property
    def turned(self) -> NDArray[np.float64]:
        """(n, 55, 4): the true rotations in ray space."""
        return np.stack([shot.turned for shot in self.shots])

    @property
    def tracked(self) -> list[Tracked]:
        return [shot.tracked for shot in self.shots]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a solver made of a take."""

    local: NDArray[np.float64]
    "(n, 55, 4): local rotations."
    hips: NDArray[np.float64]
    "(n, 3) metres: where the hips of the default avatar are."
    rigs: Sequence[Rig] = ()


def film(
    motion: Motion,
    person: Person,
    camera: Camera,
    *,
    noise_m: float = 0.0,
    rng: np.random.Generator | None = None,
    fps: int = FPS,
    seconds: float | None = None,
    in_view_axes: bool = False,
    prelude_s: float = 0.0,
) -> Take:
    """Return a person who does a motion. ``seconds``: the motion's, unless told otherwise.

    ``prelude_s``: how long the person stands still before that, as people do who have just started their camera; from
    standing to the motion takes half a second more. It does not count.
    """
    count = round((seconds or motion.seconds) * fps)
    bodies = [motion.pose(person, number / fps) for number in range(count)]
    return _shot(motion.name, person, bodies, camera, noise_m, rng, fps, motion.hertz, in_view_axes, prelude_s)


def hold(
    person: Person,
    body: PosedBody,
    camera: Camera,
    *,
    noise_m: float = 0.0,
    rng: np.random.Generator | None = None,
    frames: int = 60,
    name: str = "pose",
    in_view_axes: bool = False,
    prelude_s: float = 0.0,
) -> Take:
    """Return a person who holds a pose for some frames. ``prelude_s``: see ``film``."""
    return _shot(name, person, [body] * frames, camera, noise_m, rng, FPS, 0.0, in_view_axes, prelude_s)


def _shot(  # noqa: PLR0917
    name: str,
    person: Person,
    bodies: list[PosedBody],
    camera: Camera,
    noise_m: float,
    rng: np.random.Generator | None,
    fps: int,
    hertz: float,
    in_view_axes: bool,
    prelude_s: float,
) -> Take:
    noise = Noise(noise_m, rng or np.random.default_rng(0), step_s=1 / fps)
    before = _prelude(person, bodies[0], round(prelude_s * fps), round(PRELUDE_END_S * fps)) if prelude_s else []
    shots: list[Shot] = []
    last: PosedBody | None = None
    for number, body in enumerate([*before, *bodies]):
        pts = round(number * 90_000 / fps)
        if body is last and noise_m == 0.0:
            shots.append(replace(shots[-1], tracked=replace(shots[-1].tracked, pts=pts, frame=number)))
            continue
        last = body
        found = shoot(
            person,
            body.local,
            body.hips,
            camera,
            pts=pts,
            noise=noise,
            hands=body.hands,
            in_view_axes=in_view_axes,
        )
        shots.append(found)
    start = len(before) + round((PRELUDE_END_S if before else SETTLE_S) * fps)
    return Take(name, shots, [*before, *bodies], camera, fps, hertz, start)


def _prelude(person: Person, first: PosedBody, count: int, ending: int) -> list[PosedBody]:
    """Return a person who stands where a motion begins, and goes over to its first pose."""
    still = standing(person)
    still.hips[[0, 2]] += first.hips[[0, 2]]
    between = []
    for number in range(ending):
        share = (number + 1) / (ending + 1)
        body = PosedBody(person, nlerp(still.local, first.local, share), still.hips + share * (first.hips - still.hips))
        body.planted = (False, False)
        between.append(body)
    return [still] * count + between


def random_pose(person: Person, rng: np.random.Generator) -> PosedBody:
    """Return a body in a pose within anatomical limits, near upright: elbows and knees are bent by 25° or more.

    It stands on both feet, or on one with the other anywhere above the floor; soles that stand are flat.
    """
    body = PosedBody(person)
    while True:
        body.local[:] = random_skeleton(rng).local
        body.local[B.HIPS] = from_vectors(np.radians(rng.uniform((-15, -15, -10), (15, 15, 10))))
        if rng.random() < 0.5:
            return _on_both_feet(body, rng)
        ankles = body.state()[0][[B.LEFT_FOOT, B.RIGHT_FOOT], 1]
        if abs(ankles[0] - ankles[1]) > MIN_RAISED_M:
            return _on_one_foot(body, int(np.argmin(ankles)))


def _on_both_feet(body: PosedBody, rng: np.random.Generator) -> PosedBody:
    person = body.person
    body.hips[1] = float(person.offsets[B.HIPS, 1]) - rng.uniform(0.04, 0.25) * sum(person.legs_m)
    x = float(person.offsets[B.LEFT_UPPER_LEG, 0])
    ankles = [
        np.array([sign * x * rng.uniform(0.8, 2.0), person.ankle_m, rng.uniform(-0.15, 0.15)]) for sign in (1, -1)
    ]
    yaw_deg = rng.uniform((-5, -25), (25, 5))
    body.stand(*ankles, yaw_deg=(float(yaw_deg[0]), float(yaw_deg[1])))
    return body


def _on_one_foot(body: PosedBody, side: int) -> PosedBody:
    foot = (B.LEFT_FOOT, B.RIGHT_FOOT)[side]
    forward = rotate(body.state()[1][foot], np.array([0.0, 0, 1]))
    body.turn_to(foot, from_vectors(np.array([0.0, np.arctan2(forward[0], forward[2]), 0.0])))
    joints, turned = body.state()
    body.hips[1] -= body.person.sole_points(joints, turned)[side, :, 1].min()
    body.planted = (side == 0, side == 1)
    return body


def random_camera(
    rng: np.random.Generator,
    person: Person,
    framing: str = "full",
    *,
    yaw_deg: float = 60.0,
    pitch_deg: float = 15.0,
    field_of_view_deg: tuple[float, float] = (50.0, 72.0),
    room_m: float = 0.0,
) -> Camera:
    """Return a camera around a person, with the whole body in the picture or half of it.

    ``yaw_deg``, ``pitch_deg``: the most to either side. ``room_m``: how far the person comes nearer.
    """
    degrees = float(rng.uniform(*field_of_view_deg))
    size_wh = (1280, 720) if rng.random() < 0.5 else (640, 480)
    yaw, pitch = rng.uniform(-1, 1, 2) * [yaw_deg, pitch_deg]
    return camera_of(
        person,
        framing,
        yaw_deg=float(yaw),
        pitch_deg=float(pitch),
        field_of_view_deg=degrees,
        size_wh=size_wh,
        room_m=room_m,
        aim=rng.uniform(-0.1, 0.1, 2),
    )


def camera_of(
    person: Person,
    framing: str = "full",
    *,
    yaw_deg: float = 0.0,
    pitch_deg: float = 0.0,
    field_of_view_deg: float = 60.0,
    size_wh: tuple[int, int] = (640, 480),
    room_m: float = 0.0,
    aim: NDArray[np.float64] | tuple[float, float] = (0.0, 0.0),
) -> Camera:
    """Return a camera that has a person in its picture; a whole one with room for raised arms."""
    head_m = float(person.offsets[[B.HIPS, B.SPINE, B.CHEST, B.UPPER_CHEST, B.NECK, B.HEAD], 1].sum())
    shown_m = 1.45 * head_m if framing == "full" else 0.55 * head_m
    middle_m = 0.5 * 1.12 * head_m if framing == "full" else 0.88 * head_m
    width, height = size_wh
    tangent = float(np.tan(np.radians(field_of_view_deg / 2))) * height / max(width, height)
    return Camera(
        yaw_deg=yaw_deg,
        pitch_deg=pitch_deg,
        field_of_view_deg=field_of_view_deg,
        distance_m=0.5 * shown_m / tangent + room_m,
        target=(0.0, middle_m, 0.0),
        aim=(float(aim[0]), float(aim[1])),
        size_wh=size_wh,
    )


def ours(take: Take, options: RigOptions | None = None) -> Answer:
    """Return what Mocast's solver makes of it; each frame of the picture is solved, as in a live room."""
    return solved(take.tracked, options)


def solved(frames: Sequence[Tracked], options: RigOptions | None = None) -> Answer:
    """Return what Mocast's solver makes of some frames."""
    solver = Solver(options or RigOptions())
    rigs = [solver.rig(frame) for frame in frames]
    local = np.stack([rig.rotations for rig in rigs]).astype(np.float64)
    return Answer(local, np.stack([rig.hips for rig in rigs]).astype(np.float64), rigs)


def smoothed(preset: Smoothing) -> RigOptions:
    """Return the default options with this smoothing."""
    return RigOptions(smoothing=preset)


def kalidokits(frames: Sequence[Tracked]) -> dict[str, Answer]:
    """Return what Kalidokit makes of some frames, by reading; see ``bench.avatar.kalidokit``.

    ``trunk`` and ``camera``: the kind reading with limbs relative to either, as computed; ``template``: as its template
    shows it; ``smoothed``: the kind reading with the template's smoothing. The template's hips' position is not
    metres and is not compared.
    """
    answers = kalidokit.solve(frames)
    readings = {
        "trunk": np.stack([kalidokit.rotations(one, kind=True) for one in answers]),
        "camera": np.stack([kalidokit.rotations(one, kind=True, limbs_in_trunk=False) for one in answers]),
    }
    raw = np.stack([kalidokit.rotations(one, kind=False) for one in answers])
    readings["template"] = kalidokit.as_template(raw)
    readings["smoothed"] = kalidokit.as_template(readings["trunk"])
    return {name: Answer(local, np.zeros((len(local), 3))) for name, local in readings.items()}
