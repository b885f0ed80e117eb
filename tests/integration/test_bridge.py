"""``mocast bridge``: from a room's address to packets of the apps, over servers that come and go, until Ctrl-C."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from aiohttp import ClientSession

from mocast.commands import bridge as bridge_module
from mocast.commands import room_link
from mocast.commands.bridge import Bridge, parse_arguments
from mocast.commands.room_link import room_address
from mocast.model.analysis import Event
from mocast.model.blendshapes import Expression
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.outputs.output_options import OutputOptions
from mocast.outputs.vts_tokens import Tokens
from mocast.wire import event_json, landmarks_json, rig_json
from tests import fakes, people
from tests.golden.make_arm_fitting import AVATAR
from tests.integration.http_server import running
from tests.integration.remote_room import RemoteRoom, Told, remote_room, retry_at_once
from tests.osc_receiver import OscReceiver
from tests.peers import HANG_S, Peer
from tests.ports import free_port
from tests.vmc_receiver import VmcFrame, VmcReceiver
from tests.vtube_studio import VTubeStudio


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    retry_at_once(monkeypatch)
    monkeypatch.setattr(room_link, "REFUSED_DELAY_S", 0.05)


@pytest.fixture
async def room() -> AsyncIterator[RemoteRoom]:
    async with remote_room() as room:
        yield room


@asynccontextmanager
async def bridged(room: RemoteRoom, *words: str, tokens: Tokens | None = None) -> AsyncIterator[Told]:
    told = Told()
    plan = parse_arguments([f"http://127.0.0.1:{room.port}/?room=stage", *words])
    task = asyncio.create_task(Bridge(plan, told, tokens or Tokens()).run())
    try:
        yield told
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def raised_left_arm() -> Rig:
    rig = replace(fakes.rig(), found=Found(body=True))
    rig.rotations[HumanoidBone.LEFT_UPPER_ARM] = 0, 0, np.sqrt(0.5), np.sqrt(0.5)
    return rig


async def in_thread(function: Callable[[], object]) -> None:
    """The VMC receiver waits in its own way."""
    await asyncio.to_thread(function)


async def test_rigs_of_the_room_reach_the_app(room: RemoteRoom) -> None:
    with VmcReceiver() as receiver:
        async with bridged(room, "--vmc", f"127.0.0.1:{receiver.port}") as told:
            await told.says("room stage at 127.0.0.1: connected; nobody is tracked in it at present")
            await room.send(rig_json.encode(raised_left_arm()))
            await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) == 1))
            await told.says("connected; motion comes in")
    assert room.asked == ["/v1/rooms/stage/landmarks?send=rig"]
    rotation = receiver.frames[0].bones["LeftUpperArm"][1]
    assert rotation == pytest.approx((0, 0, -np.sqrt(0.5), np.sqrt(0.5)), abs=1e-4)


async def test_rigs_of_the_person_who_was_asked_for_reach_the_app(room: RemoteRoom) -> None:
    with VmcReceiver() as receiver:
        async with bridged(room, "--vmc", f"127.0.0.1:{receiver.port}", "--person", "1"):
            await wait_for_readers(room)
            await room.send(rig_json.encode(fakes.rig()))
            await room.send(rig_json.encode(replace(raised_left_arm(), person=1)))
            await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) == 1))
    assert room.asked == ["/v1/rooms/stage/landmarks?send=rig&people=2"]
    rotation = receiver.frames[0].bones["LeftUpperArm"][1]
    assert rotation == pytest.approx((0, 0, -np.sqrt(0.5), np.sqrt(0.5)), abs=1e-4)


async def test_all_three_apps_at_once_with_parts_and_mirror(room: RemoteRoom) -> None:
    with VmcReceiver() as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as face:
        face.bind(("127.0.0.1", 0))
        face.settimeout(60)
        async with VTubeStudio() as studio:
            words = (
                "--vmc", f"127.0.0.1:{receiver.port}", "--vts", f"127.0.0.1:{studio.port}",
                "--ifacialmocap", f"127.0.0.1:{face.getsockname()[1]}", "--parts", "arms,face", "--mirror",
            )  # fmt: skip
            async with bridged(room, *words) as told:
                await told.says("waiting for permission (allow Mocast")
                await studio.wait_for(lambda it: it.is_asking)
                studio.answer(allow=True)
                await told.says("VTube Studio 127.0.0.1")
                await studio.wait_for(lambda it: it.custom)
                await wait_for_readers(room)
                await room.send(rig_json.encode(raised_left_arm()))
                await studio.wait_for(lambda it: it.injections)
                await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) == 1))
                packet = await asyncio.to_thread(face.recv, 4096)
    bones = receiver.frames[0].bones
    assert "Head" not in bones
    assert bones["LeftUpperArm"][1] == (0, 0, 0, 1)
    assert bones["RightUpperArm"][1] != (0, 0, 0, 1)
    assert packet.startswith(b"browDown_L-0|")
    assert "FaceAngleX" not in studio.injections[0].values


async def test_osc_has_rigs_and_landmarks_and_vrchat_its_trackers(room: RemoteRoom) -> None:
    with OscReceiver() as osc, OscReceiver() as vrchat:
        words = ("--osc", f"127.0.0.1:{osc.port}", "--landmarks", "--vrchat", f"127.0.0.1:{vrchat.port}")
        async with bridged(room, *words):
            await room.wait_for_readers(2)
            await room.send('{"type":"landmarks",' + landmarks_json.encode(people.person(), mirrored=False)[1:])
            await in_thread(lambda: osc.wait_for("/mocast/landmark/rightHand/littleTip"))
            await room.send(rig_json.encode(raised_left_arm()))
            await in_thread(lambda: osc.wait_for("/mocast/expression/blinkRight"))
            await in_thread(lambda: vrchat.wait_for("/tracking/trackers/3/rotation"))
    assert sorted(room.asked) == [f"/v1/rooms/stage/landmarks?send={name}" for name in ("landmarks", "rig")]
    assert osc.last["/mocast/bone/leftUpperArm"] == pytest.approx((0, 0, np.sqrt(0.5), np.sqrt(0.5)), abs=1e-4)
    assert vrchat.last["/tracking/trackers/1/position"] == pytest.approx((0, 0.9, 0))


async def wait_for_readers(room: RemoteRoom) -> None:
    await asyncio.wait_for(room.joined.wait(), 60)


async def test_a_server_that_goes_and_comes_back_is_found_again(room: RemoteRoom) -> None:
    with VmcReceiver() as receiver:
        async with bridged(room, "--vmc", f"127.0.0.1:{receiver.port}") as told:
            await wait_for_readers(room)
            await room.stop()
            await told.says("The server ended the connection. Trying again.")
            await told.says(f"cannot be reached at 127.0.0.1:{room.port} (Connection refused). Trying again.")
            await room.start()
            await told.says("connected")
            await room.send(rig_json.encode(raised_left_arm()))
            await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) == 1))


async def test_what_is_no_rig_is_passed_over(room: RemoteRoom) -> None:
    with VmcReceiver() as receiver:
        async with bridged(room, "--vmc", f"127.0.0.1:{receiver.port}"):
            await wait_for_readers(room)
            await room.send('{"type": "landmarks", "version": 1}')
            await room.send("nonsense")
            await room.send(rig_json.encode(replace(raised_left_arm(), found=Found(face=True))))
            await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) == 1))


async def test_an_app_that_is_not_there_is_told_of_by_its_name(room: RemoteRoom) -> None:
    port = free_port()
    async with bridged(room, "--vmc", f"127.0.0.1:{port}") as told:
        await wait_for_readers(room)
        sending = asyncio.create_task(keep_sending(room))
        line = await told.says("refused")
        sending.cancel()
    assert line.startswith(f"VMC 127.0.0.1:{port}: refused (nothing listens")


MAPPING = """
[[trigger]]
gesture = "victory"
hand = "left"
hold = 0
blend = "Wings"
hotkey = "My Hotkey"

