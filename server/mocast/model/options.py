"""The options of clients, defined once: names, types, bounds, defaults and descriptions.

``mocast.validation`` reads queries and JSON into these; ``docs/openapi.yaml`` is compared with them. Nested dataclasses
are flattened: clients write all options side by side. ``return_`` is ``return`` to them.
"""

import re
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from annotated_types import Interval, Len, doc

from mocast.model.analysis import AngleName, EventType

TrackerName = Literal["holistic", "pose", "hands", "face"]
Quality = Literal["exact", "balanced", "fast"]
"""What live tracking leaves out."""
OfflineQuality = Literal["best", "exact", "balanced", "fast"]
"""What tracking of files and still pictures leaves out: ``best`` leaves out nothing."""
Pace = Literal["sync", "smooth"]
OverlayName = Literal["classic", "limbs", "rainbow", "mesh", "contours"]
Smoothing = Literal["responsive", "balanced", "smooth"]
RootMode = Literal["none", "sideways", "full"]
CameraMode = Literal["auto", "set"]
ExpressionStyle = Literal["subtle", "natural", "lively"]
BodyMode = Literal["auto", "full", "half"]
Background = Literal["video", "dim", "black"]
Privacy = Literal["off", "blur", "pixelate"]
Returns = Literal["video", "none"]
Format = Literal["binary", "json"]
CameraPart = Literal["all", "face", "body"]
ClientSource = Literal["vmc", "phone", "microphone"]
"""The sources of a room's mixer that clients feed with poses."""
FileFormat = Literal["mp4", "jsonl", "csv", "parquet", "bvh", "vrma", "vmd", "trc", "c3d"]

ROOM_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
"""Paths of the API hold it. ``.`` and ``..`` would be steps in a path, which browsers take before they ask."""
ROOM_NAME_RULE: Final = (
    "A room's name has 1 to 64 letters (A to Z), digits, dots, dashes or underscores, and does not begin with a dot."
)

MAX_PEOPLE: Final = 4
"""People that are tracked in a picture, at most."""

LOWEST_FPS: Final = 15.0
HIGHEST_FPS: Final = 120.0
"""The range of an exported animation's frame rate."""


@dataclass(frozen=True, slots=True)
class NotHere:
    """A value that the same option has in another request, and why it is refused in this one."""

    value: str
    why: str
    "Follows the option's name and a colon."

    def refusal(self, value: object) -> str | None:
        """Return why that value is refused, if it is this one."""
        return self.why if value == self.value else None


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """How the returned picture looks."""

    overlay: Annotated[
        tuple[OverlayName, ...], doc("Comma-separated in a query, drawn in this order; empty draws none.")
    ] = ("limbs", "rainbow", "contours")
    confidence: Annotated[
        float, Interval(ge=0, le=1), doc("A joint below this visibility is not drawn, nor are its bones.")
    ] = 0.5
    line_width: Annotated[float, Interval(ge=0.25, le=4), doc("Multiplies the width that fits the picture's size.")] = (
        1.0
    )
    opacity: Annotated[float, Interval(ge=0, le=1), doc("Opacity of the overlays.")] = 1.0
    background: Annotated[Background, doc("What is behind the overlays.")] = "video"
    privacy: Annotated[
        Privacy, doc("Covers the faces of all people in the picture, whoever is tracked, as far as they are found.")
    ] = "off"
    mirror: Annotated[bool, doc("Flips the finished picture. Landmarks are never mirrored.")] = False


