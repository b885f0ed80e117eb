"""The avatar page in a real browser: what three.js draws follows a person before another page's camera."""

import io
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from mocast.model.blendshapes import SHAPE_NAMES, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.recordings.export import vrma
from mocast.recordings.export.motion import motion_of
from mocast.rigging.retargeting.avatar_fitter import AvatarFitter, read_avatar
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.target_finder import hand_targets
from mocast.wire import rig_json
from tests.e2e.conftest import OUT
from tests.e2e.server import Server
from tests.e2e.waiting import LIMIT_MS, wait_until
from tests.fakes import rig
from tests.golden import make_arm_fitting as arm_fitting

WHOLE = Found(body=True, face=True, left_hand=True, right_hand=True)

SEND = """text => {
  const rig = JSON.parse(text);
  clearInterval(window.sending);
  window.sending = setInterval(() => {
    rig.pts += 3000;
    window.mocastAvatar.push(JSON.stringify(rig));
  }, 1000 / 30);
}"""
"""Push one rig again and again, as a person who holds still sends it."""

MOUTH = [name for name in SHAPE_NAMES if name.startswith(("jaw", "mouth"))]
EYES = [name for name in SHAPE_NAMES if name.startswith("eye")]
"""The shapes of the mouth and of the eyes: whoever keeps the one closed or the others open still moves some."""

ARM_DOWN = """() => {
  const [hand, arm] = ['leftHand', 'leftUpperArm'].map(name => window.mocastAvatar.place(name)[1]);
  return hand < arm - 0.1;
}"""
"""How the avatar stands while it idles."""

RANGES = """async ([mouth, eyes]) => {
  const values = () => {
    const {bone, place, expression, gaze} = window.mocastAvatar;
    return [...bone('head'), ...bone('leftUpperArm'), ...place('leftHand'), ...gaze,
            ...mouth.map(name => expression(name)), ...eyes.map(name => expression(name))];
  };
  const low = values(), high = values();
  for (let frame = 0; frame < 60; frame += 1) {
    await new Promise(requestAnimationFrame);
    values().forEach((value, i) => {
      low[i] = Math.min(low[i], value);
      high[i] = Math.max(high[i], value);
    });
  }
  const range = high.map((value, i) => value - low[i]);
  return {head: Math.max(...range.slice(0, 4)), arm: Math.max(...range.slice(4, 8)),
          hand: Math.max(...range.slice(8, 11)), gaze: Math.max(...range.slice(11, 13)),
          mouth: Math.max(...range.slice(13, 13 + mouth.length)), eye: Math.max(...range.slice(13 + mouth.length))};
}"""
"""By how much everything that is drawn moved over 60 frames of the display."""


def turned(bone: HumanoidBone, axis: int, degrees: float) -> Rig:
    """A whole person in the T-pose but for one bone."""
    rotations = rig().rotations.copy()
    rotations[bone] = 0
    rotations[bone, axis] = math.sin(math.radians(degrees) / 2)
    rotations[bone, 3] = math.cos(math.radians(degrees) / 2)
    return replace(rig(), rotations=rotations, found=WHOLE)


def send(page: Page, posed: Rig) -> None:
    """Push the rig until the avatar has taken the pose, and go on with it."""
    page.evaluate(SEND, rig_json.encode(posed))
    wait_until(page, "() => window.mocastAvatar.state === 'tracking'")


def open_avatar(page: Page, query: str = "") -> None:
    """Open the page until the avatar is there; where somebody is in its room already, it may never be idle."""
    page.goto(f"/avatar.html{query}")
    wait_until(page, "() => (window.mocastAvatar?.state ?? 'nothing') !== 'nothing' || window.mocastAvatar?.problem")
    assert page.evaluate("window.mocastAvatar.problem") == ""


def publish(page: Page, room: str) -> None:
    """Be the person: this page's camera goes to the room."""
    page.goto(f"/?room={room}&return=none")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.state === 'live'")


def place(page: Page, bone: str) -> Any:
    return np.array(page.evaluate("bone => window.mocastAvatar.place(bone)", bone))


