"""Makes docs/images/mocast.webp, the moving picture of the README: what is tracked, and the avatar that follows it.

Run: .venv/bin/python -m scripts.animation. The person is generated from free material: NASA's portrait of an astronaut
(public domain, in scikit-image), bent and moved, with the drawn arms and hands of tests/scenes.py. Only her landmarks
are shown, on black, beside Mocast's own avatar, which a browser draws.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scripts.moments import avatar_page, posed
from tests.scenes import STAGE_WH, astronaut_with_hands, place

from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, RigOptions
from mocast.model.rig import Rig
from mocast.rendering.renderer import Renderer
from mocast.rigging.solver import Solver
from mocast.tracking.engines import load_engine

TARGET = Path(__file__).parent.parent / "docs/images/mocast.webp"
SIZE_WH = (480, 360)
"""Of each of the two pictures."""
FPS = 30
PERIOD = 90
"""Frames until the motion repeats."""
STEP = 2
"""One in so many frames is shown."""
SETTLING_MS = 500
"""Until the avatar has the pose: software draws a few pictures a second."""
LEAD_IN = 6
"""Pictures before the first that is kept, in which hair and clothes begin to swing."""

MOUTH_PX = (322, 152)
NECK_PX = (330, 215)
"""Where they are on the stage of ``astronaut_with_hands``."""


def main() -> None:
    """Track, draw and write the animation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET)
    out: Path = parser.parse_args().out
    shown = list(tracked())
    with avatar_page(SIZE_WH) as page:
        for _, rig in shown[-LEAD_IN:]:
            posed(page, rig, SETTLING_MS)
        pictures = [np.hstack([picture, posed(page, rig, SETTLING_MS)]) for picture, rig in shown]
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(
        out,
        save_all=True,
        append_images=others,
        duration=1000 * STEP // FPS,
        loop=0,
        quality=70,
        method=6,
        minimize_size=True,
    )


def tracked() -> Iterator[tuple[RgbImage, Rig]]:
    """Yield the landmarks on black and the rig of each shown frame, once the first period has set up the tracker."""
    tracker = load_engine("openvino").build("holistic", "exact", still=False)
    solver, renderer = Solver(RigOptions()), Renderer()
    options = DrawOptions(overlay=("limbs", "rainbow", "mesh"), background="black", line_width=1.3)
    for number in range(2 * PERIOD):
        rgb = somebody(2 * np.pi * number / PERIOD)
        pts = number * 90_000 // FPS
        landmarks = tracker.track(Frame(number, pts, pts * 100_000 // 9, rgb))
        rig = solver.rig(landmarks)
        if number >= PERIOD and number % STEP == 0:
            yield renderer.render(rgb.copy(), landmarks, options), rig


def somebody(phase: float) -> RgbImage:
    """Return the generated person in one phase of the motion, 0..2π: she waves, sways, tilts her head and talks."""
    right = (120 + 34 * np.sin(4 * phase), 200 - 10 * np.cos(4 * phase))
    left = (590 - 20 * np.sin(phase), 260 - 80 * np.cos(phase))
    stage = with_open_mouth(astronaut_with_hands(left=left, right=right), 14 * max(0, np.sin(2 * phase)))
    stage = with_tilted_head(stage, 14 * np.sin(phase + 0.6))
    feet, turned_deg = (SIZE_WH[0] / 2 + 14 * np.sin(phase), SIZE_WH[1]), 4 * np.sin(phase)
    matrix = place((STAGE_WH[0] / 2, STAGE_WH[1] * 0.95), feet, scale=0.68, turned_deg=turned_deg)
    picture: RgbImage = cv2.warpAffine(stage, matrix, SIZE_WH, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return picture


def with_open_mouth(stage: RgbImage, open_px: float) -> RgbImage:
    """Return the picture with what lies below the mouth moved down, less the nearer to the neck, and a gap drawn."""
    x, y = pixel_grid()
    mouth_x, mouth_y = MOUTH_PX
    across = np.exp(-(((x - mouth_x) / 38) ** 2))
    down = np.clip((y - mouth_y) / max(open_px, 1e-3), 0, 1) * np.clip((NECK_PX[1] - y) / 55, 0, 1)
    opened: RgbImage = cv2.remap(stage, x, (y - open_px * across * down).astype(np.float32), cv2.INTER_LINEAR)
    if open_px > 1:
        gap = (MOUTH_PX[0], round(mouth_y + open_px * 0.5)), (15, round(open_px * 0.55))
        cv2.ellipse(opened, *gap, 0, 0, 360, (60, 20, 24), -1, cv2.LINE_AA)
    return opened


def with_tilted_head(stage: RgbImage, tilt_deg: float) -> RgbImage:
    """Return the picture with the head turned about the neck, counter-clockwise on screen; what is below it stays."""
    x, y = pixel_grid()
    dx, dy = x - NECK_PX[0], y - NECK_PX[1]
    share = np.clip((NECK_PX[1] + 25 - y) / 60, 0, 1) * np.clip((150 - np.abs(dx)) / 60, 0, 1)
    angle = np.radians(tilt_deg) * share
    from_x = NECK_PX[0] + np.cos(angle) * dx - np.sin(angle) * dy
    from_y = NECK_PX[1] + np.sin(angle) * dx + np.cos(angle) * dy
    tilted: RgbImage = cv2.remap(stage, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR)
    return tilted


def pixel_grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the x and the y of each pixel of the stage."""
    width, height = STAGE_WH
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y


if __name__ == "__main__":
    main()
