"""What a client may choose, as it writes it: query strings and JSON, checked here and nowhere further in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.fields import FieldInfo

from mocast.errors import Unprocessable
from mocast.model.options import (
    Background,
    BodyMode,
    DrawOptions,
    OverlayName,
    Pace,
    Privacy,
    Quality,
    RigOptions,
    SessionOptions,
    Smoothing,
    TrackerName,
)
from mocast.recordings.export.motion import HIGHEST_FPS, LOWEST_FPS
from mocast.rooms.publisher import CalibrateRequest, PublishRequest
from mocast.rooms.viewer import SubscribeRequest
from mocast.wire.stream_kinds import STREAMS

Returns = Literal["video", "none"]
"""``video``: the annotated picture comes back; ``none``: nothing is encoded."""
Format = Literal["binary", "json"]
"""Of the data channels that name no sub-protocol."""


def _known_stream(name: str) -> str:
    """Checked when it is asked for, so that whoever adds a stream adds it to ``STREAMS`` alone."""
    if name not in STREAMS:
        raise ValueError("no stream")
    return name


StreamName = Annotated[str, AfterValidator(_known_stream), WithJsonSchema({"type": "string", "enum": list(STREAMS)})]

_SESSION: Final = SessionOptions()
_DRAW: Final = _SESSION.draw
_DRAW_NAMES: Final = tuple(field.name for field in fields(DrawOptions))
_CALIBRATE: Final = CalibrateRequest()
_RIG: Final = _SESSION.rig
_RIG_NAMES: Final = tuple(field.name for field in fields(RigOptions))
_LISTS: Final = ("overlay", "record", "send")
"""What a query writes with commas."""
_SHOWN: Final = 60
"""Characters of a client's own words that an error repeats."""


class PictureSettings(BaseModel):
    """What can be chosen for a still picture."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    tracker: TrackerName = _SESSION.tracker
    quality: Quality = _SESSION.quality
    overlay: list[OverlayName] = list(_DRAW.overlay)
    confidence: Annotated[float, Ge(0), Le(1)] = _DRAW.confidence
    line_width: Annotated[float, Ge(0.25), Le(4)] = _DRAW.line_width
    opacity: Annotated[float, Ge(0), Le(1)] = _DRAW.opacity
    background: Background = _DRAW.background
    privacy: Privacy = _DRAW.privacy
    mirror: bool = _DRAW.mirror


class LiveSettings(PictureSettings):
    """What can be chosen and changed while a session lives."""

    pace: Pace = _SESSION.pace
    hud: bool = _DRAW.hud
    smoothing: Smoothing = _RIG.smoothing
    body: BodyMode = _RIG.body


class PublishSettings(LiveSettings):
    """What can be chosen when a session starts."""

    returns: Returns = Field("video", alias="return")
    format: Format = "binary"
    replace: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class SubscribeSettings(BaseModel):
    """What can be chosen by a viewer."""

    model_config = ConfigDict(extra="forbid")

    format: Format = "binary"


class ReaderSettings(BaseModel):
    """What can be chosen by a reader of the WebSocket."""

    model_config = ConfigDict(extra="forbid")

    send: Annotated[list[StreamName], Field(min_length=1)] = list(STREAMS)
    mirror: bool = False


class CalibrateSettings(BaseModel):
    """What can be chosen for a calibration."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    seconds: Annotated[float, Ge(0.5), Le(10)] = _CALIBRATE.seconds
    t_pose: bool = _CALIBRATE.t_pose


class RecordSettings(BaseModel):
    """What can be chosen for a recording."""

    model_config = ConfigDict(extra="forbid")

    record: Annotated[list[StreamName], Field(min_length=1)] = list(STREAMS)


