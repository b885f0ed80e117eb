"""The picture that the page draws itself: the server's overlays, over the camera's own picture, in step."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from bench.barcode import BITS, CELL, stamp
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from mocast.model.frame import RgbImage
from mocast.model.options import DrawOptions
from mocast.model.tracked import Hand, Tracked
from mocast.rendering.renderer import Renderer
from mocast.validation import to_json
from mocast.wire import landmarks_binary
from tests import faces, people
from tests.e2e.browser import VIEWPORT, launch
from tests.e2e.server import Server
from tests.e2e.waiting import LIMIT_MS, result_of, wait_until
from tests.pictures import astronaut, real_frames

PAINT = """async ([frame, settings, rgba, width, height]) => {
  const Painter = await window.mocast.painter();
  const bytes = Uint8ClampedArray.from(atob(rgba), character => character.charCodeAt(0));
  const picture = new OffscreenCanvas(width, height);
  picture.getContext('2d').putImageData(new ImageData(bytes, width, height), 0, 0);
  for (const part of Object.values(frame)) for (const name of ['image', 'visibility'])
    if (part?.[name]) part[name] = Float32Array.from(part[name]);
  const context = Object.assign(document.createElement('canvas'), {width, height}).getContext('2d');
  new Painter(context).paint(picture, frame, settings);
  const {data} = context.getImageData(0, 0, width, height);
  let text = '';
  for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
  return btoa(text);
}"""

BOTH_PICTURES = """([bits, cell, count]) => new Promise((resolve) => {
  const context = new OffscreenCanvas(640, 480).getContext('2d', {willReadFrequently: true});
  const code = (image) => {
    context.drawImage(image, 0, 0, 640, 480);
    const {data} = context.getImageData(0, cell / 2, (bits + 1) * cell, 1);
    let [number, ones] = [0, 0];
    for (let place = 0; place < bits; place += 1)
      if (data[4 * (place * cell + cell / 2)] > 127) { number |= 1 << place; ones += 1; }
    return (data[4 * (bits * cell + cell / 2)] > 127) === (ones % 2 === 1) ? number : null;
  };
  const video = document.querySelector('video.returned'), canvas = document.querySelector('canvas.drawn');
  const returned = new Map(), drawn = new Map();
  const read = async (pictures) => {
    for (;;) {
      const {value, done} = await pictures.read();
      if (done) return;
      returned.set(value.metadata().rtpTimestamp, code(value));
      value.close();
    }
  };
  const [track] = video.srcObject.getVideoTracks();
  void read(new MediaStreamTrackProcessor({track}).readable.getReader());
  const look = () => {
    const {frame} = window.mocast.presented ?? {};
    if (frame && !drawn.has(frame.pts)) drawn.set(frame.pts, code(canvas));
    const both = [...drawn].filter(([pts, number]) => number !== null && returned.get(pts) != null);
    if (both.length < count && window.mocast.shown === 'here') return void requestAnimationFrame(look);
    resolve(both.map(([pts, number]) => [pts, number, returned.get(pts)]));
  };
  look();
})"""

COMPARED = """localStorage.setItem('mocast.saved-by-drawing', '{"ms": 1, "kbps": 1}')"""
"""The page takes its picture to be compared with the server's already; while it compares, that one comes and goes."""

SEEN = 8
"""Pictures that must have been seen twice, drawn by the page and by the server."""

SAVED = "() => window.mocast.shown === 'server' || document.body.innerText.includes('Mbit/s saved')"
"""A page whose landmarks come too late, on a machine that is much too slow, leaves the drawing to the server."""

RETURNS = """async ([session, returned]) =>
  (await (await fetch(`/v1/sessions/${session}`)).json()).settings.return === returned"""

FRAMES = 30
"""Of the camera, which begins again after them."""
CAMERA_FPS = 30
SLOWER = 4
"""Times as long as on this machine takes all that the page does: it sees its camera's pictures late, and not all."""

