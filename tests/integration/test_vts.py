"""The VTube Studio output against a stand-in that follows the published API: leave, refusals, restarts, values."""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from mocast import retry_delays
from mocast.model.blendshapes import Expression, Shape
from mocast.model.rig import Found, HeadPose, Rig
from mocast.outputs import vts, vts_permission
from mocast.outputs.output import Output, make_output
from mocast.outputs.output_options import OutputOptions
from mocast.outputs.status import OutputStatus
from mocast.outputs.triggers import Trigger
from mocast.outputs.vts_parameters import SHAPE_PARAMETERS
from mocast.outputs.vts_tokens import Tokens
from tests import fakes
from tests.peers import HANG_S
from tests.polling import until
from tests.vtube_studio import DEFAULTS, VTubeStudio


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(retry_delays, "LONGEST_DELAY_S", 0.05)
    monkeypatch.setattr(vts_permission, "ASK_AGAIN_S", 0.01)
    monkeypatch.setattr(vts, "KEEP_ALIVE_S", 0.05)


class Client:
    """The output, and what it told of itself."""

    def __init__(self, port: int, tokens: Tokens, triggers: Sequence[Trigger] = (), **options: object) -> None:
        self.told: list[OutputStatus] = []
        self._changed = asyncio.Event()
        self.output: Output = make_output(
            OutputOptions("vts", "127.0.0.1", port, **options),  # type: ignore[arg-type]
            tokens,
            watch=self._watch,
            triggers=triggers,
        )

    def _watch(self, status: OutputStatus) -> None:
        self.told.append(status)
        self._changed.set()

    async def reaches(self, state: str, timeout_s: float = HANG_S) -> OutputStatus:
        """Wait for a state that was not told before."""
        async with asyncio.timeout(timeout_s):
            while True:
                for index, status in enumerate(self.told):
                    if status.state == state:
                        del self.told[: index + 1]
                        return status
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def client(studio: VTubeStudio, tokens: Tokens | None = None, **options: Any) -> AsyncIterator[Client]:
    made = Client(studio.port, tokens or Tokens(), **options)
    made.output.start()
    try:
        yield made
    finally:
        made.output.close()
        await made.output.wait_closed()


@pytest.fixture
async def studio() -> AsyncIterator[VTubeStudio]:
    async with VTubeStudio() as studio:
        yield studio


async def allowed(studio: VTubeStudio) -> None:
    await studio.wait_for(lambda it: it.is_asking)
    studio.answer(allow=True)


def seen(**shapes: float) -> Rig:
    """A face that looks straight ahead, with these shapes."""
    head = HeadPose(np.float32([0, 0, 0.6]), np.float32([0, 0, 0, 1]))
    rig = replace(fakes.rig(), found=Found(body=True, face=True), head=head)
    for name, value in shapes.items():
        rig.shapes[Shape[name]] = value
    return rig


async def test_user_is_asked_once_and_the_token_serves_the_next_sessions(studio: VTubeStudio) -> None:
    tokens = Tokens()
    async with client(studio, tokens) as one:
        await one.reaches("waiting for permission")
        await allowed(studio)
        await one.reaches("connected")
    async with client(studio, tokens) as other:
        await other.reaches("connected")
    assert studio.questions == 1
    assert studio.refusals == []