class ExportSettings(BaseModel):
    """What can be chosen for an animation file."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    smooth: bool = True
    fps: float = Field(None, ge=LOWEST_FPS, le=HIGHEST_FPS)  # type: ignore[assignment]  # None: not given


def parse_record_query(query: Mapping[str, str]) -> tuple[str, ...]:
    """Read the query of a call that starts a recording: what it holds."""
    return tuple(dict.fromkeys(_checked(RecordSettings, _plain(query), strict=False).record))


def parse_export_query(query: Mapping[str, str]) -> ExportSettings:
    """Read the query of a call for an animation file. ``fps`` is ``None`` where it is not given."""
    return _checked(ExportSettings, _plain(query), strict=False)


def parse_publish_query(query: Mapping[str, str]) -> PublishRequest:
    """Read the query of a publish call. Raises ``Unprocessable``, as all functions here do."""
    settings = _checked(PublishSettings, _plain(query), strict=False)
    return PublishRequest(
        options=_merged(_SESSION, settings),
        returns=settings.returns,
        format=settings.format,
        replace=settings.replace,
    )


def parse_subscribe_query(query: Mapping[str, str]) -> SubscribeRequest:
    """Read the query of a subscribe call."""
    return SubscribeRequest(_checked(SubscribeSettings, _plain(query), strict=False).format)


def parse_reader_query(query: Mapping[str, str]) -> ReaderSettings:
    """Read the query of a WebSocket."""
    return _checked(ReaderSettings, _plain(query), strict=False)


def parse_image_query(query: Mapping[str, str]) -> SessionOptions:
    """Read the query of a call with a still picture."""
    return _merged(_SESSION, _checked(PictureSettings, _plain(query), strict=False))


def parse_calibrate(value: object) -> CalibrateRequest:
    """Read how to calibrate from a JSON object."""
    if not isinstance(value, dict):
        raise Unprocessable("How to calibrate must be a JSON object.")
    settings = _checked(CalibrateSettings, value, strict=True)
    return CalibrateRequest(settings.seconds, settings.t_pose)


def parse_settings(change: object, current: SessionOptions) -> SessionOptions:
    """Return ``current`` with what ``change``, a JSON object of some of the settings, changes in it."""
    if not isinstance(change, dict):
        raise Unprocessable("Settings must be a JSON object.")
    return _merged(current, _checked(LiveSettings, change, strict=True))


def settings_json(options: SessionOptions) -> dict[str, Any]:
    """Return all settings of a session, flat, as clients read them."""
    draw = {name: getattr(options.draw, name) for name in _DRAW_NAMES}
    draw["overlay"] = list(options.draw.overlay)
    rig = {name: getattr(options.rig, name) for name in _RIG_NAMES}
    return {"tracker": options.tracker, "quality": options.quality, "pace": options.pace, **draw, **rig}


def _plain(query: Mapping[str, str]) -> dict[str, object]:
    """The query (a multi-dict, where it comes from aiohttp) as plain values, with lists split."""
    plain: dict[str, object] = {}
    for name, text in query.items():
        if name in plain:
            raise Unprocessable(f"{_quoted(name)} is given more than once.")
        plain[name] = [part.strip() for part in text.split(",") if part.strip()] if name in _LISTS else text
    return plain


_Settings = TypeVar("_Settings", bound=BaseModel)


def _checked(model: type[_Settings], given: Mapping[str, object], *, strict: bool) -> _Settings:
    try:
        return model.model_validate(given, strict=strict)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise Unprocessable(_sentence(model, first["type"], first["loc"], first["input"])) from None


def _merged(current: SessionOptions, settings: PictureSettings) -> SessionOptions:
    """``current`` with those settings that were given."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    if "overlay" in given:
        given["overlay"] = tuple(dict.fromkeys(given["overlay"]))
    draw = replace(current.draw, **{name: value for name, value in given.items() if name in _DRAW_NAMES})
    session = {name: given[name] for name in ("tracker", "quality", "pace") if name in given}
    rig = replace(current.rig, **{name: value for name, value in given.items() if name in _RIG_NAMES})
    options = replace(current, draw=draw, rig=rig, **session)
    if options.draw.privacy != "off" and options.tracker == "hands":
        raise Unprocessable(
            f'"privacy" cannot be "{options.draw.privacy}" with the tracker "hands": it sees no face to cover; '
            "use holistic, pose or face."
        )
    return options


def _sentence(model: type[BaseModel], kind: str, place: tuple[int | str, ...], value: object) -> str:
    """What is wrong with one setting, and what would be right."""
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    name = str(place[0])
    if kind == "extra_forbidden":
        return f"There is no setting {_quoted(name)} here; there are {_listed(known)}."
    return f"{_quoted(name)} cannot be {_quoted(value)}: it must be {_allowed(known[name])}."


def _quoted(value: object) -> str:
    """The client's value as JSON, cut where it is long."""
    text = json.dumps(value, default=str, ensure_ascii=False).encode(errors="replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _allowed(field: FieldInfo) -> str:
    """What a setting may be, in words."""
    kind = field.annotation
    if get_origin(kind) is Literal:
        return _listed(get_args(kind), "or")
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return f"a list of any of {_listed(get_args(item) if get_origin(item) is Literal else STREAMS)}"
    if kind is bool:
        return "true or false"
    if kind is float:
        lowest = next(bound.ge for bound in field.metadata if isinstance(bound, Ge))
        highest = next(bound.le for bound in field.metadata if isinstance(bound, Le))
        return f"a number from {lowest} to {highest}"
    return "text of 1 to 128 characters"


def _listed(words: Iterable[str], joint: str = "and") -> str:
    *most, last = words
    return f"{', '.join(most)} {joint} {last}" if most else last