def wait_for_bone(page: Page, bone: str, rotation: list[float]) -> None:
    """Wait until a bone is turned so; q and -q are the same turn."""
    wait_until(
        page,
        """([name, wanted]) => {
          const alike = window.mocastAvatar.bone(name).reduce((sum, value, i) => sum + value * wanted[i], 0);
          return Math.abs(alike) > 0.99999;
        }""",
        [bone, rotation],
    )


def test_the_avatar_follows_a_person_in_another_browser_tab(page: Page) -> None:
    publish(page, "stage")
    avatar = page.context.new_page()
    open_avatar(avatar, "?room=stage&framing=bust&background=8899aa")
    wait_until(avatar, "() => window.mocastAvatar.state === 'tracking'")
    least = {"head": 0.003, "arm": 0.003, "hand": 0.003, "mouth": 0.005, "eye": 0.005, "gaze": 0.3}
    moved = dict.fromkeys(least, 0.0)
    give_up = time.monotonic() + LIMIT_MS / 1000
    while not all(moved[name] > least[name] for name in least):
        assert time.monotonic() < give_up, moved
        ranges = avatar.evaluate(RANGES, [MOUTH, EYES])
        moved = {name: max(most, ranges[name]) for name, most in moved.items()}
    OUT.mkdir(exist_ok=True)
    avatar.screenshot(path=OUT / "avatar.png")


def test_a_browser_without_webrtc_follows_by_a_websocket(page: Page, server: Server) -> None:
    avatar = page.context.new_page()
    avatar.add_init_script("delete window.RTCPeerConnection")
    open_avatar(avatar, "?room=socket")
    wait_until_said(avatar, "Waiting for someone in room “socket”.")
    publish(page, "socket")
    wait_until_said(avatar, "Following room “socket”.")
    wait_until(avatar, "() => window.mocastAvatar.state === 'tracking'")
    before = avatar.evaluate("window.mocastAvatar.rigs")
    server.kill()
    wait_until_said(avatar, "Looking for the server of room “socket”.")
    server.start()
    wait_until(avatar, "before => window.mocastAvatar.rigs > before + 10", before)


def test_the_avatar_idles_in_an_empty_room_and_follows_again_after_a_restart(page: Page, server: Server) -> None:
    avatar = page.context.new_page()
    open_avatar(avatar, "?room=theatre")
    told_empty = "window.mocastAvatar.roomState?.publisher === null"
    wait_until(avatar, f"() => window.mocastAvatar.connection === 'live' && {told_empty}")
    publish(page, "theatre")
    wait_until(avatar, "() => window.mocastAvatar.state === 'tracking'")
    server.kill()
    wait_until(avatar, "() => window.mocastAvatar.state === 'idle' && window.mocastAvatar.connection !== 'live'")
    before = avatar.evaluate("window.mocastAvatar.rigs")
    server.start()
    wait_until(avatar, "before => window.mocastAvatar.rigs > before + 10", before)
    wait_until(avatar, "() => window.mocastAvatar.state === 'tracking'")


def test_a_raised_left_arm_is_raised_on_the_avatar_s_left_and_hands_at_the_face_are_at_its_own(page: Page) -> None:
    open_avatar(page)
    raised = turned(HumanoidBone.LEFT_UPPER_ARM, 2, 60)
    send(page, raised)
    wait_for_bone(page, "leftUpperArm", raised.rotations[HumanoidBone.LEFT_UPPER_ARM].tolist())
    left, right = place(page, "leftHand"), place(page, "rightHand")
    assert left[1] > place(page, "head")[1]
    assert left[0] > 0 > right[0]
    assert right[1] == pytest.approx(place(page, "rightUpperArm")[1], abs=0.03)
    pose = arm_fitting.poses()["at the face"]
    at_face = replace(raised, rotations=pose.astype(np.float32), hand_targets=hand_targets(pose, REST))
    fitted = AvatarFitter(read_avatar(arm_fitting.AVATAR)).fit(at_face).rotations[HumanoidBone.LEFT_UPPER_ARM]
    assert abs(fitted @ pose[HumanoidBone.LEFT_UPPER_ARM]) < 0.9999
    send(page, at_face)
    wait_for_bone(page, "leftUpperArm", fitted.tolist())


