import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.fakes import FailingTrackers, FakeTrackers, GatedTrackers, make_limiter

from mocast import limiter, limiter_setup
from mocast.api.problems import problems
from mocast.api.routes.images import BODY_LIMIT, FIELD_LIMIT, Upload, image_routes
from mocast.errors import TooManyRequests, Unavailable
from mocast.model.options import SessionOptions
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.picture_driver import PictureDriver
from mocast.rendering.renderer import Renderer
from mocast.settings.settings import Settings

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[..., Any]


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
async def make_client(executor: ThreadPoolExecutor) -> AsyncIterator[MakeClient]:
    clients: list[Client] = []

    async def make(trackers: FakeTrackers, **limits: int) -> Client:
        app = web.Application(middlewares=[problems])
        limiter = make_limiter(**limits)
        pictures = PictureDriver(trackers, Renderer, executor, FrameScheduler(1), limiter)
        app.add_routes(image_routes(pictures, limiter))
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def client(make_client: MakeClient) -> Client:
    client: Client = await make_client(FakeTrackers())
    return client


def picture(file_format: str = "PNG", size_wh: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A black picture with a white square, which ``CentreTracker`` takes for a body, in its left top quarter."""
    width, height = size_wh
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[height // 8 : height * 3 // 8, width // 8 : width * 3 // 8] = 255
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, file_format, **options)
    return file.getvalue()


def black() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, "PNG")
    return file.getvalue()


def form(content: bytes, *, name: str = "image", content_type: str = "image/png") -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("note", "something else")
    data.add_field(name, content, filename="写" * 251 + ".png", content_type=content_type)  # the longest there is
    return data


async def problem_of(response: aiohttp.ClientResponse) -> str:
    body = await response.json(content_type="application/problem+json")
    assert body["status"] == response.status
    return str(body["detail"])


async def test_the_answer_has_every_landmark_in_both_units(client: Client) -> None:
    response = await client.post("/v1/images?tracker=pose", data=picture())
    assert response.status == 200
    assert response.content_type == "application/json"
    answer = await response.json()
    assert list(answer) == [
        *("width", "height", "source", "tracker", "tracking_ms", "person"),
        *("pose", "face", "left_hand", "right_hand"),
    ]
    assert (answer["width"], answer["height"], answer["tracker"]) == (64, 48, "pose")
    assert len(answer["pose"]["landmarks"]) == 33
    nose = answer["pose"]["landmarks"][0]
    assert set(nose) == {"name", "x", "y", "z", "visibility", "x_px", "y_px", "world"}
    assert (nose["name"], nose["visibility"], nose["world"]) == ("nose", 1, {"x": 0, "y": 0, "z": 0})
    assert abs(nose["x"] - 0.25) < 0.02
    assert (nose["x_px"], nose["y_px"]) == pytest.approx((nose["x"] * 64, nose["y"] * 48), abs=0.01)


async def test_nobody_found_is_an_answer_with_null_parts(client: Client) -> None:
    response = await client.post("/v1/images", data=black())
    assert response.status == 200
    answer = await response.json()
    assert [answer[part] for part in ("pose", "face", "left_hand", "right_hand")] == [None] * 4


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("BMP", "image/bmp"),
        ("WEBP", "image/webp"),
        ("JPEG", "application/octet-stream"),
        ("PNG", "image/jpeg"),
    ],
)
async def test_each_format_is_taken_raw_and_in_a_form(client: Client, file_format: str, content_type: str) -> None:
    content = picture(file_format)
    raw = await client.post("/v1/images", data=content, headers={"Content-Type": content_type})
    formed = await client.post("/v1/images", data=form(content, content_type=content_type))
    assert (raw.status, formed.status) == (200, 200)
    raw_answer, formed_answer = await raw.json(), await formed.json()
    assert raw_answer["pose"] == formed_answer["pose"] is not None


async def test_a_turned_photo_is_answered_upright_and_scaled(client: Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    response = await client.post("/v1/images", data=picture("JPEG", (2560, 1280), exif=exif))
    answer = await response.json()
    assert answer["source"] == {"width": 1280, "height": 2560}
    assert (answer["width"], answer["height"]) == (640, 1280)
    nose = answer["pose"]["landmarks"][0]
    # The left top quarter comes to the right top when the picture is turned clockwise.
    assert (nose["x"], nose["y"]) == pytest.approx((0.75, 0.25), abs=0.02)


@pytest.mark.parametrize(
    ("accept", "content_type", "magic"),
    [("image/jpeg", "image/jpeg", b"\xff\xd8\xff"), ("image/png, application/json;q=0.5", "image/png", b"\x89PNG")],
)
async def test_accept_asks_for_the_annotated_picture(
    client: Client, accept: str, content_type: str, magic: bytes
) -> None:
    headers = {"Accept": accept}
    content = picture(size_wh=(640, 480))
    response = await client.post("/v1/images?overlay=classic", data=content, headers=headers)
    assert response.status == 200
    assert response.content_type == content_type
    body = await response.read()
    assert body.startswith(magic)
    plain = await (await client.post("/v1/images?overlay=", data=content, headers=headers)).read()
    drawn, bare = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int) for data in (body, plain))
    assert drawn.shape == (480, 640, 3)
    changed = np.abs(drawn - bare).max(axis=2) > 60
    assert changed[100:140, 140:180].any()
    assert not changed[300:].any()


async def test_a_mirrored_picture_is_flipped_and_its_landmarks_are_not(client: Client) -> None:
    query, content = "/v1/images?mirror=true&overlay=", picture()
    drawn = await (await client.post(query, data=content, headers={"Accept": "image/png"})).read()
    found = await (await client.post(query, data=content)).json()
    rgb = np.asarray(Image.open(io.BytesIO(drawn)))
    assert rgb[:, 32:].max() == 255
    assert rgb[:, :32].max() == 0
    assert found["pose"]["landmarks"][0]["x"] < 0.5


async def test_an_answer_of_no_known_type_is_not_acceptable(client: Client) -> None:
    response = await client.post("/v1/images", data=picture(), headers={"Accept": "text/html"})
    assert response.status == 406
    assert "image/jpeg" in await problem_of(response)


@pytest.mark.parametrize("query", ["tracker=feet", "hud=true", "colour=red"])
async def test_an_impossible_setting_is_refused(client: Client, query: str) -> None:
    response = await client.post(f"/v1/images?{query}", data=picture())
    assert response.status == 422
    assert query.partition("=")[0] in await problem_of(response)


async def test_a_body_of_another_type_is_refused(client: Client) -> None:
    raw = await client.post("/v1/images", data=b"hello", headers={"Content-Type": "text/plain;" + "(" * 7_000})
    formed = await client.post("/v1/images", data=form(b"GIF89a", content_type="image/gif"))
    assert (raw.status, formed.status) == (415, 415)
    assert "image/gif" in await problem_of(formed)


@pytest.mark.parametrize("content", [b"", b"nonsense", picture()[:-30], b"GIF89a" + bytes(50)])
async def test_what_is_no_picture_is_refused(client: Client, content: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    responses = [
        await client.post("/v1/images", data=content, headers=headers),
        await client.post("/v1/images", data=form(content)),
    ]
    assert [response.status for response in responses] == [400, 400]
    assert await problem_of(responses[0])


def named(name: str) -> bytes:
    """The begin of a form whose boundary is ``b`` and whose part has a name."""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"no boundary in here"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nhalf'),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--",
        ),
        ("multipart/form-data; boundary=" + "b" * 500, b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken header\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; " + "(" * 7_000, b"x"),  # comments within comments, to Python's parser of mail
        ("multipart/form-data; boundary=b", named("_charset_") + b"a" * 40 + b"\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", named("image" + ";" * FIELD_LIMIT) + picture() + b"\r\n--b--\r\n"),
    ],
)
async def test_a_malformed_form_is_refused(client: Client, content_type: str, body: bytes) -> None:
    response = await client.post("/v1/images", data=body, headers={"Content-Type": content_type})
    assert response.status == 400
    assert await problem_of(response)


async def test_a_form_without_the_picture_is_told_the_parts_name(client: Client) -> None:
    response = await client.post("/v1/images", data=form(picture(), name="file"))
    assert response.status == 400
    assert '"image"' in await problem_of(response)


async def send_raw(client: Client, head: str, body: bytes) -> bytes:
    """Send a request that never ends and return the status line of what is answered all the same."""
    assert client.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"POST /v1/images HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + body)
    try:
        return await asyncio.wait_for(reader.readline(), 60)
    finally:
        writer.close()


async def test_a_body_announced_too_large_is_refused_before_it_comes(client: Client) -> None:
    assert b" 413 " in await send_raw(client, f"Content-Length: {100 * 2**20}", b"")


async def test_a_body_that_grows_too_large_is_refused_while_it_comes(client: Client) -> None:
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    assert b" 413 " in await send_raw(client, "Transfer-Encoding: chunked", chunk * 17)


async def test_a_form_that_grows_too_large_is_refused_while_it_comes(client: Client) -> None:
    head = "Transfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b"
    for name in ("image", "other"):
        start = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        chunks = f"{len(start):x}\r\n".encode() + start + b"\r\n" + (b"100000\r\n" + bytes(2**20) + b"\r\n") * 18
        assert b" 413 " in await send_raw(client, head, chunks)


async def test_a_body_may_be_as_large_as_the_limit(client: Client) -> None:
    content = picture("BMP")
    response = await client.post("/v1/images", data=content + bytes(BODY_LIMIT - len(content)))
    assert response.status == 200
    assert (await client.post("/v1/images", data=content + bytes(BODY_LIMIT - len(content) + 1))).status == 413


async def test_bodies_share_a_bound_and_give_it_back(make_client: MakeClient) -> None:
    client = await make_client(FakeTrackers(), upload_bytes=20_000)
    for _ in range(5):
        assert (await client.post("/v1/images", data=picture("BMP"))).status == 200
        refused = await client.post("/v1/images", data=picture("BMP", (128, 96)))
        assert refused.status == 503
        assert "Retry-After" in refused.headers


def test_the_bytes_of_one_client_leave_room_for_those_of_others() -> None:
    limits = limiter_setup.make_limiter(Settings())
    anna, bert, carl = (limiter.Client(f"192.0.2.{number}", f"subject {number}") for number in range(3))
    with ExitStack() as stack:
        for client in (*[anna] * 4, bert, carl):
            stack.enter_context(Upload(limits, client)).add(bytes(BODY_LIMIT))
        with pytest.raises(TooManyRequests):
            stack.enter_context(Upload(limits, anna)).add(b"1")
        stack.enter_context(Upload(limits, bert)).add(bytes(BODY_LIMIT))
        stack.enter_context(Upload(limits, carl)).add(bytes(BODY_LIMIT))
        with pytest.raises(Unavailable, match="fill the memory"):
            stack.enter_context(Upload(limits)).add(b"1")
    assert (limits.held("upload_bytes"), len(limits)) == (0, 0)


async def test_a_full_queue_is_refused_until_it_empties(make_client: MakeClient) -> None:
    trackers = GatedTrackers()
    client = await make_client(trackers, pictures=2)
    waiting = [asyncio.create_task(client.post("/v1/images", data=picture())) for _ in range(3)]
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (refused,) = [await task for task in done]
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) > 0
    trackers.gate.set()
    assert [(await task).status for task in pending] == [200, 200]
    assert (await client.post("/v1/images", data=picture())).status == 200


async def test_a_client_that_goes_away_keeps_its_place_until_the_work_is_done(
    make_client: MakeClient, executor: ThreadPoolExecutor
) -> None:
    trackers = GatedTrackers()
    client = await make_client(trackers, pictures=1)
    leaving = asyncio.create_task(client.post("/v1/images", data=picture()))
    assert await asyncio.to_thread(trackers.wanted.wait, 60)
    leaving.cancel()
    assert (await client.post("/v1/images", data=picture())).status == 503
    trackers.gate.set()
    await asyncio.get_running_loop().run_in_executor(executor, len, "after the one before")
    assert trackers.released
    assert (await client.post("/v1/images", data=picture())).status == 200


async def test_a_client_that_goes_away_takes_its_waiting_picture_with_it(executor: ThreadPoolExecutor) -> None:
    trackers = GatedTrackers()
    pictures = PictureDriver(trackers, Renderer, executor, FrameScheduler(1), make_limiter(pictures=2))
    content, options = picture(), SessionOptions()
    working = asyncio.create_task(pictures.answer(content, options, "application/json"))
    assert await asyncio.to_thread(trackers.wanted.wait, 60)
    waiting = asyncio.create_task(pictures.answer(content, options, "application/json"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    another = asyncio.create_task(pictures.answer(content, options, "application/json"))
    trackers.gate.set()
    assert await working
    assert await another
    assert len(trackers.out) == 2


async def test_a_failed_tracker_is_given_back_and_its_failure_stays_inside(make_client: MakeClient) -> None:
    trackers = FailingTrackers()
    client = await make_client(trackers)
    response = await client.post("/v1/images", data=picture())
    assert response.status == 500
    assert "told to fail" not in await problem_of(response)
    assert trackers.released == trackers.out


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def test_no_body_whatever_makes_the_server_fail() -> None:
    """One client for all examples: hypothesis calls synchronous functions, so the loop is run by hand."""
    magics = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\x20\0\0\0WEBPVP8 "]
    types = ["image/jpeg", "application/octet-stream", "multipart/form-data; boundary=b", "image/png", "text/plain"]
    parts = [b"--b\r\n", b"--b--", b'Content-Disposition: form-data; name="image"\r\n', b"\r\n", picture("JPEG")[:300]]
    bodies = st.builds(lambda magic, rest: magic + rest, st.sampled_from(magics), st.binary(max_size=100))
    forms = st.lists(st.sampled_from(parts) | st.binary(max_size=10), max_size=8).map(b"".join)

    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as executor:
        app = web.Application(middlewares=[problems])
        limiter = make_limiter()
        pictures = PictureDriver(FakeTrackers(), Renderer, executor, FrameScheduler(1), limiter)
        app.add_routes(image_routes(pictures, limiter))
        client = TestClient(TestServer(app, loop=runner.get_loop()), loop=runner.get_loop())
        runner.run(client.start_server())

        @FUZZ
        @given(bodies | forms, st.sampled_from(types), st.sampled_from(["", "image/png", "*/*;q=x", "text/html"]))
        def check(body: bytes, content_type: str, accept: str) -> None:
            async def status() -> int:
                headers = {"Content-Type": content_type, "Accept": accept}
                async with client.post("/v1/images", data=body, headers=headers) as response:
                    return response.status

            assert runner.run(status()) in (200, 400, 406, 415)

        check()
        runner.run(client.close())