CASES = {
    "classic": DrawOptions(overlay=("classic",)),
    "limbs": DrawOptions(overlay=("limbs",)),
    "rainbow": DrawOptions(overlay=("rainbow",)),
    "mesh": DrawOptions(overlay=("mesh",)),
    "contours": DrawOptions(overlay=("contours",)),
    "together": DrawOptions(),
    "thin": DrawOptions(line_width=0.5),
    "thick": DrawOptions(line_width=3),
    "half opaque": DrawOptions(overlay=("limbs", "rainbow", "mesh"), opacity=0.5),
    "mirrored": DrawOptions(mirror=True),
    "dimmed": DrawOptions(background="dim"),
    "on black": DrawOptions(overlay=("limbs", "mesh"), background="black"),
    "of what is sure": DrawOptions(overlay=("limbs", "classic"), confidence=0.8),
}
SIZES = {"classic": (1280, 720), "together": (320, 240)}
"""Of those that are not drawn at 640x480."""

FAR = 40
"""Levels of 255. Both soften the edges of lines: OpenCV by a table, canvases by how far a line covers a pixel. So a
pixel is compared with those around it in the other picture; what is within their range is the same."""
MOST_FAR = 0.01
"""Share of the pixels that overlays change which may be further apart. It is below 0.005 in every case; lines that are
half as wide again make it 0.14, unsure joints or another overlay more."""


def person() -> Tracked:
    """A person with a face of true proportions, a small hand, a hand that is less sure, and joints hardly seen."""
    pose = people.pose()
    pose.visibility[[25, 26, 15]] = (0.6, 0.4, 0.7)
    return people.tracked(
        pose=pose,
        face=faces.seen(position_m=(0.02, 0.12, 0.55)),
        left_hand=people.hand((500, 195), size_px=60),
        right_hand=people.hand((140, 195), score=0.7),
    )


def as_page(tracked: Tracked, options: DrawOptions) -> dict[str, Any]:
    """The frame as the page gets it by its data channel."""
    messages = landmarks_binary.encode(tracked, mirrored=options.mirror, confidence=options.confidence)
    decoded = landmarks_binary.decode(messages)
    assert decoded is not None
    assert decoded.pose is not None
    assert decoded.face is not None

    def hand(name: str, found: Hand | None) -> dict[str, Any] | None:
        return found and {"image": found.image.ravel().tolist(), "isSure": name not in decoded.unsure}

    return {
        "pose": {
            "image": decoded.pose.image.ravel().tolist(),
            "visibility": decoded.pose.visibility.tolist(),
        },
        "face": {"image": decoded.face.image.ravel().tolist()},
        "leftHand": hand("left_hand", decoded.left_hand),
        "rightHand": hand("right_hand", decoded.right_hand),
    }


def painted(page: Page, rgb: RgbImage, tracked: Tracked, options: DrawOptions) -> RgbImage:
    """What the page draws."""
    height, width = rgb.shape[:2]
    rgba = np.dstack([rgb, np.full((height, width), 255, np.uint8)])
    text = page.evaluate(
        PAINT,
        [as_page(tracked, options), to_json(options), base64.b64encode(rgba.tobytes()).decode(), width, height],
    )
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]


def beyond(one: RgbImage, other: RgbImage) -> NDArray[np.int_]:
    """(height, width): how far each pixel is from the range of the 3x3 pixels there in the other picture."""
    around = np.ones((3, 3), np.uint8)
    lowest, highest = cv2.erode(other, around).astype(int), cv2.dilate(other, around).astype(int)
    return np.maximum(lowest - one, one - highest).max(axis=2).clip(0)