async def test_all_default_tracking_parameters_and_all_shapes_are_injected(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        await one.reaches("connected")
        one.output.send(seen(JAW_OPEN=0.5))
        await studio.wait_for(lambda it: it.injections)
    injected = studio.injections[0]
    ours_alone = {"MousePositionX", "MousePositionY", "VoiceVolume", "VoiceFrequency"}
    assert injected.values.keys() >= DEFAULTS.keys() - ours_alone, "all but the mouse and the microphone"
    assert injected.values.keys() >= set(SHAPE_PARAMETERS)
    assert injected.values["MocastJawOpen"] == injected.values["MouthOpen"] == 0.5
    assert injected.face_found
    assert studio.refusals == []


async def test_values_are_within_the_ranges_of_the_parameters(studio: VTubeStudio) -> None:
    rig = seen(**{shape.name: 1.0 for shape in Shape})
    rig.rotations[:] = np.float32([0.5, 0.5, 0.5, 0.5])
    rig = replace(rig, head=HeadPose(np.float32([9, 9, 9]), np.float32([0.5, 0.5, 0.5, 0.5])))
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
        one.output.send(rig)
        await studio.wait_for(lambda it: any(injection.values["FacePositionX"] != 0 for injection in it.injections))
    for name, value in studio.injections[-1].values.items():
        lowest, highest = DEFAULTS.get(name, (-30, 30))
        lowest = -10 if name.endswith("PositionX") and name.startswith("Hand") else lowest  # a hand beyond the middle
        assert lowest <= value <= highest, name


async def test_custom_parameters_are_named_as_the_api_wants_and_made_once(studio: VTubeStudio) -> None:
    tokens = Tokens()
    for _ in range(2):
        async with client(studio, tokens) as one:
            if not studio.tokens:
                await allowed(studio)
            await one.reaches("connected")
    assert 52 <= len(studio.custom) <= 100
    assert all(re.fullmatch(r"[A-Za-z0-9]{4,32}", name) for name in studio.custom)


async def test_parameters_are_sent_again_where_no_rig_comes_and_no_face_is_claimed(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        await one.reaches("connected")
        one.output.send(seen(JAW_OPEN=0.5))
        await studio.wait_for(lambda it: len(it.injections) >= 4)
    first, *later = studio.injections
    assert first.face_found
    assert not any(injection.face_found for injection in later)
    assert all(injection.values["MouthOpen"] == 0.5 for injection in later)


def test_parameters_are_sent_more_than_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert vts.KEEP_ALIVE_S < 1


async def test_a_face_that_is_lost_is_told(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: any(injection.face_found for injection in it.injections))
        one.output.send(replace(seen(), found=Found(body=True), head=None))
        await studio.wait_for(lambda it: not it.injections[-1].face_found)


async def test_newest_rig_wins_and_what_it_overtakes_is_counted(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        for opening in np.linspace(0.1, 0.9, 9):
            one.output.send(seen(JAW_OPEN=float(opening)))
        await allowed(studio)
        await studio.wait_for(lambda it: it.injections)
        assert one.output.status.dropped == 8
    assert studio.injections[0].values["MouthOpen"] == pytest.approx(0.9)


async def test_a_user_who_denies_is_not_asked_again_until_a_restart(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await studio.wait_for(lambda it: it.is_asking)
        studio.answer(allow=False)
        status = await one.reaches("denied")
        assert "restart" in status.detail
        await studio.stop()
        assert studio.questions == 1
        await studio.start()
        await allowed(studio)
        await one.reaches("connected")
    assert studio.questions == 2


async def test_another_question_on_the_screen_is_waited_for(studio: VTubeStudio) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"ws://127.0.0.1:{studio.port}") as socket:
        await socket.send_json(
            {
                "apiName": "VTubeStudioPublicAPI",
                "apiVersion": "1.0",
                "messageType": "AuthenticationTokenRequest",
                "data": {"pluginName": "Another", "pluginDeveloper": "Somebody"},
            }
        )
        await studio.wait_for(lambda it: it.is_asking)
        async with client(studio) as one:
            await studio.wait_for(lambda it: 51 in it.refusals)
            studio.answer(allow=True)
            await studio.wait_for(lambda it: it.questions == 2)
            await allowed(studio)
            await one.reaches("connected")


async def test_leave_that_is_taken_back_is_asked_for_again(studio: VTubeStudio) -> None:
    tokens = Tokens()
    async with client(studio, tokens) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
        await studio.revoke()
        await allowed(studio)
        await one.reaches("connected")
        one.output.send(seen(JAW_OPEN=0.75))
        await studio.wait_for(lambda it: it.injections[-1].values["MouthOpen"] == 0.75)
    assert studio.questions == 2
    assert len(studio.custom) >= 52, "what the revocation deleted was created anew"


async def test_a_token_that_was_revoked_meanwhile_is_asked_for_anew(studio: VTubeStudio) -> None:
    tokens = Tokens()
    tokens.put(f"127.0.0.1:{studio.port}", "of long ago")
    async with client(studio, tokens) as one:
        await allowed(studio)
        await one.reaches("connected")
    assert tokens.get(f"127.0.0.1:{studio.port}") in studio.tokens


async def test_a_permission_that_is_given_and_then_refused_is_asked_for_once_a_connection() -> None:
    answer = '{"requestID": "<id>", "data": {"authenticationToken": "worthless", "authenticated": false}}'
    async with impostor(answer) as port:
        one = Client(port, tokens := Tokens())
        one.output.start()
        status = await one.reaches("unreachable")
        assert "just given" in status.detail
        assert status.errors == 1
        assert tokens.get(f"127.0.0.1:{port}") is None
        one.output.close()
        await one.output.wait_closed()


async def test_port_that_is_closed_is_tried_until_it_opens() -> None:
    studio = VTubeStudio()
    await studio.start()
    await studio.stop()
    async with client(studio) as one:
        status = await one.reaches("unreachable")
        assert "is it running" in status.detail
        assert one.output.status.errors >= 1
        async with studio:
            await allowed(studio)
            await one.reaches("connected")


async def test_restart_is_survived_without_a_question(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
        await studio.stop()
        await one.reaches("unreachable")
        studio.injections.clear()
        await studio.start()
        await one.reaches("connected")
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
    assert studio.questions == 1


async def test_an_idle_output_notices_that_the_connection_ended(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        await one.reaches("connected")
        await studio.stop()
        await one.reaches("unreachable")


async def test_a_switched_off_api_is_told_and_tried_again(studio: VTubeStudio) -> None:
    studio.is_on = False
    async with client(studio) as one:
        status = await one.reaches("unreachable")
        assert "on in VTube Studio" in status.detail
        studio.is_on = True
        await allowed(studio)
        await one.reaches("connected")


async def test_a_parameter_that_vanishes_is_made_again(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
        del studio.custom["MocastJawOpen"]
        await studio.wait_for(lambda it: 453 in it.refusals and "MocastJawOpen" in it.custom)
        await one.reaches("connected")


async def test_what_an_older_version_does_not_know_is_left_out(studio: VTubeStudio) -> None:
    for name in ("BothHandsFound", "HandDistance", "FaceAngry"):
        del studio.defaults[name]
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
    assert "BothHandsFound" not in studio.injections[0].values
    assert "HandLeftFound" in studio.injections[0].values
    assert studio.refusals == []


async def test_custom_parameters_beyond_the_limit_are_left_out(studio: VTubeStudio) -> None:
    studio.custom = {f"Other{number}": "Another" for number in range(290)}
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
    assert len(studio.custom) == 300
    assert sum(name.startswith("Mocast") for name in studio.injections[0].values) == 10
    assert set(studio.refusals) == {356}


async def test_another_plugin_s_hold_is_told_and_outlived(studio: VTubeStudio) -> None:
    studio.controlled_by_another = {"MouthOpen"}
    async with client(studio) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: 454 in it.refusals)
        while "another plugin" not in (await one.reaches("connected")).detail:
            pass
        studio.controlled_by_another = set()
        await studio.wait_for(lambda it: it.injections)
        assert (await one.reaches("connected")).detail == ""
    assert len(studio.sessions) == 1, "the connection was kept"


@asynccontextmanager
async def impostor(answer: str | None) -> AsyncIterator[int]:
    """A WebSocket server that answers everything so, or not at all, and never says goodbye; yields its port."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT and answer is not None:
                await socket.send_str(answer.replace("<id>", message.json()["requestID"]))
        return socket

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "answer",
    [
        '{"requestID": "<id>", "messageType": "APIError", "data": {"errorID": "x"}}',
        '{"requestID": "<id>", "data": {"authenticated": true, "defaultParameters": 5}}',
        '{"requestID": "<id>", "data": {"authenticated": true, "defaultParameters": [{}]}}',
    ],
)
async def test_something_else_at_the_port_is_told_and_tried_again(answer: str) -> None:
    async with impostor(answer) as port:
        one = Client(port, Tokens())
        one.output.start()
        assert "no VTube Studio" in (await one.reaches("unreachable")).detail
        await until(lambda: one.output.status.errors >= 2)  # nothing tells of what is tried without a change
        one.output.close()
        await one.output.wait_closed()


async def test_a_silent_server_does_not_hold_up_the_end() -> None:
    async with impostor(None) as port:
        one = Client(port, Tokens())
        one.output.start()
        await one.reaches("waiting for permission")
        one.output.close()
        async with asyncio.timeout(60):
            await one.output.wait_closed()


async def test_only_the_chosen_parts_are_sent(studio: VTubeStudio) -> None:
    async with client(studio, parts=("head",)) as one:
        await allowed(studio)
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
    assert {name[:7] for name in studio.injections[0].values} == {"FaceAng", "FacePos"}


async def test_a_mirrored_output_swaps_the_eyes(studio: VTubeStudio) -> None:
    async with client(studio, mirror=True) as one:
        await allowed(studio)
        one.output.send(seen(EYE_BLINK_LEFT=1.0))
        await studio.wait_for(lambda it: it.injections)
    values = studio.injections[0].values
    assert values["EyeOpenRight"] == 0
    assert values["EyeOpenLeft"] == 0.5


async def test_token_file_is_its_owner_s_alone_and_read_by_the_next_process(
    studio: VTubeStudio, tmp_path: Path
) -> None:
    path = tmp_path / "mocast" / "tokens.json"
    async with client(studio, Tokens(path)) as one:
        await allowed(studio)
        await one.reaches("connected")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    async with client(studio, Tokens(path)) as other:
        await other.reaches("connected")
    assert studio.questions == 1


async def test_nothing_is_left_once_it_is_closed(studio: VTubeStudio) -> None:
    async with client(studio) as one:
        await studio.wait_for(lambda it: it.is_asking)
        name = f"vts 127.0.0.1:{studio.port}"
        assert name in {task.get_name() for task in asyncio.all_tasks()}
    assert one.output.status.state == "stopped"
    await studio.wait_for(lambda it: not it.is_asking)
    assert name not in {task.get_name() for task in asyncio.all_tasks()}


AUTHENTICATE = {"pluginName": "Mocast", "pluginDeveloper": "Mocast"}


@pytest.mark.parametrize(
    ("name", "data", "error_id"),
    [
        ("InjectParameterDataRequest", {"parameterValues": []}, 450),
        ("InjectParameterDataRequest", {"parameterValues": [{"id": "FaceAngleX", "value": "1"}]}, 451),
        ("InjectParameterDataRequest", {"parameterValues": [{"id": "FaceAngleX", "value": 1e7}]}, 451),
        ("InjectParameterDataRequest", {"parameterValues": [{"id": "ParamAngleX", "value": 1}]}, 453),
        ("InjectParameterDataRequest", {"mode": "mix", "parameterValues": [{"id": "MouthX", "value": 1}]}, 455),
        ("ParameterCreationRequest", {"parameterName": "a b c d", "min": 0, "max": 1, "defaultValue": 0}, 350),
        ("ParameterCreationRequest", {"parameterName": "Good"}, 351),
        ("ParameterCreationRequest", {"parameterName": "MouthX", "min": 0, "max": 1, "defaultValue": 0}, 354),
        ("AuthenticationRequest", {"authenticationToken": "x"}, 101),
        ("AuthenticationRequest", {"pluginName": "x"}, 100),
        ("AuthenticationTokenRequest", {"pluginName": "x" * 33}, 52),
        ("DanceRequest", {}, 7),
        ("", {}, 6),
    ],
)
async def test_the_stand_in_is_as_strict_as_the_published_api(
    studio: VTubeStudio, name: str, data: dict[str, object], error_id: int
) -> None:
    studio.tokens["t"] = ("Mocast", "Mocast")
    async with aiohttp.ClientSession() as http, http.ws_connect(f"ws://127.0.0.1:{studio.port}") as socket:
        for message_type, content in (
            ("AuthenticationRequest", {**AUTHENTICATE, "authenticationToken": "t"}),
            (name, data),
        ):
            await socket.send_json(
                {
                    "apiName": "VTubeStudioPublicAPI",
                    "apiVersion": "1.0",
                    "messageType": message_type,
                    "data": content,
                }
            )
            answer = await socket.receive_json()
    assert answer["messageType"] == "APIError"
    assert answer["data"]["errorID"] == error_id


SMILE = Trigger(expression="happy", hold=0, release=0, hotkey="my hotkey", hotkey_end="0123456789abcdef")


def smiling(value: float) -> Rig:
    rig = seen()
    rig.expressions[Expression.HAPPY] = value
    return rig


async def test_an_expression_triggers_its_hotkey_once_and_the_other_at_its_end(studio: VTubeStudio) -> None:
    async with client(studio, triggers=[SMILE]) as one:
        await allowed(studio)
        await one.reaches("connected")
        for _ in range(20):
            one.output.send(smiling(0.9))
            await asyncio.sleep(0)
        await studio.wait_for(lambda it: it.triggered)
        await studio.wait_for(lambda it: len(it.injections) >= 2)
        assert studio.triggered == ["0123456789abcdef"], "by its name, in whichever case"
        one.output.send(smiling(0.0))
        await studio.wait_for(lambda it: len(it.triggered) == 2)
    assert studio.refusals == []


async def test_a_gesture_triggers_a_hotkey_while_nobody_sends_rigs(studio: VTubeStudio) -> None:
    async with client(studio, triggers=[Trigger(gesture="victory", hold=0, hotkey="My Hotkey")]) as one:
        await allowed(studio)
        await one.reaches("connected")
        one.output.triggers.see_hands("victory", None)
        await studio.wait_for(lambda it: it.triggered)


async def test_a_hotkey_that_the_model_does_not_have_is_told_and_ends_nothing(studio: VTubeStudio) -> None:
    triggers = [
        Trigger(gesture="fist", hold=0, hotkey="None such"),
        Trigger(gesture="open", hold=0, hotkey="My Hotkey"),
    ]
    async with client(studio, triggers=triggers) as one:
        await allowed(studio)
        await one.reaches("connected")
        one.output.triggers.see_hands("fist", "open")
        await studio.wait_for(lambda it: it.triggered)
        assert any('does not trigger hotkey "None such"' in status.detail for status in one.told)
    assert (studio.refusals, len(studio.sessions)) == ([202], 1)


async def test_a_hotkey_that_waited_too_long_for_the_app_is_dropped(
    studio: VTubeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vts, "HOTKEY_KEEP_S", -1.0)
    async with client(studio, triggers=[Trigger(gesture="fist", hold=0, hotkey="My Hotkey")]) as one:
        one.output.triggers.see_hands("fist", None)
        await allowed(studio)
        await one.reaches("connected")
        one.output.send(seen())
        await studio.wait_for(lambda it: it.injections)
        assert one.output.status.errors == 1
    assert studio.triggered == []
