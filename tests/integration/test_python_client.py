"""``mocast.client`` against the whole server: cameras, streams, pictures, recordings."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import orjson
import pytest
from av import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from mocast import retry_delays
from mocast.client import (
    Conflict,
    MocastClient,
    MocastError,
    NotFound,
    RequestError,
    Unauthorized,
    Unprocessable,
    Unreachable,
)
from mocast.webrtc.aiortc import camera_connection
from tests.integration.http_server import Running, running
from tests.peers import HANG_S, SQUARE
from tests.polling import EVERY_S, until

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
async def client(server: Running) -> AsyncIterator[MocastClient]:
    async with asyncio.timeout(HANG_S), MocastClient(f"http://127.0.0.1:{server.port}") as client:
        yield client


async def square(frames: int = 10**6) -> AsyncIterator[Picture]:
    """A white square that stands still, in the right half."""
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[100 : 100 + SQUARE, 200 : 200 + SQUARE] = 255
    for _ in range(frames):
        yield picture
        await asyncio.sleep(1 / 60)


async def test_what_the_camera_shows_comes_back_by_name(client: MocastClient) -> None:
    async with client.publish(square(), "names", tracker="pose") as camera:
        async with aclosing(camera.landmarks()) as frames:
            frame = await anext(frames)
        assert frame.pose is not None
        assert frame.pose["left_wrist"].x == pytest.approx((200 + SQUARE / 2) / 320, abs=0.01)
        assert frame.pose["left_wrist"].y == pytest.approx((100 + SQUARE / 2) / 240, abs=0.01)
        async with aclosing(client.rigs("names", mirror=True)) as rigs:
            rig = await anext(rigs)
        assert set(rig.found) >= {"body", "face"}
        assert len(rig.rotations["leftUpperArm"]) == 4
        state = await client.room("names")
        assert state.publisher is not None
        assert state.publisher["state"] == "live"
        assert [room.room for room in await client.rooms()] == ["names"]
    with pytest.raises(NotFound):
        await client.room("names")


async def test_a_film_ends_its_landmarks_and_its_session(client: MocastClient, server: Running) -> None:
    seen: list[int] = []

    async def film() -> AsyncIterator[Picture]:
        """It ends once some of it was seen."""
        async for picture in square():
            yield picture
            if len(seen) > 5:
                return

    async def read_to_the_end(stream: AsyncIterator[object]) -> None:
        async for _ in stream:
            pass

    async with client.publish(film(), "film", tracker="pose") as camera, asyncio.TaskGroup() as others:
        for stream in (camera.rigs(), camera.analyses(), camera.events()):
            others.create_task(read_to_the_end(stream))
        async for frame in camera.landmarks():
            seen.append(frame.frame)  # noqa: PERF401 (the film looks at it meanwhile)
        await camera.wait()
        with pytest.raises(NotFound, match="to the room film has ended"):
            await camera.change(mirror=True)
        assert seen == sorted(set(seen))
        assert server.sessions == 0


async def test_options_change_while_the_camera_is_live(client: MocastClient) -> None:
    async with client.publish(square(), "options", tracker="pose") as camera:
        await camera.change(mirror=True, overlay=["mesh"])
        async with aclosing(camera.landmarks()) as frames:
            async for frame in frames:
                if frame.mirrored:
                    break
        with pytest.raises(Unprocessable) as raised:
            await camera.change(opacity=2)
        assert raised.value.errors[0]["pointer"] == "#/opacity"


async def test_a_room_that_is_taken_is_told_at_once(client: MocastClient) -> None:
    async with client.publish(square(), "taken", tracker="pose"):
        with pytest.raises(Conflict):
            async with client.publish(square(), "taken", tracker="pose"):
                raise AssertionError("two publishers")
        with pytest.raises(Unprocessable, match="tracker"):
            async with client.publish(square(), "other", tracker="feet"):
                raise AssertionError("feet")


async def test_a_person_is_compared_with_a_pose_and_with_a_motion(client: MocastClient) -> None:
    async with client.publish(square(), "compared", tracker="pose", exercises=["squat"]) as camera:
        seen = []
        async with aclosing(camera.landmarks()) as frames:
            async for frame in frames:
                seen.append(frame)
                if (frame.pts - seen[0].pts) / 90_000 > 0.5:
                    break
        url = client.url / "v1/sessions" / camera.id / "reference"
        await camera.set_reference(seen[0], mirrored=True)
        assert seen[0].pose is not None
        told = (await client.get_json(url))["reference"]
        assert told["mirrored"]
        np.testing.assert_allclose(told["world"], seen[0].pose.world, atol=1e-3)
        await camera.set_reference(seen)
        motion = (await client.get_json(url))["reference"]["motion"]
        assert 2 <= motion["poses"] <= 1 + 15 * motion["seconds"] + 1
        await camera.set_reference(None)
        assert (await client.get_json(url))["reference"] is None
        await camera.set_gestures([{"name": "spider", "features": [0.5] * 26, "radius": 0.3}])
        await camera.reset_analysis()


async def test_a_session_that_the_server_ends_is_published_anew_with_what_it_was_given(
    client: MocastClient, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = camera_connection.CameraConnection.offer

    async def offer_late(connection: camera_connection.CameraConnection) -> str:
        await camera.change(overlay=["mesh", "limbs"])  # when the options of the next connection were read already
        return await offer(connection)

    calibration = {"version": 1, "face": None, "body": None}
    async with client.publish(square(), "again", tracker="pose") as camera:
        first = camera.id
        async with aclosing(camera.landmarks()) as frames:
            reference = await anext(frames)
        with pytest.raises(Conflict, match="face"):
            await camera.calibrate(0.5)
        await camera.set_calibration(calibration)
        await camera.set_calibration(calibration, person=1)
        await camera.set_calibration(None, person=1)
        with pytest.raises(Unprocessable):
            await camera.set_gestures([{"name": "spider"}])
        await camera.set_reference(reference)
        await camera.change(mirror=True)
        with pytest.raises(Unprocessable):
            await camera.change(opacity=2)
        monkeypatch.setattr(camera_connection.CameraConnection, "offer", offer_late)
        assert server.ask("DELETE", f"/v1/sessions/{first}").status == 200
        await camera.set_gestures([{"name": "spider", "features": [0.5] * 26, "radius": 0.3}])
        await until(lambda: camera.id != first)
        url = client.url / "v1/sessions" / camera.id
        for given in ("reference", "gestures"):
            while not (await client.get_json(url / given))[given]:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(EVERY_S)
        async with aclosing(camera.analyses()) as analyses:
            await anext(analyses)
        settings = (await client.get_json(url))["settings"]
        assert (settings["mirror"], settings["overlay"], settings["tracker"]) == (True, ["mesh", "limbs"], "pose")
        assert await client.get_json(url / "calibration") == {"calibration": calibration}
        assert await client.get_json((url / "calibration").with_query(person=1)) == {"calibration": None}
        assert [gesture["name"] for gesture in (await client.get_json(url / "gestures"))["gestures"]] == ["spider"]
    assert server.sessions == 0


async def test_a_server_that_falls_silent_is_published_to_anew(
    client: MocastClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.01)
    async with client.publish(square(), "silent", tracker="pose") as camera:
        first = camera.id
        with monkeypatch.context() as impatient:
            impatient.setattr(camera_connection, "SILENCE_S", 0.2)  # it tells something once a second
            await until(lambda: camera.id != first)
        async with aclosing(camera.landmarks()) as frames:
            await anext(frames)


async def test_a_publication_that_outlives_its_client_ends_quietly(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with MocastClient(f"http://127.0.0.1:{server.port}") as client:
        publication = await client.publish(square(), "outlived", tracker="pose").__aenter__()
    await publication.__aexit__()
    assert not [record for record in caplog.records if record.name.startswith("mocast.client")]
    with pytest.raises(RequestError, match="The client is closed"):
        await client.rooms()


async def test_a_camera_that_fails_ends_its_landmarks_with_its_error(
    client: MocastClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing() -> AsyncIterator[Picture]:
        async for picture in square(30):
            yield picture
        raise OSError("the lens fell off")

    async with client.publish(failing(), "fault", tracker="pose") as camera:
        with pytest.raises(MocastError, match="the lens fell off"):
            async for _ in camera.landmarks():
                pass
        with pytest.raises(MocastError, match="the lens fell off"):
            await camera.wait()
    told = [record.getMessage() for record in caplog.records if record.name.startswith("mocast.client")]
    assert told == ["The camera failed: the lens fell off. The publication to the room fault has ended."]


class _Unreadable:
    """A camera whose frames cannot be read, which says so to whoever asks for one alone."""

    codec_name = None

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def next_frame(self) -> VideoFrame:
        raise OSError("the lens fell off")

    def check(self) -> None:
        """It has not ended."""

    async def close(self) -> None:
        """There is nothing to close."""


async def test_a_frame_that_cannot_be_read_ends_the_publication_and_not_its_pictures_alone(
    client: MocastClient,
) -> None:
    with pytest.raises(RequestError, match=r"The camera failed: the lens fell off\."):
        async with client.publish(_Unreadable(), "unreadable", tracker="pose") as camera:
            await camera.wait()


async def test_pictures_and_recordings(client: MocastClient, tmp_path: Path) -> None:
    async with client.publish(square(), "record", tracker="pose") as camera:
        recording = await client.record("record", ["landmarks"])
        with pytest.raises(Conflict):
            await client.record("record")
        async with aclosing(camera.landmarks()) as frames:
            async for _ in frames:
                if (await recording.state())["frames"] > 2:
                    break
        await recording.stop()
    await recording.download(tmp_path / "wave.jsonl")
    lines = [orjson.loads(line) for line in (tmp_path / "wave.jsonl").read_bytes().splitlines()]
    assert (lines[0]["record"], lines[-1]["type"]) == (["landmarks"], "end")
    with pytest.raises(Unprocessable):
        await client.recording(recording.id).download(tmp_path / "wave.bvh", fps=30)
    with pytest.raises(RequestError, match=r"^wave\.fbx: a recording is written as \.jsonl, \.bvh"):
        await recording.download(tmp_path / "wave.fbx")
    await recording.delete()
    with pytest.raises(NotFound):
        await recording.state()


async def test_a_picture_s_landmarks_and_its_drawing(client: MocastClient, tmp_path: Path) -> None:
    rgb = await anext(square())
    path = tmp_path / "square.png"
    Image.fromarray(rgb).save(path)
    for picture in (path, path.read_bytes()):
        found = await client.image(picture, tracker="pose")
        assert found.pose is not None
        assert found.pose["nose"].x == pytest.approx(224 / 320, abs=0.01)
    drawn = await client.draw(path, tracker="pose", overlay=["classic", "limbs"])
    assert Image.open(io.BytesIO(drawn)).size == (320, 240)
    assert (await client.info())["ready"]


def test_an_address_without_http_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with http"):
        MocastClient("localhost:8080")


async def test_nobody_at_the_address_is_unreachable() -> None:
    async with MocastClient("http://127.0.0.1:9") as client:
        with pytest.raises(Unreachable, match="Connection refused"):
            await client.rooms()


SECRET = "a-secret-of-the-server"


@pytest.mark.parametrize("user", ["", "ann:password@"])
async def test_a_token_goes_with_every_call(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCAST_TOKEN", SECRET)
    with running(auth="token", token=SECRET) as server:
        address = f"http://{user}127.0.0.1:{server.port}"
        async with asyncio.timeout(HANG_S), MocastClient(address) as client:
            async with (
                client.publish(square(), "private", tracker="pose") as camera,
                aclosing(camera.landmarks()) as frames,
            ):
                await anext(frames)
            assert server.sessions == 0
        async with MocastClient(address, token="") as client:
            with pytest.raises(Unauthorized, match="Send a token"):
                await client.rooms()
            with pytest.raises(Unauthorized, match="Send a token"):
                async for _ in client.landmarks("private"):
                    pass
