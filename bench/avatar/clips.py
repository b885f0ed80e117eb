"""Clips of people: no truth is known, so what is measured is calm, flips and how somebody upright leans."""

from pathlib import Path

import numpy as np

from bench.avatar import metrics
from bench.avatar.takes import kalidokits, solved
from bench.clips import rgb_pictures
from mocast.model.frame import Frame
from mocast.model.humanoid import HumanoidBone
from mocast.model.topology import ELBOWS, SHOULDERS, WRISTS
from mocast.model.tracked import Tracked
from mocast.tracking.engines import AUTO, EngineOptions, choose_engine

B = HumanoidBone
FPS = 30
FRAMES = 400
STILL_PX = 2.0
"""Of a picture of 640: whose wrists, elbows and shoulders move less from a frame to the next stands still."""
_WATCHED = [*SHOULDERS, *ELBOWS, *WRISTS]


def tracked_clip(clip: Path, count: int = FRAMES) -> list[Tracked]:
    """Return what the holistic tracker finds in a clip's first frames."""
    tracker = choose_engine(AUTO, EngineOptions(threads=1))[1].build("holistic", "balanced", still=False)
    try:
        pictures = rgb_pictures(clip, count)
        return [tracker.track(Frame(n, n * 3000, 0, picture)) for n, picture in enumerate(pictures)]
    finally:
        tracker.close()


def still_frames(frames: list[Tracked]) -> np.ndarray:
    """Return for each frame but the first whether the arms stand still."""
    at = [np.full((len(_WATCHED), 2), np.nan) if f.pose is None else f.pose.image[_WATCHED, :2] for f in frames]
    moved = np.abs(np.diff(np.stack(at), axis=0)) * frames[0].size_wh
    return np.nanmax(moved, axis=(1, 2)) < STILL_PX * frames[0].size_wh[0] / 640


def clip_rows(name: str, frames: list[Tracked], *, with_kalidokit: bool) -> list[list[str]]:
    """Return a row for each solver: lean, jitter while still, palm flips a minute."""
    answers = {"Mocast": solved(frames)}
    if with_kalidokit:
        answers["Kalidokit"] = kalidokits(frames)["smoothed"]
    still = still_frames(frames)
    rows = []
    for label, answer in answers.items():
        turned = metrics.turned_of(answer.local)
        chest, head = (metrics.lean_deg(turned[30:, bone]) for bone in (B.UPPER_CHEST, B.HEAD))
        steps, local_steps = metrics.steps_deg(turned), metrics.steps_deg(answer.local)
        jitter = [
            np.median(of[still][:, bones])
            for of, bones in (
                (steps, [B.UPPER_CHEST]),
                (steps, [B.HEAD]),
                (local_steps, metrics.GROUPS["fingers"]),
            )
        ]
        flips = metrics.flips_a_minute(answer, FPS)["hands"]
        rows.append(
            [
                name,
                label,
                f"{np.median(-chest):.1f}",
                f"{np.median(head - chest):.1f}",
                *(f"{value:.3f}" for value in jitter),
                f"{flips:.0f}",
            ]
        )
    return rows
