"""Who leads each part of a mixed rig."""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import doc

from mocast.model.mixed_parts import SourceName

Order = tuple[SourceName, ...]

_BY_FACE: Final[Order] = ("phone", "face_camera", "vmc", "camera")
_BY_BODY: Final[Order] = ("vmc", "body_camera", "camera")
_HELP: Final = "Sources in order of preference: the first that has the part leads it. One that is left out never does."


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerOptions:
    """The sources of each part, the preferred first. With none of them the part rests."""

    head: Annotated[Order, doc(_HELP)] = _BY_FACE
    face: Annotated[Order, doc("Brows, cheeks and nose.")] = _BY_FACE
    eyes: Annotated[Order, doc("Lids and gaze.")] = _BY_FACE
    mouth: Annotated[Order, doc("Lips, jaw and tongue. A microphone leads while it hears speech.")] = (
        "phone",
        "microphone",
        "face_camera",
        "vmc",
        "camera",
    )
    arms: Annotated[Order, doc("From the shoulders to the wrists.")] = _BY_BODY
    hands: Annotated[Order, doc("The wrists' rotation.")] = _BY_BODY
    fingers: Annotated[Order, doc("The fingers' rotation.")] = _BY_BODY
    body: Annotated[Order, doc("Hips, back, legs and feet, and where the person stands.")] = _BY_BODY

    @property
    def has_camera(self) -> bool:
        """Whether the camera may lead every part."""
        orders = (self.head, self.face, self.eyes, self.mouth, self.arms, self.hands, self.fingers, self.body)
        return all("camera" in order for order in orders)
