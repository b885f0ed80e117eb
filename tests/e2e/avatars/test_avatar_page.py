"""The Avatar tab in a real browser: the avatar follows the camera, and what a streamer does with it."""

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.accessibility import violations
from tests.e2e.browser import new_tab
from tests.e2e.server import Server
from tests.e2e.test_live import next_picture, wait_for_pictures
from tests.e2e.waiting import LIMIT_MS, result_of, wait_for_tracking, wait_until

MOMENTS = """count => new Promise(resolve => {
  const seen = new Map();
  const look = () => {
    const {bones, expressions} = window.mocast.avatar ?? {};
    if (bones) seen.set(JSON.stringify(bones), {bones, expressions});
    seen.size < count ? requestAnimationFrame(look) : resolve([...seen.values()]);
  };
  look();
})"""

DELAYS = "[...document.querySelectorAll('.delays output')].map(output => output.textContent)"

DROP = """async ([address, name]) => {
  const blob = await (await fetch(address)).blob();
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([blob], name));
  document.querySelector('.avatar .stage').dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true}));
}"""


def open_avatar(page: Page, query: str = "") -> None:
    """Open the Avatar tab and wait for the avatar."""
    page.goto(f"/{query}")
    page.get_by_role("tab", name="Avatar").click()
    wait_until(page, "() => (window.mocast.avatar?.state ?? 'nothing') !== 'nothing'")


def start(page: Page) -> None:
    """Start the camera and wait for the avatar to follow it."""
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_tracking(page)


def wait_for_motion(page: Page, **least: float) -> None:
    """Wait until the avatar swung each of these bones by so many degrees, and played each part of its face so much."""
    moments: list[dict[str, Any]] = []
    moved = dict.fromkeys(least, 0.0)
    give_up = time.monotonic() + LIMIT_MS / 1000
    while not all(moved[name] > least[name] for name in least):
        assert time.monotonic() < give_up, moved
        moments += result_of(page, MOMENTS, 30)
        moved = {name: (swing_deg if name in moments[0]["bones"] else play)(moments, name) for name in least}


def swing_deg(moments: list[dict[str, Any]], bone: str) -> float:
    """Return the largest angle between the first rotation of a bone and the others."""
    rotations = np.array([moment["bones"][bone] for moment in moments])
    return float(np.degrees(2 * np.arccos(np.clip(np.abs(rotations @ rotations[0]), 0, 1))).max())


def play(moments: list[dict[str, Any]], part: str) -> float:
    """Return how far the expression of a part of the face that changes most does so, 0..1."""
    ranges = [
        np.ptp([moment["expressions"][name] for moment in moments])
        for name in moments[0]["expressions"]
        if name.lower().startswith(part)
    ]
    return float(max(ranges))


