"""Landmarks of a frame or of a picture, by their names."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

import orjson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mocast.model.analysis import Similarity

VERSION: Final = 1
"""Of the JSON of ``docs/wire-format.md``."""

PartName = Literal["pose", "face", "left_hand", "right_hand"]
PARTS: Final[tuple[PartName, ...]] = ("pose", "face", "left_hand", "right_hand")


class Point(NamedTuple):
    """A place in the world: metres, x to the picture's right, y down, z toward the camera negative."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Landmark:
    """A landmark in the picture."""

    x: float
    "To the right, 0..1 inside the picture, beyond outside of it."
    y: float
    "Down, 0..1 inside the picture."
    z: float
    "Toward the camera negative, on x's scale."
    visibility: float | None = None
    "How likely it is inside the picture and not hidden, 0..1; of a pose only."
    world: Point | None = None
    "Where it is in metres; of a pose from the middle of the hips, of a hand from its own centre. A face has none."


@dataclass(frozen=True, slots=True, eq=False)
class NamedLandmarks:
    """A part's landmarks: ``pose["left_wrist"].x``, ``hand["index_tip"]``, ``face[1]``.

    A pose has 33 and a hand 21, with names; a face 478, by index alone. Left and right are the subject's.
    """

    names: Sequence[str]
    "In the order of the indices; empty for a face."
    image: Sequence[Sequence[float]]
    "x, y, z of each landmark in the picture."
    world: Sequence[Sequence[float]] | None = None
    "x, y, z of each in metres."
    visibility: Sequence[float] | None = None
    "Of each landmark of a pose, 0..1."
    score: float | None = None
    "How sure the network is that this is a hand, 0..1."

    def __getitem__(self, key: str | int) -> Landmark:
        index = self._index(key) if isinstance(key, str) else key
        x, y, z = self.image[index]
        visibility = self.visibility[index] if self.visibility else None
        return Landmark(x, y, z, visibility, Point(*self.world[index]) if self.world else None)

    def __len__(self) -> int:
        return len(self.image)

    def __iter__(self) -> Iterator[Landmark]:
        return (self[index] for index in range(len(self)))

    def items(self) -> Iterator[tuple[str, Landmark]]:
        """Return each name with its landmark; none of a face."""
        return zip(self.names, self, strict=False)

    def array(self, space: Literal["image", "world"] = "image") -> "NDArray[np.float32]":
        """Return the landmarks as an (n, 3) float32 array of numpy. Raises ``ValueError``: a face has no world."""
        import numpy as np  # noqa: PLC0415 (for those who want it)

        rows = self.image if space == "image" else self.world
        if rows is None:
            raise ValueError("A face has no landmarks in metres.")
        return np.array(rows, np.float32)

    def _index(self, name: str) -> int:
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(name) from None


@cache
def _names(part: PartName) -> tuple[str, ...]:
    from mocast.model.topology import HandLandmark, PoseLandmark  # noqa: PLC0415 (loads numpy)

    if part == "face":
        return ()
    return tuple(landmark.name.lower() for landmark in (PoseLandmark if part == "pose" else HandLandmark))


_OF_PICTURE: Final = ("width", "height", "person", "tracking_ms")
"""What an answer tells beside the parts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonLandmarks:
    """What was found of a person. A part that is not there is ``None``."""

    width: int
    "Of the tracked picture, in pixels."
    height: int
    "The same."
    person: int
    "Index of the person in the picture, which stays theirs: 0 where one is tracked."
    tracking_ms: float
    "How long the tracker took."
    pose: NamedLandmarks | None
    "33 landmarks: ``nose``, ``left_wrist``, ``right_ankle`` and others."
    face: NamedLandmarks | None
    "478 landmarks, by index."
    left_hand: NamedLandmarks | None
    "21 landmarks: ``wrist``, ``index_tip``, ``thumb_mcp`` and others."
    right_hand: NamedLandmarks | None
    "The same."

    def similarity(self, reference: "PersonLandmarks", *, mirrored: bool = False) -> "Similarity | None":
        """Return how alike the body is to a reference's: ``score`` and ``limbs``, 0 to 100 each.

        ``mirrored``: to the reference's mirror image. ``None`` where no limb is seen in both. Needs numpy.
        """
        from mocast.analysis.pose_similarity import compare_poses  # noqa: PLC0415 (loads numpy)
        from mocast.client.body_bones import body_bones  # noqa: PLC0415

        if self.pose is None or reference.pose is None:
            return None
        return compare_poses(body_bones(reference.pose, mirrored=mirrored), body_bones(self.pose))

    @classmethod
    def of_picture(cls, body: bytes) -> "PersonLandmarks":
        """Return what an answer of ``POST /v1/images`` tells. Raises ``ValueError``, ``KeyError`` where it is none."""
        return PersonLandmarks.everybody(body)[0]

    @classmethod
    def everybody(cls, body: bytes) -> "list[PersonLandmarks]":
        """Return the same of all people in the picture. Raises as ``of_picture``."""
        found = orjson.loads(body)
        picture, names = {name: value for name, value in found.items() if name != "others"}, _OF_PICTURE
        people = [picture, *({**picture, **other} for other in found.get("others", []))]
        return [PersonLandmarks(**_fields(person, names, _of_picture)) for person in people]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LandmarkFrame(PersonLandmarks):
    """A person's landmarks in one frame of a room: the fields of ``PersonLandmarks`` (``frame.pose``), and these."""

    frame: int
    "The frame's number in the room. Gaps are frames that were dropped."
    pts: int
    "The frame's time, 90 kHz, modulo 2³²."
    delay_ms: int
    "From decoded to tracked."
    mirrored: bool
    "Whether the room's annotated picture is flipped; landmarks never are."

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the landmarks in a recording's line or a message of a room's WebSocket.

        ``None`` where it is of another type or version.
        """
        message = orjson.loads(text)
        if message.get("type", "landmarks") != "landmarks" or message.get("version") != VERSION:
            return None
        return cls(**_fields(message, cls.__dataclass_fields__.keys() - set(PARTS), _of_message))


def _fields(
    message: Mapping[str, Any],
    numbers: Iterable[str],
    read: Callable[[PartName, Mapping[str, Any]], NamedLandmarks],
) -> dict[str, Any]:
    fields = {name: message[name] for name in numbers}
    for part in PARTS:
        fields[part] = read(part, message[part]) if message[part] is not None else None
    return fields


def _of_message(part: PartName, found: Mapping[str, Any]) -> NamedLandmarks:
    return NamedLandmarks(_names(part), **found)


def _of_picture(part: PartName, found: Mapping[str, Any]) -> NamedLandmarks:
    landmarks = found["landmarks"]
    return NamedLandmarks(
        _names(part),
        image=_rows(landmarks),
        world=_rows([one["world"] for one in landmarks]) if part != "face" else None,
        visibility=[one["visibility"] for one in landmarks] if part == "pose" else None,
        score=found.get("score"),
    )


def _rows(points: Sequence[Mapping[str, float]]) -> list[list[float]]:
    return [[point["x"], point["y"], point["z"]] for point in points]
