"""Jobs over real HTTP: uploads at once and by tus 1.0.0, their progress as server-sent events, results, owners, limits.

What tus requires is in https://tus.io/protocols/resumable-upload; tests of it name the section.
"""

import base64
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocast import composition
from mocast.auth.signed_tokens import SignedTokens, derived_key
from mocast.client import MocastClient, NotFound, RequestError
from mocast.jobs import job_worker
from mocast.jobs.job_worker import WorkerOptions
from mocast.jobs.writers import result_writer
from mocast.model.principal import Principal
from tests import stand_in_worker
from tests.integration.http_server import Answer, Running, running
from tests.peers import HANG_S
from tests.polling import wait_until
from tests.stand_in_worker import video

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}
GIF = {"Content-Type": "image/gif"}
SECRET = "a-secret-of-the-operator"


@pytest.fixture(autouse=True, scope="module")
def stand_in() -> Iterator[None]:
    """Have jobs run by the stand-in."""
    with pytest.MonkeyPatch.context() as patch:
        command = (sys.executable, stand_in_worker.__file__)
        patch.setattr(composition, "WorkerOptions", partial(WorkerOptions, command=command))
        patch.setattr(job_worker, "CONFINED", (sys.executable, "-c", stand_in_worker.PROMPT))
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(
        jobs_folder=tmp_path_factory.mktemp("jobs"), job_max_mb=1, allowed_origins="https://a.example"
    ) as served:
        yield served


def create(server: Running, length: object, headers: Mapping[str, str] | None = None, query: str = "") -> Answer:
    """Ask for an upload by tus."""
    return server.ask("POST", f"/v1/jobs{query}", None, {**TUS, "Upload-Length": str(length), **(headers or {})})


def append(server: Running, job: str, offset: object, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    return server.ask("PATCH", job, body, {**CHUNK, "Upload-Offset": str(offset), **(headers or {})})


def events(server: Running, job: str, last: str = "") -> list[dict[str, Any]]:
    """All events until the server ends the stream, each with its fields."""
    answer = server.ask("GET", f"{job}/events", None, {"Last-Event-ID": last} if last else {})
    assert (answer.status, answer["Content-Type"]) == (200, "text/event-stream")
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.body.decode().split("\n\n") if block
    ]
    return [{**block, "data": orjson.loads(block["data"])} for block in blocks if "data" in block]


def ended(server: Running, job: str) -> dict[str, Any]:
    """The job when it has ended."""
    state: dict[str, Any] = events(server, job)[-1]["data"]
    return state


@contextmanager
def reading(server: Running, job: str) -> Iterator[list[list[dict[str, Any]]]]:
    """Read a job's events until the server ends their stream; the block begins when the server has the reader."""
    told: list[list[dict[str, Any]]] = []
    reader = threading.Thread(target=lambda: told.append(events(server, job)))
    reader.start()
    wait_until(lambda: b'mocast_held{kind="job_events"} 1.0' in server.ask("GET", "/metrics").body)
    yield told
    reader.join(HANG_S)


def test_a_video_in_one_request_becomes_results(server: Running) -> None:
    answer = server.ask("POST", "/v1/jobs?name=My%20clip.gif&tracker=pose&formats=mp4", video(), GIF)
    assert (answer.status, answer["Location"]) == (201, f"jobs/{answer.json['id']}")
    job = ended(server, answer.location)
    assert (job["state"], job["name"], job["options"]["tracker"]) == ("done", "My clip.gif", "pose")
    assert job["results"] == [{"name": "summary.json", "size": 2}, {"name": "video.mp4", "size": 10}]
    assert server.ask("GET", "/v1/jobs").json["jobs"][0] == job
    path = f"{answer.location}/results/video.mp4"
    whole = server.ask("GET", path)
    assert (whole.status, whole["Content-Type"], whole.body) == (200, "video/mp4", b"0123456789")
    assert whole["Content-Disposition"] == 'attachment; filename="video.mp4"'
    part = server.ask("GET", path, None, {"Range": "bytes=2-4"})
    assert (part.status, part["Content-Range"], part.body) == (206, "bytes 2-4/10", b"234")
    assert server.ask("GET", f"{answer.location}/results/..%2f..%2fjobs.sqlite3").status == 404
    assert server.ask("DELETE", answer.location).status == 204
    assert server.ask("GET", answer.location).status == 404
    assert server.ask("GET", path).status == 404


