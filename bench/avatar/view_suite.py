"""The suite of the field of view: what the pose would tell of it, of generated people and of clips.

The pose network gives a body twice, in the picture and in metres; the nearer the camera, the larger is in the picture
what is nearer. The field of view that is told is the one at which both agree best, by least squares.
"""

import numpy as np
from numpy.typing import NDArray

from bench.avatar.motions import standing
from bench.avatar.suite import NOISE_M, Run, Section
from bench.avatar.takes import FPS, hold, random_camera
from bench.report import table
from mocast.model.camera_rays import ray_rotation
from mocast.model.half_body import TRUNK, middle_of_body
from mocast.model.topology import ELBOWS, EYES, HIPS, SHOULDERS, WRISTS, PoseLandmark
from mocast.model.tracked import Pose, Tracked

CANDIDATES_DEG = np.arange(24.0, 121.0, 1.0)
TRUE_DEG = (50.0, 60.0, 72.0)
PICTURE_NOISE, DEPTH_NOISE = 0.4, 3.0
"""Of a landmark in the picture, and of its depth, in units of its noise across the line of sight in metres."""
EVERY = 6
"""Frames from one that counts to the next: errors wander slowly, so those between tell little."""
SEEN = 0.5
PARTS: dict[str, tuple[int, ...]] = {
    "all that is seen": tuple(PoseLandmark),
    "trunk and arms": (*SHOULDERS, *ELBOWS, *WRISTS, *HIPS),
    "shoulders and face": (PoseLandmark.NOSE, *EYES, PoseLandmark.LEFT_EAR, PoseLandmark.RIGHT_EAR, *SHOULDERS),
}


def view(run: Run) -> list[Section]:
    """The field of view by the pose."""
    rows = []
    for framing, full_share in (("full", 1.0), ("half", 0.0)):
        for number, person in enumerate(run.persons(6)):
            rng, degrees = run.rng(number), TRUE_DEG[number % len(TRUE_DEG)]
            camera = random_camera(rng, person, framing, yaw_deg=30, pitch_deg=10, field_of_view_deg=(degrees, degrees))
            take = hold(person, standing(person), camera, noise_m=NOISE_M, rng=rng, frames=10 * FPS)
            rows.append([f"{framing} body {number}", f"{degrees:g}", *_told(take.tracked, full_share)])
    for clip in run.clips:
        from bench.avatar.clips import tracked_clip  # noqa: PLC0415

        rows.append([clip.name, "", *_told(tracked_clip(clip), 0.0)])
    head = ["person", "true °", *(f"told by {part} °" for part in PARTS)]
    return [Section("Field of view by the pose", table(head, rows), [])]


def _told(frames: list[Tracked], full_share: float) -> list[str]:
    """Return the field of view that fits some frames best, degrees, by each of ``PARTS``."""
    found = []
    for part in PARTS.values():
        misfit = sum(
            _misfit(frame.pose, frame.size_wh, np.array(part), full_share)
            for frame in frames[::EVERY]
            if frame.pose is not None
        )
        found.append(f"{CANDIDATES_DEG[np.argmin(misfit)]:.0f}")
    return found


def _misfit(pose: Pose, size_wh: tuple[int, int], part: NDArray[np.intp], full_share: float) -> NDArray[np.float64]:
    """Return for each of ``CANDIDATES_DEG`` the sum of squares that the best translation leaves; see ``place_body``."""
    seen = part[pose.visibility[part] > SEEN]
    world = pose.world[seen].astype(np.float64)
    from_middle = (pose.image[:, :2].astype(np.float64) - 0.5) * size_wh
    misfit = []
    for degrees in CANDIDATES_DEG:
        directions = from_middle * (2 * np.tan(np.radians(degrees / 2)) / max(size_wh))
        to_ray = ray_rotation(*middle_of_body(directions[TRUNK].tolist(), full_share))
        turned = directions[seen] @ to_ray[:, :2].T + to_ray[:, 2]
        rays = turned[:, :2] / turned[:, 2:]
        weights = 1 / np.sqrt(1 + PICTURE_NOISE**2 + (DEPTH_NOISE * rays) ** 2)
        unit = np.broadcast_to(np.eye(2), (len(seen), 2, 2))
        of_translation = (np.concatenate([unit, -rays[..., None]], 2) * weights[..., None]).reshape(-1, 3)
        left = ((rays * world[:, 2:] - world[:, :2]) * weights).ravel()
        left -= of_translation @ np.linalg.lstsq(of_translation, left, rcond=None)[0]
        misfit.append(float(left @ left))
    return np.array(misfit)
