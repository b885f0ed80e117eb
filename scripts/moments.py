"""The maker of docs/images/avatar-moments.jpg: landmarks at some moments of a clip, and the avatar at each of them.

Run: .venv/bin/python -m scripts.moments CLIP --at 3.5 6.2 9 (seconds). The clip itself is not shown: its landmarks are
drawn on black, so that no footage comes into the repository. A browser draws the avatar as it does on any machine.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright
from tests.e2e.browser import find_chromium, launch
from tests.e2e.server import Server
from tests.pictures import clip_frames

from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, RigOptions
from mocast.model.rig import Rig
from mocast.rendering.renderer import Renderer
from mocast.rigging.solver import Solver
from mocast.tracking.engines import load_engine
from mocast.wire import rig_json

TARGET = Path(__file__).parent.parent / "docs/images/avatar-moments.jpg"
FPS = 30
SIZE_WH = (640, 480)
GAP = 8  # pixels

WITH_A_GRAPHICS_CARD = """
const {getParameter} = WebGL2RenderingContext.prototype;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  const value = getParameter.call(this, name);
  return typeof value === "string" ? value.replace(/swiftshader/gi, "GPU") : value;
};
"""
"""Hides that drawing is done in software: the page would leave toon shading out, for which a still picture has time."""

FOLLOW = """text => {
  const rig = JSON.parse(text);
  clearInterval(window.following);
  window.following = setInterval(() => {
    window.sentPts = (window.sentPts ?? 0) + 3000;
    window.mocastAvatar.push(JSON.stringify({...rig, pts: window.sentPts}));
  }, 33);
}"""
"""Sends one rig again and again, as of somebody who holds still: without rigs the avatar would go to rest."""

SETTLING_MS = 8_000
"""Time until hair and clothes hang still, at the few pictures a second that software draws."""


def main() -> None:
    """Track, draw and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--at", type=float, nargs="+", default=[3.0, 6.0, 9.0], help="moments in seconds")
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    moments = list(tracked_moments(arguments.clip, [round(second * FPS) for second in arguments.at]))
    with avatar_page(SIZE_WH) as page:
        avatars = [posed(page, rig, SETTLING_MS) for _, rig in moments]
    columns = [
        np.vstack([tracked, space(GAP, SIZE_WH[0]), avatar])
        for (tracked, _), avatar in zip(moments, avatars, strict=True)
    ]
    picture = columns[0]
    for column in columns[1:]:
        picture = np.hstack([picture, space(len(column), GAP), column])
    cv2.imwrite(str(arguments.out), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


def tracked_moments(clip: Path, numbers: Sequence[int]) -> Iterator[tuple[RgbImage, Rig]]:
    """Yield the landmarks, drawn on black, and the rig of each of these frames; all frames before are tracked, too."""
    tracker = load_engine("mediapipe").build("holistic", "balanced", still=False)
    solver, renderer = Solver(RigOptions()), Renderer()
    options = DrawOptions(background="black")
    for number, rgb in enumerate(clip_frames(clip, max(numbers) + 1, SIZE_WH)):
        pts = number * 90_000 // FPS
        tracked = tracker.track(Frame(number, pts, pts * 100_000 // 9, rgb))
        rig = solver.rig(tracked)
        if number in numbers:
            yield renderer.render(rgb.copy(), tracked, options), rig


@contextmanager
def avatar_page(size_wh: tuple[int, int]) -> Iterator[Page]:
    """Open the page that shows the avatar alone, on a dark ground."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "server.log", warm="pose")
        server.start()
        try:
            browser = launch(playwright.chromium, find_chromium(), Path(folder) / "no-camera.y4m")
            page = browser.new_page(viewport={"width": size_wh[0], "height": size_wh[1]})
            page.add_init_script(WITH_A_GRAPHICS_CARD)
            page.goto(f"{server.url}/avatar.html?framing=bust&background=20242c&smooth=false")
            page.locator("canvas").wait_for()
            yield page
        finally:
            server.stop()


def posed(page: Page, rig: Rig, settling_ms: int) -> RgbImage:
    """Return a picture of the avatar in a rig's pose, ``settling_ms`` after it got it, without the page's text."""
    page.evaluate(FOLLOW, rig_json.encode(rig))
    page.wait_for_timeout(settling_ms)
    png = page.locator("canvas").screenshot(style="body > :not(canvas) { visibility: hidden !important }")
    bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def space(height: int, width: int) -> RgbImage:
    """Return a white area, (height, width, 3)."""
    return np.full((height, width, 3), 255, np.uint8)


if __name__ == "__main__":
    main()
