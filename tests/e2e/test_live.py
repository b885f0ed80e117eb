"""The main job in a real browser: a camera in, the annotated picture and its landmarks out."""

import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Route, expect

from mocast.model.frame import RgbImage
from mocast.model.topology import PoseLandmark
from tests.e2e.conftest import OUT
from tests.e2e.server import Server
from tests.e2e.waiting import LIMIT_MS, result_of, wait_until
from tests.pictures import real_frames

JOINTS = (PoseLandmark.LEFT_SHOULDER, PoseLandmark.RIGHT_SHOULDER, PoseLandmark.NOSE)
"""Well inside the picture in every clip."""

NEXT_PICTURE = """() => new Promise(resolve => {
  const video = document.querySelector('video.returned');
  const look = () => video.requestVideoFrameCallback((_, {rtpTimestamp}) => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    // The page's own callback, for the same picture, may run after this one.
    requestAnimationFrame(() => {
      const {frame, rtpTimestamp: shown} = window.mocast.presented ?? {};
      if (shown !== rtpTimestamp || !frame?.pose) return look();
      const {data, width, height} = context.getImageData(0, 0, canvas.width, canvas.height);
      let bytes = '';
      for (let i = 0; i < data.length; i += 32768) bytes += String.fromCharCode(...data.subarray(i, i + 32768));
      resolve({rgba: btoa(bytes), width, height, rtpTimestamp, pts: frame.pts, number: frame.frame,
               mirrored: frame.mirrored, pose: Array.from(frame.pose.image)});
    });
  });
  look();
})"""

MATCHED_PICTURES = """count => new Promise(resolve => {
  const video = document.querySelector('video.returned'), seen = [];
  const look = () => video.requestVideoFrameCallback((_, {rtpTimestamp}) => requestAnimationFrame(() => {
    const {frame, rtpTimestamp: shown} = window.mocast.presented ?? {};
    if (frame && shown === rtpTimestamp) seen.push({rtpTimestamp, pts: frame.pts, number: frame.frame});
    seen.length < count ? look() : resolve(seen);
  }));
  look();
})"""
"""The next pictures on the screen whose landmarks came in time, which on a busy machine not all do."""

QUALITY_OF_SESSION = """async quality =>
  (await (await fetch('/v1/sessions/' + window.mocast.sessionId)).json()).settings.quality === quality
"""


@dataclass(frozen=True)
class Picture:
    """A picture as the browser decoded it, with the landmarks that the page matched it with."""

    rgb: RgbImage
    rtp_timestamp: int
    pts: int
    number: int
    pose_px: NDArray[np.float64]
    "(33, 2): where the joints are in these pixels."

    def colour_at(self, joint: int) -> NDArray[np.float64]:
        """The mean of the 3x3 pixels at a joint, R G B."""
        x, y = np.round(self.pose_px[joint]).astype(int)
        return self.rgb[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).mean(axis=0)


def next_picture(page: Page) -> Picture:
    """Return the next picture on the screen whose landmarks arrived."""
    found = result_of(page, NEXT_PICTURE)
    width, height = found["width"], found["height"]
    rgba = np.frombuffer(base64.b64decode(found["rgba"]), np.uint8).reshape(height, width, 4)
    image = np.array(found["pose"]).reshape(33, 3)
    x = 1 - image[:, 0] if found["mirrored"] else image[:, 0]
    pose_px = np.stack([x * width, image[:, 1] * height], axis=1)
    return Picture(rgba[..., :3], found["rtpTimestamp"], found["pts"], found["number"], pose_px)


def start(page: Page, query: str = "?draw=server") -> None:
    """Open the page, start, and wait for the first picture with landmarks."""
    page.goto(f"/{query}")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_pictures(page)


def wait_for_pictures(page: Page) -> None:
    wait_until(page, "() => window.mocast.state === 'live' && window.mocast.presented?.frame?.pose != null")


def overlay(page: Page, name: str, *, on: bool) -> None:
    page.get_by_role("checkbox", name=name).set_checked(on, force=True)


def wait_for_settings(page: Page, condition: str) -> None:
    wait_until(page, f"() => (settings => {condition})(window.mocast.settings)")


def is_red(colour: NDArray[np.float64]) -> bool:
    """Red as 4:2:0 video at 2 Mbit/s shows it."""
    red, green, blue = colour
    return bool(red > 110 and red > green + 60 and red > blue + 60)


