"""``docs/openapi.yaml`` is valid and says what the code does: its routes, settings, answers and errors."""

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from tests import people
from yarl import URL

from mocast import errors
from mocast.api.job_request import JobRequest
from mocast.api.routes.animations import EXPORT_TYPES
from mocast.api.routes.images import ANSWER_TYPES, PICTURE_TYPES
from mocast.api.routes.inputs import InputRequest
from mocast.api.routes.outputs import output_json
from mocast.api.stream_requests import RecordRequest, SocketRequest
from mocast.app import Server
from mocast.auth.delegation import TokenRequest
from mocast.jobs.job import Job, JobProgress, JobResult, JobState
from mocast.mixing.mixer_options import MixerOptions
from mocast.model.avatar_body import AvatarBody
from mocast.model.gestures import CustomGesture, GesturesRequest
from mocast.model.options import (
    CalibrateRequest,
    ExportRequest,
    ImageOptions,
    JobOptions,
    PublishRequest,
    SessionOptions,
    SubscribeRequest,
    WhipRequest,
)
from mocast.model.reference import ReferencePose
from mocast.model.source_pose import source_pose
from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Tracked
from mocast.outputs.output import make_output
from mocast.outputs.output_options import KINDS, MAX_OUTPUTS, PORTS, OutputOptions
from mocast.outputs.registry import RunningOutput
from mocast.outputs.status import OutputState
from mocast.outputs.vts_tokens import Tokens
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.stats import PublisherStats, ViewerStats
from mocast.recordings.export.command import ExportKind
from mocast.rigging.calibration.calibration import Calibration
from mocast.rooms.registry import Rooms
from mocast.rooms.room_mixer import RoomMixer
from mocast.rooms.session import State
from mocast.settings.settings import Settings
from mocast.validation import schema_of, to_json
from mocast.wire import picture_json

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml").read_text("utf-8"))
METHODS = {"get", "post", "patch", "delete", "options", "put"}
PAGE = {"/docs", "/assets/{name}", "/client/{name}", "/{name}"}
"""The web app's files: for people, so no part of the API, and this description of it."""
ALIASES = {"image/jpg", "image/x-ms-bmp"}
"""Wrong names of types that are in use all the same."""


def resolved(node: Any) -> Any:
    """A part of the document with every reference in it replaced by what it refers to."""
    if isinstance(node, list):
        return [resolved(item) for item in node]
    if not isinstance(node, dict):
        return node
    whole: dict[str, Any] = {}
    if "$ref" in node:
        target: Any = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        whole |= resolved(target)
    return whole | {key: resolved(value) for key, value in node.items() if key != "$ref"}


def operations() -> dict[tuple[str, str], Any]:
    """Every operation by method and path, with the parameters of its path."""
    found = {}
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS & item.keys():
            parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
            found[method, path] = resolved(item[method] | {"parameters": parameters})
    return found


OPERATIONS = operations()


def query(method: str, path: str) -> dict[str, Any]:
    """The schemas of an operation's query parameters with their descriptions, by name."""
    return {
        parameter["name"]: parameter["schema"] | {"description": " ".join(parameter["description"].split())}
        for parameter in OPERATIONS[method, path]["parameters"]
        if parameter["in"] == "query"
    }