def share_far(page: Page, options: DrawOptions, size_wh: tuple[int, int], drawn: DrawOptions | None = None) -> float:
    """How much of what overlays change differs between the server and the page. ``drawn``: what the page draws."""
    rgb = np.ascontiguousarray(cv2.resize(astronaut(), size_wh))
    bare = Renderer().render(rgb.copy(), person(), replace(options, overlay=())).astype(int)
    server = Renderer().render(rgb.copy(), person(), options)
    page_s = painted(page, rgb, person(), drawn or options)
    changed = np.maximum(np.abs(server - bare), np.abs(page_s - bare)).max(axis=2) > 8
    assert changed.mean() > 0.005, "nothing was drawn"
    far = np.maximum(beyond(server, page_s), beyond(page_s, server)) > FAR
    return float(far.sum() / changed.sum())


def test_every_overlay_looks_as_the_server_draws_it(page: Page) -> None:
    page.goto("/")
    shares = {name: share_far(page, options, SIZES.get(name, (640, 480))) for name, options in CASES.items()}
    print({name: round(share, 4) for name, share in shares.items()})
    assert max(shares.values()) < MOST_FAR, shares
    others = {
        "wider": share_far(page, CASES["limbs"], (640, 480), replace(CASES["limbs"], line_width=1.5)),
        "unsure joints, too": share_far(
            page, CASES["of what is sure"], (640, 480), DrawOptions(overlay=("limbs", "classic"))
        ),
        "another overlay": share_far(page, CASES["together"], (640, 480), CASES["classic"]),
    }
    print({name: round(share, 4) for name, share in others.items()})
    assert min(others.values()) > 10 * MOST_FAR, others


@pytest.fixture
def numbered_page(browser: Browser, chromium_path: str, server: Server, tmp_path: Path) -> Iterator[Page]:
    """A tab with a camera whose pictures have numbers on them."""
    camera = tmp_path / "numbered.y4m"
    with av.open(str(camera), "w", format="yuv4mpegpipe") as container:
        stream = container.add_stream("wrapped_avframe", rate=CAMERA_FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for number, rgb in enumerate(real_frames(FRAMES)):
            planes = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p").to_ndarray()
            stamp(planes[:480], number)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
    numbered = launch(browser.browser_type, chromium_path, camera)
    context = numbered.new_context(base_url=server.url, permissions=["camera"], viewport=VIEWPORT)
    context.set_default_timeout(LIMIT_MS)
    yield context.new_page()
    numbered.close()


def start(page: Page) -> None:
    """Start, and wait until the page has drawn landmarks."""
    page.goto("/")
    page.get_by_role("switch", name="Mirror").uncheck(force=True)
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.shown === 'here' && window.mocast.presented?.frame?.pose != null")


def test_landmarks_are_drawn_on_the_picture_that_they_were_found_in(numbered_page: Page) -> None:
    page = numbered_page
    page.add_init_script(COMPARED)
    start(page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.get_by_role("group", name="Follow").get_by_role("radio", name="Body").check(force=True)
    # The server's picture, which is in step by itself, comes back, too.
    session = page.evaluate("window.mocast.sessionId")
    assert page.request.patch(f"/v1/sessions/{session}", data={"return": "video"}).ok
    wait_until(page, "() => document.querySelector('video.returned').srcObject")
    seen = result_of(page, BOTH_PICTURES, [BITS, CELL, SEEN])
    assert all(drawn == returned for _, drawn, returned in seen), seen
    assert len(seen) >= SEEN or page.evaluate("window.mocast.shown") == "server"


def test_the_servers_picture_comes_while_faces_are_covered_on_the_same_connection(page: Page) -> None:
    start(page)
    session = page.evaluate("window.mocast.sessionId")
    faces_shown = page.get_by_role("group", name="Faces")
    for label, drawer, returned in (("Blurred", "server", "video"), ("Shown", "here", "none")):
        faces_shown.get_by_role("radio", name=label).check(force=True)
        wait_until(page, "drawer => window.mocast.shown === drawer", drawer)
        wait_until(page, RETURNS, [session, returned])  # where the page draws, it compares first
        before = page.evaluate("window.mocast.lastFrame.frame")
        wait_until(page, "before => window.mocast.presented.frame.frame > before + 5", before)
    wait_until(page, SAVED)
    assert page.evaluate("window.mocast.sessionId") == session