@dataclass(frozen=True, slots=True)
class RigOptions:
    """How the rig follows the subject."""

    smoothing: Annotated[
        Smoothing, doc("Smoothing of the rig. `responsive`: least delay. `smooth`: calmest avatar.")
    ] = "balanced"
    body: Annotated[
        BodyMode,
        doc("What of the body the rig follows: all of it, the upper half (seated), or whichever is seen."),
    ] = "auto"
    root: Annotated[
        RootMode,
        doc("Where the hips go: nowhere, sideways, or nearer and further away too. Up and down they always go."),
    ] = "full"
    field_of_view: Annotated[
        float,
        Interval(ge=20, le=150),
        doc("The camera's field of view across the longer side of the picture, degrees."),
    ] = 60.0
    camera: Annotated[
        CameraMode,
        doc("Whether the camera's tilt and height are learnt, or as `camera_tilt` and `camera_height` say."),
    ] = "auto"
    camera_tilt: Annotated[
        float, Interval(ge=-50, le=50), doc("By how much the camera looks down, degrees; where `camera` is `set`.")
    ] = 0.0
    camera_height: Annotated[
        float,
        Interval(ge=0, le=5),
        doc("How high the camera is over the floor, metres, until feet have stood; where `camera` is `set`."),
    ] = 1.0
    expression_style: Annotated[
        ExpressionStyle, doc("How strongly the rig shows the face's expressions. Blinks and gaze are always as seen.")
    ] = "natural"


_QUALITY: Final = (
    "What is left out for speed. exact finds what MediaPipe finds, to its own noise; balanced leaves out what "
    "hardly changes a landmark; fast also tracks slowly moving parts in every second frame only."
)
_NO_BEST: Final = "best is for files and still pictures; a live session takes exact, balanced or fast"


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """What is analysed, while anybody wants analyses or events."""

    exercises: Annotated[
        tuple[str, ...], Len(0, 16), doc("Exercises whose repetitions are counted, comma-separated in a query.")
    ] = ()
    withhold: Annotated[
        bool, doc("Leaves out the angles that cannot be told well in the present view, which are marked otherwise.")
    ] = False
    hand_features: Annotated[
        bool, doc("Adds each hand's features to the analyses, of whose means custom gestures are made.")
    ] = False


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """The options of a still picture."""

    tracker: Annotated[
        TrackerName, doc("What is tracked: the whole person, or only the body, the hands or the face.")
    ] = "holistic"
    quality: Annotated[
        OfflineQuality,
        doc(
            f"{_QUALITY} best, for files and still pictures only, leaves out nothing, and finds the body with the "
            "heavy network where that is installed."
        ),
    ] = "balanced"
    people: Annotated[
        int,
        Interval(ge=1, le=MAX_PEOPLE),
        doc("How many people are tracked at most, each by an index that stays theirs. Above 1: `holistic` and `pose`."),
    ] = 1
    draw: DrawOptions = field(default_factory=DrawOptions)


@dataclass(frozen=True, slots=True)
class JobOptions(ImageOptions):
    """The options of a video file, of which every frame is processed, in its own time."""

    formats: Annotated[
        tuple[FileFormat, ...],
        doc(
            "Files that are written, with commas between: the annotated video with its sound (mp4), landmarks, rig "
            "and analysis (jsonl), tables of one row a frame (csv, parquet), animations (bvh, vrma, vmd), "
            "markers (trc, c3d)."
        ),
    ] = ("mp4", "jsonl")
    every: Annotated[int, Interval(ge=1, le=1000), doc("Only every so many frames is processed.")] = 1
    start: Annotated[float, Interval(ge=0), doc("Seconds of the video that are left out at its beginning.")] = 0.0
    end: Annotated[
        Annotated[float, Interval(gt=0)] | None, doc("Second of the video at which processing ends; without it, never.")
    ] = None
    fps: Annotated[float, Interval(ge=1, le=240), doc("Frames per second of a sequence of pictures.")] = 30.0
    smooth: Annotated[
        bool, doc("Smooth landmarks in all outputs with a zero-phase filter, which adds no delay, as animations are.")
    ] = False
    rig: RigOptions = field(default_factory=RigOptions)
    analysis: AnalysisOptions = field(default_factory=AnalysisOptions)


_RETURN: Final = (
    "`video`: the annotated picture comes back. `none`: none is drawn or encoded for the publisher. Always `none` "
    "where the offer takes no video."
)