def schemas_of(kind: type, *, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the code takes, as the document would write it."""
    properties = schema_of(kind).model_json_schema()["properties"]
    for schema in properties.values():
        if "anyOf" in schema:  # or nothing, by default
            schema.update(schema.pop("anyOf")[0])
            del schema["default"]
        for key in ("title", *left_out):
            schema.pop(key, None)
    return dict(properties)


def check(schema: str, value: Any) -> None:
    """Fail unless ``value`` is as the document's schema of that name says."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(value)


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """The server's own application, with every route that it has."""
    server = Server(Settings(turn_urls="turn:{host}:3478", turn_secret="a test's"))  # type: ignore[arg-type]
    app = server._web_app(Rooms(server._publisher_dependencies(), server._limiter))
    async with TestClient(TestServer(app)) as client:
        yield client


def test_document_is_valid() -> None:
    validate(DOCUMENT)


async def test_every_route_is_documented_and_no_other(client: TestClient[web.Request, web.Application]) -> None:
    routes = set()
    for route in client.app.router.routes():
        assert route.resource is not None
        # HEAD comes with GET.
        if route.method != "HEAD" and route.resource.canonical not in PAGE:
            routes.add((route.method.lower(), route.resource.canonical))
    assert routes == OPERATIONS.keys()


def test_parameters_in_paths_are_those_of_the_paths() -> None:
    for (_, path), operation in OPERATIONS.items():
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_query_of_publish_is_that_of_the_code() -> None:
    assert query("post", "/v1/rooms/{room}/publish") == schemas_of(PublishRequest)


def test_query_of_whip_is_that_of_the_code() -> None:
    assert query("post", "/whip/{room}") == schemas_of(WhipRequest)


def test_query_of_whep_is_that_of_the_code() -> None:
    assert query("post", "/whep/{room}") == schemas_of(SubscribeRequest)


def test_query_of_images_is_that_of_the_code() -> None:
    assert query("post", "/v1/images") == schemas_of(ImageOptions)


def test_query_of_jobs_is_that_of_the_code() -> None:
    assert query("post", "/v1/jobs") == schemas_of(JobRequest)


def test_jobs_are_shown_as_documented() -> None:
    job = Job("a", "", "", "a.mp4", to_json(JobOptions()), None, "", 0, 0, results=(JobResult("a.mp4", 1),))
    check("Job", job.snapshot(1, 1))
    job.state, job.length, job.progress, job.ended_at = "done", 9, JobProgress(1, None, 0.5, None), 1
    check("Job", job.snapshot(1, 1, ahead=2))
    assert DOCUMENT["components"]["schemas"]["JobState"]["enum"] == list(get_args(JobState))


def test_query_of_recordings_is_that_of_the_code() -> None:
    assert query("post", "/v1/rooms/{room}/recordings") == schemas_of(RecordRequest)


@pytest.mark.parametrize("kind", EXPORT_TYPES)
def test_query_and_type_of_animations_are_those_of_the_code(kind: ExportKind) -> None:
    path = f"/v1/recordings/{{id}}.{kind}"
    assert query("get", path) == schemas_of(ExportRequest)
    assert list(OPERATIONS["get", path]["responses"]["200"]["content"]) == [EXPORT_TYPES[kind]]


def test_settings_that_can_change_are_those_of_the_code() -> None:
    properties = resolved(DOCUMENT["components"]["schemas"]["Settings"])["properties"]
    assert properties == schemas_of(SessionOptions, left_out=("default", "description"))
    check("AllSettings", to_json(SessionOptions()))


def test_outputs_are_those_of_the_code() -> None:
    schemas = resolved(DOCUMENT["components"]["schemas"])
    assert schemas["OutputsSettings"]["properties"]["outputs"]["maxItems"] == MAX_OUTPUTS
    options = schemas_of(OutputOptions)
    del options["port"]["default"]  # that of its kind
    assert schemas["OutputSettings"]["properties"] == options
    assert schemas["Output"]["properties"]["state"]["enum"] == list(OutputState.__args__)  # type: ignore[attr-defined]


async def test_an_output_is_shown_as_documented() -> None:
    shown = []
    for kind in KINDS:
        options = OutputOptions(kind, "127.0.0.1", PORTS[kind])
        shown.append(
            output_json(RunningOutput(options, make_output(options, Tokens()), "", fixed=False, leave=ExitStack()))
        )
    check("Outputs", {"outputs": shown})


def test_statistics_are_those_of_the_code() -> None:
    check("Statistics", PublisherStats().snapshot())
    check("ViewerStatistics", ViewerStats().snapshot())


def test_query_of_subscribe_is_that_of_the_code() -> None:
    assert query("post", "/v1/rooms/{room}/subscribe") == schemas_of(SubscribeRequest)


def test_query_of_the_websocket_is_that_of_the_code() -> None:
    assert query("get", "/v1/rooms/{room}/landmarks") == schemas_of(SocketRequest)


def test_the_mixer_is_that_of_the_code() -> None:
    assert query("get", "/v1/rooms/{room}/input") == schemas_of(InputRequest)
    schemas = resolved(DOCUMENT["components"]["schemas"])
    of_source = schemas["SourceName"]
    taken = schemas_of(MixerOptions, left_out=("default",))
    for part in taken.values():
        assert part["items"]["enum"] == of_source["enum"]
        part["items"] = of_source
    assert schemas["MixerSettings"]["properties"] == taken
    mixer = RoomMixer(Fanout(), lambda: (0, 0))
    check("Mixer", mixer.snapshot())
    with mixer.feed("phone") as feed:
        feed(source_pose(shapes={0: 1.0}))
        check("Mixer", mixer.snapshot())


def test_what_a_token_is_asked_for_is_that_of_the_code() -> None:
    assert resolved(DOCUMENT["components"]["schemas"]["TokenRequest"])["properties"] == schemas_of(TokenRequest)


def test_custom_gestures_are_those_of_the_code() -> None:
    schemas = resolved(DOCUMENT["components"]["schemas"])
    assert schemas["CustomGesture"]["properties"] == schemas_of(CustomGesture)
    most = schemas_of(GesturesRequest)["gestures"]["maxItems"]
    assert schemas["CustomGestures"]["properties"]["gestures"]["maxItems"] == most
    check("CustomGestures", to_json(GesturesRequest((CustomGesture("spider", (0.5,) * 26),))))


def test_an_avatar_s_body_is_that_of_the_code() -> None:
    assert resolved(DOCUMENT["components"]["schemas"])["AvatarBody"]["properties"] == schemas_of(AvatarBody)


def test_a_reference_is_that_of_the_code() -> None:
    assert resolved(DOCUMENT["components"]["schemas"])["ReferencePose"]["properties"] == schemas_of(ReferencePose)
    reference = ReferencePose(((0.0, 0.0, 0.0),) * POSE_COUNT, (1.0,) * POSE_COUNT)
    check("ReferenceInUse", orjson.loads(orjson.dumps({"reference": to_json(reference)})))
    check("ReferenceInUse", {"reference": None})


def test_what_a_calibration_takes_is_that_of_the_code() -> None:
    assert resolved(DOCUMENT["components"]["schemas"]["Calibrate"])["properties"] == schemas_of(CalibrateRequest)
    check("CalibrationInUse", {"calibration": Calibration().to_json()})
    check("CalibrationInUse", {"calibration": None})


def test_states_are_those_of_the_code() -> None:
    states = DOCUMENT["components"]["schemas"]["Session"]["properties"]["state"]["enum"]
    assert states == list(State.__args__)  # type: ignore[attr-defined]


def test_picture_types_are_those_of_the_code() -> None:
    operation = OPERATIONS["post", "/v1/images"]
    assert set(operation["requestBody"]["content"]) == PICTURE_TYPES - ALIASES | {"multipart/form-data"}
    assert set(operation["responses"]["200"]["content"]) == set(ANSWER_TYPES)


@pytest.mark.parametrize("tracked", [people.person(), people.tracked()])
def test_answer_to_a_picture_is_as_documented(tracked: Tracked) -> None:
    answer = picture_json.encode(tracked, tracker="holistic", source_size_wh=(1920, 1440))
    check("Picture", orjson.loads(answer))


def test_every_error_of_the_code_is_documented() -> None:
    raised = {
        str(kind.status)
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.MocastError)
    }
    documented = {status for operation in OPERATIONS.values() for status in operation["responses"]}
    any_call = {str(errors.Misdirected.status)}  # the document's description says it once
    assert all(status in DOCUMENT["info"]["description"] for status in any_call)
    assert {status for status in documented if status >= "400"} == raised - any_call


