"""The table of a room's streams: a new stream is one entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from mocast.model.analysis import Analysis
from mocast.model.mirror import mirrored as mirrored_rig
from mocast.model.options import DrawOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.wire import analysis_binary, analysis_json, landmarks_binary, landmarks_json, rig_binary, rig_json

T = TypeVar("T")

Messages = list[bytes] | list[str]
"""One frame's messages: several where one would be too long for a data channel."""

Encoder = Callable[[T, DrawOptions], Messages]
"""Encodes an item. The publisher's options go into messages of landmarks, for those who draw them."""


@dataclass(frozen=True, slots=True)
class StreamKind(Generic[T]):
    """The definition of a stream: its name, encoders and sub-protocols."""

    name: str
    """Of the data channel, in ``send=`` of the WebSocket and in ``record=`` of a recording."""
    counter: str
    """In statistics and metrics: ``<counter>_sent``, ``<counter>_dropped``."""
    encoders: Mapping[str, Encoder[T]]
    """By form. Each stream has:

    - ``binary`` and ``json``: what a data channel may ask for. ``json`` is one text, and a recording's line;
    - ``binary 2``: the same in version 2, where there is one;
    - ``socket`` and ``socket mirrored``: one text that names its type, as a WebSocket carries several streams;
      ``mirrored`` is the subject's mirror image, where the stream has one.
    """
    protocols: Mapping[str, str]
    """A data channel's sub-protocol to its form."""
    by_default: bool = True
    """Whether a WebSocket and a recording that name no streams have it."""


def _typed_landmarks(tracked: Tracked, draw: DrawOptions) -> list[str]:
    return ['{"type":"landmarks",' + landmarks_json.encode(tracked, mirrored=draw.mirror)[1:]]


def _rig_text(rig: Rig, _: DrawOptions) -> list[str]:
    return [rig_json.encode(rig)]


LANDMARKS: Final[StreamKind[Tracked]] = StreamKind(
    name="landmarks",
    counter="landmarks",
    encoders={
        "binary": lambda tracked, draw: landmarks_binary.encode(
            tracked, mirrored=draw.mirror, confidence=draw.confidence
        ),
        "json": lambda tracked, draw: [landmarks_json.encode(tracked, mirrored=draw.mirror)],
        "socket": _typed_landmarks,
        "socket mirrored": _typed_landmarks,
    },
    protocols={landmarks_binary.PROTOCOL: "binary", landmarks_json.PROTOCOL: "json"},
)

RIG: Final[StreamKind[Rig]] = StreamKind(
    name="rig",
    counter="rigs",
    encoders={
        "binary": lambda rig, _: [rig_binary.encode_1(rig)],
        "binary 2": lambda rig, _: [rig_binary.encode(rig)],
        "json": _rig_text,
        "socket": _rig_text,
        "socket mirrored": lambda rig, _: [rig_json.encode(mirrored_rig(rig))],
    },
    protocols={rig_binary.PROTOCOL_1: "binary", rig_binary.PROTOCOL: "binary 2", rig_json.PROTOCOL: "json"},
)


def _analysis_text(analysis: Analysis, _: DrawOptions) -> list[str]:
    return [analysis_json.encode(analysis)]


ANALYSIS: Final[StreamKind[Analysis]] = StreamKind(
    name="analysis",
    counter="analyses",
    encoders={
        "binary": lambda analysis, _: [analysis_binary.encode(analysis)],
        "json": _analysis_text,
        "socket": _analysis_text,
        "socket mirrored": _analysis_text,
    },
    protocols={analysis_binary.PROTOCOL: "binary", analysis_json.PROTOCOL: "json"},
    by_default=False,
)

STREAMS: Final[dict[str, StreamKind[Any]]] = {kind.name: kind for kind in (LANDMARKS, RIG, ANALYSIS)}
"""Every stream by its name."""
DEFAULT_STREAMS: Final = tuple(kind.name for kind in STREAMS.values() if kind.by_default)