def test_in_a_mirror_it_is_the_other_arm(page: Page) -> None:
    open_avatar(page, "?mirror=true")
    send(page, turned(HumanoidBone.LEFT_UPPER_ARM, 2, 60))
    half = math.radians(30)
    wait_for_bone(page, "rightUpperArm", [0, 0, -math.sin(half), math.cos(half)])
    assert place(page, "rightHand")[1] > place(page, "head")[1] > place(page, "leftHand")[1]


def test_mouth_eyes_and_gaze_are_those_of_the_person(page: Page) -> None:
    open_avatar(page)
    shapes = rig().shapes.copy()
    shapes[[Shape.JAW_OPEN, Shape.EYE_BLINK_LEFT]] = 0.75, 1
    send(page, replace(rig(), shapes=shapes, gaze_deg=np.array([10, -5], np.float32), found=Found(face=True)))
    wait_until(page, "() => window.mocastAvatar.expression('jawOpen') > 0.74")
    assert page.evaluate("window.mocastAvatar.expression('eyeBlinkLeft')") > 0.98
    assert page.evaluate("window.mocastAvatar.expression('eyeBlinkRight')") < 0.02
    yaw, pitch = page.evaluate("window.mocastAvatar.gaze")
    assert yaw > 5
    assert pitch < -2


def test_it_eases_to_idle_when_nothing_comes(page: Page) -> None:
    open_avatar(page)
    send(page, turned(HumanoidBone.HEAD, 1, 20))
    wait_for_bone(page, "leftUpperArm", [0, 0, 0, 1])
    page.evaluate("clearInterval(window.sending)")
    wait_until(page, "() => window.mocastAvatar.state === 'idle'")
    wait_until(page, ARM_DOWN)


def corner(page: Page) -> tuple[int, ...]:
    """Red, green, blue and alpha of the page's upper left pixel, as OBS has it."""
    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    return tuple(np.asarray(picture.convert("RGBA"))[2, 2].tolist())


def test_the_ground_is_transparent_or_as_the_address_says(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 240})
    open_avatar(page)
    assert corner(page)[3] == 0
    open_avatar(page, "?background=00b140")
    assert corner(page) == (0, 0xB1, 0x40, 255)


KEPT = """name => new Promise(resolve => {
  const opening = indexedDB.open('mocast');
  opening.onsuccess = () => {
    const reading = opening.result.transaction('files').objectStore('files').get('avatar');
    reading.onsuccess = () => resolve(reading.result?.name === name);
    opening.result.close();
  };
})"""


def wait_until_said(page: Page, text: str) -> None:
    """Wait for it in the line that the pointer calls up: over the picture it stays for ten seconds only."""
    page.locator("#state").filter(has_text=text).wait_for(state="attached")


def test_a_model_is_remembered_what_is_none_is_refused_and_poses_come_by_a_file(page: Page, tmp_path: Path) -> None:
    no_model = tmp_path / "photo.vrm"
    no_model.write_bytes(b"this is no model")
    open_avatar(page)
    choose = page.locator("#hint input")
    choose.set_input_files(no_model)
    wait_until_said(page, "This is no binary glTF file")
    assert page.evaluate("window.mocastAvatar.state") == "idle"

    own = tmp_path / "own.vrm"
    own.write_bytes(renamed(page.request.get("/default.vrm").body(), "Somebody's own"))
    choose.set_input_files(own)
    wait_until(page, KEPT, "own.vrm")
    open_avatar(page)
    assert page.evaluate("window.mocastAvatar.title") == "Somebody's own"
    assert page.evaluate("window.mocastAvatar.problem") == ""

    raised = turned(HumanoidBone.LEFT_UPPER_ARM, 2, 60).rotations.ravel().tolist()
    keys = tmp_path / "avatar-keys.json"
    pose = {"name": "Pose 1", "part": "arms", "rotations": raised}
    keys.write_text(json.dumps({"type": "mocast-keys", "version": 1, "poses": [pose], "poseKeys": "toggle"}))
    choose.set_input_files(keys)
    wait_until(page, "() => localStorage.getItem('mocast.poses')?.includes('Pose 1')")
    page.keyboard.press("Shift+1")
    wait_until(page, f"() => !({ARM_DOWN})()")
    page.keyboard.press("Shift+1")
    wait_until(page, ARM_DOWN)