def test_a_call_that_reads_its_query_may_refuse_it() -> None:
    for operation in OPERATIONS.values():
        reads = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
        assert not reads or "422" in operation["responses"], operation["operationId"]


def test_every_error_is_a_problem() -> None:
    problem = resolved(DOCUMENT["components"]["schemas"]["Problem"])
    for operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"] == {"application/problem+json": {"schema": problem}}
            may_tell = ("Retry-After" in response.get("headers", {})) == (status in ("429", "503"))
            assert may_tell or status == "409", "a conflict that passes may say when"


async def test_the_index_tells_every_address_that_a_call_can_go_to(
    client: TestClient[web.Request, web.Application],
) -> None:
    async with client.get("/", headers={"Accept": "application/json"}) as answer:
        index = await answer.json()
    schema = OPERATIONS["get", "/"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(index)
    told = {"/" + address.removeprefix("./").partition("?")[0] for address in index["addresses"].values()}
    documented = {path for _, path in OPERATIONS if "{id}" not in path}  # those are in the Location of what made them
    page = {"/avatar.html", "/client/mocast-client.js", "/docs", "/openapi.json"}
    assert told - page == documented


async def test_answers_of_the_server_are_as_documented(client: TestClient[web.Request, web.Application]) -> None:
    async with client.get("/v1/info") as answer:
        check("Info", await answer.json())
    async with client.get("/v1/sessions/none") as answer:
        assert answer.status == 404
        check("Problem", await answer.json(content_type="application/problem+json"))
    async with client.get("/readyz") as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        check("Problem", await answer.json(content_type="application/problem+json"))
    async with client.post("/v1/rooms/hall/publish?tracker=feet&hud=maybe") as answer:
        assert answer.status == 422
        problem = await answer.json(content_type="application/problem+json")
        check("Problem", problem)
        assert [error["parameter"] for error in problem["errors"]] == ["tracker", "hud"]
    async with client.options("/v1/rooms/hall/publish") as answer:
        assert answer.status == 204
        documented = OPERATIONS["options", "/v1/rooms/{room}/publish"]["responses"]["204"]["headers"]
        assert all(name in answer.headers for name in documented)


async def test_answers_about_recordings_are_as_documented(client: TestClient[web.Request, web.Application]) -> None:
    async with client.post("/v1/rooms/hall/recordings") as answer:
        assert answer.status == 201
        check("Recording", await answer.json())
        recording = answer.url.join(URL(answer.headers["Location"])).path
    async with client.get(f"{recording}.jsonl") as answer:
        assert answer.status == 409
    async with client.post(f"{recording}/stop") as answer:
        check("Recording", await answer.json())