def shows_joints(picture: Picture) -> bool:
    return all(is_red(picture.colour_at(joint)) for joint in JOINTS)


def test_joints_are_drawn_where_the_landmarks_say_and_follow_a_live_change(page: Page) -> None:
    start(page)
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "page.png")
    for name in ("Limbs", "Rainbow", "Contours"):
        overlay(page, name, on=False)
    page.get_by_role("group", name="Background").get_by_role("radio", name="Black").check(force=True)
    wait_for_settings(page, "settings.overlay.length === 0 && settings.background === 'black'")
    bare = settled(page, lambda picture: picture.rgb.max() < 60)
    assert not any(is_red(bare.colour_at(joint)) for joint in JOINTS)

    overlay(page, "Classic", on=True)
    drawn = settled(page, shows_joints)
    last = deque([True], 10)
    settled(page, lambda picture: last.append(shows_joints(picture)) or sum(last) >= 8)  # or their place was chance
    far = np.ones(drawn.rgb.shape[:2], bool)
    left, top = drawn.pose_px[:, :2].min(axis=0).astype(int) - 40
    right, bottom = drawn.pose_px[:, :2].max(axis=0).astype(int) + 40
    far[max(0, top) : bottom, max(0, left) : right] = False
    assert not far.any() or drawn.rgb[far].max() < 60


def settled(page: Page, condition: Callable[[Picture], bool]) -> Picture:
    """Return the first picture that meets the condition: a change takes a few frames to come back."""
    give_up = time.monotonic() + LIMIT_MS / 1000
    while not condition(picture := next_picture(page)):
        assert time.monotonic() < give_up, "no picture met the condition"
    return picture


def test_landmarks_are_in_step_with_the_video_and_move(page: Page) -> None:
    start(page)
    seen = result_of(page, MATCHED_PICTURES, 30)
    assert all(picture["pts"] == picture["rtpTimestamp"] for picture in seen)
    numbers = [picture["number"] for picture in seen]
    assert numbers == sorted(set(numbers))
    first = next_picture(page).pose_px
    settled(page, lambda picture: np.abs(picture.pose_px - first).max() > 4)  # or the landmarks stand still


def test_the_fast_engine_tracks_in_each_quality_which_can_be_changed_live(page: Page) -> None:
    start(page)
    assert page.evaluate("async () => (await (await fetch('/v1/info')).json()).engine") == "openvino"
    assert "openvino" in page.locator("footer").inner_text()
    qualities = page.get_by_role("group", name="Quality")
    for quality in ("exact", "fast", "balanced"):
        qualities.get_by_role("radio", name=quality.capitalize()).check(force=True)
        wait_until(page, QUALITY_OF_SESSION, quality)
        before = next_picture(page).number
        wait_until(page, "before => window.mocast.presented?.frame?.frame > before + 10", before)
        places = np.stack([next_picture(page).pose_px[list(JOINTS)] for _ in range(20)])
        left, right, nose = np.median(places, axis=0)
        assert nose[1] < min(left[1], right[1]), quality  # the head is up, shoulders are right and left of it
        assert (left[0] - nose[0]) * (right[0] - nose[0]) < 0, quality
        assert np.ptp(places, axis=0).max() > 1, f"{quality}: the landmarks stand still"
        wait_until(page, "() => window.mocast.presented?.frame?.face != null")


def test_page_comes_back_by_itself_after_the_server_was_restarted(page: Page, server: Server) -> None:
    start(page)
    before = page.evaluate("window.mocast.sessionId")
    server.stop()
    wait_until(page, "() => window.mocast.state !== 'live'")
    server.start()
    wait_until(page, "before => window.mocast.sessionId && window.mocast.sessionId !== before", before)
    wait_for_pictures(page)
    assert next_picture(page).rgb.max() > 60


def test_reload_and_return_go_on_by_themselves_in_the_same_room_and_tab(page: Page) -> None:
    start(page)
    room = page.evaluate("window.mocast.room")
    page.get_by_role("tab", name="Analysis").click()
    page.reload()
    wait_for_pictures(page)
    page.get_by_role("link", name="HTTP API").click()
    page.wait_for_url("**/docs")
    page.go_back()
    wait_for_pictures(page)
    assert page.evaluate("window.mocast.room") == room
    expect(page.get_by_role("tab", name="Analysis")).to_have_attribute("aria-selected", "true")


