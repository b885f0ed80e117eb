"""The picture API with the real trackers and the real renderer."""

import io
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from mocast.api.problems import problems
from mocast.api.routes.images import image_routes
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.picture_driver import PictureDriver
from mocast.rendering.renderer import Renderer
from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from tests.fakes import make_limiter
from tests.pictures import astronaut

Client = TestClient[web.Request, web.Application]


@pytest.fixture(scope="module")
def trackers(network_cache: Path) -> Iterator[TrackerPool]:
    pool = TrackerPool(options=EngineOptions(threads=1, cache_folder=network_cache, precision="f32"))
    yield pool
    pool.close()


@pytest.fixture
async def client(trackers: TrackerPool) -> AsyncIterator[Client]:
    with ThreadPoolExecutor(1) as executor:
        app = web.Application(middlewares=[problems])
        limiter = make_limiter()
        app.add_routes(image_routes(PictureDriver(trackers, Renderer, executor, FrameScheduler(1), limiter), limiter))
        async with TestClient(TestServer(app)) as client:
            yield client


def encoded(rgb: np.ndarray, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, file_format, **options)
    return file.getvalue()


async def found(client: Client, tracker: str, content: bytes) -> dict[str, Any]:
    response = await client.post(f"/v1/images?tracker={tracker}", data=content)
    assert response.status == 200, await response.text()
    answer: dict[str, Any] = await response.json()
    return answer


def pixels(part: dict[str, Any], width: int) -> np.ndarray:
    """(n, 2): where the landmarks are, scaled to a picture of 512 pixels' width."""
    return np.array([(point["x_px"], point["y_px"]) for point in part["landmarks"]]) * 512 / width


async def test_the_astronaut_is_found_where_she_is(client: Client) -> None:
    answer = await found(client, "holistic", encoded(astronaut()))
    assert answer["tracking_ms"] > 0
    names = {point["name"]: point for point in answer["pose"]["landmarks"]}
    # Her nose in the 512 x 512 picture.
    assert (names["nose"]["x_px"], names["nose"]["y_px"]) == pytest.approx((223, 115), abs=25)
    assert names["left_shoulder"]["x_px"] > names["right_shoulder"]["x_px"]
    assert len(answer["face"]["landmarks"]) == 478
    assert pixels(answer["face"], 512).mean(axis=0) == pytest.approx((223, 115), abs=30)


async def test_a_photo_that_a_phone_turned_and_made_large_gives_the_same_body(client: Client) -> None:
    upright = await found(client, "pose", encoded(astronaut()))
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.fromarray(astronaut()).resize((2560, 2560)).transpose(Image.Transpose.ROTATE_90)
    turned = await found(client, "pose", encoded(np.asarray(large), "JPEG", exif=exif))
    assert (turned["width"], turned["source"]) == (1280, {"width": 2560, "height": 2560})
    head = slice(0, 11)
    distance = pixels(upright["pose"], 512)[head] - pixels(turned["pose"], 1280)[head]
    assert np.abs(distance).max() < 12


@pytest.mark.parametrize("tracker", ["holistic", "pose", "hands", "face"])
@pytest.mark.parametrize("size_wh", [(1, 1), (1, 2000), (2000, 1), (3, 2), (33, 17)])
async def test_the_oddest_sizes_are_answered(client: Client, tracker: str, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    answer = await found(client, tracker, encoded(np.full((height, width, 3), 128, np.uint8)))
    assert answer["source"] == {"width": width, "height": height}
    assert answer["face"] is answer["left_hand"] is answer["right_hand"] is None


@pytest.mark.parametrize("size_wh", [(1, 1), (2000, 1), (33, 17)])
async def test_the_oddest_sizes_are_drawn(client: Client, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    query = "overlay=classic,limbs,rainbow,mesh,contours&privacy=pixelate&background=dim&mirror=true&opacity=0.5"
    content = encoded(np.full((height, width, 3), 128, np.uint8))
    response = await client.post(f"/v1/images?{query}", data=content, headers={"Accept": "image/png"})
    assert response.status == 200


async def test_privacy_covers_her_face(client: Client) -> None:
    content, png = encoded(astronaut()), {"Accept": "image/png"}
    responses = [
        await client.post(f"/v1/images?tracker=face&overlay=&privacy={privacy}", data=content, headers=png)
        for privacy in ("off", "blur")
    ]
    open_face, covered = [np.asarray(Image.open(io.BytesIO(await answer.read()))) for answer in responses]
    assert (open_face == astronaut()).all()
    change = np.abs(open_face.astype(int) - covered).mean(axis=2)
    assert change[90:150, 190:260].mean() > 5
    assert change[400:].max() == 0


async def test_privacy_covers_every_face_whoever_is_tracked(client: Client) -> None:
    scene = np.full((720, 1280, 3), 90, np.uint8)
    faces = []
    for left, top, side in ((700, 150, 512), (60, 60, 300), (380, 420, 280)):  # faces of about 110, 64 and 60 pixels
        scene[top : top + side, left : left + side] = cv2.resize(
            astronaut(), (side, side), interpolation=cv2.INTER_AREA
        )
        rows, columns = [
            [round(start + side * at / 512) for at in ends] for start, ends in ((top, (80, 150)), (left, (190, 260)))
        ]
        faces.append((slice(*rows), slice(*columns)))
    answer = await client.post(
        "/v1/images?tracker=hands&overlay=&privacy=pixelate", data=encoded(scene), headers={"Accept": "image/png"}
    )
    covered = np.asarray(Image.open(io.BytesIO(await answer.read())))
    change = np.abs(scene.astype(int) - covered).mean(axis=2)
    assert [bool(change[face].mean() > 5) for face in faces] == [True] * 3