@pytest.mark.parametrize(
    ("body", "headers", "query", "status"),
    [
        (b"#EXTM3U\n" + bytes(2000), GIF, "", 415),
        (video(), {"Content-Type": "multipart/form-data; boundary=x"}, "", 415),
        (video(), {"Content-Type": "application/x-www-form-urlencoded"}, "", 415),
        (b"", GIF, "", 422),
        (video(), GIF, "?tracker=elbow", 422),
        (video(), GIF, "?exercises=squirt", 422),
        (video(), GIF, "?name=", 422),
        (video("done", 2**20 + 1), GIF, "", 413),
        (video(), {**GIF, "Content-Encoding": "gzip"}, "", 415),
    ],
)
def test_what_cannot_be_a_job_is_a_problem(
    server: Running, body: bytes, headers: dict[str, str], query: str, status: int
) -> None:
    before = server.ask("GET", "/v1/jobs").json
    answer = server.ask("POST", f"/v1/jobs{query}", body, headers)
    assert (answer.status, answer["Content-Type"]) == (status, "application/problem+json")
    assert server.ask("GET", "/v1/jobs").json == before


def test_a_format_whose_package_is_missing_is_refused(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(result_writer.NEEDS, "parquet", "nowhere")
    answer = server.ask("POST", "/v1/jobs?formats=parquet", video(), GIF)
    assert (answer.status, answer.json["detail"][:25]) == (422, "The format parquet needs ")


def test_tus_options(server: Running) -> None:
    """Core Protocol, "OPTIONS", "Tus-Version", "Tus-Extension", "Tus-Max-Size"."""
    answer = server.ask("OPTIONS", "/v1/jobs", None, {"Tus-Resumable": "0.2.2"})
    assert (answer.status, answer["Tus-Version"], answer["Tus-Max-Size"]) == (204, "1.0.0", str(2**20))
    assert answer["Tus-Extension"].split(",") == ["creation", "creation-with-upload", "expiration", "termination"]


def test_tus_creation_and_upload_in_pieces(server: Running) -> None:
    """Creation; Core Protocol, "HEAD" and "PATCH"; Expiration, "Upload-Expires"."""
    body = video("done", 100)
    metadata = f"filename {base64.b64encode(b'a.gif').decode()},is_confidential"
    made = create(server, 100, {"Upload-Metadata": metadata})
    assert (made.status, made.json["name"], made["Upload-Offset"]) == (201, "a.gif", "0")
    assert 86_000 < parsedate_to_datetime(made["Upload-Expires"]).timestamp() - time.time() < 86_401
    job = made.location
    for begin, end in ((0, 30), (30, 31), (31, 100)):
        head = server.ask("HEAD", job, None, TUS)
        assert (head.status, head["Upload-Offset"], head["Upload-Length"]) == (200, str(begin), "100")
        assert (head["Cache-Control"], head["Upload-Metadata"], head.body) == ("no-store", metadata, b"")
        answer = append(server, job, begin, body[begin:end])
        assert (answer.status, answer["Upload-Offset"], answer.body) == (204, str(end), b"")
        assert bool(answer.all("Upload-Expires")) == (end < 100)
    assert ended(server, job)["state"] == "done"
    assert server.ask("HEAD", job, None, TUS)["Upload-Offset"] == "100"


def test_tus_wrong_requests_change_nothing(server: Running) -> None:
    """Core Protocol, "Tus-Resumable" and "PATCH"; Creation, "POST"."""
    job = create(server, 50).location
    assert append(server, job, 0, video()[:7]).status == 204
    wrong = [
        (append(server, job, 6, b"x"), 409),
        (append(server, job, 8, b"x"), 409),
        (append(server, job, "-1", b"x"), 400),
        (append(server, job, 7, b"x", {"Content-Type": "application/octet-stream"}), 415),
        (append(server, job, 7, bytes(44)), 413),
        (append(server, job, 7, b"x", {"Tus-Resumable": "0.2.2"}), 412),
        (server.ask("PATCH", job, b"x", {"Content-Type": CHUNK["Content-Type"], "Upload-Offset": "7"}), 412),
        (server.ask("HEAD", job, None, {"Tus-Resumable": "2.0.0"}), 412),
        (server.ask("DELETE", job, None, {"Tus-Resumable": "2.0.0"}), 412),
        (append(server, "/v1/jobs/none", 0, b"x"), 404),
        (server.ask("HEAD", "/v1/jobs/none", None, TUS), 404),
        (create(server, 2**20 + 1), 413),
        (create(server, "x"), 400),
        (create(server, ""), 400),
        (create(server, 0), 422),
        (create(server, 10, {"Upload-Defer-Length": "1"}), 400),
        (create(server, 10, {"Upload-Metadata": "a b c"}), 400),
        (create(server, 10, {"Upload-Metadata": "a YQ==,a YQ=="}), 400),
        (create(server, 10, {"Upload-Metadata": "a " + "A" * 5000}), 413),
        (create(server, 10, {"Tus-Resumable": "0.1"}), 412),
    ]
    assert [(answer.status, answer.path) for answer, _ in wrong] == [(status, answer.path) for answer, status in wrong]
    for answer, status in wrong:
        assert answer["Tus-Resumable"] == "1.0.0"
        assert bool(answer.all("Tus-Version")) == (status == 412)
        assert status == 200 or not answer.all("Upload-Offset")
    assert server.ask("HEAD", job, None, TUS)["Upload-Offset"] == "7"
    assert server.ask("DELETE", job, None, TUS).status == 204
    assert server.ask("HEAD", job, None, TUS).status == 404


def test_tus_creation_with_upload(server: Running) -> None:
    body = video("done", 60)
    made = server.ask("POST", "/v1/jobs?tracker=face", body[:20], {**CHUNK, "Upload-Length": "60"})
    assert (made.status, made["Upload-Offset"]) == (201, "20")
    assert append(server, made.location, 20, body[20:]).status == 204
    job = ended(server, made.location)
    assert (job["state"], job["options"]["tracker"], job["name"]) == ("done", "face", "video")


def test_tus_method_override(server: Running) -> None:
    """Core Protocol, "X-HTTP-Method-Override"."""
    job = create(server, 50).location
    override = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    assert server.ask("POST", job, video()[:7], {**CHUNK, **override})["Upload-Offset"] == "7"
    assert server.ask("POST", job, b"", {**TUS, "X-HTTP-Method-Override": "DELETE"}).status == 204
    assert server.ask("POST", job, b"", {**TUS, "X-HTTP-Method-Override": "DELETE"}).status == 404
    assert server.ask("POST", job, b"", TUS).status == 400


def test_what_came_before_the_connection_was_lost_stays(server: Running) -> None:
    """Core Protocol, "PATCH": the server should store as much of the received data as possible."""
    body = video("done", 2000)
    job = create(server, len(body)).location
    head = "".join(f"{name}: {value}\r\n" for name, value in {**CHUNK, "Upload-Offset": "0"}.items())
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        request = f"PATCH {job} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{head}\r\n"
        connection.sendall(request.encode() + body[:1500])
        deadline = time.monotonic() + HANG_S
        # What has not been written yet is, when the next request takes over: its client is back.
        while (answer := append(server, job, 1500, body[1500:])).status == 409 and time.monotonic() < deadline:
            assert server.ask("HEAD", job, None, TUS)["Upload-Offset"] in {"0", "1500"}
    assert answer.status == 204
    assert ended(server, job)["state"] == "done"


def test_events_tell_of_every_state_and_a_reader_that_comes_back_gets_what_is_new(server: Running) -> None:
    job = create(server, len(video())).location
    with reading(server, job) as told:
        assert append(server, job, 0, video()).status == 204
    (seen,) = told
    states = [event["data"]["state"] for event in seen]
    assert states[-1] == "done"
    assert [event["event"] for event in seen] == ["job"] * len(seen)
    assert states == sorted(states, key=["uploading", "waiting", "running", "done"].index)
    assert [event["data"] for event in events(server, job, seen[0]["id"])] == [seen[-1]["data"]]
    assert server.ask("GET", f"{job}/events", None, {"Last-Event-ID": seen[-1]["id"]}).status == 204


def test_a_reader_is_told_that_the_job_was_deleted(server: Running) -> None:
    job = create(server, 10).location
    with reading(server, job) as told:
        assert server.ask("DELETE", job).status == 204
    assert told[0][-1]["event"] == "deleted"
    assert server.ask("GET", f"{job}/events").status == 404


def test_pages_of_allowed_origins_may_use_tus(server: Running) -> None:
    origin = {"Origin": "https://a.example"}
    preflight = server.ask("OPTIONS", "/v1/jobs", None, {**origin, "Access-Control-Request-Method": "PATCH"})
    allowed = preflight["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"tus-resumable", "upload-offset", "upload-length", "upload-metadata", "authorization"} <= set(allowed)
    exposed = create(server, 10, origin)["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "Upload-Offset", "Upload-Length", "Tus-Resumable", "Upload-Expires"} <= set(exposed)


def test_who_has_too_much_gets_429_and_what_the_server_has_no_room_for_503_or_507(tmp_path: Path) -> None:
    signed = SignedTokens(derived_key(SECRET))

    def bearer(subject: str) -> dict[str, str]:
        token = signed.sign(Principal(subject, frozenset({"jobs"}), ("*",), time.time() + 600))
        return {"Authorization": f"Bearer {token}"}

    ann, bob = bearer("ann"), bearer("bob")
    limits = {"max_jobs": 2, "max_jobs_per_principal": 1, "job_max_mb": 4, "jobs_max_mb": 6}
    with running(auth="token", token=SECRET, jobs_folder=tmp_path, **limits) as server:
        job = create(server, 3 * 2**20, ann)
        assert job.status == 201
        refused = create(server, 10, ann)
        assert (refused.status, bool(refused["Retry-After"])) == (429, True)
        assert create(server, 4 * 2**20, bob).status == 507
        assert create(server, 10, bob).status == 201
        assert create(server, 10, bearer("eve")).status == 503
        assert server.ask("GET", job.location, None, bob).status == 404
        assert len(server.ask("GET", "/v1/jobs", None, bob).json["jobs"]) == 1
        admin = {"Authorization": f"Bearer {SECRET}"}
        assert len(server.ask("GET", "/v1/jobs", None, admin).json["jobs"]) == 2
        counted = server.ask("GET", "/metrics", None, admin).body.decode()
        for limit in ("jobs_principal", "jobs_bytes", "jobs_server"):
            assert f'mocast_refused_total{{limit="{limit}"}} 1.0' in counted
        assert 'mocast_jobs{state="uploading"} 2.0' in counted


def test_a_server_that_may_have_none_takes_no_jobs() -> None:
    with running(max_jobs=0) as server:
        assert create(server, 10).status == 403
        assert server.ask("GET", "/v1/jobs").json == {"jobs": []}
        assert server.ask("GET", "/v1/info").json["jobs"] is False


def test_without_a_folder_jobs_are_in_a_temporary_one(tmp_path: Path) -> None:
    with running(cache_dir=str(tmp_path)) as server:
        assert not list(tmp_path.glob("jobs-*")), "nobody has sent a video"
        job = create(server, 10)
        assert job.status == 201
        assert server.ask("GET", job.location).json["state"] == "uploading"
        assert len(list(tmp_path.glob("jobs-*/*"))) > 1
    assert not list(tmp_path.glob("jobs-*"))


def test_a_server_that_stops_ends_readers_and_workers_at_once(tmp_path: Path) -> None:
    with running(jobs_folder=tmp_path) as server:
        job = server.ask("POST", "/v1/jobs", video("hang"), GIF).location
        with reading(server, job) as told:
            wait_until(lambda: server.ask("GET", job).json["progress"])
            server.stop()
        assert told[0][-1]["data"]["state"] == "running"


async def test_the_python_client_sends_a_video_and_fetches_its_results(server: Running, tmp_path: Path) -> None:
    path, to = tmp_path / "wave one.gif", tmp_path / "out.mp4"
    path.write_bytes(video())
    async with MocastClient(f"http://127.0.0.1:{server.port}") as client:
        job = await client.process(path, tracker="pose", formats=["mp4", "csv"])
        assert next(each.id for each in await client.jobs()) == job.id
        state = await job.finished()
        assert (state["state"], state["name"], state["options"]["formats"]) == ("done", path.name, ["mp4", "csv"])
        await client.job(job.id).download("video.mp4", to)
        assert to.read_bytes() == b"0123456789"
        await job.delete()
        with pytest.raises(NotFound):
            await job.state()
        path.write_bytes(b"no video")
        with pytest.raises(RequestError, match="no video"):
            await client.process(path)