[[trigger]]
expression = "happy"
hold = 0
blend = "Fun"

[[trigger]]
event = "head"
name = "nod"
hotkey = "0123456789abcdef"
"""


def hands(left: str | None) -> str:
    hand = f'{{"gesture": "{left}"}}' if left else "null"
    return f'{{"type": "analysis", "version": 1, "left_hand": {hand}, "right_hand": null}}'


async def test_gestures_expressions_and_events_trigger_what_the_mapping_says(room: RemoteRoom, tmp_path: Path) -> None:
    mapping = tmp_path / "hotkeys.toml"
    mapping.write_text(MAPPING)
    tokens = Tokens()
    with VmcReceiver() as receiver:
        async with VTubeStudio() as studio:
            studio.tokens["token"] = ("Mocast", "Mocast")
            tokens.put(f"127.0.0.1:{studio.port}", "token")
            words = (
                *("--vmc", f"127.0.0.1:{receiver.port}", "--vts", f"127.0.0.1:{studio.port}"),
                *("--mapping", str(mapping)),
            )
            async with bridged(room, *words, tokens=tokens) as told:
                await told.says("VTube Studio 127.0.0.1")
                await room.wait_for_readers(2)
                await room.send(hands("victory"))
                await studio.wait_for(lambda it: len(it.triggered) == 1)
                await room.send(rig_json.encode(raised_left_arm()))
                await in_thread(lambda: receiver.wait_for(lambda frames: frames[-1:] and raises(frames[-1], "Wings")))
                event = Event("head", 0, 0, 0, {"gesture": "nod"})
                await room.send(event_json.encode(event, "stage"))
                await studio.wait_for(lambda it: len(it.triggered) == 2)
                happy = replace(raised_left_arm(), found=Found(body=True, face=True))
                happy.expressions[Expression.HAPPY] = 0.9
                await room.send(rig_json.encode(happy))
                await in_thread(lambda: receiver.wait_for(lambda frames: raises(frames[-1], "Fun")))
    assert sorted(room.asked) == [
        "/v1/rooms/stage/landmarks?send=analysis,events",
        "/v1/rooms/stage/landmarks?send=rig",
    ]
    assert studio.refusals == []


def raises(frame: VmcFrame, blend: str) -> bool:
    return frame.blends[blend] == 1.0


async def test_without_gestures_in_the_mapping_only_rigs_are_asked_for(room: RemoteRoom, tmp_path: Path) -> None:
    (tmp_path / "face.toml").write_text("[[trigger]]\nexpression = 'happy'\nblend = 'Fun'\n")
    async with bridged(room, "--vmc", "--mapping", str(tmp_path / "face.toml")) as told:
        await told.says("nobody is tracked in it at present")
    assert room.asked == ["/v1/rooms/stage/landmarks?send=rig"]


@pytest.mark.parametrize(
    ("mapping", "app", "said"),
    [
        ("[[trigger]]\ngestur = 'fist'", "--vts", 'hotkeys.toml: Trigger 1: Option "gestur"'),
        ("[[trigger]]\ngesture = 'fist'\nkey = 'a'", "--vts", "no trigger does anything to vts"),
        ("[[trigger]]\ngesture = 'fist'\nhotkey = 'a'", "--vmc", "no trigger does anything to vmc"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, mapping: str, app: str, said: str
) -> None:
    (tmp_path / "hotkeys.toml").write_text(mapping)
    assert bridge_module.bridge(["http://h/?room=x", app, "--mapping", str(tmp_path / "hotkeys.toml")]) == 2
    assert said in capsys.readouterr().err


async def keep_sending(room: RemoteRoom) -> None:
    while True:
        await room.send(rig_json.encode(raised_left_arm()))
        await asyncio.sleep(0.01)


async def test_from_a_camera_at_a_real_server_to_an_app(tmp_path: Path) -> None:
    """The command itself, in a process of its own, ended as Ctrl-C does it."""
    with running() as server, VmcReceiver() as receiver:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mocast", "bridge"),
            *(f"http://127.0.0.1:{server.port}/avatar.html?room=stage&bust", "--vmc", f"127.0.0.1:{receiver.port}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"XDG_CONFIG_HOME": str(tmp_path), "PATH": ""},
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(HANG_S):
                assert b"connected" in await process.stdout.readline()
            peer = Peer(landmarks=None, control=False)
            try:
                async with ClientSession(f"http://127.0.0.1:{server.port}") as http:
                    headers = {"Content-Type": "application/sdp"}
                    url = "/v1/rooms/stage/publish?return=none"
                    async with http.post(url, data=await peer.offer(), headers=headers) as answer:
                        assert answer.status == 201
                        await peer.accept(await answer.text())
                    await in_thread(lambda: receiver.wait_for(lambda frames: len(frames) >= 3))
            finally:
                await peer.close()
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(HANG_S):
                output, errors = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert output.decode().splitlines()[-1] == "ended"
    assert len(receiver.frames[0].bones) == 55


@pytest.mark.parametrize(
    ("given", "socket_url"),
    [
        ("https://mocast.example/?room=stage", "wss://mocast.example/v1/rooms/stage/landmarks"),
        ("http://10.0.0.2:8080/?room=stage", "ws://10.0.0.2:8080/v1/rooms/stage/landmarks"),
        ("http://10.0.0.2:8080?room=stage", "ws://10.0.0.2:8080/v1/rooms/stage/landmarks"),
        ("https://h/avatar.html?room=a.b-c_1&view=bust", "wss://h/v1/rooms/a.b-c_1/landmarks"),
        ("https://h/rooms?room=x", "wss://h/v1/rooms/x/landmarks"),
        ("https://h/mocast/avatar.html?room=x", "wss://h/mocast/v1/rooms/x/landmarks"),
        ("https://h/mocast/?room=x", "wss://h/mocast/v1/rooms/x/landmarks"),
        ("wss://h/v1/rooms/x/landmarks", "wss://h/v1/rooms/x/landmarks"),
        ("ws://h:1/v1/rooms/x/landmarks?send=landmarks", "ws://h:1/v1/rooms/x/landmarks"),
        ("https://h/v1/rooms/x", "wss://h/v1/rooms/x/landmarks"),
        ("localhost:8080/?room=x", "ws://localhost:8080/v1/rooms/x/landmarks"),
        ("http://[::1]:8080/?room=x", "ws://[::1]:8080/v1/rooms/x/landmarks"),
        ("https://me:a%20secret@h/?room=x", "wss://me:a%20secret@h/v1/rooms/x/landmarks"),
    ],
)
def test_a_room_s_address_is_taken_as_people_have_it(given: str, socket_url: str) -> None:
    address = room_address(given)
    assert f"{address.server}/v1/rooms/{address.room}/landmarks".replace("http", "ws", 1) == socket_url


@pytest.mark.parametrize("end", ["#access_token=a.b+c", "&access_token=a.b%2Bc"])
async def test_the_token_of_an_address_goes_as_a_sub_protocol_and_not_in_the_address(
    room: RemoteRoom, end: str
) -> None:
    plan = parse_arguments([f"http://me:secret@127.0.0.1:{room.port}/?room=stage{end}", "--vmc"])
    assert "a.b+c" not in repr(plan)
    following = asyncio.create_task(Bridge(plan, Told(), Tokens()).run())
    async with asyncio.timeout(HANG_S):
        await room.joined.wait()
    following.cancel()
    await asyncio.wait([following])
    assert room.asked == ["/v1/rooms/stage/landmarks?send=rig"]
    assert room.protocols == "mocast.bearer,a.b+c"


@pytest.mark.parametrize(
    "text", ["https://h/", "https://h/?room=", "https://h/?room=a/b", "ftp://h/?room=x", "?room=x", "https://h/?rom=x"]
)
def test_an_address_without_a_room_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="room"):
        room_address(text)


def test_an_avatar_is_named_for_vmc_alone_and_must_be_one(tmp_path: Path) -> None:
    assert parse_arguments(["http://h/?room=x", "--vmc", "--vrm", str(AVATAR)]).vrm == AVATAR
    with pytest.raises(ValueError, match=r"^Only --vmc is sent for an avatar"):
        parse_arguments(["http://h/?room=x", "--vts", "--vrm", str(AVATAR)])
    with pytest.raises(ValueError, match=r"none\.vrm: No such file"):
        parse_arguments(["http://h/?room=x", "--vmc", "--vrm", str(tmp_path / "none.vrm")])


def test_an_app_s_own_port_needs_no_words() -> None:
    plan = parse_arguments(["http://h/?room=x", "--vmc", "--vts", "--ifacialmocap"])
    assert [(output.kind, output.host, output.port) for output in plan.outputs] == [
        ("vmc", "127.0.0.1", 39539),
        ("vts", "127.0.0.1", 8001),
        ("ifacialmocap", "127.0.0.1", 49983),
    ]


def test_options_hold_for_every_app() -> None:
    words = ["http://h/?room=x", "--vmc", "a", "--vmc", "b:1", "--names", "arkit", "--parts", "face,head", "--mirror"]
    plan = parse_arguments(words)
    shared = OutputOptions("vmc", "a", 39539, parts=("head", "face"), mirror=True, names="arkit")
    assert plan.outputs == (shared, replace(shared, host="b", port=1))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "URL"),
        (["http://h/?room=x"], "name an app"),
        (["--vts", "http://h/?room=x"], "URL"),
        (["http://h/?room=x", "--vts", "http://h"], "HOST:PORT"),
        (["http://h/?room=x", "--vmc", "h:x"], "HOST:PORT"),
        (["http://h/?room=x", "--vmc", "h:0"], "1 to 65535"),
        (["http://h/?room=x", "--vmc", "a..b:1"], '"a..b" cannot be'),
        (["http://a..b/?room=x", "--vmc"], '"a..b" cannot be'),
        (["http://h:99999/?room=x", "--vmc"], "ort"),
        (["http://[::1/?room=x", "--vmc"], "IPv6"),
        (["http://h/?room=x", "--vmc", "--parts", "tail"], "'head', 'hands', 'arms', 'body' or 'face'"),
        (["http://h/?room=x", "--vmc", "--names", "vrm2"], "vrm0"),
        (["http://h/?room=x", "--dance"], "--dance"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert bridge_module.bridge(words) == 2
    told = capsys.readouterr().err
    assert told.startswith("mocast bridge: ")
    assert said in told
    assert told.count("\n") == 1


SECRET = "a-secret-of-the-server"


@pytest.mark.parametrize("by_proxy", [False, True], ids=["in the header", "beside a proxy's password"])
async def test_a_server_that_asks_for_a_token_gets_it(by_proxy: bool) -> None:
    with running(auth="token", token=SECRET) as server:
        user = "ann:password@" if by_proxy else ""
        for token, told in ((SECRET, "connected"), ("wrong", "The token is not valid"), ("", "Send a token")):
            fragment = f"#access_token={token}" if token else ""
            plan = parse_arguments([f"http://{user}127.0.0.1:{server.port}/?room=hall{fragment}", "--vmc"])
            tell = Told()
            running_bridge = asyncio.create_task(Bridge(plan, tell, Tokens()).run())
            line = await tell.says(told)
            assert SECRET not in line
            running_bridge.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running_bridge


def test_a_token_comes_from_the_flag_the_address_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCAST_TOKEN", "environment")
    address = "http://h/?room=r"
    assert parse_arguments([address, "--vmc"]).address.token == "environment"
    assert parse_arguments([f"{address}#access_token=fragment", "--vmc"]).address.token == "fragment"
    assert parse_arguments([f"{address}&access_token=query", "--vmc"]).address.token == "query"
    assert parse_arguments([f"{address}#access_token=fragment", "--vmc", "--token", "flag"]).address.token == "flag"
    assert "token" not in str(parse_arguments([f"{address}&access_token=query", "--vmc"]).address.room)