def start_and_hold_the_offer(page: Page) -> Route:
    """Start, and return the page's offer, which waits until the test lets it go on."""
    offers: list[Route] = []
    page.route("**/publish?*", lambda route: offers.append(route))  # noqa: PLW0108  Playwright takes no built-in
    page.get_by_role("button", name="Start", exact=True).click()
    for _ in range(LIMIT_MS // 20):
        if offers:
            return offers[0]
        page.wait_for_timeout(20)
    raise AssertionError("the page made no offer")


def test_stop_while_connecting_leaves_the_room_free(page: Page) -> None:
    page.goto("/?draw=server")
    offer = start_and_hold_the_offer(page)
    answer = offer.fetch()
    assert answer.status == 201
    page.get_by_role("button", name="Stop").click()
    with page.expect_request(lambda request: request.method == "DELETE"):
        offer.fulfill(response=answer)
    page.unroute("**/publish?*")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_pictures(page)
    assert page.request.get(answer.headers["location"]).status == 404


def test_settings_changed_while_connecting_hold(page: Page) -> None:
    page.goto("/?draw=server")
    offer = start_and_hold_the_offer(page)
    for name in ("Limbs", "Rainbow", "Contours"):
        overlay(page, name, on=False)
    page.get_by_role("group", name="Background").get_by_role("radio", name="Black").check(force=True)
    offer.continue_()
    wait_for_pictures(page)
    settled(page, lambda picture: picture.rgb.max() < 60)
    assert page.evaluate("window.mocast.settings.background") == "black"


def test_a_wrong_file_leaves_the_live_session_alone_and_a_picture_goes_to_its_page(page: Page, tmp_path: Path) -> None:
    start(page)
    session = page.evaluate("window.mocast.sessionId")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"not a film at all")
    page.get_by_label("Video file in the camera's place").set_input_files(film)
    page.get_by_text("This browser cannot play that file.").wait_for()
    assert page.get_by_role("button", name="Use the camera again").count() == 0

    page.evaluate("""async () => {
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext('2d').fillRect(0, 0, 64, 64);
      const blob = await canvas.convertToBlob();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([blob], 'photo.png', {type: 'image/png'}));
      document.querySelector('.stage').dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true}));
    }""")
    page.get_by_role("img", name="photo, annotated").wait_for()
    page.get_by_role("tab", name="Live").click()
    next_picture(page)
    assert page.evaluate("window.mocast.sessionId") == session


def test_figures_are_cleared_by_a_stop(page: Page) -> None:
    start(page)
    figures = page.get_by_role("region", name="Live figures")
    figures.get_by_text("Mbit/s up").wait_for()
    page.get_by_role("button", name="Stop").click()
    figures.get_by_text("Figures appear while you are live.", exact=True).wait_for()
    numbers = "".join(figures.locator("b").all_inner_texts())
    assert not any(character.isdigit() for character in numbers)


def test_a_video_file_plays_at_once_and_can_be_started_again(page: Page, tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    write_film(film)
    page.goto("/")
    page.get_by_label("Video file in the camera's place").set_input_files(film)
    wait_for_pictures(page)
    assert not page.evaluate("window.mocast.settings.mirror")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Start video").click()
    wait_for_pictures(page)


def test_mirror_follows_the_source_until_the_person_sets_it(page: Page, tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    write_film(film)
    page.goto("/")
    mirror = page.get_by_role("switch", name="Mirror")
    assert mirror.is_checked()
    page.get_by_label("Video file in the camera's place").set_input_files(film)
    wait_for_settings(page, "!settings.mirror")
    mirror.check(force=True)
    page.get_by_role("button", name="Use the camera again").click()
    page.get_by_label("Video file in the camera's place").set_input_files(film)
    page.get_by_role("button", name="Use the camera again").wait_for()
    wait_for_pictures(page)
    assert page.evaluate("window.mocast.settings.mirror")


def test_theme_follows_the_system_until_the_person_chooses(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Use dark colours").click()
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Use light colours").wait_for()


def write_film(path: Path) -> None:
    """One second of a person as WebM."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=30)
        stream.width, stream.height = 640, 480
        for rgb in real_frames(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode())
