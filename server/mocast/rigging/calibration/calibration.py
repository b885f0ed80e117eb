"""A person's calibration, as the browser keeps it and sends it again."""

from dataclasses import dataclass
from typing import Any, Final

from mocast.errors import Unprocessable
from mocast.rigging.calibration.body_calibration import BodyCalibration
from mocast.rigging.calibration.face_calibration import FaceCalibration
from mocast.rigging.calibration.json_numbers import object_of

VERSION: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What was measured of one person."""

    face: FaceCalibration | None = None
    body: BodyCalibration | None = None
    "Measured in the T-pose only."

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, 1 to 3 kB."""
        return {
            "version": VERSION,
            "face": None if self.face is None else self.face.to_json(),
            "body": None if self.body is None else self.body.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> "Calibration":
        """Return the calibration that ``to_json`` returned. Raises ``Unprocessable`` on anything else."""
        parts = object_of(value, "JSON", {"version", "face", "body"})
        if parts["version"] != VERSION or isinstance(parts["version"], bool):
            raise Unprocessable(f"This is not a calibration of version {VERSION}.")
        return cls(
            face=None if parts["face"] is None else FaceCalibration.from_json(parts["face"]),
            body=None if parts["body"] is None else BodyCalibration.from_json(parts["body"]),
        )