@dataclass(frozen=True, slots=True)
class SessionOptions(ImageOptions):
    """The options of a publisher's session, which may be changed while it is live."""

    quality: Annotated[Quality, NotHere("best", _NO_BEST), doc(_QUALITY)] = "balanced"
    pace: Annotated[
        Pace,
        doc("`sync`: each picture carries its own landmarks. `smooth`: every input frame, with predicted landmarks."),
    ] = "sync"
    hud: Annotated[bool, doc("Figures (fps, tracking ms, delay, counts) on the top 20 rows of the picture.")] = False
    return_: Annotated[Returns, doc(_RETURN)] = "video"
    rig: RigOptions = field(default_factory=RigOptions)
    analysis: AnalysisOptions = field(default_factory=AnalysisOptions)
    events: Annotated[
        tuple[EventType, ...],
        doc("What is told on the publisher's `control` channel when it happens, comma-separated in a query."),
    ] = ()
    hud_angles: Annotated[
        tuple[AngleName, ...],
        Len(0, 4),
        doc(
            "Joint angles that the HUD shows, while it is on: frames are analysed for them. Comma-separated in a query."
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What a publisher asks for beside its offer."""

    options: SessionOptions = field(default_factory=SessionOptions)
    format: Annotated[Format, doc("Format of data channels that are opened without a sub-protocol.")] = "binary"
    replace: Annotated[
        Annotated[str, Len(1, 128)] | None,
        doc("The id of the session that holds the room now, to take its place."),
    ] = None
    part: Annotated[
        CameraPart,
        doc(
            "What this camera is for. `face` and `body`: a further camera of the room, beside its publisher, whose rig "
            "the room's is mixed with; there may be one of each."
        ),
    ] = "all"


@dataclass(frozen=True, slots=True)
class WhipOptions(SessionOptions):
    """The options of a publisher by WHIP, where media go one way unless the client says otherwise."""

    return_: Annotated[Returns, doc(_RETURN)] = "none"


@dataclass(frozen=True, slots=True)
class WhipRequest(PublishRequest):
    """What a publisher by WHIP asks for beside its offer."""

    options: WhipOptions = field(default_factory=WhipOptions)


PEOPLE_SENT: Final = doc("Of how many people messages are sent, where several are tracked: of those below this index.")


@dataclass(frozen=True, slots=True)
class SubscribeRequest:
    """What a viewer asks for beside its offer."""

    format: Annotated[Format, doc("Format of data channels that are opened without a sub-protocol.")] = "binary"
    people: Annotated[int, Interval(ge=1, le=MAX_PEOPLE), PEOPLE_SENT] = 1
    events: Annotated[
        tuple[EventType, ...],
        doc("What is told on the viewer's `control` channel when it happens, comma-separated in a query."),
    ] = ()


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """How to measure the person."""

    seconds: Annotated[float, Interval(ge=0.5, le=10), doc("How long the person is measured.")] = 2.0
    t_pose: Annotated[bool, doc("Whether the person stands in the T-pose meanwhile.")] = False
    person: Annotated[int, Interval(ge=0, lt=MAX_PEOPLE), doc("Who, where several people are tracked.")] = 0


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """Whose calibration is shown, replaced or forgotten."""

    person: Annotated[int, Interval(ge=0, lt=MAX_PEOPLE), doc("Whose, where several people are tracked.")] = 0


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """How a recording becomes an animation."""

    smooth: Annotated[bool, doc("Smooth the motion with a zero-phase filter, which adds no delay.")] = True
    fps: Annotated[
        Annotated[float, Interval(ge=LOWEST_FPS, le=HIGHEST_FPS)] | None,
        doc("Frames per second. Without it, the rate that most of the recording has."),
    ] = None
    person: Annotated[int, Interval(ge=0, lt=MAX_PEOPLE), doc("Whose motion, where several people were tracked.")] = 0
