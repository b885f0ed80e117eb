"""A room's outputs over HTTP: what apps its avatar moves, and how each of them fares."""

from dataclasses import asdict
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocast.api.bodies import json_answer, parse_json, read_body
from mocast.api.routes.offers import room_name
from mocast.errors import Unprocessable, UnsupportedMedia
from mocast.outputs.output_options import MAX_OUTPUTS, PARTS, PORTS, Kind, Names, OutputOptions, Part
from mocast.outputs.registry import Outputs, RunningOutput

MAX_BYTES = 16_384


class OutputSettings(BaseModel):
    """What a client may say of one output."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Kind
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:%-]+$", max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    parts: Annotated[list[Part], Field(min_length=1)] = list(PARTS)
    mirror: bool = False
    names: Names = "vrm0"
    camera: bool = False

    def options(self) -> OutputOptions:
        """Return them with the app's own port where none was given."""
        return OutputOptions(
            kind=self.kind,
            host=self.host,
            port=self.port or PORTS[self.kind],
            parts=tuple(part for part in PARTS if part in self.parts),
            mirror=self.mirror,
            names=self.names,
            camera=self.camera,
        )


class OutputsSettings(BaseModel):
    """All outputs of a room that are set over the API."""

    model_config = ConfigDict(extra="forbid", strict=True)

    outputs: Annotated[list[OutputSettings], Field(max_length=MAX_OUTPUTS)]


def output_routes(outputs: Outputs) -> list[web.RouteDef]:
    """``GET`` and ``PUT /v1/rooms/{room}/outputs``."""

    async def show(request: web.Request) -> web.Response:
        return _json(outputs.of(room_name(request)))

    async def replace(request: web.Request) -> web.Response:
        room = room_name(request)
        if request.content_type != "application/json":
            raise UnsupportedMedia("send the outputs as application/json")
        wanted = parse_outputs(await read_body(request, MAX_BYTES))
        try:
            await outputs.replace(room, wanted)
        except OSError as error:
            raise Unprocessable(f"one of the hosts is unknown: {error.strerror or error}") from error
        return _json(outputs.of(room))

    return [web.get("/v1/rooms/{room}/outputs", show), web.put("/v1/rooms/{room}/outputs", replace)]


def parse_outputs(body: bytes) -> tuple[OutputOptions, ...]:
    """Return the outputs that a body asks for. Raises ``RequestError`` and ``Unprocessable``."""
    given = parse_json(body)
    try:
        settings = OutputsSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Unprocessable(f"{place[:60]}: {first['msg']}.") from None
    return tuple(output.options() for output in settings.outputs)


def output_json(running: RunningOutput) -> dict[str, Any]:
    """Return an output as the API shows it; what VMC alone knows is left out of others."""
    options = asdict(running.options)
    if running.options.kind != "vmc":
        del options["names"], options["camera"]
    return {**options, "parts": list(running.options.parts), "fixed": running.fixed, **running.output.status.to_json()}


def _json(outputs: tuple[RunningOutput, ...]) -> web.Response:
    return json_answer({"outputs": [output_json(running) for running in outputs]})