def test_avatar_follows_body_mouth_and_eyes_while_one_session_serves_all_tabs(page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/?draw=server")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_pictures(page)
    session = page.evaluate("window.mocast.sessionId")
    assert page.evaluate("window.mocast.avatar") is None
    assert not any("AvatarView" in url or url.endswith(".vrm") for url in fetched), "the picture comes first"

    page.get_by_role("tab", name="Avatar").click()
    wait_until(page, "() => window.mocast.avatar?.state === 'tracking'")
    wait_for_motion(page, head=1, leftUpperArm=1, mouth=0.01, eye=0.01)
    assert violations(page) == []

    page.get_by_role("tab", name="Live").click()
    next_picture(page)
    assert page.evaluate("window.mocast.sessionId") == session


VOICE = """
const {mediaDevices} = navigator;
const ask = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async wanted => {
  if (!wanted.audio) return ask(wanted);
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const glottis = new OscillatorNode(context, {type: 'sawtooth', frequency: 120});
  window.throat = new GainNode(context, {gain: 0});
  for (const [frequency, Q] of [[497, 8], [910, 10], [2459, 15]])
    glottis.connect(new BiquadFilterNode(context, {type: 'bandpass', frequency, Q})).connect(window.throat);
  window.throat.connect(out);
  glottis.start();
  return out.stream;
};
"""
"""A microphone before somebody who says "oh", while ``throat`` is open."""


def test_the_mouth_follows_the_voice_and_no_sound_is_sent(page: Page) -> None:
    page.context.grant_permissions(["camera", "microphone"])
    page.add_init_script(VOICE)
    open_avatar(page, "?room=speech")
    start(page)
    page.get_by_role("switch", name="Lip sync").set_checked(True, force=True)
    page.locator(".vowels").wait_for()
    page.evaluate("window.throat.gain.value = 1")
    wait_until(page, "() => window.mocast.avatar.expressions.mouthFunnel > 0.5")
    page.get_by_text("Who moves what").click()
    page.get_by_text("Now: Microphone").wait_for()
    sending = "connection => connection.getSenders().filter(({track}) => track?.kind === 'audio').length"
    assert page.evaluate(f"({sending})(window.mocast.connection)") == 0
    page.evaluate("window.throat.gain.value = 0")
    wait_until(page, "() => window.mocast.avatar.expressions.mouthFunnel < 0.3")
    page.get_by_text("Now: Microphone").wait_for(state="detached")


def test_rigs_are_made_only_while_the_avatar_is_shown(page: Page) -> None:
    open_avatar(page)
    start(page)
    page.get_by_role("tab", name="Pictures").click()
    # The close of a channel takes its time.
    wait_for_rigs(page, made=False)
    page.get_by_role("tab", name="Avatar").click()
    wait_for_rigs(page, made=True)


def wait_for_rigs(page: Page, *, made: bool) -> None:
    """Wait until rigs are made of five frames in a row, or of none of them."""
    give_up = time.monotonic() + LIMIT_MS / 1000
    while (rigs_of_five_frames(page) > 0) != made:
        assert time.monotonic() < give_up


def rigs_of_five_frames(page: Page) -> int:
    """Return how many rigs the server sends while it tracks the next five frames."""
    figures = "async () => (await (await fetch(`/v1/sessions/${window.mocast.sessionId}`)).json()).statistics"
    before = page.evaluate(figures)
    wait_until(page, f"async count => (await ({figures})()).frames_tracked >= count", before["frames_tracked"] + 5)
    return int(page.evaluate(figures)["rigs_sent"] - before["rigs_sent"])


def test_a_dropped_avatar_is_shown_and_remembered_until_ours_is_asked_for(page: Page) -> None:
    open_avatar(page)
    page.evaluate(DROP, ["/default.vrm", "mine.vrm"])
    model = page.locator(".model")
    model.get_by_text("mine.vrm").wait_for()
    page.reload()
    page.get_by_role("tab", name="Avatar").click()
    model.get_by_text("mine.vrm").wait_for()
    page.get_by_role("button", name="Use the default").click()
    model.get_by_text("Mocast's own").wait_for()
    page.get_by_role("button", name="Use the default").wait_for(state="detached")


def test_a_file_that_is_no_avatar_is_told_plainly_and_changes_nothing(page: Page, tmp_path: Path) -> None:
    open_avatar(page)
    wrong = tmp_path / "notes.vrm"
    wrong.write_text("not an avatar at all")
    page.get_by_label("VRM file").set_input_files(wrong)
    alert = page.get_by_role("alert")
    alert.get_by_text("every .vrm").wait_for()
    alert.get_by_role("button", name="Close").click()
    assert page.locator(".model").inner_text() == "Mocast's own"
    assert page.evaluate("window.mocast.avatar.state") == "idle"


def test_settings_of_the_motion_reach_the_server(page: Page) -> None:
    open_avatar(page)
    start(page)
    page.get_by_role("group", name="Smoothing").get_by_role("radio", name="Smooth").check(force=True)
    page.get_by_role("group", name="Body").get_by_role("radio", name="Seated").check(force=True)
    page.get_by_role("group", name="Expressions").get_by_role("radio", name="Lively").check(force=True)
    wait_until(
        page,
        """async () => {
          const {settings} = await (await fetch(`/v1/sessions/${window.mocast.sessionId}`)).json();
          const {smoothing, body, expression_style} = settings;
          return smoothing === 'smooth' && body === 'half' && expression_style === 'lively';
        }""",
    )


def test_framing_background_and_mirror_are_remembered_and_in_the_address_for_obs(page: Page) -> None:
    open_avatar(page, "?room=studio")
    page.get_by_role("group", name="Framing").get_by_role("radio", name="Full").check(force=True)
    page.get_by_role("group", name="Background").get_by_role("radio", name="Colour").check(force=True)
    page.get_by_role("switch", name="Mirror").last.uncheck(force=True)
    page.reload()
    page.get_by_role("tab", name="Avatar").click()
    wait_until(page, "() => window.mocast.avatar?.framing === 'full' && !window.mocast.avatar.mirror")
    background = "document.querySelector('.avatar .stage canvas').style.backgroundColor"
    wait_until(page, f"() => {background} === 'rgb(0, 177, 64)'")
    address = page.get_by_label("Address for OBS").input_value()
    assert address.endswith("/avatar.html?room=studio&framing=full&background=00b140&mirror=false")


def test_a_room_that_was_given_out_is_kept_for_new_tabs(page: Page) -> None:
    open_avatar(page)
    page.locator(".card", has_text="Use it in OBS").get_by_role("button", name="Copy").click()
    room = page.evaluate("window.mocast.room")
    other = page.context.new_page()
    other.goto("/")
    assert other.evaluate("window.mocast.room") == room


def test_a_session_without_a_picture_of_the_servers_moves_the_avatar_and_the_picture_can_be_had(page: Page) -> None:
    open_avatar(page, "?draw=server")
    start(page)
    session = page.evaluate("window.mocast.sessionId")
    drawers = page.locator("#panel-Avatar").get_by_role("group", name="Your own picture is drawn")
    drawers.get_by_role("radio", name="By this page").check(force=True)
    wait_until(page, "() => window.mocast.settings.return === 'none' && window.mocast.statistics?.fps_out === 0")
    wait_until(page, "() => window.mocast.shown === 'here'")
    wait_for_tracking(page)
    wait_for_motion(page, head=0.5)
    # A page whose landmarks come a second late, as on a machine ten times too slow, has the server draw and knows none.
    wait_until(page, f"() => window.mocast.shown === 'server' || {DELAYS}.filter(parseFloat).length === 2")
    page.keyboard.press("1")
    wait_until(page, "() => window.mocast.avatar.expressions.happy === 1")
    expect(page.get_by_role("checkbox", name="1 happy")).to_be_checked()
    page.keyboard.press("1")
    wait_until(page, "() => window.mocast.avatar.expressions.happy < 1")
    page.get_by_role("button", name="Keep arms and hands").click()
    page.get_by_role("checkbox", name="1 Pose 1").wait_for(state="attached")
    page.keyboard.press("Shift+1")
    held = page.get_by_role("checkbox", name="1 Pose 1")
    expect(held).to_be_checked()
    page.keyboard.press("Shift+1")
    expect(held).not_to_be_checked()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save for OBS").click()
    assert json.loads(Path(download.value.path()).read_text())["poses"][0]["name"] == "Pose 1"
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture", exact=True).last.click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    drawers.get_by_role("radio", name="By the server").check(force=True)
    wait_until(page, "() => window.mocast.shown === 'server'")
    assert page.evaluate("window.mocast.sessionId") == session


def test_a_recording_is_downloaded_played_and_deleted(page: Page) -> None:
    open_avatar(page)
    start(page)
    page.get_by_role("button", name="Record", exact=True).click()
    stop = page.get_by_role("button", name="Stop recording")
    stop.get_by_text(re.compile("0:0[1-9]")).wait_for()
    stop.click()
    downloads = {}
    for name in ("vrma", "trc", "jsonl", "glb"):
        with page.expect_download() as download:
            page.get_by_role("button" if name == "glb" else "link", name=name, exact=True).click()
        assert download.value.suggested_filename.endswith(f".{name}")
        downloads[name] = Path(download.value.path()).read_bytes()
    assert downloads["vrma"].startswith(b"glTF")
    assert downloads["trc"].startswith(b"PathFileType")
    assert downloads["glb"].startswith(b"glTF")
    assert b"VRMC_vrm" in downloads["glb"]
    assert b'"path":"rotation"' in downloads["glb"]
    header, *lines = downloads["jsonl"].splitlines()
    assert len(lines) > 2
    assert json.loads(header)["type"] == "recording"

    page.get_by_role("button", name="Play the recording").click()
    wait_until(page, "() => window.mocast.avatar?.state === 'animation'")
    wait_for_motion(page, head=0)
    page.get_by_role("button", name="Back to me").click()
    wait_for_tracking(page)

    address = page.get_by_role("link", name="bvh", exact=True).get_attribute("href")
    page.get_by_role("button", name="Delete the recording").click()
    page.locator(".takes li").wait_for(state="detached")
    assert address is not None
    assert page.request.get(address).status == 404


def test_outputs_are_not_offered_where_the_operator_allows_none(page: Page) -> None:
    open_avatar(page)
    wait_until(page, "() => document.querySelector('footer').innerText.includes('Mocast')")
    assert page.get_by_label("Command for the bridge").is_visible()
    assert page.locator(".outputs").count() == 0


def test_a_switch_has_the_server_send_to_an_app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("outputs") / "server.log", output_networks="127.0.0.1")
    server.start()
    with (
        new_tab(browser, base_url=server.url) as page,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app,
    ):
        app.bind(("127.0.0.1", 0))
        app.settimeout(LIMIT_MS / 1000)
        open_avatar(page)
        start(page)
        page.get_by_label("Address for VMC").fill(f"127.0.0.1:{app.getsockname()[1]}")
        # Clicked, not checked: it is on when the server says so.
        page.locator(".outputs").get_by_role("switch", name="VMC").click(force=True)
        assert b"/VMC/Ext/" in app.recv(2048)
        page.locator(".outputs").get_by_text("Sending").wait_for()
        page.locator(".outputs").get_by_role("switch", name="VMC").click(force=True)
        page.locator(".outputs").get_by_text("Sending").wait_for(state="detached")
        assert page.request.get(f"/v1/rooms/{page.evaluate('window.mocast.room')}/outputs").json() == {"outputs": []}
    server.stop()


def test_calibration_is_kept_by_the_browser_and_given_to_the_next_session(page: Page) -> None:
    # Without a picture: a busy machine must see ten faces in the two seconds of rest.
    open_avatar(page, "?return=none")
    start(page)
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.get_by_text("Look at the screen, face relaxed").wait_for()
    page.get_by_text("This browser keeps it").wait_for()
    kept = page.evaluate("JSON.parse(localStorage.getItem('mocast.calibration'))")
    assert kept["face"]["neutral"]

    # What the page loads last comes when it is live again, as on a busy machine. No picture returns, and it has loaded.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/favicon.svg", hold)
    page.reload(wait_until="domcontentloaded")
    given = """async () => {
      if (window.mocast.state !== 'live') return null;
      const answer = await fetch(`/v1/sessions/${window.mocast.sessionId}/calibration`);
      return (await answer.json()).calibration;
    }"""
    wait_until(page, f"async () => (await ({given})()) !== null")
    assert held
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")
    assert page.evaluate(given) == kept

    page.get_by_role("tab", name="Avatar").click()
    page.get_by_role("button", name="Forget the calibration").click()
    wait_until(page, f"async () => (await ({given})()) === null")
    wait_until(page, "() => localStorage.getItem('mocast.calibration') === 'null'")