def test_an_avatar_that_is_not_there_is_said_so(page: Page) -> None:
    page.goto("/avatar.html?avatar=/nobody.vrm")
    wait_until_said(page, "There is nothing at")
    assert page.evaluate("window.mocastAvatar.state") == "nothing"


def test_what_cannot_be_used_of_the_address_is_said_and_the_rest_is_shown(page: Page) -> None:
    page.goto("/avatar.html?framing=knees&avatar=https://elsewhere.invalid/a.vrm")
    wait_until(page, "() => window.mocastAvatar?.state === 'idle'")
    wait_until_said(page, "framing= is one of face, bust, full.")
    wait_until_said(page, "avatar= must be an address of this server.")


def test_a_dropped_animation_is_played_until_escape(page: Page, tmp_path: Path) -> None:
    film = tmp_path / "wave.vrma"
    wave = [turned(HumanoidBone.LEFT_UPPER_ARM, 2, degrees) for degrees in (0, 40, 60, 40, 20)]
    frames = [replace(posed, frame=at, pts=at * 9000) for at, posed in enumerate(wave)]
    with film.open("wb") as file:
        vrma.write(motion_of(frames), file)
    open_avatar(page)
    page.locator("#hint input").set_input_files(film)
    wait_until(page, "() => window.mocastAvatar.state === 'animation'")
    wait_until(page, "() => window.mocastAvatar.bone('leftUpperArm')[2] > 0.3")
    wait_until(page, "() => window.mocastAvatar.bone('leftUpperArm')[2] < 0.25")
    page.keyboard.press("Escape")
    wait_until(page, "() => window.mocastAvatar.state === 'idle'")
    wait_until(page, ARM_DOWN)


def test_guests_stand_side_by_side_as_long_as_they_are_there(page: Page) -> None:
    open_avatar(page, "?rooms=guests-a,guests-b&people=3")
    names = "window.mocastAvatar.guests.filter(({hips}) => hips).map(({name}) => name)"
    wait_until(page, f"() => {names}.join() === '1/0'")
    page.evaluate("text => window.mocastAvatar.push(text)", rig_json.encode(replace(rig(), found=WHOLE, person=2)))
    wait_until(page, f"() => {names}.join() === '0/2,1/0'")
    places = "[window.mocastAvatar.place('hips')[0], ...window.mocastAvatar.guests.map(({hips}) => hips[0])]"
    wait_until(page, f"() => {places}.every((x, i, all) => i === 0 || x > all[i - 1] + 0.4)")
    wait_until(page, f"() => {names}.join() === '1/0'")


def test_framings_show_more_and_more(page: Page) -> None:
    heights = []
    for framing in ("face", "bust", "full"):
        open_avatar(page, f"?framing={framing}")
        heights.append(page.evaluate("window.mocastAvatar.shownHeight"))
    assert heights == sorted(heights)
    assert heights[2] > place(page, "head")[1]


def renamed(vrm: bytes, name: str) -> bytes:
    """The same model by another name."""
    length = int.from_bytes(vrm[12:16], "little")
    tree = json.loads(vrm[20 : 20 + length])
    tree["extensions"]["VRMC_vrm"]["meta"]["name"] = name
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = vrm[20 + length :]
    total = 20 + len(text) + len(rest)
    return vrm[:8] + total.to_bytes(4, "little") + len(text).to_bytes(4, "little") + vrm[16:20] + text + rest
